#include "ingest/web/follow.h"

#include <string.h>

#include "ingest/stage.h"
#include "ingest/web/html.h"
#include "ingest/web/page_parts.h"
#include "proto/base/timestamp.h"

/* Of an assistant, or of a worker whose department has not reported yet, the case's way is not told by it. */
static bool is_aside(const struct step *step)
{
    return (step->verb == VERB_RECEIVE || step->verb == VERB_DISPOSE) && step->from == step->to && step->to;
}

static bool is_shown(const struct step *step)
{
    return stage_step_words(step->verb) && !is_aside(step) &&
           (step->verb != VERB_OVERDUE || step->clock == CLOCK_DISPOSE);
}

static bool names_department(enum verb verb)
{
    return verb == VERB_DISPATCH || verb == VERB_TRANSFER || verb == VERB_HAND_UP;
}

static void step_line(struct buffer *out, const struct page *page, const struct step *step)
{
    if (!is_shown(step))
        return;
    const struct book_department *department = book_department(page->book, step->department);
    html_format(out, "<li class=\"done\"><strong>%s</strong>", page_text(page, stage_step_words(step->verb)));
    if (department && names_department(step->verb))
        html_format(out, " · %s", page_text(page, &department->name));
    buffer_text(out, "<br><span class=\"soft\">");
    page_moment(out, page, step->at_ms);
    buffer_text(out, "</span>");
    if (stage_step_is_for_reporters(step->verb) && *step->note)
        html_format(out, "<p>%s</p>", step->note);
    buffer_text(out, "</li>\n");
}

static void stages(struct buffer *out, const struct page *page, const struct follow *follow)
{
    const struct report_view *view = follow->view;
    const struct step_list *steps = follow->steps;
    enum case_state state = view->has_case ? view->record.state : CASE_REPORTED;
    buffer_text(out, "<ol class=\"steps\" id=\"stages\">\n");
    if (!steps->count || steps->items[0].verb != VERB_REPORT)
        step_line(
            out, page,
            &(struct step){ .verb = VERB_REPORT, .at_ms = view->event.received_at_ms, .department = "", .note = "" });
    for (size_t i = 0; i < steps->count; i++)
        step_line(out, page, &steps->items[i]);
    if (report_is_open(view))
        html_format(out, "<li class=\"now\"><strong>%s</strong></li>\n", page_text(page, stage_words(state)));
    buffer_text(out, "</ol>\n");
}

static void facts(struct buffer *out, const struct page *page, const struct report_view *view)
{
    const struct book_service *service = book_service(page->book, report_service(view));
    enum case_state state = view->has_case ? view->record.state : CASE_REPORTED;
    html_format(out, "<p><strong>%s</strong> %s</p>\n", service ? page_text(page, &service->name) : "",
                view->event.place.address);
    html_format(out, "<p>%s: <strong id=\"state\" data-state=\"%s\">%s</strong></p>\n", page_say(page, WORD_STATE),
                enum_name(&case_state_desc, state), page_text(page, stage_words(state)));
    if (!view->has_case)
        return;
    const struct book_department *department = book_department(page->book, view->record.department);
    html_format(out, "<p>%s: %s</p>\n", page_say(page, WORD_CASE_NUMBER), view->record.number);
    if (department)
        html_format(out, "<p>%s: %s</p>\n", page_say(page, WORD_DEPARTMENT), page_text(page, &department->name));
    if (*view->record.supervised_by)
        html_format(out, "<p><span class=\"mark warn\" id=\"supervised\">%s</span></p>\n",
                    page_say(page, WORD_SUPERVISED));
    if (view->record.suspended_until_ms) {
        html_format(out, "<p id=\"suspended\">%s: ", page_say(page, WORD_SUSPENDED_UNTIL));
        page_moment(out, page, view->record.suspended_until_ms);
        buffer_text(out, "</p>\n");
    }
    if (view->record.deadline_ms) {
        html_format(out, "<p>%s: ", page_say(page, WORD_DEADLINE));
        page_moment(out, page, view->record.deadline_ms);
        if (view->record.overdue)
            html_format(out, " <span class=\"mark bad\">%s</span>", page_say(page, WORD_OVERDUE));
        buffer_text(out, "</p>\n");
    }
    if (case_reports(&view->record) > 1) {
        size_t others = case_reports(&view->record) - 1;
        html_format(out, "<p id=\"neighbours\">%ld %s</p>\n", (long)others,
                    page_say(page, others == 1 ? WORD_NEIGHBOUR : WORD_NEIGHBOURS));
    }
}

/* ---- what the reporter may answer ---- */

