/* What the health round knows, for the other processes (BUS_HEALTH, proto/record/health.h). */
#pragma once

#include <stdint.h>

#include "proto/base/fault.h"
#include "proto/base/loop.h"

struct health;
struct health_answers;

int health_answers_open(struct loop *loop, int64_t bus_port, struct health_answers **answers, struct fault *fault);
/* The round that is told of from now on; it lives until the end. Before: none has run. */
void health_answers_tell(struct health_answers *answers, const struct health *health);
/* Takes NULL. The bus ends with the process: after the loop has ended. */
void health_answers_close(struct health_answers *answers);
