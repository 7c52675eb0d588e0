#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/store/journal_check.h"
#include "test/unit/dispatcher/town.h"

static const char *book_folder;

static const struct event cover = { .kind = EVENT_REPORT,
                                    .source = SOURCE_RESIDENT,
                                    .service = "0101",
                                    .condition = "missing",
                                    .text = "井盖丢失",
                                    .place = { .area = "g1" } };

static struct command by_operator(enum verb verb, const struct case_file *record, const char *id)
{
    return (struct command){
        .id = id, .actor = "o-01", .role = ROLE_OPERATOR, .verb = verb, .case_number = record->number
    };
}

/* A turn takes what was decoded, and its bytes until it ends: both in the turn's arena here. */
static int take_cover(struct town *town, int64_t seq)
{
    struct event event = cover, decoded;
    struct buffer bytes = { 0 };
    event.seq = seq;
    event.received_at_ms = TOWN_MONDAY_NINE + seq;
    record_encode(&event_desc, &event, &bytes);
    struct bytes kept = { (const uint8_t *)arena_text(&town->turn.arena, (const char *)bytes.bytes, bytes.size),
                          bytes.size };
    buffer_finish(&bytes);
    int result = record_decode(&event_desc, kept, &town->turn.arena, &decoded, &town->fault);
    return result ? result : turn_event(&town->turn, &decoded, kept, &town->fault);
}

static struct hash state_of(struct town *town)
{
    struct hash hash;
    assert_int_equal(replay_state_hash(town->store, &hash, &town->fault), 0);
    return hash;
}

static void assert_same_state(const struct hash *a, const struct hash *b)
{
    assert_memory_equal(a->bytes, b->bytes, sizeof a->bytes);
}

static void a_crash_before_the_commit_leaves_nothing_and_the_input_comes_again(void **state)
{
    struct town *town = *state;
    struct hash before = state_of(town);
    turn_begin(&town->turn, TOWN_MONDAY_NINE);
    assert_int_equal(take_cover(town, 1), 0);
    turn_abort(&town->turn);
    struct hash after = state_of(town);
    assert_same_state(&before, &after);

    struct case_file record;
    assert_false(town_case(town, 1, &record));
    assert_int_equal(town_event(town, cover), 1);
    assert_true(town_case(town, 1, &record));
    assert_string_equal(record.number, "LANE-20260105-0001");
}

static void a_crash_between_commit_and_answer_does_the_command_once(void **state)
{
    struct town *town = *state;
    struct case_file record;
    town_event(town, cover);
    assert_true(town_case(town, 1, &record));
    assert_true(town_command(town, by_operator(VERB_ACCEPT, &record, "key-1")));
    struct answer first = town->answer;
    struct hash before = state_of(town);
    assert_true(town_restart(town));
    assert_true(town_command(town, by_operator(VERB_ACCEPT, &record, "key-1")));
    assert_true(town->answer.repeated);
    assert_int_equal(town->answer.status, first.status);
    assert_int_equal(town->answer.revision, first.revision);
    struct hash after = state_of(town);
    assert_same_state(&before, &after);
}

static void the_same_id_of_another_account_is_another_command(void **state)
{
    struct town *town = *state;
    struct case_file record;
    town_event(town, cover);
    assert_true(town_case(town, 1, &record));
    assert_true(town_command(town, by_operator(VERB_ACCEPT, &record, "key-1")));
    assert_true(town_case(town, 1, &record));
    struct command dispatch = by_operator(VERB_DISPATCH, &record, "key-1");
    dispatch.actor = "o-02";
    assert_true(town_command(town, dispatch));
    assert_false(town->answer.repeated);
    assert_int_equal(town->answer.state, CASE_DISPATCHED);
    assert_true(town_command(town, dispatch));
    assert_true(town->answer.repeated);
    assert_int_equal(town->answer.state, CASE_DISPATCHED);
}

