#include "ingest/reports.h"

#include <stdlib.h>
#include <string.h>

#include "ingest/reports_inside.h"
#include "proto/base/metrics.h"
#include "proto/base/timestamp.h"
#include "proto/store/near.h"

enum { LIST_CHUNK = 128 };

static struct metric too_wide = METRIC_COUNTER("drumtower_ingest_lists_too_wide_total", "Lists refused because they "
                                                                                        "had to look at too many "
                                                                                        "events.");

int reports_open(struct event_log *log, const char *data_folder, int64_t list_events, struct reports **out,
                 struct fault *fault)
{
    struct reports *reports = calloc(1, sizeof *reports);
    if (!reports)
        return fault_set(fault, -ENOMEM, "reports: out of memory");
    *reports = (struct reports){ .log = log, .data_folder = data_folder, .list_events = (size_t)list_events };
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
    arena_finish(&reports->case_scratch);
    free(reports);
}

void reports_check_readers(struct reports *reports)
{
    store_check_readers(event_log_store(reports->log));
    if (reports->cases)
        store_check_readers(reports->cases);
}

int reports_too_wide(void)
{
    metric_add(&too_wide, 1);
    return REPORTS_TOO_WIDE;
}

int reports_open_cases(struct reports *reports, struct fault *fault)
{
    if (reports->cases)
        return 0;
    int result = case_store_open(reports->data_folder, STORE_READ_ONLY, &reports->cases, fault);
    return result == -ENOENT ? 1 : result;
}

