/* drumctl on a data folder: what it prints, and with which status it ends. */
#include <sys/wait.h>
#include <unistd.h>

#include "proto/store/case_store.h"
#include "proto/store/event_log.h"
#include "proto/store/journal.h"
#include "run.h"

static struct fault fault;
static const int64_t now = INT64_C(1767573000000); /* 2026-01-05T08:30 in Shanghai */

static void fill_log(const char *folder)
{
    struct event_log *log;
    struct event first = { .id = "a", .kind = EVENT_REPORT, .title = "井盖丢失", .received_at_ms = now };
    struct event second = { .id = "b", .kind = EVENT_REPORT, .title = "路灯不亮", .received_at_ms = now };
    struct event_append batch[] = { { .event = &first }, { .event = &second } };
    assert_ok(event_log_open(folder, STORE_READ_WRITE, &log, &fault), &fault);
    assert_ok(event_log_append(log, batch, 2, &fault), &fault);
    event_log_close(log);
}

/* Two notices, the first one told on three topics. */
static void fill_outbox(struct txn *txn)
{
    struct topic topics[] = { { .name = "desk" }, { .name = "worker/li" }, { .name = "receipt/1" } };
    struct notice notice = { .case_number = "gl-20260105-0001", .verb = VERB_TAKE, .worker = "li", .at_ms = now };
    outbox_append(txn, &notice, &(struct topic_list){ topics, 3 });
    notice.verb = VERB_DISPOSE;
    outbox_append(txn, &notice, &(struct topic_list){ topics, 1 });
}

static void fill_cases(const char *folder)
{
    struct store *store;
    struct journal journal = journal_in_store();
    struct clock clocks[] = { { .id = 1,
                                .kind = CLOCK_DISPOSE,
                                .state = CLOCK_STATE_STOPPED_LATE,
                                .unit = UNIT_WORKING_HOUR,
                                .amount = 4,
                                .calendar = "china",
                                .armed_at_ms = now,
                                .deadline_ms = now + 4 * 3600 * 1000,
                                .fired_at_ms = now + 4 * 3600 * 1000,
                                .stopped_at_ms = now + 5 * 3600 * 1000,
                                .rule = "services.yaml:41" } };
    struct case_file record = { .id = 1,
                                .number = "gl-20260105-0001",
                                .state = CASE_DISPOSED,
                                .department = "water",
                                .clocks = { clocks, 1 },
                                .overdue = true,
                                .route_rule = "routing.yaml:12" };
    struct journal_entry entries[] = { { .at_ms = now, .kind = INPUT_EVENT, .payload = as_bytes("first") },
                                       { .at_ms = now, .kind = INPUT_PULSE } };
    assert_ok(case_store_open(folder, STORE_READ_WRITE, &store, &fault), &fault);
    struct txn *txn = txn_begin_write(store);
    fill_outbox(txn);
    step_append(txn, &record, &(struct step){ .at_ms = now, .verb = VERB_RETURN, .actor = "li", .note = "不属于我们" });
    case_put(txn, NULL, &record);
    meta_set(txn, META_CURSOR, 1);
    meta_set_text(txn, META_TIME_ZONE, "Asia/Shanghai");
    assert_ok(journal.ops->append(journal.log, txn, 0, entries, 2, &fault), &fault);
    assert_ok(txn_commit(txn, &fault), &fault);
    store_close(store);
}

static int make_data(void **state)
{
    int result = make_test_folder(state);
    if (!result) {
        fill_log(*state);
        fill_cases(*state);
    }
    return result;
}

/* Runs drumctl with these arguments and --data; returns its exit status. */
static int drumctl(const char *folder, const char *const *arguments)
{
    const char *all[12];
    size_t count = 0;
    for (; arguments[count]; count++)
        all[count] = arguments[count];
    all[count] = "--data";
    all[count + 1] = folder;
    all[count + 2] = NULL;
    return run_helper(all);
}

static void status_tells_how_far_the_dispatcher_is_and_what_is_open(void **state)
{
    assert_int_equal(drumctl(*state, ARGUMENTS("status", "--recount", "--json")), 1); /* counted in UTC by this test */
    assert_printed("\"last_event\":2,\"cursor\":1");
    assert_printed("\"overdue\":{\"cases\":1,\"departments\":{\"water\":1}}");
    assert_printed("\"states\":{\"disposed\":{\"cases\":1,\"departments\":{\"water\":1}}}");
    assert_int_equal(drumctl(*state, ARGUMENTS("status")), 0);
    assert_printed("event 1 of 2 taken");
    assert_printed("Asia/Shanghai");
}

