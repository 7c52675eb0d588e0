#include "ingest/sources/open311/open311.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/base_url.h"
#include "ingest/sources/open311/document.h"
#include "ingest/sources/open311/query.h"
#include "ingest/sources/open311/xml.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"

enum { REAL_DIGITS = 10 }; /* of degrees: a hundredth of a millimetre */

static bool path_ends(const struct request *request, const char *ending)
{
    const char *path = request_path(request);
    size_t length = strlen(path), ends = strlen(ending);
    return length > ends && strcmp(path + length - ends, ending) == 0;
}

/* Takes the document's reference. */
static void answer(struct request *request, int status, const char *root, json_t *document)
{
    if (path_ends(request, ".xml")) {
        struct buffer xml = { 0 };
        xml_document(&xml, root, document);
        reply_bytes(request, status, "text/xml; charset=utf-8", buffer_view(&xml));
        buffer_finish(&xml);
    } else {
        char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS));
        reply_text(request, status, "application/json; charset=utf-8", text);
        free(text);
    }
    json_decref(document);
}

static void answer_error(struct request *request, int status, const char *description)
{
    answer(request, status, "errors", document_error(status, description));
}

/* A fault of ours: the words go to the log, not to the street. */
static void answer_failure(struct request *request, const struct fault *fault)
{
    log_error("a request of the Open311 door failed", "path=%s reason=\"%s\"", request_path(request), fault->text);
    answer_error(request, 503, "this server cannot do that now; try again later");
}

static struct document_reader reader_of(const struct open311 *open311, struct request *request)
{
    const struct book *book = open311->desk->book;
    const char *extensions = request_query(request, "extensions");
    return (struct document_reader){
        .book = book,
        .language = request_language(request, book->languages, book->language_count),
        .base_url = base_url(request, open311->scheme),
        .extensions = extensions && strcmp(extensions, "true") == 0,
    };
}

/* The last part of the path without ".json" or ".xml"; *length 0 for any other ending. */
static const char *named(const struct request *request, const char *param, size_t *length)
{
    const char *text = request_param(request, param);
    size_t size = strlen(text);
    size_t ending = path_ends(request, ".json") ? 5 : path_ends(request, ".xml") ? 4 : size;
    *length = size > ending ? size - ending : 0;
    return text;
}

static void get_services(struct request *request, void *context)
{
    struct document_reader reader = reader_of(context, request);
    answer(request, 200, "services", document_services(&reader));
}

static void get_definition(struct request *request, void *context)
{
    struct document_reader reader = reader_of(context, request);
    size_t length;
    const char *text = named(request, "code", &length);
    const char *code = arena_text(request_arena(request), text, length);
    const struct book_service *service = book_service(reader.book, code);
    if (!service || !service->is_public)
        answer_error(request, 404, arena_format(request_arena(request), "service_code '%s' was not found", code));
    else
        answer(request, 200, "service_definition", document_definition(&reader, service));
}

static void get_discovery(struct request *request, void *context)
{
    struct document_reader reader = reader_of(context, request);
    answer(request, 200, "discovery", document_discovery(&reader, request_arena(request)));
}

static void created(struct request *request, const struct event_append *done, void *context)
{
    const struct report *report = context;
    const struct open311 *open311 = report->context;
    struct document_reader reader = reader_of(open311, request);
    answer(request, 201, "service_requests",
           document_receipt(&reader, done->seq, report->receipt.secret, request_arena(request)));
}

/* False: this address had its share, and was told so. Asked first: a refused report costs no picture in the store. */
static bool within_quota(struct open311 *open311, struct request *request)
{
    int64_t now_ms = clock_mono_ms();
    if (quota_take(open311->quota, request_address(request), now_ms))
        return true;
    reply_header(request, "Retry-After", arena_format(request_arena(request), "%" PRId64, quota_wait_seconds(now_ms)));
    answer_error(request, 429, "too many reports from this address within an hour; nothing was stored");
    return false;
}

static void answer_busy(struct request *request)
{
    reply_header(request, "Retry-After", INTAKE_RETRY_AFTER);
    answer_error(request, 503, "too many reports at this moment; nothing was stored; try again in some seconds");
}

static void submit(struct open311 *open311, struct request *request, struct report *report)
{
    const char *key = request_header(request, "Idempotency-Key");
    if (key && !receipt_token_fits(key)) {
        answer_error(request, 400, "Idempotency-Key: expected 16 to 128 characters of 0-9 A-Z a-z - _");
        return;
    }
    report_receipt(report, key ? "key" : "new", key);
    report->context = open311;
    struct event_append append = report_append(report);
    if (intake_submit(open311->intake, request, &append, created, report) == INTAKE_FULL)
        answer_busy(request);
}

