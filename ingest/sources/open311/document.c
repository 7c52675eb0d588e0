#include "ingest/sources/open311/document.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/stage.h"
#include "proto/base/arena_join.h"
#include "proto/base/timestamp.h"
#include "proto/book/sources.h"
#include "proto/book/zone.h"
#include "proto/door/text.h"

const char *document_text(const struct book_text *text, const char *language)
{
    return strncmp(language, "zh", 2) == 0 ? text->zh : text->en;
}

static const char *text_of(const struct document_reader *reader, const struct book_text *text)
{
    return document_text(text, reader->language);
}

/* A text, or null where it is empty. */
static json_t *text_or_null(const char *text)
{
    return text && *text ? json_string(text) : json_null();
}

static json_t *moment_or_null(const struct document_reader *reader, int64_t at_ms)
{
    char text[TIMESTAMP_TEXT];
    int64_t second_ms = at_ms - at_ms % MS_PER_SECOND; /* W3C's subset knows fractions, many clients do not */
    return at_ms ? json_string(timestamp_format(text, second_ms, zone_offset_minutes(reader->book->zone, at_ms)))
                 : json_null();
}

json_t *document_services(const struct document_reader *reader)
{
    json_t *services = json_array();
    for (size_t i = 0; i < reader->book->service_count; i++) {
        const struct book_service *service = &reader->book->services[i];
        if (!service->is_public)
            continue;
        json_array_append_new(services, json_pack("{s:s, s:s, s:s?, s:b, s:s, s:s?, s:s?}", "service_code",
                                                  service->code, "service_name", text_of(reader, &service->name),
                                                  "description", text_of(reader, &service->description), "metadata",
                                                  service->attribute_count > 0, "type",
                                                  enum_name(&service_type_desc, (int)service->type), "keywords",
                                                  service->keywords, "group", text_of(reader, &service->group)));
    }
    return services;
}

static json_t *definition_attribute(const struct document_reader *reader, const struct book_attribute *attribute,
                                    size_t order)
{
    json_t *values = json_array();
    for (size_t i = 0; i < attribute->value_count; i++)
        json_array_append_new(values, json_pack("{s:s, s:s}", "key", attribute->values[i].key, "name",
                                                text_of(reader, &attribute->values[i].name)));
    json_t *object = json_pack("{s:b, s:s, s:s, s:b, s:o, s:i, s:s?}", "variable", !attribute->is_only_shown, "code",
                               attribute->code, "datatype", enum_name(&attribute_type_desc, attribute->type),
                               "required", attribute->required, "datatype_description",
                               text_or_null(text_of(reader, &attribute->type_description)), "order", (int)order,
                               "description", text_of(reader, &attribute->description));
    if (attribute->value_count)
        json_object_set(object, "values", values);
    json_decref(values);
    return object;
}

json_t *document_definition(const struct document_reader *reader, const struct book_service *service)
{
    json_t *attributes = json_array();
    for (size_t i = 0; i < service->attribute_count; i++)
        json_array_append_new(attributes, definition_attribute(reader, &service->attributes[i], i + 1));
    return json_pack("{s:s, s:o}", "service_code", service->code, "attributes", attributes);
}

static const char *url_of(const struct document_reader *reader, const struct media *media, struct arena *arena)
{
    return *media->url ? media->url : arena_format(arena, "%s/media/%s", reader->base_url, media->hash);
}

static json_t *media_urls(const struct document_reader *reader, const struct event *event, struct arena *arena)
{
    json_t *urls = json_array();
    for (size_t i = 0; i < event->media.count; i++)
        json_array_append_new(urls, json_string(url_of(reader, &event->media.items[i], arena)));
    return urls;
}

/* What the standard has no field for. */
static json_t *extension(const struct document_reader *reader, const struct report_view *view, struct arena *arena)
{
    const struct case_file *record = &view->record;
    if (!view->has_case)
        return json_pack("{s:n, s:s, s:o}", "case_number", "state", enum_name(&case_state_desc, CASE_REPORTED),
                         "media_urls", media_urls(reader, &view->event, arena));
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:I, s:b, s:I, s:o, s:o, s:o}", "case_number", record->number, "state",
        enum_name(&case_state_desc, record->state), "condition", record->condition, "department", record->department,
        "revision", (json_int_t)record->revision, "deadline_ms", (json_int_t)record->deadline_ms, "overdue",
        record->overdue, "reports", (json_int_t)case_reports(record), "disposed_datetime",
        moment_or_null(reader, record->disposed_at_ms), "closed_datetime", moment_or_null(reader, record->closed_at_ms),
        "media_urls", media_urls(reader, &view->event, arena));
}

