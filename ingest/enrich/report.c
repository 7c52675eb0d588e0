#include "ingest/enrich/report.h"

#include <stddef.h>
#include <string.h>

#include "ingest/enrich/attributes.h"
#include "ingest/enrich/clip.h"
#include "ingest/enrich/locate.h"
#include "ingest/enrich/photos.h"
#include "proto/base/timestamp.h"
#include "proto/book/zone.h"

enum { TITLE_BYTES = 120 };

/* X(member, field of the form, most bytes as the records take them) */
#define SAID_FIELDS(X) \
    X(service, "service_code", 64) \
    X(lat, "lat", 40) \
    X(lon, "long", 40) \
    X(address, "address_string", 300) \
    X(address_id, "address_id", 200) \
    X(text, "description", 4000) \
    X(media_url, "media_url", 1000) \
    X(happened, "requested_datetime", 40) \
    X(email, "email", 200) \
    X(phone, "phone", 64) \
    X(first_name, "first_name", 95) \
    X(last_name, "last_name", 95) \
    X(device, "device_id", 200) \
    X(account, "account_id", 200)

/* The form's texts; "" where not given. */
struct said {
#define SAID_MEMBER(member, name, most) const char *member;
    SAID_FIELDS(SAID_MEMBER)
#undef SAID_MEMBER
};

static const struct said_field {
    const char *name;
    size_t offset, most;
} said_fields[] = {
#define SAID_ROW(member, name, most) { name, offsetof(struct said, member), most },
    SAID_FIELDS(SAID_ROW)
#undef SAID_ROW
};

static struct said read_form(const struct form *form, struct arena *arena, struct complaints *complaints)
{
    struct said said;
    for (size_t i = 0; i < sizeof said_fields / sizeof *said_fields; i++) {
        const struct said_field *field = &said_fields[i];
        const char *value = form_value(form, field->name);
        *(const char **)((char *)&said + field->offset) = value ? value : "";
        if (value && strlen(value) > field->most)
            complaint_add(complaints, arena, COMPLAINT_TOO_LONG,
                          arena_format(arena, "%s: %zu bytes, at most %zu", field->name, strlen(value), field->most));
    }
    return said;
}

static const struct book_service *take_service(const struct book *book, const struct said *said, struct arena *arena,
                                               struct complaints *complaints)
{
    const struct book_service *service = book_service(book, said->service);
    if (!*said->service)
        complaint_add(complaints, arena, COMPLAINT_NO_SERVICE, "");
    else if (!service || !service->is_public)
        complaint_add(complaints, arena, COMPLAINT_UNKNOWN_SERVICE, said->service);
    return service;
}

static void take_place(const struct book *book, const struct said *said, struct arena *arena, struct place *place,
                       struct complaints *complaints)
{
    bool lat = *said->lat, lon = *said->lon;
    *place = (struct place){ .address = said->address, .area = "" };
    if (!lat && !lon && !*said->address && !*said->address_id)
        complaint_add(complaints, arena, COMPLAINT_NO_PLACE, "");
    if (lat != lon)
        complaint_add(complaints, arena, COMPLAINT_HALF_POSITION, lat ? "long" : "lat");
    if (lat && !locate_degrees(said->lat, 90, &place->lat))
        complaint_add(complaints, arena, COMPLAINT_LATITUDE, said->lat);
    if (lon && !locate_degrees(said->lon, 180, &place->lon))
        complaint_add(complaints, arena, COMPLAINT_LONGITUDE, said->lon);
    if (!complaints->count)
        locate_place(book, lat && lon, place);
}

static void take_time(const struct book *book, const struct said *said, int64_t now_ms, struct arena *arena,
                      struct event *event, struct complaints *complaints)
{
    event->received_at_ms = now_ms;
    if (!*said->happened)
        return;
    if (timestamp_parse(said->happened, zone_offset_minutes(book->zone, now_ms), &event->happened_at_ms) < 0)
        complaint_add(complaints, arena, COMPLAINT_TIME, said->happened);
    else
        locate_time(event->happened_at_ms, now_ms, &event->place);
}

const char *report_title(const char *text, const struct book_service *service, struct arena *arena)
{
    text += strspn(text, " \t\r\n");
    size_t line = strcspn(text, "\r\n");
    size_t fits = clip_utf8(text, TITLE_BYTES);
    return line ? arena_text(arena, text, line < fits ? line : fits) : service->name.zh;
}

static bool is_web_address(const char *url)
{
    return strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
}

static void take_contact(const struct said *said, struct arena *arena, struct report *report)
{
    const char *space = *said->first_name && *said->last_name ? " " : "";
    report->contact = (struct contact){
        .name = arena_format(arena, "%s%s%s", said->first_name, space, said->last_name),
        .phone = said->phone,
        .email = said->email,
        .device = said->device,
    };
    report->has_contact = *report->contact.name || *said->phone || *said->email || *said->device;
}

/* Who reported, by the surest thing that was said. */
static const char *reporter_of(const struct pseudonym *pseudonym, const struct said *said, struct arena *arena)
{
    const char *const identities[][2] = {
        { "account", said->account }, { "email", said->email }, { "phone", said->phone }, { "device", said->device }
    };
    for (size_t i = 0; i < sizeof identities / sizeof *identities; i++)
        if (*identities[i][1])
            return pseudonym_of(pseudonym, identities[i][0], identities[i][1], arena);
    return "";
}

static void take_address_id(const struct said *said, struct event *event)
{
    if (*said->address_id)
        event->attributes.items[event->attributes.count++] =
            (struct attribute){ .code = "address_id", .value = said->address_id };
}

void report_from_form(const struct report_desk *desk, const struct form *form, const char *language, int64_t now_ms,
                      struct arena *arena, struct report *report, struct complaints *complaints)
{
    struct said said = read_form(form, arena, complaints);
    struct event *event = &report->event;
    *report = (struct report){ 0 };
    const struct book_service *service = take_service(desk->book, &said, arena, complaints);
    take_place(desk->book, &said, arena, &event->place, complaints);
    take_time(desk->book, &said, now_ms, arena, event, complaints);
    if (service)
        attributes_take(service, form, arena, &event->attributes, complaints);
    if (*said.media_url && !is_web_address(said.media_url))
        complaint_add(complaints, arena, COMPLAINT_MEDIA_URL, said.media_url);
    photos_check(&desk->book->door, form, arena, complaints);
    if (complaints->count)
        return;
    event->kind = EVENT_REPORT;
    event->source = SOURCE_RESIDENT;
    event->service = service->code;
    event->title = report_title(said.text, service, arena);
    event->text = said.text;
    event->language = language;
    event->reporter = reporter_of(&desk->pseudonym, &said, arena);
    take_contact(&said, arena, report);
    take_address_id(&said, event);
    event->media.items = arena_array(arena, form->count + 1, sizeof *event->media.items);
    if (*said.media_url)
        event->media.items[event->media.count++] = (struct media){ .hash = "", .type = "", .url = said.media_url };
}

void report_receipt(struct report *report, const char *kind, const char *token)
{
    char fresh[RECEIPT_TOKEN + 1];
    if (!token)
        receipt_token(fresh);
    receipt_make(&report->receipt, kind, token ? token : fresh);
    report->event.id = report->receipt.event_id;
    report->event.secret_hash = report->receipt.secret_hash;
}
