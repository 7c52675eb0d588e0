#include "test/unit/ingest/fixture.h"

#include "ingest/sources/open311/document.h"
#include "ingest/sources/open311/query.h"
#include "ingest/sources/open311/xml.h"
#include "proto/base/timestamp.h"
#include "proto/book/zone.h"

static const int64_t NOW_MS = INT64_C(1767573000000); /* 2026-01-05T00:30:00Z, 08:30 in the district */

static struct document_reader reader_in(const struct book *book, const char *language)
{
    return (struct document_reader){ .book = book, .language = language, .base_url = "http://t" };
}

static struct report_view view_of_report(void)
{
    return (struct report_view){
        .event = { .seq = 17,
                   .kind = EVENT_REPORT,
                   .service = "0101",
                   .text = "井盖 <丢失>",
                   .place = { .lat = 39.94, .lon = 116.39, .address = "A & B" },
                   .received_at_ms = NOW_MS },
    };
}

/* Both forms of a document; NULL-terminated texts in the arena. */
static const char *as_xml(const char *root, json_t *document, struct arena *arena)
{
    struct buffer out = { 0 };
    xml_document(&out, root, document);
    json_decref(document);
    const char *text = arena_text(arena, (const char *)out.bytes, out.size);
    buffer_finish(&out);
    return text;
}

static const char *text_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void services_list_what_is_offered_to_the_public(void **state)
{
    struct document_reader reader = reader_in(*state, "en");
    json_t *services = document_services(&reader);
    assert_int_equal(json_array_size(services), 5); /* not the internal one */
    const json_t *first = json_array_get(services, 0), *second = json_array_get(services, 1);
    assert_string_equal(text_at(json_array_get(services, 2), "type"), "batch");
    assert_string_equal(text_at(json_array_get(services, 3), "type"), "blackbox");
    assert_string_equal(text_at(first, "service_code"), "0101");
    assert_string_equal(text_at(first, "service_name"), "Manhole cover");
    assert_string_equal(text_at(first, "group"), "Streets");
    assert_string_equal(text_at(first, "type"), "realtime");
    assert_true(json_is_false(json_object_get(first, "metadata")));
    assert_true(json_is_true(json_object_get(second, "metadata")));
    json_decref(services);
    reader.language = "zh-CN";
    services = document_services(&reader);
    assert_string_equal(text_at(json_array_get(services, 0), "service_name"), "井盖");
    json_decref(services);
}

