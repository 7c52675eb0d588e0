/* The recorded inputs under another book: the same book gives the same, another routing is worked by whoever has the cases then. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dispatcher/shelf.h"
#include "dispatcher/whatif.h"
#include "proto/base/timestamp.h"
#include "proto/store/erase.h"
#include "proto/store/recount.h"
#include "test/unit/dispatcher/book_copy.h"
#include "test/unit/dispatcher/speech.h"

enum { CHATS = 300, INPUTS_A_TURN = 100 };

static const char *lane_book, *full_book;

/* A town, a book that is changed, and what would have come of its days by that. */
struct other_days {
    struct town town, other;
    char book_folder[64];
    struct shelf shelf;
    struct whatif_outcome outcome;
};

static int open_days(void **state)
{
    static struct other_days days;
    *state = &days;
    days = (struct other_days){ 0 };
    if (!book_copy_make(full_book, days.book_folder))
        return -1;
    return town_open(&days.town, full_book, TOWN_MONDAY_NINE) ? 0 : -1;
}

static int close_days(void **state)
{
    struct other_days *days = *state;
    town_close(&days->other);
    shelf_finish(&days->shelf);
    town_close(&days->town);
    town_remove_folder(days->book_folder);
    return 0;
}

static void change(struct other_days *days, const char *file, const char *before, const char *after)
{
    assert_true(book_copy_change(days->book_folder, file, before, after));
}

static int run(struct other_days *days, int64_t from_ms, int64_t until_ms)
{
    struct town *other = &days->other;
    town_close(other);
    shelf_finish(&days->shelf);
    if (book_load(days->book_folder, &other->books[0], NULL, NULL, &other->fault))
        fail_msg("%s", other->fault.text);
    other->book = other->books[other->book_count++];
    assert_int_equal(shelf_load(&days->shelf, days->town.book, NULL, &other->fault), 0);
    assert_true(town_make_folder(other->folder, "other"));
    assert_int_equal(case_store_open(other->folder, STORE_READ_WRITE, &other->store, &other->fault), 0);
    turn_init(&other->turn, other->store, other->book);
    const struct replay_books books = shelf_books(&days->shelf);
    const struct whatif whatif = { .recorded = days->town.store,
                                   .book = other->book,
                                   .books = &books,
                                   .from_ms = from_ms,
                                   .until_ms = until_ms,
                                   .inputs = INPUTS_A_TURN };
    return whatif_run(&whatif, &other->turn, &days->outcome, &other->fault);
}

static void assert_runs(struct other_days *days)
{
    if (run(days, 0, 0))
        fail_msg("%s", days->other.fault.text);
}

static int64_t refused_now(const struct other_days *days)
{
    int64_t sum = 0;
    for (int verb = 0; verb < WHATIF_VERBS; verb++)
        sum += days->outcome.refused_now[verb];
    return sum;
}

/* ---- what happens ---- */

static int64_t report(struct other_days *days, const char *service)
{
    days->town.now_ms += MS_PER_MINUTE;
    return town_event(&days->town, (struct event){ .kind = EVENT_REPORT,
                                                   .source = SOURCE_RESIDENT,
                                                   .service = service,
                                                   .text = "words",
                                                   .place = { .area = "g1", .lat = 39.935, .lon = 116.385 } });
}

static struct case_file case_of(struct town *town, int64_t seq)
{
    struct case_file record;
    assert_true(town_case(town, seq, &record));
    return record;
}

/* A minute later; whether it was done. */
static bool act(struct other_days *days, int64_t seq, const char *actor, enum verb verb, struct command command)
{
    const struct book_person *person = book_person(days->town.book, actor);
    command.actor = actor;
    command.role = person->role;
    command.department = person->department ? person->department->code : "";
    command.case_number = case_of(&days->town, seq).number;
    command.verb = verb;
    days->town.now_ms += MS_PER_MINUTE;
    assert_true(town_command(&days->town, command));
    return days->town.answer.status == ANSWER_OK;
}

static void do_it(struct other_days *days, int64_t seq, const char *actor, enum verb verb)
{
    if (!act(days, seq, actor, verb, (struct command){ .reason = "words" }))
        fail_msg("%s", days->town.answer.message);
}

/* ---- the tests ---- */