static const char *address_id(const struct event *event)
{
    for (size_t i = 0; i < event->attributes.count; i++)
        if (strcmp(event->attributes.items[i].code, "address_id") == 0)
            return event->attributes.items[i].value;
    return "";
}

static void add_what(json_t *object, const struct document_reader *reader, const struct report_view *view)
{
    const struct book_service *service = book_service(reader->book, report_service(view));
    enum case_state state = view->has_case ? view->record.state : CASE_REPORTED;
    const struct book_department *department =
        view->has_case ? book_department(reader->book, view->record.department) : NULL;
    json_object_set_new(object, "status", json_string(report_is_open(view) ? "open" : "closed"));
    json_object_set_new(object, "status_notes", json_string(text_of(reader, stage_words(state))));
    json_object_set_new(object, "service_name", json_string(service ? text_of(reader, &service->name) : ""));
    json_object_set_new(object, "service_code", json_string(report_service(view)));
    json_object_set_new(object, "description", text_or_null(view->event.text));
    json_object_set_new(object, "agency_responsible",
                        text_or_null(department ? text_of(reader, &department->name) : ""));
    json_object_set_new(object, "service_notice", text_or_null(service ? text_of(reader, &service->notice) : ""));
}

static void add_when_and_where(json_t *object, const struct document_reader *reader, const struct report_view *view,
                               struct arena *arena)
{
    const struct event *event = &view->event;
    bool placed = !place_has_mark(&event->place, MARK_NO_POSITION);
    json_object_set_new(object, "requested_datetime", moment_or_null(reader, event->received_at_ms));
    json_object_set_new(object, "updated_datetime", moment_or_null(reader, report_updated_at_ms(view)));
    json_object_set_new(object, "expected_datetime",
                        moment_or_null(reader, view->has_case ? view->record.deadline_ms : 0));
    json_object_set_new(object, "address", text_or_null(event->place.address));
    json_object_set_new(object, "address_id", text_or_null(address_id(event)));
    json_object_set_new(object, "zipcode", json_null());
    json_object_set_new(object, "lat", placed ? json_real(event->place.lat) : json_null());
    json_object_set_new(object, "long", placed ? json_real(event->place.lon) : json_null());
    json_object_set_new(object, "media_url",
                        text_or_null(event->media.count ? url_of(reader, &event->media.items[0], arena) : ""));
}

json_t *document_request(const struct document_reader *reader, const struct report_view *view, struct arena *arena)
{
    json_t *object = json_object();
    json_object_set_new(object, "service_request_id", json_string(arena_format(arena, "%" PRId64, view->event.seq)));
    add_what(object, reader, view);
    add_when_and_where(object, reader, view, arena);
    if (reader->extensions)
        json_object_set_new(object, "drumtower", extension(reader, view, arena));
    return object;
}

bool document_is_told(const struct document_reader *reader, const struct report_view *view)
{
    enum case_state state = view->has_case ? view->record.state : CASE_REPORTED;
    return view->event.source != SOURCE_ORDER && report_is_told(book_service(reader->book, view->event.service), state);
}

json_t *document_receipt(const struct document_reader *reader, const struct document_receipt *receipt,
                         struct arena *arena)
{
    const struct book_service *service = book_service(reader->book, receipt->service);
    const char *id = arena_whole(arena, receipt->seq);
    json_t *object = json_object();
    if (service->type == SERVICE_TYPE_REALTIME)
        json_object_set_new(object, "service_request_id", json_string(id));
    if (service->type == SERVICE_TYPE_BATCH)
        json_object_set_new(object, "token", json_string(receipt->token));
    json_object_set_new(object, "service_notice", text_or_null(text_of(reader, &service->notice)));
    json_object_set_new(object, "account_id", json_null());
    if (reader->extensions)
        json_object_set_new(
            object, "drumtower",
            json_pack("{s:s, s:s}", "secret", receipt->secret, "follow_url",
                      arena_format(arena, "%s/follow?id=%s&key=%s", reader->base_url, id, receipt->secret)));
    return json_pack("[o]", object);
}

/* As JSON has it. */
static const char *quoted_or_null(const char *text, struct arena *arena)
{
    if (!text || !*text)
        return "null";
    json_t *string = json_string(text);
    char *quoted = json_dumps(string, JSON_ENCODE_ANY);
    const char *kept = arena_text(arena, quoted, strlen(quoted));
    free(quoted);
    json_decref(string);
    return kept;
}

