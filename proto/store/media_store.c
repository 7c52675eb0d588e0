#include "proto/store/media_store.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/record/media_type.h"
#include "proto/store/folder.h"

#define SMALL "-small"

struct place {
    char root[PATH_MAX - 256], folder[PATH_MAX - 128], path[PATH_MAX], small[PATH_MAX];
};

static void place_of(struct place *place, const char *data_folder, const char *hash)
{
    snprintf(place->root, sizeof place->root, "%s/media", data_folder);
    snprintf(place->folder, sizeof place->folder, "%s/%.2s", place->root, hash);
    snprintf(place->path, sizeof place->path, "%s/%s", place->folder, hash);
    snprintf(place->small, sizeof place->small, "%s/%s" SMALL, place->folder, hash);
}

/* ---- writing ---- */

/* All are begun in one folder, which is swept with each: a resident's photo does not stay there for want of a name. */
static int write_once(const struct place *place, const char *path, struct bytes file, struct fault *fault)
{
    return access(path, F_OK) == 0 ? 0 : folder_write(place->root, path + strlen(place->root) + 1, file, 0600, fault);
}

int media_store_put(const char *data_folder, struct bytes file, struct bytes small, char hash[HASH_HEX],
                    struct fault *fault)
{
    struct place place;
    struct hash content = hash_of(file.data, file.size);
    place_of(&place, data_folder, hash_hex(hash, &content));
    int result = folder_make(place.folder, fault);
    if (!result)
        result = folder_sweep(place.root, fault);
    if (!result)
        result = write_once(&place, place.small, small, fault);
    if (!result)
        result = write_once(&place, place.path, file, fault);
    /* also where the file is there: another process may not have come to it yet */
    return result ? result : folder_sync(place.folder, fault);
}

/* ---- reading ---- */

static bool is_hash(const char *text)
{
    return strlen(text) == HASH_HEX - 1 && strspn(text, "0123456789abcdef") == HASH_HEX - 1;
}

static int read_all(int fd, struct buffer *file)
{
    struct stat found;
    if (fstat(fd, &found))
        return -errno;
    buffer_reserve(file, (size_t)found.st_size);
    for (;;) {
        buffer_reserve(file, 4096);
        ssize_t done = read(fd, file->bytes + file->size, file->capacity - file->size);
        if (done < 0 && errno != EINTR)
            return -errno;
        if (done == 0)
            return 0;
        file->size += done > 0 ? (size_t)done : 0;
    }
}

/* hash NULL: nothing to check it by but its first bytes. */
static int check_content(const char *hash, struct bytes content, const char **type)
{
    char found[HASH_HEX];
    struct hash computed = hash_of(content.data, content.size);
    *type = media_type_of(content);
    return *type && (!hash || strcmp(hash_hex(found, &computed), hash) == 0) ? 0 : -EBADMSG;
}

static int get(const char *path, const char *hash, struct buffer *file, const char **type, struct fault *fault)
{
    size_t start = file->size;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 1;
    int result = fd < 0 ? -errno : read_all(fd, file);
    if (fd >= 0)
        close(fd);
    if (!result)
        result = check_content(hash, (struct bytes){ file->bytes + start, file->size - start }, type);
    return result ? fault_set(fault, result, "%s: cannot be read: %s", path, strerror(-result)) : 0;
}

int media_store_get(const char *data_folder, const char *hash, struct buffer *file, const char **type,
                    struct fault *fault)
{
    struct place place;
    if (!is_hash(hash))
        return 1;
    place_of(&place, data_folder, hash);
    return get(place.path, hash, file, type, fault);
}

int media_store_get_small(const char *data_folder, const char *hash, struct buffer *file, const char **type,
                          struct fault *fault)
{
    struct place place;
    if (!is_hash(hash))
        return 1;
    place_of(&place, data_folder, hash);
    int result = get(place.small, NULL, file, type, fault);
    return result > 0 ? get(place.path, hash, file, type, fault) : result;
}

/* ---- erasing ---- */

int media_store_erase(const char *data_folder, const char *hash, struct fault *fault)
{
    struct place place;
    if (!is_hash(hash))
        return 1;
    place_of(&place, data_folder, hash);
    if (unlink(place.small) && errno != ENOENT)
        return fault_set(fault, -errno, "%s: cannot be erased: %s", place.small, strerror(errno));
    if (unlink(place.path) == 0)
        return folder_sync(place.folder, fault);
    int code = -errno;
    return code == -ENOENT ? 1 : fault_set(fault, code, "%s: cannot be erased: %s", place.path, strerror(-code));
}
