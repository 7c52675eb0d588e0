/* Signed heads: what the journal was at a moment, in 200 bytes that can be kept elsewhere. Who has one finds out later whether anything
 * before it was changed or cut off, and can check a proof without the journal.
 *
 * Table `heads`: be64 size → be64 at_ms | 32 bytes root | 64 bytes signature. Signed (Ed25519) is
 *   "drumtower journal head 1\n" | be64 size | be64 at_ms | root
 */
#pragma once

#include "proto/store/journal_tree.h"

struct journal_head {
    uint64_t size; /* entries */
    int64_t at_ms; /* when it was signed */
    struct hash root;
    struct signature signature;
};

void journal_head_sign(struct journal_head *head, const struct secret_key *key);
bool journal_head_is_signed(const struct journal_head *head, const struct public_key *key);

/* The head of the fewest entries, but at least `size`; of the most. 0, 1 where there is none, or -EBADMSG where its row is damaged. */
int journal_head_from(struct txn *txn, uint64_t size, struct journal_head *head, struct fault *fault);
int journal_head_last(struct txn *txn, struct journal_head *head, struct fault *fault);

struct journal_signer {
    struct secret_key key;
    int64_t every_ms;       /* a head is due this long after the last one … */
    uint64_t every_entries; /* … or at so many entries more, if the journal has grown at all */
};
enum { JOURNAL_HEAD_MS = 10 * 60 * 1000, JOURNAL_HEAD_ENTRIES = 1000 };

/* Signs the tree as it stands in the write transaction, if a head is due. *due_ms: when one will be, if nothing more is appended;
 * INT64_MAX where the last head holds all there is. */
int journal_head_make(const struct journal_signer *signer, struct txn *txn, int64_t now_ms, int64_t *due_ms,
                      struct fault *fault);
