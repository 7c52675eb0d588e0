/* Who refused our name or password is left alone for REFUSALS_MS, whoever asks and however often: many cameras lock an account after some wrong
 * passwords, and its owner with it. A recorder has one account for many addresses: after REFUSALS_IN_A_ROW of them, with none that was let in
 * between, all of that account are left alone, and one address is tried for all when the time is over. Pure.
 */
#pragma once

#include <stdint.h>

#include "proto/base/fault.h"

struct refusals;

/* Five: what is sold most locks after seven, and one or two channels that a recorder forbids are no wrong password. */
enum { REFUSALS_MS = 5 * 60 * 1000, REFUSALS_IN_A_ROW = 5 };

struct refusals *refusals_create(void);
void refusals_destroy(struct refusals *refusals); /* takes NULL */

/* `address` as the book has it: one with another password is another one. Its account is what stands between "://" and the path. */
void refusals_keep(struct refusals *refusals, const char *address, const char *reason, int64_t now_mono_ms);
/* The address was let in: its account is right. */
void refusals_end(struct refusals *refusals, const char *address);
/* -EACCES: it must not be tried yet; the fault says why. */
int refusals_check(struct refusals *refusals, const char *address, int64_t now_mono_ms, struct fault *fault);
