#include "proto/store/media_store.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/store/folder.h"
#include "proto/store/photo.h"

struct place {
    char folder[PATH_MAX - 128], path[PATH_MAX];
};

static void place_of(struct place *place, const char *data_folder, const char *hash)
{
    snprintf(place->folder, sizeof place->folder, "%s/media/%.2s", data_folder, hash);
    snprintf(place->path, sizeof place->path, "%s/%s", place->folder, hash);
}

const char *media_type_of(struct bytes file)
{
    return photo_type(file);
}

/* ---- writing ---- */

int media_store_put(const char *data_folder, struct bytes file, char hash[HASH_HEX], struct fault *fault)
{
    struct buffer stripped = { 0 };
    struct place place;
    int result = photo_strip(file, &stripped, fault);
    if (result)
        goto done;
    struct hash content = hash_of(stripped.bytes, stripped.size);
    place_of(&place, data_folder, hash_hex(hash, &content));
    result = folder_make(place.folder, fault);
    if (!result && access(place.path, F_OK) != 0)
        result = folder_write(place.folder, hash, buffer_view(&stripped), 0600, fault);
    if (!result) /* also where the file is there: another process may not have come to it yet */
        result = folder_sync(place.folder, fault);
done:
    buffer_finish(&stripped);
    return result;
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

static int check_content(const char *hash, struct bytes content, const char **type)
{
    char found[HASH_HEX];
    struct hash computed = hash_of(content.data, content.size);
    *type = photo_type(content);
    return *type && strcmp(hash_hex(found, &computed), hash) == 0 ? 0 : -EBADMSG;
}

int media_store_get(const char *data_folder, const char *hash, struct buffer *file, const char **type,
                    struct fault *fault)
{
    struct place place;
    size_t start = file->size;
    if (!is_hash(hash))
        return 1;
    place_of(&place, data_folder, hash);
    int fd = open(place.path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 1;
    int result = fd < 0 ? -errno : read_all(fd, file);
    if (fd >= 0)
        close(fd);
    if (!result)
        result = check_content(hash, (struct bytes){ file->bytes + start, file->size - start }, type);
    return result ? fault_set(fault, result, "%s: cannot be read: %s", place.path, strerror(-result)) : 0;
}

/* ---- erasing ---- */

int media_store_erase(const char *data_folder, const char *hash, struct fault *fault)
{
    struct place place;
    if (!is_hash(hash))
        return 1;
    place_of(&place, data_folder, hash);
    if (unlink(place.path) == 0)
        return folder_sync(place.folder, fault);
    int code = -errno;
    return code == -ENOENT ? 1 : fault_set(fault, code, "%s: cannot be erased: %s", place.path, strerror(-code));
}