static void take_post(struct post *post)
{
    if (post->result < 0)
        answer_failure(post->request, &post->fault);
    else if (post->complaints.count)
        answer(post->request, complaints_status(&post->complaints), "errors",
               document_complaints(&post->complaints, request_arena(post->request)));
    else if (post->result == PHOTOS_BUSY)
        answer_busy(post->request);
    else
        submit(post->context, post->request, &post->report);
}

static void post_request(struct request *request, void *context)
{
    struct open311 *open311 = context;
    const struct book *book = open311->desk->book;
    if (within_quota(open311, request))
        post_take(open311->desk, request, request_language(request, book->languages, book->language_count),
                  clock_now_ms(), take_post, open311);
}

/* Reads one report for the answer; false: answered already. */
static bool read_report(struct open311 *open311, struct request *request, struct report_view *view)
{
    size_t length;
    const char *text = named(request, "id", &length);
    uint64_t seq = query_id(text, length);
    struct fault fault = { "" };
    int result = seq ? reports_get(open311->reports, seq, request_arena(request), view, &fault) : 1;
    if (result < 0)
        answer_failure(request, &fault);
    else if (result > 0)
        answer_error(request, 404,
                     arena_format(request_arena(request), "service_request_id '%.*s' was not found",
                                  length > 40 ? 40 : (int)length, text));
    return result == 0;
}

static void get_request(struct request *request, void *context)
{
    struct document_reader reader = reader_of(context, request);
    struct report_view view;
    if (read_report(context, request, &view))
        answer(request, 200, "service_requests",
               json_pack("[o]", document_request(&reader, &view, request_arena(request))));
}

static void get_token(struct request *request, void *context)
{
    struct report_view view;
    if (read_report(context, request, &view))
        answer(request, 200, "service_requests", document_token((uint64_t)view.event.seq, request_arena(request)));
}

/* A list under way. */
struct list {
    const struct document_reader *reader;
    struct arena *arena;
    json_t *rows;
};

static void add_row(void *context, const struct report_view *view)
{
    struct list *list = context;
    json_array_append_new(list->rows, document_request(list->reader, view, list->arena));
}

static int list_by_id(struct reports *reports, const struct query *query, struct list *list, struct fault *fault)
{
    for (size_t i = 0; i < query->id_count; i++) {
        struct report_view view;
        int result = reports_get(reports, query->ids[i], list->arena, &view, fault);
        if (result < 0)
            return result;
        if (result == 0)
            add_row(list, &view);
    }
    return 0;
}

static void get_requests(struct request *request, void *context)
{
    struct open311 *open311 = context;
    struct document_reader reader = reader_of(open311, request);
    struct list list = { &reader, request_arena(request), json_array() };
    struct query_texts texts = {
        .ids = request_query(request, "service_request_id"),
        .services = request_query(request, "service_code"),
        .status = request_query(request, "status"),
        .start = request_query(request, "start_date"),
        .end = request_query(request, "end_date"),
        .page = request_query(request, "page"),
        .page_size = request_query(request, "page_size"),
    };
    struct query query;
    struct fault fault = { "" };
    int result = query_parse(&texts, reader.book->zone, clock_now_ms(), list.arena, &query, &fault);
    if (result < 0) {
        answer_error(request, 400, fault.text);
    } else {
        result = query.ids ? list_by_id(open311->reports, &query, &list, &fault)
                           : reports_list(open311->reports, &query.filters, list.arena, add_row, &list, &fault);
        if (result < 0)
            answer_failure(request, &fault);
        else if (result == REPORTS_TOO_WIDE)
            answer_error(request, 400, "these filters have to look at too many requests: give a shorter span of dates");
        else
            answer(request, 200, "service_requests", json_incref(list.rows));
    }
    json_decref(list.rows);
}

int open311_routes(struct open311 *open311, struct door *door, struct fault *fault)
{
    static const struct {
        const char *method, *path;
        int64_t body_bytes;
        door_handler *handler;
    } routes[] = {
        { "GET", "/open311/discovery.json", 0, get_discovery },
        { "GET", "/open311/discovery.xml", 0, get_discovery },
        { "GET", "/open311/v2/services.json", 0, get_services },
        { "GET", "/open311/v2/services.xml", 0, get_services },
        { "GET", "/open311/v2/services/{code}", 0, get_definition },
        { "GET", "/open311/v2/requests.json", 0, get_requests },
        { "GET", "/open311/v2/requests.xml", 0, get_requests },
        { "GET", "/open311/v2/requests/{id}", 0, get_request },
        { "GET", "/open311/v2/tokens/{id}", 0, get_token },
        { "POST", "/open311/v2/requests.json", -1, post_request },
        { "POST", "/open311/v2/requests.xml", -1, post_request },
    };
    int result = 0;
    for (size_t i = 0; !result && i < sizeof routes / sizeof *routes; i++)
        result = door_route(door, routes[i].method, routes[i].path, 0, routes[i].body_bytes, routes[i].handler, open311,
                            fault);
    return result;
}
