#include "proto/door/account.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/crypto.h"
#include "proto/base/timestamp.h"
#include "proto/door/token.h"

enum { PASSWORD_BYTES_LEAST = 8, PASSWORD_BYTES_MOST = 200 };

static int open_in(const char *data_folder, enum store_mode mode, struct accounts **out, struct fault *fault)
{
    struct accounts *accounts = calloc(1, sizeof *accounts);
    if (!accounts)
        abort();
    int result = account_store_open(data_folder, mode, &accounts->store, fault);
    if (!result && mode == STORE_READ_WRITE)
        result = tokens_clean(accounts, NULL, clock_now_ms(), fault);
    if (result < 0) {
        accounts_close(accounts);
        return result;
    }
    *out = accounts;
    return 0;
}

int accounts_open(const char *data_folder, struct accounts **accounts, struct fault *fault)
{
    return open_in(data_folder, STORE_READ_WRITE, accounts, fault);
}

int accounts_open_to_read(const char *data_folder, struct accounts **accounts, struct fault *fault)
{
    return open_in(data_folder, STORE_READ_ONLY, accounts, fault);
}

void accounts_close(struct accounts *accounts)
{
    if (!accounts)
        return;
    store_close(accounts->store);
    free(accounts->nobody_hash);
    free(accounts);
}

/* ---- changes by an administrator ---- */

static int check_login(const char *login, struct fault *fault)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_@";
    if (!login || !*login || strlen(login) > 64 || login[strspn(login, letters)])
        return fault_set(fault, -EINVAL, "login '%.80s': expected 1 to 64 letters, digits, '.', '-', '_' or '@'",
                         login ? login : "");
    return 0;
}

static int check_account(const struct account *account, const char *password, struct fault *fault)
{
    int result = check_login(account->login, fault);
    if (result)
        return result;
    if (account->role == ROLE_NONE || account->role == ROLE_SYSTEM)
        return fault_set(fault, -EINVAL, "account %s: the role %s cannot sign in", account->login,
                         enum_name(&role_desc, account->role));
    if ((account->role == ROLE_WORKER || account->role == ROLE_LIAISON) &&
        !(account->department && *account->department))
        return fault_set(fault, -EINVAL, "account %s: a %s needs a department", account->login,
                         enum_name(&role_desc, account->role));
    size_t size = password ? strlen(password) : PASSWORD_BYTES_LEAST;
    if (size < PASSWORD_BYTES_LEAST || size > PASSWORD_BYTES_MOST)
        return fault_set(fault, -EINVAL, "account %s: expected a password of %d to %d bytes", account->login,
                         PASSWORD_BYTES_LEAST, PASSWORD_BYTES_MOST);
    return 0;
}

int accounts_note(struct accounts *accounts, enum audit_kind kind, const char *login, const char *address,
                  const char *what, struct fault *fault)
{
    struct txn *txn = txn_begin_write(accounts->store);
    audit_put(txn, &(struct audit_line){
                       .at_ms = clock_now_ms(), .kind = kind, .login = login, .address = address, .what = what });
    return txn_commit(txn, fault);
}

int accounts_set(struct accounts *accounts, const struct account *account, const char *password, struct fault *fault)
{
    char hash[PASSWORD_HASH_TEXT] = "";
    int result = check_account(account, password, fault);
    if (!result && password)
        result = password_hash(hash, password, fault);
    if (result)
        return result;
    struct arena arena = { 0 };
    struct account old = { 0 }, now = *account;
    struct txn *txn = txn_begin_write(accounts->store);
    bool known = account_get(txn, account->login, &arena, &old);
    now.created_at_ms = known ? old.created_at_ms : clock_now_ms();
    now.password_hash = password ? hash : known ? old.password_hash : "";
    now.failures = now.locked_until_ms = 0;
    account_put(txn, &now);
    audit_write(txn, AUDIT_ACCOUNT_SET, now.login, "", clock_now_ms());
    result = txn_commit(txn, fault);
    arena_finish(&arena);
    if (!result && (password || now.disabled)) /* who knew the old password is out */
        result = tokens_clean(accounts, now.login, clock_now_ms(), fault);
    return result < 0 ? result : 0;
}

/* Each row of a table in order; `row` decodes it into the arena and hands it on. */
static int visit_rows(struct accounts *accounts, enum accounts_table table,
                      int (*row)(void *visitor, struct bytes value, struct arena *arena, struct fault *fault),
                      void *visitor, struct fault *fault)
{
    struct arena arena = { 0 };
    struct txn_walk walk;
    struct txn *txn = txn_begin_read(accounts->store);
    int result = 0;
    walk_open(txn, &walk, table, (struct bytes){ 0 }, 0);
    while (!result && walk_next(&walk)) {
        result = row(visitor, walk.value, &arena, fault);
        arena_reset(&arena);
    }
    walk_close(&walk);
    if (!result)
        result = txn_error(txn, fault);
    txn_abort(txn);
    arena_finish(&arena);
    return result;
}