static void assert_same(struct other_days *days)
{
    struct buffer differing = { 0 };
    assert_int_equal(replay_compare(days->town.store, days->other.store, &differing, &days->other.fault), 0);
    assert_string_equal(buffer_string(&differing), "journal, tree"); /* of what is made up nothing is journaled */
    assert_int_equal(refused_now(days), 0);
    assert_int_equal(days->outcome.done_now, 0);
    assert_int_equal(days->outcome.stood_in, 0);
    buffer_finish(&differing);
}

/* On all ways through the lifecycle, with much that is refused, by any turns, from any moment on. */
static void the_same_book_gives_the_same_bytes(void **state)
{
    struct other_days *days = *state;
    struct speech speech = { .dice = dice_of_this_run(), .town = &days->town };
    if (!speech_tour(&speech))
        fail_msg("%s", buffer_string(&speech.problem));
    for (int i = 0; i < CHATS; i++)
        assert_true(speech_chat(&speech));
    act(days, 1, "w-004", VERB_TAKE, (struct command){ 0 }); /* another's */
    assert_true(town_wait_until(&days->town, days->town.now_ms + 2 * (int64_t)MS_PER_DAY));
    assert_runs(days);
    assert_true(days->outcome.commands > 100 && days->outcome.refused_then > 0);
    assert_same(days);
    assert_int_equal(run(days, TOWN_MONDAY_NINE + 10 * MS_PER_MINUTE, 0), 0);
    assert_same(days);
    buffer_finish(&speech.problem);
}

static void note_difference(void *context, const char *what, int64_t stored, int64_t counted)
{
    (void)context;
    fail_msg("%s: %" PRId64 " stored, %" PRId64 " by the cases", what, stored, counted);
}

/* Whatever that lacks: departments, services, people, areas. */
static void any_other_book_can_be_tried(void **state)
{
    struct other_days *days = *state;
    struct speech speech = { .dice = dice_of_this_run(), .town = &days->town };
    struct recount recount = { 0 };
    assert_true(speech_tour(&speech));
    for (int i = 0; i < CHATS; i++)
        assert_true(speech_chat(&speech));
    town_remove_folder(days->book_folder);
    assert_true(book_copy_make(lane_book, days->book_folder));
    change(days, "areas.yaml", "code: g1,", "code: g9,");
    change(days, "grids.geojson", "\"g1\"", "\"g9\"");
    change(days, "people.yaml", "areas: [g1, g2]", "areas: [g2]");
    assert_runs(days);
    assert_true(refused_now(days) > 0 && days->outcome.stood_in > 0);
    struct txn *txn = txn_begin_read(days->other.store);
    assert_int_equal(case_recount(txn, &recount, note_difference, NULL, &days->other.fault), 0);
    txn_abort(txn);
    assert_true(recount.cases > 0);
    buffer_finish(&speech.problem);
}

static void a_shorter_limit_is_missed_by_the_same_work(void **state)
{
    struct other_days *days = *state;
    int64_t seq = report(days, "0101");
    do_it(days, seq, "o-01", VERB_ACCEPT);
    do_it(days, seq, "o-01", VERB_DISPATCH);
    do_it(days, seq, "l-water", VERB_RECEIVE);
    days->town.now_ms += 90 * MS_PER_MINUTE; /* of two hours */
    do_it(days, seq, "l-water", VERB_DISPOSE);
    change(days, "services.yaml", "limit: 2 clock_hour", "limit: 1 clock_hour");
    assert_runs(days);
    assert_false(case_of(&days->town, seq).overdue);
    assert_true(case_of(&days->other, seq).overdue);
    assert_int_equal(case_of(&days->other, seq).state, CASE_DISPOSED);
    assert_int_equal(case_of(&days->town, seq).deadline_ms - case_of(&days->other, seq).deadline_ms, MS_PER_HOUR);
    assert_int_equal(refused_now(days) + days->outcome.stood_in, 0);
}

