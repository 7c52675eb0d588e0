#include "ingest/web/pages.h"

#include <inttypes.h>
#include <string.h>

#include "ingest/stage.h"
#include "ingest/web/html.h"
#include "proto/base/timestamp.h"
#include "proto/book/zone.h"

/* What a step of a case means to the resident; a verb without words is the city's own business and is not shown. */
static const struct book_text step_words[] = {
    [VERB_REPORT] = { "已收到", "Received" },
    [VERB_ACCEPT] = { "已受理立案", "Accepted" },
    [VERB_REFUSE] = { "不予立案", "Not taken up" },
    [VERB_DISPATCH] = { "已派遣到责任部门", "Sent to the department responsible" },
    [VERB_RECEIVE] = { "部门已接收", "The department has confirmed it" },
    [VERB_TAKE] = { "工作人员已接单", "A worker has taken it" },
    [VERB_ARRIVE] = { "工作人员已到现场", "A worker is on the spot" },
    [VERB_DISPOSE] = { "部门报告已处置", "The department reports that it is done" },
    [VERB_CONFIRM_RETURN] = { "责任部门有误，重新派遣", "It was the wrong department; being sent on" },
    [VERB_CHECK] = { "核查通过", "Checked" },
    [VERB_REWORK] = { "核查未通过，返工", "The check found more to do" },
    [VERB_CLOSE] = { "已结案", "Closed" },
    [VERB_RATE] = { "您已评价", "You have answered" },
    [VERB_OVERDUE] = { "超过承诺时限", "Later than promised" },
};

static const char *say(const struct page *page, enum word name)
{
    return word(page->language, name);
}

static const char *text_of(const struct page *page, const struct book_text *text)
{
    return page->language == PAGE_ZH ? text->zh : text->en;
}

static const char *code_of(enum page_language language)
{
    return language == PAGE_ZH ? "zh" : "en";
}

static void moment(struct buffer *out, const struct page *page, int64_t at_ms)
{
    char text[TIMESTAMP_TEXT];
    timestamp_format(text, at_ms - at_ms % MS_PER_SECOND, zone_offset_minutes(page->book->zone, at_ms));
    html_format(out, "<time datetime=\"%s\">", text);
    text[10] = ' '; /* "2026-01-05 16:30": the district's own time, as on its clocks */
    text[16] = '\0';
    html_format(out, "%s</time>", text);
}

/* ---- what all pages share ---- */

static void begin(struct buffer *out, const struct page *page, const char *title)
{
    enum page_language other = page->language == PAGE_ZH ? PAGE_EN : PAGE_ZH;
    html_format(out,
                "<!DOCTYPE html>\n"
                "<html lang=\"%s\">\n"
                "<head>\n"
                "<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"referrer\" content=\"no-referrer\">\n"
                "<title>%s · %s</title>\n"
                "<link rel=\"icon\" href=\"/shared/icon.svg\" type=\"image/svg+xml\">\n"
                "<link rel=\"stylesheet\" href=\"/shared/tokens.css\">\n"
                "<link rel=\"stylesheet\" href=\"/shared/base.css\">\n"
                "<link rel=\"stylesheet\" href=\"/ingest/report.css\">\n"
                "</head>\n"
                "<body>\n"
                "<header class=\"bar\"><a href=\"/?lang=%s\">%s</a> <a href=\"/?lang=%s\" lang=\"%s\">%s</a></header>\n"
                "<main class=\"page stack\">\n",
                code_of(page->language), title, text_of(page, &page->book->name), code_of(page->language),
                text_of(page, &page->book->name), code_of(other), code_of(other), say(page, WORD_OTHER_LANGUAGE));
}

static void end(struct buffer *out)
{
    buffer_text(out, "</main>\n</body>\n</html>\n");
}

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
    const char *group = text_of(page, &first->group);
    html_format(out, "<optgroup label=\"%s\">\n", group ? group : "");
    for (size_t i = 0; i < page->book->service_count; i++) {
        const struct book_service *service = &page->book->services[i];
        if (service->is_public && same_group(service, first))
            html_format(out, "<option value=\"%s\"%s>%s</option>\n", service->code,
                        strcmp(service->code, chosen) == 0 ? " selected" : "", text_of(page, &service->name));
    }
    buffer_text(out, "</optgroup>\n");
}

