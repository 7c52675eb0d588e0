/* drumctl whatif and drumctl journal replay, on the data of a town. */
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/timestamp.h"
#include "proto/store/erase.h"
#include "run.h"
#include "test/unit/dispatcher/book_copy.h"
#include "test/unit/dispatcher/speech.h"

static const char *full_book;

/* A town, and another book for it. */
struct days {
    struct town town;
    char book[64];
};

static int open_days(void **state)
{
    static struct days days;
    *state = &days;
    if (!book_copy_make(full_book, days.book))
        return -1;
    return town_open(&days.town, full_book, TOWN_MONDAY_NINE) ? 0 : -1;
}

static int close_days(void **state)
{
    struct days *days = *state;
    town_close(&days->town);
    town_remove_folder(days->book);
    return 0;
}

static void change(struct days *days, const char *file, const char *before, const char *after)
{
    assert_true(book_copy_change(days->book, file, before, after));
}

/* ---- a morning ---- */

static void act(struct days *days, int64_t seq, const char *actor, enum verb verb)
{
    struct case_file record;
    const struct book_person *person = book_person(days->town.book, actor);
    assert_true(town_case(&days->town, seq, &record));
    assert_true(town_command(&days->town, (struct command){
                                              .actor = actor,
                                              .role = person->role,
                                              .department = person->department ? person->department->code : "",
                                              .case_number = record.number,
                                              .verb = verb,
                                          }));
    assert_string_equal(days->town.answer.message, "");
}

/* Reported, sent, received, and disposed so many minutes after it was sent; 0: not at all. */
static int64_t handle(struct days *days, const char *service, const char *liaison, int64_t minutes)
{
    int64_t seq = town_event(&days->town, (struct event){ .kind = EVENT_REPORT,
                                                          .source = SOURCE_HOTLINE,
                                                          .service = service,
                                                          .text = "words",
                                                          .place = { .area = "g1" } });
    act(days, seq, "o-01", VERB_ACCEPT);
    act(days, seq, "o-01", VERB_DISPATCH);
    act(days, seq, liaison, VERB_RECEIVE);
    if (minutes) {
        days->town.now_ms += minutes * MS_PER_MINUTE;
        act(days, seq, liaison, VERB_DISPOSE);
    }
    days->town.now_ms += MS_PER_MINUTE;
    return seq;
}

/* Of a limit of two hours: one in an hour, one in an hour and a half, one in three, one not yet. */
static void live(struct days *days)
{
    handle(days, "0101", "l-water", 60);
    handle(days, "0101", "l-water", 90);
    handle(days, "0101", "l-water", 180);
    handle(days, "0101", "l-water", 0);
    days->town.now_ms += 30 * MS_PER_MINUTE;
    handle(days, "0201", "l-roads", 5);
}

static json_t *whatif(struct days *days, const char *const *more)
{
    const char *all[20] = { "whatif", "--data", days->town.folder, "--book", days->book, "--json" };
    size_t count = 6;
    for (size_t i = 0; more && more[i]; i++)
        all[count++] = more[i];
    int status = run_helper(all);
    json_t *root = json_loads(output, 0, NULL);
    if (status || !root)
        fail_msg("%s", output);
    return root;
}

static long long at(const json_t *root, const char *path)
{
    char name[64];
    for (size_t length; *path && root; path += length + (path[length] == '/')) {
        length = strcspn(path, "/");
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        root = json_is_array(root) ? json_array_get(root, (size_t)atoi(name)) : json_object_get(root, name);
    }
    if (!json_is_integer(root))
        fail_msg("no number here: %s", output);
    return json_integer_value(root);
}

/* ---- the tests ---- */

static void the_same_book_differs_in_nothing(void **state)
{
    struct days *days = *state;
    live(days);
    json_t *root = whatif(days, NULL);
    assert_int_equal(at(root, "cases_differing"), 0);
    assert_int_equal(at(root, "inputs/events"), 5);
    assert_int_equal(at(root, "inputs/stood_in") + at(root, "inputs/refused") + at(root, "inputs/done_now"), 0);
    const char *name;
    json_t *pair;
    json_object_foreach(json_object_get(root, "indicators"), name, pair)
        assert_true(json_equal(json_object_get(pair, "recorded"), json_object_get(pair, "what_if")));
    assert_int_equal(at(root, "indicators/disposed_on_time/recorded/of"), 4);
    json_decref(root);
}