static void under_another_routing_the_work_is_done_by_who_has_it(void **state)
{
    struct other_days *days = *state;
    int64_t seq = report(days, "0101");
    do_it(days, seq, "o-01", VERB_ACCEPT);
    do_it(days, seq, "o-01", VERB_DISPATCH);
    do_it(days, seq, "l-water", VERB_RECEIVE);
    assert_true(act(days, seq, "l-water", VERB_ASSIGN, (struct command){ .to_worker = "w-002" }));
    do_it(days, seq, "w-002", VERB_TAKE);
    do_it(days, seq, "w-002", VERB_ARRIVE);
    do_it(days, seq, "w-002", VERB_DISPOSE);
    do_it(days, seq, "o-01", VERB_CHECK);
    do_it(days, seq, "o-01", VERB_CLOSE);
    change(days, "routing.yaml", "department: water", "department: gardens");
    assert_runs(days);
    const struct case_file other = case_of(&days->other, seq);
    assert_int_equal(refused_now(days), 0);
    assert_int_equal(days->outcome.stood_in, 5);
    assert_int_equal(other.state, CASE_CLOSED);
    assert_string_equal(other.department, "gardens");
    assert_true(book_person(days->other.book, other.tasks.items[0].worker)->department ==
                book_department(days->other.book, "gardens"));
    assert_string_equal(other.closed_by, "o-01");
}

static void what_was_said_of_the_wrong_department_is_not_said_of_the_right_one(void **state)
{
    struct other_days *days = *state;
    int64_t seq = report(days, "0101");
    do_it(days, seq, "o-01", VERB_ACCEPT);
    do_it(days, seq, "o-01", VERB_DISPATCH);
    do_it(days, seq, "l-water", VERB_RETURN);
    do_it(days, seq, "v-01", VERB_CONFIRM_RETURN);
    assert_true(act(days, seq, "o-01", VERB_DISPATCH, (struct command){ .to_department = "roads" }));
    do_it(days, seq, "l-roads", VERB_RECEIVE);
    do_it(days, seq, "l-roads", VERB_DISPOSE);
    change(days, "routing.yaml", "department: water", "department: roads");
    assert_runs(days);
    const struct case_file other = case_of(&days->other, seq);
    assert_int_equal(other.state, CASE_DISPOSED);
    assert_string_equal(other.department, "roads");
    assert_int_equal(other.returned, 0);
    assert_int_equal(days->outcome.refused_now[VERB_RETURN], 1);
    assert_int_equal(days->outcome.refused_now[VERB_CONFIRM_RETURN], 1);
    assert_int_equal(days->outcome.refused_now[VERB_DISPATCH], 1);
    assert_int_equal(refused_now(days), 3);
}

/* Where more is merged, numbers are others. */
static void a_case_is_found_by_the_report_that_opened_it(void **state)
{
    struct other_days *days = *state;
    int64_t first = report(days, "0901"), second = report(days, "0901"), third = report(days, "0501");
    do_it(days, third, "o-01", VERB_DISPATCH);
    do_it(days, third, "l-roads", VERB_RECEIVE);
    do_it(days, second, "o-01", VERB_REPLY);
    assert_true(
        act(days, first, "o-01", VERB_MERGE, (struct command){ .to_case = case_of(&days->town, third).number }));
    assert_true(town_event(&days->town, (struct event){ .kind = EVENT_FOLLOW_UP, .about_seq = first }));
    change(days, "services.yaml", "auto_dispatch: true, merge: none", "auto_dispatch: true");
    assert_runs(days);
    assert_string_equal(case_of(&days->town, third).number, "LANE-20260105-0003");
    const struct case_file other = case_of(&days->other, third);
    assert_string_equal(other.number, "LANE-20260105-0002");
    assert_string_equal(case_of(&days->other, first).number, other.number);
    assert_string_equal(case_of(&days->other, second).number, other.number); /* it was on the same case */
    assert_int_equal(other.state, CASE_RECEIVED);
    assert_int_equal(refused_now(days), 0);
}

static void a_case_that_is_merged_can_be_taken_out_again(void **state)
{
    struct other_days *days = *state;
    int64_t first = report(days, "0901"), second = report(days, "0901");
    const struct case_file stays = case_of(&days->town, second);
    assert_true(act(days, first, "o-01", VERB_MERGE, (struct command){ .to_case = stays.number }));
    struct command command = { .actor = "o-01",
                               .role = ROLE_OPERATOR,
                               .case_number = "LANE-20260105-0001",
                               .verb = VERB_UNMERGE,
                               .reason = "words" };
    assert_true(town_command(&days->town, command));
    assert_int_equal(days->town.answer.status, ANSWER_OK);
    change(days, "services.yaml", "limit: 2 clock_hour", "limit: 1 clock_hour"); /* of another service */
    assert_runs(days);
    assert_int_equal(refused_now(days), 0);
    assert_string_equal(case_of(&days->other, first).number, "LANE-20260105-0001");
}

