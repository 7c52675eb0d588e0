#include "proto/store/store.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "proto/base/log.h"
#include "proto/store/environment.h"
#include "proto/store/folder.h"

#define DEFAULT_MAP_BYTES (INT64_C(64) << 30)
#define DEFAULT_RESERVE_BYTES (INT64_C(64) << 20)
enum { DEFAULT_READERS = 512 };

void *store_allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (!memory) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return memory;
}

static const struct {
    int code, error;
    const char *advice;
} lmdb_codes[] = {
    { MDB_MAP_FULL, ENOSPC, "the map is full: the process that writes it has a larger one after a restart" },
    { MDB_READERS_FULL, EMFILE, "all reader slots are taken: set more readers, or end the processes that read" },
    { MDB_TXN_FULL, E2BIG, "too much in one transaction" },
    { MDB_KEYEXIST, EEXIST, "the key is not greater than the last one" },
    { MDB_BAD_VALSIZE, EINVAL, "a key or value of a size that LMDB does not take" },
    { MDB_MAP_RESIZED, EAGAIN, "another process made the map larger: begin again when no transaction is open" },
    { MDB_CORRUPTED, EBADMSG, "the file is damaged: restore a backup, or replay the journal" },
    { MDB_PAGE_NOTFOUND, EBADMSG, "the file is damaged: restore a backup, or replay the journal" },
    { MDB_INVALID, EBADMSG, "this is not an LMDB file" },
    { MDB_VERSION_MISMATCH, EBADMSG, "the file is of another version of LMDB" },
    { MDB_PANIC, EIO, "a write of the meta page failed before: restart the process" },
    { MDB_NOTFOUND, ENOENT, "not there" },
};

int lmdb_errno(int code)
{
    for (size_t i = 0; i < sizeof lmdb_codes / sizeof *lmdb_codes; i++)
        if (lmdb_codes[i].code == code)
            return -lmdb_codes[i].error;
    return code > 0 ? -code : -EIO;
}

const char *lmdb_advice(int code)
{
    for (size_t i = 0; i < sizeof lmdb_codes / sizeof *lmdb_codes; i++)
        if (lmdb_codes[i].code == code)
            return lmdb_codes[i].advice;
    return mdb_strerror(code);
}

static int open_failed(const struct store *store, int code, const char *doing, struct fault *fault)
{
    return fault_set(fault, lmdb_errno(code), "%s: %s: %s", store->folder, doing, lmdb_advice(code));
}

/* One transaction for all tables. A reader finds them or not at all: the writer makes them in one commit. */
static int open_tables(struct store *store, const struct store_layout *layout, unsigned create, struct fault *fault)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(store->env, NULL, create ? 0 : MDB_RDONLY, &txn);
    if (code)
        return open_failed(store, code, "opening the tables", fault);
    for (size_t i = 0; i < layout->table_count; i++) {
        code = mdb_dbi_open(txn, layout->tables[i], create, &store->tables[i]);
        if (code) {
            mdb_txn_abort(txn);
            return code == MDB_NOTFOUND
                       ? fault_set(fault, -ENOENT, "%s: no table '%s' yet", store->folder, layout->tables[i])
                       : open_failed(store, code, layout->tables[i], fault);
        }
    }
    code = mdb_txn_commit(txn); /* keeps the handles, also after a read */
    return code ? open_failed(store, code, "opening the tables", fault) : 0;
}

/* Only stat() may look: opening and closing data.mdb would drop LMDB's locks of this process. */
static bool is_there(const char *folder)
{
    char path[PATH_MAX];
    struct stat found;
    snprintf(path, sizeof path, "%s/data.mdb", folder);
    return stat(path, &found) == 0 && found.st_size > 0;
}

/* A map that is more than half full is doubled, as often as it takes: here nothing reads or writes in it yet, and the file is as large as what it
 * holds. Who has a smaller one follows when it meets what lies beyond (txn.c). */
static int make_room(struct store *store)
{
    MDB_envinfo info;
    MDB_stat pages;
    int code = mdb_env_info(store->env, &info);
    if (!code)
        code = mdb_env_stat(store->env, &pages);
    if (code)
        return code;
    size_t used_bytes = (info.me_last_pgno + 1) * pages.ms_psize, map_bytes = info.me_mapsize;
    while (used_bytes > map_bytes / 2)
        map_bytes *= 2;
    return map_bytes == info.me_mapsize ? 0 : mdb_env_set_mapsize(store->env, map_bytes);
}

static int open_environment(struct store *store, const struct store_options *options, struct fault *fault)
{
    int64_t map_bytes = options && options->map_bytes ? options->map_bytes : DEFAULT_MAP_BYTES;
    int64_t readers = options && options->readers ? options->readers : DEFAULT_READERS;
    int code = mdb_env_create(&store->env);
    if (!code)
        code = mdb_env_set_maxdbs(store->env, STORE_TABLES_MAX);
    if (!code)
        code = mdb_env_set_maxreaders(store->env, (unsigned)readers);
    if (!code && store->mode == STORE_READ_WRITE) /* a reader takes the size that the writer set */
        code = mdb_env_set_mapsize(store->env, (size_t)map_bytes);
    unsigned flags = MDB_NOTLS | (store->mode == STORE_READ_ONLY ? MDB_RDONLY : 0);
    if (!code)
        code = mdb_env_open(store->env, store->folder, flags, 0600);
    if (!code && store->mode == STORE_READ_WRITE)
        code = make_room(store);
    return code ? open_failed(store, code, "opening the environment", fault) : 0;
}

