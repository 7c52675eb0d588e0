/* drumctl case explain: what a person is told of a case's clocks, tasks and other cases, and that each deadline is counted anew as the engine
 * counted it. */
#include "proto/base/timestamp.h"
#include "run.h"
#include "test/unit/dispatcher/book_copy.h"
#include "test/unit/dispatcher/speech.h"

static const char *full_book;

static int open_town(void **state)
{
    static struct town town;
    *state = &town;
    return town_open(&town, full_book, TOWN_MONDAY_NINE) ? 0 : -1;
}

static int close_town(void **state)
{
    town_close(*state);
    return 0;
}

static void explain(struct town *town, const char *number, const char *book)
{
    int status = run_helper(ARGUMENTS("case", "explain", number, "--data", town->folder, "--book", book));
    if (status)
        fail_msg("%s", output);
}

static const char *number_of(struct town *town, int64_t seq)
{
    struct case_file record;
    assert_true(town_case(town, seq, &record));
    return record.number;
}

/* Half an hour later. */
static void act(struct town *town, int64_t seq, const char *actor, enum verb verb, struct command command)
{
    const struct book_person *person = book_person(town->book, actor);
    command.actor = actor;
    command.role = person->role;
    command.department = person->department ? person->department->code : "";
    command.case_number = number_of(town, seq);
    command.verb = verb;
    town->now_ms += 30 * MS_PER_MINUTE;
    assert_true(town_command(town, command));
    assert_string_equal(town->answer.message, "");
}

static int64_t report(struct town *town, const char *service, const char *condition)
{
    return town_event(town, (struct event){ .kind = EVENT_REPORT,
                                            .source = SOURCE_RESIDENT,
                                            .service = service,
                                            .condition = condition,
                                            .text = "words",
                                            .place = { .area = "g1" } });
}

static void the_life_of_a_clock_is_told(void **state)
{
    struct town *town = *state;
    int64_t seq = report(town, "0101", "rattling");
    act(town, seq, "o-01", VERB_ACCEPT, (struct command){ 0 });
    act(town, seq, "o-01", VERB_DISPATCH, (struct command){ 0 });
    act(town, seq, "l-water", VERB_RECEIVE, (struct command){ 0 });
    act(town, seq, "l-water", VERB_EXTEND, (struct command){ .reason = "no parts" });
    act(town, seq, "v-01", VERB_GRANT_EXTENSION, (struct command){ 0 });
    act(town, seq, "l-water", VERB_SUSPEND,
        (struct command){ .reason = "frost", .until_ms = TOWN_MONDAY_NINE + 3 * MS_PER_DAY });
    act(town, seq, "v-01", VERB_GRANT_SUSPENSION, (struct command){ 0 });
    assert_true(town_wait_until(town, TOWN_MONDAY_NINE + 14 * (int64_t)MS_PER_DAY));
    explain(town, number_of(town, seq), full_book);
    assert_printed("clock 5  dispose, fired, of task 1 (lead, water)");
    assert_printed("limit     2 working_day by calendar office");
    assert_printed("rule      services.yaml:10  « - {code: rattling, name: 异响, limit: 2 working_day} »");
    assert_printed("armed     2026-01-05T10:00:00+08:00");
    assert_printed("paused    2026-01-05T12:30:00+08:00 to 2026-01-08T09:00:00+08:00");
    assert_printed("extended  1 of these more: 4 working_day");
    assert_printed("deadline  2026-01-14T10:00:00+08:00");
    assert_printed("4 working_day from 2026-01-05T10:00:00+08:00");
    assert_printed("Tue 2026-01-06 to Fri 2026-01-09  working days: 4 of 4");
    assert_printed("paused from 2026-01-05T12:30:00+08:00 to 2026-01-08T09:00:00+08:00: later by 3 working_day");
    assert_printed("the book gives the same deadline");
    assert_printed("warned    2026-01-11T08:15:00+08:00, 2026-01-13T04:30:00+08:00");
    assert_printed("fired at 2026-01-14T10:00:00+08:00 and still waits for its end");
    assert_printed("escalated 2026-01-14T12:00:00+08:00 to next_tier by district.yaml:25");
    assert_printed("escalated 2026-01-15T10:00:00+08:00 to v-01 by district.yaml:26");
    assert_printed("acknowledged 2026-01-05T12:30:00+08:00 by v-01"); /* the respond clock: who suspends knows of it */
    assert_printed("limit     a date that was given");
}

