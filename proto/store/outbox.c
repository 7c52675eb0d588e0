/* The outbox: every notice, in one sequence; by topic through an index of its own. */
#include "proto/store/case_store.h"
#include "proto/store/key.h"

uint64_t outbox_last(struct txn *txn)
{
    struct bytes key, value;
    return txn_last(txn, TABLE_OUTBOX, &key, &value) && key.size == 8 ? bytes_be64(key.data) : 0;
}

void outbox_append(struct txn *txn, struct notice *notice)
{
    struct key seq = { 0 }, topic = { 0 };
    struct buffer *bytes = txn_scratch(txn, 0);
    notice->seq = (int64_t)outbox_last(txn) + 1;
    key_be64(&seq, (uint64_t)notice->seq);
    key_name(&topic, notice->topic);
    key_be64(&topic, (uint64_t)notice->seq);
    record_encode(&notice_desc, notice, bytes);
    txn_append(txn, TABLE_OUTBOX, key_view(&seq), buffer_view(bytes));
    txn_put(txn, TABLE_TOPICS, key_view(&topic), (struct bytes){ NULL, 0 });
}

struct reading {
    struct txn *txn;
    struct arena *arena;
    int (*visit)(void *context, const struct notice *notice);
    void *context;
    struct fault *fault;
};

static int visit_notice(const struct reading *reading, struct bytes seq, struct bytes value)
{
    struct notice notice;
    int result = record_decode(&notice_desc, value, reading->arena, &notice, reading->fault);
    return result ? fault_prefix(reading->fault, result, "notice %llu", (unsigned long long)bytes_be64(seq.data))
                  : reading->visit(reading->context, &notice);
}

static int visit_topic_row(const struct reading *reading, const struct txn_walk *walk)
{
    struct bytes seq = { walk->key.data + walk->prefix_size, walk->key.size - walk->prefix_size }, value;
    if (seq.size == 8 && txn_get(reading->txn, TABLE_OUTBOX, seq, &value))
        return visit_notice(reading, seq, value);
    int result = txn_error(reading->txn, reading->fault);
    return result ? result
                  : fault_set(reading->fault, -EBADMSG, "topic '%s' names a notice that is not there",
                              (const char *)walk->key.data);
}

int outbox_read(struct txn *txn, const char *topic, uint64_t after, size_t max, struct arena *arena,
                int (*visit)(void *context, const struct notice *notice), void *context, struct fault *fault)
{
    const struct reading reading = { txn, arena, visit, context, fault };
    struct key from = { 0 };
    struct txn_walk walk;
    int result = 0;
    if (after == UINT64_MAX)
        return txn_error(txn, fault);
    if (topic)
        key_name(&from, topic);
    size_t prefix_size = from.size;
    key_be64(&from, after + 1);
    walk_open(txn, &walk, topic ? TABLE_TOPICS : TABLE_OUTBOX, key_view(&from), prefix_size);
    for (size_t i = 0; i < max && !result && walk_next(&walk); i++)
        result = topic ? visit_topic_row(&reading, &walk) : visit_notice(&reading, walk.key, walk.value);
    walk_close(&walk);
    return result ? result : txn_error(txn, fault);
}