const char *document_receipt_text(const struct document_reader *reader, const struct document_receipt *receipt,
                                  struct arena *arena)
{
    const struct book_service *service = book_service(reader->book, receipt->service);
    const char *notice = quoted_or_null(text_of(reader, &service->notice), arena), *named = "";
    if (service->type == SERVICE_TYPE_REALTIME)
        named = arena_join(arena, "\"service_request_id\":\"", arena_whole(arena, receipt->seq), "\",", NULL);
    if (service->type == SERVICE_TYPE_BATCH)
        named = arena_join(arena, "\"token\":\"", receipt->token, "\",", NULL);
    return arena_join(arena, "[{", named, "\"service_notice\":", notice, ",\"account_id\":null}]", NULL);
}

json_t *document_token(const struct document_reader *reader, const struct report_view *view, struct arena *arena)
{
    json_t *object = json_object();
    if (document_is_told(reader, view))
        json_object_set_new(object, "service_request_id",
                            json_string(arena_format(arena, "%" PRId64, view->event.seq)));
    json_object_set_new(object, "token", json_string(view->event.id));
    return json_pack("[o]", object);
}

/* The statuses that FixMyStreet's extension has beside open and closed, for whoever follows the report there. What is closed in one list is not
 * open in the other. */
static const char *const extended_statuses[] = {
    [CASE_NONE] = "open",
    [CASE_REPORTED] = "open",
    [CASE_VERIFYING] = "investigating",
    [CASE_ACCEPTED] = "investigating",
    [CASE_RETURNING] = "investigating",
    [CASE_DISPATCHED] = "action_scheduled",
    [CASE_RECEIVED] = "action_scheduled",
    [CASE_SUSPENDED] = "action_scheduled",
    [CASE_IN_PROGRESS] = "in_progress",
    [CASE_DISPOSED] = "in_progress",
    [CASE_CHECKED] = "in_progress",
    [CASE_MERGED] = "open", /* with the other case */
    [CASE_CLOSED] = "fixed",
    [CASE_RATED] = "fixed",
    [CASE_REFUSED] = "no_further_action",
    [CASE_CANCELLED] = "no_further_action",
};
static_assert(sizeof extended_statuses / sizeof *extended_statuses == CASE_STATE_COUNT, "every state has a status");

json_t *document_update(const struct document_reader *reader, const struct report_update *update, struct arena *arena)
{
    const char *words = *update->words ? update->words : text_of(reader, stage_step_words(update->verb));
    return json_pack("{s:s, s:s, s:s, s:o, s:s, s:n, s:s}", "update_id",
                     arena_format(arena, "%" PRId64 "-%" PRId64, update->notice, update->report), "service_request_id",
                     arena_format(arena, "%" PRId64, update->report), "status", extended_statuses[update->state],
                     "updated_datetime", moment_or_null(reader, update->at_ms), "description", words, "media_url",
                     "external_status_code", enum_name(&case_state_desc, (int)update->state));
}

json_t *document_discovery(const struct document_reader *reader, struct arena *arena)
{
    const struct book_open311 *open311 = &book_sources(reader->book)->open311;
    const char *contact = text_of(reader, *open311->contact.zh ? &open311->contact : &reader->book->name);
    const char *key_service = *open311->key_service.zh ? text_of(reader, &open311->key_service)
                              : open311->key_required  ? "Ask the contact for a key."
                                                       : "No key is needed.";
    char changeset[TIMESTAMP_TEXT]; /* in UTC, so that it sorts */
    timestamp_format(changeset, reader->book->changed_at_ms, 0);
    return json_pack("{s:s, s:s, s:s, s:[{s:s, s:s, s:s, s:s, s:[s, s]}]}", "changeset", changeset, "contact", contact,
                     "key_service", key_service, "endpoints", "specification", "http://wiki.open311.org/GeoReport_v2",
                     "url", arena_format(arena, "%s/open311/v2", reader->base_url), "changeset", changeset, "type",
                     open311->is_test ? "test" : "production", "formats", "text/xml", "application/json");
}

/* What an error quotes may have been cut inside of a character. */
static json_t *error_of(int status, const char *description, struct arena *arena)
{
    return json_pack("{s:i, s:s}", "code", status, "description", text_mended(arena, description));
}

json_t *document_complaints(const struct complaints *complaints, struct arena *arena)
{
    json_t *errors = json_array();
    for (size_t i = 0; i < complaints->count; i++) {
        const struct complaint *complaint = &complaints->items[i];
        json_array_append_new(errors, error_of(complaint_status(complaint),
                                               complaint_words(complaint, COMPLAINT_FOR_PROGRAMS, arena), arena));
    }
    return errors;
}

json_t *document_error(int status, const char *description, struct arena *arena)
{
    return json_pack("[o]", error_of(status, description, arena));
}
