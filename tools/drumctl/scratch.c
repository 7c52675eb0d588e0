#include "tools/drumctl/scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int scratch_make(struct scratch *scratch, const char *parent, struct fault *fault)
{
    const char *set = getenv("TMPDIR");
    parent = parent ? parent : set && *set ? set : "/tmp";
    if (snprintf(scratch->folder, sizeof scratch->folder, "%s/drumctl-XXXXXX", parent) < (int)sizeof scratch->folder &&
        mkdtemp(scratch->folder))
        return 0;
    *scratch->folder = 0;
    return fault_set(fault, -errno, "%s: no folder can be made here: %s", parent, strerror(errno));
}

static int remove_entry(const char *path, const struct stat *stat, int kind, struct FTW *at)
{
    (void)stat;
    (void)kind;
    (void)at;
    return remove(path);
}

void scratch_remove(struct scratch *scratch)
{
    if (*scratch->folder)
        nftw(scratch->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    *scratch->folder = 0;
}

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
