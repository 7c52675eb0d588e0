/* What has become of reports: one, or those that match. */
#include <string.h>

#include "ingest/sources/open311/answer.h"
#include "ingest/sources/open311/handlers.h"
#include "ingest/sources/open311/query.h"
#include "proto/base/clock.h"

static bool is_told(const void *context, const struct report_view *view)
{
    return document_is_told(context, view);
}

void open311_get_request(struct request *request, void *context)
{
    struct open311 *open311 = context;
    struct document_reader reader = answer_reader(open311, request);
    struct arena *arena = request_arena(request);
    struct report_view view;
    struct fault fault = { "" };
    if (!access_jurisdiction(&open311->access, request, NULL))
        return;
    const char *text = answer_named(request, "id");
    uint64_t seq = query_id(text, strlen(text));
    int result = seq ? reports_get(open311->reports, seq, arena, &view, &fault) : 1;
    if (result < 0)
        answer_failure(request, &fault);
    else if (result > 0 || !document_is_told(&reader, &view))
        answer_error(request, 404, arena_format(arena, "service_request_id '%.40s' was not found", text));
    else
        answer_document(request, 200, "service_requests", json_pack("[o]", document_request(&reader, &view, arena)));
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
        if (result == 0 && document_is_told(list->reader, &view))
            add_row(list, &view);
    }
    return 0;
}

/* result: of the list; takes the rows. */
static void answer_list(struct request *request, int result, const char *root, json_t *rows, const struct fault *fault)
{
    if (result == 0) {
        answer_document(request, 200, root, rows);
        return;
    }
    json_decref(rows);
    if (result == -EINVAL)
        answer_error(request, 400, fault->text);
    else if (result < 0)
        answer_failure(request, fault);
    else
        answer_error(request, 400, "these filters have to look at too many requests: give a shorter span of dates");
}

static struct query_texts texts_of(struct request *request)
{
    return (struct query_texts){
        .ids = request_query_all(request, "service_request_id"),
        .services = request_query_all(request, "service_code"),
        .status = request_query_all(request, "status"),
        .start = request_query(request, "start_date"),
        .end = request_query(request, "end_date"),
        .updated_after = request_query(request, "updated_after"),
        .updated_before = request_query(request, "updated_before"),
        .page = request_query(request, "page"),
        .page_size = request_query(request, "page_size"),
    };
}

void open311_get_requests(struct request *request, void *context)
{
    struct open311 *open311 = context;
    struct document_reader reader = answer_reader(open311, request);
    struct query_texts texts = texts_of(request);
    struct query query;
    struct fault fault = { "" };
    if (!access_lister(&open311->access, request))
        return;
    struct list list = { &reader, request_arena(request), json_array() };
    int result = query_parse(&texts, reader.book->zone, clock_now_ms(), list.arena, &query, &fault);
    query.filters.wants = is_told;
    query.filters.wants_context = &reader;
    if (!result)
        result = query.ids ? list_by_id(open311->reports, &query, &list, &fault)
                           : reports_list(open311->reports, &query.filters, list.arena, add_row, &list, &fault);
    answer_list(request, result, "service_requests", list.rows, &fault);
}

static void add_update(void *context, const struct report_update *update)
{
    struct list *list = context;
    json_array_append_new(list->rows, document_update(list->reader, update, list->arena));
}

void open311_get_updates(struct request *request, void *context)
{
    struct open311 *open311 = context;
    struct document_reader reader = answer_reader(open311, request);
    struct query_texts texts = texts_of(request);
    struct reports_updates_query query;
    struct fault fault = { "" };
    if (!access_lister(&open311->access, request))
        return;
    struct list list = { &reader, request_arena(request), json_array() };
    int result = query_parse_updates(&texts, reader.book->zone, clock_now_ms(), list.arena, &query, &fault);
    query.wants = is_told;
    query.wants_context = &reader;
    if (!result)
        result = reports_updates(open311->reports, &query, list.arena, add_update, &list, &fault);
    answer_list(request, result, "service_request_updates", list.rows, &fault);
}