static void a_definition_is_the_same_in_xml(void **state)
{
    struct arena arena = { 0 };
    struct document_reader reader = reader_in(*state, "en");
    const char *xml = as_xml("service_definition", document_definition(&reader, book_service(*state, "0102")), &arena);
    assert_non_null(strstr(xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<service_definition><service_code>0102<"));
    assert_non_null(strstr(xml, "<attributes><attribute><variable>true</variable><code>pole</code>"));
    assert_non_null(strstr(xml, "<required>true</required><datatype_description/><order>1</order>"));
    assert_non_null(strstr(xml, "<values><value><key>left</key><name>Left</name></value><value><key>right</key>"));
    assert_non_null(strstr(xml, "<code>height</code><datatype>number</datatype><required>false</required>"
                                "<datatype_description>metres</datatype_description><order>4</order>"));
    assert_non_null(strstr(xml, "<variable>false</variable><code>danger</code><datatype>string</datatype>"));
    assert_non_null(strstr(xml, "<order>7</order><description>Keep away from bare wires</description></attribute>"));
    arena_finish(&arena);
}

static void a_report_without_a_case_is_open(void **state)
{
    struct arena arena = { 0 };
    struct document_reader reader = reader_in(*state, "en");
    struct report_view view = view_of_report();
    json_t *request = document_request(&reader, &view, &arena);
    assert_string_equal(text_at(request, "service_request_id"), "17"); /* a string: ids are no numbers */
    assert_string_equal(text_at(request, "status"), "open");
    assert_string_equal(text_at(request, "requested_datetime"), "2026-01-05T08:30:00+08:00");
    assert_string_equal(text_at(request, "updated_datetime"), "2026-01-05T08:30:00+08:00");
    assert_true(json_is_null(json_object_get(request, "expected_datetime")));
    assert_true(json_is_null(json_object_get(request, "agency_responsible")));
    assert_null(json_object_get(request, "drumtower"));
    json_decref(request);
    arena_finish(&arena);
}

static void a_case_gives_deadline_department_and_state(void **state)
{
    struct arena arena = { 0 };
    struct document_reader reader = reader_in(*state, "en");
    reader.extensions = true;
    struct report_view view = view_of_report();
    view.has_case = true;
    view.record = (struct case_file){ .number = "t1-20260105-0001",
                                      .state = CASE_CLOSED,
                                      .service = "0102", /* the desk corrected it */
                                      .condition = "only",
                                      .department = "roads",
                                      .reported_at_ms = NOW_MS,
                                      .disposed_at_ms = NOW_MS + MS_PER_HOUR,
                                      .checked_at_ms = NOW_MS + 3 * (int64_t)MS_PER_HOUR,
                                      .closed_at_ms = NOW_MS + 2 * (int64_t)MS_PER_HOUR,
                                      .deadline_ms = NOW_MS + 4 * (int64_t)MS_PER_HOUR + 999 };
    json_t *request = document_request(&reader, &view, &arena);
    assert_string_equal(text_at(request, "status"), "closed");
    assert_string_equal(text_at(request, "status_notes"), "Closed");
    assert_string_equal(text_at(request, "service_code"), "0102");
    assert_string_equal(text_at(request, "service_name"), "Street light");
    assert_string_equal(text_at(request, "agency_responsible"), "Roads");
    assert_string_equal(text_at(request, "expected_datetime"), "2026-01-05T12:30:00+08:00");
    assert_string_equal(text_at(request, "updated_datetime"), "2026-01-05T10:30:00+08:00"); /* when it was closed */
    const json_t *extension = json_object_get(request, "drumtower");
    assert_string_equal(text_at(extension, "case_number"), "t1-20260105-0001");
    assert_string_equal(text_at(extension, "state"), "closed");
    assert_string_equal(text_at(extension, "disposed_datetime"), "2026-01-05T09:30:00+08:00");
    json_decref(request);
    arena_finish(&arena);
}

static void an_update_is_never_before_the_request(void **state)
{
    (void)state;
    struct report_view view = view_of_report();
    view.has_case = true;
    view.record = (struct case_file){ .state = CASE_CLOSED, .closed_at_ms = NOW_MS - 1 };
    assert_int_equal(report_updated_at_ms(&view), NOW_MS);
    view.record =
        (struct case_file){ .state = CASE_RECEIVED, .accepted_at_ms = NOW_MS - 5, .received_at_ms = NOW_MS + 7 };
    assert_int_equal(report_updated_at_ms(&view), NOW_MS + 7);
}

static void xml_escapes_and_drops_what_xml_cannot_hold(void **state)
{
    struct arena arena = { 0 };
    struct document_reader reader = reader_in(*state, "en");
    struct report_view view = view_of_report();
    view.event.text = "]]> <b> & \"x\" \x01\x1b tab\there \xef\xbf\xbe end";
    const char *xml = as_xml("service_requests", json_pack("[o]", document_request(&reader, &view, &arena)), &arena);
    assert_non_null(strstr(xml, "<service_requests><request><service_request_id>17</service_request_id>"));
    assert_non_null(strstr(xml, "]]&gt; &lt;b&gt; &amp; &quot;x&quot; \xef\xbf\xbd\xef\xbf\xbd tab\there \xef\xbf\xbd "
                                "end"));
    assert_non_null(strstr(xml, "<expected_datetime/>"));
    assert_non_null(strstr(xml, "<address>A &amp; B</address>"));
    arena_finish(&arena);
}

static void errors_have_a_code_and_words_in_both_forms(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct complaints complaints = { .count = 0 };
    complaint_add(&complaints, &arena, COMPLAINT_UNKNOWN_SERVICE, "<7>");
    complaint_add(&complaints, &arena, COMPLAINT_NO_PLACE, "");
    json_t *errors = document_complaints(&complaints, &arena);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(errors, 0), "code")), 404);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(errors, 1), "code")), 400);
    const char *xml = as_xml("errors", errors, &arena);
    assert_non_null(strstr(xml, "<errors><error><code>404</code><description>service_code '&lt;7&gt;' was not found<"));
    arena_finish(&arena);
}

