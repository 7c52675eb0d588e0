/* Receipts: the event's id in the log, and the secret by which whoever reported follows, rates and reopens.
 *
 * Where the sender has a token, both come from it by hashing, so that a form which is sent twice (or an app that repeats a request whose answer was
 * lost) gets one event and the same secret again, and neither the log nor the journal tells the secret.
 */
#pragma once

#include <stdbool.h>

#include "proto/base/crypto.h"

enum { RECEIPT_TOKEN = 26, RECEIPT_TOKEN_MAX = 128, RECEIPT_SECRET = 32, RECEIPT_EVENT_ID = 40 };

struct receipt {
    char event_id[RECEIPT_EVENT_ID + 1];
    char secret[RECEIPT_SECRET + 1];
    char secret_hash[HASH_HEX];
};

/* A token for a form: 130 random bits. */
void receipt_token(char out[RECEIPT_TOKEN + 1]);
/* 16 to 128 characters of 0-9 A-Z a-z - _ */
bool receipt_token_fits(const char *token);

/* `kind` keeps the tokens of different senders apart: "form", "key", "rate". */
void receipt_make(struct receipt *receipt, const char *kind, const char *token);
/* Of no token: random, and the event's id begins with the time, so that new ids go side by side into the log's index instead of each to a page of its
 * own. */
void receipt_make_fresh(struct receipt *receipt, const char *kind, int64_t now_ms);
/* Does this secret belong to the receipt with this hash? */
bool receipt_opens(const char *secret, const char *secret_hash);
