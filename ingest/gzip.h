/* One run of bytes packed by zlib as gzip (RFC 1952), for answers that are made once and sent often. */
#pragma once

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

int gzip(struct buffer *out, struct bytes in, struct fault *fault);
