#include "tools/drumctl/scratch.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/store/folder.h"

/* ---- the guardian ---- */

static int remove_entry(const char *path, const struct stat *stat, int kind, struct FTW *at)
{
    (void)stat;
    (void)kind;
    (void)at;
    return remove(path);
}

/* In the child: its signals are blocked, and it waits for the end of the pipe, which comes with the end of the parent. */
static _Noreturn void guard(const char *folder, int life)
{
    char none;
    if (dup2(life, STDIN_FILENO) == STDIN_FILENO)
        close_range(STDERR_FILENO + 1, ~0u, 0);
    while (read(STDIN_FILENO, &none, 1) < 0 && errno == EINTR)
        ;
    if (nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS) && errno != ENOENT)
        dprintf(STDERR_FILENO, "drumctl: %s cannot be removed: %s: remove it\n", folder, strerror(errno));
    _exit(0);
}

/* Before any store is opened: none may be carried over a fork. */
static int start_guardian(struct scratch *scratch, struct fault *fault)
{
    int ends[2];
    fflush(NULL); /* so that the child has nothing of ours to write again */
    if (pipe(ends))
        return fault_set(fault, -errno, "no pipe to a child process: %s", strerror(errno));
    scratch->guardian = fork();
    if (scratch->guardian == 0) {
        close(ends[1]);
        guard(scratch->folder, ends[0]);
    }
    int result = scratch->guardian < 0 ? fault_set(fault, -errno, "no child process: %s", strerror(errno)) : 0;
    close(ends[0]);
    scratch->life = ends[1];
    if (!result)
        return 0;
    close(ends[1]);
    scratch->guardian = 0;
    rmdir(scratch->folder);
    return result;
}

/* ---- made and removed ---- */

/* `folder` holds the template. No signal comes between the folder and who looks after it. */
static int make(struct scratch *scratch, const char *where, struct fault *fault)
{
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    int result = mkdtemp(scratch->folder)
                     ? start_guardian(scratch, fault)
                     : fault_set(fault, -errno, "%s: no folder can be made here: %s", where, strerror(errno));
    sigprocmask(SIG_SETMASK, &before, NULL);
    return result;
}

int scratch_make(struct scratch *scratch, const char *parent, struct fault *fault)
{
    const char *set = getenv("TMPDIR");
    parent = parent ? parent : set && *set ? set : "/tmp";
    if (snprintf(scratch->folder, SCRATCH_FOLDER, "%s/drumctl-XXXXXX", parent) >= SCRATCH_FOLDER)
        return fault_set(fault, -ENAMETOOLONG, "%.64s…: too long a path of a folder: expected less than %d bytes",
                         parent, SCRATCH_FOLDER);
    return make(scratch, parent, fault);
}

int scratch_make_beside(struct scratch *scratch, const char *target, struct fault *fault)
{
    if (snprintf(scratch->folder, SCRATCH_FOLDER, "%s.part-XXXXXX", target) >= SCRATCH_FOLDER)
        return fault_set(fault, -ENAMETOOLONG, "%.64s…: too long a path of a folder: expected less than %d bytes",
                         target, SCRATCH_FOLDER);
    int result = make(scratch, target, fault);
    return result == -ENOENT
               ? fault_set(fault, result, "%s: the folder that it is to stand in is not there: make it, or mount it",
                           target)
               : result;
}

int scratch_keep(struct scratch *scratch, const char *target, struct fault *fault)
{
    char parent[PATH_MAX];
    if (rename(scratch->folder, target))
        return fault_set(fault, -errno, "%s: %s cannot be put there: %s%s", target, scratch->folder, strerror(errno),
                         errno == EBUSY || errno == EXDEV ? ": name a folder in it, which is not there yet" : "");
    snprintf(parent, sizeof parent, "%s/..", target);
    return folder_sync(parent, fault);
}

void scratch_remove(struct scratch *scratch)
{
    if (!scratch->guardian)
        return;
    close(scratch->life);
    while (waitpid(scratch->guardian, NULL, 0) < 0 && errno == EINTR)
        ;
    *scratch = (struct scratch){ .guardian = 0 };
}

/* ---- data folders in it ---- */

/* The store has its files open: their names can go. The folder stays, by which the store asks for free space. */
static void take_names(const char *cases)
{
    static const char *const names[] = { "data.mdb", "lock.mdb" };
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", cases, names[i]);
        unlink(path);
    }
}

static int open_here(const struct scratch *scratch, const char *name, enum store_mode mode, struct store **store,
                     struct fault *fault)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", scratch->folder, name);
    int result = case_store_open(path, mode, store, fault);
    if (result)
        return result;
    snprintf(path, sizeof path, "%s/%s/cases", scratch->folder, name);
    take_names(path);
    return 0;
}

int scratch_snapshot(const struct scratch *scratch, const char *data, struct store **store, struct fault *fault)
{
    char path[PATH_MAX];
    struct store *from = NULL;
    snprintf(path, sizeof path, "%s/snapshot/cases", scratch->folder);
    int result = case_store_open(data, STORE_READ_ONLY, &from, fault);
    if (!result)
        result = store_backup(from, path, fault);
    store_close(from);
    return result ? result : open_here(scratch, "snapshot", STORE_READ_ONLY, store, fault);
}

int scratch_cases(const struct scratch *scratch, const char *name, struct store **store, struct fault *fault)
{
    return open_here(scratch, name, STORE_READ_WRITE, store, fault);
}
