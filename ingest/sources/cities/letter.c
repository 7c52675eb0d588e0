#include "ingest/sources/cities/letter.h"

#include <stdio.h>
#include <string.h>

#include "ingest/sources/xml_tree.h"
#include "proto/client/http.h"

enum { DEGREES_TEXT = 32, ERROR_WORDS = 1000 /* more is said by nobody who wants to be understood */ };

static const char *code_for(const struct book_city *city, const char *service)
{
    for (size_t i = 0; i < city->service_count; i++)
        if (!city->services[i].service || strcmp(city->services[i].service->code, service) == 0)
            return city->services[i].code;
    return NULL;
}

/* A location is needed, and where nothing better is known the district is one. */
static void add_place(const struct book *book, const struct place *place, struct buffer *form)
{
    const struct book_area *area = *place->area ? book_area(book, place->area) : NULL;
    bool is_placed = !place_has_mark(place, MARK_NO_POSITION) && !place_has_mark(place, MARK_FAILED_GEOCODE);
    char text[DEGREES_TEXT];
    if (is_placed) {
        snprintf(text, sizeof text, "%.7f", place->lat);
        form_append(form, "lat", text);
        snprintf(text, sizeof text, "%.7f", place->lon);
        form_append(form, "long", text);
    }
    if (*place->address)
        form_append(form, "address_string", place->address);
    else if (!is_placed)
        form_append(form, "address_string", area ? area->name.zh : book->name.zh);
}

static void add_pictures(const struct book_city *city, const struct media_list *media, struct buffer *form)
{
    struct buffer url = { 0 };
    for (size_t i = 0; i < media->count; i++) {
        const struct media *picture = &media->items[i];
        buffer_clear(&url);
        if (*picture->url)
            form_append(form, "media_url", picture->url);
        else if (*city->pictures) {
            buffer_format(&url, "%s/media/%s", city->pictures, picture->hash);
            form_append(form, "media_url", buffer_string(&url));
        }
    }
    buffer_finish(&url);
}

bool letter_report(const struct book *book, const struct book_city *city, const struct case_file *record,
                   const char *api_key, struct buffer *form)
{
    const char *code = code_for(city, record->service);
    if (!code)
        return false;
    if (api_key)
        form_append(form, "api_key", api_key);
    if (*city->jurisdiction)
        form_append(form, "jurisdiction_id", city->jurisdiction);
    form_append(form, "service_code", code);
    form_append(form, "description", *record->text ? record->text : record->title);
    add_place(book, &record->place, form);
    add_pictures(city, &record->media, form);
    return true;
}

void letter_question(const struct book_city *city, const char *const *numbers, size_t count, struct buffer *query)
{
    struct buffer list = { 0 };
    for (size_t i = 0; i < count; i++)
        buffer_format(&list, "%s%s", i ? "," : "", numbers[i]);
    if (*city->jurisdiction)
        form_append(query, "jurisdiction_id", city->jurisdiction);
    if (count)
        form_append(query, "service_request_id", buffer_string(&list));
    buffer_finish(&list);
}

static const struct xml_element *parse(struct bytes body, const char *root, struct arena *arena, struct fault *fault)
{
    struct xml_element *element;
    if (xml_parse(body, arena, &element, fault) < 0)
        return NULL;
    if (strcmp(element->name, root) == 0)
        return element;
    fault_set(fault, -EINVAL, "<%s>; expected <%s>", element->name, root);
    return NULL;
}

int letter_read(struct bytes body, struct arena *arena, struct letter_row **out, size_t *count, struct fault *fault)
{
    const struct xml_element *root = parse(body, "service_requests", arena, fault);
    *count = 0;
    if (!root)
        return -EINVAL;
    size_t room = 0;
    for (const struct xml_element *row = root->first; row; row = row->next)
        room++;
    struct letter_row *rows = arena_array(arena, room + 1, sizeof *rows);
    for (const struct xml_element *row = xml_child(root, "request"); row; row = xml_next(row->next, "request"))
        rows[(*count)++] = (struct letter_row){
            .number = xml_child_text(row, "service_request_id"),
            .token = xml_child_text(row, "token"),
            .is_closed = strcmp(xml_child_text(row, "status"), "closed") == 0,
            .notes = xml_child_text(row, "status_notes"),
        };
    *out = rows;
    return 0;
}

const char *letter_errors(struct bytes body, struct arena *arena)
{
    struct fault fault = { "" };
    const struct xml_element *root = parse(body, "errors", arena, &fault);
    const char *all = "";
    const struct xml_element *row = root ? xml_child(root, "error") : NULL;
    for (; row && strlen(all) < ERROR_WORDS; row = xml_next(row->next, "error"))
        all = arena_format(arena, "%s%s%s", all, *all ? "; " : "", xml_child_text(row, "description"));
    return all;
}