/* In the two ways in which it is written. */
static char *receipt_of(const struct document_reader *reader, const char *service, struct arena *arena)
{
    struct document_receipt made = { service, 9, "new-1", "s" };
    json_t *receipt = document_receipt(reader, &made, arena);
    char *text = json_dumps(receipt, JSON_COMPACT);
    json_decref(receipt);
    assert_string_equal(document_receipt_text(reader, &made, arena), text);
    return text;
}

static void a_receipt_tells_its_secret_only_when_asked(void **state)
{
    struct arena arena = { 0 };
    struct document_reader reader = reader_in(*state, "en");
    struct document_receipt made = { "0101", 9, "new-1", "s3cret" };
    char *text = receipt_of(&reader, "0101", &arena);
    assert_string_equal(text, "[{\"service_request_id\":\"9\",\"service_notice\":null,\"account_id\":null}]");
    free(text);
    reader.extensions = true;
    json_t *receipt = document_receipt(&reader, &made, &arena);
    assert_string_equal(text_at(json_object_get(json_array_get(receipt, 0), "drumtower"), "follow_url"), "http://t/"
                                                                                                         "follow?id=9&"
                                                                                                         "key=s3cret");
    json_decref(receipt);
    arena_finish(&arena);
}

static char *token_of(const struct document_reader *reader, const struct report_view *view, struct arena *arena)
{
    json_t *token = document_token(reader, view, arena);
    char *text = json_dumps(token, JSON_COMPACT);
    json_decref(token);
    return text;
}

static void a_batch_service_gives_a_token_until_the_desk_has_looked_at_it(void **state)
{
    struct arena arena = { 0 };
    struct document_reader reader = reader_in(*state, "en");
    struct report_view view = view_of_report();
    view.event.id = "new-1";
    view.event.service = "noise";
    char *text = receipt_of(&reader, "noise", &arena);
    assert_string_equal(text, "[{\"token\":\"new-1\",\"service_notice\":\"You get a number once the desk has looked at "
                              "it\",\"account_id\":null}]");
    free(text);
    static const struct {
        bool has_case;
        enum case_state state;
        bool told;
    } rows[] = { { false, CASE_NONE, false },   { true, CASE_REPORTED, false }, { true, CASE_VERIFYING, false },
                 { true, CASE_ACCEPTED, true }, { true, CASE_REFUSED, true },   { true, CASE_CLOSED, true } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        view.has_case = rows[i].has_case;
        view.record.state = rows[i].state;
        assert_int_equal(document_is_told(&reader, &view), rows[i].told);
        text = token_of(&reader, &view, &arena);
        assert_string_equal(text, rows[i].told
                                      ? "[{\"service_request_id\":\"17\",\"token\":\"new-1\"}]"
                                      : "[{\"token\":\"new-1\"}]"); /* no empty id, which clients take for one */
        free(text);
    }
    arena_finish(&arena);
}

static void of_a_blackbox_nothing_is_told(void **state)
{
    struct arena arena = { 0 };
    struct document_reader reader = reader_in(*state, "en");
    struct report_view view = view_of_report();
    view.event.service = "hint";
    view.has_case = true;
    view.record.state = CASE_CLOSED;
    assert_false(document_is_told(&reader, &view));
    char *text = receipt_of(&reader, "hint", &arena);
    assert_string_equal(text, "[{\"service_notice\":null,\"account_id\":null}]");
    free(text);
    arena_finish(&arena);
}

static void what_is_the_districts_own_is_not_told(void **state)
{
    struct document_reader reader = reader_in(*state, "en");
    struct report_view view = view_of_report();
    view.has_case = true;
    view.record.state = CASE_CLOSED;
    assert_true(document_is_told(&reader, &view));
    view.event.source = SOURCE_ORDER;
    assert_false(document_is_told(&reader, &view));
    view.event.source = SOURCE_HOTLINE;
    assert_true(document_is_told(&reader, &view));
    view.event.service = "internal"; /* which residents are not offered */
    assert_false(document_is_told(&reader, &view));
    view.event.service = ""; /* the desk finds one */
    assert_true(document_is_told(&reader, &view));
}

