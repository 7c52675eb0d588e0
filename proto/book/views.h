/* Which cameras see a place best: the nearest ones by where they are now (places.h), and among those at like distances the ones that look at it. Pure.
 *
 * A camera stands as far away as it is if it looks at the place, and up to twice as far if it looks away (book_camera.bearing_deg; one that the book
 * gives no bearing looks everywhere). All cameras are looked at, no index is kept: tools/bench cameras says what that takes (views_us).
 */
#pragma once

#include "proto/book/places.h"

struct book_view {
    const struct book_camera *camera;
    double lat, lon; /* where it is now */
    double away_m;   /* on the ground */
    double score_m;  /* away_m, or more where it looks elsewhere */
};

/* Fills at most `max` views of cameras within so many metres, best first; those that are alike stay in the book's order. Returns how many. */
size_t book_views(const struct camera_places *places, int64_t now_ms, double lat, double lon, double within_m,
                  struct book_view *views, size_t max);
