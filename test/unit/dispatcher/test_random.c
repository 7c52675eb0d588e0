/* A random week in the lane district: any input in any order, restarts and crashes. Whatever happens, the invariants of ARCHITECTURE.md hold.
 * Prints its seed; DRUMTOWER_SEED replays one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/clock.h"
#include "proto/base/timestamp.h"
#include "proto/book/permit.h"
#include "test/unit/dispatcher/town.h"

enum { ROUNDS = 6, INPUTS = 400, REPORTS_MAX = 1000 };

static char **books;
static int book_count;

/* xorshift64* (Vigna 2014): small, seeded, the same everywhere. */
struct dice {
    uint64_t state;
};

static uint64_t roll(struct dice *dice, uint64_t sides)
{
    dice->state ^= dice->state >> 12;
    dice->state ^= dice->state << 25;
    dice->state ^= dice->state >> 27;
    return (dice->state * UINT64_C(0x2545f4914f6cdd1d) >> 32) % sides;
}

static const char *pick(struct dice *dice, const char *const *from, size_t count)
{
    return from[roll(dice, count)];
}
#define PICK(dice, list) pick(dice, list, sizeof(list) / sizeof *(list))

static struct event random_event(struct dice *dice, int64_t reports)
{
    static const char *const services[] = { "0101", "0201", "0301", "0401", "0501", "0901", "", "4711" };
    static const char *const conditions[] = { "", "", "missing", "broken", "rattling", "pavement", "nothing" };
    static const char *const areas[] = { "g1", "g2", "g3", "c1", "", "nowhere" };
    static const char *const numbers[] = { "", "", "", "A-1", "A-2", "A-3" };
    static const char *const reporters[] = { "neighbour-1", "w-001", "w-005", "" };
    static const enum event_kind kinds[] = { EVENT_REPORT, EVENT_REPORT, EVENT_REPORT, EVENT_PATROL, EVENT_FOLLOW_UP,
                                             EVENT_RATING, EVENT_ALARM,  EVENT_CAMERA, EVENT_REOPEN };
    bool placed = roll(dice, 2);
    return (struct event){
        .kind = kinds[roll(dice, 9)],
        .source = (enum event_source)roll(dice, SOURCE_SYSTEM + 1),
        .service = PICK(dice, services),
        .condition = PICK(dice, conditions),
        .text = roll(dice, 2) ? "井盖丢失，请尽快处理" : "",
        .place = { .area = PICK(dice, areas),
                   .lat = placed ? 39.935 + 0.0001 * (double)roll(dice, 40) : 0,
                   .lon = placed ? 116.385 + 0.0001 * (double)roll(dice, 40) : 0,
                   .marks = roll(dice, 8) ? 0 : 1 << roll(dice, 4) },
        .reporter = PICK(dice, reporters),
        .disposed = roll(dice, 2),
        .external_id = PICK(dice, numbers),
        .external_source = "neighbour",
        .priority = (int64_t)roll(dice, 8),
        .about_seq = roll(dice, 3) ? 0 : (int64_t)roll(dice, (uint64_t)reports + 2),
        .score = (int64_t)roll(dice, 7),
        .solved = roll(dice, 2),
    };
}

/* Mostly what takes a case on: else chance alone ends most of them before a department has them. */
static const struct transition *choose_row(struct dice *dice, enum case_state state)
{
    static const enum verb ends[] = { VERB_REFUSE, VERB_CANCEL, VERB_MERGE, VERB_RETURN, VERB_REOPEN, VERB_SUPERVISE };
    size_t rows;
    const struct transition *first = transitions_of(state, &rows), *row = NULL;
    for (int tries = 0; rows && tries < 3; tries++) {
        bool is_end = false;
        row = first + roll(dice, rows);
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
            is_end |= row->verb == ends[i];
        if (!is_end && (row->to != CASE_NONE || !roll(dice, 3)))
            break;
    }
    return row;
}

/* One of those whose the row is, and best of all one who has a task on the case. */
static const struct book_person *somebody_who_may(struct dice *dice, struct town *town, const struct case_file *record,
                                                  const struct transition *row, const struct book_person *otherwise)
{
    for (size_t tries = 0; tries < 30; tries++) {
        const struct book_person *person = &town->book->people[roll(dice, town->book->person_count)];
        const struct permit_person asked = { person->role, person->id,
                                             person->department ? person->department->code : "" };
        if (row->roles & ROLE_BIT(person->role) && permit_ask(town->book, &asked, record, row->verb) == PERMIT_GIVEN)
            return person;
    }
    return otherwise;
}

