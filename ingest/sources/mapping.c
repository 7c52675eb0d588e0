#include "ingest/sources/mapping.h"

#include <string.h>

#include "ingest/enrich/clip.h"
#include "ingest/enrich/locate.h"
#include "ingest/sources/external.h"
#include "ingest/sources/json_pointer.h"

/* X(member, most bytes): as the records take them. What is not listed is looked at by itself. */
#define MAPPING_LIMITS(X) \
    X(id, 128) \
    X(about, 128) \
    X(title, 200) \
    X(text, 4000) \
    X(address, 300) \
    X(lat, 40) \
    X(lon, 40) \
    X(time, 64) \
    X(matter, 200) \
    X(reporter, 200) \
    X(contact_name, 200) \
    X(contact_phone, 64) \
    X(contact_email, 200) \
    X(photo_url, 1000)

/* The texts of a message, filled. */
struct filled {
#define FILLED_MEMBER(member) const char *member;
    MAPPING_TEXTS(FILLED_MEMBER)
#undef FILLED_MEMBER
};

/* A message while it is mapped. */
struct work {
    const struct report_desk *desk;
    const struct book_mapping *mapping;
    struct arena *arena;
    struct mapping_complaints *complaints;
    struct filled filled;
};

static void complain(struct work *work, const char *field, const char *value, const char *expected)
{
    struct mapping_complaints *complaints = work->complaints;
    if (complaints->count < MAPPING_COMPLAINTS_MAX)
        complaints->items[complaints->count++] =
            arena_format(work->arena, "%s '%.*s': expected %s", field, (int)clip_utf8(value, 80), value, expected);
}

static void fill(struct work *work, const struct mapping_values *values)
{
#define FILL(member, most) \
    work->filled.member = template_fill(&work->mapping->member, values->value, values->context, work->arena); \
    if (strlen(work->filled.member) > (most)) \
        complain(work, #member, work->filled.member, "at most " #most " bytes");
    MAPPING_LIMITS(FILL)
#undef FILL
}

/* ---- what each text becomes ---- */

/* The book's row for the sender's word; an event without matters has no service: the desk's triage. */
static void take_matter(struct work *work, struct event *event)
{
    const struct book_mapping *mapping = work->mapping;
    event->service = event->condition = "";
    for (size_t i = 0; i < mapping->matter_count; i++) {
        const struct book_mapping_matter *matter = &mapping->matters[i];
        if (matter->value && strcmp(matter->value, work->filled.matter) != 0)
            continue;
        event->service = matter->service->code;
        event->condition = matter->condition ? matter->condition->code : "";
        event->priority = matter->priority;
        return;
    }
    if (mapping->matter_count)
        complain(work, "matter", work->filled.matter, "one of the values that the book names");
}

static void take_place(struct work *work, struct place *place)
{
    const struct filled *filled = &work->filled;
    bool lat = *filled->lat, lon = *filled->lon;
    *place = (struct place){ .address = filled->address, .area = "" };
    if (lat && !locate_degrees(filled->lat, 90, &place->lat))
        complain(work, "lat", filled->lat, "degrees from -90 to 90");
    if (lon && !locate_degrees(filled->lon, 180, &place->lon))
        complain(work, "lon", filled->lon, "degrees from -180 to 180");
    if (lat != lon)
        complain(work, lat ? "lon" : "lat", "", "both lat and lon, or none");
    if (!work->complaints->count)
        locate_place(work->desk->book, lat && lon, place);
}

static void take_time(struct work *work, int64_t now_ms, struct event *event)
{
    event->received_at_ms = now_ms;
    if (!*work->filled.time)
        return;
    if (text_time(work->filled.time, work->desk->book->zone, &event->happened_at_ms))
        locate_time(event->happened_at_ms, now_ms, &event->place);
    else
        complain(work, "time", work->filled.time,
                 "a date and time like 2026-01-05T08:30:00+08:00, or seconds or milliseconds since 1970");
}

static void take_photo(struct work *work, struct event *event)
{
    const char *url = work->filled.photo_url;
    if (!*url)
        return;
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        complain(work, "photo_url", url, "an http or https address");
    event->media.items = arena_alloc(work->arena, sizeof *event->media.items);
    event->media.items[event->media.count++] = (struct media){ .hash = "", .type = "", .url = url };
}

static void take_attributes(struct work *work, const struct mapping_values *values, struct event *event)
{
    enum { VALUE_BYTES = 1000 };
    const struct book_mapping *mapping = work->mapping;
    event->attributes.items = arena_array(work->arena, mapping->attribute_count + 1, sizeof *event->attributes.items);
    for (size_t i = 0; i < mapping->attribute_count; i++) {
        const struct book_mapping_attribute *attribute = &mapping->attributes[i];
        const char *value = template_fill(&attribute->value, values->value, values->context, work->arena);
        if (strlen(value) > VALUE_BYTES)
            complain(work, attribute->code, value, "at most 1000 bytes");
        if (*value)
            event->attributes.items[event->attributes.count++] =
                (struct attribute){ .code = attribute->code, .value = value };
    }
}

static void take_sender(struct work *work, const char *source, struct mapped *mapped)
{
    const struct filled *filled = &work->filled;
    mapped->event.reporter =
        pseudonym_of(&work->desk->pseudonym, source, filled->reporter, work->arena); /* "" for "" */
    mapped->contact = (struct contact){
        .name = filled->contact_name, .phone = filled->contact_phone, .email = filled->contact_email, .device = ""
    };
    mapped->has_contact = *filled->contact_name || *filled->contact_phone || *filled->contact_email;
}

static void take_identity(struct work *work, const char *source, struct event *event)
{
    const char *id = work->filled.id, *about = work->filled.about;
    if (!*id) {
        complain(work, "id", id, "the sender's own number of the event");
        return;
    }
    bool further = *about && strcmp(about, id) != 0;
    external_identify(event, "ext", source, further ? about : id, id, work->arena);
    event->kind = further ? EVENT_FOLLOW_UP : work->mapping->is_report ? EVENT_REPORT : EVENT_ALARM;
}

void mapping_event(const struct report_desk *desk, const struct book_mapping *mapping, const char *source,
                   const struct mapping_values *values, int64_t now_ms, struct arena *arena, struct mapped *mapped,
                   struct mapping_complaints *complaints)
{
    struct work work = { desk, mapping, arena, complaints, { 0 } };
    struct event *event = &mapped->event;
    struct fault fault = { "" };
    *mapped = (struct mapped){ .event = { .source = mapping->source } };
    fill(&work, values);
    event->title = work.filled.title;
    event->text = work.filled.text;
    if (!*event->title && !*event->text)
        complain(&work, mapping->title.count ? "title" : "text", "", "some words");
    take_identity(&work, source, event);
    take_matter(&work, event);
    take_place(&work, &event->place);
    take_time(&work, now_ms, event);
    take_photo(&work, event);
    take_attributes(&work, values, event);
    take_sender(&work, source, mapped);
    if (!complaints->count &&
        (record_check(&event_desc, event, &fault) < 0 || record_check(&contact_desc, &mapped->contact, &fault) < 0))
        complaints->items[complaints->count++] = arena_text(arena, fault.text, strlen(fault.text));
}