static void service_choice(struct buffer *out, const struct page *page, const struct form *said)
{
    const char *chosen = said_value(said, "service_code");
    html_format(out,
                "<div class=\"field\"><label for=\"service\">%s</label>\n"
                "<select id=\"service\" name=\"service_code\" required>\n<option value=\"\">%s</option>\n",
                say(page, WORD_WHAT), say(page, WORD_CHOOSE));
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
        html_format(out, "<option value=\"\">%s</option>\n", say(page, WORD_CHOOSE));
    for (size_t i = 0; i < attribute->value_count; i++)
        html_format(out, "<option value=\"%s\"%s>%s</option>\n", attribute->values[i].key,
                    was_chosen(said, name, attribute->values[i].key) ? " selected" : "",
                    text_of(page, &attribute->values[i].name));
    buffer_text(out, "</select>");
}

/* The questions of the service that was chosen: they come with the second look, when the server knows the service. */
static void attribute_fields(struct buffer *out, const struct page *page, const struct form *said)
{
    const struct book_service *service = book_service(page->book, said_value(said, "service_code"));
    for (size_t i = 0; service && i < service->attribute_count; i++) {
        const struct book_attribute *attribute = &service->attributes[i];
        const char *name = arena_format(page->arena, "attribute[%s]", attribute->code);
        const char *label = text_of(page, &attribute->description);
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
    html_format(out, "<div class=\"note bad\" role=\"alert\" id=\"wrong\"><p>%s</p>\n<ul>\n", say(page, WORD_FIX));
    for (size_t i = 0; i < complaints->count; i++)
        html_format(out, "<li>%s</li>\n",
                    complaint_words(&complaints->items[i],
                                    page->language == PAGE_ZH ? COMPLAINT_FOR_RESIDENTS_ZH : COMPLAINT_FOR_RESIDENTS_EN,
                                    page->arena));
    html_format(out, "</ul><p>%s</p></div>\n", say(page, WORD_PHOTO_AGAIN));
}

static void place_fields(struct buffer *out, const struct page *page, const struct form *said)
{
    html_format(out,
                "<div class=\"field\" id=\"place\" data-set=\"%s\" data-failed=\"%s\">\n"
                "<label for=\"address\">%s</label>\n"
                "<input id=\"address\" name=\"address_string\" maxlength=\"100\" autocomplete=\"street-address\" "
                "value=\"%s\">\n"
                "<span class=\"soft\">%s</span>\n"
                "<input type=\"hidden\" name=\"lat\" value=\"%s\"><input type=\"hidden\" name=\"long\" value=\"%s\">\n"
                "<button class=\"button\" type=\"button\" id=\"position\" hidden>%s</button>\n"
                "<details id=\"map\" hidden><summary>%s</summary></details>\n"
                "<p class=\"soft\" id=\"position-words\" role=\"status\"></p></div>\n",
                say(page, WORD_POSITION_SET), say(page, WORD_POSITION_FAILED), say(page, WORD_PLACE),
                said_value(said, "address_string"), say(page, WORD_PLACE_HINT), said_value(said, "lat"),
                said_value(said, "long"), say(page, WORD_POSITION), say(page, WORD_MAP));
}

static void text_fields(struct buffer *out, const struct page *page, const struct form *said)
{
    html_format(out,
                "<div class=\"field\"><label for=\"description\">%s</label>\n"
                "<textarea id=\"description\" name=\"description\" rows=\"4\" maxlength=\"1300\">%s</textarea>\n"
                "<span class=\"soft\">%s</span></div>\n",
                say(page, WORD_DETAILS), said_value(said, "description"), say(page, WORD_DETAILS_HINT));
    place_fields(out, page, said);
    html_format(out,
                "<div class=\"field\"><label for=\"photo\">%s</label>\n"
                "<input id=\"photo\" name=\"photo\" type=\"file\" accept=\"image/jpeg,image/png,image/webp\" "
                "multiple>\n"
                "<span class=\"soft\">%s</span></div>\n",
                say(page, WORD_PHOTO), say(page, WORD_PHOTO_HINT));
    html_format(out,
                "<fieldset class=\"stack\"><legend>%s</legend>\n"
                "<div class=\"field\"><label for=\"phone\">%s</label>"
                "<input id=\"phone\" name=\"phone\" type=\"tel\" maxlength=\"32\" autocomplete=\"tel\" "
                "value=\"%s\"></div>\n"
                "</fieldset>\n",
                say(page, WORD_CONTACT), say(page, WORD_PHONE), said_value(said, "phone"));
}

void page_form(struct buffer *out, const struct page *page, const char *token, const struct form *said,
               const struct complaints *complaints)
{
    begin(out, page, say(page, WORD_TITLE));
    html_format(out, "<h1>%s</h1>\n<p>%s</p>\n", say(page, WORD_TITLE), say(page, WORD_LEAD));
    what_is_wrong(out, page, complaints);
    html_format(out,
                "<form class=\"card stack\" id=\"report\" method=\"post\" action=\"/report?lang=%s\" "
                "enctype=\"multipart/form-data\">\n<input type=\"hidden\" name=\"form\" value=\"%s\">\n",
                code_of(page->language), token);
    service_choice(out, page, said);
    attribute_fields(out, page, said);
    text_fields(out, page, said);
    html_format(out, "<button class=\"button main big\">%s</button>\n</form>\n", say(page, WORD_SEND));
    buffer_text(out, "<script type=\"module\" src=\"/ingest/report.js\"></script>\n");
    end(out);
}

/* ---- the receipt ---- */

void page_receipt(struct buffer *out, const struct page *page, uint64_t seq, const char *follow)
{
    begin(out, page, say(page, WORD_RECEIVED));
    html_format(out,
                "<section class=\"card stack\" id=\"receipt\">\n<h1>%s</h1>\n"
                "<p>%s <strong id=\"number\">%ld</strong></p>\n<p>%s</p>\n"
                "<p><a class=\"button main\" id=\"follow\" href=\"%s\">%s</a></p>\n</section>\n",
                say(page, WORD_RECEIVED), say(page, WORD_NUMBER), (long)seq, say(page, WORD_KEEP), follow,
                say(page, WORD_FOLLOW));
    html_format(out, "<section><h2>%s</h2>\n<ol><li>%s</li><li>%s</li><li>%s</li></ol></section>\n",
                say(page, WORD_NEXT), say(page, WORD_NEXT_ACCEPT), say(page, WORD_NEXT_DISPOSE),
                say(page, WORD_NEXT_CLOSE));
    html_format(out, "<p><a href=\"/?lang=%s\">%s</a></p>\n", code_of(page->language), say(page, WORD_ANOTHER));
    end(out);
}

/* ---- every stage of a report ---- */

static void step_line(struct buffer *out, const struct page *page, const struct step *step)
{
    bool known = (size_t)step->verb < sizeof step_words / sizeof *step_words && step_words[step->verb].zh;
    if (!known || (step->verb == VERB_OVERDUE && step->clock != CLOCK_DISPOSE))
        return;
    const struct book_department *department = book_department(page->book, step->department);
    html_format(out, "<li class=\"done\"><strong>%s</strong>", text_of(page, &step_words[step->verb]));
    if (department && step->verb == VERB_DISPATCH)
        html_format(out, " · %s", text_of(page, &department->name));
    buffer_text(out, "<br><span class=\"soft\">");
    moment(out, page, step->at_ms);
    buffer_text(out, "</span>");
    if (step->verb == VERB_REFUSE && *step->note)
        html_format(out, "<p>%s</p>", step->note);
    buffer_text(out, "</li>\n");
}

static void stages(struct buffer *out, const struct page *page, const struct report_view *view,
                   const struct step_list *steps)
{
    enum case_state state = view->has_case ? view->record.state : CASE_REPORTED;
    buffer_text(out, "<ol class=\"steps\" id=\"stages\">\n");
    if (!steps->count || steps->items[0].verb != VERB_REPORT)
        step_line(
            out, page,
            &(struct step){ .verb = VERB_REPORT, .at_ms = view->event.received_at_ms, .department = "", .note = "" });
    for (size_t i = 0; i < steps->count; i++)
        step_line(out, page, &steps->items[i]);
    if (report_is_open(view))
        html_format(out, "<li class=\"now\"><strong>%s</strong></li>\n", text_of(page, stage_words(state)));
    buffer_text(out, "</ol>\n");
}

static void facts(struct buffer *out, const struct page *page, const struct report_view *view)
{
    const struct book_service *service = book_service(page->book, report_service(view));
    enum case_state state = view->has_case ? view->record.state : CASE_REPORTED;
    html_format(out, "<p><strong>%s</strong> %s</p>\n", service ? text_of(page, &service->name) : "",
                view->event.place.address);
    html_format(out, "<p>%s: <strong id=\"state\" data-state=\"%s\">%s</strong></p>\n", say(page, WORD_STATE),
                enum_name(&case_state_desc, state), text_of(page, stage_words(state)));
    if (!view->has_case)
        return;
    const struct book_department *department = book_department(page->book, view->record.department);
    html_format(out, "<p>%s: %s</p>\n", say(page, WORD_CASE_NUMBER), view->record.number);
    if (department)
        html_format(out, "<p>%s: %s</p>\n", say(page, WORD_DEPARTMENT), text_of(page, &department->name));
    if (view->record.deadline_ms) {
        html_format(out, "<p>%s: ", say(page, WORD_DEADLINE));
        moment(out, page, view->record.deadline_ms);
        if (view->record.overdue)
            html_format(out, " <span class=\"mark bad\">%s</span>", say(page, WORD_OVERDUE));
        buffer_text(out, "</p>\n");
    }
    if (case_reports(&view->record) > 1) {
        size_t others = case_reports(&view->record) - 1;
        html_format(out, "<p id=\"neighbours\">%ld %s</p>\n", (long)others,
                    say(page, others == 1 ? WORD_NEIGHBOUR : WORD_NEIGHBOURS));
    }
}

static void rating_form(struct buffer *out, const struct page *page, const struct report_view *view, const char *secret,
                        const char *token)
{
    html_format(out,
                "<form class=\"card stack\" id=\"rate\" method=\"post\" action=\"/rate?lang=%s\">\n<h2>%s</h2>\n"
                "<input type=\"hidden\" name=\"form\" value=\"%s\"><input type=\"hidden\" name=\"id\" value=\"%ld\">"
                "<input type=\"hidden\" name=\"key\" value=\"%s\">\n",
                code_of(page->language), say(page, WORD_RATE), token, (long)view->event.seq, secret);
    html_format(out,
                "<div class=\"row\"><label><input type=\"radio\" name=\"solved\" value=\"yes\" required> %s</label>\n"
                "<label><input type=\"radio\" name=\"solved\" value=\"no\"> %s</label></div>\n"
                "<fieldset><legend>%s</legend><span class=\"soft\">%s</span>\n<div class=\"row\">",
                say(page, WORD_SOLVED), say(page, WORD_NOT_SOLVED), say(page, WORD_SCORE), say(page, WORD_SCORE_HINT));
    for (int score = 1; score <= 5; score++)
        html_format(out, "<label><input type=\"radio\" name=\"score\" value=\"%d\" required> %d</label>\n", score,
                    score);
    html_format(out, "</div></fieldset>\n<button class=\"button main\">%s</button>\n</form>\n",
                say(page, WORD_RATE_SEND));
}

void page_follow(struct buffer *out, const struct page *page, const struct report_view *view,
                 const struct step_list *steps, const char *secret, const char *token, bool thanks)
{
    enum case_state state = view->has_case ? view->record.state : CASE_REPORTED;
    begin(out, page, say(page, WORD_PROGRESS));
    html_format(out, "<h1>%s %ld</h1>\n", say(page, WORD_NUMBER), (long)view->event.seq);
    if (thanks)
        html_format(out, "<p class=\"note ok\" role=\"status\">%s</p>\n", say(page, WORD_RATED));
    buffer_text(out, "<section class=\"card stack\">\n");
    facts(out, page, view);
    html_format(out, "<p>%s</p>\n</section>\n", view->event.text);
    if (state == CASE_RATED)
        html_format(out, "<p>%s%s · %d/5</p>\n", say(page, WORD_RATED_BEFORE),
                    say(page, view->record.solved ? WORD_SOLVED : WORD_NOT_SOLVED), (int)view->record.score);
    else if (state == CASE_CLOSED && !thanks)
        rating_form(out, page, view, secret, token);
    html_format(out, "<section><h2>%s</h2>\n", say(page, WORD_PROGRESS));
    stages(out, page, view, steps);
    html_format(out, "</section>\n<p><a class=\"button\" href=\"/follow?id=%ld&amp;key=%s&amp;lang=%s\">%s</a></p>\n",
                (long)view->event.seq, secret, code_of(page->language), say(page, WORD_RELOAD));
    end(out);
}

void page_message(struct buffer *out, const struct page *page, enum word message)
{
    begin(out, page, say(page, WORD_TITLE));
    html_format(out, "<p class=\"note warn\" role=\"alert\">%s</p>\n<p><a href=\"/?lang=%s\">%s</a></p>\n",
                say(page, message), code_of(page->language), say(page, WORD_ANOTHER));
    end(out);
}
