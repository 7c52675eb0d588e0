#include "proto/book/places.h"

#include <stdlib.h>

void places_open(struct camera_places *places, const struct book *book)
{
    places->book = book;
    places->said = calloc(book->camera_count + 1, sizeof *places->said);
    if (!places->said)
        abort();
}

void places_close(struct camera_places *places)
{
    free(places->said);
    *places = (struct camera_places){ 0 };
}

void places_take(struct camera_places *places, const struct book_camera *camera, double lat, double lon, int64_t at_ms)
{
    places->said[camera - places->book->cameras] = (struct said_place){ lat, lon, at_ms };
}

const struct said_place *places_said(const struct camera_places *places, const struct book_camera *camera)
{
    return &places->said[camera - places->book->cameras];
}

bool places_find(const struct camera_places *places, const struct book_camera *camera, int64_t now_ms, double *lat,
                 double *lon)
{
    const struct said_place *said = places_said(places, camera);
    bool is_said = camera->mobile && said->at_ms && now_ms - said->at_ms <= PLACES_FRESH_MS;
    *lat = is_said ? said->lat : camera->lat;
    *lon = is_said ? said->lon : camera->lon;
    return is_said || !camera->mobile;
}
