#include "ingest/sources/camera_place.h"

#include "ingest/enrich/locate.h"

struct place camera_place(const struct book *book, const struct book_camera *camera)
{
    struct place place = { .lat = camera->lat, .lon = camera->lon, .address = camera->name.zh, .area = "" };
    locate_place(book, true, &place);
    if (camera->area) { /* the book knows better than a point */
        place.area = camera->area->code;
        place.marks &= ~(1 << MARK_OUTSIDE);
    }
    return place;
}