/* Half of them by somebody who might have a right to, so that cases come to their end. */
static struct command random_command(struct dice *dice, struct town *town)
{
    const struct book_person *person = &town->book->people[roll(dice, town->book->person_count)];
    struct case_file record = { 0 };
    bool known = town->last_seq && town_case(town, 1 + (int64_t)roll(dice, (uint64_t)town->last_seq), &record);
    const struct transition *row = known ? choose_row(dice, record.state) : NULL;
    struct case_file other = { 0 };
    bool others = town->last_seq && town_case(town, 1 + (int64_t)roll(dice, (uint64_t)town->last_seq), &other);
    const struct book_department *departments = town->book->departments;
    const struct book_service *service = &town->book->services[roll(dice, town->book->service_count)];
    person = known && row && roll(dice, 3) ? somebody_who_may(dice, town, &record, row, person) : person;
    return (struct command){
        .actor = person->id,
        .role = roll(dice, 20) ? person->role : (enum role)roll(dice, ROLE_SYSTEM + 1),
        .department = person->department ? person->department->code : "",
        .case_number = known ? record.number : "LANE-20260105-9999",
        .verb = row && roll(dice, 10) ? row->verb : (enum verb)roll(dice, verb_desc.count),
        .revision = roll(dice, 3) ? 0 : record.revision - (int64_t)roll(dice, 2),
        .reason = roll(dice, 4) ? "原因" : "",
        .to_department = row && row->needs & NEEDS_DEPARTMENT
                             ? departments[roll(dice, town->book->department_count)].code
                         : roll(dice, 6) ? ""
                                         : departments[roll(dice, town->book->department_count)].code,
        .to_worker = roll(dice, row && row->needs & NEEDS_WORKER ? 1 : 6)
                         ? ""
                         : town->book->people[roll(dice, town->book->person_count)].id,
        .score = (int64_t)roll(dice, 7),
        .to_service = roll(dice, 3) ? "" : service->code,
        .to_condition = roll(dice, 4) ? "" : service->conditions[roll(dice, service->condition_count)].code,
        .to_priority = roll(dice, 3) ? 0 : (int64_t)roll(dice, 7),
        .until_ms = roll(dice, 4) ? town->now_ms + (int64_t)roll(dice, 3 * (int64_t)MS_PER_DAY) : 0,
        .to_case = others && roll(dice, 4) ? other.number : "",
        .voice_seq = known && record.voices.count && roll(dice, 4)
                         ? record.voices.items[roll(dice, record.voices.count)].seq
                         : (int64_t)roll(dice, 50),
        .to_person = roll(dice, 4) ? "" : "v-01",
        .lat = roll(dice, 3) ? 0 : 39.935,
        .lon = roll(dice, 3) ? 0 : 116.385 + 0.0001 * (double)roll(dice, 40),
    };
}

static bool random_input(struct dice *dice, struct town *town)
{
    if (!roll(dice, 25))
        town->crash = roll(dice, 2) ? TOWN_BEFORE_COMMIT : TOWN_BEFORE_ANSWER;
    if (!roll(dice, 40) && !town_restart(town))
        return false;
    int64_t longest_ms = roll(dice, 10) ? 10 * MS_PER_MINUTE : 10 * (int64_t)MS_PER_HOUR;
    town->now_ms += (int64_t)roll(dice, (uint64_t)longest_ms);
    if (!roll(dice, 15))
        town->now_ms -= (int64_t)roll(dice, 2 * (int64_t)MS_PER_HOUR); /* a clock that is set back */
    if (!roll(dice, 8))
        return town_wait_until(town, town->now_ms);
    if (!roll(dice, 8))
        return town_event(town, random_event(dice, town->last_seq)) != 0;
    return town_command(town, random_command(dice, town));
}

/* ---- what must hold of every case ---- */

