#include "proto/store/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proto/base/crypto.h"
#include "proto/base/log.h"

int folder_sync(const char *path, struct fault *fault)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd < 0 || fsync(fd) ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return result ? fault_set(fault, result, "%s: cannot make the folder durable: %s", path, strerror(-result)) : 0;
}

static int make_one(const char *path, struct fault *fault)
{
    if (mkdir(path, 0700) == 0) {
        char parent[PATH_MAX];
        snprintf(parent, sizeof parent, "%s/..", path);
        return folder_sync(parent, fault);
    }
    int code = -errno;
    struct stat found;
    if (code == -EEXIST && stat(path, &found) == 0) {
        if (S_ISDIR(found.st_mode))
            return 0;
        code = -ENOTDIR;
    }
    return fault_set(fault, code, "%s: cannot make the folder: %s", path, strerror(-code));
}

int folder_make(const char *path, struct fault *fault)
{
    char part[PATH_MAX];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof part - 3)
        return fault_set(fault, -EINVAL, "a folder's path of %zu bytes: expected 1 to %zu", length, sizeof part - 4);
    for (size_t i = 1; i <= length; i++)
        if (path[i] == '/' || path[i] == 0) {
            memcpy(part, path, i);
            part[i] = 0;
            int result = make_one(part, fault);
            if (result)
                return result;
        }
    return 0;
}

static int write_all(int fd, struct bytes bytes)
{
    for (size_t at = 0; at < bytes.size;) {
        ssize_t done = write(fd, bytes.data + at, bytes.size - at);
        if (done < 0 && errno != EINTR)
            return -errno;
        at += done > 0 ? (size_t)done : 0;
    }
    return 0;
}

static int write_durably(const char *path, struct bytes bytes, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return -errno;
    int result = write_all(fd, bytes);
    if (!result && fsync(fd))
        result = -errno;
    if (close(fd) && !result)
        result = -errno;
    return result;
}

/* Under which a file is written before it gets its own. */
#define NEW "new-"
enum { NEW_UNIQUE = 16, LEFT_SECONDS = 3600 };

int folder_write(const char *path, const char *name, struct bytes file, mode_t mode, struct fault *fault)
{
    char unique[NEW_UNIQUE + 1], temporary[PATH_MAX], final[PATH_MAX];
    random_text(unique, sizeof unique - 1);
    snprintf(temporary, sizeof temporary, "%s/" NEW "%s", path, unique);
    snprintf(final, sizeof final, "%s/%s", path, name);
    int result = write_durably(temporary, file, mode);
    if (!result && rename(temporary, final))
        result = -errno;
    if (!result)
        return 0;
    unlink(temporary);
    return fault_set(fault, result, "%s: cannot write %zu bytes: %s", final, file.size, strerror(-result));
}

bool folder_is_unfinished(const char *name)
{
    return strncmp(name, NEW, strlen(NEW)) == 0 && strlen(name) == strlen(NEW) + NEW_UNIQUE && !strchr(name, '.');
}

static bool is_left(int folder, const char *name)
{
    struct stat found;
    return folder_is_unfinished(name) && fstatat(folder, name, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(found.st_mode) && found.st_mtime < time(NULL) - LEFT_SECONDS;
}

static int sweep(DIR *list, int64_t *count)
{
    int folder = dirfd(list);
    errno = 0;
    for (struct dirent *entry; (entry = readdir(list)); errno = 0) {
        if (!is_left(folder, entry->d_name))
            continue;
        if (unlinkat(folder, entry->d_name, 0) == 0)
            ++*count;
        else if (errno != ENOENT) /* another process sweeps, too */
            return -errno;
    }
    return -errno;
}

int folder_sweep(const char *path, struct fault *fault)
{
    DIR *list = opendir(path);
    int64_t count = 0;
    int result = list ? sweep(list, &count) : -errno;
    if (list)
        closedir(list);
    if (count)
        log_warn("removed what was left half-written by processes that were killed", "folder=\"%s\" files=%" PRId64,
                 path, count);
    return result ? fault_set(fault, result, "%s: cannot remove what is left half-written: %s", path, strerror(-result))
                  : 0;
}
