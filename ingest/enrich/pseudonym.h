/* Pseudonyms: the same sender gets the same id, and the id does not tell who it is.
 *
 * A keyed hash of what the sender said of himself. The key is random, made once per data folder (DATA/pseudonym.key, mode 0600): without
 * it a telephone number cannot be found again by trying all of them.
 */
#pragma once

#include "proto/base/arena.h"
#include "proto/base/fault.h"

enum { PSEUDONYM_KEY_BYTES = 32 };

struct pseudonym {
    unsigned char key[PSEUDONYM_KEY_BYTES];
};

/* Reads the key, or makes it; several processes may do so at once. */
int pseudonym_open(const char *data_folder, struct pseudonym *pseudonym, struct fault *fault);

/* 24 hex digits; "" for "". `kind` keeps an account "7" and a telephone "7" apart. */
const char *pseudonym_of(const struct pseudonym *pseudonym, const char *kind, const char *identity,
                         struct arena *arena);