static void an_update_has_words_and_a_status_of_the_extension(void **state)
{
    struct arena arena = { 0 };
    struct document_reader reader = reader_in(*state, "en");
    struct report_update update = {
        .notice = 40, .report = 17, .at_ms = NOW_MS + 1, .verb = VERB_DISPATCH, .state = CASE_DISPATCHED, .words = ""
    };
    json_t *row = document_update(&reader, &update, &arena);
    assert_string_equal(text_at(row, "update_id"), "40-17");
    assert_string_equal(text_at(row, "service_request_id"), "17");
    assert_string_equal(text_at(row, "status"), "action_scheduled");
    assert_string_equal(text_at(row, "external_status_code"), "dispatched");
    assert_string_equal(text_at(row, "updated_datetime"), "2026-01-05T08:30:00+08:00");
    assert_string_equal(text_at(row, "description"), "Sent to the department responsible");
    json_decref(row);
    update.verb = VERB_REPLY;
    update.words = "明天来修";
    const char *xml =
        as_xml("service_request_updates", json_pack("[o]", document_update(&reader, &update, &arena)), &arena);
    assert_non_null(strstr(xml, "<service_request_updates><request_update><update_id>40-17</update_id>"));
    assert_non_null(strstr(xml, "<description>明天来修</description><media_url/>"));
    arena_finish(&arena);
}

/* Whoever reads one list must not find closed what is open in the other. */
static void updates_and_requests_agree_on_what_is_open(void **state)
{
    struct arena arena = { 0 };
    struct document_reader reader = reader_in(*state, "en");
    static const char *const over[] = { "fixed", "no_further_action" };
    for (int i = CASE_REPORTED; i < CASE_STATE_COUNT; i++) {
        struct report_update update = { .verb = VERB_REPLY, .state = (enum case_state)i, .words = "x", .at_ms = 1 };
        json_t *row = document_update(&reader, &update, &arena);
        bool is_over = strcmp(text_at(row, "status"), over[0]) == 0 || strcmp(text_at(row, "status"), over[1]) == 0;
        assert_int_equal(is_over, !case_state_is_open((enum case_state)i) && i != CASE_MERGED);
        json_decref(row);
    }
    arena_finish(&arena);
}

static void the_discovery_tells_when_the_book_was_written(void **state)
{
    struct arena arena = { 0 };
    struct document_reader reader = reader_in(*state, "en");
    json_t *discovery = document_discovery(&reader, &arena);
    char changed[TIMESTAMP_TEXT];
    assert_true(reader.book->changed_at_ms > NOW_MS - 1000 * (int64_t)MS_PER_DAY);
    assert_string_equal(text_at(discovery, "changeset"), timestamp_format(changed, reader.book->changed_at_ms, 0));
    assert_string_equal(text_at(discovery, "contact"), "Test District");
    const json_t *endpoint = json_array_get(json_object_get(discovery, "endpoints"), 0);
    assert_string_equal(text_at(endpoint, "type"), "production");
    const char *xml = as_xml("discovery", discovery, &arena);
    assert_non_null(strstr(xml, "<formats><format>text/xml</format><format>application/json</format></formats>"));
    arena_finish(&arena);
}