static void spoil(const char *folder, enum case_table table, struct bytes key, struct bytes value)
{
    struct store *store;
    assert_ok(case_store_open(folder, STORE_READ_WRITE, &store, &fault), &fault);
    struct txn *txn = txn_begin_write(store);
    txn_put(txn, table, key, value);
    assert_ok(txn_commit(txn, &fault), &fault);
    store_close(store);
}

static void a_wrong_figure_is_found_by_the_recount(void **state)
{
    spoil(*state, TABLE_META, as_bytes(META_TIME_ZONE), as_bytes("UTC"));
    assert_int_equal(drumctl(*state, ARGUMENTS("status", "--recount")), 0);
    assert_printed("0 differences");
    spoil(*state, TABLE_COUNTERS, as_bytes("open"), (struct bytes){ (const uint8_t *)"\0\0\0\0\0\0\0\7", 8 });
    assert_int_equal(drumctl(*state, ARGUMENTS("status", "--recount")), 1);
    assert_printed("counter open: stored 7, counted 1");
}

static void a_changed_journal_is_named_and_ends_with_1(void **state)
{
    assert_int_equal(drumctl(*state, ARGUMENTS("journal", "verify")), 0);
    assert_printed("whole: 2 entries");
    static const uint8_t key[] = { 0, 0, 0, 0, 0, 0, 0, 2 }, value[8 + 1 + 1 + 32 + 16] = { 0 };
    spoil(*state, TABLE_JOURNAL, (struct bytes){ key, sizeof key }, (struct bytes){ value, sizeof value });
    assert_int_equal(drumctl(*state, ARGUMENTS("journal", "verify")), 1);
    assert_printed("journal entry 2 was changed");
}

/* As a copy is that found no room for its end. */
static void a_file_that_is_cut_short_is_told(void **state)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/cases/data.mdb", (const char *)*state);
    assert_int_equal(truncate(path, 2 * 4096), 0); /* LMDB's own two pages */
    assert_int_equal(drumctl(*state, ARGUMENTS("audit")), 1);
    assert_printed("a data file ends before what should be in it");
    assert_printed("restore a backup, or replay the journal");
}

static void a_case_is_shown_with_its_history_and_explained(void **state)
{
    assert_int_equal(drumctl(*state, ARGUMENTS("case", "show", "gl-20260105-0001")), 0);
    assert_printed("department       water");
    assert_printed("return");
    assert_printed("不属于我们");
    assert_int_equal(drumctl(*state, ARGUMENTS("case", "explain", "gl-20260105-0001")), 0);
    assert_printed("rule        routing.yaml:12");
    assert_printed("limit     4 working_hour by calendar china");
    assert_printed("rule      services.yaml:41");
    assert_printed("deadline  2026-01-05T12:30:00+08:00");
    assert_printed("fired at 2026-01-05T12:30:00+08:00, stopped late at 2026-01-05T13:30:00+08:00");
    assert_int_equal(drumctl(*state, ARGUMENTS("case", "show", "gl-20260105-0002")), 1);
    assert_printed("no case 'gl-20260105-0002'");
}

static void events_are_listed_from_a_number(void **state)
{
    assert_int_equal(drumctl(*state, ARGUMENTS("events")), 0);
    assert_printed("井盖丢失");
    assert_printed("2026-01-05T08:30:00+08:00");
    assert_int_equal(drumctl(*state, ARGUMENTS("events", "--from", "2", "--json")), 0);
    assert_printed("\"title\":\"路灯不亮\"");
    assert_null(strstr(output, "井盖丢失"));
    assert_int_equal(drumctl(*state, ARGUMENTS("events", "--limit", "1")), 0);
    assert_null(strstr(output, "路灯不亮"));
}

/* Anybody may send them: by a terminal they would be obeyed. */
static void words_from_outside_are_shown_and_not_obeyed(void **state)
{
    struct event_log *log;
    struct event event = { .id = "c",
                           .kind = EVENT_REPORT,
                           .title = "\033[31mthe lid\nis\a \302\233broken, 一二三四五六七八九十一二三四五六七八九十",
                           .received_at_ms = now };
    assert_ok(event_log_open(*state, STORE_READ_WRITE, &log, &fault), &fault);
    assert_ok(event_log_append(log, &(struct event_append){ .event = &event }, 1, &fault), &fault);
    event_log_close(log);
    assert_int_equal(drumctl(*state, ARGUMENTS("events", "--from", "3")), 0);
    assert_printed("[31mthe lid is broken, 一二三四五六七八九十一二\n"); /* 60 bytes, but no half a character */
}

