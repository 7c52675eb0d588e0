/* The daemon itself, in a process of its own; this one is its ingest and its door. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/bus/doorbell.h"
#include "proto/store/event_log.h"
#include "proto/store/journal_check.h"
#include "proto/store/journal_key.h"
#include "test/unit/bus/bus_harness.h"
#include "test/unit/dispatcher/town.h"

enum { REPLIES = 16, LONG_MS = 15000, REPORTS = 40, HOUR_MS = 3600000, QUARTER_MS = 900000 };

static const char *book_folder, *program;

/* One data folder with its daemon, and what was heard and answered. */
struct district {
    struct harness *harness;
    char folder[64], clock_file[96], port[16];
    int64_t port_base;
    pid_t daemon;
    struct event_log *log;
    struct bus_publisher *events;
    struct bus_client *client;
    struct bus_subscriber *notices;
    struct arena arena;
    struct buffer bytes;
    uint64_t last_heard; /* seq of the last notice */
    uint64_t overdue_before;
    bool accept_heard, heartbeat_heard;
    struct reply {
        bool came;
        struct answer answer;
        char text[8192];
        struct district *district;
    } replies[REPLIES];
    size_t asked, came;
    struct fault fault;
};

/* ---- the daemon ---- */

static pid_t run_program(const char *const *argv, const char *output)
{
    pid_t child = -1;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, output, O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    assert_int_equal(posix_spawn(&child, program, &actions, NULL, (char *const *)argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

/* What a program has printed. */
static void read_text(const char *output, char *text, size_t size)
{
    FILE *log = fopen(output, "r");
    assert_non_null(log);
    text[fread(text, 1, size - 1, log)] = 0;
    fclose(log);
}

static void start_daemon(struct district *district)
{
    char output[96];
    snprintf(output, sizeof output, "%s/log", district->folder);
    const char *argv[] = {
        program,        "--data",       district->folder,     "--book",        book_folder, "--bus-port",
        district->port, "--clock-file", district->clock_file, "--turn-inputs", "8",         NULL
    };
    district->daemon = run_program(argv, output);
}

static int end_daemon(struct district *district, int signal)
{
    kill(district->daemon, signal);
    int status = harness_wait(district->daemon);
    district->daemon = 0;
    return status;
}

/* ---- the door's and ingest's end ---- */

static int heard(void *context, const char *topic, struct bytes message)
{
    struct district *district = context;
    struct notice notice;
    if (strcmp(topic, DOORBELL_HEARTBEAT_TOPIC) == 0) {
        district->heartbeat_heard = true;
        return 0;
    }
    assert_int_equal(record_decode(&notice_desc, message, &district->arena, &notice, &district->fault), 0);
    assert_string_equal(notice.topic, topic);
    assert_true((uint64_t)notice.seq >= district->last_heard); /* again with each of its topics */
    district->last_heard = (uint64_t)notice.seq;
    district->accept_heard |= notice.verb == VERB_ACCEPT && strcmp(topic, "desk") == 0;
    return 0;
}

static int open_district(void **state)
{
    static struct district district; /* nng keeps the addresses that it was given: one for all tests, sockets stay */
    *state = &district;
    if (district.harness)
        return 0;
    district.harness = harness_create();
    district.port_base = harness_port_base();
    snprintf(district.port, sizeof district.port, "%d", (int)district.port_base);
    if (!town_make_folder(district.folder, "service"))
        return -1;
    snprintf(district.clock_file, sizeof district.clock_file, "%s/clock", district.folder);
    if (clock_open_virtual(district.clock_file, &district.fault) < 0)
        return -1;
    clock_set_virtual_ms(TOWN_MONDAY_NINE);
    if (event_log_open(district.folder, STORE_READ_WRITE, &district.log, &district.fault) ||
        bus_publisher_dial(district.port_base, BUS_EVENTS, &district.events, &district.fault) ||
        bus_client_open(district.harness->loop, district.port_base, BUS_COMMANDS, REPLIES, &district.client,
                        &district.fault) ||
        bus_subscriber_open(district.harness->loop, district.port_base, BUS_NOTICES, NULL, 0, heard, &district,
                            &district.notices, &district.fault))
        return -1;
    return 0;
}

static uint64_t report(struct district *district, const char *id, const char *service)
{
    struct event event = {
        .id = id, .kind = EVENT_REPORT, .service = service, .place = { .area = "g1" }, .received_at_ms = clock_now_ms()
    };
    struct event_append append = { .event = &event };
    assert_int_equal(event_log_append(district->log, &append, 1, &district->fault), 0);
    doorbell_ring(district->events, DOORBELL_EVENTS_TOPIC, append.seq);
    return append.seq;
}

static void replied(void *context, int status, struct bytes answer)
{
    struct reply *reply = context;
    struct district *district = reply->district;
    assert_int_equal(status, 0);
    snprintf(reply->text, sizeof reply->text, "%.*s", (int)answer.size, (const char *)answer.data);
    struct fault unused;
    record_decode(&answer_desc, answer, &district->arena, &reply->answer, &unused);
    reply->came = true;
    district->came++;
}

static struct reply *ask(struct district *district, struct bytes request)
{
    assert_true(district->asked < REPLIES);
    struct reply *reply = &district->replies[district->asked++];
    *reply = (struct reply){ .district = district };
    assert_int_equal(bus_ask(district->client, request, LONG_MS, replied, reply), 0);
    return reply;
}

static struct reply *command(struct district *district, const char *id, enum verb verb, const char *number)
{
    buffer_clear(&district->bytes);
    record_encode(
        &command_desc,
        &(struct command){ .id = id, .actor = "o-01", .role = ROLE_OPERATOR, .verb = verb, .case_number = number },
        &district->bytes);
    return ask(district, buffer_view(&district->bytes));
}

static bool all_replied(void *context)
{
    struct district *district = context;
    return district->came == district->asked;
}

static void wait_for_replies(struct district *district)
{
    assert_true(harness_run(district->harness, all_replied, NULL, district));
    district->asked = district->came = 0;
}

/* ---- what the store shows ---- */

struct figures {
    uint64_t cases, overdue;
    uint64_t entries, unsigned_entries; /* of the journal, and of these after its last head */
    int64_t cursor, last_overdue_ms;
};

static int count_overdue(void *context, const struct notice *notice)
{
    struct figures *figures = context;
    if (notice->verb == VERB_OVERDUE) {
        figures->overdue++;
        figures->last_overdue_ms = notice->at_ms;
    }
    return 0;
}

/* The journal is whole, and its heads are signed by the key that the daemon made. */
static uint64_t count_unsigned(struct district *district, struct txn *txn)
{
    struct journal journal = journal_in_store();
    struct public_key key;
    struct journal_check check = { 0 };
    if (journal_key_public(district->folder, &key, &district->fault) == 0) /* made after the store, before any head */
        check.key = &key;
    assert_true(check.key || txn_count(txn, TABLE_HEADS) == 0);
    assert_int_equal(journal_check_some(&journal, txn, &check, SIZE_MAX, &district->fault), 0);
    return check.entries - check.signed_entries;
}

static struct figures look(struct district *district)
{
    struct figures figures = { 0 };
    struct store *store;
    if (case_store_open(district->folder, STORE_READ_ONLY, &store, &district->fault) != 0)
        return figures;
    struct txn *txn = txn_begin_read(store);
    figures.cases = txn_count(txn, TABLE_CASES);
    figures.cursor = meta_get(txn, META_CURSOR);
    figures.entries = txn_count(txn, TABLE_JOURNAL);
    figures.unsigned_entries = count_unsigned(district, txn);
    outbox_read(txn, "desk", 0, SIZE_MAX, &district->arena, count_overdue, &figures, &district->fault);
    txn_abort(txn);
    store_close(store);
    return figures;
}

static bool all_taken(void *context)
{
    struct district *district = context;
    return look(district).cursor == event_log_last(district->log, NULL);
}

static bool some_overdue(void *context)
{
    struct district *district = context;
    return look(district).overdue > district->overdue_before;
}

static bool all_signed(void *context)
{
    return look(context).unsigned_entries == 0;
}

static bool accept_heard(void *context)
{
    return ((struct district *)context)->accept_heard;
}

static bool heart_beats(void *context)
{
    return ((struct district *)context)->heartbeat_heard;
}

/* ---- the story ---- */

static void what_was_reported_while_it_was_away_is_taken_at_its_start(void **state)
{
    struct district *district = *state;
    char id[16];
    clock_set_virtual_ms(TOWN_MONDAY_NINE - HOUR_MS);
    for (int i = 0; i < REPORTS; i++) {
        snprintf(id, sizeof id, "early-%d", i);
        report(district, id, "0101");
    }
    clock_set_virtual_ms(TOWN_MONDAY_NINE);
    start_daemon(district);
    assert_true(harness_run(district->harness, all_taken, NULL, district));
    assert_true(harness_run(district->harness, some_overdue, NULL, district));
    struct figures figures = look(district);
    assert_int_equal(figures.cases, REPORTS);
    /* several turns, but each at its own time: all promises of eight o'clock ended at a quarter past */
    assert_int_equal(figures.overdue, REPORTS);
    assert_int_equal(figures.last_overdue_ms, TOWN_MONDAY_NINE - HOUR_MS + QUARTER_MS);
    assert_true(harness_run(district->harness, heart_beats, NULL, district));
}

static void commands_are_answered_after_the_commit_and_once(void **state)
{
    struct district *district = *state;
    struct reply *first = command(district, "key-1", VERB_ACCEPT, "LANE-20260105-0001");
    wait_for_replies(district);
    assert_int_equal(first->answer.status, ANSWER_OK);
    assert_int_equal(first->answer.state, CASE_ACCEPTED);
    assert_true(harness_run(district->harness, accept_heard, NULL, district));
    struct reply *again = command(district, "key-1", VERB_ACCEPT, "LANE-20260105-0001");
    struct reply *other = command(district, "key-2", VERB_ACCEPT, "LANE-20260105-0001");
    wait_for_replies(district);
    assert_true(again->answer.repeated);
    assert_int_equal(again->answer.status, ANSWER_OK);
    assert_int_equal(other->answer.status, ANSWER_CONFLICT);
}

static void what_is_no_command_costs_its_sender_an_error_and_nothing_else(void **state)
{
    struct district *district = *state;
    static const uint8_t hostile[] = { 0xdd, 0xff, 0xff, 0xff, 0xff };
    struct reply *bad = ask(district, (struct bytes){ hostile, sizeof hostile });
    struct reply *empty = ask(district, (struct bytes){ hostile, 0 });
    struct reply *good = command(district, "key-3", VERB_ACCEPT, "LANE-20260105-0002");
    wait_for_replies(district);
    assert_int_equal(bad->answer.status, ANSWER_INVALID);
    assert_int_equal(empty->answer.status, ANSWER_INVALID);
    assert_int_equal(good->answer.status, ANSWER_OK);
}

static void its_metrics_come_over_the_bus(void **state)
{
    struct district *district = *state;
    struct reply *reply = ask(district, (struct bytes){ (const uint8_t *)"metrics", 7 });
    wait_for_replies(district);
    assert_non_null(strstr(reply->text, "\ndrumtower_dispatcher_events_total 40\n"));
    assert_non_null(strstr(reply->text, "\ndrumtower_dispatcher_cursor_lag_events 0\n"));
    assert_non_null(strstr(reply->text, "\ndrumtower_dispatcher_commands_repeated_total 1\n"));
    assert_non_null(strstr(reply->text, "\ndrumtower_dispatcher_store_readers 0\n"));
    assert_non_null(strstr(reply->text, "\ndrumtower_dispatcher_store_reader_lag_commits 0\n"));
}

struct counting {
    struct district *district;
    bool asked;
    long rings;
};

static void counted(void *context, int status, struct bytes answer)
{
    static const char name[] = "\ndrumtower_dispatcher_doorbell_rings_total ";
    struct counting *counting = context;
    assert_int_equal(status, 0);
    char *text = strndup((const char *)answer.data, answer.size), *found = strstr(text, name);
    assert_non_null(found);
    counting->rings = atol(found + strlen(name));
    counting->asked = false;
    free(text);
}

static void ring_and_ask(void *context)
{
    struct counting *counting = context;
    doorbell_ring(counting->district->events, DOORBELL_EVENTS_TOPIC, 1);
    if (!counting->asked)
        assert_int_equal(bus_ask(counting->district->client, (struct bytes){ (const uint8_t *)"metrics", 7 }, LONG_MS,
                                 counted, counting),
                         0);
    counting->asked = true;
}

static bool both_rings_counted(void *context)
{
    struct counting *counting = context;
    return counting->rings >= 2 && !counting->asked;
}

/* Nor its book: the first one would go on by another than the journal says. */
static void a_second_one_on_the_same_data_ends_and_journals_nothing(void **state)
{
    struct district *district = *state;
    char output[96], port[16], other_book[600], text[600] = "";
    uint64_t before = look(district).entries;
    snprintf(output, sizeof output, "%s/second", district->folder);
    snprintf(other_book, sizeof other_book, "%s/../drum", book_folder);
    snprintf(port, sizeof port, "%d", (int)district->port_base + 100);
    const char *argv[] = { program, "--data", district->folder, "--book", other_book, "--bus-port", port, NULL };
    assert_int_equal(harness_wait(run_program(argv, output)), 1);
    read_text(output, text, sizeof text);
    assert_non_null(strstr(text, "another process has it"));
    assert_int_equal(look(district).entries, before);
}

static void each_ring_of_the_doorbell_is_counted(void **state)
{
    struct counting counting = { .district = *state };
    assert_true(harness_run(counting.district->harness, both_rings_counted, ring_and_ask, &counting));
}

static void a_killed_daemon_loses_nothing_and_does_nothing_twice(void **state)
{
    struct district *district = *state;
    assert_int_equal(end_daemon(district, SIGKILL), 128 + SIGKILL);
    uint64_t cases = look(district).cases;
    struct reply *again = command(district, "key-1", VERB_ACCEPT, "LANE-20260105-0001");
    struct reply *fresh = command(district, "key-4", VERB_ACCEPT, "LANE-20260105-0003");
    report(district, "late", "0201");
    start_daemon(district); /* the bus asks anew */
    wait_for_replies(district);
    assert_true(again->answer.repeated);
    assert_int_equal(fresh->answer.status, ANSWER_OK);
    assert_true(harness_run(district->harness, all_taken, NULL, district));
    assert_int_equal(look(district).cases, cases + 1);
}

static void a_clock_fires_when_virtual_time_passes_it(void **state)
{
    struct district *district = *state;
    district->overdue_before = look(district).overdue;
    clock_set_virtual_ms(TOWN_MONDAY_NINE + HOUR_MS);
    assert_true(harness_run(district->harness, some_overdue, NULL, district));
}

static void what_is_new_is_signed_after_a_while_though_nothing_comes(void **state)
{
    struct district *district = *state;
    struct reply *fresh = command(district, "key-5", VERB_ACCEPT, "LANE-20260105-0004");
    wait_for_replies(district);
    assert_int_equal(fresh->answer.status, ANSWER_OK);
    assert_true(look(district).unsigned_entries > 0);
    clock_set_virtual_ms(clock_now_ms() + JOURNAL_HEAD_MS);
    assert_true(harness_run(district->harness, all_signed, NULL, district));
}

static void told_to_end_it_ends_and_its_journal_rebuilds_the_cases(void **state)
{
    struct district *district = *state;
    char copy[64], output[96], last[600] = "", line[600];
    command(district, "key-6", VERB_ACCEPT, "LANE-20260105-0005");
    wait_for_replies(district);
    assert_int_equal(end_daemon(district, SIGTERM), 0);
    assert_int_equal(look(district).unsigned_entries, 0); /* the last head is signed at the end */
    assert_true(town_make_folder(copy, "rebuilt"));
    snprintf(output, sizeof output, "%s/log", copy);
    const char *argv[] = { program, "--data", copy, "--book", book_folder, "--replay-journal", district->folder, NULL };
    assert_int_equal(harness_wait(run_program(argv, output)), 0);
    FILE *log = fopen(output, "r");
    assert_non_null(log);
    while (fgets(line, sizeof line, log))
        memcpy(last, line, sizeof last);
    fclose(log);
    assert_string_equal(last, "all tables agree with those of the journal's folder\n");
    town_remove_folder(copy);
}

/* As after a backup of the log alone was put back. */
static void a_log_that_is_not_that_of_the_cases_is_not_taken(void **state)
{
    struct district *district = *state;
    struct store *store;
    struct event_log *log;
    struct event event = { .id = "the first", .kind = EVENT_REPORT };
    char folder[64], output[96], port[16], text[600] = "";
    assert_true(town_make_folder(folder, "mixed"));
    assert_int_equal(event_log_open(folder, STORE_READ_WRITE, &log, &district->fault), 0);
    assert_int_equal(event_log_append(log, &(struct event_append){ .event = &event }, 1, &district->fault), 0);
    event_log_close(log);
    assert_int_equal(case_store_open(folder, STORE_READ_WRITE, &store, &district->fault), 0);
    struct txn *txn = txn_begin_write(store);
    meta_set(txn, META_CURSOR, 5);
    assert_int_equal(txn_commit(txn, &district->fault), 0);
    store_close(store);
    snprintf(output, sizeof output, "%s/log", folder);
    snprintf(port, sizeof port, "%d", (int)district->port_base + 100);
    const char *argv[] = { program, "--data", folder, "--book", book_folder, "--bus-port", port, NULL };
    assert_int_equal(harness_wait(run_program(argv, output)), 1);
    read_text(output, text, sizeof text);
    assert_non_null(strstr(text, "the event log has no event 5"));
    town_remove_folder(folder);
}

struct alone {
    pid_t daemon;
    char output[96], text[4096];
    int status;
};

static bool is_ready(void *context)
{
    struct alone *alone = context;
    if (access(alone->output, R_OK) == 0)
        read_text(alone->output, alone->text, sizeof alone->text);
    return strstr(alone->text, "msg=\"ready\"");
}

static bool has_ended(void *context)
{
    struct alone *alone = context;
    return waitpid(alone->daemon, &alone->status, WNOHANG) == alone->daemon;
}

/* As where others hold all slots: it committed what it cannot publish. */
static void where_it_cannot_read_what_it_committed_it_says_so_and_ends(void **state)
{
    enum { SLOTS = 512 };
    struct district *district = *state;
    struct alone alone = { .text = "" };
    struct event event = { .id = "e1", .kind = EVENT_REPORT, .service = "0101", .place = { .area = "g1" } };
    struct event_log *log;
    struct store *store;
    struct txn *readers[SLOTS];
    char folder[64], port[16];
    assert_true(town_make_folder(folder, "readers"));
    snprintf(alone.output, sizeof alone.output, "%s/log", folder);
    snprintf(port, sizeof port, "%d", (int)district->port_base + 100);
    const char *argv[] = { program, "--data", folder, "--book", book_folder, "--bus-port", port, NULL };
    assert_int_equal(event_log_open(folder, STORE_READ_WRITE, &log, &district->fault), 0);
    alone.daemon = run_program(argv, alone.output);
    assert_true(harness_run(district->harness, is_ready, NULL, &alone));
    assert_int_equal(case_store_open(folder, STORE_READ_ONLY, &store, &district->fault), 0);
    for (int i = 0; i < SLOTS; i++)
        readers[i] = txn_begin_read(store);
    assert_int_equal(event_log_append(log, &(struct event_append){ .event = &event }, 1, &district->fault), 0);
    bool ended = harness_run(district->harness, has_ended, NULL, &alone);
    if (!ended)
        kill(alone.daemon, SIGKILL);
    assert_true(ended && WIFEXITED(alone.status));
    assert_int_equal(WEXITSTATUS(alone.status), 1);
    read_text(alone.output, alone.text, sizeof alone.text);
    assert_non_null(strstr(alone.text, "cases: beginning to read"));
    for (int i = 0; i < SLOTS; i++)
        txn_abort(readers[i]);
    store_close(store);
    event_log_close(log);
    town_remove_folder(folder);
}

static void without_a_book_it_says_so_and_ends(void **state)
{
    struct district *district = *state;
    char output[96], text[600] = "";
    snprintf(output, sizeof output, "%s/refused", district->folder);
    const char *argv[] = { program, "--data", district->folder, "--book", "/nowhere", NULL };
    assert_int_equal(harness_wait(run_program(argv, output)), 1);
    read_text(output, text, sizeof text);
    assert_non_null(strstr(text, "/nowhere"));
}

static int close_district(void **state)
{
    struct district *district = *state;
    if (district->daemon)
        end_daemon(district, SIGKILL);
    event_log_close(district->log);
    town_remove_folder(district->folder);
    arena_finish(&district->arena);
    buffer_finish(&district->bytes);
    return 0;
}

int main(int argc, char **argv)
{
    book_folder = argc > 1 ? argv[1] : "test/scenario/books/lane";
    program = argc > 2 ? argv[2] : "build/dispatcher/drumtower-dispatcher";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_reported_while_it_was_away_is_taken_at_its_start),
        cmocka_unit_test(commands_are_answered_after_the_commit_and_once),
        cmocka_unit_test(what_is_no_command_costs_its_sender_an_error_and_nothing_else),
        cmocka_unit_test(its_metrics_come_over_the_bus),
        cmocka_unit_test(a_second_one_on_the_same_data_ends_and_journals_nothing),
        cmocka_unit_test(each_ring_of_the_doorbell_is_counted),
        cmocka_unit_test(a_killed_daemon_loses_nothing_and_does_nothing_twice),
        cmocka_unit_test(a_clock_fires_when_virtual_time_passes_it),
        cmocka_unit_test(what_is_new_is_signed_after_a_while_though_nothing_comes),
        cmocka_unit_test(told_to_end_it_ends_and_its_journal_rebuilds_the_cases),
        cmocka_unit_test(a_log_that_is_not_that_of_the_cases_is_not_taken),
        cmocka_unit_test(where_it_cannot_read_what_it_committed_it_says_so_and_ends),
        cmocka_unit_test(without_a_book_it_says_so_and_ends),
    };
    return cmocka_run_group_tests(tests, open_district, close_district);
}
