/* drumctl audit: does the store keep its promises? Each promise is an invariant of ARCHITECTURE.md, checked in snapshots, slice by slice. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/store/case_store.h"
#include "proto/store/event_log.h"
#include "proto/store/journal_check.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/progress.h"
#include "tools/drumctl/subcommands.h"

/* X(name, sentence): what is counted. All but `cases` and `events` should be 0. */
#define AUDIT_COUNTS(X) \
    X(events, "events in the log") \
    X(cases, "cases") \
    X(pending, "events that the dispatcher has not taken yet") \
    X(lost, "reports that it took and that are in no case") \
    X(doubled, "reports that are in more than one case") \
    X(clocks_fired_twice, "clocks that fired more than once, or fired without a trace in the history") \
    X(duties_not_separate, "cases that were checked or closed by whoever disposed") \
    X(outbox_gaps, "numbers missing in the outbox")

/* What is looked at in one snapshot. */
enum { PAGE = 1000 };

struct audit {
#define AUDIT_MEMBER(name, sentence) int64_t name;
    AUDIT_COUNTS(AUDIT_MEMBER)
#undef AUDIT_MEMBER
    bool journal_verified;
    uint64_t journal_entries;
    struct store *store; /* the cases */
    struct txn *txn;
    struct arena steps;
    struct progress progress;
    uint64_t cursor, outbox_next;
    struct fault *fault;
};

/* While a snapshot is kept no page that the dispatcher frees is used again, and the audit of a million cases takes minutes: so each slice has its
 * own. What is true of a case, a receipt, a notice or an entry of the journal in one is true of it in a later one. */
static int renew(struct audit *audit)
{
    txn_abort(audit->txn);
    audit->txn = txn_begin_read(audit->store);
    return txn_error(audit->txn, audit->fault);
}

static bool opens_a_case(const struct event *event)
{
    return event->kind == EVENT_REPORT || event->kind == EVENT_PATROL || event->kind == EVENT_ALARM ||
           event->kind == EVENT_CAMERA;
}

static int look_at_event(void *context, const struct event *event, struct bytes bytes)
{
    struct audit *audit = context;
    int64_t id;
    (void)bytes;
    audit->events++;
    if ((uint64_t)event->seq > audit->cursor)
        audit->pending++;
    else if (opens_a_case(event) && case_find_receipt(audit->txn, (uint64_t)event->seq, &id) != 0)
        audit->lost++;
    return 0;
}

/* A clock's firing leaves one step of its kind: more steps than fired clocks mean that one fired twice. */
static int count_firings(struct audit *audit, const struct case_file *record)
{
    struct step_list steps;
    arena_reset(&audit->steps);
    int result = step_list_of(audit->txn, record, &audit->steps, &steps, audit->fault);
    int64_t balance[CLOCK_KIND_COUNT] = { 0 };
    for (size_t i = 0; i < steps.count && !result; i++)
        balance[steps.items[i].clock] += steps.items[i].verb == VERB_OVERDUE;
    for (size_t i = 0; i < record->clocks.count; i++)
        balance[record->clocks.items[i].kind] -= record->clocks.items[i].fired_at_ms != 0;
    for (size_t kind = 0; kind < CLOCK_KIND_COUNT; kind++)
        audit->clocks_fired_twice += llabs(balance[kind]);
    return result;
}

static bool is_disposer(const struct case_file *record, const char *account)
{
    for (size_t i = 0; i < record->tasks.count; i++)
        if (*account && task_is_disposal(&record->tasks.items[i]) &&
            strcmp(record->tasks.items[i].done_by, account) == 0)
            return true;
    return false;
}

static int look_at_case(void *context, const struct case_file *record)
{
    struct audit *audit = context;
    int64_t id;
    audit->cases++;
    /* a merged case keeps its reports, to have them again; their receipts lead to the other one */
    for (size_t i = 0; record->state != CASE_MERGED && i < record->voices.count; i++)
        if (case_find_receipt(audit->txn, (uint64_t)record->voices.items[i].seq, &id) != 0 || id != record->id)
            audit->doubled++;
    audit->duties_not_separate += is_disposer(record, record->checked_by) || is_disposer(record, record->closed_by);
    return count_firings(audit, record);
}

static int look_at_notice(void *context, const struct notice *notice)
{
    struct audit *audit = context;
    if ((uint64_t)notice->seq < audit->outbox_next) /* a further topic of the same row */
        return 0;
    audit->outbox_gaps += notice->seq - (int64_t)audit->outbox_next;
    audit->outbox_next = (uint64_t)notice->seq + 1;
    return 0;
}

/* In pages, each with a snapshot of the events. */
static int look_at_events(struct audit *audit, struct event_log *log, struct fault *fault)
{
    struct arena arena = { 0 };
    int64_t last = event_log_last(log, fault);
    int result = last < 0 ? (int)last : 0;
    audit->progress.unit = "events";
    for (int64_t seq = 1; !result && seq <= last; seq += PAGE) {
        arena_reset(&arena);
        result = renew(audit);
        if (!result)
            result = event_log_read(log, (uint64_t)seq, PAGE, &arena, look_at_event, audit, fault);
        progress_tell(&audit->progress, (uint64_t)audit->events, (uint64_t)last);
    }
    progress_end(&audit->progress);
    arena_finish(&arena);
    return result;
}

