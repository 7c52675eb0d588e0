#include "proto/store/recount.h"

#include <stdio.h>
#include <string.h>

#include "proto/store/case_derived.h"
#include "proto/store/case_index.h"
#include "proto/store/case_store.h"
#include "proto/store/key.h"
#include "proto/store/tally.h"

struct recounting {
    struct txn *txn;
    uint64_t all; /* cases */
    struct recount *recount;
    void (*differs)(void *context, const char *what, int64_t stored, int64_t counted);
    void *context;
    struct tally counted; /* the counters as the cases give them */
    struct tally rows;    /* those of the indicators */
};

static void report(struct recounting *recounting, const char *what, const char *name, int64_t stored, int64_t counted)
{
    char text[STORE_KEY_MAX + 64];
    snprintf(text, sizeof text, "%s %s", what, name);
    recounting->recount->differences++;
    recounting->differs(recounting->context, text, stored, counted);
}

/* ---- from the cases ---- */

static void count_entry(void *context, const char *name)
{
    struct recounting *recounting = context;
    tally_add(&recounting->counted, name, 1);
}

static void check_list_entries(struct recounting *recounting, const struct case_file *record)
{
    struct index_places places = index_places_of(recounting->txn, 1, record);
    recounting->recount->list_entries += places.count;
    for (size_t i = 0; i < places.count; i++) {
        const struct index_entry *entry = &places.items[i];
        struct key key = index_key(entry, record->id);
        char which[CASE_INDEX_NAME + 32];
        struct bytes nothing;
        if (txn_get(recounting->txn, TABLE_INDEX, key_view(&key), &nothing))
            continue;
        snprintf(which, sizeof which, "%s%s: case %lld", entry->list, entry->of, (long long)record->id);
        report(recounting, "list", which, 0, 1);
    }
}

static int count_case(void *context, const struct case_file *record)
{
    struct recounting *recounting = context;
    recounting->recount->cases++;
    case_counter_entries(record, count_entry, recounting);
    indicator_add_case(&recounting->rows, record);
    check_list_entries(recounting, record);
    if (recounting->recount->progress)
        recounting->recount->progress(recounting->recount->progress_context, recounting->recount->cases,
                                      recounting->all);
    return 0;
}

/* ---- against what is stored ---- */

static int compare_stored(void *context, const char *name, int64_t value)
{
    struct recounting *recounting = context;
    int64_t counted = tally_sum(&recounting->counted, name);
    if (counted != value)
        report(recounting, "counter", name, value, counted);
    return 0;
}

static void find_unstored(struct recounting *recounting)
{
    for (size_t i = 0; i < recounting->counted.count; i++) {
        const struct tally_entry *entry = &recounting->counted.entries[i];
        struct bytes value;
        if (!txn_get(recounting->txn, TABLE_COUNTERS, text_view(entry->name), &value))
            report(recounting, "counter", entry->name, 0, *entry->sums);
    }
}

static void report_measure(void *context, const char *name, int64_t stored, int64_t counted)
{
    report(context, "counter", name, stored, counted);
}

static void compare_rows(struct recounting *recounting, enum case_table table, const char *name, uint64_t counted)
{
    uint64_t stored = txn_count(recounting->txn, table);
    if (stored != counted)
        report(recounting, "table", name, (int64_t)stored, (int64_t)counted);
}

int case_recount(struct txn *txn, struct recount *recount,
                 void (*differs)(void *context, const char *what, int64_t stored, int64_t counted), void *context,
                 struct fault *fault)
{
    *recount = (struct recount){ .progress = recount->progress, .progress_context = recount->progress_context };
    struct recounting recounting = {
        .txn = txn, .all = txn_count(txn, TABLE_CASES), .recount = recount, .differs = differs, .context = context
    };
    struct arena arena = { 0 };
    int result = case_visit_all(txn, &arena, count_case, &recounting, fault);
    if (!result)
        result = counter_visit(txn, "", compare_stored, &recounting);
    if (!result) {
        find_unstored(&recounting);
        recount->counters = recounting.counted.count;
        recount->counters += indicator_compare(txn, &recounting.rows, report_measure, &recounting);
        compare_rows(&recounting, TABLE_INDEX, "index", recount->list_entries);
        compare_rows(&recounting, TABLE_NUMBERS, "numbers", recount->cases);
        result = txn_error(txn, fault);
    }
    tally_finish(&recounting.counted);
    tally_finish(&recounting.rows);
    arena_finish(&arena);
    return result ? result : recount->differences ? RECOUNT_DIFFERS : 0;
}
