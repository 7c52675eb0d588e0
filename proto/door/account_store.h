/* The accounts environment. Tables: accounts (login → account), sessions (hash of the token → open_session), audit (sequence →
 * audit_line). A token is never stored, only its BLAKE2b hash: who reads the store can sign in as nobody.
 */
#pragma once

#include "proto/base/arena.h"
#include "proto/door/account_record.h"
#include "proto/store/store.h"

#define SESSION_FIELDS(X) \
    X(1, TEXT, login, 64) \
    X(2, INT, created_at_ms, 0) \
    X(3, INT, used_at_ms, 0) /* not exact: written again when it is older than a tenth of the idle time */ \
    X(4, TEXT, address, 64)
RECORD_DECLARE(open_session, SESSION_FIELDS)

#define AUDIT_KINDS(X) \
    X(AUDIT, NONE, "none") \
    X(AUDIT, SIGNED_IN, "signed_in") \
    X(AUDIT, SIGNED_OUT, "signed_out") \
    X(AUDIT, LOCKED, "locked") \
    X(AUDIT, ACCOUNT_SET, "account_set") \
    X(AUDIT, VIEWED, "viewed") /* evidence */ \
    X(AUDIT, MOVED, "moved")   /* a camera */
ENUM_DECLARE(audit_kind, AUDIT_KINDS)

#define AUDIT_FIELDS(X) \
    X(1, INT, at_ms, 0) \
    X(2, ENUM, kind, audit_kind) \
    X(3, TEXT, login, 64) \
    X(4, TEXT, address, 64) \
    X(5, TEXT, what, 200) /* viewed: the case and the file; moved: the camera and the speeds */
RECORD_DECLARE(audit_line, AUDIT_FIELDS)

enum accounts_table { ACCOUNTS_ACCOUNT, ACCOUNTS_SESSION, ACCOUNTS_AUDIT, ACCOUNTS_TABLE_COUNT };

struct accounts {
    struct store *store;
    char *nobody_hash; /* checked for a login that is not there, so that the answer takes as long */
};

/* DATA/accounts, made where it is not there; to read: -ENOENT. */
int account_store_open(const char *data_folder, enum store_mode mode, struct store **store, struct fault *fault);
bool account_get(struct txn *txn, const char *login, struct arena *arena, struct account *account);
void account_put(struct txn *txn, const struct account *account);
/* One line to the audit table and one to the log. */
void audit_write(struct txn *txn, enum audit_kind kind, const char *login, const char *address, int64_t now_ms);
/* Every line, the oldest first. visit: 0 goes on, else ends and is returned. */
int accounts_visit_audit(struct accounts *accounts, int (*visit)(void *context, const struct audit_line *line),
                         void *context, struct fault *fault);
void audit_put(struct txn *txn, const struct audit_line *line);
/* The same of now, in a transaction of its own; durable on return. */
int accounts_note(struct accounts *accounts, enum audit_kind kind, const char *login, const char *address,
                  const char *what, struct fault *fault);
