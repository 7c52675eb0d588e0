#include "proto/store/recount.h"

#include <search.h>
#include <stdio.h>
#include <string.h>

#include "proto/store/case_derived.h"
#include "proto/store/case_index.h"
#include "proto/store/case_store.h"
#include "proto/store/key.h"
#include "proto/store/name_set.h"

/* One counter as the cases give it. */
struct tally {
    const char *name;
    int64_t counted;
    bool is_stored;
    struct tally *next;
};

struct recounting {
    struct txn *txn;
    struct recount *recount;
    void (*differs)(void *context, const char *what, int64_t stored, int64_t counted);
    void *context;
    struct arena names; /* tallies live as long as the recount */
    void *tree;         /* tallies by name, see tsearch(3) */
    struct tally *tallies;
};

static int compare_tallies(const void *a, const void *b)
{
    return strcmp(((const struct tally *)a)->name, ((const struct tally *)b)->name);
}

static void keep_tally(void *tally)
{
    (void)tally; /* it is the arena's */
}

static struct tally *find_tally(struct recounting *recounting, const char *name)
{
    struct tally wanted = { .name = name };
    struct tally **found = tfind(&wanted, &recounting->tree, compare_tallies);
    return found ? *found : NULL;
}

static void report(struct recounting *recounting, const char *what, const char *name, int64_t stored, int64_t counted)
{
    char text[STORE_KEY_MAX + 64];
    snprintf(text, sizeof text, "%s %s", what, name);
    recounting->recount->differences++;
    recounting->differs(recounting->context, text, stored, counted);
}

/* ---- from the cases ---- */

static void tally_entry(void *context, const char *name)
{
    struct recounting *recounting = context;
    struct tally *tally = find_tally(recounting, name);
    if (!tally) {
        tally = arena_alloc(&recounting->names, sizeof *tally);
        tally->name = arena_text(&recounting->names, name, strlen(name));
        tally->next = recounting->tallies;
        recounting->tallies = tally;
        recounting->recount->counters++;
        tsearch(tally, &recounting->tree, compare_tallies);
    }
    tally->counted++;
}

static void check_list_entries(struct recounting *recounting, const struct case_file *record)
{
    const struct buffer *keys = index_keys_of(recounting->txn, 1, record);
    struct bytes key, nothing;
    for (size_t at = 0; name_set_next(keys, &at, &key);) {
        char which[CASE_INDEX_NAME + 32];
        recounting->recount->list_entries++;
        if (txn_get(recounting->txn, TABLE_INDEX, key, &nothing))
            continue;
        snprintf(which, sizeof which, "%s: case %lld", (const char *)key.data, (long long)record->id);
        report(recounting, "list", which, 0, 1);
    }
}

static int count_case(void *context, const struct case_file *record)
{
    struct recounting *recounting = context;
    recounting->recount->cases++;
    case_counter_entries(record, tally_entry, recounting);
    check_list_entries(recounting, record);
    return 0;
}

/* ---- against what is stored ---- */

static int compare_stored(void *context, const char *name, int64_t value)
{
    struct recounting *recounting = context;
    struct tally *tally = find_tally(recounting, name);
    if (tally)
        tally->is_stored = true;
    if (!tally || tally->counted != value)
        report(recounting, "counter", name, value, tally ? tally->counted : 0);
    return 0;
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
    *recount = (struct recount){ 0 };
    struct recounting recounting = { .txn = txn, .recount = recount, .differs = differs, .context = context };
    struct arena arena = { 0 };
    int result = case_visit_all(txn, &arena, count_case, &recounting, fault);
    if (!result)
        result = counter_visit(txn, "", compare_stored, &recounting);
    for (struct tally *tally = recounting.tallies; !result && tally; tally = tally->next)
        if (!tally->is_stored)
            report(&recounting, "counter", tally->name, 0, tally->counted);
    if (!result) {
        compare_rows(&recounting, TABLE_INDEX, "index", recount->list_entries);
        compare_rows(&recounting, TABLE_NUMBERS, "numbers", recount->cases);
        result = txn_error(txn, fault);
    }
    tdestroy(recounting.tree, keep_tally);
    arena_finish(&recounting.names);
    arena_finish(&arena);
    return result ? result : recount->differences ? RECOUNT_DIFFERS : 0;
}
