/* The key that signs the journal's heads: DATA/keys/journal.key (mode 0600), and beside it journal.pub for everybody who checks them.
 * Both are one line of base64. Keep a copy of both: a new key does not vouch for old heads. */
#pragma once

#include "proto/base/crypto.h"

/* Reads the key, or makes it where there is none; durable on return. -EPERM where others may read it. */
int journal_key_open(const char *data_folder, struct secret_key *key, struct fault *fault);
/* DATA/keys/journal.pub; 1 where there is none. */
int journal_key_public(const char *data_folder, struct public_key *key, struct fault *fault);
/* The same from a file of any name; 1 where there is none. */
int journal_key_load(const char *path, struct public_key *key, struct fault *fault);
