#include "proto/store/case_store.h"

#include "proto/store/case_derived.h"
#include "proto/store/key.h"

static const char *const case_tables[] = {
#define CASE_TABLE_NAME(name, text) text,
    CASE_TABLES(CASE_TABLE_NAME)
#undef CASE_TABLE_NAME
};

static void write_changes(struct txn *txn)
{
    counter_write_changes(txn);
    indicator_write_changes(txn);
}

static const struct store_layout case_layout = { .name = "cases",
                                                 .tables = case_tables,
                                                 .table_count = sizeof case_tables / sizeof *case_tables,
                                                 .before_commit = write_changes };

int case_store_open(const char *data_folder, enum store_mode mode, struct store **store, struct fault *fault)
{
    return case_store_open_with(data_folder, mode, NULL, store, fault);
}

int case_store_open_with(const char *data_folder, enum store_mode mode, const struct store_options *options,
                         struct store **store, struct fault *fault)
{
    return store_open_in(data_folder, &case_layout, mode, options, store, fault);
}

static struct key id_key(int64_t id)
{
    struct key key;
    key_start(&key);
    key_be64(&key, (uint64_t)id);
    return key;
}

int case_get(struct txn *txn, int64_t id, struct arena *arena, struct case_file *record, struct fault *fault)
{
    struct key key = id_key(id);
    struct bytes value;
    if (!txn_get(txn, TABLE_CASES, key_view(&key), &value))
        return txn_absent(txn, fault);
    int result = record_decode(&case_file_desc, value, arena, record, fault);
    return result ? fault_prefix(fault, result, "case %lld", (long long)id) : 0;
}

static int find_id(struct txn *txn, enum case_table table, struct bytes key, int64_t *id)
{
    struct bytes value;
    if (!txn_get(txn, table, key, &value) || value.size != 8)
        return txn_absent(txn, NULL);
    *id = (int64_t)bytes_be64(value.data);
    return 0;
}

int case_find_number(struct txn *txn, const char *number, int64_t *id)
{
    return find_id(txn, TABLE_NUMBERS, text_view(number), id);
}

int case_find_receipt(struct txn *txn, uint64_t event_seq, int64_t *id)
{
    struct key key = id_key((int64_t)event_seq);
    return find_id(txn, TABLE_RECEIPTS, key_view(&key), id);
}

void case_claim_receipts(struct txn *txn, const struct case_file *record)
{
    struct key id = id_key(record->id);
    for (size_t i = 0; i < record->voices.count; i++) {
        struct key seq = id_key(record->voices.items[i].seq);
        txn_put(txn, TABLE_RECEIPTS, key_view(&seq), key_view(&id));
    }
}

/* Voices are added at the end, so those that old and new share stand at the same place; of a case that lost one, all behind it are
 * written again. */
static void put_receipts(struct txn *txn, const struct case_file *old, const struct case_file *record, struct bytes id)
{
    for (size_t i = 0; i < record->voices.count; i++) {
        if (old && i < old->voices.count && old->voices.items[i].seq == record->voices.items[i].seq)
            continue;
        struct key seq = id_key(record->voices.items[i].seq);
        txn_put(txn, TABLE_RECEIPTS, key_view(&seq), id);
    }
}

void case_put(struct txn *txn, const struct case_file *old, const struct case_file *record)
{
    struct key id = id_key(record->id);
    struct buffer *bytes = txn_scratch(txn, 0);
    record_encode(&case_file_desc, record, bytes);
    txn_put(txn, TABLE_CASES, key_view(&id), buffer_view(bytes));
    if (!old)
        txn_put(txn, TABLE_NUMBERS, text_view(record->number), key_view(&id));
    put_receipts(txn, old, record, key_view(&id));
    index_apply(txn, old, record);
    counter_apply(txn, old, record);
    indicator_apply(txn, old, record);
}

int case_visit_all(struct txn *txn, struct arena *arena, int (*visit)(void *context, const struct case_file *record),
                   void *context, struct fault *fault)
{
    return case_visit_range(txn, 0, INT64_MAX, arena, visit, context, fault);
}

int case_visit_range(struct txn *txn, int64_t from, int64_t below, struct arena *arena,
                     int (*visit)(void *context, const struct case_file *record), void *context, struct fault *fault)
{
    struct key first;
    struct txn_walk walk;
    int result = 0;
    key_start(&first);
    key_be64(&first, (uint64_t)from);
    walk_open(txn, &walk, TABLE_CASES, key_view(&first), 0);
    while (!result && walk_next(&walk) && bytes_be64(walk.key.data) < (uint64_t)below) {
        struct case_file record;
        arena_reset(arena);
        result = record_decode(&case_file_desc, walk.value, arena, &record, fault);
        result = result ? fault_prefix(fault, result, "case %lld", (long long)bytes_be64(walk.key.data))
                        : visit(context, &record);
    }
    walk_close(&walk);
    return result ? result : txn_error(txn, fault);
}

/* ---- history ---- */

/* The bytes of its row: whose it is says the key. They live until the next write. */
static struct bytes row_of(struct txn *txn, const struct step *step)
{
    struct step line = *step;
    struct buffer *bytes = txn_scratch(txn, 0);
    line.seq = 0;
    record_encode(&step_desc, &line, bytes);
    return buffer_view(bytes);
}

void step_rewrite(struct txn *txn, const struct step *step)
{
    struct key key = id_key(step->seq);
    txn_put(txn, TABLE_STEPS, key_view(&key), row_of(txn, step));
}

static int64_t last_step(struct txn *txn)
{
    struct bytes key, value;
    return txn_last(txn, TABLE_STEPS, &key, &value) && key.size == 8 ? (int64_t)bytes_be64(key.data) : 0;
}

void step_append(struct txn *txn, struct case_file *record, const struct step *step)
{
    struct step line = *step;
    int64_t seq = last_step(txn) + 1;
    struct key key = id_key(seq);
    line.before = record->last_step;
    txn_append(txn, TABLE_STEPS, key_view(&key), row_of(txn, &line));
    record->last_step = seq;
    record->steps++;
}

int step_get(struct txn *txn, int64_t seq, struct arena *arena, struct step *step, struct fault *fault)
{
    struct key key = id_key(seq);
    struct bytes value;
    if (!txn_get(txn, TABLE_STEPS, key_view(&key), &value)) {
        int result = txn_error(txn, fault);
        return result ? result : fault_set(fault, -EBADMSG, "step %lld is not there", (long long)seq);
    }
    int result = record_decode(&step_desc, value, arena, step, fault);
    step->seq = seq;
    return result ? fault_prefix(fault, result, "step %lld", (long long)seq) : 0;
}

int step_list_of(struct txn *txn, const struct case_file *record, struct arena *arena, struct step_list *steps,
                 struct fault *fault)
{
    size_t count = (size_t)record->steps;
    int64_t seq = record->last_step;
    *steps = (struct step_list){ arena_array(arena, count ? count : 1, sizeof *steps->items), count };
    for (size_t i = count; i-- > 0;) {
        int result = step_get(txn, seq, arena, &steps->items[i], fault);
        if (result)
            return fault_prefix(fault, result, "case %s", record->number);
        seq = steps->items[i].before;
    }
    return txn_error(txn, fault);
}
