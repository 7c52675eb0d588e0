#include "ingest/enrich/report.h"

#include <stddef.h>
#include <string.h>

#include "ingest/enrich/attributes.h"
#include "ingest/enrich/clip.h"
#include "ingest/enrich/locate.h"
#include "ingest/enrich/photos.h"
#include "proto/base/arena_join.h"
#include "proto/base/timestamp.h"
#include "proto/book/zone.h"

enum { TITLE_BYTES = 120 };

/* X(member, field of the form, most, of what) as the records take them */
#define SAID_FIELDS(X) \
    X(service, "service_code", 64, bytes) \
    X(lat, "lat", 40, bytes) \
    X(lon, "long", 40, bytes) \
    X(address, "address_string", 300, bytes) \
    X(address_id, "address_id", 200, bytes) \
    X(text, "description", EVENT_TEXT_CHARACTERS, characters) \
    X(happened, "requested_datetime", 40, bytes) \
    X(updated, "updated_datetime", 40, bytes) \
    X(email, "email", 200, bytes) \
    X(phone, "phone", 64, bytes) \
    X(first_name, "first_name", 95, bytes) \
    X(last_name, "last_name", 95, bytes) \
    X(device, "device_id", 200, bytes) \
    X(account, "account_id", 200, bytes)

/* The form's texts; "" where not given. */
struct said {
#define SAID_MEMBER(member, name, most, unit) const char *member;
    SAID_FIELDS(SAID_MEMBER)
#undef SAID_MEMBER
};

static size_t count_bytes(const char *text)
{
    return strlen(text);
}

/* All but the bytes that go on with a character of UTF-8. */
static size_t count_characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += (*text & 0xc0) != 0x80;
    return count;
}

static const struct said_field {
    const char *name;
    size_t offset, most;
    size_t (*count)(const char *text);
    const char *unit;
} said_fields[] = {
#define SAID_ROW(member, name, most, unit) { name, offsetof(struct said, member), most, count_##unit, #unit },
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
        if (value && strlen(value) > field->most && field->count(value) > field->most)
            complaint_add(complaints, arena, COMPLAINT_TOO_LONG,
                          arena_format(arena, "%s: %zu %s, at most %zu", field->name, field->count(value), field->unit,
                                       field->most));
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

/* When it happened, in the sender's words. */
static void take_time(const struct book *book, const char *said, enum complaint_kind wrong, int64_t now_ms,
                      struct arena *arena, struct event *event, struct complaints *complaints)
{
    event->received_at_ms = now_ms;
    if (!*said)
        return;
    if (zone_parse(book->zone, said, &event->happened_at_ms) < 0)
        complaint_add(complaints, arena, wrong, said);
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

/* ---- pictures: addresses, each a field media_url or media_url[], and files ---- */

enum { MEDIA_URL_BYTES = 1000 };

static bool is_web_address(const char *url)
{
    return strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
}

static bool is_media_url(const struct form_field *field)
{
    return (strcmp(field->name, "media_url") == 0 || strcmp(field->name, "media_url[]") == 0) && !field->file_name &&
           field->value && *field->value;
}

static void take_media_urls(const struct report_desk *desk, const struct form *form, struct arena *arena,
                            struct media_list *media, struct complaints *complaints)
{
    media->items = arena_array(arena, form->count + 1, sizeof *media->items);
    for (size_t i = 0; i < form->count; i++) {
        const char *url = form->fields[i].value;
        if (!is_media_url(&form->fields[i]))
            continue;
        if (!is_web_address(url) || strlen(url) > MEDIA_URL_BYTES)
            complaint_add(complaints, arena, COMPLAINT_MEDIA_URL, url);
        else
            media->items[media->count++] = (struct media){ .hash = "", .type = "", .url = url };
    }
    if ((int64_t)media->count > desk->book->door.photos)
        complaint_add(complaints, arena, COMPLAINT_PHOTO_COUNT,
                      arena_format(arena, "%d", (int)desk->book->door.photos));
    photos_check(&desk->book->door, form, arena, complaints);
}

static void take_contact(const struct said *said, struct arena *arena, struct report *report)
{
    const char *space = *said->first_name && *said->last_name ? " " : "";
    report->contact = (struct contact){
        .name = arena_join(arena, said->first_name, space, said->last_name, NULL),
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

/* What reports and updates have in common: the words, who sends them, and the addresses of pictures. */
static void take_words(const struct report_desk *desk, const struct form *form, const struct said *said,
                       const char *language, struct arena *arena, struct report *report, struct complaints *complaints)
{
    struct event *event = &report->event;
    event->source = SOURCE_RESIDENT;
    event->text = said->text;
    event->language = language;
    event->reporter = reporter_of(&desk->pseudonym, said, arena);
    take_contact(said, arena, report);
    take_media_urls(desk, form, arena, &event->media, complaints);
}

void report_from_form(const struct report_desk *desk, const struct form *form, const char *language, int64_t now_ms,
                      struct arena *arena, struct report *report, struct complaints *complaints)
{
    struct said said = read_form(form, arena, complaints);
    struct event *event = &report->event;
    *report = (struct report){ 0 };
    const struct book_service *service = take_service(desk->book, &said, arena, complaints);
    take_place(desk->book, &said, arena, &event->place, complaints);
    take_time(desk->book, said.happened, COMPLAINT_TIME, now_ms, arena, event, complaints);
    if (service)
        attributes_take(service, form, arena, &event->attributes, complaints);
    take_words(desk, form, &said, language, arena, report, complaints);
    if (complaints->count)
        return;
    event->kind = EVENT_REPORT;
    event->service = service->code;
    event->title = report_title(said.text, service, arena);
    take_address_id(&said, event);
}

/* Of words without a position of their own: no photo is far from it. */
void report_update_from_form(const struct report_desk *desk, const struct form *form, const char *language,
                             int64_t now_ms, struct arena *arena, struct report *report, struct complaints *complaints)
{
    struct said said = read_form(form, arena, complaints);
    struct event *event = &report->event;
    *report = (struct report){ 0 };
    event->kind = EVENT_FOLLOW_UP;
    locate_place(desk->book, false, &event->place);
    take_time(desk->book, said.updated, COMPLAINT_UPDATE_TIME, now_ms, arena, event, complaints);
    take_words(desk, form, &said, language, arena, report, complaints);
}

void report_receipt(struct report *report, const char *kind, const char *token)
{
    if (token)
        receipt_make(&report->receipt, kind, token);
    else
        receipt_make_fresh(&report->receipt, kind, report->event.received_at_ms);
    report->event.id = report->receipt.event_id;
    report->event.secret_hash = report->receipt.secret_hash;
}
