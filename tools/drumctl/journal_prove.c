/* drumctl journal prove, prove-growth: what somebody can check who has a signed head and nothing else. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/record/command.h"
#include "proto/record/event.h"
#include "proto/store/case_store.h"
#include "proto/store/journal_find.h"
#include "tools/drumctl/journal.h"

struct proving {
    struct txn *txn;
    struct journal journal;
    struct journal_head head;
    struct buffer entries; /* uint64_t each */
    const char *about;     /* the case's number; NULL: one entry */
    int64_t case_id, until_ms;
    struct arena arena; /* the case's */
    struct arena scratch;
    struct fault *fault;
};

static uint64_t *numbers(struct proving *proving)
{
    return (uint64_t *)(void *)proving->entries.bytes;
}

static size_t count(const struct proving *proving)
{
    return proving->entries.size / sizeof(uint64_t);
}

/* With an erased entry goes the one that erased it. */
static void add(struct proving *proving, const struct journal_entry *entry)
{
    buffer_append(&proving->entries, &entry->n, sizeof entry->n);
    if (entry->erased_by)
        buffer_append(&proving->entries, &entry->erased_by, sizeof entry->erased_by);
}

/* ---- which entries ---- */

static bool is_voice(const struct proving *proving, int64_t seq)
{
    int64_t id;
    return seq > 0 && case_find_receipt(proving->txn, (uint64_t)seq, &id) == 0 && id == proving->case_id;
}

static bool is_about_case(struct proving *proving, const struct journal_entry *entry)
{
    struct event event;
    struct command command;
    arena_reset(&proving->scratch);
    if (entry->kind == INPUT_EVENT && !record_decode(&event_desc, entry->payload, &proving->scratch, &event, NULL))
        return is_voice(proving, event.seq) || is_voice(proving, event.about_seq);
    if (entry->kind == INPUT_COMMAND &&
        !record_decode(&command_desc, entry->payload, &proving->scratch, &command, NULL))
        return strcmp(command.case_number, proving->about) == 0;
    return false;
}

static int look_at_entry(void *context, const struct journal_entry *entry)
{
    struct proving *proving = context;
    bool moves_time = entry->kind != INPUT_BOOK && entry->kind != INPUT_ERASURE;
    if (moves_time && entry->at_ms > proving->until_ms)
        return 1;
    if (is_about_case(proving, entry))
        add(proving, entry);
    return 0;
}

/* From its first report to the last line of its history. */
static int find_case(struct proving *proving, const char *number)
{
    struct case_file record;
    struct step_list steps;
    uint64_t from;
    int result = case_find_number(proving->txn, number, &proving->case_id);
    if (!result)
        result = case_get(proving->txn, proving->case_id, &proving->arena, &record, proving->fault);
    if (!result)
        result = step_list_of(proving->txn, &record, &proving->arena, &steps, proving->fault);
    if (result > 0)
        return fault_set(proving->fault, -ENOENT, "no case '%s'", number);
    if (result < 0 || !record.voices.count || !steps.count)
        return result;
    proving->about = arena_text(&proving->arena, number, strlen(number));
    proving->until_ms = steps.items[steps.count - 1].at_ms;
    result = journal_find_event(&proving->journal, proving->txn, record.voices.items[0].seq, &from, proving->fault);
    if (!result)
        result = proving->journal.ops->read(proving->journal.log, proving->txn, from, SIZE_MAX, look_at_entry, proving,
                                            proving->fault);
    return result < 0 ? result : 0;
}

static int find_entry(struct proving *proving, uint64_t n)
{
    struct journal_entry entry;
    int result = journal_get(&proving->journal, proving->txn, n, &entry, proving->fault);
    if (result > 0)
        return fault_set(proving->fault, -ENOENT, "no journal entry %" PRIu64, n);
    if (!result)
        add(proving, &entry);
    return result;
}

/* A number is an entry's, anything else a case's. */
static int find(struct proving *proving, const char *operand)
{
    if (strspn(operand, "0123456789") == strlen(operand) && *operand)
        return find_entry(proving, strtoull(operand, NULL, 10));
    return find_case(proving, operand);
}

static int compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* In order, each once, and none that the head does not hold yet. */
static int tidy(struct proving *proving)
{
    size_t kept = 0, all = count(proving);
    uint64_t *items = numbers(proving), newer = 0;
    if (all)
        qsort(items, all, sizeof *items, compare);
    for (size_t i = 0; i < all; i++)
        if (i && items[i] == items[i - 1])
            continue;
        else if (items[i] > proving->head.size)
            newer++;
        else
            items[kept++] = items[i];
    proving->entries.size = kept * sizeof *items;
    if (!kept)
        return fault_set(proving->fault, -ENOENT,
                         "nothing to prove: %" PRIu64 " entries are newer than the head of %" PRIu64 " entries", newer,
                         proving->head.size);
    if (newer)
        fprintf(stderr, "drumctl journal: left out %" PRIu64 " entries that are newer than the head of %" PRIu64 "\n",
                newer, proving->head.size);
    return 0;
}

/* ---- the proof ---- */