static void clocks_are_sane(const struct case_file *record, const struct step_list *steps)
{
    size_t fired = 0, told = 0;
    for (size_t i = 0; i < record->clocks.count; i++) {
        const struct clock *clock = &record->clocks.items[i];
        bool stopped = clock->state == CLOCK_STATE_STOPPED || clock->state == CLOCK_STATE_STOPPED_LATE;
        fired += clock->fired_at_ms != 0;
        assert_true(clock->state != CLOCK_STATE_FIRED || clock->fired_at_ms);
        assert_true(!clock->fired_at_ms || clock->fired_at_ms >= clock->deadline_ms);
        assert_true(stopped == (clock->stopped_at_ms != 0));
        if (stopped)
            assert_true(clock->state == CLOCK_STATE_STOPPED_LATE || !clock->fired_at_ms);
        assert_true((clock->state == CLOCK_STATE_PAUSED) <= (record->state == CASE_SUSPENDED));
        if (!case_state_is_open(record->state))
            assert_true(clock->state == CLOCK_STATE_STOPPED || clock->state == CLOCK_STATE_STOPPED_LATE);
    }
    for (size_t i = 0; i < steps->count; i++)
        told += steps->items[i].verb == VERB_OVERDUE;
    assert_int_equal(fired, told);
}

static bool disposed(const struct step_list *steps, const char *account)
{
    for (size_t i = 0; i < steps->count; i++)
        if (steps->items[i].verb == VERB_DISPOSE && strcmp(steps->items[i].actor, account) == 0)
            return true;
    return false;
}

static void history_is_sane(const struct case_file *record, const struct step_list *steps)
{
    assert_int_equal(record->revision, steps->count);
    assert_int_equal(record->steps, steps->count);
    for (size_t i = 0; i < steps->count; i++) {
        const struct step *step = &steps->items[i];
        if (i) {
            assert_int_equal(step->from, steps->items[i - 1].to);
            assert_true(step->at_ms >= steps->items[i - 1].at_ms);
        }
        if (step->role != ROLE_SYSTEM && (step->verb == VERB_CHECK || step->verb == VERB_CLOSE)) {
            struct step_list before = { steps->items, i };
            assert_false(disposed(&before, step->actor));
        }
    }
    assert_int_equal(record->state, steps->items[steps->count - 1].to);
}

static int look_at_case(void *context, const struct case_file *record)
{
    struct step_list steps;
    assert_true(town_history(context, record, &steps));
    clocks_are_sane(record, &steps);
    history_is_sane(record, &steps);
    return 0;
}

static void town_is_sane(struct town *town)
{
    struct arena arena = { 0 };
    struct buffer differing = { 0 };
    struct txn *txn = txn_begin_read(town->store);
    assert_int_equal(case_visit_all(txn, &arena, look_at_case, town, &town->fault), 0);
    assert_true(txn_count(txn, TABLE_RECEIPTS) <= (uint64_t)town->last_seq);
    assert_int_equal(meta_get(txn, META_CURSOR), town->last_seq);
    txn_abort(txn);
    int result = town_check(town, &differing);
    assert_string_equal(buffer_string(&differing), "");
    assert_int_equal(result, 0);
    arena_finish(&arena);
    buffer_finish(&differing);
}

static void live(const char *book_folder, uint64_t seed)
{
    struct town town;
    struct dice dice = { seed * UINT64_C(0x9e3779b97f4a7c15) };
    assert_true(town_open(&town, book_folder, TOWN_MONDAY_NINE));
    for (int i = 0; i < INPUTS; i++)
        if (!random_input(&dice, &town))
            fail_msg("input %d: %s", i, town.fault.text);
    town_is_sane(&town);
    town_close(&town);
}

static void whatever_happens_the_journal_replays_to_the_same_bytes(void **state)
{
    (void)state;
    const char *given = getenv("DRUMTOWER_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)clock_mono_us() % 1000000 + 1;
    for (uint64_t round = 0; round < (given ? 1 : ROUNDS); round++) {
        printf("# DRUMTOWER_SEED=%llu\n", (unsigned long long)(seed + round));
        for (int i = 0; i < book_count; i++)
            live(books[i], seed + round);
    }
}

int main(int argc, char **argv)
{
    books = argv + 1;
    book_count = argc - 1;
    if (!book_count) {
        fprintf(stderr, "usage: test_random BOOK…\n");
        return 2;
    }
    const struct CMUnitTest tests[] = { cmocka_unit_test(whatever_happens_the_journal_replays_to_the_same_bytes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
