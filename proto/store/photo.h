/* Photos: what kind a file is, and the same picture without what it tells about its maker.
 *
 * A phone writes the place, the time, its serial number and a small picture of the uncut scene into a photo. All that is
 * left out by walking the file's segments; the picture's own bytes are copied, never decoded. What is not known to be needed to
 * draw the picture goes. Sources: ITU-T T.81 annex B (JPEG), PNG 1.2 section 11 (W3C), RFC 9649 section 2 (WebP).
 */
#pragma once

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

/* "image/jpeg", "image/png", "image/webp" by the first bytes; NULL for anything else. */
const char *photo_type(struct bytes file);
/* Appends the stripped photo. -EINVAL with what is wrong: not one of the three, cut short, no picture in it. */
int photo_strip(struct bytes file, struct buffer *out, struct fault *fault);
