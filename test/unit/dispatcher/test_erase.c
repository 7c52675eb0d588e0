/* Words are erased from days in which everything is said that the lifecycle has words for: nothing of them is left in any table, all others
 * stand, the journal verifies, and its replay gives the same bytes. Prints its seed; DRUMTOWER_SEED replays one. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/timestamp.h"
#include "proto/store/erase.h"
#include "proto/store/journal_check.h"
#include "test/unit/dispatcher/speech.h"

enum { CHATS = 200 };

/* ---- who looks for words ---- */

static const char *const table_names[] = {
#define NAME(name, text) text,
    CASE_TABLES(NAME)
#undef NAME
};
enum { TABLE_COUNT = sizeof table_names / sizeof *table_names };

static void look_at_bytes(const bool *erased, int table, struct bytes bytes)
{
    for (int number; (number = speech_next_words(&bytes)) >= 0;)
        if (erased[number])
            fail_msg("the words of input %d are erased, but stand in the table of %s", number, table_names[table]);
}

static void assert_nowhere(struct town *town, const bool *erased)
{
    struct txn *txn = txn_begin_read(town->store);
    for (int table = 0; table < TABLE_COUNT; table++) {
        struct txn_walk walk;
        walk_open(txn, &walk, table, (struct bytes){ NULL, 0 }, 0);
        while (walk_next(&walk)) {
            look_at_bytes(erased, table, walk.key);
            look_at_bytes(erased, table, walk.value);
        }
        walk_close(&walk);
    }
    txn_abort(txn);
}

/* ---- erasing ---- */

static int erase(struct town *town, uint64_t entry)
{
    struct journal journal = journal_in_store();
    struct arena arena = { 0 };
    struct erasure erasure = {
        .entry = (int64_t)entry, .actor = "admin", .reason = "asked for", .at_ms = town->now_ms + 5
    };
    uint64_t n;
    struct txn *txn = txn_begin_write(town->store);
    int result = erase_in_journal(&journal, txn, &erasure, &arena, &n, &town->fault);
    if (result == 0)
        result = txn_commit(txn, &town->fault);
    else
        txn_abort(txn);
    arena_finish(&arena);
    return result;
}

static void erase_and_note(struct town *town, uint64_t n, bool *erased)
{
    struct journal journal = journal_in_store();
    struct journal_entry entry;
    struct txn *txn = txn_begin_read(town->store);
    assert_int_equal(journal_get(&journal, txn, n, &entry, &town->fault), 0);
    int number = speech_next_words(&entry.payload);
    txn_abort(txn);
    int result = erase(town, n);
    if (result < 0)
        fail_msg("entry %" PRIu64 ": %s", n, town->fault.text);
    assert_int_equal(result, number >= 0 ? 0 : ERASE_NOTHING);
    if (number >= 0)
        erased[number] = true;
}

static uint64_t last_entry(struct town *town)
{
    struct journal journal = journal_in_store();
    struct txn *txn = txn_begin_read(town->store);
    uint64_t last = journal.ops->last(journal.log, txn);
    txn_abort(txn);
    return last;
}

static void assert_replays(struct town *town)
{
    struct buffer differing = { 0 };
    int result = town_check(town, &differing);
    assert_string_equal(buffer_string(&differing), "");
    assert_int_equal(result, 0);
    buffer_finish(&differing);
}

static void assert_verifies(struct town *town)
{
    struct journal journal = journal_in_store();
    struct journal_check check = { 0 };
    if (journal_verify(&journal, town->store, &check, &town->fault, NULL, NULL))
        fail_msg("%s", town->fault.text);
}

/* ---- the tests ---- */

static const char *full_book; /* something of everything that the lifecycle knows */

static void assert_said(struct speech *speech, bool said)
{
    if (!said)
        fail_msg("%s", buffer_string(&speech->problem));
}

static void speak_of_everything(struct speech *speech)
{
    assert_said(speech, speech_tour(speech));
    enum verb missing = speech_missing(speech);
    if (missing)
        fail_msg("nobody says anything with '%s': give it a tour in speech.c", enum_name(&verb_desc, (int)missing));
    for (int i = 0; i < CHATS; i++)
        assert_said(speech, speech_chat(speech));
}

static void erase_a_third(struct speech *speech, uint64_t from, bool *erased)
{
    uint64_t last = last_entry(speech->town);
    for (uint64_t n = last; n >= from; n--)
        if (dice_roll(&speech->dice, 3) == 0)
            erase_and_note(speech->town, n, erased);
    assert_nowhere(speech->town, erased);
    assert_verifies(speech->town);
    assert_replays(speech->town);
}

static void what_is_erased_is_nowhere_and_the_journal_still_replays_to_the_same_bytes(void **state)
{
    static bool erased[SPEECH_INPUTS_MAX];
    static struct speech speech;
    struct town town;
    (void)state;
    assert_true(town_open(&town, full_book, TOWN_MONDAY_NINE));
    speech = (struct speech){ dice_of_this_run(), &town };
    speak_of_everything(&speech);
    erase_a_third(&speech, 1, erased);
    uint64_t last = last_entry(&town);
    speak_of_everything(&speech); /* and it goes on */
    erase_a_third(&speech, last + 1, erased);
    buffer_finish(&speech.problem);
    town_close(&town);
}

