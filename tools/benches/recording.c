#include "tools/benches/recording.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tools/benches/grow.h"

void recording_add(struct recording *recording, int table, enum write_kind kind, struct bytes key, struct bytes value)
{
    assert(key.size <= UINT16_MAX && value.size <= UINT32_MAX);
    recording->writes = grow(recording->writes, recording->count, &recording->room, sizeof *recording->writes);
    recording->writes[recording->count++] = (struct row_write){ .at = recording->bytes.size,
                                                                .value_size = (uint32_t)value.size,
                                                                .key_size = (uint16_t)key.size,
                                                                .table = (uint8_t)table,
                                                                .kind = (uint8_t)kind };
    buffer_append(&recording->bytes, key.data, key.size);
    buffer_append(&recording->bytes, value.data, value.size);
}

static void end_group(const struct recording *recording, struct recording_groups *groups)
{
    groups->ends = grow(groups->ends, groups->count, &groups->room, sizeof *groups->ends);
    groups->ends[groups->count++] = recording->count;
}

void recording_end_step(struct recording *recording)
{
    end_group(recording, &recording->steps);
}

void recording_end_commit(struct recording *recording)
{
    end_group(recording, &recording->steps);
    end_group(recording, &recording->commits);
}

struct bytes recording_key(const struct recording *recording, const struct row_write *write)
{
    return (struct bytes){ recording->bytes.bytes + write->at, write->key_size };
}

struct bytes recording_value(const struct recording *recording, const struct row_write *write)
{
    return (struct bytes){ recording->bytes.bytes + write->at + write->key_size, write->value_size };
}

const struct row_write *recording_group(const struct recording *recording, const struct recording_groups *groups,
                                        size_t group, size_t *count)
{
    size_t from = group ? groups->ends[group - 1] : 0;
    *count = groups->ends[group] - from;
    return recording->writes + from;
}

void recording_finish(struct recording *recording)
{
    buffer_finish(&recording->bytes);
    free(recording->writes);
    free(recording->steps.ends);
    free(recording->commits.ends);
    *recording = (struct recording){ 0 };
}

/* ---- net ---- */

/* A slot of the table of rows: the row's first write, and where it stands. */
struct known_row {
    const struct row_write *write;
    size_t touched; /* 1 + the group that wrote it last */
    bool there;     /* after the groups so far */
    bool was_there; /* before group `touched` */
};

struct net {
    const struct recording *recording;
    const struct recording_groups *groups;
    size_t group;
    struct known_row *slots; /* open addressing; never more than half full: as many as all writes need */
    size_t mask;
    size_t *touched; /* slots of this group */
    struct net_row *rows;
    size_t touched_count;
};

struct net *net_create(const struct recording *recording, const struct recording_groups *groups)
{
    struct net *net = allocate(1, sizeof *net);
    size_t slots = 1024;
    while (slots < recording->count * 2)
        slots *= 2;
    net->recording = recording;
    net->groups = groups;
    net->mask = slots - 1;
    net->slots = allocate(slots, sizeof *net->slots);
    net->touched = allocate(recording->count, sizeof *net->touched);
    net->rows = allocate(recording->count, sizeof *net->rows);
    return net;
}

void net_destroy(struct net *net)
{
    if (!net)
        return;
    free(net->slots);
    free(net->touched);
    free(net->rows);
    free(net);
}

static bool same_row(const struct net *net, const struct row_write *a, const struct row_write *b)
{
    return a->table == b->table && a->key_size == b->key_size &&
           memcmp(recording_key(net->recording, a).data, recording_key(net->recording, b).data, a->key_size) == 0;
}

/* FNV-1a over table and key. */
static size_t slot_of(const struct net *net, const struct row_write *write)
{
    struct bytes key = recording_key(net->recording, write);
    uint64_t hash = (UINT64_C(14695981039346656037) ^ write->table) * UINT64_C(1099511628211);
    for (size_t i = 0; i < key.size; i++)
        hash = (hash ^ key.data[i]) * UINT64_C(1099511628211);
    size_t at = (size_t)(hash ^ hash >> 32) & net->mask;
    while (net->slots[at].write && !same_row(net, net->slots[at].write, write))
        at = (at + 1) & net->mask;
    return at;
}

static void touch(struct net *net, const struct row_write *write)
{
    size_t at = slot_of(net, write);
    struct known_row *row = &net->slots[at];
    if (row->touched != net->group + 1) {
        row->touched = net->group + 1;
        row->was_there = row->there;
        net->touched[net->touched_count++] = at;
    }
    row->there = write->kind != WRITE_DELETE;
    row->write = write;
}

static int in_order(const void *a, const void *b, void *context)
{
    const struct net_row *x = a, *y = b;
    if (x->write->table != y->write->table)
        return x->write->table - y->write->table;
    if (x->kind != y->kind)
        return (int)x->kind - (int)y->kind;
    struct bytes key_x = recording_key(context, x->write), key_y = recording_key(context, y->write);
    int order = memcmp(key_x.data, key_y.data, key_x.size < key_y.size ? key_x.size : key_y.size);
    return order ? order : (key_x.size > key_y.size) - (key_x.size < key_y.size);
}

const struct net_row *net_next(struct net *net, size_t *count)
{
    if (net->group == net->groups->count)
        return NULL;
    size_t writes;
    const struct row_write *write = recording_group(net->recording, net->groups, net->group, &writes);
    net->touched_count = *count = 0;
    for (size_t i = 0; i < writes; i++)
        touch(net, &write[i]);
    for (size_t i = 0; i < net->touched_count; i++) {
        const struct known_row *row = &net->slots[net->touched[i]];
        if (row->there || row->was_there)
            net->rows[(*count)++] = (struct net_row){ row->write, !row->there      ? NET_DELETE
                                                                  : row->was_there ? NET_UPDATE
                                                                                   : NET_INSERT };
    }
    qsort_r(net->rows, *count, sizeof *net->rows, in_order, (void *)net->recording);
    net->group++;
    return net->rows;
}

size_t net_position(const struct net *net)
{
    return net->group ? net->groups->ends[net->group - 1] : 0;
}