static void an_event_at_or_before_the_cursor_is_not_taken_again(void **state)
{
    struct town *town = *state;
    town_event(town, cover);
    struct hash before = state_of(town);
    struct event same = cover;
    same.seq = 1;
    assert_int_equal(town_event(town, same), 1);
    struct hash after = state_of(town);
    assert_same_state(&before, &after);
}

static void a_command_without_an_id_or_an_actor_is_refused_and_leaves_no_trace(void **state)
{
    struct town *town = *state;
    struct case_file record;
    town_event(town, cover);
    assert_true(town_case(town, 1, &record));
    struct hash before = state_of(town);
    assert_true(town_command(town, by_operator(VERB_ACCEPT, &record, "")));
    assert_int_equal(town->answer.status, ANSWER_INVALID);
    const struct command nobodys = {
        .id = "key-1", .role = ROLE_WORKER, .verb = VERB_MOVED, .lat = 39.94, .lon = 116.4
    };
    assert_true(town_command(town, nobodys)); /* there is no such row among the workers */
    assert_int_equal(town->answer.status, ANSWER_INVALID);
    struct hash after = state_of(town);
    assert_same_state(&before, &after);
}

static void a_pulse_with_nothing_due_is_no_input(void **state)
{
    struct town *town = *state;
    town_event(town, cover);
    struct hash before = state_of(town);
    assert_true(town_wait_until(town, TOWN_MONDAY_NINE + 60000));
    struct hash after = state_of(town);
    assert_same_state(&before, &after);
}

struct kinds {
    enum input_kind kind[8];
    int64_t at_ms[8];
    size_t count;
};

static int note_kind(void *context, const struct journal_entry *entry)
{
    struct kinds *kinds = context;
    assert_true(kinds->count < 8);
    kinds->kind[kinds->count] = entry->kind;
    kinds->at_ms[kinds->count++] = entry->at_ms;
    return 0;
}

static void the_journal_has_each_input_once_in_order_at_the_engines_time(void **state)
{
    struct town *town = *state;
    struct case_file record;
    town_event(town, cover);
    assert_true(town_case(town, 1, &record));
    town->now_ms -= 5000; /* set back */
    assert_true(town_command(town, by_operator(VERB_ACCEPT, &record, "key-1")));
    assert_true(town_command(town, by_operator(VERB_ACCEPT, &record, "key-1")));
    assert_true(town_wait_until(town, TOWN_MONDAY_NINE + 16 * 60000));
    assert_true(town_restart(town));

    struct kinds kinds = { .count = 0 };
    struct journal journal = journal_in_store();
    struct txn *txn = txn_begin_read(town->store);
    struct journal_check check = { 0 };
    assert_int_equal(journal.ops->read(journal.log, txn, 1, 8, note_kind, &kinds, &town->fault), 0);
    txn_abort(txn);
    assert_int_equal(journal_verify(&journal, town->store, &check, &town->fault, NULL, NULL), 0);
    static const enum input_kind expected[] = { INPUT_BOOK, INPUT_EVENT, INPUT_COMMAND, INPUT_PULSE };
    assert_int_equal(check.entries, 4);
    assert_memory_equal(kinds.kind, expected, sizeof expected);
    assert_int_equal(kinds.at_ms[2], TOWN_MONDAY_NINE);
    assert_int_equal(kinds.at_ms[3], TOWN_MONDAY_NINE + 16 * 60000);
}

static void a_full_store_ends_the_turn_and_nothing_of_it_stays(void **state)
{
    (void)state;
    struct town town = { .now_ms = TOWN_MONDAY_NINE };
    struct store_options small = { .map_bytes = 1 << 20 };
    assert_true(town_make_folder(town.folder, "small"));
    assert_int_equal(book_load(book_folder, &town.books[0], NULL, NULL, &town.fault), 0);
    town.book = town.books[town.book_count++];
    assert_int_equal(case_store_open_with(town.folder, STORE_READ_WRITE, &small, &town.store, &town.fault), 0);
    turn_init(&town.turn, town.store, town.book);
    turn_begin(&town.turn, TOWN_MONDAY_NINE);
    assert_int_equal(turn_book(&town.turn, town.book, &town.fault), 0);
    assert_int_equal(turn_commit(&town.turn, &town.fault), 0);
    struct hash before = { { 0 } }, after;
    for (int i = 0; town_event(&town, cover); i++) {
        assert_true(i < 100000);
        before = state_of(&town);
    }
    assert_non_null(strstr(town.fault.text, "full"));
    after = state_of(&town);
    assert_same_state(&before, &after);
    town_close(&town);
}