static json_t *entry_json(const struct journal_entry *entry)
{
    json_t *json = json_pack("{sI sI ss so}", "n", (json_int_t)entry->n, "at_ms", (json_int_t)entry->at_ms, "kind",
                             enum_name(&input_kind_desc, (int)entry->kind), "payload",
                             journal_base64(entry->payload.data, entry->payload.size));
    if (entry->payload_hash) {
        json_object_set_new(json, "payload_hash", journal_base64(entry->payload_hash, HASH_BYTES));
        json_object_set_new(json, "erased_by", json_integer((json_int_t)entry->erased_by));
    } else {
        json_object_set_new(json, "salt", journal_base64(entry->salt, JOURNAL_SALT_BYTES));
    }
    return json;
}

static int print_proof(struct proving *proving)
{
    struct journal_tree tree = { &proving->journal, proving->txn, proving->fault };
    struct merkle_source source = journal_tree_source(&tree);
    struct buffer nodes = { 0 };
    json_t *entries = json_array();
    int result = 0;
    for (size_t i = 0; i < count(proving) && !result; i++) {
        struct journal_entry entry;
        result = journal_get(&proving->journal, proving->txn, numbers(proving)[i], &entry, proving->fault);
        if (!result)
            json_array_append_new(entries, entry_json(&entry));
        numbers(proving)[i]--; /* leaves are counted from 0 */
    }
    if (!result)
        result = merkle_prove(&source, proving->head.size, numbers(proving), count(proving), &nodes);
    if (!result)
        look_print_json(json_pack("{ss ss* sI sO so}", "format", JOURNAL_PROOF_FORMAT, "case", proving->about,
                                  "tree_size", (json_int_t)proving->head.size, "entries", entries, "nodes",
                                  journal_nodes_to_json(buffer_view(&nodes))),
                        0);
    json_decref(entries);
    buffer_finish(&nodes);
    return result;
}

/* The head that was given must be one of this journal: no proof would lead to another. */
static int check_head(struct proving *proving, const struct journal_head *head)
{
    struct journal_tree tree = { &proving->journal, proving->txn, proving->fault };
    struct merkle_source source = journal_tree_source(&tree);
    struct hash root = { { 0 } };
    uint64_t last = proving->journal.ops->last(proving->journal.log, proving->txn);
    if (head->size > last)
        return fault_set(proving->fault, -EBADMSG, "the journal ends at entry %" PRIu64 ", the head holds %" PRIu64,
                         last, head->size);
    int result = merkle_root_of(&source, head->size, &root);
    if (!result && !hash_equal(&root, &head->root))
        result =
            fault_set(proving->fault, -EBADMSG,
                      "the head of %" PRIu64 " entries is not of this journal, or the journal was changed", head->size);
    return result;
}

static int last_head(struct proving *proving, struct journal_head *head)
{
    int result = journal_head_last(proving->txn, head, proving->fault);
    return result > 0 ? fault_set(proving->fault, -ENOENT, "no head was signed yet") : result;
}

static int prove(struct proving *proving, const struct journal_request *request)
{
    int result = request->head_file ? journal_load_head(request, NULL, &proving->head, proving->fault)
                                    : last_head(proving, &proving->head);
    if (!result)
        result = check_head(proving, &proving->head);
    if (!result)
        result = find(proving, request->operand);
    if (!result)
        result = tidy(proving);
    return result ? result : print_proof(proving);
}

static int prove_growth(struct proving *proving, const struct journal_request *request)
{
    struct journal_tree tree = { &proving->journal, proving->txn, proving->fault };
    struct merkle_source source = journal_tree_source(&tree);
    struct journal_head old;
    struct buffer nodes = { 0 };
    int result = journal_load_head(request, NULL, &old, proving->fault);
    if (!result)
        result = last_head(proving, &proving->head);
    if (!result)
        result = check_head(proving, &old);
    if (!result && old.size > proving->head.size)
        result = fault_set(proving->fault, -EINVAL, "the head of %" PRIu64 " entries is newer than the last one here",
                           old.size);
    if (!result)
        result = merkle_prove_growth(&source, old.size, proving->head.size, &nodes);
    if (!result)
        look_print_json(json_pack("{ss sI so so}", "format", JOURNAL_GROWTH_FORMAT, "old_size", (json_int_t)old.size,
                                  "head", journal_head_to_json(&proving->head), "nodes",
                                  journal_nodes_to_json(buffer_view(&nodes))),
                        0);
    buffer_finish(&nodes);
    return result;
}

static int on_snapshot(const struct journal_request *request,
                       int (*run)(struct proving *proving, const struct journal_request *request), struct fault *fault)
{
    struct proving proving = { .journal = journal_in_store(), .fault = fault };
    struct store *store = NULL;
    int result = case_store_open(request->data, STORE_READ_ONLY, &store, fault);
    if (!result) {
        proving.txn = txn_begin_read(store);
        result = run(&proving, request);
        txn_abort(proving.txn);
    }
    store_close(store);
    buffer_finish(&proving.entries);
    arena_finish(&proving.arena);
    arena_finish(&proving.scratch);
    return result;
}

int journal_action_prove(const struct journal_request *request, struct fault *fault)
{
    return on_snapshot(request, prove, fault);
}

int journal_action_prove_growth(const struct journal_request *request, struct fault *fault)
{
    return on_snapshot(request, prove_growth, fault);
}