static void the_other_book_is_in_force_between_two_moments(void **state)
{
    struct other_days *days = *state;
    int64_t before = report(days, "0101"), noon_ms = TOWN_MONDAY_NINE + 3 * MS_PER_HOUR;
    do_it(days, before, "o-01", VERB_ACCEPT);
    do_it(days, before, "o-01", VERB_DISPATCH);
    days->town.now_ms = noon_ms;
    int64_t inside = report(days, "0401");
    do_it(days, inside, "o-01", VERB_ACCEPT);
    do_it(days, inside, "o-01", VERB_DISPATCH);
    days->town.now_ms = noon_ms + MS_PER_DAY;
    int64_t after = report(days, "0501");
    change(days, "services.yaml", "limit: 2 clock_hour", "limit: 1 clock_hour");
    change(days, "services.yaml", "limit: 4 clock_hour", "limit: 3 clock_hour");
    assert_int_equal(run(days, noon_ms, noon_ms + MS_PER_DAY), 0);
    struct case_file record;
    assert_int_equal(case_of(&days->other, before).deadline_ms, case_of(&days->town, before).deadline_ms);
    assert_int_equal(case_of(&days->other, inside).deadline_ms + MS_PER_HOUR, case_of(&days->town, inside).deadline_ms);
    assert_true(case_of(&days->other, inside).overdue); /* time went on to the end */
    assert_false(town_case(&days->other, after, &record));
}

static void words_that_are_erased_are_no_hindrance(void **state)
{
    struct other_days *days = *state;
    struct journal journal = journal_in_store();
    struct arena arena = { 0 };
    struct erasure erasure = { .entry = 2, .actor = "admin", .reason = "asked for", .at_ms = TOWN_MONDAY_NINE };
    uint64_t n;
    int64_t seq = report(days, "0101");
    struct txn *txn = txn_begin_write(days->town.store);
    assert_int_equal(erase_in_journal(&journal, txn, &erasure, &arena, &n, &days->town.fault), 0);
    assert_int_equal(txn_commit(txn, &days->town.fault), 0);
    arena_finish(&arena);
    assert_runs(days);
    assert_int_equal(days->outcome.erased, 1);
    assert_string_equal(case_of(&days->other, seq).text, ERASED_MARK);
    assert_same(days);
}

static void an_entry_of_which_nothing_is_left_is_named(void **state)
{
    struct other_days *days = *state;
    struct journal journal = journal_in_store();
    report(days, "0101");
    struct txn *txn = txn_begin_write(days->town.store);
    assert_int_equal(journal.ops->erase(journal.log, txn, 2, 3, (struct bytes){ NULL, 0 }, &days->town.fault), 0);
    assert_int_equal(txn_commit(txn, &days->town.fault), 0);
    assert_int_equal(run(days, 0, 0), -EINVAL);
    if (!strstr(days->other.fault.text, "journal entry 2 was erased by entry 3 and cannot be replayed"))
        fail_msg("%s", days->other.fault.text);
}

static void the_days_of_another_zone_are_not_compared(void **state)
{
    struct other_days *days = *state;
    change(days, "district.yaml", "time_zone: Asia/Shanghai", "time_zone: Europe/Berlin");
    assert_int_equal(run(days, 0, 0), -EINVAL);
    assert_non_null(strstr(days->other.fault.text, "Europe/Berlin"));
}

int main(int argc, char **argv)
{
#define ON_DAYS(test) cmocka_unit_test_setup_teardown(test, open_days, close_days)
    const struct CMUnitTest tests[] = {
        ON_DAYS(the_same_book_gives_the_same_bytes),
        ON_DAYS(any_other_book_can_be_tried),
        ON_DAYS(a_shorter_limit_is_missed_by_the_same_work),
        ON_DAYS(under_another_routing_the_work_is_done_by_who_has_it),
        ON_DAYS(what_was_said_of_the_wrong_department_is_not_said_of_the_right_one),
        ON_DAYS(a_case_is_found_by_the_report_that_opened_it),
        ON_DAYS(a_case_that_is_merged_can_be_taken_out_again),
        ON_DAYS(the_other_book_is_in_force_between_two_moments),
        ON_DAYS(words_that_are_erased_are_no_hindrance),
        ON_DAYS(an_entry_of_which_nothing_is_left_is_named),
        ON_DAYS(the_days_of_another_zone_are_not_compared),
    };
    lane_book = argc > 1 ? argv[1] : "test/scenario/books/lane";
    full_book = argc > 2 ? argv[2] : "test/unit/dispatcher/book";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
