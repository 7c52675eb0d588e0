#include "tools/drumctl/backup_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/store/folder.h"

enum { PIECE = 1 << 18, DEPTH_MAX = 8 };

/* What is done with each file; `to` is NULL where nothing is copied. */
struct walk {
    int (*visit)(struct walk *walk, const char *from, const char *to, const struct stat *stat);
    void *context;
    struct fault *fault;
};

static int failed(struct fault *fault, const char *path, const char *what)
{
    int code = -errno;
    return fault_set(fault, code, "%s: cannot be %s: %s", path, what, strerror(-code));
}

static int join(char out[PATH_MAX], const char *folder, const char *name, struct fault *fault)
{
    return snprintf(out, PATH_MAX, "%s/%s", folder, name) < PATH_MAX
               ? 0
               : fault_set(fault, -ENAMETOOLONG, "%.64s…/%s: too long a path", folder, name);
}

static int walk_one(struct walk *walk, const char *from, const char *to, int depth);

static int walk_entry(struct walk *walk, const char *from, const char *to, const char *name, int depth)
{
    char below[PATH_MAX], copy[PATH_MAX];
    int result = join(below, from, name, walk->fault);
    if (!result && to)
        result = join(copy, to, name, walk->fault);
    return result ? result : walk_one(walk, below, to ? copy : NULL, depth + 1);
}

static int walk_folder(struct walk *walk, const char *from, const char *to, int depth)
{
    if (depth > DEPTH_MAX)
        return fault_set(walk->fault, -ELOOP, "%s: deeper than any folder of the daemons: does it hold itself?", from);
    DIR *dir = opendir(from);
    if (!dir)
        return failed(walk->fault, from, "read");
    int result = to && mkdir(to, 0700) ? failed(walk->fault, to, "made") : 0;
    struct dirent *entry;
    while (!result && (errno = 0, entry = readdir(dir)))
        if (entry->d_name[0] != '.' && !folder_is_unfinished(entry->d_name))
            result = walk_entry(walk, from, to, entry->d_name, depth);
    if (!result && errno)
        result = failed(walk->fault, from, "read");
    closedir(dir);
    return result;
}

static int walk_one(struct walk *walk, const char *from, const char *to, int depth)
{
    struct stat found;
    if (stat(from, &found))
        return errno == ENOENT ? 0 : failed(walk->fault, from, "read");
    if (S_ISDIR(found.st_mode))
        return walk_folder(walk, from, to, depth);
    if (S_ISREG(found.st_mode))
        return walk->visit(walk, from, to, &found);
    return fault_set(walk->fault, -EINVAL, "%s: neither a file nor a folder: take it out of there", from);
}

/* ---- counting ---- */

static int add_size(struct walk *walk, const char *from, const char *to, const struct stat *stat)
{
    (void)from;
    (void)to;
    *(uint64_t *)walk->context += (uint64_t)stat->st_size;
    return 0;
}

int backup_files_count(const char *from, uint64_t *bytes, struct fault *fault)
{
    struct walk walk = { .visit = add_size, .context = bytes, .fault = fault };
    return walk_one(&walk, from, NULL, 0);
}

/* ---- copying ---- */

static int write_piece(int fd, const char *piece, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t done = write(fd, piece + at, size - at);
        if (done < 0 && errno != EINTR)
            return -1;
        at += done > 0 ? (size_t)done : 0;
    }
    return 0;
}

static int copy_bytes(struct backup_files *files, int in, int out, const char *from, const char *to)
{
    char piece[PIECE];
    for (;;) {
        ssize_t got = read(in, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failed(files->fault, from, "read");
        if (got == 0)
            return 0;
        if (write_piece(out, piece, (size_t)got))
            return failed(files->fault, to, "written");
        files->bytes += (uint64_t)got;
        progress_tell(files->progress, files->bytes >> 20, files->all >> 20);
    }
}

static int copy_file(struct walk *walk, const char *from, const char *to, const struct stat *stat)
{
    struct backup_files *files = walk->context;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return errno == ENOENT ? 0 : failed(files->fault, from, "read"); /* erased a moment ago */
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int result = out < 0 ? failed(files->fault, to, "made") : copy_bytes(files, in, out, from, to);
    if (!result && futimens(out, (const struct timespec[]){ stat->st_atim, stat->st_mtim }))
        result = failed(files->fault, to, "written");
    if (out >= 0 && close(out) && !result)
        result = failed(files->fault, to, "written");
    close(in);
    return result;
}

int backup_files_copy(struct backup_files *files, const char *from, const char *to)
{
    struct walk walk = { .visit = copy_file, .context = files, .fault = files->fault };
    return walk_one(&walk, from, to, 0);
}
