#include "proto/book/views.h"

#include <math.h>

/* Metres to the east and north of a place, as far as a district reaches. */
struct ground {
    double lat, lon, east_m, north_m; /* of a degree */
};

static struct ground ground_at(double lat, double lon)
{
    static const double degree_m = 6371008.8 * M_PI / 180;
    return (struct ground){ lat, lon, degree_m * cos(lat * M_PI / 180), degree_m };
}

/* 1: it looks at the place; 2: away from it. */
static double aside(const struct book_camera *camera, double east_m, double north_m)
{
    if (!camera->has_bearing || (east_m == 0 && north_m == 0))
        return 1;
    double to_place_deg = atan2(-east_m, -north_m) * 180 / M_PI;
    double off_deg = fabs(remainder(to_place_deg - camera->bearing_deg, 360));
    return 1 + off_deg / 180;
}

static void keep(struct book_view *views, size_t *count, size_t max, struct book_view view)
{
    size_t at = *count < max ? (*count)++ : max - 1;
    for (; at > 0 && views[at - 1].score_m > view.score_m; at--)
        views[at] = views[at - 1];
    views[at] = view;
}

size_t book_views(const struct camera_places *places, int64_t now_ms, double lat, double lon, double within_m,
                  struct book_view *views, size_t max)
{
    const struct book *book = places->book;
    struct ground ground = ground_at(lat, lon);
    size_t count = 0;
    for (size_t i = 0; max && i < book->camera_count; i++) {
        const struct book_camera *camera = &book->cameras[i];
        double camera_lat, camera_lon;
        if (!places_find(places, camera, now_ms, &camera_lat, &camera_lon))
            continue;
        double east_m = (camera_lon - ground.lon) * ground.east_m, north_m = (camera_lat - ground.lat) * ground.north_m;
        double square = east_m * east_m + north_m * north_m, worst_m = count < max ? within_m : views[max - 1].score_m;
        if (square > within_m * within_m || (count == max && square >= worst_m * worst_m))
            continue;
        double away_m = sqrt(square), score_m = away_m * aside(camera, east_m, north_m);
        if (count < max || score_m < worst_m)
            keep(views, &count, max, (struct book_view){ camera, camera_lat, camera_lon, away_m, score_m });
    }
    return count;
}