static void notices_are_listed_as_each_topic_hears_them(void **state)
{
    assert_int_equal(drumctl(*state, ARGUMENTS("notices")), 0);
    assert_printed("2026-01-05T08:30:00+08:00  worker/li                take       gl-20260105-0001");
    assert_printed("dispose");
    assert_int_equal(drumctl(*state, ARGUMENTS("notices", "--limit", "2")), 0);
    assert_printed("worker/li");
    assert_not_printed("receipt/1");
    assert_int_equal(drumctl(*state, ARGUMENTS("notices", "--topic", "desk", "--after", "1", "--json")), 0);
    assert_printed("\"seq\":2,\"topic\":\"desk\"");
    assert_not_printed("\"seq\":1,");
    assert_int_equal(drumctl(*state, ARGUMENTS("notices", "--topic", "receipt/1", "--json")), 0);
    assert_printed("\"worker\":\"\"");
    assert_int_equal(drumctl(*state, ARGUMENTS("notices", "--count")), 0);
    assert_string_equal(output, "4\n");
}

static void a_number_that_the_outbox_lacks_is_counted_by_the_audit(void **state)
{
    struct outbox_row row = { .notice = { .seq = 5 }, .topics = { &(struct topic){ .name = "desk" }, 1 } };
    struct buffer bytes = { 0 };
    static const uint8_t key[] = { 0, 0, 0, 0, 0, 0, 0, 5 };
    drumctl(*state, ARGUMENTS("audit", "--json"));
    assert_printed("\"outbox_gaps\":0");
    record_encode(&outbox_row_desc, &row, &bytes);
    spoil(*state, TABLE_OUTBOX, (struct bytes){ key, sizeof key }, buffer_view(&bytes));
    buffer_finish(&bytes);
    assert_int_equal(drumctl(*state, ARGUMENTS("audit", "--json")), 1);
    assert_printed("\"outbox_gaps\":2");
}

/* Two reports on the case that another one was merged into: the merged one keeps its own, the receipt leads to the other. */
static void a_merged_case_s_reports_are_in_no_two_cases(void **state)
{
    struct store *store;
    struct voice voices[] = { { .seq = 1 }, { .seq = 2 } };
    struct case_file merged = { .id = 2, .number = "gl-20260105-0002", .state = CASE_MERGED, .voices = { voices, 1 } };
    struct case_file other = { .id = 3, .number = "gl-20260105-0003", .state = CASE_REPORTED, .voices = { voices, 2 } };
    assert_ok(case_store_open(*state, STORE_READ_WRITE, &store, &fault), &fault);
    struct txn *txn = txn_begin_write(store);
    case_put(txn, NULL, &merged);
    case_put(txn, NULL, &other);
    assert_ok(txn_commit(txn, &fault), &fault);
    store_close(store);
    drumctl(*state, ARGUMENTS("audit", "--json"));
    assert_printed("\"doubled\":0");
    assert_ok(case_store_open(*state, STORE_READ_WRITE, &store, &fault), &fault);
    txn = txn_begin_write(store);
    struct case_file again = merged;
    again.state = CASE_REPORTED; /* as if it had not been merged */
    case_put(txn, &merged, &again);
    assert_ok(txn_commit(txn, &fault), &fault);
    store_close(store);
    drumctl(*state, ARGUMENTS("audit", "--json"));
    assert_printed("\"doubled\":1");
}

/* Many snapshots, one after the other. */
static void cases_beyond_the_first_slice_are_looked_at(void **state)
{
    struct store *store;
    struct voice voice = { .seq = 1 };
    struct case_file late = {
        .id = 2001, .number = "gl-20260105-2001", .state = CASE_REPORTED, .voices = { &voice, 1 }
    };
    assert_ok(case_store_open(*state, STORE_READ_WRITE, &store, &fault), &fault);
    struct txn *txn = txn_begin_write(store);
    case_put(txn, NULL, &late);
    txn_delete(txn, TABLE_RECEIPTS, (struct bytes){ (const uint8_t *)"\0\0\0\0\0\0\0\1", 8 });
    assert_ok(txn_commit(txn, &fault), &fault);
    store_close(store);
    assert_int_equal(drumctl(*state, ARGUMENTS("audit", "--json")), 1);
    assert_printed("\"cases\":2,");
    assert_printed("\"doubled\":1");
}

