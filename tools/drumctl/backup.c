/* drumctl backup: a copy of the data folder that a district can be started on, made while all daemons run. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "proto/store/event_log.h"
#include "proto/store/journal.h"
#include "tools/drumctl/backup_files.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/scratch.h"
#include "tools/drumctl/subcommands.h"

/* X(name, is a store, sentence): what is copied, in this order. The cases come before the log: a log that ends before what the cases took of it is
 * refused by the dispatcher, one that goes on is what waits for it. Both come before the files, so that none that a row names is missing. */
#define PARTS(X) \
    X("cases", true, \
      "cases, clocks, figures, what was told to whom, and the journal of all inputs with its signed heads") \
    X("events", true, "event log, contacts, and what the sources must remember") \
    X("accounts", true, "who may sign in, who is signed in, and the audit of who looked at what") \
    X("keys", false, "the key that signs the journal, and those of the sources") \
    X("pseudonym.key", false, "by which the numbers of reporters stay the same") \
    X("media", false, "photos of reports") \
    X("evidence", false, "pictures and clips of cameras that were kept for cases") \
    X("cameras", false, "the last picture of each camera: of one that is dead there will be no other") \
    X("suggest.model", false, "the model of the suggestions")

static const struct part {
    const char *name;
    bool is_store;
} parts[] = {
#define PART_ROW(name, is_store, sentence) { name, is_store },
    PARTS(PART_ROW)
#undef PART_ROW
};
enum { CASES, EVENTS, PART_COUNT = sizeof parts / sizeof *parts }; /* places of the first two */

struct backing_up {
    const char *data;
    char target[PATH_MAX];
    struct store *stores[PART_COUNT]; /* of the data folder; NULL: not there (yet), or no store */
    struct scratch scratch;
    struct progress progress;
    struct backup_files files;
    uint64_t entries, events; /* the last ones that the copy holds */
    struct hash hash;
};

/* ---- where from, where to ---- */

/* Without slashes at its end; what is there is to be an empty folder. */
static int take_target(struct backing_up *backup, const char *target, struct fault *fault)
{
    size_t length = strlen(target);
    while (length > 1 && target[length - 1] == '/')
        length--;
    if (length == 0 || length >= sizeof backup->target)
        return fault_set(fault, -EINVAL, "'%.64s': expected the folder of the backup", target);
    memcpy(backup->target, target, length);
    backup->target[length] = 0;
    DIR *dir = opendir(backup->target);
    if (!dir)
        return errno == ENOENT ? 0 : fault_set(fault, -errno, "%s: %s: name a new folder", target, strerror(errno));
    bool empty = true;
    for (struct dirent *entry; (entry = readdir(dir));)
        empty = empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    closedir(dir);
    return empty ? 0
                 : fault_set(fault, -EEXIST, "%s: there is something in it, which stays: name a new folder", target);
}

/* A backup in the data folder would be lost with it. */
static int check_place(const struct backing_up *backup, struct fault *fault)
{
    char parent[PATH_MAX], data[PATH_MAX], folder[PATH_MAX];
    snprintf(parent, sizeof parent, "%s", backup->target);
    char *slash = strrchr(parent, '/');
    if (slash)
        slash[slash == parent] = 0;
    if (!realpath(backup->data, data))
        return fault_set(fault, -errno, "%s: %s: --data names the data folder of the daemons", backup->data,
                         strerror(errno));
    if (!realpath(slash ? parent : ".", folder))
        return fault_set(fault, -errno, "%s: the folder that it is to stand in: %s", backup->target, strerror(errno));
    size_t length = strlen(data);
    return strncmp(folder, data, length) == 0 && (folder[length] == '/' || !folder[length])
               ? fault_set(fault, -EINVAL, "%s: lies in the data folder: name a place elsewhere, best on another disk",
                           backup->target)
               : 0;
}

static void path_of(char out[PATH_MAX], const char *folder, const struct part *part)
{
    snprintf(out, PATH_MAX, "%s/%s", folder, part->name);
}

/* ---- the stores ---- */

/* A whole environment is copied, whatever its tables are. */
static int open_stores(struct backing_up *backup, struct fault *fault)
{
    static struct store_layout layouts[PART_COUNT];
    bool any = false;
    for (size_t i = 0; i < PART_COUNT; i++) {
        layouts[i].name = parts[i].name;
        if (!parts[i].is_store)
            continue;
        int result = store_open_in(backup->data, &layouts[i], STORE_READ_ONLY, NULL, &backup->stores[i], fault);
        if (result && result != -ENOENT)
            return result;
        any |= !result;
    }
    return any ? 0
               : fault_set(fault, -ENOENT, "%s: no data of a district: --data names the data folder of the daemons",
                           backup->data);
}

