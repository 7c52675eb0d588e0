/* Media files, named by their content (BLAKE2b-256), in DATA/media/ab/abcdef…; written once, fsynced, never changed. */
#pragma once

#include "proto/base/buffer.h"
#include "proto/base/crypto.h"
#include "proto/base/fault.h"

/* "image/jpeg", "image/png", "image/webp" by the first bytes; NULL for anything else. */
const char *media_type_of(struct bytes file);
/* Strips EXIF and other metadata of a JPEG on the way (orientation is kept by the page before upload). Durable on return. */
int media_store_put(const char *data_folder, struct bytes file, char hash[HASH_HEX], struct fault *fault);
/* 1 where there is none (or the hash is not one). The buffer is the caller's. */
int media_store_get(const char *data_folder, const char *hash, struct buffer *file, const char **type,
                    struct fault *fault);