static void the_words_of_others_stand(void **state)
{
    struct town *town = *state;
    struct case_file record;
    struct step_list steps;
    int64_t first = town_event(town, (struct event){ .kind = EVENT_REPORT, .service = "0101", .text = "first words" });
    town->now_ms += 1000;
    town_event(town, (struct event){ .kind = EVENT_FOLLOW_UP, .text = "more words", .about_seq = first });
    assert_true(first && erase(town, 2) == 0);
    assert_true(town_case(town, first, &record) && town_history(town, &record, &steps));
    assert_string_equal(record.title, ERASED_MARK);
    assert_string_equal(record.text, ERASED_MARK);
    assert_string_equal(steps.items[1].note, "more words");
    assert_int_equal(erase(town, 3), 0);
    assert_true(town_history(town, &record, &steps));
    assert_string_equal(steps.items[1].note, ERASED_MARK);
    assert_replays(town);
}

static struct case_file case_of(struct town *town, int64_t seq)
{
    struct case_file record;
    assert_true(town_case(town, seq, &record));
    return record;
}

static void command(struct town *town, const char *number, struct command command)
{
    command.case_number = number;
    town->now_ms += 1000;
    assert_true(town_command(town, command));
    assert_string_equal(town->answer.message, "");
}

static void operate(struct town *town, const struct case_file *record, struct command act)
{
    act.actor = "o-01";
    act.role = ROLE_OPERATOR;
    command(town, record->number, act);
}

static int64_t say(struct town *town, enum event_kind kind, const char *text, int64_t about)
{
    town->now_ms += 1000;
    return town_event(town, (struct event){ .kind = kind,
                                            .service = "0301",
                                            .text = text,
                                            .place = { .area = "g1", .address = "at the gate" },
                                            .about_seq = about });
}

static void a_report_that_was_split_off_takes_its_own_words_along_and_the_address(void **state)
{
    struct town *town = *state;
    int64_t first = say(town, EVENT_REPORT, "first words", 0);
    int64_t second = say(town, EVENT_FOLLOW_UP, "more words", first), silent = say(town, EVENT_FOLLOW_UP, "", first);
    const struct case_file record = case_of(town, first);
    operate(town, &record, (struct command){ .verb = VERB_SPLIT, .voice_seq = second });
    operate(town, &record, (struct command){ .verb = VERB_SPLIT, .voice_seq = silent });
    assert_string_equal(case_of(town, silent).title, "first words"); /* it has none of its own */
    assert_int_equal(erase(town, 2), 0);                             /* the first report */
    assert_string_equal(case_of(town, first).text, ERASED_MARK);
    assert_string_equal(case_of(town, second).title, "more words");
    assert_string_equal(case_of(town, second).place.address, ERASED_MARK);
    assert_string_equal(case_of(town, silent).title, ERASED_MARK);
    assert_int_equal(erase(town, 3), 0);
    assert_string_equal(case_of(town, second).title, ERASED_MARK);
    assert_string_equal(case_of(town, second).text, ERASED_MARK);
    assert_replays(town);
}

/* The receipt does not lead there any more. */
static void words_stand_in_the_case_that_a_report_was_merged_into_once(void **state)
{
    struct town *town = *state;
    struct step_list steps;
    struct command worker = { .actor = "w-005", .role = ROLE_WORKER, .department = "east" };
    int64_t first = town_event(town, (struct event){ .kind = EVENT_REPORT, .service = "0101", .text = "first words" });
    int64_t second = say(town, EVENT_REPORT, "other words", 0);
    const struct case_file merged = case_of(town, first);
    struct case_file stays = case_of(town, second);
    operate(town, &merged, (struct command){ .verb = VERB_MERGE, .to_case = stays.number });
    worker.verb = VERB_TAKE;
    command(town, stays.number, worker);
    worker.verb = VERB_DISPOSE;
    command(town, stays.number, worker);
    operate(town, &stays, (struct command){ .verb = VERB_CLOSE });
    say(town, EVENT_REOPEN, "not solved, says Mr Wang", first);
    operate(town, &merged, (struct command){ .verb = VERB_UNMERGE, .reason = "another trouble" });
    assert_string_equal(case_of(town, first).number, merged.number);
    stays = case_of(town, second);
    assert_true(town_history(town, &stays, &steps));
    const struct step *reopened = &steps.items[steps.count - 2];
    assert_string_equal(reopened->note, "not solved, says Mr Wang");
    assert_int_equal(erase(town, last_entry(town) - 1), 0);
    assert_true(town_history(town, &stays, &steps));
    assert_string_equal(steps.items[steps.count - 2].note, ERASED_MARK);
    assert_string_equal(case_of(town, first).text, "first words");
    assert_replays(town);
}

