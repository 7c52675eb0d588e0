/* The recorder: LMDB's calls of the store pass through here. */
#include <assert.h>
#include <lmdb.h>

#include "tools/benches/recording.h"

int __real_mdb_put(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data, unsigned flags);
int __wrap_mdb_put(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data, unsigned flags);
int __real_mdb_cursor_put(MDB_cursor *cursor, MDB_val *key, MDB_val *data, unsigned flags);
int __wrap_mdb_cursor_put(MDB_cursor *cursor, MDB_val *key, MDB_val *data, unsigned flags);
int __real_mdb_cursor_del(MDB_cursor *cursor, unsigned flags);
int __wrap_mdb_cursor_del(MDB_cursor *cursor, unsigned flags);
int __real_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn);

enum { FIRST_TABLE = 2 }; /* LMDB's own two come first; the store opens its tables in the layout's order */

static struct {
    struct recording *recording;
    const uint8_t *reserved; /* a value that the caller fills before its next call */
    size_t reserved_size;
} recorder;

void recorder_start(struct recording *recording)
{
    recorder.recording = recording;
    recorder.reserved = NULL;
}

/* Its place in the recording is there already, at the end. */
static void take_reserved(void)
{
    if (!recorder.reserved)
        return;
    struct buffer *bytes = &recorder.recording->bytes;
    bytes->size -= recorder.reserved_size;
    buffer_append(bytes, recorder.reserved, recorder.reserved_size);
    recorder.reserved = NULL;
}

void recorder_end_step(void)
{
    if (!recorder.recording)
        return;
    take_reserved();
    recording_end_step(recorder.recording);
}

static void add(MDB_dbi dbi, enum write_kind kind, const MDB_val *key, const MDB_val *data)
{
    assert(dbi >= FIRST_TABLE);
    recording_add(recorder.recording, (int)dbi - FIRST_TABLE, kind, (struct bytes){ key->mv_data, key->mv_size },
                  (struct bytes){ data->mv_data, data->mv_size });
}

int __wrap_mdb_put(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data, unsigned flags)
{
    if (!recorder.recording)
        return __real_mdb_put(txn, dbi, key, data, flags);
    take_reserved();
    int code = __real_mdb_put(txn, dbi, key, data, flags);
    if (code)
        return code;
    add(dbi, flags & MDB_APPEND ? WRITE_APPEND : WRITE_PUT, key, data);
    if (flags & MDB_RESERVE) {
        recorder.reserved = data->mv_data;
        recorder.reserved_size = data->mv_size;
    }
    return 0;
}

int __wrap_mdb_cursor_put(MDB_cursor *cursor, MDB_val *key, MDB_val *data, unsigned flags)
{
    if (recorder.recording)
        take_reserved();
    int code = __real_mdb_cursor_put(cursor, key, data, flags);
    if (code == 0 && recorder.recording)
        add(mdb_cursor_dbi(cursor), WRITE_PUT, key, data);
    return code;
}

int __wrap_mdb_cursor_del(MDB_cursor *cursor, unsigned flags)
{
    MDB_val key;
    if (recorder.recording) {
        take_reserved();
        int code = mdb_cursor_get(cursor, &key, NULL, MDB_GET_CURRENT);
        if (code)
            return code;
        add(mdb_cursor_dbi(cursor), WRITE_DELETE, &key, &(MDB_val){ 0, NULL });
    }
    return __real_mdb_cursor_del(cursor, flags);
}

int __wrap_mdb_txn_commit(MDB_txn *txn)
{
    if (recorder.recording) {
        take_reserved();
        recording_end_commit(recorder.recording);
    }
    return __real_mdb_txn_commit(txn);
}