static void an_account_is_made_from_a_password_file_and_listed(void **state)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/password", (const char *)*state);
    FILE *file = fopen(path, "w");
    fputs("correct horse\nnot this line\n", file);
    fclose(file);
    assert_int_equal(drumctl(*state, ARGUMENTS("account", "add", "wang", "--role", "liaison", "--department", "water",
                                               "--password-file", path)),
                     0);
    assert_int_equal(drumctl(*state, ARGUMENTS("account", "list")), 0);
    assert_printed("wang");
    assert_printed("liaison");
    assert_null(strstr(output, "horse"));
    assert_int_equal(drumctl(*state, ARGUMENTS("account", "add", "x", "--role", "king", "--password-file", path)), 2);
    assert_printed("--role 'king': expected worker");
}

/* Of a folder whose name is wrong, too. */
static void looking_at_accounts_makes_none(void **state)
{
    char folder[4096];
    snprintf(folder, sizeof folder, "%s/elsewhere", (const char *)*state);
    assert_int_equal(drumctl(folder, ARGUMENTS("account", "list")), 1);
    assert_printed("elsewhere/accounts: no data yet");
    assert_int_equal(drumctl(folder, ARGUMENTS("account", "audit")), 1);
    assert_int_equal(access(folder, F_OK), -1);
}

static void a_wrong_call_is_told_with_what_was_expected(void **state)
{
    assert_int_equal(drumctl(*state, ARGUMENTS("journal", "burn")), 2);
    assert_printed("'burn': expected verify");
    assert_int_equal(drumctl(*state, ARGUMENTS("case", "show")), 2);
    assert_int_equal(drumctl(*state, ARGUMENTS("account", "add")), 2);
    assert_printed("expected add LOGIN, import, list, or audit");
    assert_int_equal(drumctl("", ARGUMENTS("events")), 1);
    assert_int_equal(run_helper(ARGUMENTS("wall", "--bus-port", "65529")), 2); /* its eighth port would be 65536 */
    assert_printed("65529 is not between 1 and 65528");
}

/* The same by a shell, with standard output gone elsewhere. */
static int drumctl_into(const char *where, const char *folder, const char *words)
{
    char command[8192];
    snprintf(command, sizeof command, "'%s' %s --data '%s' 2>&1 %s", helper_program, words, folder, where);
    FILE *shell = popen(command, "r");
    output[fread(output, 1, sizeof output - 1, shell)] = 0;
    return WEXITSTATUS(pclose(shell));
}

static void what_cannot_be_written_is_told_and_ends_with_1(void **state)
{
    assert_int_equal(drumctl_into(">/dev/null", *state, "journal export"), 0);
    assert_int_equal(drumctl_into(">/dev/full", *state, "journal export"), 1);
    assert_printed("not all could be written to standard output: No space left on device");
    assert_int_equal(drumctl_into(">&-", *state, "journal export"), 1);
    assert_printed("not all could be written to standard output: Bad file descriptor");
}

static void an_empty_folder_is_no_error_for_status(void **state)
{
    assert_int_equal(drumctl(*state, ARGUMENTS("status")), 0);
    assert_printed("no data yet");
    assert_int_equal(drumctl(*state, ARGUMENTS("case", "show", "x")), 1);
    assert_printed("no data yet");
}

#define on_data(test) cmocka_unit_test_setup_teardown(test, make_data, remove_test_folder)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        on_data(status_tells_how_far_the_dispatcher_is_and_what_is_open),
        on_data(a_wrong_figure_is_found_by_the_recount),
        on_data(a_changed_journal_is_named_and_ends_with_1),
        on_data(a_file_that_is_cut_short_is_told),
        on_data(a_case_is_shown_with_its_history_and_explained),
        on_data(events_are_listed_from_a_number),
        on_data(words_from_outside_are_shown_and_not_obeyed),
        on_data(notices_are_listed_as_each_topic_hears_them),
        on_data(a_number_that_the_outbox_lacks_is_counted_by_the_audit),
        on_data(a_merged_case_s_reports_are_in_no_two_cases),
        on_data(cases_beyond_the_first_slice_are_looked_at),
        on_data(an_account_is_made_from_a_password_file_and_listed),
        on_data(looking_at_accounts_makes_none),
        on_data(a_wrong_call_is_told_with_what_was_expected),
        on_data(what_cannot_be_written_is_told_and_ends_with_1),
        cmocka_unit_test_setup_teardown(an_empty_folder_is_no_error_for_status, make_test_folder, remove_test_folder),
    };
    helper_program = argc > 1 ? argv[1] : NULL;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
