#include "proto/base/key_file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_open(int fd, const char *path, struct buffer *key, struct fault *fault)
{
    struct stat info;
    char bytes[KEY_FILE_MAX + 2];
    if (fstat(fd, &info) < 0)
        return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
    if (info.st_mode & 077)
        return fault_set(fault, -EPERM, "%s: others may read it (mode %03o); expected 0600", path,
                         (unsigned)info.st_mode & 0777);
    ssize_t size = read(fd, bytes, sizeof bytes);
    if (size < 0)
        return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
    size_t length = (size_t)size;
    while (length && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r'))
        length--;
    if (length < KEY_FILE_MIN || length > KEY_FILE_MAX || memchr(bytes, '\n', length) || memchr(bytes, '\0', length))
        return fault_set(fault, -EINVAL, "%s: expected one line of %d to %d bytes", path, KEY_FILE_MIN, KEY_FILE_MAX);
    buffer_append(key, bytes, length);
    memset(bytes, 0, sizeof bytes);
    return 0;
}

int key_file_read(const char *folder, const char *name, struct buffer *key, struct fault *fault)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s.key", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
    int result = read_open(fd, path, key, fault);
    close(fd);
    return result;
}