struct account_visitor {
    int (*visit)(void *context, const struct account *account);
    void *context;
};

static int account_row(void *context, struct bytes value, struct arena *arena, struct fault *fault)
{
    const struct account_visitor *visitor = context;
    struct account account;
    int result = record_decode(&account_desc, value, arena, &account, fault);
    return result ? result : visitor->visit(visitor->context, &account);
}

int accounts_visit(struct accounts *accounts, int (*visit)(void *context, const struct account *account), void *context,
                   struct fault *fault)
{
    struct account_visitor visitor = { visit, context };
    return visit_rows(accounts, ACCOUNTS_ACCOUNT, account_row, &visitor, fault);
}

struct audit_visitor {
    int (*visit)(void *context, const struct audit_line *line);
    void *context;
};

static int audit_row(void *context, struct bytes value, struct arena *arena, struct fault *fault)
{
    const struct audit_visitor *visitor = context;
    struct audit_line line;
    int result = record_decode(&audit_line_desc, value, arena, &line, fault);
    return result ? result : visitor->visit(visitor->context, &line);
}

int accounts_visit_audit(struct accounts *accounts, int (*visit)(void *context, const struct audit_line *line),
                         void *context, struct fault *fault)
{
    struct audit_visitor visitor = { visit, context };
    return visit_rows(accounts, ACCOUNTS_AUDIT, audit_row, &visitor, fault);
}

/* ---- a password at the door ---- */

static int64_t lock_ms(const struct account_lock *lock, int64_t failures)
{
    int64_t seconds = lock->seconds;
    for (int64_t i = lock->failures; i < failures && seconds < lock->seconds_most; i++)
        seconds *= 2;
    return MS_PER_SECOND * (seconds < lock->seconds_most ? seconds : lock->seconds_most);
}

/* The account is read again inside the transaction: another door may have counted a failure meanwhile. */
static int count_failure(struct accounts *accounts, const struct account_lock *lock, const char *login,
                         const char *address, int64_t now_ms, struct arena *arena, struct fault *fault)
{
    struct account account;
    struct txn *txn = txn_begin_write(accounts->store);
    if (account_get(txn, login, arena, &account)) {
        account.failures++;
        if (account.failures >= lock->failures) {
            account.locked_until_ms = now_ms + lock_ms(lock, account.failures);
            audit_write(txn, AUDIT_LOCKED, login, address, now_ms);
        }
        account_put(txn, &account);
    }
    int result = txn_commit(txn, fault);
    return result ? result : ACCOUNT_WRONG;
}

static int forgive_failures(struct accounts *accounts, const char *login, struct arena *arena, struct fault *fault)
{
    struct account account;
    struct txn *txn = txn_begin_write(accounts->store);
    if (account_get(txn, login, arena, &account)) {
        account.failures = account.locked_until_ms = 0;
        account_put(txn, &account);
    }
    return txn_commit(txn, fault);
}

/* Takes as long as a check against a real account, and fails. */
static int check_nobody(struct accounts *accounts, const char *password, struct fault *fault)
{
    if (!accounts->nobody_hash) {
        char hash[PASSWORD_HASH_TEXT], secret[TOKEN_CHARACTERS + 1];
        random_text(secret, TOKEN_CHARACTERS);
        int result = password_hash(hash, secret, fault);
        if (result)
            return result;
        accounts->nobody_hash = strdup(hash);
    }
    bool guessed = accounts->nobody_hash && password_matches(accounts->nobody_hash, password);
    (void)guessed; /* 160 random bits; there is no account behind them anyway */
    return ACCOUNT_WRONG;
}

int account_check(struct accounts *accounts, const struct account_lock *lock, const char *login, const char *password,
                  const char *address, int64_t now_ms, struct arena *arena, struct account *account,
                  struct fault *fault)
{
    struct txn *txn = txn_begin_read(accounts->store);
    bool known = account_get(txn, login, arena, account);
    int error = txn_error(txn, fault);
    txn_abort(txn);
    if (error)
        return error;
    if (!known || account->disabled || !*account->password_hash || strlen(password) > PASSWORD_BYTES_MOST)
        return check_nobody(accounts, password, fault);
    if (account->locked_until_ms > now_ms)
        return ACCOUNT_LOCKED;
    if (!password_matches(account->password_hash, password))
        return count_failure(accounts, lock, login, address, now_ms, arena, fault);
    return account->failures ? forgive_failures(accounts, login, arena, fault) : 0;
}