static void tasks_say_who_was_asked_and_requests_who_asks(void **state)
{
    struct town *town = *state;
    int64_t seq = report(town, "0101", "broken");
    act(town, seq, "o-01", VERB_ACCEPT, (struct command){ 0 });
    act(town, seq, "o-01", VERB_DISPATCH, (struct command){ 0 });
    act(town, seq, "l-water", VERB_RECEIVE, (struct command){ 0 });
    act(town, seq, "l-water", VERB_EXTEND, (struct command){ .reason = "no parts" });
    explain(town, number_of(town, seq), full_book);
    assert_printed("rule        routing.yaml:2  « - {services: [\"0101\"], department: water} »");
    assert_printed("task 1  lead, received, at water 水务站");
    assert_printed("asked     w-001 2026-01-05T10:00:00+08:00 to 2026-01-05T10:10:00+08:00");
    assert_printed("asked     w-002 2026-01-05T10:10:00+08:00 to 2026-01-05T10:20:00+08:00");
    assert_printed("extend, asked by l-water at 2026-01-05T11:00:00+08:00; the shift leader decides");
    assert_printed("note        no parts");
    assert_printed("Mon 2026-01-05  working day: 4:00 of working time, 4:00 of 4:00 by then");
}

static void the_books_that_changed_meanwhile_are_named(void **state)
{
    struct town *town = *state;
    char copy[64];
    int64_t seq = report(town, "0101", "rattling");
    act(town, seq, "o-01", VERB_ACCEPT, (struct command){ 0 });
    act(town, seq, "o-01", VERB_DISPATCH, (struct command){ 0 });
    assert_true(book_copy_make(full_book, copy));
    assert_true(book_copy_change(copy, "calendars.yaml", "name: 元旦}]", "name: 元旦}, {from: 2026-01-06}]"));
    explain(town, number_of(town, seq), copy);
    assert_printed("is another book than the one that the dispatcher acts by");
    assert_printed("Tue 2026-01-06  holiday");
    assert_printed("the book now gives 2026-01-08T10:00:00+08:00: it has changed since, and what was promised stays");
    town->now_ms += MS_PER_HOUR;
    assert_true(town_restart_with(town, copy));
    explain(town, number_of(town, seq), copy);
    assert_printed("is what the dispatcher acts by");
    assert_printed("since 2026-01-05T11:00:00+08:00 it is ");
    assert_printed("the dispatcher got another book meanwhile, at 2026-01-05T11:00:00+08:00");
    explain(town, number_of(town, seq), full_book); /* what it was promised by can be looked at still */
    assert_not_printed("has changed since");
    town_remove_folder(copy);
}

/* On all ways through the lifecycle: what drumctl counts from the book, the engine counted. */
static void every_deadline_is_counted_as_the_engine_did(void **state)
{
    struct town *town = *state;
    struct speech speech = { .dice = dice_of_this_run(), .town = town };
    static const char *const seen[] = { "its reports are with", "it was split off from", "was with LANE-",
                                        "link 2 of 3" };
    bool found[4] = { false };
    struct case_file record;
    if (!speech_tour(&speech))
        fail_msg("%s", buffer_string(&speech.problem));
    for (int64_t id = 1; speech_case(&speech, id, &record); id++) {
        explain(town, record.number, full_book);
        assert_not_printed("has changed since");
        for (int i = 0; i < 4; i++)
            found[i] |= strstr(output, seen[i]) != NULL;
    }
    for (int i = 0; i < 4; i++)
        if (!found[i])
            fail_msg("no case says '%s'", seen[i]);
    buffer_finish(&speech.problem);
}

int main(int argc, char **argv)
{
#define IN_TOWN(test) cmocka_unit_test_setup_teardown(test, open_town, close_town)
    const struct CMUnitTest tests[] = {
        IN_TOWN(the_life_of_a_clock_is_told),
        IN_TOWN(tasks_say_who_was_asked_and_requests_who_asks),
        IN_TOWN(the_books_that_changed_meanwhile_are_named),
        IN_TOWN(every_deadline_is_counted_as_the_engine_did),
    };
    helper_program = argc > 1 ? argv[1] : NULL;
    full_book = argc > 2 ? argv[2] : "test/unit/dispatcher/book";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