static void another_book_is_an_input_and_another_time_zone_is_refused(void **state)
{
    struct town *town = *state;
    struct book other = *town->book;
    other.hash.bytes[0] ^= 1;
    turn_begin(&town->turn, TOWN_MONDAY_NINE);
    assert_int_equal(turn_book(&town->turn, town->book, &town->fault), 0);
    assert_int_equal(town->turn.entry_count, 0);
    assert_int_equal(turn_book(&town->turn, &other, &town->fault), 0);
    assert_int_equal(town->turn.entry_count, 1);
    other.time_zone = "America/New_York";
    assert_int_equal(turn_book(&town->turn, &other, &town->fault), -EINVAL);
    assert_non_null(strstr(town->fault.text, "America/New_York"));
    turn_abort(&town->turn);
}

/* ---- many inputs in a turn ---- */

static void many_inputs_in_one_turn_are_the_same_as_one_in_each(void **state)
{
    struct town *town = *state;
    enum { REPORTS = 3 * TURN_ENTRIES / 2 }; /* more than are written to the journal at once */
    struct buffer differing = { 0 };
    turn_begin(&town->turn, TOWN_MONDAY_NINE);
    for (int i = 1; i <= REPORTS; i++)
        assert_int_equal(take_cover(town, i), 0);
    assert_int_equal(turn_commit(&town->turn, &town->fault), 0);
    int result = town_check(town, &differing);
    assert_string_equal(buffer_string(&differing), "");
    assert_int_equal(result, 0);
    buffer_finish(&differing);
}

static void however_many_clocks_fire_at_once_memory_is_that_of_one_case(void **state)
{
    struct town *town = *state;
    enum { REPORTS = 100, LITTLE_BYTES = 16 * 1024 };
    for (int i = 1; i <= REPORTS; i++)
        assert_int_equal(town_event(town, cover), i);
    assert_true(town_wait_until(town, TOWN_MONDAY_NINE + 16 * 60000));
    assert_true(town->turn.counts.fired >= REPORTS);
    assert_true(town->turn.scratch.used < LITTLE_BYTES);
}

int main(int argc, char **argv)
{
    book_folder = argc > 1 ? argv[1] : "test/scenario/books/lane";
    town_of_all_tests(book_folder);
#define IN_TOWN(test) cmocka_unit_test_setup_teardown(test, town_set_up, town_tear_down)
    const struct CMUnitTest tests[] = {
        IN_TOWN(a_crash_before_the_commit_leaves_nothing_and_the_input_comes_again),
        IN_TOWN(a_crash_between_commit_and_answer_does_the_command_once),
        IN_TOWN(the_same_id_of_another_account_is_another_command),
        IN_TOWN(an_event_at_or_before_the_cursor_is_not_taken_again),
        IN_TOWN(a_command_without_an_id_or_an_actor_is_refused_and_leaves_no_trace),
        IN_TOWN(a_pulse_with_nothing_due_is_no_input),
        IN_TOWN(the_journal_has_each_input_once_in_order_at_the_engines_time),
        cmocka_unit_test(a_full_store_ends_the_turn_and_nothing_of_it_stays),
        IN_TOWN(another_book_is_an_input_and_another_time_zone_is_refused),
        IN_TOWN(many_inputs_in_one_turn_are_the_same_as_one_in_each),
        IN_TOWN(however_many_clocks_fire_at_once_memory_is_that_of_one_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
