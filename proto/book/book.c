#include "proto/book/book.h"

#include <string.h>

#include "proto/book/gb28181.h"
#include "proto/book/loader.h"
#include "proto/book/onvif.h"
#include "proto/book/polygons.h"

ENUM_DEFINE(tier, TIERS)
ENUM_DEFINE(assignment, ASSIGNMENTS)
ENUM_DEFINE(escalate_to, ESCALATE_TOS)
ENUM_DEFINE(attribute_type, ATTRIBUTE_TYPES)
ENUM_DEFINE(service_type, SERVICE_TYPES)
ENUM_DEFINE(sensor_test, SENSOR_TESTS)

static const struct loaded *loaded_of(const struct book *book)
{
    return (const struct loaded *)book;
}

const struct book_area *book_area(const struct book *book, const char *code)
{
    return lookup_find(&loaded_of(book)->areas, code);
}

const struct book_department *book_department(const struct book *book, const char *code)
{
    return lookup_find(&loaded_of(book)->departments, code);
}

const struct book_service *book_service(const struct book *book, const char *code)
{
    return lookup_find(&loaded_of(book)->services, code);
}

const struct book_condition *book_condition(const struct book_service *service, const char *code)
{
    if (!code || !*code)
        return &service->conditions[0];
    for (size_t i = 0; i < service->condition_count; i++)
        if (strcmp(service->conditions[i].code, code) == 0)
            return &service->conditions[i];
    return NULL;
}

const struct calendar *book_calendar(const struct book *book, const char *code)
{
    const struct calendar_entry *entry = lookup_find(&loaded_of(book)->calendars, code);
    return entry ? entry->calendar : NULL;
}

const struct book_person *book_person(const struct book *book, const char *id)
{
    return lookup_find(&loaded_of(book)->people, id);
}

const struct book_camera *book_camera(const struct book *book, const char *id)
{
    return lookup_find(&loaded_of(book)->cameras, id);
}

bool book_camera_turns(const struct book_camera *camera)
{
    return gb_is_address(camera->url) || onvif_is_address(camera->url);
}

const struct book_scene *book_scene(const struct book *book, const char *id)
{
    return lookup_find(&loaded_of(book)->scenes, id);
}

const struct book_sources *book_sources(const struct book *book)
{
    return &loaded_of(book)->sources;
}

const struct book_city *book_city(const struct book *book, const char *source)
{
    const struct book_sources *sources = book_sources(book);
    size_t prefix = strlen(BOOK_CITY_SOURCE);
    for (size_t i = 0; strncmp(source, BOOK_CITY_SOURCE, prefix) == 0 && i < sources->city_count; i++)
        if (strcmp(sources->cities[i].name, source + prefix) == 0)
            return &sources->cities[i];
    return NULL;
}

const struct book_chat_group *book_chat_group(const struct book_chat *chat, const char *id)
{
    for (size_t i = 0; i < chat->group_count; i++)
        if (strcmp(chat->groups[i].id, id) == 0)
            return &chat->groups[i];
    return NULL;
}

const struct book_sensor *book_sensor(const struct book *book, const char *id)
{
    return lookup_find(&loaded_of(book)->sensors, id);
}

const struct book_area *book_locate(const struct book *book, double lat, double lon)
{
    return polygons_locate(loaded_of(book)->polygons, lat, lon);
}

bool book_area_within(const struct book_area *inner, const struct book_area *outer)
{
    while (inner && inner != outer)
        inner = inner->parent;
    return inner;
}

size_t book_areas_touched(const struct book *book, const struct book_shape *shape, const struct book_area **touched)
{
    return polygons_touched(loaded_of(book)->polygons, shape, touched);
}

const struct book_area *book_area_common(const struct book_area *a, const struct book_area *b)
{
    if (!a || !b)
        return a ? a : b;
    while (a && !book_area_within(b, a))
        a = a->parent;
    return a;
}

const char *book_geojson(const struct book *book)
{
    const char *text = loaded_of(book)->geojson;
    return text ? text : "{\"type\":\"FeatureCollection\",\"features\":[]}";
}

bool book_speaks_chinese(const struct book *book)
{
    return strncmp(book->languages[0], "zh", 2) == 0;
}
