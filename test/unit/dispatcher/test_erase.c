/* Words are erased from random days in the lane district: nothing of them is left in any table, all others stand, the journal verifies,
 * and its replay gives the same bytes. Prints its seed; DRUMTOWER_SEED replays one. */
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
#include "test/unit/dispatcher/town.h"
#include "test/unit/store/dice.h"

enum { ROUNDS = 4, INPUTS = 160 };

/* ---- days in which everybody says something that nobody else says ---- */

/* "words 000017." once, or so often that titles, notes and notices are cut. */
static const char *words(struct dice *dice, struct town *town, int number)
{
    char once[32];
    struct buffer text = { 0 };
    snprintf(once, sizeof once, "words %06d.", number);
    for (uint64_t times = dice_roll(dice, 4) ? 1 : 60; times > 0; times--)
        buffer_text(&text, once);
    const char *kept = arena_format(&town->arena, "%s", buffer_string(&text));
    buffer_finish(&text);
    return kept;
}

static bool random_event(struct dice *dice, struct town *town, int number)
{
    static const char *const services[] = { "0101", "0201", "0301", "0501", "0901", "" };
    static const char *const areas[] = { "g1", "g2", "" };
    const char *text = words(dice, town, number);
    bool about = town->last_seq && dice_roll(dice, 3) == 0;
    struct attribute attribute = { .code = "colour", .value = text };
    return town_event(town,
                      (struct event){
                          .kind = about && dice_roll(dice, 2) ? EVENT_RATING
                                  : about                     ? EVENT_FOLLOW_UP
                                                              : EVENT_REPORT,
                          .service = services[dice_roll(dice, 6)],
                          .title = dice_roll(dice, 2) && strlen(text) < 100 ? text : "",
                          .text = dice_roll(dice, 4) ? text : "",
                          .place = { .area = areas[dice_roll(dice, 3)], .address = strlen(text) < 100 ? text : "" },
                          .reporter = dice_roll(dice, 3) ? "r-1" : "",
                          .attributes = { &attribute, dice_roll(dice, 2) },
                          .about_seq = about ? 1 + (int64_t)dice_roll(dice, (uint64_t)town->last_seq) : 0,
                          .score = 1 + (int64_t)dice_roll(dice, 5),
                      }) != 0;
}

/* By somebody who has the role that the case's state asks for. */
static const char *actor_of(const struct town *town, enum role role, const struct task *lead)
{
    if (role == ROLE_WORKER && lead && *lead->worker)
        return lead->worker;
    for (size_t i = 0; i < town->book->person_count; i++) {
        const struct book_person *person = &town->book->people[i];
        if (person->role == role &&
            (!lead || !person->department || !strcmp(person->department->code, lead->department)))
            return person->id;
    }
    return "o-02";
}

static bool random_command(struct dice *dice, struct town *town, int number)
{
    struct case_file record = { 0 };
    size_t rows = 0;
    bool known = town->last_seq && town_case(town, 1 + (int64_t)dice_roll(dice, (uint64_t)town->last_seq), &record);
    const struct transition *row = known ? transitions_of(record.state, &rows) : NULL;
    if (!rows)
        return true;
    row += dice_roll(dice, rows);
    const struct task *lead = case_lead_task(&record);
    enum role role = ROLE_WORKER;
    while (role < ROLE_ADMIN && !(row->roles & ROLE_BIT(role)))
        role++;
    return town_command(town, (struct command){ .actor = actor_of(town, role, lead),
                                                .role = role,
                                                .department = lead ? lead->department : "",
                                                .case_number = record.number,
                                                .verb = dice_roll(dice, 5) ? row->verb : VERB_NOTE,
                                                .reason = dice_roll(dice, 4) ? words(dice, town, number) : "",
                                                .to_department = "water",
                                                .to_worker = dice_roll(dice, 2) ? "w-001" : "" });
}

/* Often several at the same moment. */
static void live(struct dice *dice, struct town *town, int first)
{
    for (int i = first; i < first + INPUTS; i++) {
        if (dice_roll(dice, 3))
            town->now_ms += (int64_t)dice_roll(dice, 40 * MS_PER_MINUTE);
        bool taken = dice_roll(dice, 4) ? random_command(dice, town, i) : random_event(dice, town, i);
        if (!taken)
            fail_msg("input %d: %s", i, town->fault.text);
    }
}

/* ---- who looks for words ---- */