static int find_case(struct reports *reports, struct arena *arena, struct report_view *view, struct fault *fault)
{
    int result = reports_open_cases(reports, fault);
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

static int add_case(struct reports *reports, struct arena *arena, struct report_view *view, struct fault *fault)
{
    return view->event.kind == EVENT_REPORT ? find_case(reports, arena, view, fault) : 1;
}

int reports_get(struct reports *reports, uint64_t seq, struct arena *arena, struct report_view *view,
                struct fault *fault)
{
    *view = (struct report_view){ 0 };
    int result = event_log_get(reports->log, seq, arena, &view->event, fault);
    return result ? result : add_case(reports, arena, view, fault);
}

int reports_find(struct reports *reports, const char *id, struct arena *arena, struct report_view *view,
                 struct fault *fault)
{
    *view = (struct report_view){ 0 };
    int result = event_log_find(reports->log, id, arena, &view->event, fault);
    return result ? result : add_case(reports, arena, view, fault);
}

int reports_steps(struct reports *reports, const struct case_file *record, struct arena *arena, struct step_list *steps,
                  struct fault *fault)
{
    *steps = (struct step_list){ 0 };
    int result = reports_open_cases(reports, fault);
    if (result)
        return result < 0 ? result : 0;
    struct txn *txn = txn_begin_read(reports->cases);
    result = step_list_of(txn, record, arena, steps, fault);
    txn_abort(txn);
    return result;
}

bool report_is_told(const struct book_service *service, enum case_state state)
{
    if (!service || (service->is_public && service->type == SERVICE_TYPE_REALTIME))
        return true;
    return service->is_public && service->type == SERVICE_TYPE_BATCH && state != CASE_REPORTED &&
           state != CASE_VERIFYING;
}

int reports_near(struct reports *reports, const struct book_service *service, const struct place *place, int64_t now_ms,
                 struct arena *arena, struct case_file *record, struct fault *fault)
{
    if (!service->merge.radius_m || !place_is_known(place))
        return 1;
    int result = reports_open_cases(reports, fault);
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
    return result || report_is_told(service, record->state) ? result : 1;
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
    int64_t received = view->event.received_at_ms;
    int64_t updated = view->has_case ? case_updated_at_ms(&view->record) : received;
    return updated > received ? updated : received;
}

bool report_may_be_reopened(const struct report_view *view, int64_t reopen_days, int64_t now_ms)
{
    const struct case_file *record = &view->record;
    const struct transition *row = view->has_case ? transition_find(record->state, VERB_REOPEN) : NULL;
    return row && row->roles & BY_RESIDENT &&
           (!record->closed_at_ms || now_ms <= record->closed_at_ms + reopen_days * MS_PER_DAY);
}

/* The first seq of the log whose event was received at or after `at_ms`; one past the last where there is none. */
static int first_since(struct reports *reports, int64_t at_ms, uint64_t *seq, struct fault *fault)
{
    int64_t last = event_log_last(reports->log, fault);
    if (last < 0)
        return (int)last;
    uint64_t low = 1, high = (uint64_t)last + 1;
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
    int64_t received_at_ms = view->event.received_at_ms;
    if (received_at_ms < query->from_ms || received_at_ms > query->to_ms)
        return false;
    if (!(report_is_open(view) ? query->open : query->closed))
        return false;
    if (query->wants && !query->wants(query->wants_context, view))
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

/* One walk: from the newest to the oldest, or along the updates. */
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
    if (result < 0)
        return result;
    if (result || !matches(listing->query, &view) || listing->matched++ < listing->query->skip)
        return 0;
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

/* ---- by the time of reporting ---- */

static int list_by_report(struct listing *listing, struct fault *fault)
{
    const struct reports_query *query = listing->query;
    uint64_t low, end;
    size_t scanned = 0;
    int result = first_since(listing->reports, query->from_ms, &low, fault);
    if (!result)
        result = first_since(listing->reports, query->to_ms + 1, &end, fault);
    while (!result && end > low && listing->given < query->take) {
        if (scanned >= listing->reports->list_events)
            return reports_too_wide();
        size_t size = end - low < LIST_CHUNK ? (size_t)(end - low) : LIST_CHUNK;
        end -= size;
        scanned += size;
        result = list_chunk(listing, end, size, fault);
    }
    return result;
}

/* ---- by the time of the last update ---- */

struct updated {
    struct listing *listing;
    struct txn *txn;
    size_t scanned;
    struct fault *fault;
};
enum { LIST_IS_FULL = 1, LIST_IS_TOO_WIDE = 2 };

static int list_case(void *context, int64_t updated_at_ms, int64_t id)
{
    struct updated *updated = context;
    struct listing *listing = updated->listing;
    struct case_file record;
    if (updated_at_ms > listing->query->updated_to_ms || listing->given == listing->query->take)
        return LIST_IS_FULL;
    if (updated->scanned++ == listing->reports->list_events)
        return LIST_IS_TOO_WIDE;
    arena_reset(&listing->reports->case_scratch);
    int result = case_get(updated->txn, id, &listing->reports->case_scratch, &record, updated->fault);
    for (size_t i = 0; !result && i < record.voices.count && listing->given < listing->query->take; i++)
        result = list_one(listing, (uint64_t)record.voices.items[i].seq, updated->fault);
    return result;
}

/* What the dispatcher had not come to was updated when it was received; it may have a case by now, which the index that was read has not. */
static int list_without_case(struct listing *listing, uint64_t first, struct fault *fault)
{
    uint64_t since, end;
    int result = first_since(listing->reports, listing->query->updated_from_ms, &since, fault);
    if (!result)
        result = first_since(listing->reports, listing->query->updated_to_ms + 1, &end, fault);
    if (result)
        return result;
    uint64_t seq = since > first ? since : first;
    if (end > seq && end - seq > listing->reports->list_events)
        return reports_too_wide();
    for (; !result && seq < end && listing->given < listing->query->take; seq++)
        result = list_one(listing, seq, fault);
    return result;
}

static int list_by_update(struct listing *listing, struct fault *fault)
{
    uint64_t cursor = 0;
    int result = reports_open_cases(listing->reports, fault);
    if (result < 0)
        return result;
    if (result == 0) {
        struct txn *txn = txn_begin_read(listing->reports->cases);
        struct updated updated = { listing, txn, 0, fault };
        cursor = (uint64_t)meta_get(txn, META_CURSOR);
        result =
            index_visit(txn, "updated", listing->query->updated_from_ms - 1, INT64_MAX, false, list_case, &updated);
        if (result >= 0 && txn_error(txn, fault) < 0)
            result = txn_error(txn, fault);
        txn_abort(txn);
        if (result == LIST_IS_TOO_WIDE)
            return reports_too_wide();
    }
    return result < 0 || listing->given == listing->query->take ? result < 0 ? result : 0
                                                                : list_without_case(listing, cursor + 1, fault);
}

int reports_list(struct reports *reports, const struct reports_query *query, struct arena *arena,
                 void (*visit)(void *context, const struct report_view *view), void *context, struct fault *fault)
{
    struct listing listing = { .reports = reports, .query = query, .arena = arena, .visit = visit, .context = context };
    return query->updated_to_ms ? list_by_update(&listing, fault) : list_by_report(&listing, fault);
}
