#include "ingest/reports.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/metrics.h"
#include "proto/base/timestamp.h"
#include "proto/store/near.h"

enum {
    LIST_CHUNK = 128,
    LIST_SCAN_MAX = 100000, /* events that one list looks at: about half a second */
};

static struct metric too_wide = METRIC_COUNTER("drumtower_ingest_lists_too_wide_total", "Lists refused because they "
                                                                                        "had to look at too many "
                                                                                        "events.");

struct reports {
    struct event_log *log;
    const char *data_folder;
    struct store *cases; /* NULL until the dispatcher has made it */
    struct arena scratch;
};

int reports_open(struct event_log *log, const char *data_folder, struct reports **out, struct fault *fault)
{
    struct reports *reports = calloc(1, sizeof *reports);
    if (!reports)
        return fault_set(fault, -ENOMEM, "reports: out of memory");
    *reports = (struct reports){ .log = log, .data_folder = data_folder };
    metric_register(&too_wide);
    *out = reports;
    return 0;
}

void reports_close(struct reports *reports)
{
    if (!reports)
        return;
    store_close(reports->cases);
    arena_finish(&reports->scratch);
    free(reports);
}

void reports_check_readers(struct reports *reports)
{
    store_check_readers(event_log_store(reports->log));
    if (reports->cases)
        store_check_readers(reports->cases);
}

/* 1: there are no cases yet. */
static int open_cases(struct reports *reports, struct fault *fault)
{
    if (reports->cases)
        return 0;
    int result = case_store_open(reports->data_folder, STORE_READ_ONLY, &reports->cases, fault);
    return result == -ENOENT ? 1 : result;
}

static int find_case(struct reports *reports, struct arena *arena, struct report_view *view, struct fault *fault)
{
    int result = open_cases(reports, fault);
    if (result)
        return result < 0 ? result : 0;
    struct txn *txn = txn_begin_read(reports->cases);
    int64_t id;
    if ((result = case_find_receipt(txn, (uint64_t)view->event.seq, &id)) == 0)
        result = case_get(txn, id, arena, &view->record, fault);
    view->has_case = result == 0;
    txn_abort(txn);
    return result < 0 ? result : 0;
}

int reports_get(struct reports *reports, uint64_t seq, struct arena *arena, struct report_view *view,
                struct fault *fault)
{
    *view = (struct report_view){ 0 };
    int result = event_log_get(reports->log, seq, arena, &view->event, fault);
    if (result)
        return result;
    if (view->event.kind != EVENT_REPORT)
        return 1;
    return find_case(reports, arena, view, fault);
}

int reports_steps(struct reports *reports, const struct case_file *record, struct arena *arena, struct step_list *steps,
                  struct fault *fault)
{
    *steps = (struct step_list){ 0 };
    int result = open_cases(reports, fault);
    if (result)
        return result < 0 ? result : 0;
    struct txn *txn = txn_begin_read(reports->cases);
    result = step_list_of(txn, record, arena, steps, fault);
    txn_abort(txn);
    return result;
}

int reports_near(struct reports *reports, const struct book_service *service, const struct place *place, int64_t now_ms,
                 struct arena *arena, struct case_file *record, struct fault *fault)
{
    if (!service->merge.radius_m || !place_is_known(place))
        return 1;
    int result = open_cases(reports, fault);
    if (result)
        return result;
    const struct near_query query = { .service = service->code,
                                      .lat = place->lat,
                                      .lon = place->lon,
                                      .radius_m = service->merge.radius_m,
                                      .since_ms = now_ms - service->merge.hours * MS_PER_HOUR };
    struct txn *txn = txn_begin_read(reports->cases);
    int64_t id;
    if ((result = near_find(txn, &query, arena, &id, fault)) == 0)
        result = case_get(txn, id, arena, record, fault);
    txn_abort(txn);
    return result;
}

bool report_is_open(const struct report_view *view)
{
    return !view->has_case || case_state_is_open(view->record.state);
}

const char *report_service(const struct report_view *view)
{
    return view->has_case && *view->record.service ? view->record.service : view->event.service;
}

