/* What the actions of drumctl journal share: their command line, and heads and proofs as JSON (hashes, keys and payloads in base64). */
#pragma once

#include <jansson.h>

#include "proto/store/journal_head.h"
#include "tools/drumctl/look.h"

struct journal_request {
    const char *data, *head_file, *key_file, *book_folder, *books_folder; /* NULL where not given */
    int64_t from, limit;
    const char *operand; /* what stands behind the action; NULL: nothing */
};

/* X(name, function, operand, sentence): 0 done; 1 the answer is no, and was told; <0 a fault. */
#define JOURNAL_ACTIONS(X) \
    X("verify", journal_action_verify, NULL, "chain, tree, erasures and signed heads, also while the dispatcher runs") \
    X("head", journal_action_head, NULL, "print the last signed head: keep it elsewhere") \
    X("prove", journal_action_prove, "CASE|ENTRY", "print a proof of a case's entries, or of one") \
    X("prove-growth", journal_action_prove_growth, NULL, "print a proof that the journal begins with that of --head") \
    X("check-proof", journal_action_check_proof, "FILE", "check a proof by --head and --key alone, without --data") \
    X("replay", journal_action_replay, NULL, \
      "apply it to an empty store, and see whether the same state comes of it, byte for byte; needs --book") \
    X("export", journal_action_export, NULL, "print the entries, one JSON object a line")

#define JOURNAL_ACTION_DECLARE(name, function, operand, sentence) \
    int function(const struct journal_request *request, struct fault *fault);
JOURNAL_ACTIONS(JOURNAL_ACTION_DECLARE)

/* "drumtower journal head 1", "… proof 1", "… growth 1": the member "format" of each. */
#define JOURNAL_HEAD_FORMAT "drumtower journal head 1"
#define JOURNAL_PROOF_FORMAT "drumtower journal proof 1"
#define JOURNAL_GROWTH_FORMAT "drumtower journal growth 1"

/* New references. */
json_t *journal_base64(const void *bytes, size_t size);
json_t *journal_head_to_json(const struct journal_head *head);
json_t *journal_nodes_to_json(struct bytes nodes);
/* An entry for a person or a program: its payload decoded. */
json_t *journal_entry_to_json(const struct journal_entry *entry);

/* Appends the bytes of a member; -EINVAL names it. `size`: what is expected, 0: any. */
int journal_take_base64(const json_t *object, const char *name, size_t size, struct buffer *out, struct fault *fault);
int journal_take_integer(const json_t *object, const char *name, int64_t *value, struct fault *fault);
int journal_take_nodes(const json_t *object, struct buffer *nodes, struct fault *fault);
int journal_head_from_json(const json_t *object, struct journal_head *head, struct fault *fault);

/* A file's JSON object; NULL: the fault says why. */
json_t *journal_load_json(const char *path, struct fault *fault);
/* --head FILE, which was given, and must be signed by the key where one is given. */
int journal_load_head(const struct journal_request *request, const struct public_key *key, struct journal_head *head,
                      struct fault *fault);
/* --key FILE, else the data folder's own public key. 1: neither is there. */
int journal_load_key(const struct journal_request *request, struct public_key *key, struct fault *fault);
