/* How large a photo may be and what becomes of it; of the book (photos: in district.yaml). */
#pragma once

#include <stdint.h>

struct photo_limits {
    int64_t pixels;   /* a photo that has more is refused before it is decoded */
    int64_t edge_px;  /* the longer edge of what is kept, at most */
    int64_t small_px; /* the same of the small one */
    int64_t seconds;  /* of a processor, and on the clock */
};
