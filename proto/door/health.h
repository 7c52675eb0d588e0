/* /metrics, /healthz (the process runs) and /readyz (it can do its work). */
#pragma once

#include "proto/door/route.h"

/* *unready: NULL = ready; otherwise why not. */
int health_open(struct routes *routes, char **unready, struct fault *fault);
