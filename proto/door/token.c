#include "proto/door/token.h"

#include <string.h>

#include "proto/base/crypto.h"
#include "proto/base/timestamp.h"

enum { CLEANED_AT_ONCE = 1000 }; /* by one commit */

static const struct session_life desk_life = { 12 * (int64_t)MS_PER_HOUR, 7 * (int64_t)MS_PER_DAY };
static const struct session_life lives[] = {
    [ROLE_WORKER] = { 30 * (int64_t)MS_PER_DAY, 30 * (int64_t)MS_PER_DAY },
    [ROLE_DEVICE] = { 30 * (int64_t)MS_PER_DAY, 365 * (int64_t)MS_PER_DAY }, /* a wall: signed in once a year */
};

struct session_life session_life_of(enum role role)
{
    bool own = (size_t)role < sizeof lives / sizeof *lives && lives[role].idle_ms;
    return own ? lives[role] : desk_life;
}

static bool is_over(const struct open_session *session, enum role role, int64_t now_ms)
{
    struct session_life life = session_life_of(role);
    return now_ms - session->used_at_ms >= life.idle_ms || now_ms - session->created_at_ms >= life.absolute_ms;
}

static bool is_token(const char *token)
{
    return strlen(token) == TOKEN_CHARACTERS && !token[strspn(token, "0123456789abcdefghjkmnpqrstvwxyz")];
}

static struct bytes hash_key(struct hash *hash, const char *token)
{
    *hash = hash_of(token, strlen(token));
    return (struct bytes){ hash->bytes, sizeof hash->bytes };
}

static void put_session(struct txn *txn, struct bytes key, const struct open_session *session)
{
    struct buffer value = { 0 };
    record_encode(&open_session_desc, session, &value);
    txn_put(txn, ACCOUNTS_SESSION, key, buffer_view(&value));
    buffer_finish(&value);
}

int token_start(struct accounts *accounts, const struct account *account, const char *address, int64_t now_ms,
                char token[TOKEN_CHARACTERS + 1], struct fault *fault)
{
    struct hash hash;
    random_text(token, TOKEN_CHARACTERS);
    struct txn *txn = txn_begin_write(accounts->store);
    put_session(txn, hash_key(&hash, token),
                &(struct open_session){
                    .login = account->login,
                    .created_at_ms = now_ms,
                    .used_at_ms = now_ms,
                    .address = address,
                });
    audit_write(txn, AUDIT_SIGNED_IN, account->login, address, now_ms);
    return txn_commit(txn, fault);
}

/* Once in a tenth of the idle time, so that a busy session costs no commit per request. */
static void note_use(struct accounts *accounts, struct bytes key, struct open_session *session, enum role role,
                     int64_t now_ms)
{
    if (now_ms - session->used_at_ms < session_life_of(role).idle_ms / 10)
        return;
    session->used_at_ms = now_ms;
    struct txn *txn = txn_begin_write(accounts->store);
    struct bytes value;
    if (txn_get(txn, ACCOUNTS_SESSION, key, &value)) /* it may have been ended by another door */
        put_session(txn, key, session);
    txn_commit(txn, NULL); /* a full disk must not sign people out: the next request tries again */
}

bool token_find(struct accounts *accounts, const char *token, int64_t now_ms, struct arena *arena,
                struct account *account)
{
    struct hash hash;
    struct open_session session;
    struct bytes value;
    if (!is_token(token))
        return false;
    struct bytes key = hash_key(&hash, token);
    struct txn *txn = txn_begin_read(accounts->store);
    bool found = txn_get(txn, ACCOUNTS_SESSION, key, &value) &&
                 record_decode(&open_session_desc, value, arena, &session, NULL) == 0 &&
                 account_get(txn, session.login, arena, account) && !account->disabled &&
                 !is_over(&session, account->role, now_ms);
    txn_abort(txn);
    if (found)
        note_use(accounts, key, &session, account->role, now_ms);
    return found;
}

int token_end(struct accounts *accounts, const char *token, const char *login, const char *address, int64_t now_ms,
              struct fault *fault)
{
    struct hash hash;
    struct txn *txn = txn_begin_write(accounts->store);
    if (txn_delete(txn, ACCOUNTS_SESSION, hash_key(&hash, token)))
        audit_write(txn, AUDIT_SIGNED_OUT, login, address, now_ms);
    return txn_commit(txn, fault);
}

/* The keys of sessions that are over, of nobody, or of `login`. */
static size_t collect_over(struct txn *txn, const char *login, int64_t now_ms, struct hash *keys)
{
    struct arena arena = { 0 };
    struct txn_walk walk;
    size_t count = 0;
    walk_open(txn, &walk, ACCOUNTS_SESSION, (struct bytes){ 0 }, 0);
    while (count < CLEANED_AT_ONCE && walk_next(&walk)) {
        struct open_session session;
        struct account account;
        bool keep = record_decode(&open_session_desc, walk.value, &arena, &session, NULL) == 0 &&
                    account_get(txn, session.login, &arena, &account) && !is_over(&session, account.role, now_ms) &&
                    !(login && strcmp(session.login, login) == 0);
        if (!keep && walk.key.size == sizeof keys->bytes)
            memcpy(keys[count++].bytes, walk.key.data, walk.key.size);
        arena_reset(&arena);
    }
    walk_close(&walk);
    arena_finish(&arena);
    return count;
}

static int delete_sessions(struct accounts *accounts, const struct hash *keys, size_t count, struct fault *fault)
{
    struct txn *txn = txn_begin_write(accounts->store);
    for (size_t i = 0; i < count; i++)
        txn_delete(txn, ACCOUNTS_SESSION, (struct bytes){ keys[i].bytes, sizeof keys[i].bytes });
    return txn_commit(txn, fault);
}

int tokens_clean(struct accounts *accounts, const char *login, int64_t now_ms, struct fault *fault)
{
    struct arena arena = { 0 };
    struct hash *keys = arena_array(&arena, CLEANED_AT_ONCE, sizeof *keys);
    size_t count;
    int result = 0, cleaned = 0;
    do {
        struct txn *txn = txn_begin_read(accounts->store);
        count = collect_over(txn, login, now_ms, keys);
        txn_abort(txn);
        if (count)
            result = delete_sessions(accounts, keys, count, fault);
        cleaned += (int)count;
    } while (!result && count == CLEANED_AT_ONCE);
    arena_finish(&arena);
    return result ? result : cleaned;
}
