#include "test/unit/ingest/fixture.h"

#include <stdio.h>

#include "ingest/staff_reports.h"
#include "proto/record/staff_report.h"
#include "test/unit/bus/bus_harness.h"

/* A district's ingest, of which only the bus is used, and a door that hands on reports. */
struct desk {
    char folder[40];
    struct book *book;
    struct harness *harness;
    struct event_log *log;
    struct intake *intake;
    struct report_desk report_desk;
    struct staff_reports staff;
    struct bus_client *door;
    struct arena arena;
    struct staff_receipt receipt;
    size_t answers, waiting_for;
};

static int open_desk(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    struct fault fault = { "" };
    struct bus_publisher *doorbell = NULL;
    int64_t port = harness_port_base();
    void *book;
    if (load_test_book(&book))
        return -1;
    strcpy(desk->folder, "/tmp/ingest-staff-XXXXXX");
    desk->book = book;
    desk->harness = harness_create();
    desk->report_desk = (struct report_desk){ .book = book, .data_folder = desk->folder };
    if (!mkdtemp(desk->folder) || event_log_open(desk->folder, STORE_READ_WRITE, &desk->log, &fault) ||
        bus_publisher_dial(port, BUS_EVENTS, &doorbell, &fault) ||
        intake_open(&(struct intake_options){ .loop = desk->harness->loop,
                                              .log = desk->log,
                                              .doorbell = doorbell,
                                              .queue = 2,
                                              .patience_ms = 60 * 1000,
                                              .book = desk->report_desk.book },
                    &desk->intake, &fault)) {
        print_error("%s\n", fault.text);
        return -1;
    }
    desk->staff = (struct staff_reports){ .desk = &desk->report_desk, .intake = desk->intake };
    if (staff_reports_open(&desk->staff, desk->harness->loop, port, &fault) ||
        bus_client_open(desk->harness->loop, port, BUS_REPORTS, 8, &desk->door, &fault)) {
        print_error("%s\n", fault.text);
        return -1;
    }
    *state = desk;
    return 0;
}

static int close_desk(void **state)
{
    struct desk *desk = *state;
    char command[80];
    intake_close(desk->intake);
    event_log_close(desk->log);
    arena_finish(&desk->arena);
    book_destroy(desk->book);
    snprintf(command, sizeof command, "rm -r '%s'", desk->folder);
    int result = system(command);
    free(desk);
    return result;
}

static void answered(void *context, int status, struct bytes answer)
{
    struct desk *desk = context;
    struct fault fault = { "" };
    assert_int_equal(status, 0);
    if (record_decode(&staff_receipt_desc, answer, &desk->arena, &desk->receipt, &fault))
        fail_msg("%s", fault.text);
    desk->answers++;
}

static bool all_answered(void *context)
{
    struct desk *desk = context;
    return desk->answers == desk->waiting_for;
}

static void hand(struct desk *desk, const struct staff_report *report)
{
    struct buffer bytes = { 0 };
    record_encode(&staff_report_desc, report, &bytes);
    assert_int_equal(bus_ask(desk->door, buffer_view(&bytes), HARNESS_DEADLINE_MS, answered, desk), 0);
    buffer_finish(&bytes);
    desk->waiting_for++;
}

static const struct staff_receipt *tell(struct desk *desk, const struct staff_report *report)
{
    hand(desk, report);
    assert_true(harness_run(desk->harness, all_answered, NULL, desk));
    return &desk->receipt;
}

static struct staff_report pothole(const char *id)
{
    return (struct staff_report){ .id = id,
                                  .reporter = "w-1",
                                  .service = "0101",
                                  .condition = "",
                                  .text = "井盖松动\n已垫稳",
                                  .lat = 39.94,
                                  .lon = 116.39,
                                  .address = "一号路",
                                  .disposed = true };
}

