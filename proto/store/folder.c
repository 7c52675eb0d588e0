#include "proto/store/folder.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/crypto.h"

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

int folder_write(const char *path, const char *name, struct bytes file, mode_t mode, struct fault *fault)
{
    char unique[17], temporary[PATH_MAX], final[PATH_MAX];
    random_text(unique, sizeof unique - 1);
    snprintf(temporary, sizeof temporary, "%s/new-%s", path, unique);
    snprintf(final, sizeof final, "%s/%s", path, name);
    int result = write_durably(temporary, file, mode);
    if (!result && rename(temporary, final))
        result = -errno;
    if (!result)
        return 0;
    unlink(temporary);
    return fault_set(fault, result, "%s: cannot write %zu bytes: %s", final, file.size, strerror(-result));
}
