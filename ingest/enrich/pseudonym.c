#include "ingest/enrich/pseudonym.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/crypto.h"

enum { PSEUDONYM_DIGITS = 24 };

/* Written beside its place and linked there: another process sees a whole key or none, and the first one wins. */
static int make_key(const char *folder, const char *path, struct fault *fault)
{
    char draft[4096];
    snprintf(draft, sizeof draft, "%s/pseudonym.%ld.new", folder, (long)getpid());
    unsigned char key[PSEUDONYM_KEY_BYTES];
    random_bytes(key, sizeof key);
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return fault_set(fault, -errno, "%s: %s", draft, strerror(errno));
    int result = 0;
    if (write(fd, key, sizeof key) != (ssize_t)sizeof key || fsync(fd) < 0)
        result = fault_set(fault, -EIO, "%s: cannot be written", draft);
    close(fd);
    if (!result && link(draft, path) < 0 && errno != EEXIST)
        result = fault_set(fault, -errno, "%s: %s", path, strerror(errno));
    unlink(draft);
    return result;
}

int pseudonym_open(const char *data_folder, struct pseudonym *pseudonym, struct fault *fault)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/pseudonym.key", data_folder);
    int result;
    if (access(path, F_OK) < 0 && (result = make_key(data_folder, path, fault)) < 0)
        return result;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
    ssize_t size = read(fd, pseudonym->key, sizeof pseudonym->key);
    close(fd);
    if (size != (ssize_t)sizeof pseudonym->key)
        return fault_set(fault, -EINVAL, "%s: expected %d bytes", path, PSEUDONYM_KEY_BYTES);
    return 0;
}

const char *pseudonym_of(const struct pseudonym *pseudonym, const char *kind, const char *identity, struct arena *arena)
{
    if (!*identity)
        return "";
    const char *named = arena_format(arena, "%s:%s", kind, identity);
    struct hash hash = hash_of_two(pseudonym->key, sizeof pseudonym->key, named, strlen(named));
    char hex[HASH_HEX];
    return arena_text(arena, hash_hex(hex, &hash), PSEUDONYM_DIGITS);
}
