/* Addresses whose cameras refused our name or password. They are left alone for REFUSALS_MS, whoever asks and however often: many cameras lock
 * an account after some wrong passwords, and its owner with it. Pure.
 */
#pragma once

#include <stdint.h>

#include "proto/base/fault.h"

struct refusals;

enum { REFUSALS_MS = 5 * 60 * 1000 };

struct refusals *refusals_create(void);
void refusals_destroy(struct refusals *refusals); /* takes NULL */

/* `address` as the book has it: one with another password is another one. */
void refusals_keep(struct refusals *refusals, const char *address, const char *reason, int64_t now_mono_ms);
/* -EACCES: it must not be tried yet; the fault says why. */
int refusals_check(struct refusals *refusals, const char *address, int64_t now_mono_ms, struct fault *fault);
