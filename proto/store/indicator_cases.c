#include "proto/store/indicator_cases.h"

#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/store/case_store.h"

/* No zone is further from UTC, with some room. */
enum { FURTHEST_MS = 26 * MS_PER_HOUR };

struct looking {
    struct txn *txn;
    struct indicator_cases *cases;
    enum anchor anchor;
    struct arena *arena;
    int (*visit)(void *context, const struct case_file *record, const char *name, int64_t at_ms, uint64_t measures);
    void *context;
    struct fault *fault;
    int64_t lowest, looked_at;
    const struct case_file *record; /* the one that is looked at */
    int64_t order;
    int result;
};

static bool is_in_days(const struct indicator_cases *cases, int64_t at_ms)
{
    char day[CASE_DAY_TEXT];
    case_local_day(day, at_ms);
    return strcmp(day, cases->from_day) >= 0 && strcmp(day, cases->to_day) <= 0;
}

/* A list has moments before 1970 at 0. */
static int64_t order_of(int64_t at_ms)
{
    return at_ms < 0 ? 0 : at_ms;
}

static void look_at_entry(void *context, const struct indicator_entry *entry)
{
    struct looking *looking = context;
    const struct indicator_cases *cases = looking->cases;
    bool counted = (entry->measures & cases->with) == cases->with && !(entry->measures & cases->without);
    if (!counted || entry->dimension != cases->dimension || entry->anchor != looking->anchor ||
        order_of(entry->at_ms) != looking->order)
        return;
    if (!is_in_days(cases, entry->at_ms) || (cases->has && !cases->has(cases->context, entry->name)))
        return;
    int result = looking->visit(looking->context, looking->record, entry->name, entry->at_ms, entry->measures);
    looking->result = looking->result ? looking->result : result;
}

static int look_at_case(void *context, int64_t order, int64_t id)
{
    struct looking *looking = context;
    struct indicator_cases *cases = looking->cases;
    struct case_file record;
    if (order < looking->lowest)
        return 1;
    if (order && !is_in_days(cases, order))
        return 0;
    cases->more = cases->look_at && looking->looked_at == cases->look_at;
    if (cases->more)
        return 1;
    arena_reset(looking->arena);
    int result = case_get(looking->txn, id, looking->arena, &record, looking->fault);
    if (result)
        return result < 0 ? result
                          : fault_set(looking->fault, -EBADMSG, "list '%s' names case %lld, which is not there",
                                      enum_name(&anchor_desc, (int)looking->anchor), (long long)id);
    looking->looked_at++;
    looking->record = &record;
    looking->order = cases->after_order = order;
    cases->after_id = id;
    indicator_entries(&record, look_at_entry, looking);
    return looking->result;
}

/* The moment at which a day begins in UTC. */
static int64_t day_ms(const char *day)
{
    struct civil_date date = { 1970, 1, 1 };
    civil_date_parse(day, &date);
    return civil_to_days(date) * MS_PER_DAY;
}

int indicator_visit_cases(struct txn *txn, struct indicator_cases *cases, struct arena *arena,
                          int (*visit)(void *context, const struct case_file *record, const char *name, int64_t at_ms,
                                       uint64_t measures),
                          void *context, struct fault *fault)
{
    struct looking looking = { .txn = txn,
                               .cases = cases,
                               .anchor = measure_anchor((enum measure)__builtin_ctzll(cases->with)),
                               .arena = arena,
                               .visit = visit,
                               .context = context,
                               .fault = fault,
                               .lowest = order_of(day_ms(cases->from_day) - FURTHEST_MS) };
    bool begins = !cases->after_order && !cases->after_id;
    int64_t highest = order_of(day_ms(cases->to_day) + MS_PER_DAY + FURTHEST_MS);
    cases->more = false;
    int result = index_visit(txn, enum_name(&anchor_desc, (int)looking.anchor), begins ? highest : cases->after_order,
                             begins ? ORDER_NONE : cases->after_id, true, look_at_case, &looking);
    cases->more |= looking.result != 0;
    if (looking.result)
        return looking.result;
    return result < 0 ? result : txn_error(txn, fault);
}