static int look_at_cases(struct audit *audit, struct fault *fault)
{
    struct arena arena = { 0 };
    struct bytes key, value;
    int64_t last = txn_last(audit->txn, TABLE_CASES, &key, &value) ? (int64_t)bytes_be64(key.data) : 0;
    int result = 0;
    audit->progress.unit = "cases";
    for (int64_t id = 1; !result && id <= last; id += PAGE) {
        result = renew(audit);
        if (!result)
            result = case_visit_range(audit->txn, id, id + PAGE, &arena, look_at_case, audit, fault);
        progress_tell(&audit->progress, (uint64_t)audit->cases, (uint64_t)last);
    }
    progress_end(&audit->progress);
    arena_finish(&arena);
    return result;
}

static int look_at_outbox(struct audit *audit, struct fault *fault)
{
    struct arena arena = { 0 };
    uint64_t last = outbox_last(audit->txn);
    int result = 0;
    for (audit->outbox_next = 1; !result && audit->outbox_next <= last;) {
        arena_reset(&arena);
        result = renew(audit);
        if (!result)
            result = outbox_read(audit->txn, NULL, audit->outbox_next - 1, PAGE, &arena, look_at_notice, audit, fault);
    }
    arena_finish(&arena);
    return result;
}

static int look_at_journal(struct audit *audit, struct fault *fault)
{
    struct journal journal = journal_in_store();
    struct journal_check check = { 0 };
    txn_abort(audit->txn); /* it has snapshots of its own */
    audit->txn = NULL;
    audit->progress.unit = "journal entries";
    int result = journal_verify(&journal, audit->store, &check, fault, progress_tell, &audit->progress);
    progress_end(&audit->progress);
    audit->journal_entries = check.entries;
    audit->journal_verified = result == 0;
    if (result == JOURNAL_BROKEN)
        fprintf(stderr, "drumctl audit: the journal is broken: %s\n", fault->text);
    return result < 0 ? result : 0;
}

static bool is_clean(const struct audit *audit)
{
    return audit->journal_verified && !audit->lost && !audit->doubled && !audit->clocks_fired_twice &&
           !audit->duties_not_separate && !audit->outbox_gaps;
}

static void print_text(const struct audit *audit)
{
#define AUDIT_LINE(name, sentence) printf("%10" PRId64 "  %s\n", audit->name, sentence);
    AUDIT_COUNTS(AUDIT_LINE)
#undef AUDIT_LINE
    printf("%10" PRIu64 "  journal entries, %s\n%s\n", audit->journal_entries,
           audit->journal_verified ? "the chain is whole" : "THE CHAIN IS BROKEN",
           is_clean(audit) ? "All promises are kept." : "A promise is broken, see the numbers above.");
}

static void print_json(const struct audit *audit)
{
    json_t *json = json_object();
#define AUDIT_JSON(name, sentence) json_object_set_new(json, #name, json_integer(audit->name));
    AUDIT_COUNTS(AUDIT_JSON)
#undef AUDIT_JSON
    json_object_set_new(json, "journal_entries", json_integer((json_int_t)audit->journal_entries));
    json_object_set_new(json, "journal_verified", json_boolean(audit->journal_verified));
    json_object_set_new(json, "clean", json_boolean(is_clean(audit)));
    char *text = json_dumps(json, JSON_COMPACT);
    puts(text);
    free(text);
    json_decref(json);
}

/* The cases first: what the dispatcher took after that snapshot is pending, not lost. */
static int look_at_all(struct audit *audit, const char *data, struct fault *fault)
{
    struct store *cases = NULL;
    struct event_log *log = NULL;
    int result = case_store_open(data, STORE_READ_ONLY, &cases, fault);
    if (!result)
        result = event_log_open(data, STORE_READ_ONLY, &log, fault);
    if (!result) {
        audit->fault = fault;
        audit->store = cases;
        audit->txn = txn_begin_read(cases);
        audit->cursor = (uint64_t)meta_get(audit->txn, META_CURSOR);
        result = txn_error(audit->txn, fault);
        if (!result)
            result = look_at_cases(audit, fault);
        if (!result)
            result = look_at_outbox(audit, fault);
        if (!result)
            result = look_at_journal(audit, fault);
        if (!result)
            result = look_at_events(audit, log, fault);
        txn_abort(audit->txn);
    }
    event_log_close(log);
    store_close(cases);
    arena_finish(&audit->steps);
    return result;
}

int drumctl_audit(int argc, char **argv)
{
    const char *data = NULL;
    bool json = false;
    const struct arg args[] = {
        { "data", ARG_TEXT, &data, "DIR", "data folder", 0, 0 },
        { "json", ARG_FLAG, &json, "", "one line of JSON", 0, 0 },
    };
    const struct arg_program program = {
        .name = "drumctl audit",
        .usage = "--data DIR [--json]",
        .summary = "Counts what the invariants forbid: reports lost or doubled, clocks fired twice, a case closed by "
                   "whoever\ndisposed, gaps in the outbox, a broken journal. Exits with 1 where it finds any.",
        .args = args,
        .arg_count = sizeof args / sizeof *args,
    };
    struct fault fault = { "" };
    int operands, status = look_parse(&program, argc, argv, &operands, &data);
    if (status != LOOK_GO_ON)
        return status;
    struct audit audit = { 0 };
    if (look_at_all(&audit, data, &fault) < 0)
        return look_fail(&program, 1, &fault);
    if (json)
        print_json(&audit);
    else
        print_text(&audit);
    return is_clean(&audit) ? 0 : 1;
}