static void a_workers_report_is_an_event_in_its_grid(void **state)
{
    struct desk *desk = *state;
    struct staff_report report = pothole("a-1");
    report.media = (struct media_list){ &(struct media){ .hash = "ab12", .type = "image/jpeg", .url = "" }, 1 };
    const struct staff_receipt *receipt = tell(desk, &report);
    assert_int_equal(receipt->status, ANSWER_OK);
    struct event event;
    struct fault fault;
    assert_int_equal(event_log_get(desk->log, (uint64_t)receipt->seq, &desk->arena, &event, &fault), 0);
    assert_int_equal(event.kind, EVENT_PATROL);
    assert_int_equal(event.source, SOURCE_WORKER);
    assert_true(event.disposed);
    assert_string_equal(event.reporter, "w-1");
    assert_string_equal(event.service, "0101");
    assert_string_equal(event.title, "井盖松动");
    assert_string_equal(event.place.area, "west");
    assert_string_equal(event.media.items[0].hash, "ab12");
    assert_string_equal(event.secret_hash, "");
    assert_true(event.received_at_ms > 0);
}

static void the_same_report_again_is_one_event(void **state)
{
    struct desk *desk = *state;
    struct staff_report report = pothole("b-1");
    int64_t first = tell(desk, &report)->seq;
    assert_int_equal(tell(desk, &report)->seq, first);
    report.id = "b-2";
    assert_int_not_equal(tell(desk, &report)->seq, first);
}

