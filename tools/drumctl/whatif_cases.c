/* Which cases would have been late, and which would not. */
#include "proto/store/case_store.h"
#include "tools/drumctl/whatif.h"

ENUM_DEFINE(timing, TIMINGS)

struct comparing {
    const struct whatif_comparison *comparison;
    json_t *cases;
    int64_t moved[TIMING_COUNT][TIMING_COUNT]; /* from then to now, where they differ */
    struct arena arena;                        /* of one pair */
    struct fault *fault;
};

static enum timing timing_of(const struct case_file *record)
{
    if (!record)
        return TIMING_NONE;
    if (record->overdue)
        return TIMING_LATE;
    if (record->disposed_at_ms)
        return TIMING_IN_TIME;
    return case_state_is_open(record->state) ? TIMING_OPEN : TIMING_ENDED;
}

static json_t *side_json(const struct case_file *record)
{
    return json_pack("{ss ss ss sI}", "timing", enum_name(&timing_desc, (int)timing_of(record)), "case",
                     record ? record->number : "", "department", record ? record->department : "", "deadline_ms",
                     (json_int_t)(record ? record->deadline_ms : 0));
}

static void note_pair(struct comparing *comparing, const struct case_file *then, const struct case_file *now)
{
    const struct case_file *any = then ? then : now;
    enum timing was = timing_of(then), is = timing_of(now);
    if (was == is)
        return;
    comparing->moved[was][is]++;
    if ((int64_t)json_array_size(comparing->cases) < comparing->comparison->limit)
        json_array_append_new(comparing->cases,
                              json_pack("{sI ss so so}", "report", (json_int_t)any->voices.items[0].seq, "service",
                                        any->service, "recorded", side_json(then), "what_if", side_json(now)));
}

/* A case that is merged goes on as the one that has its reports. */
static bool is_meant(const struct comparing *comparing, const struct case_file *record)
{
    const struct whatif_comparison *comparison = comparing->comparison;
    return record->state != CASE_MERGED && record->reported_at_ms >= comparison->from_ms &&
           (!comparison->until_ms || record->reported_at_ms < comparison->until_ms);
}

/* Who has the report on the other side: *found is NULL where nobody does. */
static int find_other(struct comparing *comparing, struct txn *txn, int64_t seq, struct case_file *record,
                      const struct case_file **found)
{
    int64_t id;
    arena_reset(&comparing->arena);
    int result = case_find_receipt(txn, (uint64_t)seq, &id);
    if (!result)
        result = case_get(txn, id, &comparing->arena, record, comparing->fault);
    *found = result ? NULL : record;
    return result < 0 ? result : 0;
}

static int compare_from_then(void *context, const struct case_file *then)
{
    struct comparing *comparing = context;
    struct case_file record;
    const struct case_file *now = NULL;
    int result = 0;
    if (is_meant(comparing, then)) {
        result = find_other(comparing, comparing->comparison->now, then->voices.items[0].seq, &record, &now);
        if (!result)
            note_pair(comparing, then, now);
    }
    return result;
}

/* What was on another case then: all others have been compared. */
static int compare_from_now(void *context, const struct case_file *now)
{
    struct comparing *comparing = context;
    struct case_file record;
    const struct case_file *then = NULL;
    int64_t seq = now->voices.items[0].seq;
    int result = 0;
    if (is_meant(comparing, now)) {
        result = find_other(comparing, comparing->comparison->then, seq, &record, &then);
        if (!result && (!then || then->voices.items[0].seq != seq))
            note_pair(comparing, then, now);
    }
    return result;
}

static void add_timings(const struct comparing *comparing, json_t *root)
{
    json_t *timings = json_array();
    int64_t sum = 0;
    for (int was = 0; was < TIMING_COUNT; was++)
        for (int is = 0; is < TIMING_COUNT; is++) {
            int64_t cases = comparing->moved[was][is];
            sum += cases;
            if (cases)
                json_array_append_new(timings,
                                      json_pack("{ss ss sI}", "recorded", enum_name(&timing_desc, was), "what_if",
                                                enum_name(&timing_desc, is), "cases", (json_int_t)cases));
        }
    json_object_set_new(root, "timings", timings);
    json_object_set_new(root, "cases_differing", json_integer(sum));
}

int whatif_compare_cases(const struct whatif_comparison *comparison, json_t *root, struct fault *fault)
{
    struct comparing comparing = { .comparison = comparison, .cases = json_array(), .fault = fault };
    struct arena arena = { 0 };
    int result = case_visit_all(comparison->then, &arena, compare_from_then, &comparing, fault);
    if (!result)
        result = case_visit_all(comparison->now, &arena, compare_from_now, &comparing, fault);
    add_timings(&comparing, root);
    json_object_set_new(root, "cases", comparing.cases);
    arena_finish(&arena);
    arena_finish(&comparing.arena);
    return result;
}
