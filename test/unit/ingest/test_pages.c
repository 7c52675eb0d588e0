#include "test/unit/ingest/fixture.h"

#include "ingest/gzip.h"
#include "ingest/quota.h"
#include "ingest/web/follow.h"
#include "ingest/web/html.h"
#include "ingest/web/near.h"
#include "proto/base/timestamp.h"

static const int64_t NOW_MS = INT64_C(1767573000000); /* 2026-01-05T00:30:00Z, 08:30 in the district */
static const char hostile[] = "\"><script>alert('x')</script>&amp;";

static void every_text_is_escaped_and_no_markup_is(void **state)
{
    (void)state;
    struct buffer out = { 0 };
    html_format(&out, "<p title=\"%s\">%d %ld 100%%</p>", hostile, -3, 17L);
    assert_string_equal(buffer_string(&out), "<p title=\"&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"
                                             "&amp;amp;\">-3 17 100%</p>");
    buffer_finish(&out);
}

static const char *form_page(const struct book *book, enum page_language language, const struct said_row *rows,
                             const struct complaints *complaints, struct arena *arena, struct buffer *out)
{
    struct page page = { book, language, arena };
    struct form said = form_of(rows, arena);
    buffer_clear(out);
    page_form(out, &page, &(struct form_page){ .token = "token-token-token", .said = &said, .complaints = complaints });
    return buffer_string(out);
}

static void the_form_keeps_what_was_said_and_nothing_breaks_out_of_it(void **state)
{
    struct arena arena = { 0 };
    struct buffer out = { 0 };
    struct complaints complaints = { .count = 0 };
    complaint_add(&complaints, &arena, COMPLAINT_UNKNOWN_SERVICE, hostile);
    const char *html = form_page(*state, PAGE_ZH,
                                 (struct said_row[]){ { "service_code", "0101" },
                                                      { "description", hostile },
                                                      { "address_string", hostile },
                                                      { "phone", hostile },
                                                      { "lat", hostile },
                                                      { NULL, NULL } },
                                 &complaints, &arena, &out);
    assert_null(strstr(html, "<script>alert"));
    assert_non_null(strstr(html, "<option value=\"0101\" selected>井盖</option>"));
    assert_non_null(strstr(html, "name=\"form\" value=\"token-token-token\""));
    assert_null(strstr(html, "内部事项")); /* not for the public */
    buffer_finish(&out);
    arena_finish(&arena);
}

static void the_form_asks_the_questions_of_the_chosen_service(void **state)
{
    struct arena arena = { 0 };
    struct buffer out = { 0 };
    const char *html = form_page(*state, PAGE_EN, (struct said_row[]){ { NULL, NULL } }, NULL, &arena, &out);
    assert_null(strstr(html, "attribute[pole]"));
    html = form_page(
        *state, PAGE_EN,
        (struct said_row[]){
            { "service_code", "0102" }, { "attribute[pole]", "7" }, { "attribute[lamps][]", "right" }, { NULL, NULL } },
        NULL, &arena, &out);
    assert_non_null(strstr(html, "name=\"attribute[pole]\" maxlength=\"330\" value=\"7\""));
    assert_non_null(strstr(html, "name=\"attribute[lamps][]\" multiple"));
    assert_non_null(strstr(html, "<option value=\"right\" selected>Right</option>"));
    assert_non_null(strstr(html, "<option value=\"left\">Left</option>"));
    assert_non_null(strstr(html, "<html lang=\"en\">"));
    buffer_finish(&out);
    arena_finish(&arena);
}