int store_open(const char *folder, const struct store_layout *layout, enum store_mode mode,
               const struct store_options *options, struct store **out, struct fault *fault)
{
    assert(layout->table_count <= STORE_TABLES_MAX);
    *out = NULL;
    bool new = !is_there(folder);
    if (new &&mode == STORE_READ_ONLY)
        return fault_set(fault, -ENOENT, "%s: no data yet: the process that writes it has not started", folder);
    int result = mode == STORE_READ_WRITE ? folder_make(folder, fault) : 0;
    if (result)
        return result;
    struct store *store = store_allocate(sizeof *store);
    store->folder = strdup(folder);
    store->layout = layout;
    store->mode = mode;
    store->taken = -1;
    store->reserve_bytes = options && options->reserve_bytes ? options->reserve_bytes : DEFAULT_RESERVE_BYTES;
    result = open_environment(store, options, fault);
    if (!result) {
        store_check_readers(store);
        result = open_tables(store, layout, 0, fault);
        if (result == -ENOENT && mode == STORE_READ_WRITE)
            result = open_tables(store, layout, MDB_CREATE, fault);
    }
    if (!result && new)
        result = folder_sync(folder, fault);
    if (result)
        store_close(store);
    else
        *out = store;
    return result;
}

int store_open_in(const char *data_folder, const struct store_layout *layout, enum store_mode mode,
                  const struct store_options *options, struct store **store, struct fault *fault)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s/%s", data_folder, layout->name);
    return store_open(folder, layout, mode, options, store, fault);
}

/* The folder itself is locked: it is there already, and no file is left behind. */
int store_take(struct store *store, struct fault *fault)
{
    assert(store->taken < 0);
    store->taken = open(store->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->taken >= 0 && flock(store->taken, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (store->taken >= 0 && errno == EWOULDBLOCK)
        return fault_set(fault, -EBUSY, "%s: another process has it: end that one first", store->folder);
    return fault_set(fault, -errno, "%s: cannot be locked: %s", store->folder, strerror(errno));
}

void store_close(struct store *store)
{
    if (!store)
        return;
    assert(store->open_txns == 0);
    mdb_txn_abort(store->idle_read); /* takes NULL */
    if (store->env)
        mdb_env_close(store->env);
    if (store->taken >= 0)
        close(store->taken);
    for (int i = 0; i < TXN_SCRATCH_SLOTS; i++)
        buffer_finish(&store->scratch[i]);
    for (int i = 0; i < TXN_TALLIES; i++)
        tally_finish(&store->tallies[i]);
    free(store->folder);
    free(store);
}

const struct store_layout *store_layout(const struct store *store)
{
    return store->layout;
}

int store_check_readers(struct store *store)
{
    int dead = 0;
    int code = mdb_reader_check(store->env, &dead);
    if (code)
        log_warn("reader check failed", "store=%s error=\"%s\"", store->layout->name, mdb_strerror(code));
    else if (dead)
        log_info("dead readers cleared", "store=%s readers=%d", store->layout->name, dead);
    return dead;
}

int64_t store_free_bytes(const struct store *store)
{
    struct statvfs disk;
    if (statvfs(store->folder, &disk))
        return -errno;
    return (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
}

struct reader_tally {
    int64_t readers;
    size_t oldest_txn;
};

/* LMDB tells its readers as lines of text only: "<pid> <thread> <txn>", with "-" for a slot that is not reading. */
static int tally_reader(const char *line, void *context)
{
    struct reader_tally *tally = context;
    size_t txn;
    if (sscanf(line, "%*d %*x %zu", &txn) == 1) {
        tally->readers++;
        if (txn < tally->oldest_txn)
            tally->oldest_txn = txn;
    }
    return 0;
}

int store_stat(struct store *store, struct store_stat *stat)
{
    MDB_envinfo info;
    MDB_stat pages;
    struct reader_tally tally = { .oldest_txn = SIZE_MAX };
    int code = mdb_env_info(store->env, &info);
    if (!code)
        code = mdb_env_stat(store->env, &pages);
    if (code)
        return lmdb_errno(code);
    mdb_reader_list(store->env, tally_reader, &tally);
    *stat = (struct store_stat){
        .used_bytes = (int64_t)(info.me_last_pgno + 1) * pages.ms_psize,
        .map_bytes = (int64_t)info.me_mapsize,
        .free_disk_bytes = store_free_bytes(store),
        .readers = tally.readers,
        .oldest_reader_lag = tally.readers ? (int64_t)(info.me_last_txnid - tally.oldest_txn) : 0,
    };
    return stat->free_disk_bytes < 0 ? (int)stat->free_disk_bytes : 0;
}

/* LMDB makes it with what the umask leaves of 0666. */
static int sync_copy(const char *path, struct fault *fault)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int result = fd < 0 || fchmod(fd, 0600) || fsync(fd) ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return result ? fault_set(fault, result, "%s: cannot make the copy durable: %s", path, strerror(-result)) : 0;
}

int store_backup(struct store *store, const char *folder, struct fault *fault)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s/data.mdb", folder);
    int result = folder_make(folder, fault);
    if (result)
        return result;
    /* Without compaction: that one gives up on a file that ever leaked a page. */
    int code = mdb_env_copy2(store->env, folder, 0);
    if (code)
        return fault_set(fault, lmdb_errno(code), "copying %s to %s: %s", store->folder, folder, mdb_strerror(code));
    result = sync_copy(copy, fault);
    return result ? result : folder_sync(folder, fault);
}
