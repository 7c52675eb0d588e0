/* Media files, named by their content (BLAKE2b-256), in DATA/media/ab/abcdef…, each with a small one for lists beside it, abcdef…-small;
 * written once, fsynced, never changed; gone where personal data was erased. What is put here has been decoded and written anew before
 * (proto/photo). */
#pragma once

#include "proto/base/buffer.h"
#include "proto/base/crypto.h"
#include "proto/base/fault.h"

/* Durable on return. The same file again gives the same name and is written once. */
int media_store_put(const char *data_folder, struct bytes file, struct bytes small, char hash[HASH_HEX],
                    struct fault *fault);
/* 1 where there is none (or the hash is not one); -EBADMSG where the file is not any more what its name says.
 * Appends to `file`, which is the caller's. */
int media_store_get(const char *data_folder, const char *hash, struct buffer *file, const char **type,
                    struct fault *fault);
/* The same of the small one; the whole one where there is none. */
int media_store_get_small(const char *data_folder, const char *hash, struct buffer *file, const char **type,
                          struct fault *fault);
/* Removes both, for all that refer to it. Durable on return. 1 where there is none (any more). */
int media_store_erase(const char *data_folder, const char *hash, struct fault *fault);
