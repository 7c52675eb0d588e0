#include "ingest/enrich/photos.h"

#include "proto/base/geo.h"
#include "proto/base/timestamp.h"
#include "proto/book/zone.h"
#include "proto/record/media_type.h"
#include "proto/store/media_store.h"

static bool is_photo(const struct form_field *field)
{
    return field->file_name && field->bytes.size > 0;
}

bool photos_any(const struct form *form)
{
    for (size_t i = 0; i < form->count; i++)
        if (is_photo(&form->fields[i]))
            return true;
    return false;
}

void photos_check(const struct book_door_limits *limits, const struct form *form, struct arena *arena,
                  struct complaints *complaints)
{
    int64_t count = 0;
    for (size_t i = 0; i < form->count; i++) {
        const struct form_field *field = &form->fields[i];
        if (!is_photo(field))
            continue;
        count++;
        if (limits->photo_bytes && (int64_t)field->bytes.size > limits->photo_bytes)
            complaint_add(complaints, arena, COMPLAINT_PHOTO_SIZE, field->file_name);
        else if (!media_type_of(field->bytes))
            complaint_add(complaints, arena, COMPLAINT_PHOTO_TYPE, field->file_name);
    }
    if (count > limits->photos)
        complaint_add(complaints, arena, COMPLAINT_PHOTO_COUNT, arena_format(arena, "%d", (int)limits->photos));
}

/* ---- what the camera said ---- */

/* A camera's clock without an offset shows the district's time. */
static int64_t taken_at_ms(const struct book *book, const char *taken)
{
    int64_t at_ms = 0;
    return *taken && zone_parse(book->zone, taken, &at_ms) == 0 ? at_ms : 0;
}

static bool is_far(const struct book *book, const struct media *media, const struct place *place)
{
    bool placed = !place_has_mark(place, MARK_NO_POSITION) && !place_has_mark(place, MARK_FAILED_GEOCODE);
    return placed && geo_distance_m(media->lat, media->lon, place->lat, place->lon) > book->photo.far_m;
}

void photos_take_facts(const struct book *book, const struct photo_facts *facts, const struct event *event,
                       struct media *media)
{
    int64_t happened_at_ms = event->happened_at_ms ? event->happened_at_ms : event->received_at_ms;
    media->taken_at_ms = taken_at_ms(book, facts->taken);
    if (media->taken_at_ms && media->taken_at_ms < happened_at_ms - book->photo.old_hours * MS_PER_HOUR)
        media->marks |= 1 << PHOTO_OLD;
    if (!facts->has_place)
        return;
    media->lat = facts->lat;
    media->lon = facts->lon;
    if (is_far(book, media, &event->place))
        media->marks |= 1 << PHOTO_FAR;
}

/* ---- one after the other ---- */

static void finish(struct photos_order *order, int result, const struct fault *fault)
{
    order->done(order->context, result, fault);
}

static int keep(struct photos_order *order, const struct photo *photo, struct fault *fault)
{
    char hash[HASH_HEX];
    int result = media_store_put(order->data_folder, photo->picture, photo->small, hash, fault);
    if (result)
        return result;
    struct media media = { .hash = arena_text(order->arena, hash, HASH_HEX - 1),
                           .type = media_type_of(photo->picture),
                           .url = "" };
    photos_take_facts(order->book, &photo->facts, order->event, &media);
    order->event->media.items[order->event->media.count++] = media;
    return 0;
}

static void developed(void *context, int result, const struct photo *photo, const struct fault *why)
{
    struct photos_order *order = context;
    const struct form_field *field = &order->form->fields[order->next++];
    struct fault fault = *why;
    if (result == -EINVAL) {
        complaint_add(order->complaints, order->arena, COMPLAINT_PHOTO_DAMAGED,
                      arena_format(order->arena, "'%s': %s", field->file_name, fault.text));
        finish(order, PHOTOS_STORED, &fault);
        return;
    }
    if (!result)
        result = keep(order, photo, &fault);
    if (result)
        finish(order, result, &fault);
    else
        photos_store(order);
}

void photos_store(struct photos_order *order)
{
    const struct form *form = order->form;
    while (order->next < form->count && !is_photo(&form->fields[order->next]))
        order->next++;
    if (order->next == form->count)
        finish(order, PHOTOS_STORED, &(struct fault){ "" });
    else if (darkroom_develop(order->darkroom, form->fields[order->next].bytes, developed, order) == DARKROOM_FULL)
        finish(order, PHOTOS_BUSY, &(struct fault){ "too many photos at this moment" });
}
