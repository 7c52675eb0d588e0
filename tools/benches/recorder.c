/* The recorder: LMDB's calls of the store pass through here. */
#include <assert.h>
#include <lmdb.h>

#include "tools/benches/recording.h"

int __real_mdb_put(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data, unsigned flags);
int __wrap_mdb_put(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data, unsigned flags);
int __real_mdb_del(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data);
int __wrap_mdb_del(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data);
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

int __wrap_mdb_put(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data, unsigned flags)
{
    struct recording *recording = recorder.recording;
    if (!recording)
        return __real_mdb_put(txn, dbi, key, data, flags);
    take_reserved();
    int code = __real_mdb_put(txn, dbi, key, data, flags);
    if (code)
        return code;
    assert(dbi >= FIRST_TABLE);
    recording_add(recording, (int)dbi - FIRST_TABLE, flags & MDB_APPEND ? WRITE_APPEND : WRITE_PUT,
                  (struct bytes){ key->mv_data, key->mv_size }, (struct bytes){ data->mv_data, data->mv_size });
    if (flags & MDB_RESERVE) {
        recorder.reserved = data->mv_data;
        recorder.reserved_size = data->mv_size;
    }
    return 0;
}

int __wrap_mdb_del(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data)
{
    struct recording *recording = recorder.recording;
    if (!recording)
        return __real_mdb_del(txn, dbi, key, data);
    take_reserved();
    struct bytes copy = { key->mv_data, key->mv_size };
    int code = __real_mdb_del(txn, dbi, key, data);
    if (code == 0)
        recording_add(recording, (int)dbi - FIRST_TABLE, WRITE_DELETE, copy, (struct bytes){ NULL, 0 });
    return code;
}

int __wrap_mdb_txn_commit(MDB_txn *txn)
{
    if (recorder.recording) {
        take_reserved();
        recording_end_commit(recorder.recording);
    }
    return __real_mdb_txn_commit(txn);
}
