#include "ingest/web/pages.h"

#include <string.h>

#include "ingest/web/html.h"
#include "ingest/web/near.h"
#include "ingest/web/page_parts.h"

/* ---- the form ---- */

static const char *said_value(const struct form *said, const char *name)
{
    const char *value = said ? form_value(said, name) : NULL;
    return value ? value : "";
}

/* Was this value chosen, perhaps beside others, in the field or in its form for several values? */
static bool was_chosen(const struct form *said, const char *name, const char *value)
{
    size_t length = strlen(name);
    for (size_t i = 0; said && i < said->count; i++) {
        const struct form_field *field = &said->fields[i];
        bool named = strncmp(field->name, name, length) == 0 &&
                     (!field->name[length] || strcmp(field->name + length, "[]") == 0);
        if (named && field->value && strcmp(field->value, value) == 0)
            return true;
    }
    return false;
}

static bool same_group(const struct book_service *a, const struct book_service *b)
{
    return a->group.en == b->group.en || (a->group.en && b->group.en && strcmp(a->group.en, b->group.en) == 0);
}

static bool is_first_of_group(const struct book *book, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (book->services[i].is_public && same_group(&book->services[i], &book->services[at]))
            return false;
    return true;
}

static void service_group(struct buffer *out, const struct page *page, const struct book_service *first,
                          const char *chosen)
{
    const char *group = page_text(page, &first->group);
    html_format(out, "<optgroup label=\"%s\">\n", group ? group : "");
    for (size_t i = 0; i < page->book->service_count; i++) {
        const struct book_service *service = &page->book->services[i];
        if (service->is_public && same_group(service, first))
            html_format(out, "<option value=\"%s\"%s>%s</option>\n", service->code,
                        strcmp(service->code, chosen) == 0 ? " selected" : "", page_text(page, &service->name));
    }
    buffer_text(out, "</optgroup>\n");
}

static void service_choice(struct buffer *out, const struct page *page, const struct form *said)
{
    const char *chosen = said_value(said, "service_code");
    html_format(out,
                "<div class=\"field\"><label for=\"service\">%s</label>\n"
                "<select id=\"service\" name=\"service_code\" required>\n<option value=\"\">%s</option>\n",
                page_say(page, WORD_WHAT), page_say(page, WORD_CHOOSE));
    for (size_t i = 0; i < page->book->service_count; i++)
        if (page->book->services[i].is_public && is_first_of_group(page->book, i))
            service_group(out, page, &page->book->services[i], chosen);
    buffer_text(out, "</select></div>\n");
}

static void attribute_list(struct buffer *out, const struct page *page, const struct book_attribute *attribute,
                           const char *name, const struct form *said)
{
    bool several = attribute->type == ATTRIBUTE_MULTIVALUELIST;
    html_format(out, "<select id=\"%s\" name=\"%s%s\"%s>\n", name, name, several ? "[]" : "",
                several ? " multiple" : "");
    if (!several)
        html_format(out, "<option value=\"\">%s</option>\n", page_say(page, WORD_CHOOSE));
    for (size_t i = 0; i < attribute->value_count; i++)
        html_format(out, "<option value=\"%s\"%s>%s</option>\n", attribute->values[i].key,
                    was_chosen(said, name, attribute->values[i].key) ? " selected" : "",
                    page_text(page, &attribute->values[i].name));
    buffer_text(out, "</select>");
}

/* The questions of the service that was chosen: they come with the second look, when the server knows the service. */
static void attribute_fields(struct buffer *out, const struct page *page, const struct form *said)
{
    const struct book_service *service = book_service(page->book, said_value(said, "service_code"));
    for (size_t i = 0; service && i < service->attribute_count; i++) {
        const struct book_attribute *attribute = &service->attributes[i];
        const char *name = arena_format(page->arena, "attribute[%s]", attribute->code);
        const char *label = page_text(page, &attribute->description);
        if (attribute->is_only_shown) {
            html_format(out, "<p class=\"soft\">%s</p>\n", label);
            continue;
        }
        html_format(out, "<div class=\"field\"><label for=\"%s\">%s%s</label>", name, label ? label : attribute->code,
                    attribute->required ? " *" : "");
        if (attribute->value_count)
            attribute_list(out, page, attribute, name, said);
        else if (attribute->type == ATTRIBUTE_TEXT)
            html_format(out, "<textarea id=\"%s\" name=\"%s\" maxlength=\"330\">%s</textarea>", name, name,
                        said_value(said, name));
        else
            html_format(out, "<input id=\"%s\" name=\"%s\" maxlength=\"330\" value=\"%s\">", name, name,
                        said_value(said, name));
        buffer_text(out, "</div>\n");
    }
}

static void what_is_wrong(struct buffer *out, const struct page *page, const struct complaints *complaints)
{
    if (!complaints || !complaints->count)
        return;
    html_format(out, "<div class=\"note bad\" role=\"alert\" id=\"wrong\"><p>%s</p>\n<ul>\n", page_say(page, WORD_FIX));
    for (size_t i = 0; i < complaints->count; i++)
        html_format(out, "<li>%s</li>\n",
                    complaint_words(&complaints->items[i],
                                    page->language == PAGE_ZH ? COMPLAINT_FOR_RESIDENTS_ZH : COMPLAINT_FOR_RESIDENTS_EN,
                                    page->arena));
    html_format(out, "</ul><p>%s</p></div>\n", page_say(page, WORD_PHOTO_AGAIN));
}

