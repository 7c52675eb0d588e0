/* drumctl notices: what was told to whom. */
#include <inttypes.h>
#include <stdio.h>

#include "proto/book/zone.h"
#include "proto/door/json.h"
#include "proto/store/case_store.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/subcommands.h"

struct telling {
    const char *data, *topic;
    int64_t after, limit, seen;
    bool json, count;
    struct zone *zone;
    int64_t last;
};

static int print_notice(void *context, const struct notice *notice)
{
    struct telling *telling = context;
    char at[TIMESTAMP_TEXT];
    if (telling->seen == telling->limit)
        return 1;
    telling->seen++;
    telling->last = notice->seq;
    if (telling->count)
        return 0;
    if (telling->json) {
        look_print_json(record_to_json(&notice_desc, notice), 0);
        return 0;
    }
    printf("%8" PRId64 "  %s  %-24s %-10s %-24s ", notice->seq, look_time(at, telling->zone, notice->at_ms),
           notice->topic, enum_name(&verb_desc, (int)notice->verb), notice->case_number);
    look_puts(notice->title, LOOK_ALL);
    return 0;
}

/* In pages: an arena each, also for an outbox of millions. */
static int print_notices(struct txn *txn, struct telling *telling, struct fault *fault)
{
    enum { PAGE = 500 };
    struct arena arena = { 0 };
    int result = 0;
    telling->last = telling->after;
    for (int64_t before = -1; !result && before != telling->last;) {
        before = telling->last;
        arena_reset(&arena);
        result = outbox_read(txn, telling->topic, (uint64_t)before, PAGE, &arena, print_notice, telling, fault);
    }
    arena_finish(&arena);
    if (!result && telling->count)
        printf("%" PRId64 "\n", telling->seen);
    return result < 0 ? result : 0;
}

int drumctl_notices(int argc, char **argv)
{
    struct telling telling = { .limit = 1000 };
    const struct arg args[] = {
        { "data", ARG_TEXT, &telling.data, "DIR", "data folder", 0, 0 },
        { "topic", ARG_TEXT, &telling.topic, "TOPIC", "worker/ID, dept/CODE, desk, wall or receipt/N; default all", 0,
          0 },
        { "after", ARG_INT, &telling.after, "N", "only those with a greater sequence number ", 0, INT64_MAX },
        { "limit", ARG_INT, &telling.limit, "N", "how many at most", 1, INT64_MAX },
        { "count", ARG_FLAG, &telling.count, NULL, "only how many there are, whatever the limit", 0, 0 },
        { "json", ARG_FLAG, &telling.json, NULL, "one JSON object a line, with all fields", 0, 0 },
    };
    const struct arg_program program = {
        .name = "drumctl notices",
        .usage = "--data DIR [--topic TOPIC] [--after N] [--limit N] [--count | --json]",
        .summary = "Lists the outbox: what the engine told desks, departments, workers and reporters, in order.",
        .args = args,
        .arg_count = sizeof args / sizeof *args,
    };
    struct fault fault = { "" };
    struct store *cases = NULL;
    int operands, status = look_parse(&program, argc, argv, &operands, &telling.data);
    if (status != LOOK_GO_ON)
        return status;
    int result = case_store_open(telling.data, STORE_READ_ONLY, &cases, &fault);
    if (!result)
        result = look_zone(cases, &telling.zone, &fault);
    if (telling.count)
        telling.limit = INT64_MAX;
    if (!result) {
        struct txn *txn = txn_begin_read(cases);
        result = print_notices(txn, &telling, &fault);
        txn_abort(txn);
    }
    zone_destroy(telling.zone);
    store_close(cases);
    return result ? look_fail(&program, 1, &fault) : 0;
}
