/* What a client reads out of Open311's answers. */
#pragma once

#include <stdint.h>

#include "proto/base/buffer.h"

/* The number in the answer to a POST of requests.json; 0 where it has none. */
int64_t open311_receipt(struct bytes answer);
