/* What the health round knows, for the other processes (BUS_HEALTH, proto/record/health.h). */
#pragma once

#include <stdint.h>

#include "proto/base/fault.h"
#include "proto/base/loop.h"

struct cameras;
struct health_answers;

/* Answers from cameras_health() as it is then. */
int health_answers_open(struct loop *loop, int64_t bus_port, const struct cameras *cameras,
                        struct health_answers **answers, struct fault *fault);
/* Takes NULL. The bus ends with the process: after the loop has ended. */
void health_answers_close(struct health_answers *answers);
