/* What kind of photo a file says it is. */
#pragma once

#include "proto/base/buffer.h"

/* "image/jpeg", "image/png", "image/webp" by the first bytes (ITU-T T.81 annex B, PNG 1.2 section 3.1, RFC 9649 section 2.4); NULL for
 * anything else. Whether it is one only decoding tells: proto/photo. */
const char *media_type_of(struct bytes file);
