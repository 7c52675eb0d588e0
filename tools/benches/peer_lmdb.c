#include <lmdb.h>

#include "tools/benches/peers.h"

struct plain {
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi tables[STORE_TABLES_MAX];
    MDB_cursor *cursors[STORE_TABLES_MAX]; /* of the transaction; as in proto/store */
};

static int fail(int code, const char *doing, struct fault *fault)
{
    return fault_set(fault, -EIO, "plain LMDB, %s: %s", doing, mdb_strerror(code));
}

/* The same map, flags and tables as proto/store. */
static int open_plain(struct plain *plain, const char *folder, const struct store_layout *layout)
{
    int code = mdb_env_create(&plain->env);
    if (!code)
        code = mdb_env_set_maxdbs(plain->env, STORE_TABLES_MAX);
    if (!code)
        code = mdb_env_set_mapsize(plain->env, (size_t)64 << 30);
    if (!code)
        code = mdb_env_open(plain->env, folder, MDB_NOTLS, 0600);
    if (!code)
        code = mdb_txn_begin(plain->env, NULL, 0, &plain->txn);
    for (size_t i = 0; !code && i < layout->table_count; i++)
        code = mdb_dbi_open(plain->txn, layout->tables[i], MDB_CREATE, &plain->tables[i]);
    return code ? code : mdb_txn_commit(plain->txn);
}

static int begin(struct plain *plain, const struct store_layout *layout)
{
    int code = mdb_txn_begin(plain->env, NULL, 0, &plain->txn);
    for (size_t i = 0; !code && i < layout->table_count; i++)
        code = mdb_cursor_open(plain->txn, plain->tables[i], &plain->cursors[i]);
    return code;
}

static int write_row(const struct plain *plain, const struct recording *recording, const struct row_write *write,
                     bool deletes, unsigned flags)
{
    struct bytes key_bytes = recording_key(recording, write), value_bytes = recording_value(recording, write);
    MDB_val key = { key_bytes.size, (void *)key_bytes.data }, value = { value_bytes.size, (void *)value_bytes.data };
    MDB_cursor *cursor = plain->cursors[write->table];
    if (!deletes)
        return flags ? mdb_put(plain->txn, plain->tables[write->table], &key, &value, flags)
                     : mdb_cursor_put(cursor, &key, &value, 0);
    int code = mdb_cursor_get(cursor, &key, NULL, MDB_SET);
    return code ? code : mdb_cursor_del(cursor, 0);
}

static int write_commit(struct plain *plain, struct peer_work *work, size_t commit)
{
    size_t count;
    const struct row_write *writes = recording_group(work->recording, &work->recording->commits, commit, &count);
    struct watch began = watch_now();
    int code = begin(plain, work->layout);
    for (size_t i = 0; !code && i < count; i++)
        code = write_row(plain, work->recording, &writes[i], writes[i].kind == WRITE_DELETE,
                         writes[i].kind == WRITE_APPEND ? MDB_APPEND : 0);
    if (!code)
        code = mdb_txn_commit(plain->txn);
    watch_add(&work->spent, began);
    work->rows += (int64_t)count;
    return code;
}

static int write_net(struct plain *plain, struct peer_work *work, const struct net_row *rows, size_t count)
{
    struct watch began = watch_now();
    int code = begin(plain, work->layout);
    for (size_t i = 0; !code && i < count; i++)
        code = write_row(plain, work->recording, rows[i].write, rows[i].kind == NET_DELETE, 0);
    if (!code)
        code = mdb_txn_commit(plain->txn);
    watch_add(&work->spent, began);
    work->rows += (int64_t)count;
    return code;
}

int peer_lmdb(struct peer_work *work, bool net, struct fault *fault)
{
    struct plain plain = { 0 };
    char folder[RIG_PATH];
    int result = folder_fresh(folder, work->folder, "lmdb", fault);
    if (result)
        return result;
    int code = open_plain(&plain, folder, work->layout);
    struct net *rows = net ? net_create(work->recording, &work->recording->commits) : NULL;
    const struct net_row *row;
    size_t count;
    while (!code && net && (row = net_next(rows, &count)))
        code = write_net(&plain, work, row, count);
    for (size_t i = 0; !code && !net && i < work->recording->commits.count; i++)
        code = write_commit(&plain, work, i);
    net_destroy(rows);
    if (plain.env)
        mdb_env_close(plain.env);
    folder_remove(folder);
    return code ? fail(code, "the same writes", fault) : 0;
}
