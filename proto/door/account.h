/* Accounts: opened, set by an administrator, checked with their password. */
#pragma once

#include "proto/base/arena.h"
#include "proto/base/fault.h"
#include "proto/door/account_record.h"

struct accounts;
int accounts_open(const char *data_folder, struct accounts **accounts, struct fault *fault);
/* To visit only. -ENOENT where nobody has made an account yet. */
int accounts_open_to_read(const char *data_folder, struct accounts **accounts, struct fault *fault);
void accounts_close(struct accounts *accounts);
/* Makes or changes an account (the password may be NULL to leave it). */
int accounts_set(struct accounts *accounts, const struct account *account, const char *password, struct fault *fault);
int accounts_visit(struct accounts *accounts, int (*visit)(void *context, const struct account *account), void *context,
                   struct fault *fault);

enum { ACCOUNT_WRONG = 1, ACCOUNT_LOCKED = 2 }; /* LOCKED: account->locked_until_ms says until when */
/* So many wrong passwords in a row lock an account, for so long, and each further one for twice as long, up to the most. */
struct account_lock {
    int64_t failures, seconds, seconds_most;
};
/* 0 and the account (texts in the arena), ACCOUNT_WRONG (login, password, or disabled: one answer for all), ACCOUNT_LOCKED, <0. */
int account_check(struct accounts *accounts, const struct account_lock *lock, const char *login, const char *password,
                  const char *address, int64_t now_ms, struct arena *arena, struct account *account,
                  struct fault *fault);