static int size_of(const struct backing_up *backup, size_t i, uint64_t *bytes, struct fault *fault)
{
    char path[PATH_MAX];
    struct store_stat stat;
    path_of(path, backup->data, &parts[i]);
    if (!parts[i].is_store)
        return backup_files_count(path, bytes, fault);
    if (!backup->stores[i])
        return 0;
    int result = store_stat(backup->stores[i], &stat);
    *bytes += result ? 0 : (uint64_t)stat.used_bytes;
    return result ? fault_set(fault, result, "%s: %s", path, strerror(-result)) : 0;
}

/* Whether there is room is told before anything is copied. */
static int plan(struct backing_up *backup, struct fault *fault)
{
    struct statvfs disk;
    int result = 0;
    for (size_t i = 0; i < PART_COUNT && !result; i++)
        result = size_of(backup, i, &backup->files.all, fault);
    if (result)
        return result;
    if (statvfs(backup->scratch.folder, &disk))
        return fault_set(fault, -errno, "%s: %s", backup->scratch.folder, strerror(errno));
    uint64_t free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    return free_bytes >= backup->files.all
               ? 0
               : fault_set(fault, -ENOSPC, "%s: %" PRIu64 " MB are needed and %" PRIu64 " MB are free", backup->target,
                           (backup->files.all >> 20) + 1, free_bytes >> 20);
}

/* ---- copied ---- */

static int copy_part(struct backing_up *backup, size_t i, struct fault *fault)
{
    char from[PATH_MAX], to[PATH_MAX];
    struct store_stat stat;
    path_of(from, backup->data, &parts[i]);
    path_of(to, backup->scratch.folder, &parts[i]);
    if (!parts[i].is_store)
        return backup_files_copy(&backup->files, from, to);
    if (!backup->stores[i])
        return 0;
    int result = store_backup(backup->stores[i], to, fault);
    if (!result && store_stat(backup->stores[i], &stat) == 0)
        backup->files.bytes += (uint64_t)stat.used_bytes;
    progress_tell(&backup->progress, backup->files.bytes >> 20, backup->files.all >> 20);
    return result;
}

static int copy_all(struct backing_up *backup, struct fault *fault)
{
    int result = 0;
    for (size_t i = 0; i < PART_COUNT && !result; i++)
        result = copy_part(backup, i, fault);
    progress_end(&backup->progress);
    return result;
}

/* All of its files at once: one fsync for each of some hundred thousand photos would take an hour on a disk that turns. */
static int sync_all(const struct backing_up *backup, struct fault *fault)
{
    int fd = open(backup->scratch.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd < 0 || syncfs(fd)
                     ? fault_set(fault, -errno, "%s: cannot be made durable: %s", backup->target, strerror(errno))
                     : 0;
    if (fd >= 0)
        close(fd);
    return result;
}

/* ---- what the copy holds ---- */

static void take_lock_away(const struct backing_up *backup, const char *store)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s/lock.mdb", backup->scratch.folder, store);
    unlink(path); /* of our own look at it */
}

static int look_at_cases(struct backing_up *backup, uint64_t *cursor, struct fault *fault)
{
    struct journal journal = journal_in_store();
    struct journal_entry entry;
    struct store *cases = NULL;
    if (!backup->stores[CASES])
        return 0;
    int result = case_store_open(backup->scratch.folder, STORE_READ_ONLY, &cases, fault);
    if (!result) {
        struct txn *txn = txn_begin_read(cases);
        backup->entries = journal.ops->last(journal.log, txn);
        *cursor = (uint64_t)meta_get(txn, META_CURSOR);
        result = backup->entries ? journal_get(&journal, txn, backup->entries, &entry, fault) : 0;
        if (!result && backup->entries)
            memcpy(backup->hash.bytes, entry.hash.bytes, HASH_BYTES);
        if (!result)
            result = txn_error(txn, fault);
        txn_abort(txn);
    }
    store_close(cases);
    take_lock_away(backup, "cases");
    return result;
}

static int look_at_log(struct backing_up *backup, struct fault *fault)
{
    struct event_log *log = NULL;
    if (!backup->stores[EVENTS])
        return 0;
    int result = event_log_open(backup->scratch.folder, STORE_READ_ONLY, &log, fault);
    int64_t last = result ? result : event_log_last(log, fault);
    backup->events = last < 0 ? 0 : (uint64_t)last;
    event_log_close(log);
    take_lock_away(backup, "events");
    return last < 0 ? (int)last : 0;
}

/* The dispatcher would not start on a log that ends too early. */
static int look_at_copy(struct backing_up *backup, struct fault *fault)
{
    uint64_t cursor = 0;
    int result = look_at_cases(backup, &cursor, fault);
    if (!result)
        result = look_at_log(backup, fault);
    return !result && cursor > backup->events
               ? fault_set(fault, -EBADMSG,
                           "%s: the event log ends at %" PRIu64 ", and the cases were made of events up to %" PRIu64
                           ": it is not the log that belongs to them, and no daemon would start on the copy",
                           backup->data, backup->events, cursor)
               : result;
}