static void a_shorter_limit_makes_exactly_these_late(void **state)
{
    struct days *days = *state;
    live(days);
    change(days, "services.yaml", "limit: 2 clock_hour", "limit: 85 clock_minute");
    json_t *root = whatif(days, NULL);
    assert_int_equal(at(root, "cases_differing"), 1); /* the third one was late anyhow, the fourth has still time */
    assert_int_equal(at(root, "cases/0/report"), 2);
    assert_int_equal(at(root, "cases/0/recorded/deadline_ms") - at(root, "cases/0/what_if/deadline_ms"),
                     35 * MS_PER_MINUTE);
    assert_int_equal(at(root, "indicators/disposed_on_time/recorded/part"), 3);
    assert_int_equal(at(root, "indicators/disposed_on_time/what_if/part"), 2);
    assert_int_equal(at(root, "departments/0/recorded/overdue"), 1);
    assert_int_equal(at(root, "departments/0/what_if/overdue"), 2);
    assert_int_equal(at(root, "departments/1/what_if/overdue"), 0);
    json_decref(root);
    assert_int_equal(run_helper(ARGUMENTS("whatif", "--data", days->town.folder, "--book", days->book)), 0);
    assert_printed("cases  1 differ in whether they are in time\n  1: in_time → late\n");
    assert_printed("LANE-20260105-0002     0101     in_time → late     water → water");
    assert_printed("2026-01-05T12:01:00+08:00 → 2026-01-05T11:26:00+08:00");
    assert_printed("disposed_on_time");
    assert_printed("-25.0");
}

static void a_longer_limit_makes_others_in_time(void **state)
{
    struct days *days = *state;
    live(days);
    change(days, "services.yaml", "limit: 2 clock_hour", "limit: 4 clock_hour");
    json_t *root = whatif(days, NULL);
    assert_int_equal(at(root, "cases_differing"), 1);
    assert_int_equal(at(root, "cases/0/report"), 3);
    json_decref(root);
    change(days, "services.yaml", "limit: 4 clock_hour", "limit: 30 clock_minute");
    root = whatif(days, ARGUMENTS("--limit", "2"));
    assert_int_equal(at(root, "cases_differing"), 3); /* all four, of which one was late */
    assert_int_equal(json_array_size(json_object_get(root, "cases")), 2);
    json_decref(root);
}

static void another_routing_moves_the_load(void **state)
{
    struct days *days = *state;
    live(days);
    change(days, "routing.yaml", "department: water", "department: gardens");
    json_t *root = whatif(days, NULL);
    assert_int_equal(at(root, "inputs/stood_in"), 7);
    assert_int_equal(at(root, "inputs/refused"), 0);
    assert_int_equal(at(root, "departments/0/recorded/due"), 3);
    assert_int_equal(at(root, "departments/0/what_if/due"), 0);
    assert_int_equal(at(root, "departments/2/recorded/due"), 0);
    assert_int_equal(at(root, "departments/2/what_if/due"), 3);
    assert_int_equal(at(root, "departments/2/what_if/open"), 4);
    json_decref(root);
}

static void only_these_days_are_looked_at(void **state)
{
    struct days *days = *state;
    char books[128];
    live(days);
    days->town.now_ms = TOWN_MONDAY_NINE + MS_PER_DAY;
    live(days);
    days->town.now_ms = TOWN_MONDAY_NINE + 2 * MS_PER_DAY;
    live(days);
    change(days, "services.yaml", "limit: 2 clock_hour", "limit: 30 clock_minute");
    json_t *root = whatif(days, NULL);
    assert_int_equal(at(root, "cases_differing"), 3 * 2 + 1); /* of the first days the fourth was late anyhow */
    json_decref(root);
    const char *const tuesday[] = { "--from", "2026-01-06", "--to", "2026-01-06", "--books", books, NULL };
    snprintf(books, sizeof books, "%s/books", days->town.folder);
    assert_int_equal(mkdir(books, 0700), 0);
    assert_int_equal(run_helper(ARGUMENTS("whatif", "--data", days->town.folder, "--book", days->book, "--from",
                                          "2026-01-06", "--books", books)),
                     1);
    assert_printed("from here on it was book ");
    assert_printed("which is not at hand: put it into a folder of books, and name that by --books");
    strcat(books, "/then");
    assert_int_equal(symlink(full_book, books), 0);
    snprintf(books, sizeof books, "%s/books", days->town.folder);
    root = whatif(days, tuesday);
    assert_int_equal(at(root, "indicators/disposed_on_time/recorded/of"), 4 + 1);
    assert_int_equal(at(root, "cases_differing"), 2);
    json_decref(root);
}

