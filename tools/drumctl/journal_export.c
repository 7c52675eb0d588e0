/* drumctl journal export: entries with their payloads decoded, one JSON object a line. */
#include <inttypes.h>
#include <string.h>

#include "proto/door/json.h"
#include "proto/record/command.h"
#include "proto/store/case_store.h"
#include "proto/store/erase.h"
#include "tools/drumctl/journal.h"

enum { PAGE = 1000 };

static const struct record_desc *desc_of(enum input_kind kind)
{
    switch (kind) {
    case INPUT_EVENT:
        return &event_desc;
    case INPUT_COMMAND:
        return &command_desc;
    case INPUT_ERASURE:
        return &erasure_desc;
    case INPUT_PULSE:
    case INPUT_BOOK:
    case INPUT_NONE:
        break;
    }
    return NULL;
}

static json_t *record_of(const struct record_desc *desc, struct bytes payload)
{
    struct arena arena = { 0 };
    void *record = arena_alloc(&arena, desc->size);
    json_t *json = record_decode(desc, payload, &arena, record, NULL) == 0 ? record_to_json(desc, record) : json_null();
    arena_finish(&arena);
    return json;
}

static json_t *book_of(struct bytes payload)
{
    char hex[HASH_HEX];
    struct hash hash;
    if (payload.size != HASH_BYTES)
        return json_null();
    memcpy(hash.bytes, payload.data, HASH_BYTES);
    return json_pack("{ss}", "book", hash_hex(hex, &hash));
}

/* What does not decode is given as it is. */
static json_t *payload_of(const struct journal_entry *entry)
{
    const struct record_desc *desc = desc_of(entry->kind);
    json_t *json = desc ? record_of(desc, entry->payload) : book_of(entry->payload);
    if (!json_is_null(json) || entry->payload.size == 0)
        return json;
    json_decref(json);
    return json_pack("{so}", "base64", journal_base64(entry->payload.data, entry->payload.size));
}

json_t *journal_entry_to_json(const struct journal_entry *entry)
{
    char at[TIMESTAMP_TEXT], hex[HASH_HEX];
    struct hash leaf = journal_leaf(entry);
    json_t *json = json_pack("{sI ss sI ss ss}", "n", (json_int_t)entry->n, "at", timestamp_format(at, entry->at_ms, 0),
                             "at_ms", (json_int_t)entry->at_ms, "kind", enum_name(&input_kind_desc, (int)entry->kind),
                             "leaf", hash_hex(hex, &leaf));
    if (entry->payload_hash)
        json_object_set_new(json, "erased_by", json_integer((json_int_t)entry->erased_by));
    json_object_set_new(json, "payload", payload_of(entry));
    return json;
}

struct exporting {
    uint64_t next;
    int64_t left;
};

static int export_entry(void *context, const struct journal_entry *entry)
{
    struct exporting *exporting = context;
    look_print_json(journal_entry_to_json(entry), 0);
    exporting->next = entry->n + 1;
    exporting->left--;
    return 0;
}

/* In pages, so that no old snapshot is kept while the dispatcher writes. */
static int export_page(struct store *store, struct exporting *exporting, struct fault *fault)
{
    struct journal journal = journal_in_store();
    uint64_t before = exporting->next;
    size_t max = exporting->left < PAGE ? (size_t)exporting->left : PAGE;
    struct txn *txn = txn_begin_read(store);
    int result = journal.ops->read(journal.log, txn, before, max, export_entry, exporting, fault);
    txn_abort(txn);
    return result ? result : exporting->next == before;
}

int journal_action_export(const struct journal_request *request, struct fault *fault)
{
    struct exporting exporting = { (uint64_t)request->from, request->limit };
    struct store *store = NULL;
    int result = case_store_open(request->data, STORE_READ_ONLY, &store, fault);
    while (!result && exporting.left > 0)
        result = export_page(store, &exporting, fault);
    store_close(store);
    return result < 0 ? result : 0;
}
