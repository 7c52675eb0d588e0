#include "proto/store/journal_key.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/store/folder.h"

static int path_fault(const char *path, const char *doing, struct fault *fault)
{
    int code = -errno;
    return fault_set(fault, code, "%s: cannot %s: %s", path, doing, strerror(-code));
}

/* One line of base64 that is `size` bytes; 1 where there is no file. */
static int read_key(const char *path, void *out, size_t size, struct stat *stat, struct fault *fault)
{
    char line[160] = "";
    struct buffer bytes = { 0 };
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT ? 1 : path_fault(path, "read the key", fault);
    int result = 0;
    if (fstat(fileno(file), stat) || !fgets(line, sizeof line, file))
        line[0] = 0;
    line[strcspn(line, "\n")] = 0;
    if (base64_decode(line, &bytes) || bytes.size != size)
        result = fault_set(fault, -EINVAL, "%s: not a key: expected one line, %zu bytes in base64", path, size);
    else
        memcpy(out, bytes.bytes, size);
    fclose(file);
    crypto_wipe(line, sizeof line);
    if (bytes.size)
        crypto_wipe(bytes.bytes, bytes.size);
    buffer_finish(&bytes);
    return result;
}

/* Under another name first: a key is there whole, or not. */
static int write_key(const char *path, const void *key, size_t size, mode_t mode, struct fault *fault)
{
    char new[PATH_MAX];
    struct buffer line = { 0 };
    snprintf(new, sizeof new, "%s.new", path);
    base64_encode(key, size, &line);
    buffer_text(&line, "\n");
    unlink(new);
    int fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode), result = 0;
    if (fd < 0 || write(fd, line.bytes, line.size) != (ssize_t)line.size || fsync(fd) || rename(new, path))
        result = path_fault(path, "write the key", fault);
    if (fd >= 0)
        close(fd);
    crypto_wipe(line.bytes, line.size);
    buffer_finish(&line);
    return result;
}

static void path_of(char out[PATH_MAX], const char *data_folder, const char *name)
{
    snprintf(out, PATH_MAX, "%s/keys%s", data_folder, name);
}

static int make_key(const char *folder, const char *path, struct secret_key *key, struct fault *fault)
{
    struct public_key public;
    key_pair_new(key, &public);
    int result = folder_make(folder, fault);
    if (!result)
        result = write_key(path, key->bytes, sizeof key->bytes, 0600, fault);
    return result;
}

/* For people and programs that check: made again where it is not there, or of another key. */
static int keep_public(const char *data_folder, const struct secret_key *key, struct fault *fault)
{
    char path[PATH_MAX];
    struct public_key public = public_key_of(key), stored;
    if (journal_key_public(data_folder, &stored, NULL) == 0 && memcmp(&stored, &public, sizeof public) == 0)
        return 0;
    path_of(path, data_folder, "/journal.pub");
    return write_key(path, public.bytes, sizeof public.bytes, 0644, fault);
}

int journal_key_open(const char *data_folder, struct secret_key *key, struct fault *fault)
{
    char folder[PATH_MAX], path[PATH_MAX];
    struct stat stat = { 0 };
    path_of(folder, data_folder, "");
    path_of(path, data_folder, "/journal.key");
    int result = read_key(path, key->bytes, sizeof key->bytes, &stat, fault);
    if (result == 0 && stat.st_mode & 077)
        return fault_set(fault, -EPERM, "%s: others may read it (mode %03o): chmod 600", path,
                         (unsigned)stat.st_mode & 0777);
    if (result == 1)
        result = make_key(folder, path, key, fault);
    if (result == 0)
        result = keep_public(data_folder, key, fault);
    return result ? result : folder_sync(folder, fault);
}

int journal_key_load(const char *path, struct public_key *key, struct fault *fault)
{
    struct stat stat;
    return read_key(path, key->bytes, sizeof key->bytes, &stat, fault);
}

int journal_key_public(const char *data_folder, struct public_key *key, struct fault *fault)
{
    char path[PATH_MAX];
    path_of(path, data_folder, "/journal.pub");
    return journal_key_load(path, key, fault);
}
