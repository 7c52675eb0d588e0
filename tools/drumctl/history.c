#include "tools/drumctl/history.h"

#include <stdlib.h>
#include <string.h>

#include "proto/store/case_store.h"
#include "proto/store/event_log.h"
#include "tools/benches/grow.h"

enum { PAGE = 500 };

struct reading {
    const struct book *book;
    struct history *history;
    struct txn *cases;
    struct arena page;
    size_t most;
    struct fault *fault;
};

static bool is_confirmed(const struct reading *reading, const struct case_file *record)
{
    bool disposed = record->state == CASE_DISPOSED || record->state == CASE_CHECKED || record->state == CASE_CLOSED ||
                    record->state == CASE_RATED;
    return disposed && *record->service && (!reading->book || book_service(reading->book, record->service));
}

static void keep(struct reading *reading, const struct event *event, const char *service)
{
    struct history *history = reading->history;
    struct document document;
    history->items = grow(history->items, history->count, &history->capacity, sizeof *history->items);
    document_of_event(&document, event, reading->book, &reading->page);
    history->items[history->count++] = (struct history_report){
        .seq = event->seq,
        .service = arena_text(&history->arena, service, strlen(service)),
        .document = document_copy(&document, &history->arena),
    };
}

/* A report that named its service and says nothing has the service's name for a title. */
static bool has_words(const struct event *event)
{
    return *event->text || (*event->title && !*event->service);
}

static int take_event(void *context, const struct event *event, struct bytes bytes)
{
    struct reading *reading = context;
    struct case_file record;
    int64_t id;
    (void)bytes;
    if ((event->kind != EVENT_REPORT && event->kind != EVENT_PATROL) || !has_words(event))
        return 0;
    int result = case_find_receipt(reading->cases, (uint64_t)event->seq, &id);
    if (!result)
        result = case_get(reading->cases, id, &reading->page, &record, reading->fault);
    if (!result && is_confirmed(reading, &record))
        keep(reading, event, record.service);
    return result < 0 ? result : 0;
}

/* From the newest page to the oldest that is needed. */
static int read_pages(struct reading *reading, struct event_log *log)
{
    int64_t last = event_log_last(log, reading->fault);
    uint64_t end = (uint64_t)last + 1;
    int result = last < 0 ? (int)last : 0;
    while (!result && end > 1 && reading->history->count < reading->most) {
        uint64_t from = end > PAGE ? end - PAGE : 1;
        arena_reset(&reading->page);
        result = event_log_read(log, from, (size_t)(end - from), &reading->page, take_event, reading, reading->fault);
        end = from;
    }
    return result;
}

static int by_seq(const void *a, const void *b)
{
    const struct history_report *first = a, *second = b;
    return first->seq < second->seq ? -1 : first->seq > second->seq;
}

static void cut_to(struct history *history, size_t most)
{
    if (history->count)
        qsort(history->items, history->count, sizeof *history->items, by_seq);
    if (history->count > most) {
        memmove(history->items, history->items + history->count - most, most * sizeof *history->items);
        history->count = most;
    }
}

int history_read(const char *data_folder, const struct book *book, size_t most, struct history *history,
                 struct fault *fault)
{
    struct reading reading = { .book = book, .history = history, .most = most, .fault = fault };
    struct event_log *log = NULL;
    struct store *cases = NULL;
    int result = event_log_open(data_folder, STORE_READ_ONLY, &log, fault);
    if (!result)
        result = case_store_open(data_folder, STORE_READ_ONLY, &cases, fault);
    if (!result) {
        reading.cases = txn_begin_read(cases);
        result = read_pages(&reading, log);
        txn_abort(reading.cases);
        cut_to(history, most);
    }
    arena_finish(&reading.page);
    store_close(cases);
    event_log_close(log);
    return result;
}

void history_finish(struct history *history)
{
    free(history->items);
    arena_finish(&history->arena);
    *history = (struct history){ .count = 0 };
}
