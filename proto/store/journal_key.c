#include "proto/store/journal_key.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "proto/store/folder.h"

/* One line of base64 that is `size` bytes; 1 where there is no file. */
static int read_key(const char *path, void *out, size_t size, struct stat *stat, struct fault *fault)
{
    char line[160] = "";
    struct buffer bytes = { 0 };
    FILE *file = fopen(path, "re");
    int result = file ? 0 : -errno;
    if (!file)
        return result == -ENOENT ? 1 : fault_set(fault, result, "%s: cannot be read: %s", path, strerror(-result));
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

static void path_of(char out[PATH_MAX], const char *data_folder, const char *name)
{
    snprintf(out, PATH_MAX, "%s/keys%s", data_folder, name);
}

static int write_key(const char *data_folder, const char *name, const void *key, size_t size, mode_t mode,
                     struct fault *fault)
{
    char folder[PATH_MAX];
    struct buffer line = { 0 };
    path_of(folder, data_folder, "");
    base64_encode(key, size, &line);
    buffer_text(&line, "\n");
    int result = folder_make(folder, fault);
    if (!result)
        result = folder_write(folder, name, buffer_view(&line), mode, fault);
    if (!result)
        result = folder_sync(folder, fault);
    crypto_wipe(line.bytes, line.size);
    buffer_finish(&line);
    return result;
}

/* For people and programs that check: made again where it is not there, or of another key. */
static int keep_public(const char *data_folder, const struct secret_key *key, struct fault *fault)
{
    struct public_key public = public_key_of(key), stored;
    if (journal_key_public(data_folder, &stored, NULL) == 0 && memcmp(&stored, &public, sizeof public) == 0)
        return 0;
    return write_key(data_folder, "journal.pub", public.bytes, sizeof public.bytes, 0644, fault);
}

int journal_key_open(const char *data_folder, struct secret_key *key, struct fault *fault)
{
    char path[PATH_MAX];
    struct stat stat = { 0 };
    struct public_key public;
    path_of(path, data_folder, "/journal.key");
    int result = read_key(path, key->bytes, sizeof key->bytes, &stat, fault);
    if (result == 0 && stat.st_mode & 077)
        return fault_set(fault, -EPERM, "%s: others may read it (mode %03o): chmod 600", path,
                         (unsigned)stat.st_mode & 0777);
    if (result == 1) {
        key_pair_new(key, &public);
        result = write_key(data_folder, "journal.key", key->bytes, sizeof key->bytes, 0600, fault);
    }
    return result ? result : keep_public(data_folder, key, fault);
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