/* What another city says, and what stands beside a camera's pictures, are events about a report, too. */
static void words_about_a_report_are_nowhere_either(void **state)
{
    struct town *town = *state;
    static const struct event said[] = {
        { .kind = EVENT_PARTNER, .external_source = "city/next", .text = "words 000001." },
        { .kind = EVENT_EVIDENCE, .reporter = "o-01", .text = "words 000002." },
    };
    bool erased[] = { false, true, true };
    int64_t first = say(town, EVENT_REPORT, "first words", 0);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        struct event event = said[i];
        event.about_seq = first;
        town->now_ms += 1000;
        assert_true(town_event(town, event) > 0);
        assert_int_equal(erase(town, last_entry(town)), 0);
    }
    assert_nowhere(town, erased);
    assert_string_equal(case_of(town, first).text, "first words");
    assert_replays(town);
}

static void an_erasure_is_done_once_and_only_where_there_are_words(void **state)
{
    struct town *town = *state;
    town_event(town, (struct event){ .kind = EVENT_REPORT, .service = "0101", .text = "first words" });
    assert_int_equal(erase(town, 1), ERASE_NOTHING); /* the book */
    assert_int_equal(erase(town, 2), 0);
    uint64_t last = last_entry(town);
    assert_int_equal(erase(town, 2), ERASE_ALREADY);
    assert_int_equal(erase(town, last), ERASE_NOTHING); /* the erasure */
    assert_int_equal(erase(town, last + 1), -ENOENT);
    assert_int_equal(last_entry(town), last);
}

/* As a dispatcher would take it from its bus: prepared, then an input of a turn like any other, even of what came in the same turn. */
static void an_erasure_may_be_an_input_of_a_turn(void **state)
{
    struct town *town = *state;
    struct journal journal = journal_in_store();
    struct buffer bytes = { 0 };
    struct erasure erasure = { .entry = 2, .actor = "admin", .reason = "asked for", .at_ms = town->now_ms };
    town_event(town, (struct event){ .kind = EVENT_REPORT, .service = "0101", .text = "words 000001." });
    turn_begin(&town->turn, town->now_ms);
    assert_int_equal(erase_prepare(&journal, town->turn.txn, &erasure, &town->arena, &town->fault), 0);
    assert_int_equal(erasure.event_seq, 1);
    record_encode(&erasure_desc, &erasure, &bytes);
    assert_int_equal(turn_erasure(&town->turn, buffer_view(&bytes), &town->fault), 0);
    assert_int_equal(turn_commit(&town->turn, &town->fault), 0);
    bool erased[] = { false, true };
    assert_nowhere(town, erased);
    assert_verifies(town);
    assert_replays(town);
    buffer_finish(&bytes);
}

static const struct book *this_book(void *context, const struct hash *hash)
{
    (void)hash;
    return context;
}

static void a_replay_says_which_entry_it_cannot_apply_any_more(void **state)
{
    struct town *town = *state;
    struct journal journal = journal_in_store();
    struct town copy = { 0 };
    struct replay_books books = { this_book, town->book };
    uint64_t entries;
    town_event(town, (struct event){ .kind = EVENT_REPORT, .service = "0101", .text = "first words" });
    struct txn *txn = txn_begin_write(town->store);
    assert_int_equal(journal.ops->erase(journal.log, txn, 2, 3, (struct bytes){ NULL, 0 }, &town->fault), 0);
    assert_int_equal(txn_commit(txn, &town->fault), 0);
    assert_true(town_make_folder(copy.folder, "copy"));
    assert_int_equal(case_store_open(copy.folder, STORE_READ_WRITE, &copy.store, &copy.fault), 0);
    turn_init(&copy.turn, copy.store, town->book);
    assert_int_equal(replay_journal(town->store, &copy.turn, &books, 100, &entries, &copy.fault), -EINVAL);
    if (!strstr(copy.fault.text, "journal entry 2 was erased by entry 3 and cannot be replayed"))
        fail_msg("%s", copy.fault.text);
    town_close(&copy);
}

int main(int argc, char **argv)
{
    town_of_all_tests(argc > 1 ? argv[1] : "test/scenario/books/lane");
    full_book = argc > 2 ? argv[2] : "test/unit/dispatcher/book";
#define IN_TOWN(test) cmocka_unit_test_setup_teardown(test, town_set_up, town_tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_erased_is_nowhere_and_the_journal_still_replays_to_the_same_bytes),
        IN_TOWN(the_words_of_others_stand),
        IN_TOWN(a_report_that_was_split_off_takes_its_own_words_along_and_the_address),
        IN_TOWN(words_stand_in_the_case_that_a_report_was_merged_into_once),
        IN_TOWN(words_about_a_report_are_nowhere_either),
        IN_TOWN(an_erasure_is_done_once_and_only_where_there_are_words),
        IN_TOWN(an_erasure_may_be_an_input_of_a_turn),
        IN_TOWN(a_replay_says_which_entry_it_cannot_apply_any_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