static void what_is_erased_is_told(void **state)
{
    struct days *days = *state;
    struct journal journal = journal_in_store();
    struct arena arena = { 0 };
    struct erasure erasure = { .entry = 2, .actor = "admin", .reason = "asked for", .at_ms = days->town.now_ms };
    uint64_t n;
    live(days);
    struct txn *txn = txn_begin_write(days->town.store);
    assert_int_equal(erase_in_journal(&journal, txn, &erasure, &arena, &n, &days->town.fault), 0);
    assert_int_equal(txn_commit(txn, &days->town.fault), 0);
    arena_finish(&arena);
    assert_int_equal(run_helper(ARGUMENTS("whatif", "--data", days->town.folder, "--book", days->book)), 0);
    assert_printed("1 inputs were replayed without their words: these were erased");
    assert_printed("cases  0 differ");
    assert_int_equal(run_helper(ARGUMENTS("journal", "replay", "--data", days->town.folder, "--book", full_book)), 0);
}

static void nothing_stays_behind(void **state)
{
    struct days *days = *state;
    char scratch[64];
    live(days);
    assert_true(town_make_folder(scratch, "scratch"));
    json_decref(whatif(days, ARGUMENTS("--scratch", scratch)));
    assert_int_equal(rmdir(scratch), 0); /* it is empty */
}

static void a_journal_replays_to_the_same_hash_or_says_what_differs(void **state)
{
    struct days *days = *state;
    live(days);
    assert_int_equal(run_helper(ARGUMENTS("journal", "replay", "--data", days->town.folder, "--book", full_book)), 0);
    assert_printed("equal, in every table");
    struct txn *txn = txn_begin_write(days->town.store);
    meta_set(txn, "something", 1);
    assert_int_equal(txn_commit(txn, &days->town.fault), 0);
    assert_int_equal(run_helper(ARGUMENTS("journal", "replay", "--data", days->town.folder, "--book", full_book)), 1);
    assert_printed("different: meta");
    change(days, "services.yaml", "limit: 2 clock_hour", "limit: 1 clock_hour");
    assert_int_equal(run_helper(ARGUMENTS("journal", "replay", "--data", days->town.folder, "--book", days->book)), 1);
    assert_printed("which is not at hand");
    assert_int_equal(run_helper(ARGUMENTS("journal", "replay", "--data", days->town.folder)), 2);
    assert_printed("--book DIR is missing");
}

static void a_wrong_call_is_told_with_what_was_expected(void **state)
{
    struct days *days = *state;
    assert_int_equal(run_helper(ARGUMENTS("whatif", "--data", days->town.folder)), 2);
    assert_printed("--book DIR is missing: the other book");
    assert_int_equal(
        run_helper(ARGUMENTS("whatif", "--data", days->town.folder, "--book", days->book, "--from", "2026-13-01")), 2);
    assert_int_equal(run_helper(ARGUMENTS("whatif", "--data", "/nowhere", "--book", days->book)), 1);
}

int main(int argc, char **argv)
{
#define ON_DAYS(test) cmocka_unit_test_setup_teardown(test, open_days, close_days)
    const struct CMUnitTest tests[] = {
        ON_DAYS(the_same_book_differs_in_nothing),
        ON_DAYS(a_shorter_limit_makes_exactly_these_late),
        ON_DAYS(a_longer_limit_makes_others_in_time),
        ON_DAYS(another_routing_moves_the_load),
        ON_DAYS(only_these_days_are_looked_at),
        ON_DAYS(what_is_erased_is_told),
        ON_DAYS(nothing_stays_behind),
        ON_DAYS(a_journal_replays_to_the_same_hash_or_says_what_differs),
        ON_DAYS(a_wrong_call_is_told_with_what_was_expected),
    };
    if (access("/dev/shm", W_OK) == 0) /* as the town's own data: none of it has to survive the machine */
        setenv("TMPDIR", "/dev/shm", 1);
    helper_program = argc > 1 ? argv[1] : NULL;
    full_book = argc > 2 ? argv[2] : "test/unit/dispatcher/book";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
