/* What the confined program says of a photo: a record, then the bytes of the picture and of the small one. What comes back is checked
 * as anything from outside: the program had a stranger's bytes in its hands. */
#pragma once

#include "proto/record/codec.h"

#define PHOTO_FACTS_FIELDS(X) \
    X(1, TEXT, fault, 300) /* why there is no picture; "" */ \
    X(2, INT, picture_bytes, 0) \
    X(3, INT, small_bytes, 0) \
    X(4, INT, width, 0) /* pixels, as it is kept and the right way up */ \
    X(5, INT, height, 0) \
    X(6, TEXT, taken, 40) /* RFC 3339; without an offset where the camera did not know it; "" = not said */ \
    X(7, BOOL, has_place, 0) \
    X(8, REAL, lat, 0) /* WGS 84, degrees, as the camera wrote them */ \
    X(9, REAL, lon, 0)
RECORD_DECLARE(photo_facts, PHOTO_FACTS_FIELDS)

struct photo {
    struct photo_facts facts;
    struct bytes picture, small; /* both JPEG */
};

/* Appends it; facts.picture_bytes and small_bytes are set from the pictures. */
void photo_answer_write(struct photo *photo, struct buffer *out);
/* The pictures point into `in`, the texts into the arena. -EINVAL: not such an answer. */
int photo_answer_read(struct bytes in, struct arena *arena, struct photo *photo, struct fault *fault);
