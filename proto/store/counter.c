/* Counters: how many cases count under a name. A counter that comes to 0 has no row. A write transaction collects what its cases change,
 * and writes each counter once: some change with every case. */
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/store/case_derived.h"
#include "proto/store/case_index.h"
#include "proto/store/case_store.h"
#include "proto/store/indicator_count.h"
#include "proto/store/key.h"
#include "proto/store/tally.h"

/* ---- what is changed ---- */

struct counting {
    struct tally *changes;
    int64_t by;
};

static void count_entry(void *context, const char *name)
{
    const struct counting *counting = context;
    tally_add(counting->changes, name, counting->by);
}

void counter_apply(struct txn *txn, const struct case_file *old, const struct case_file *record)
{
    struct tally *changes = txn_tally(txn, TALLY_OF_COUNTERS);
    if (old)
        case_counter_entries(old, count_entry, &(struct counting){ changes, -1 });
    case_counter_entries(record, count_entry, &(struct counting){ changes, 1 });
}

static int64_t stored_value(struct txn *txn, struct bytes name)
{
    struct bytes value;
    return txn_get(txn, TABLE_COUNTERS, name, &value) && value.size == 8 ? (int64_t)bytes_be64(value.data) : 0;
}

static struct metric bounded = METRIC_COUNTER("drumtower_store_figures_bounded_total", "Times that a figure would have "
                                                                                       "come below 0.");

int64_t counter_bounded(const char *name, int64_t value, int64_t most)
{
    if (value >= 0 && value <= most)
        return value;
    if (!bounded.value)
        log_error("figures do not agree with the cases: drumctl status --recount names them",
                  "first=\"%s\" would_be=%lld", name, (long long)value);
    metric_add(&bounded, 1);
    return value < 0 ? 0 : most;
}

static void write_change(struct txn *txn, const char *name, int64_t by)
{
    uint8_t bytes[8];
    int64_t value = counter_bounded(name, stored_value(txn, text_view(name)) + by, INT64_MAX);
    bytes_put_be64(bytes, (uint64_t)value);
    if (value == 0)
        txn_delete(txn, TABLE_COUNTERS, text_view(name));
    else
        txn_put(txn, TABLE_COUNTERS, text_view(name), (struct bytes){ bytes, sizeof bytes });
}

void counter_write_changes(struct txn *txn)
{
    struct tally *changes = txn_tally(txn, TALLY_OF_COUNTERS);
    for (size_t i = 0; i < changes->count; i++)
        if (*changes->entries[i].sums)
            write_change(txn, changes->entries[i].name, *changes->entries[i].sums);
    tally_clear(changes);
}

/* ---- what is asked for: with the changes so far ---- */

int64_t counter_get(struct txn *txn, const char *name)
{
    struct indicator_counter measure;
    if (indicator_counter_parse(name, &measure))
        return indicator_count(txn, &measure);
    const struct tally *changes = txn_tally(txn, TALLY_OF_COUNTERS);
    return stored_value(txn, text_view(name)) + (changes ? tally_sum(changes, name) : 0);
}

int counter_visit(struct txn *txn, const char *prefix, int (*visit)(void *context, const char *name, int64_t value),
                  void *context)
{
    struct txn_walk walk;
    struct bytes from = text_view(prefix);
    int result = 0;
    if (txn_tally(txn, TALLY_OF_COUNTERS))
        counter_write_changes(txn);
    walk_open(txn, &walk, TABLE_COUNTERS, from, from.size);
    while (!result && walk_next(&walk)) {
        char name[STORE_KEY_MAX + 1];
        memcpy(name, walk.key.data, walk.key.size);
        name[walk.key.size] = 0;
        result = visit(context, name, walk.value.size == 8 ? (int64_t)bytes_be64(walk.value.data) : 0);
    }
    walk_close(&walk);
    return result ? result : txn_error(txn, NULL);
}
