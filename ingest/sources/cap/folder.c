#include "ingest/sources/cap/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_alert_name(const char *name)
{
    size_t length = strlen(name);
    return *name != '.' && length > 4 &&
           (strcmp(name + length - 4, ".cap") == 0 || strcmp(name + length - 4, ".xml") == 0);
}

static int wanted(const struct dirent *entry)
{
    return is_alert_name(entry->d_name);
}

int folder_list(const char *path, struct arena *arena, struct folder_file **files, size_t *count, struct fault *fault)
{
    struct dirent **entries;
    int found = scandir(path, &entries, wanted, alphasort);
    if (found < 0)
        return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
    *files = arena_array(arena, (size_t)found + 1, sizeof **files);
    *count = 0;
    for (int i = 0; i < found; i++) {
        struct stat info;
        struct folder_file *file = &(*files)[*count];
        file->path = arena_format(arena, "%s/%s", path, entries[i]->d_name);
        if (stat(file->path, &info) == 0) {
            file->version = arena_format(arena, "%s %" PRId64 " %" PRId64 ".%09ld", entries[i]->d_name,
                                         (int64_t)info.st_size, (int64_t)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
            ++*count;
        }
        free(entries[i]);
    }
    free(entries);
    return 0;
}

int folder_read(const char *path, size_t most, struct buffer *bytes, struct fault *fault)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    int result = 0;
    if (fd < 0)
        return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
    if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode))
        result = fault_set(fault, -EINVAL, "%s: not a file", path);
    else if (info.st_size > (off_t)most)
        result = fault_set(fault, -EMSGSIZE, "%s: %" PRId64 " bytes, at most %zu", path, (int64_t)info.st_size, most);
    while (!result) {
        ssize_t got = read(fd, buffer_reserve(bytes, 1 << 16), 1 << 16);
        if (got < 0)
            result = fault_set(fault, -errno, "%s: %s", path, strerror(errno));
        if (got <= 0)
            break;
        bytes->size += (size_t)got;
        if (bytes->size > most)
            result = fault_set(fault, -EMSGSIZE, "%s: more than %zu bytes", path, most);
    }
    close(fd);
    return result;
}
