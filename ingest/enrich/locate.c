#include "ingest/enrich/locate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"

static const double EARTH_RADIUS_M = 6371008.8; /* mean radius, IUGG */
static const int64_t AHEAD_MS = 5 * (int64_t)MS_PER_MINUTE;
static const int64_t OLD_MS = 366 * (int64_t)MS_PER_DAY;

/* Equirectangular: off by less than a millimetre at the distances that a fallback's radius has. */
static double distance_m(double lat_a, double lon_a, double lat_b, double lon_b)
{
    double radian = M_PI / 180;
    double x = (lon_b - lon_a) * radian * cos((lat_a + lat_b) / 2 * radian);
    double y = (lat_b - lat_a) * radian;
    return sqrt(x * x + y * y) * EARTH_RADIUS_M;
}

static bool is_failed_geocode(const struct book *book, const struct place *place)
{
    for (size_t i = 0; i < book->failed_geocode_count; i++) {
        const struct book_point *point = &book->failed_geocodes[i];
        if (distance_m(place->lat, place->lon, point->lat, point->lon) <= book->failed_geocode_radius_m)
            return true;
    }
    return false;
}

void locate_place(const struct book *book, bool has_position, struct place *place)
{
    place->area = "";
    if (!has_position) {
        place->lat = place->lon = 0;
        place->marks |= 1 << MARK_NO_POSITION;
        return;
    }
    if (is_failed_geocode(book, place)) {
        place->marks |= 1 << MARK_FAILED_GEOCODE;
        return;
    }
    const struct book_area *area = book_locate(book, place->lat, place->lon);
    if (area)
        place->area = area->code;
    else
        place->marks |= 1 << MARK_OUTSIDE;
}

void locate_time(int64_t happened_at_ms, int64_t received_at_ms, struct place *place)
{
    if (happened_at_ms && (happened_at_ms > received_at_ms + AHEAD_MS || happened_at_ms < received_at_ms - OLD_MS))
        place->marks |= 1 << MARK_IMPLAUSIBLE_TIME;
}

bool locate_degrees(const char *text, double limit, double *value)
{
    if (!*text || strspn(text, "+-.0123456789") != strlen(text))
        return false;
    char *end;
    *value = strtod(text, &end);
    return !*end && fabs(*value) <= limit;
}