static void ids_are_decimal_and_begin_with_one(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t id;
    } rows[] = { { "1", 1 },  { "40000", 40000 }, { "0", 0 },  { "", 0 },    { "01", 0 },
                 { "-1", 0 }, { "1a", 0 },        { " 1", 0 }, { "1.5", 0 }, { "9999999999999999999999", 0 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(query_id(rows[i].text, strlen(rows[i].text)), rows[i].id);
}

static int parse(const struct book *book, const struct query_texts *texts, struct arena *arena, struct query *query,
                 struct fault *fault)
{
    return query_parse(texts, book->zone, NOW_MS, arena, query, fault);
}

static void a_list_is_of_the_last_ninety_days_and_a_thousand_rows(void **state)
{
    struct arena arena = { 0 };
    struct query query;
    struct fault fault = { "" };
    assert_int_equal(parse(*state, &(struct query_texts){ 0 }, &arena, &query, &fault), 0);
    assert_null(query.ids);
    assert_int_equal(query.filters.to_ms, NOW_MS);
    assert_int_equal(query.filters.from_ms, NOW_MS - 90 * (int64_t)MS_PER_DAY);
    assert_int_equal(query.filters.take, 1000);
    assert_int_equal(query.filters.skip, 0);
    assert_true(query.filters.open && query.filters.closed);
    arena_finish(&arena);
}

static void filters_are_read_as_the_standard_says(void **state)
{
    struct arena arena = { 0 };
    struct query query;
    struct fault fault = { "" };
    struct query_texts texts = { .services = "0101,,0102",
                                 .status = "closed",
                                 .start = "2026-01-01T00:00:00Z",
                                 .end = "2026-01-02",
                                 .page = "3",
                                 .page_size = "50" };
    assert_int_equal(parse(*state, &texts, &arena, &query, &fault), 0);
    assert_int_equal(query.filters.service_count, 2);
    assert_string_equal(query.filters.services[1], "0102");
    assert_true(query.filters.closed && !query.filters.open);
    assert_int_equal(query.filters.from_ms, INT64_C(1767225600000));
    assert_int_equal(query.filters.to_ms, INT64_C(1767283200999)); /* midnight in the district, its whole second */
    assert_int_equal(query.filters.skip, 100);
    texts = (struct query_texts){ .start = "2026-01-01T00:00:00Z" };
    assert_int_equal(parse(*state, &texts, &arena, &query, &fault), 0);
    assert_int_equal(query.filters.to_ms - query.filters.from_ms, 90 * (int64_t)MS_PER_DAY);
    texts = (struct query_texts){ .start = "2026-01-01T00:00:00 08:00", .end = "2026-01-01T01:00:00 08:00" };
    assert_int_equal(parse(*state, &texts, &arena, &query, &fault), 0); /* a plus sign that was not escaped */
    assert_int_equal(query.filters.from_ms, INT64_C(1767196800000));
    assert_int_equal(query.filters.updated_to_ms, 0);
    texts = (struct query_texts){ .ids = "3,1,2", .status = "no matter", .start = "neither" };
    assert_int_equal(parse(*state, &texts, &arena, &query, &fault), 0); /* ids override all else */
    assert_int_equal(query.id_count, 3);
    assert_int_equal(query.ids[0], 3);
    arena_finish(&arena);
}

/* Asked in winter for a day of summer. */
static void a_date_without_an_offset_is_on_the_clocks_of_its_own_day(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct zone *zone;
    struct query query;
    struct fault fault = { "" };
    assert_int_equal(zone_open("America/New_York", &zone, &fault), 0);
    const struct query_texts texts = { .start = "2025-07-01", .end = "2025-07-01T23:59:59" };
    assert_int_equal(query_parse(&texts, zone, NOW_MS, &arena, &query, &fault), 0);
    assert_int_equal(query.filters.from_ms, INT64_C(1751342400000)); /* 04:00 UTC */
    assert_int_equal(query.filters.to_ms, query.filters.from_ms + MS_PER_DAY - 1);
    zone_destroy(zone);
    arena_finish(&arena);
}

static void what_was_updated_is_asked_for_by_a_span_of_its_own(void **state)
{
    struct arena arena = { 0 };
    struct query query;
    struct fault fault = { "" };
    struct query_texts texts = { .updated_after = "2026-01-05T00:00:00Z" };
    assert_int_equal(parse(*state, &texts, &arena, &query, &fault), 0);
    assert_int_equal(query.filters.updated_from_ms, INT64_C(1767571200000));
    assert_int_equal(query.filters.updated_to_ms, INT64_C(1767571200000) + 90 * (int64_t)MS_PER_DAY);
    assert_int_equal(query.filters.from_ms, INT64_MIN); /* whenever it was reported */
    assert_int_equal(query.filters.to_ms, INT64_MAX);
    texts = (struct query_texts){ .updated_before = "2026-01-05T00:00:00Z", .start = "2026-01-01" };
    assert_int_equal(parse(*state, &texts, &arena, &query, &fault), 0);
    assert_int_equal(query.filters.updated_to_ms, INT64_C(1767571200999));
    assert_int_equal(query.filters.from_ms, INT64_C(1767196800000));
    struct reports_updates_query updates;
    texts =
        (struct query_texts){ .ids = "7", .start = "2026-01-01", .end = "2026-01-02", .page = "2", .page_size = "10" };
    assert_int_equal(query_parse_updates(&texts, ((const struct book *)*state)->zone, NOW_MS, &arena, &updates, &fault),
                     0);
    assert_int_equal(updates.report_count, 1);
    assert_int_equal(updates.reports[0], 7);
    assert_int_equal(updates.from_ms, INT64_C(1767196800000));
    assert_int_equal(updates.skip, 10);
    texts.ids = "0";
    assert_true(query_parse_updates(&texts, ((const struct book *)*state)->zone, NOW_MS, &arena, &updates, &fault) < 0);
    arena_finish(&arena);
}

static void wrong_filters_are_named(void **state)
{
    static const struct {
        struct query_texts texts;
        const char *words;
    } rows[] = {
        { { .status = "open,shut" }, "status 'shut'" },
        { { .start = "today" }, "start_date 'today'" },
        { { .end = "2026-13-01" }, "end_date '2026-13-01'" },
        { { .start = "2026-01-02", .end = "2026-01-01" }, "is after end_date" },
        { { .start = "2025-01-01", .end = "2026-01-01" }, "more than 90 days" },
        { { .page = "0" }, "page '0'" },
        { { .page_size = "1001" }, "page_size '1001'" },
        { { .page_size = "ten" }, "page_size 'ten'" },
        { { .ids = "1,x" }, "service_request_id 'x'" },
        { { .updated_after = "now" }, "updated_after 'now'" },
        { { .updated_after = "2026-01-02", .updated_before = "2026-01-01" }, "updated_after '2026-01-02' is after" },
        { { .updated_after = "2025-01-01", .updated_before = "2026-01-01" }, "updated_before may not span more than" },
        { { .updated_after = "2026-01-01", .start = "x" }, "start_date 'x'" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena = { 0 };
        struct query query;
        struct fault fault = { "" };
        assert_true(parse(*state, &rows[i].texts, &arena, &query, &fault) < 0);
        if (!strstr(fault.text, rows[i].words))
            fail_msg("row %zu: expected '%s' in '%s'", i, rows[i].words, fault.text);
        arena_finish(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(services_list_what_is_offered_to_the_public),
        cmocka_unit_test(a_definition_is_the_same_in_xml),
        cmocka_unit_test(a_report_without_a_case_is_open),
        cmocka_unit_test(a_case_gives_deadline_department_and_state),
        cmocka_unit_test(an_update_is_never_before_the_request),
        cmocka_unit_test(xml_escapes_and_drops_what_xml_cannot_hold),
        cmocka_unit_test(errors_have_a_code_and_words_in_both_forms),
        cmocka_unit_test(a_receipt_tells_its_secret_only_when_asked),
        cmocka_unit_test(a_batch_service_gives_a_token_until_the_desk_has_looked_at_it),
        cmocka_unit_test(of_a_blackbox_nothing_is_told),
        cmocka_unit_test(what_is_the_districts_own_is_not_told),
        cmocka_unit_test(an_update_has_words_and_a_status_of_the_extension),
        cmocka_unit_test(updates_and_requests_agree_on_what_is_open),
        cmocka_unit_test(the_discovery_tells_when_the_book_was_written),
        cmocka_unit_test(ids_are_decimal_and_begin_with_one),
        cmocka_unit_test(a_list_is_of_the_last_ninety_days_and_a_thousand_rows),
        cmocka_unit_test(filters_are_read_as_the_standard_says),
        cmocka_unit_test(a_date_without_an_offset_is_on_the_clocks_of_its_own_day),
        cmocka_unit_test(what_was_updated_is_asked_for_by_a_span_of_its_own),
        cmocka_unit_test(wrong_filters_are_named),
    };
    return cmocka_run_group_tests(tests, load_test_book, free_test_book);
}
