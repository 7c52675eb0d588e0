/* Media files, named by their content (BLAKE2b-256), in DATA/media/ab/abcdef…; written once, fsynced, never changed;
 * gone where personal data was erased. */
#pragma once

#include "proto/base/buffer.h"
#include "proto/base/crypto.h"
#include "proto/base/fault.h"

/* "image/jpeg", "image/png", "image/webp" by the first bytes; NULL for anything else. */
const char *media_type_of(struct bytes file);
/* Strips what the photo tells about its maker (photo.h; orientation is kept by the page before upload). Durable on return.
 * -EINVAL: not a photo. The same photo again gives the same name and is written once. */
int media_store_put(const char *data_folder, struct bytes file, char hash[HASH_HEX], struct fault *fault);
/* 1 where there is none (or the hash is not one); -EBADMSG where the file is not any more what its name says.
 * Appends to `file`, which is the caller's. */
int media_store_get(const char *data_folder, const char *hash, struct buffer *file, const char **type,
                    struct fault *fault);
/* Removes the file, for all that refer to it. Durable on return. 1 where there is none (any more). */
int media_store_erase(const char *data_folder, const char *hash, struct fault *fault);
