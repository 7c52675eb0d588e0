/* drumctl events: what is in the event log. */
#include <inttypes.h>
#include <stdio.h>

#include "proto/book/zone.h"
#include "proto/door/json.h"
#include "proto/store/case_store.h"
#include "proto/store/event_log.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/subcommands.h"

enum { TITLE_BYTES = 60 };

struct listing {
    const char *data;
    int64_t from, limit;
    bool json;
    struct zone *zone;
};

static int print_event(void *context, const struct event *event, struct bytes bytes)
{
    const struct listing *listing = context;
    char received[TIMESTAMP_TEXT];
    (void)bytes;
    if (listing->json) {
        look_print_json(record_to_json(&event_desc, event), 0);
        return 0;
    }
    printf("%6" PRId64 "  %s  %-8s %-8s %-12s %-18s ", event->seq,
           look_time(received, listing->zone, event->received_at_ms), enum_name(&event_kind_desc, event->kind),
           enum_name(&event_source_desc, event->source), event->service, event->place.area);
    look_puts(*event->title ? event->title : event->text, TITLE_BYTES);
    return 0;
}

/* In pages: a transaction and an arena each, also for a log of millions. */
static int print_events(struct event_log *log, struct listing *listing, struct fault *fault)
{
    enum { PAGE = 500 };
    struct arena arena = { 0 };
    int64_t last = event_log_last(log, fault), end = listing->from + listing->limit;
    int result = last < 0 ? (int)last : 0;
    for (int64_t seq = listing->from; !result && seq <= last && seq < end; seq += PAGE) {
        arena_reset(&arena);
        result = event_log_read(log, (uint64_t)seq, (size_t)(end - seq < PAGE ? end - seq : PAGE), &arena, print_event,
                                listing, fault);
    }
    arena_finish(&arena);
    return result;
}

/* Before the dispatcher's first turn nobody has said whose time it is: UTC. */
static int find_zone(struct listing *listing, struct fault *fault)
{
    struct store *cases = NULL;
    int result = case_store_open(listing->data, STORE_READ_ONLY, &cases, fault);
    if (!result)
        result = look_zone(cases, &listing->zone, fault);
    store_close(cases);
    return result == -ENOENT ? 0 : result;
}

int drumctl_events(int argc, char **argv)
{
    struct listing listing = { .from = 1, .limit = 1000 };
    const struct arg args[] = {
        { "data", ARG_TEXT, &listing.data, "DIR", "data folder", 0, 0 },
        { "from", ARG_INT, &listing.from, "N", "first sequence number ", 1, INT32_MAX },
        { "limit", ARG_INT, &listing.limit, "N", "how many at most", 1, INT32_MAX },
        { "json", ARG_FLAG, &listing.json, NULL, "one JSON object a line, with all fields", 0, 0 },
    };
    const struct arg_program program = {
        .name = "drumctl events",
        .usage = "--data DIR [--from N] [--limit N] [--json]",
        .summary = "Lists the event log. Who reported is not in it: contacts are kept apart.",
        .args = args,
        .arg_count = sizeof args / sizeof *args,
    };
    struct fault fault = { "" };
    struct event_log *log = NULL;
    int operands, status = look_parse(&program, argc, argv, &operands, &listing.data);
    if (status != LOOK_GO_ON)
        return status;
    int result = event_log_open(listing.data, STORE_READ_ONLY, &log, &fault);
    if (!result)
        result = find_zone(&listing, &fault);
    if (!result)
        result = print_events(log, &listing, &fault);
    zone_destroy(listing.zone);
    event_log_close(log);
    return result ? look_fail(&program, 1, &fault) : 0;
}