/* A form by which the reporter answers: whose it is and which repetition goes along. `name`: its id and its path. */
static void begin_form(struct buffer *out, const struct page *page, const struct follow *follow, const char *name,
                       enum word title)
{
    html_format(out,
                "<form class=\"card stack\" id=\"%s\" method=\"post\" action=\"/%s?lang=%s\">\n<h2>%s</h2>\n"
                "<input type=\"hidden\" name=\"form\" value=\"%s\"><input type=\"hidden\" name=\"id\" value=\"%ld\">"
                "<input type=\"hidden\" name=\"key\" value=\"%s\">\n",
                name, name, page_code(page->language), page_say(page, title), follow->token,
                (long)follow->view->event.seq, follow->secret);
}

static void rating_form(struct buffer *out, const struct page *page, const struct follow *follow)
{
    begin_form(out, page, follow, "rate", WORD_RATE);
    html_format(out,
                "<div class=\"row\"><label><input type=\"radio\" name=\"solved\" value=\"yes\" required> %s</label>\n"
                "<label><input type=\"radio\" name=\"solved\" value=\"no\"> %s</label></div>\n"
                "<fieldset><legend>%s</legend><span class=\"soft\">%s</span>\n<div class=\"row\">",
                page_say(page, WORD_SOLVED), page_say(page, WORD_NOT_SOLVED), page_say(page, WORD_SCORE),
                page_say(page, WORD_SCORE_HINT));
    for (int score = 1; score <= 5; score++)
        html_format(out, "<label><input type=\"radio\" name=\"score\" value=\"%d\" required> %d</label>\n", score,
                    score);
    html_format(out, "</div></fieldset>\n<button class=\"button main\">%s</button>\n</form>\n",
                page_say(page, WORD_RATE_SEND));
}

static void reopen_form(struct buffer *out, const struct page *page, const struct follow *follow)
{
    begin_form(out, page, follow, "reopen", WORD_REOPEN);
    html_format(out,
                "<div class=\"field\"><label for=\"reason\">%s</label>\n"
                "<textarea id=\"reason\" name=\"reason\" rows=\"3\" maxlength=\"330\" required></textarea></div>\n"
                "<button class=\"button\">%s</button>\n</form>\n",
                page_say(page, WORD_REOPEN_REASON), page_say(page, WORD_REOPEN_SEND));
}

bool follow_may_rate(const struct report_view *view)
{
    return view->has_case && (view->record.state == CASE_CLOSED || view->record.state == CASE_RATED);
}

bool follow_may_reopen(const struct report_view *view, const struct book *book, int64_t now_ms)
{
    return report_may_be_reopened(view, book->rules.reopen_days, now_ms);
}

/* Has this reporter rated what is closed now? Where several reported, each is known by who he is; who did not say it may answer again. */
static bool has_rated(const struct follow *follow)
{
    const char *reporter = follow->view->event.reporter;
    bool rated = false;
    if (case_reports(&follow->view->record) <= 1)
        return true;
    for (size_t i = 0; i < follow->steps->count && *reporter; i++) {
        const struct step *step = &follow->steps->items[i];
        if (step->verb == VERB_CLOSE)
            rated = false;
        else if (step->verb == VERB_RATE)
            rated |= strcmp(step->actor, reporter) == 0;
    }
    return rated;
}

static void answers(struct buffer *out, const struct page *page, const struct follow *follow)
{
    const struct case_file *record = &follow->view->record;
    bool is_rated = follow->view->has_case && record->state == CASE_RATED, own = is_rated && has_rated(follow);
    if (is_rated)
        html_format(out, "<p>%s%s · %d/5</p>\n", page_say(page, own ? WORD_RATED_BEFORE : WORD_RATED_BY_OTHER),
                    page_say(page, record->solved ? WORD_SOLVED : WORD_NOT_SOLVED), (int)record->score);
    if (follow_may_rate(follow->view) && !own)
        rating_form(out, page, follow);
    if (follow_may_reopen(follow->view, page->book, follow->now_ms))
        reopen_form(out, page, follow);
}

void page_follow(struct buffer *out, const struct page *page, const struct follow *follow)
{
    page_begin(out, page, page_say(page, WORD_PROGRESS));
    html_format(out, "<h1>%s %ld</h1>\n", page_say(page, WORD_NUMBER), (long)follow->view->event.seq);
    if (follow->thanks)
        html_format(out, "<p class=\"note ok\" role=\"status\">%s</p>\n", page_say(page, *follow->thanks));
    buffer_text(out, "<section class=\"card stack\">\n");
    facts(out, page, follow->view);
    html_format(out, "<p>%s</p>\n</section>\n", follow->view->event.text);
    if (!follow->thanks)
        answers(out, page, follow);
    html_format(out, "<section><h2>%s</h2>\n", page_say(page, WORD_PROGRESS));
    stages(out, page, follow);
    html_format(out, "</section>\n<p><a class=\"button\" href=\"/follow?id=%ld&amp;key=%s&amp;lang=%s\">%s</a></p>\n",
                (long)follow->view->event.seq, follow->secret, page_code(page->language), page_say(page, WORD_RELOAD));
    page_end(out);
}
