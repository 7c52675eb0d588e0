/* drumctl journal check-proof: for whoever has a signed head and the public key, and no data folder. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/store/erase.h"
#include "tools/drumctl/journal.h"

/* The entries of a proof; their bytes are in the arena. */
struct claims {
    struct arena arena;
    struct journal_entry *entries;
    struct merkle_member *members;
    size_t count;
};

/* ---- reading ---- */

static const uint8_t *take_bytes(const json_t *json, const char *name, size_t size, struct arena *arena,
                                 struct bytes *out, struct fault *fault)
{
    struct buffer bytes = { 0 };
    const uint8_t *copy = NULL;
    if (journal_take_base64(json, name, size, &bytes, fault) == 0) {
        copy = (const uint8_t *)arena_text(arena, (const char *)bytes.bytes, bytes.size);
        if (out)
            *out = (struct bytes){ copy, bytes.size };
    }
    buffer_finish(&bytes);
    return copy;
}

static int take_entry(const json_t *json, struct arena *arena, struct journal_entry *entry, struct fault *fault)
{
    const char *kind = json_string_value(json_object_get(json, "kind"));
    int64_t n = 0, erased_by = 0;
    int result = journal_take_integer(json, "n", &n, fault);
    if (!result)
        result = journal_take_integer(json, "at_ms", &entry->at_ms, fault);
    if (!result && (n < 1 || !kind || enum_value(&input_kind_desc, kind) < 0))
        result = fault_set(fault, -EINVAL, "expected 'n' from 1 on and a 'kind' of input");
    bool erased = json_object_get(json, "payload_hash") != NULL;
    if (!result && erased)
        result = journal_take_integer(json, "erased_by", &erased_by, fault);
    if (result)
        return result;
    entry->n = (uint64_t)n;
    entry->kind = (enum input_kind)enum_value(&input_kind_desc, kind);
    entry->erased_by = (uint64_t)erased_by;
    if (!take_bytes(json, "payload", 0, arena, &entry->payload, fault))
        return -EINVAL;
    if (erased)
        entry->payload_hash = take_bytes(json, "payload_hash", HASH_BYTES, arena, NULL, fault);
    else
        entry->salt = take_bytes(json, "salt", JOURNAL_SALT_BYTES, arena, NULL, fault);
    return entry->payload_hash || entry->salt ? 0 : -EINVAL;
}

static int take_claims(const json_t *proof, struct claims *claims, struct fault *fault)
{
    const json_t *list = json_object_get(proof, "entries");
    int result = json_is_array(list) && json_array_size(list)
                     ? 0
                     : fault_set(fault, -EINVAL, "'entries': expected a list that is not empty");
    size_t count = json_array_size(list);
    claims->entries = arena_array(&claims->arena, count + 1, sizeof *claims->entries);
    claims->members = arena_array(&claims->arena, count + 1, sizeof *claims->members);
    for (size_t i = 0; i < count && !result; i++) {
        struct journal_entry *entry = &claims->entries[i];
        result = take_entry(json_array_get(list, i), &claims->arena, entry, fault);
        if (result)
            return fault_prefix(fault, result, "'entries' %zu", i);
        claims->members[i] = (struct merkle_member){ entry->n - 1, journal_leaf(entry) };
        claims->count++;
    }
    return result;
}

/* ---- checking ---- */

static const struct journal_entry *entry_of(const struct claims *claims, uint64_t n)
{
    for (size_t i = 0; i < claims->count; i++)
        if (claims->entries[i].n == n)
            return &claims->entries[i];
    return NULL;
}

/* What is left of an erased payload is proved by the erasure, if that is in the proof too: else it is worth nothing. */
static bool is_left(struct claims *claims, const struct journal_entry *entry)
{
    char hex[HASH_HEX];
    struct erasure erasure;
    const struct journal_entry *by = entry_of(claims, entry->erased_by);
    struct hash left = hash_of(entry->payload.data, entry->payload.size);
    return by && by->kind == INPUT_ERASURE && !by->payload_hash &&
           record_decode(&erasure_desc, by->payload, &claims->arena, &erasure, NULL) == 0 &&
           erasure.entry == (int64_t)entry->n && strcmp(erasure.left_hash, hash_hex(hex, &left)) == 0;
}