static void a_hint_tells_how_many_and_how_far_and_nothing_of_anybody(void **state)
{
    struct arena arena = { 0 };
    struct buffer out = { 0 };
    struct page page = { *state, PAGE_EN, &arena };
    struct voice voices[3] = { { .seq = 1, .reporter = "pseudonym" }, { .seq = 2 }, { .seq = 3, .again = true } };
    struct case_file record = { .number = "t1-20260105-0007",
                                .state = CASE_IN_PROGRESS,
                                .title = "my neighbour's lamp",
                                .text = "he never repairs it",
                                .place = { .address = "1 Drum Street" },
                                .reported_at_ms = NOW_MS,
                                .voices = { voices, 3 } };
    near_hint(&out, &page, &record, true);
    const char *html = buffer_string(&out);
    static const char *const said[] = { ">2 neighbours have reported this", "2026-01-05 08:30", "Work is under way",
                                        "Nothing was sent yet", "name=\"" NEAR_KNOWN "\" value=\"1\"" };
    static const char *const unsaid[] = { "pseudonym", "neighbour's", "repairs", "Drum Street", "0007" };
    for (size_t i = 0; i < 5; i++) {
        assert_non_null(strstr(html, said[i]));
        assert_null(strstr(html, unsaid[i]));
    }
    record.voices.count = 1;
    page.language = PAGE_ZH;
    buffer_clear(&out);
    near_hint(&out, &page, &record, false);
    assert_non_null(strstr(buffer_string(&out), ">1 位邻居已经反映了"));
    assert_null(strstr(buffer_string(&out), "还没有提交"));
    buffer_finish(&out);
    arena_finish(&arena);
}

static const char *follow_page(const struct book *book, const struct report_view *view, const struct step_list *steps,
                               struct arena *arena, struct buffer *out)
{
    struct page page = { book, PAGE_EN, arena };
    buffer_clear(out);
    page_follow(out, &page, &(struct follow){ view, steps, "secret", "token-token-token", NULL, NOW_MS });
    return buffer_string(out);
}

static struct report_view closed_view(struct voice *voices, size_t count)
{
    return (struct report_view){
        .event = { .seq = 5, .service = "0101", .text = hostile, .place.address = hostile, .received_at_ms = NOW_MS },
        .has_case = true,
        .record = { .number = "t1-20260105-0001",
                    .state = CASE_CLOSED,
                    .service = "0101",
                    .department = "roads",
                    .supervised_by = "",
                    .deadline_ms = NOW_MS + 4 * (int64_t)MS_PER_HOUR,
                    .voices = { voices, count } },
    };
}

static void the_resident_sees_every_stage_but_not_what_is_internal(void **state)
{
    struct arena arena = { 0 };
    struct buffer out = { 0 };
    struct voice voices[3] = { { .seq = 5 }, { .seq = 6 }, { .seq = 7 } };
    struct report_view view = closed_view(voices, 3);
    struct step lines[] = {
        { .verb = VERB_REPORT, .at_ms = NOW_MS, .department = "", .note = "" },
        { .verb = VERB_DISPATCH, .at_ms = NOW_MS + MS_PER_MINUTE, .department = "roads", .note = "" },
        { .verb = VERB_NOTE,
          .at_ms = NOW_MS,
          .actor = "o-01",
          .department = "",
          .note = "the neighbour complains a lot" },
        { .verb = VERB_URGE, .at_ms = NOW_MS, .actor = "o-01", .department = "", .note = "hurry" },
        { .verb = VERB_CLOSE, .at_ms = NOW_MS + MS_PER_HOUR, .actor = "o-01", .department = "", .note = "" },
    };
    struct step_list steps = { lines, 5 };
    const char *html = follow_page(*state, &view, &steps, &arena, &out);
    assert_non_null(strstr(html, "<strong>Sent to the department responsible</strong> · Roads"));
    assert_non_null(strstr(html, "<time datetime=\"2026-01-05T09:30:00+08:00\">2026-01-05 09:30</time>"));
    assert_non_null(strstr(html, "2 neighbours reported this too"));
    assert_non_null(strstr(html, "id=\"rate\""));
    assert_null(strstr(html, "complains"));
    assert_null(strstr(html, "hurry"));
    assert_null(strstr(html, "o-01"));
    assert_null(strstr(html, "<script>alert"));
    buffer_finish(&out);
    arena_finish(&arena);
}