static void place_fields(struct buffer *out, const struct page *page, const struct form *said)
{
    const char *lat = said_value(said, "lat"), *lon = said_value(said, "long");
    const char *noted =
        *lat && *lon ? arena_format(page->arena, "%s (%s, %s)", page_say(page, WORD_POSITION_SET), lat, lon) : "";
    html_format(out,
                "<div class=\"field\" id=\"place\" data-set=\"%s\" data-failed=\"%s\">\n"
                "<label for=\"address\">%s</label>\n"
                "<input id=\"address\" name=\"address_string\" maxlength=\"100\" autocomplete=\"street-address\" "
                "value=\"%s\">\n"
                "<span class=\"soft\">%s</span>\n"
                "<input type=\"hidden\" name=\"lat\" value=\"%s\"><input type=\"hidden\" name=\"long\" value=\"%s\">\n"
                "<button class=\"button\" type=\"button\" id=\"position\" hidden>%s</button>\n"
                "<details id=\"map\" hidden><summary>%s</summary></details>\n"
                "<p class=\"soft\" id=\"position-words\" role=\"status\">%s</p></div>\n",
                page_say(page, WORD_POSITION_SET), page_say(page, WORD_POSITION_FAILED), page_say(page, WORD_PLACE),
                said_value(said, "address_string"), page_say(page, WORD_PLACE_HINT), lat, lon,
                page_say(page, WORD_POSITION), page_say(page, WORD_MAP), noted);
}

static void text_fields(struct buffer *out, const struct page *page, const struct form *said)
{
    html_format(out,
                "<div class=\"field\"><label for=\"description\">%s</label>\n"
                "<textarea id=\"description\" name=\"description\" rows=\"4\" maxlength=\"1300\">%s</textarea>\n"
                "<span class=\"soft\">%s</span></div>\n",
                page_say(page, WORD_DETAILS), said_value(said, "description"), page_say(page, WORD_DETAILS_HINT));
    place_fields(out, page, said);
    html_format(out,
                "<div class=\"field\"><label for=\"photo\">%s</label>\n"
                "<input id=\"photo\" name=\"photo\" type=\"file\" accept=\"image/jpeg,image/png,image/webp\" "
                "multiple>\n"
                "<span class=\"soft\">%s</span></div>\n",
                page_say(page, WORD_PHOTO), page_say(page, WORD_PHOTO_HINT));
    html_format(out,
                "<fieldset class=\"stack\"><legend>%s</legend>\n"
                "<div class=\"field\"><label for=\"phone\">%s</label>"
                "<input id=\"phone\" name=\"phone\" type=\"tel\" maxlength=\"32\" autocomplete=\"tel\" "
                "value=\"%s\"></div>\n"
                "</fieldset>\n",
                page_say(page, WORD_CONTACT), page_say(page, WORD_PHONE), said_value(said, "phone"));
}

/* Before the button: what it will do. The script fills it where the place is given in the page. */
static void near_part(struct buffer *out, const struct page *page, const struct form_page *form)
{
    buffer_text(out, "<div id=\"near\" aria-live=\"polite\">");
    if (form->near)
        near_hint(out, page, form->near, form->asked);
    buffer_text(out, "</div>\n");
}

void page_form(struct buffer *out, const struct page *page, const struct form_page *form)
{
    const struct form *said = form->said;
    page_begin(out, page, page_say(page, WORD_TITLE));
    html_format(out, "<h1>%s</h1>\n<p>%s</p>\n", page_say(page, WORD_TITLE), page_say(page, WORD_LEAD));
    what_is_wrong(out, page, form->complaints);
    html_format(out,
                "<form class=\"card stack\" id=\"report\" method=\"post\" action=\"/report?lang=%s\" "
                "enctype=\"multipart/form-data\">\n<input type=\"hidden\" name=\"form\" value=\"%s\">\n",
                page_code(page->language), form->token);
    service_choice(out, page, said);
    attribute_fields(out, page, said);
    text_fields(out, page, said);
    near_part(out, page, form);
    html_format(out, "<button class=\"button main big\">%s</button>\n</form>\n", page_say(page, WORD_SEND));
    buffer_text(out, "<script type=\"module\" src=\"/ingest/report.js\"></script>\n");
    page_end(out);
}

/* ---- the receipt ---- */

void page_receipt(struct buffer *out, const struct page *page, uint64_t seq, const char *follow)
{
    page_begin(out, page, page_say(page, WORD_RECEIVED));
    html_format(out,
                "<section class=\"card stack\" id=\"receipt\">\n<h1>%s</h1>\n"
                "<p>%s <strong id=\"number\">%ld</strong></p>\n<p>%s</p>\n"
                "<p><a class=\"button main\" id=\"follow\" href=\"%s\">%s</a></p>\n</section>\n",
                page_say(page, WORD_RECEIVED), page_say(page, WORD_NUMBER), (long)seq, page_say(page, WORD_KEEP),
                follow, page_say(page, WORD_FOLLOW));
    html_format(out, "<section><h2>%s</h2>\n<ol><li>%s</li><li>%s</li><li>%s</li></ol></section>\n",
                page_say(page, WORD_NEXT), page_say(page, WORD_NEXT_ACCEPT), page_say(page, WORD_NEXT_DISPOSE),
                page_say(page, WORD_NEXT_CLOSE));
    html_format(out, "<p><a href=\"/?lang=%s\">%s</a></p>\n", page_code(page->language), page_say(page, WORD_ANOTHER));
    page_end(out);
}

void page_message(struct buffer *out, const struct page *page, enum word message)
{
    page_begin(out, page, page_say(page, WORD_TITLE));
    html_format(out, "<p class=\"note warn\" role=\"alert\">%s</p>\n<p><a href=\"/?lang=%s\">%s</a></p>\n",
                page_say(page, message), page_code(page->language), page_say(page, WORD_ANOTHER));
    page_end(out);
}
