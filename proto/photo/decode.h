/* From a file to pixels, one decoder for each kind of photo. Each looks at the size that the file's head tells before it takes memory for it.
 *
 * `exif` gets the bytes that the file has of it, for exif_read(). -EINVAL, -ENOMEM: the fault begins with the kind ("PNG: cut short").
 * What a decoder of a library finds odd but harmless is let through; what is damaged or cut short is not.
 */
#pragma once

#include "proto/photo/photo_limits.h"
#include "proto/photo/picture.h"

typedef int decoder(struct bytes file, const struct photo_limits *limits, struct picture *picture, struct buffer *exif,
                    struct fault *fault);
decoder decode_jpeg, decode_png, decode_webp;

/* -EINVAL beyond the limit. */
static inline int decode_check_size(int64_t width, int64_t height, const struct photo_limits *limits, const char *kind,
                                    struct fault *fault)
{
    if (width > 0 && height > 0 && width <= limits->pixels / height)
        return 0;
    return fault_set(fault, -EINVAL, "%s: %lld x %lld pixels, at most %lld in all", kind, (long long)width,
                     (long long)height, (long long)limits->pixels);
}
