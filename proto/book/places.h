/* Where the cameras are now: of those that stand the book says it, a mobile one says it itself. What it has not said for PLACES_FRESH_MS is believed no
 * more: it may be anywhere by then. Pure. */
#pragma once

#include "proto/book/book.h"

enum { PLACES_FRESH_MS = 5 * 60 * 1000 };

struct said_place {
    double lat, lon;
    int64_t at_ms; /* 0: it has not said */
};

struct camera_places {
    const struct book *book;
    struct said_place *said; /* of each camera, in the book's order */
};

/* The book must outlive it. */
void places_open(struct camera_places *places, const struct book *book);
void places_close(struct camera_places *places); /* safe on a zeroed struct */

void places_take(struct camera_places *places, const struct book_camera *camera, double lat, double lon, int64_t at_ms);
/* What a mobile camera said last, however long ago; at_ms 0: nothing. */
const struct said_place *places_said(const struct camera_places *places, const struct book_camera *camera);
/* False: nobody knows; lat, lon: where it is at home. */
bool places_find(const struct camera_places *places, const struct book_camera *camera, int64_t now_ms, double *lat,
                 double *lon);
