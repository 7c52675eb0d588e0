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
#include "test/unit/dispatcher/town.h"

enum { ROUNDS = 6, INPUTS = 250, REPORTS_MAX = 1000 };

static const char *book_folder;

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
    static const enum event_kind kinds[] = { EVENT_REPORT,    EVENT_REPORT, EVENT_REPORT, EVENT_PATROL,
                                             EVENT_FOLLOW_UP, EVENT_RATING, EVENT_ALARM,  EVENT_CAMERA };
    return (struct event){
        .kind = kinds[roll(dice, 8)],
        .source = (enum event_source)roll(dice, SOURCE_SYSTEM + 1),
        .service = PICK(dice, services),
        .condition = PICK(dice, conditions),
        .text = roll(dice, 2) ? "井盖丢失，请尽快处理" : "",
        .place = { .area = PICK(dice, areas) },
        .reporter = roll(dice, 2) ? "neighbour-1" : "",
        .external_id = PICK(dice, numbers),
        .external_source = "neighbour",
        .priority = (int64_t)roll(dice, 8),
        .about_seq = roll(dice, 3) ? 0 : (int64_t)roll(dice, (uint64_t)reports + 2),
        .score = (int64_t)roll(dice, 7),
        .solved = roll(dice, 2),
    };
}

/* Half of them by somebody who might have a right to, so that cases come to their end. */
static struct command random_command(struct dice *dice, struct town *town)
{
    const struct book_person *person = &town->book->people[roll(dice, town->book->person_count)];
    struct case_file record = { 0 };
    bool known = town->last_seq && town_case(town, 1 + (int64_t)roll(dice, (uint64_t)town->last_seq), &record);
    size_t rows = 0;
    const struct transition *row = known ? transitions_of(record.state, &rows) : NULL;
    row = rows ? row + roll(dice, rows) : NULL;
    const struct task *lead = known ? case_lead_task(&record) : NULL;
    if (lead && roll(dice, 2)) {
        const struct book_person *worker = *lead->worker ? book_person(town->book, lead->worker) : NULL;
        person = worker && roll(dice, 2) ? worker : person;
    }
    return (struct command){
        .actor = person->id,
        .role = roll(dice, 20) ? person->role : (enum role)roll(dice, ROLE_SYSTEM + 1),
        .department = person->department ? person->department->code : "",
        .case_number = known ? record.number : "LANE-20260105-9999",
        .verb = row && roll(dice, 10) ? row->verb : (enum verb)roll(dice, VERB_WARN + 1),
        .revision = roll(dice, 3) ? 0 : record.revision - (int64_t)roll(dice, 2),
        .reason = roll(dice, 4) ? "原因" : "",
        .to_department = roll(dice, 3) ? "" : town->book->departments[roll(dice, town->book->department_count)].code,
        .to_worker = roll(dice, 3) ? "" : town->book->people[roll(dice, town->book->person_count)].id,
        .score = (int64_t)roll(dice, 7),
    };
}

static bool random_input(struct dice *dice, struct town *town)
{
    if (!roll(dice, 25))
        town->crash = roll(dice, 2) ? TOWN_BEFORE_COMMIT : TOWN_BEFORE_ANSWER;
    if (!roll(dice, 40) && !town_restart(town))
        return false;
    int64_t longest_ms = roll(dice, 10) ? 20 * MS_PER_MINUTE : 20 * (int64_t)MS_PER_HOUR;
    town->now_ms += (int64_t)roll(dice, (uint64_t)longest_ms);
    if (!roll(dice, 15))
        town->now_ms -= (int64_t)roll(dice, 2 * (int64_t)MS_PER_HOUR); /* a clock that is set back */
    if (!roll(dice, 4))
        return town_wait_until(town, town->now_ms);
    if (!roll(dice, 4))
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
            assert_int_equal(clock->state == CLOCK_STATE_STOPPED_LATE, clock->stopped_at_ms > clock->deadline_ms);
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
    assert_true(town_history(context, record->id, &steps));
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

static void whatever_happens_the_journal_replays_to_the_same_bytes(void **state)
{
    (void)state;
    const char *given = getenv("DRUMTOWER_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)clock_mono_us() % 1000000 + 1;
    for (uint64_t round = 0; round < (given ? 1 : ROUNDS); round++) {
        struct town town;
        struct dice dice = { (seed + round) * UINT64_C(0x9e3779b97f4a7c15) };
        printf("# DRUMTOWER_SEED=%llu\n", (unsigned long long)(seed + round));
        assert_true(town_open(&town, book_folder, TOWN_MONDAY_NINE));
        for (int i = 0; i < INPUTS; i++)
            if (!random_input(&dice, &town))
                fail_msg("input %d: %s", i, town.fault.text);
        town_is_sane(&town);
        town_close(&town);
    }
}

int main(int argc, char **argv)
{
    book_folder = argc > 1 ? argv[1] : "test/scenario/books/lane";
    const struct CMUnitTest tests[] = { cmocka_unit_test(whatever_happens_the_journal_replays_to_the_same_bytes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