static void what_is_wrong_with_a_report_is_said_and_nothing_is_logged(void **state)
{
    struct desk *desk = *state;
    int64_t before = event_log_last(desk->log, NULL);
    static const struct {
        const char *id, *reporter, *service, *condition, *address;
        double lat;
        const char *says;
    } rows[] = {
        { "", "w-1", "0101", "", "x", 0, "id" },
        { "c", "nobody", "0101", "", "x", 0, "no grid worker 'nobody'" },
        { "c", "li-1", "0101", "", "x", 0, "no grid worker 'li-1'" },
        { "c", "w-1", "9999", "", "x", 0, "no '9999'" },
        { "c", "w-1", "0101", "zz", "x", 0, "no 'zz'" },
        { "c", "w-1", "0101", "", "", 0, "place" },
        { "c", "w-1", "0101", "", "x", 200, "200" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct staff_receipt *receipt = tell(desk, &(struct staff_report){ .id = rows[i].id,
                                                                                 .reporter = rows[i].reporter,
                                                                                 .service = rows[i].service,
                                                                                 .condition = rows[i].condition,
                                                                                 .address = rows[i].address,
                                                                                 .lat = rows[i].lat,
                                                                                 .text = "" });
        if (receipt->status != ANSWER_INVALID || !strstr(receipt->message, rows[i].says))
            fail_msg("row %zu: %d '%s'", i, (int)receipt->status, receipt->message);
    }
    assert_int_equal(event_log_last(desk->log, NULL), before);
}

static struct event event_of(struct desk *desk, int64_t seq)
{
    struct event event = { 0 };
    struct fault fault;
    assert_int_equal(event_log_get(desk->log, (uint64_t)seq, &desk->arena, &event, &fault), 0);
    return event;
}

static struct staff_report call(const char *id)
{
    return (struct staff_report){ .id = id,
                                  .reporter = "o-1",
                                  .source = SOURCE_HOTLINE,
                                  .service = "0101",
                                  .condition = "",
                                  .text = "井盖不见了",
                                  .address = "一号路",
                                  .number = "12345-7",
                                  .caller = "王女士",
                                  .phone = "13800000000",
                                  .priority = 2 };
}

static void a_call_is_a_report_of_whom_the_contact_is_kept_apart(void **state)
{
    struct desk *desk = *state;
    struct staff_report report = call("h-1");
    int64_t seq = tell(desk, &report)->seq;
    struct event event = event_of(desk, seq);
    assert_int_equal(event.kind, EVENT_REPORT);
    assert_int_equal(event.source, SOURCE_HOTLINE);
    assert_int_equal(event.priority, 2);
    assert_string_equal(event.title, "井盖不见了");
    assert_string_equal(event.text, "井盖不见了\n来电编号：12345-7");
    assert_string_equal(event.external_source, "desk/hotline");
    assert_string_equal(event.external_id, "12345-7");
    assert_string_equal(event.reporter,
                        pseudonym_of(&desk->report_desk.pseudonym, "phone", report.phone, &desk->arena));
    struct contact contact;
    struct fault fault;
    assert_int_equal(event_log_contact(desk->log, (uint64_t)seq, &desk->arena, &contact, &fault), 0);
    assert_string_equal(contact.name, "王女士");
    assert_string_equal(contact.phone, "13800000000");
    assert_int_equal(tell(desk, &report)->seq, seq);
}

static void an_order_says_who_ordered_what_until_when(void **state)
{
    struct desk *desk = *state;
    const struct staff_report report = { .id = "g-1",
                                         .reporter = "o-1",
                                         .source = SOURCE_ORDER,
                                         .service = "0101",
                                         .condition = "",
                                         .text = "尽快恢复",
                                         .address = "一号路",
                                         .number = "区办〔2026〕7号",
                                         .ordered_by = "区政府办",
                                         .answer_by_ms = 1767600000000,
                                         .demanded = "书面" };
    struct event event = event_of(desk, tell(desk, &report)->seq);
    assert_int_equal(event.source, SOURCE_ORDER);
    assert_string_equal(event.text, "尽快恢复\n交办单位：区政府办\n文号：区办〔2026〕7号\n回复期限：2026-01-05 "
                                    "16:00\n回复要求：书面");
    assert_int_equal(event.attributes.count, 4);
    assert_string_equal(event.attributes.items[2].code, "answer_by");
    assert_int_equal(event.answer_by_ms, 1767600000000);
    assert_string_equal(event.external_id, "区办〔2026〕7号");
    assert_string_equal(event.title, "尽快恢复");
}

static void a_form_has_its_own_fields_and_people(void **state)
{
    struct desk *desk = *state;
    int64_t before = event_log_last(desk->log, NULL);
    struct staff_report foreign[] = { pothole("f"), call("f"), call("f"), call("f"),
                                      call("f"),    call("f"), call("f"), pothole("f") };
    static const char *const says[] = { "priority: not of a report of kind 'worker'",
                                        "no operator or shift leader 'w-1'",
                                        "disposed: not of a report of kind 'hotline'",
                                        "demanded: not of a report of kind 'hotline'",
                                        "text: missing",
                                        "priority 6: expected 1 to 5",
                                        "source 'sensor'",
                                        "no grid worker 'o-1'" };
    foreign[0].priority = 1;
    foreign[1].reporter = "w-1";
    foreign[2].disposed = true;
    foreign[3].demanded = "x";
    foreign[4].text = "";
    foreign[5].priority = 6;
    foreign[6].source = SOURCE_SENSOR;
    foreign[7].reporter = "o-1";
    for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
        const struct staff_receipt *receipt = tell(desk, &foreign[i]);
        if (receipt->status != ANSWER_INVALID || !strstr(receipt->message, says[i]))
            fail_msg("row %zu: %d '%s'", i, (int)receipt->status, receipt->message);
    }
    struct staff_report order = call("f");
    order.source = SOURCE_ORDER;
    order.caller = order.phone = "";
    assert_non_null(strstr(tell(desk, &order)->message, "ordered_by: missing"));
    assert_int_equal(event_log_last(desk->log, NULL), before);
}

static void bytes_that_are_no_report_are_answered_with_what_is_wrong(void **state)
{
    struct desk *desk = *state;
    assert_int_equal(bus_ask(desk->door, (struct bytes){ (const uint8_t *)"\xdd\xff\xff\xff\xff", 5 },
                             HARNESS_DEADLINE_MS, answered, desk),
                     0);
    desk->waiting_for++;
    assert_true(harness_run(desk->harness, all_answered, NULL, desk));
    assert_int_equal(desk->receipt.status, ANSWER_INVALID);
    assert_non_null(strstr(desk->receipt.message, "more elements than bytes"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_workers_report_is_an_event_in_its_grid),
        cmocka_unit_test(the_same_report_again_is_one_event),
        cmocka_unit_test(what_is_wrong_with_a_report_is_said_and_nothing_is_logged),
        cmocka_unit_test(a_call_is_a_report_of_whom_the_contact_is_kept_apart),
        cmocka_unit_test(an_order_says_who_ordered_what_until_when),
        cmocka_unit_test(a_form_has_its_own_fields_and_people),
        cmocka_unit_test(bytes_that_are_no_report_are_answered_with_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, open_desk, close_desk);
}
