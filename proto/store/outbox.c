/* The outbox: every notice once, in one sequence; by topic through an index of its own. */
#include <string.h>

#include "proto/store/case_store.h"
#include "proto/store/key.h"

/* Notices whose rows of TABLE_TOPICS lie together. Were they ordered by topic alone, each notice would touch a page of its own for every
 * reporter who hears it, somewhere among all that there ever were; so a turn's are in a few, and a reader seeks once a block. */
enum { BLOCK_NOTICES = 4096 };

static struct key topic_key(const char *topic, uint64_t seq)
{
    struct key key;
    key_start(&key);
    key_be32(&key, (uint32_t)(seq / BLOCK_NOTICES));
    key_name(&key, topic);
    key_be64(&key, seq);
    return key;
}

uint64_t outbox_last(struct txn *txn)
{
    struct bytes key, value;
    return txn_last(txn, TABLE_OUTBOX, &key, &value) && key.size == 8 ? bytes_be64(key.data) : 0;
}

static void append_row(struct txn *txn, const struct notice *notice, const struct topic_list *topics)
{
    struct outbox_row row = { .notice = *notice, .topics = *topics };
    struct key seq;
    key_start(&seq);
    struct buffer *bytes = txn_scratch(txn, 0);
    row.notice.seq = (int64_t)outbox_last(txn) + 1;
    key_be64(&seq, (uint64_t)row.notice.seq);
    record_encode(&outbox_row_desc, &row, bytes);
    txn_append(txn, TABLE_OUTBOX, key_view(&seq), buffer_view(bytes));
    for (size_t i = 0; i < topics->count; i++) {
        struct key topic = topic_key(topics->items[i].name, (uint64_t)row.notice.seq);
        txn_put(txn, TABLE_TOPICS, key_view(&topic), (struct bytes){ NULL, 0 });
    }
}

/* A row of more topics could not be read again. */
void outbox_append(struct txn *txn, const struct notice *notice, const struct topic_list *topics)
{
    for (size_t at = 0, count; at < topics->count; at += count) {
        count = topics->count - at < RECORD_LIST_MAX ? topics->count - at : RECORD_LIST_MAX;
        append_row(txn, notice, &(struct topic_list){ topics->items + at, count });
    }
}

struct reading {
    struct txn *txn;
    struct arena *arena;
    int (*visit)(void *context, const struct notice *notice);
    void *context;
    struct fault *fault;
};

/* A reporter is not told who the worker is, nor what somebody else has written: the title is the first reporter's. */
static int visit_heard(const struct reading *reading, const struct notice *told, const char *topic)
{
    struct notice heard = *told;
    heard.topic = topic;
    if (strncmp(topic, "receipt/", 8) == 0)
        heard.worker = heard.title = "";
    return reading->visit(reading->context, &heard);
}

/* topic NULL: once for each that it is told on. */
static int visit_row(const struct reading *reading, struct bytes seq, struct bytes value, const char *topic)
{
    struct outbox_row row;
    int result = record_decode(&outbox_row_desc, value, reading->arena, &row, reading->fault);
    if (result)
        return fault_prefix(reading->fault, result, "notice %llu", (unsigned long long)bytes_be64(seq.data));
    if (topic)
        return visit_heard(reading, &row.notice, topic);
    for (size_t i = 0; i < row.topics.count && !result; i++)
        result = visit_heard(reading, &row.notice, row.topics.items[i].name);
    return result;
}

static int visit_topic_row(const struct reading *reading, struct bytes seq, const char *topic)
{
    struct bytes value;
    if (txn_get(reading->txn, TABLE_OUTBOX, seq, &value))
        return visit_row(reading, seq, value, topic);
    int result = txn_error(reading->txn, reading->fault);
    return result ? result : fault_set(reading->fault, -EBADMSG, "topic '%s' names a notice that is not there", topic);
}

static int read_all(const struct reading *reading, uint64_t first, size_t max)
{
    struct key from;
    struct txn_walk walk;
    int result = 0;
    key_start(&from);
    key_be64(&from, first);
    walk_open(reading->txn, &walk, TABLE_OUTBOX, key_view(&from), 0);
    for (size_t i = 0; i < max && !result && walk_next(&walk); i++)
        result = visit_row(reading, walk.key, walk.value, NULL);
    walk_close(&walk);
    return result;
}

/* Of one block, from a notice on; takes what it visits from `max`. */
static int read_block(const struct reading *reading, const char *topic, uint64_t first, size_t *max)
{
    struct key from = topic_key(topic, first);
    struct txn_walk walk;
    int result = 0;
    walk_open(reading->txn, &walk, TABLE_TOPICS, key_view(&from), from.size - sizeof first);
    for (; *max && !result && walk_next(&walk); --*max)
        result = visit_topic_row(reading, (struct bytes){ walk.key.data + walk.key.size - sizeof first, sizeof first },
                                 topic);
    walk_close(&walk);
    return result;
}

int outbox_read(struct txn *txn, const char *topic, uint64_t after, size_t max, struct arena *arena,
                int (*visit)(void *context, const struct notice *notice), void *context, struct fault *fault)
{
    const struct reading reading = { txn, arena, visit, context, fault };
    uint64_t last = outbox_last(txn);
    int result = 0;
    if (!topic && after < last)
        result = read_all(&reading, after + 1, max);
    for (uint64_t first = after + 1; topic && after < last && first <= last && max && !result;
         first = (first / BLOCK_NOTICES + 1) * BLOCK_NOTICES)
        result = read_block(&reading, topic, first, &max);
    return result ? result : txn_error(txn, fault);
}
