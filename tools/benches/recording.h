/* Recording: what a store's transactions write, row by row and commit by commit, so that a peer can do the same writes. The recorder
 * stands between the store and LMDB: the linker gives it its calls that write (--wrap, see meson.build).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buffer.h"

enum write_kind { WRITE_PUT, WRITE_APPEND, WRITE_DELETE };

struct row_write {
    size_t at; /* of the key in the recording's bytes; the value follows it */
    uint32_t value_size;
    uint16_t key_size;
    uint8_t table;
    uint8_t kind; /* enum write_kind */
};

struct recording {
    struct buffer bytes;
    struct row_write *writes;
    size_t count, room;
    /* Groups of writes: how many writes there were at the end of each. A commit ends a step. */
    struct recording_groups {
        size_t *ends;
        size_t count, room;
    } steps, commits;
};

struct bytes recording_key(const struct recording *recording, const struct row_write *write);
struct bytes recording_value(const struct recording *recording, const struct row_write *write);
/* The writes of one group: *count of them. */
const struct row_write *recording_group(const struct recording *recording, const struct recording_groups *groups,
                                        size_t group, size_t *count);
void recording_finish(struct recording *recording); /* safe on a zeroed struct */

/* Adding by hand, as the recorder does. */
void recording_add(struct recording *recording, int table, enum write_kind kind, struct bytes key, struct bytes value);
void recording_end_step(struct recording *recording);
void recording_end_commit(struct recording *recording);

/* From here on every write of this process is recorded; NULL: no more. */
void recorder_start(struct recording *recording);
/* One input has been applied. */
void recorder_end_step(void);

/* ---- the net of a group: each row once, as a program writes that collects before it speaks to a server ---- */

enum net_kind { NET_INSERT, NET_UPDATE, NET_DELETE };

struct net_row {
    const struct row_write *write; /* the last one: key and value */
    enum net_kind kind;
};

struct net; /* knows which rows there are */
/* `groups`: the recording's steps or commits. */
struct net *net_create(const struct recording *recording, const struct recording_groups *groups);
void net_destroy(struct net *net); /* takes NULL */
/* The next group's rows, ordered by table, in it by kind, in that by key; they live until the next call. A row that came and went in
 * one group is not among them. NULL after the last one. */
const struct net_row *net_next(struct net *net, size_t *count);
/* Writes of the recording that are behind it. */
size_t net_position(const struct net *net);
