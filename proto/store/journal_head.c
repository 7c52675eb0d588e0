#include "proto/store/journal_head.h"

#include <string.h>

#include "proto/store/case_store.h"
#include "proto/store/key.h"

static const char purpose[] = "drumtower journal head 1\n";

enum { SIGNED_BYTES = sizeof purpose - 1 + 8 + 8 + HASH_BYTES, ROW_BYTES = 8 + HASH_BYTES + SIGNATURE_BYTES };

static void write_signed(const struct journal_head *head, uint8_t out[SIGNED_BYTES])
{
    uint8_t *at = out + sizeof purpose - 1;
    memcpy(out, purpose, sizeof purpose - 1);
    bytes_put_be64(at, head->size);
    bytes_put_be64(at + 8, (uint64_t)head->at_ms);
    memcpy(at + 16, head->root.bytes, HASH_BYTES);
}

void journal_head_sign(struct journal_head *head, const struct secret_key *key)
{
    uint8_t bytes[SIGNED_BYTES];
    write_signed(head, bytes);
    head->signature = sign(key, bytes, sizeof bytes);
}

bool journal_head_is_signed(const struct journal_head *head, const struct public_key *key)
{
    uint8_t bytes[SIGNED_BYTES];
    write_signed(head, bytes);
    return is_signed(key, &head->signature, bytes, sizeof bytes);
}

/* ---- rows ---- */

static void put_head(struct txn *txn, const struct journal_head *head)
{
    struct key key;
    key_start(&key);
    uint8_t row[ROW_BYTES];
    key_be64(&key, head->size);
    bytes_put_be64(row, (uint64_t)head->at_ms);
    memcpy(row + 8, head->root.bytes, HASH_BYTES);
    memcpy(row + 8 + HASH_BYTES, head->signature.bytes, SIGNATURE_BYTES);
    txn_append(txn, TABLE_HEADS, key_view(&key), (struct bytes){ row, sizeof row });
}

static int parse_head(struct bytes key, struct bytes value, struct journal_head *head, struct fault *fault)
{
    if (key.size != 8 || value.size != ROW_BYTES)
        return fault_set(fault, -EBADMSG, "a signed head of the journal is damaged: %zu bytes, expected %d", value.size,
                         ROW_BYTES);
    head->size = bytes_be64(key.data);
    head->at_ms = (int64_t)bytes_be64(value.data);
    memcpy(head->root.bytes, value.data + 8, HASH_BYTES);
    memcpy(head->signature.bytes, value.data + 8 + HASH_BYTES, SIGNATURE_BYTES);
    return 0;
}

int journal_head_from(struct txn *txn, uint64_t size, struct journal_head *head, struct fault *fault)
{
    struct key key;
    key_start(&key);
    struct txn_walk walk;
    key_be64(&key, size);
    walk_open(txn, &walk, TABLE_HEADS, key_view(&key), 0);
    int result = walk_next(&walk) ? parse_head(walk.key, walk.value, head, fault) : txn_absent(txn, fault);
    walk_close(&walk);
    return result;
}

int journal_head_last(struct txn *txn, struct journal_head *head, struct fault *fault)
{
    struct bytes key, value;
    return txn_last(txn, TABLE_HEADS, &key, &value) ? parse_head(key, value, head, fault) : txn_absent(txn, fault);
}

/* ---- making ---- */

int journal_head_make(const struct journal_signer *signer, struct txn *txn, int64_t now_ms, int64_t *due_ms,
                      struct fault *fault)
{
    struct journal_head last = { 0 }, head = { .at_ms = now_ms };
    struct merkle_peaks peaks;
    *due_ms = INT64_MAX;
    int result = journal_head_last(txn, &last, fault);
    if (result < 0 || !journal_tree_peaks(txn, &peaks) || peaks.size <= last.size)
        return result < 0 ? result : txn_error(txn, fault);
    bool early = now_ms >= last.at_ms && now_ms - last.at_ms < signer->every_ms;
    if (result == 0 && early && peaks.size - last.size < signer->every_entries) {
        *due_ms = last.at_ms + signer->every_ms;
        return 0;
    }
    head.size = peaks.size;
    head.root = merkle_root(&peaks);
    journal_head_sign(&head, &signer->key);
    put_head(txn, &head);
    return txn_error(txn, fault);
}
