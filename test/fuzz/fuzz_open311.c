/* Open311: the arguments of a list, and a report from its form to the document that shows it, in JSON and in XML.
 *
 * Input: a line with the query, and the form (application/x-www-form-urlencoded). */
#include <assert.h>
#include <string.h>

#include "ingest/enrich/report.h"
#include "ingest/sources/open311/document.h"
#include "ingest/sources/open311/query.h"
#include "ingest/sources/open311/xml.h"
#include "ingest/sources/xml_tree.h"
#include "proto/door/text.h"
#include "test/fuzz/fuzz.h"
#include "test/fuzz/made_request.h"
#include "test/unit/book/support.h"

static const char services_yaml[] = "services:\n"
                                    "  - {code: P0101, name: 上水井盖, limit: 4 working_hour}\n"
                                    "  - code: E0101\n"
                                    "    name: 私搭乱建\n"
                                    "    limit: 2 clock_hour\n"
                                    "    attributes:\n"
                                    "      - {code: pole, description: 杆号, type: string, required: true}\n"
                                    "      - {code: since, description: 自, type: datetime}\n"
                                    "      - {code: count, description: 数, type: number}\n"
                                    "      - {code: side, description: 侧, type: multivaluelist, values: [{key: left, "
                                    "name: "
                                    "左}, {key: right, name: 右}]}\n";
enum { PAIRS_MAX = 64 };                     /* as the door */
static const int64_t NOW_MS = 1767600000000; /* 2026-01-05T08:00:00Z */

static const struct report_desk *open_desk(void)
{
    static const char *const files[][2] = { { "services.yaml", services_yaml } };
    static struct report_desk desk;
    struct book_folder folder;
    struct fault fault = { "" };
    if (desk.book)
        return &desk;
    fuzz_quiet();
    desk.book = FUZZ_BOOK(files);
    desk.data_folder = "/nonexistent";
    book_folder_make(&folder);
    assert(pseudonym_open(folder.path, &desk.pseudonym, &fault) == 0);
    book_folder_remove(&folder);
    return &desk;
}

static void read_query(const struct book *book, const char *text, struct arena *arena)
{
    struct pairs pairs = { 0 };
    struct query query;
    struct fault fault = { "" };
    if (!pairs_parse(arena, text, strlen(text), PAIRS_MAX, &pairs))
        return;
    struct query_texts texts = {
        .ids = pairs_get(&pairs, "service_request_id"),
        .services = pairs_get(&pairs, "service_code"),
        .status = pairs_get(&pairs, "status"),
        .start = pairs_get(&pairs, "start_date"),
        .end = pairs_get(&pairs, "end_date"),
        .page = pairs_get(&pairs, "page"),
        .page_size = pairs_get(&pairs, "page_size"),
    };
    if (query_parse(&texts, book->zone, NOW_MS, arena, &query, &fault) < 0) {
        assert(*fault.text);
        return;
    }
    assert(query.id_count <= QUERY_ROWS_MAX && query.filters.take <= QUERY_ROWS_MAX);
    assert(query.ids || (query.filters.from_ms <= query.filters.to_ms && query.filters.take >= 1));
    assert(query.ids || query.filters.to_ms - query.filters.from_ms <= QUERY_SPAN_DAYS * INT64_C(86400000));
}

static void check_document(const char *root, json_t *document, struct arena *arena)
{
    struct buffer xml = { 0 };
    struct xml_element *element;
    struct fault fault = { "" };
    char *json = json_dumps(document, JSON_COMPACT | JSON_ENCODE_ANY);
    assert(json);
    free(json);
    xml_document(&xml, root, document);
    assert(xml_parse(buffer_view(&xml), arena, &element, &fault) == 0 && strcmp(element->name, root) == 0);
    buffer_finish(&xml);
    json_decref(document);
}

static void show(const struct report_desk *desk, struct report *report, struct arena *arena)
{
    struct document_reader reader = {
        .book = desk->book, .language = "en", .base_url = "http://t", .extensions = true
    };
    struct report_view view = { .event = report->event };
    struct fault fault = { "" };
    report_receipt(report, "new", NULL);
    assert(record_check(&event_desc, &report->event, &fault) == 0);
    assert(!report->has_contact || record_check(&contact_desc, &report->contact, &fault) == 0);
    view.event.seq = 17;
    check_document("service_requests", json_pack("[o]", document_request(&reader, &view, arena)), arena);
}

static void take_form(const struct report_desk *desk, struct request *request, struct arena *arena)
{
    struct form form;
    struct report report;
    struct complaints complaints = { .count = 0 };
    struct fault fault = { "" };
    if (request_form(request, &form, &fault) < 0)
        return;
    report_from_form(desk, &form, "zh", NOW_MS, arena, &report, &complaints);
    assert(complaints.count <= COMPLAINTS_MAX);
    if (complaints.count)
        check_document("errors", document_complaints(&complaints, arena), arena);
    else
        show(desk, &report, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct report_desk *desk = open_desk();
    struct arena arena = { 0 };
    struct bytes rest = { data, size };
    read_query(desk->book, fuzz_line(&rest, &arena), &arena);
    struct request *request = made_request(rest);
    made_request_header(request, "Content-Type", "application/x-www-form-urlencoded");
    take_form(desk, request, &arena);
    made_request_destroy(request);
    arena_finish(&arena);
    return 0;
}