/* ---- told ---- */

static bool is_ours(const char *name)
{
    for (size_t i = 0; i < PART_COUNT; i++)
        if (strcmp(parts[i].name, name) == 0)
            return true;
    return *name == '.' || strcmp(name, "ingest.lock") == 0;
}

/* What somebody else has put there is named: it may be missed one day. */
static void tell_left_out(const struct backing_up *backup)
{
    DIR *dir = opendir(backup->data);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (!is_ours(entry->d_name)) {
            printf("not copied, for no daemon put it there: ");
            look_puts(entry->d_name, LOOK_ALL);
        }
    if (dir)
        closedir(dir);
}

static void tell(const struct backing_up *backup)
{
    char hex[HASH_HEX];
    tell_left_out(backup);
    printf("to restore: end the daemons, move %s away, put %s in its place, start the daemons\n", backup->data,
           backup->target);
    printf("%s: %" PRIu64 " bytes, up to event %" PRIu64 " and journal entry %" PRIu64, backup->target,
           backup->files.bytes, backup->events, backup->entries);
    if (backup->entries)
        printf(", whose hash is %s", hash_hex(hex, &backup->hash));
    putchar('\n');
}

/* ---- the command ---- */

static int make_copy(struct backing_up *backup, struct fault *fault)
{
    int result = plan(backup, fault);
    if (!result)
        result = copy_all(backup, fault);
    if (!result)
        result = look_at_copy(backup, fault);
    if (!result)
        result = sync_all(backup, fault);
    return result ? result : scratch_keep(&backup->scratch, backup->target, fault);
}

static int back_up(struct backing_up *backup, const char *target, struct fault *fault)
{
    int result = take_target(backup, target, fault);
    if (!result)
        result = check_place(backup, fault);
    if (!result)
        result = scratch_make_beside(&backup->scratch, backup->target, fault);
    if (!result)
        result = open_stores(backup, fault);
    if (!result)
        result = make_copy(backup, fault);
    for (size_t i = 0; i < PART_COUNT; i++)
        store_close(backup->stores[i]);
    scratch_remove(&backup->scratch);
    if (result == -ENOSPC || result == -EDQUOT)
        fprintf(stderr, "drumctl backup: the disk is too full: make room, or name a folder on another disk\n");
    return result;
}

#define PART_LINE(name, is_store, sentence) "\n  " name ": " sentence "."
static const char summary[] =
    "Copies the data folder into FOLDER, while all daemons run; nobody waits for it. FOLDER is not there yet, or "
    "empty; it is made\nwhole under another name beside it first (FOLDER.part-…), so what has its name is whole. "
    "Copied "
    "are, in this order:\n" PARTS(PART_LINE) "\n\n"
                                             "Not copied: locks, which are made anew, and what no daemon put there, "
                                             "which is named. The book and certificates "
                                             "lie elsewhere:\nkeep them with it, and the older books too, for a "
                                             "replay.\n\n"
                                             "The last line says up to which journal entry the copy goes, and its "
                                             "hash: keep it elsewhere, and compare it with "
                                             "what\n`drumctl journal verify --data FOLDER` says. To restore: end the "
                                             "daemons, move the data folder away, put "
                                             "FOLDER in its place,\nstart the daemons. What came after the backup is "
                                             "gone then, and its numbers are given "
                                             "again.\n\n"
                                             "It holds what names people, and the keys: folders are 0700 and files "
                                             "0600. What is erased later (drumctl erase) "
                                             "stays in it:\nerase in it too (--data FOLDER), or keep it no longer than "
                                             "you may.";
#undef PART_LINE

int drumctl_backup(int argc, char **argv)
{
    static struct backing_up backup = { .progress = { .unit = "MB" } };
    const struct arg args[] = {
        { "data", ARG_TEXT, &backup.data, "DIR", "data folder", 0, 0 },
    };
    const struct arg_program program = {
        .name = "drumctl backup",
        .usage = "FOLDER --data DIR",
        .summary = summary,
        .args = args,
        .arg_count = sizeof args / sizeof *args,
        .min_operands = 1,
        .max_operands = 1,
    };
    struct fault fault = { "" };
    int operands, status = look_parse(&program, argc, argv, &operands, &backup.data);
    if (status != LOOK_GO_ON)
        return status;
    backup.files = (struct backup_files){ .progress = &backup.progress, .fault = &fault };
    if (back_up(&backup, argv[0], &fault) < 0)
        return look_fail(&program, 1, &fault);
    tell(&backup);
    return 0;
}