static void a_rating_is_asked_for_when_it_is_closed_and_not_before(void **state)
{
    struct arena arena = { 0 };
    struct buffer out = { 0 };
    struct report_view view = closed_view(NULL, 0);
    struct step_list steps = { 0 };
    view.record.state = CASE_IN_PROGRESS;
    assert_null(strstr(follow_page(*state, &view, &steps, &arena, &out), "id=\"rate\""));
    view.record.state = CASE_RATED;
    view.record.score = 4;
    const char *html = follow_page(*state, &view, &steps, &arena, &out);
    assert_null(strstr(html, "id=\"rate\""));
    assert_non_null(strstr(html, "4/5"));
    buffer_finish(&out);
    arena_finish(&arena);
}

static void each_of_several_reporters_may_rate(void **state)
{
    struct arena arena = { 0 };
    struct buffer out = { 0 };
    struct voice voices[2] = { { .seq = 5 }, { .seq = 6 } };
    struct report_view view = closed_view(voices, 2);
    struct step lines[] = {
        { .verb = VERB_RATE, .actor = "p-me", .department = "", .note = "" }, /* of what was closed before */
        { .verb = VERB_CLOSE, .actor = "o-01", .department = "", .note = "" },
        { .verb = VERB_RATE, .actor = "p-other", .department = "", .note = "" },
        { .verb = VERB_RATE, .actor = "p-me", .department = "", .note = "" },
    };
    struct step_list steps = { lines, 3 };
    view.event.reporter = "p-me";
    view.record.state = CASE_RATED;
    view.record.score = 5;
    const char *html = follow_page(*state, &view, &steps, &arena, &out);
    assert_non_null(strstr(html, "A neighbour has answered"));
    assert_non_null(strstr(html, "id=\"rate\""));
    steps.count = 4;
    html = follow_page(*state, &view, &steps, &arena, &out);
    assert_non_null(strstr(html, "You have answered"));
    assert_null(strstr(html, "id=\"rate\""));
    view.event.reporter = "";
    assert_non_null(strstr(follow_page(*state, &view, &steps, &arena, &out), "id=\"rate\""));
    buffer_finish(&out);
    arena_finish(&arena);
}

static void the_words_for_reporters_are_shown_and_those_inside_are_not(void **state)
{
    struct arena arena = { 0 };
    struct buffer out = { 0 };
    struct report_view view = closed_view(NULL, 0);
    view.record.state = CASE_SUSPENDED;
    view.record.supervised_by = "leader-01";
    view.record.suspended_until_ms = NOW_MS + 3 * (int64_t)MS_PER_DAY;
    struct step lines[] = {
        { .verb = VERB_REPLY, .department = "", .note = "we wait for the water to be shut off" },
        { .verb = VERB_GRANT_EXTENSION, .department = "", .note = "budget is short" },
        { .verb = VERB_SUPERVISE, .department = "", .note = "the mayor asked", .actor = "leader-01" },
        { .verb = VERB_DISPOSE, .from = CASE_IN_PROGRESS, .to = CASE_IN_PROGRESS, .department = "", .note = "aside" },
        { .verb = VERB_EXTEND, .department = "", .note = "no parts" },
    };
    struct step_list steps = { lines, 5 };
    const char *html = follow_page(*state, &view, &steps, &arena, &out);
    assert_non_null(strstr(html, "we wait for the water to be shut off"));
    assert_non_null(strstr(html, "The time limit was extended"));
    assert_non_null(strstr(html, "id=\"supervised\""));
    assert_non_null(strstr(html, "2026-01-08 08:30"));
    assert_non_null(strstr(html, "data-state=\"suspended\""));
    assert_null(
        strstr(html, "The department reports that it is done")); /* an assistant, or a worker, not the department */
    assert_null(strstr(html, "budget"));
    assert_null(strstr(html, "mayor"));
    assert_null(strstr(html, "no parts"));
    assert_null(strstr(html, "leader-01"));
    buffer_finish(&out);
    arena_finish(&arena);
}