int64_t report_updated_at_ms(const struct report_view *view)
{
    const struct case_file *record = &view->record;
    int64_t last = view->event.received_at_ms;
    if (!view->has_case)
        return last;
    if (record->closed_at_ms)
        return record->closed_at_ms > last ? record->closed_at_ms : last;
    const int64_t moments[] = { record->reported_at_ms, record->accepted_at_ms, record->dispatched_at_ms,
                                record->received_at_ms, record->disposed_at_ms, record->checked_at_ms };
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
        last = moments[i] > last ? moments[i] : last;
    return last;
}

/* The first seq of the log whose event was received at or after `at_ms`; one past the last where there is none. */
static int first_since(struct reports *reports, int64_t at_ms, uint64_t *seq, struct fault *fault)
{
    uint64_t low = 1, high = event_log_last(reports->log) + 1;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct event event = { 0 };
        arena_reset(&reports->scratch);
        int result = event_log_get(reports->log, middle, &reports->scratch, &event, fault);
        if (result < 0)
            return result;
        if (event.received_at_ms >= at_ms)
            high = middle;
        else
            low = middle + 1;
    }
    *seq = low;
    return 0;
}

static bool matches(const struct reports_query *query, const struct report_view *view)
{
    if (!(report_is_open(view) ? query->open : query->closed))
        return false;
    for (size_t i = 0; i < query->service_count; i++)
        if (strcmp(query->services[i], report_service(view)) == 0)
            return true;
    return query->service_count == 0;
}

/* The reports among a chunk of the log, in its order. */
struct chunk {
    uint64_t seqs[LIST_CHUNK];
    size_t count;
};

static int note_report(void *context, const struct event *event, struct bytes bytes)
{
    (void)bytes;
    struct chunk *chunk = context;
    if (event->kind == EVENT_REPORT)
        chunk->seqs[chunk->count++] = (uint64_t)event->seq;
    return 0;
}

/* One walk from the newest to the oldest. */
struct listing {
    struct reports *reports;
    const struct reports_query *query;
    struct arena *arena;
    void (*visit)(void *context, const struct report_view *view);
    void *context;
    size_t matched, given;
};

static int list_one(struct listing *listing, uint64_t seq, struct fault *fault)
{
    struct report_view view;
    arena_reset(&listing->reports->scratch);
    int result = reports_get(listing->reports, seq, &listing->reports->scratch, &view, fault);
    if (result < 0 || result || !matches(listing->query, &view) || listing->matched++ < listing->query->skip)
        return result < 0 ? result : 0;
    if ((result = reports_get(listing->reports, seq, listing->arena, &view, fault)) == 0) {
        listing->given++;
        listing->visit(listing->context, &view);
    }
    return result < 0 ? result : 0;
}

static int list_chunk(struct listing *listing, uint64_t from, size_t size, struct fault *fault)
{
    struct chunk chunk = { .count = 0 };
    arena_reset(&listing->reports->scratch);
    int result =
        event_log_read(listing->reports->log, from, size, &listing->reports->scratch, note_report, &chunk, fault);
    for (size_t i = chunk.count; !result && i-- > 0 && listing->given < listing->query->take;)
        result = list_one(listing, chunk.seqs[i], fault);
    return result;
}

int reports_list(struct reports *reports, const struct reports_query *query, struct arena *arena,
                 void (*visit)(void *context, const struct report_view *view), void *context, struct fault *fault)
{
    struct listing listing = { reports, query, arena, visit, context, 0, 0 };
    uint64_t low, end;
    size_t scanned = 0;
    int result = first_since(reports, query->from_ms, &low, fault);
    if (!result)
        result = first_since(reports, query->to_ms + 1, &end, fault);
    while (!result && end > low && listing.given < query->take) {
        if (scanned >= LIST_SCAN_MAX) {
            metric_add(&too_wide, 1);
            return REPORTS_TOO_WIDE;
        }
        size_t size = end - low < LIST_CHUNK ? (size_t)(end - low) : LIST_CHUNK;
        end -= size;
        scanned += size;
        result = list_chunk(&listing, end, size, fault);
    }
    return result;
}