static bool stands_in_table(struct txn *txn, int table, const char *pattern)
{
    struct txn_walk walk;
    bool found = false;
    walk_open(txn, &walk, table, (struct bytes){ NULL, 0 }, 0);
    while (!found && walk_next(&walk))
        found = memmem(walk.value.data, walk.value.size, pattern, strlen(pattern)) != NULL ||
                memmem(walk.key.data, walk.key.size, pattern, strlen(pattern)) != NULL;
    walk_close(&walk);
    return found;
}

/* The table in which it stands, NULL: none. */
static const char *table_with(struct town *town, const char *pattern)
{
    static const char *const names[] = {
#define NAME(name, text) text,
        CASE_TABLES(NAME)
#undef NAME
    };
    struct txn *txn = txn_begin_read(town->store);
    const char *found = NULL;
    for (int table = 0; !found && table < (int)(sizeof names / sizeof *names); table++)
        if (stands_in_table(txn, table, pattern))
            found = names[table];
    txn_abort(txn);
    return found;
}

/* "words 000017." of an entry's payload; false where it has none. */
static bool words_of(const struct journal_entry *entry, char out[32])
{
    const char *at = memmem(entry->payload.data, entry->payload.size, "words ", 6);
    if (!at)
        return false;
    snprintf(out, 32, "%.13s", at);
    return true;
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

/* The words of an entry, before and after an attempt to erase them. */
static void erase_and_look(struct town *town, uint64_t n)
{
    struct journal journal = journal_in_store();
    struct journal_entry entry;
    char pattern[32];
    struct txn *txn = txn_begin_read(town->store);
    assert_int_equal(journal_get(&journal, txn, n, &entry, &town->fault), 0);
    bool any = words_of(&entry, pattern);
    txn_abort(txn);
    int result = erase(town, n);
    if (result < 0)
        fail_msg("entry %" PRIu64 ": %s", n, town->fault.text);
    assert_int_equal(result, any ? 0 : ERASE_NOTHING);
    const char *table = any ? table_with(town, pattern) : NULL;
    if (table)
        fail_msg("entry %" PRIu64 " is erased, but '%s' still stands in the table of %s", n, pattern, table);
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
    uint64_t entries;
    struct txn *txn = txn_begin_read(town->store);
    int result = journal_verify(&journal, txn, &entries, &town->fault, NULL, NULL);
    txn_abort(txn);
    if (result)
        fail_msg("%s", town->fault.text);
}

/* ---- the tests ---- */

static const char *book;

static void what_is_erased_is_nowhere_and_the_journal_still_replays_to_the_same_bytes(void **state)
{
    struct dice dice = dice_of_this_run();
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct town town;
        assert_true(town_open(&town, book, TOWN_MONDAY_NINE));
        live(&dice, &town, 0);
        uint64_t last = last_entry(&town);
        for (uint64_t n = 1; n <= last; n++)
            if (dice_roll(&dice, 3) == 0)
                erase_and_look(&town, n);
        assert_verifies(&town);
        assert_replays(&town);
        live(&dice, &town, INPUTS); /* and it goes on */
        for (uint64_t n = last_entry(&town); n > last; n--)
            if (dice_roll(&dice, 3) == 0)
                erase_and_look(&town, n);
        assert_verifies(&town);
        assert_replays(&town);
        town_close(&town);
    }
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
    assert_true(town_case(town, first, &record) && town_history(town, record.id, &steps));
    assert_string_equal(record.title, ERASED_MARK);
    assert_string_equal(record.text, ERASED_MARK);
    assert_string_equal(steps.items[1].note, "more words");
    assert_int_equal(erase(town, 3), 0);
    assert_true(town_history(town, record.id, &steps));
    assert_string_equal(steps.items[1].note, ERASED_MARK);
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
    assert_null(table_with(town, "words 000001."));
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
    book = argc > 1 ? argv[1] : "test/scenario/books/lane";
    town_of_all_tests(book);
#define IN_TOWN(test) cmocka_unit_test_setup_teardown(test, town_set_up, town_tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_erased_is_nowhere_and_the_journal_still_replays_to_the_same_bytes),
        IN_TOWN(the_words_of_others_stand),
        IN_TOWN(an_erasure_is_done_once_and_only_where_there_are_words),
        IN_TOWN(an_erasure_may_be_an_input_of_a_turn),
        IN_TOWN(a_replay_says_which_entry_it_cannot_apply_any_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