static void what_is_not_solved_may_be_taken_up_again_for_a_while(void **state)
{
    struct arena arena = { 0 };
    struct buffer out = { 0 };
    struct step_list steps = { 0 };
    const struct book *book = *state;
    int64_t days = book->rules.reopen_days * MS_PER_DAY;
    const struct {
        enum case_state state;
        int64_t closed_at_ms;
        bool may;
    } rows[] = {
        { CASE_CLOSED, NOW_MS - 1, true },
        { CASE_CLOSED, NOW_MS - days, true },
        { CASE_CLOSED, NOW_MS - days - 1, false },
        { CASE_RATED, NOW_MS - 1, true },
        { CASE_REFUSED, 0, true },
        { CASE_CANCELLED, 0, false },
        { CASE_IN_PROGRESS, 0, false },
        { CASE_MERGED, 0, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct report_view view = closed_view(NULL, 0);
        view.record.state = rows[i].state;
        view.record.closed_at_ms = rows[i].closed_at_ms;
        bool shown = strstr(follow_page(book, &view, &steps, &arena, &out), "id=\"reopen\"");
        assert_int_equal(shown, rows[i].may);
    }
    buffer_finish(&out);
    arena_finish(&arena);
}

static void the_first_look_stays_within_its_budget(void **state)
{
    struct arena arena = { 0 };
    struct buffer out = { 0 }, packed = { 0 };
    struct fault fault = { "" };
    form_page(*state, PAGE_ZH, (struct said_row[]){ { NULL, NULL } }, NULL, &arena, &out);
    assert_int_equal(gzip(&packed, buffer_view(&out), &fault), 0);
    assert_true(packed.size < 5 * 1024); /* of the 30 kB that page, style and script may have together */
    buffer_finish(&packed);
    buffer_finish(&out);
    arena_finish(&arena);
}

static void an_address_has_its_share_of_a_window(void **state)
{
    (void)state;
    struct quota *quota = calloc(1, sizeof *quota);
    assert_non_null(quota);
    quota->most = 3;
    quota->window_ms = MS_PER_HOUR;
    for (int i = 0; i < 3; i++)
        assert_true(quota_take(quota, "192.0.2.7", 1000));
    assert_false(quota_take(quota, "192.0.2.7", 1000));
    quota_give_back(quota, "192.0.2.7", 1000); /* it was not taken, and is sent again */
    assert_true(quota_take(quota, "192.0.2.7", 1000));
    assert_false(quota_take(quota, "192.0.2.7", 1000));
    assert_true(quota_take(quota, "192.0.2.8", 1000));
    assert_true(quota_take(quota, "192.0.2.7", 1000 + MS_PER_HOUR));
    assert_true(quota_take(quota, "2001:db8::1", 1000) && quota_take(quota, "2001:db8::2", 1000));
    assert_true(quota_take(quota, "2001:db8:0:0:3::", 1000));
    assert_false(quota_take(quota, "2001:db8::4", 1000)); /* one subscriber has a whole /64 */
    assert_true(quota_take(quota, "2001:db8:0:1::1", 1000));
    for (int i = 0; i < 10; i++)
        assert_true(quota_take(quota, "127.0.0.1", 1000)); /* a reverse proxy: all residents have this address */
    assert_int_equal(quota_wait_seconds(quota, MS_PER_HOUR - 1), 1);
    quota->most = 0;
    assert_true(quota_take(quota, "192.0.2.7", 1000));
    free(quota);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_is_escaped_and_no_markup_is),
        cmocka_unit_test(the_form_keeps_what_was_said_and_nothing_breaks_out_of_it),
        cmocka_unit_test(a_hint_tells_how_many_and_how_far_and_nothing_of_anybody),
        cmocka_unit_test(the_form_asks_the_questions_of_the_chosen_service),
        cmocka_unit_test(the_resident_sees_every_stage_but_not_what_is_internal),
        cmocka_unit_test(each_of_several_reporters_may_rate),
        cmocka_unit_test(a_rating_is_asked_for_when_it_is_closed_and_not_before),
        cmocka_unit_test(the_words_for_reporters_are_shown_and_those_inside_are_not),
        cmocka_unit_test(what_is_not_solved_may_be_taken_up_again_for_a_while),
        cmocka_unit_test(the_first_look_stays_within_its_budget),
        cmocka_unit_test(an_address_has_its_share_of_a_window),
    };
    return cmocka_run_group_tests(tests, load_test_book, free_test_book);
}