static void print_claims(struct claims *claims)
{
    for (size_t i = 0; i < claims->count; i++) {
        struct journal_entry entry = claims->entries[i];
        if (entry.payload_hash && !is_left(claims, &entry))
            entry.payload = (struct bytes){ NULL, 0 };
        look_print_json(journal_entry_to_json(&entry), 0);
    }
}

static int check_entries(const json_t *proof, const struct journal_head *head, struct fault *fault)
{
    char at[TIMESTAMP_TEXT];
    struct claims claims = { 0 };
    struct buffer nodes = { 0 };
    int64_t size = 0;
    int result = journal_take_integer(proof, "tree_size", &size, fault);
    if (!result && (uint64_t)size != head->size)
        result = fault_set(fault, -EINVAL,
                           "the proof is for a head of %" PRId64 " entries, the given one has %" PRIu64 ": ask for one "
                           "by this head, "
                           "or for that "
                           "head",
                           size, head->size);
    if (!result)
        result = take_claims(proof, &claims, fault);
    if (!result)
        result = journal_take_nodes(proof, &nodes, fault);
    if (!result && !merkle_proves(&head->root, head->size, claims.members, claims.count, buffer_view(&nodes)))
        result = fault_set(fault, -EBADMSG, "not proved: these entries do not lead to the head's root");
    if (!result) {
        printf("proved: %zu entries of the %" PRIu64 " that were signed at %s\n", claims.count, head->size,
               timestamp_format(at, head->at_ms, 0));
        print_claims(&claims);
    }
    buffer_finish(&nodes);
    arena_finish(&claims.arena);
    return result;
}

static int check_growth(const json_t *proof, const struct journal_head *old, const struct public_key *key,
                        struct fault *fault)
{
    struct journal_head head;
    struct buffer nodes = { 0 };
    int result = journal_head_from_json(json_object_get(proof, "head"), &head, fault);
    if (!result && !journal_head_is_signed(&head, key))
        result = fault_set(fault, -EBADMSG, "the newer head is not signed by this key");
    if (!result)
        result = journal_take_nodes(proof, &nodes, fault);
    if (!result && !merkle_proves_growth(&old->root, old->size, &head.root, head.size, buffer_view(&nodes)))
        result = fault_set(fault, -EBADMSG,
                           "not proved: the journal of %" PRIu64 " entries does not begin with that of %" PRIu64,
                           head.size, old->size);
    if (!result)
        printf("proved: the journal of %" PRIu64 " entries begins with the %" PRIu64 " of the given head\n", head.size,
               old->size);
    buffer_finish(&nodes);
    return result;
}

int journal_action_check_proof(const struct journal_request *request, struct fault *fault)
{
    struct public_key key;
    struct journal_head head;
    int result = journal_load_key(request, &key, fault);
    if (result > 0)
        result = fault_set(fault, -EINVAL, "%s: no public key of the journal: name one by --key", request->data);
    if (!result)
        result = journal_load_head(request, &key, &head, fault);
    json_t *proof = result ? NULL : journal_load_json(request->operand, fault);
    if (result || !proof)
        return result ? result : -EINVAL;
    const char *format = json_string_value(json_object_get(proof, "format"));
    if (format && strcmp(format, JOURNAL_PROOF_FORMAT) == 0)
        result = check_entries(proof, &head, fault);
    else if (format && strcmp(format, JOURNAL_GROWTH_FORMAT) == 0)
        result = check_growth(proof, &head, &key, fault);
    else
        result = fault_set(fault, -EINVAL, "'format' is '%s', expected '%s' or '%s'", format ? format : "",
                           JOURNAL_PROOF_FORMAT, JOURNAL_GROWTH_FORMAT);
    json_decref(proof);
    return result < 0 ? fault_prefix(fault, result, "%s", request->operand) : result;
}
