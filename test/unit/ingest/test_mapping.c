/* From a sender's words to an event; and how many a sender may send. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/sources/mapping.h"
#include "ingest/sources/rate.h"
#include "proto/base/crypto.h"
#include "test/unit/book/support.h"

static const char sources_yaml[] =
    "webhooks:\n"
    "  - name: hotline\n"
    "    event:\n"
    "      kind: report\n"
    "      source: hotline\n"
    "      id: \"{/id}\"\n"
    "      about: \"{/about}\"\n"
    "      title: \"{/title}\"\n"
    "      text: \"{/a}，{/b}\"\n"
    "      address: \"{/address}\"\n"
    "      lat: \"{/lat}\"\n"
    "      lon: \"{/lon}\"\n"
    "      time: \"{/time}\"\n"
    "      matter: \"{/kind}\"\n"
    "      reporter: \"{/phone}\"\n"
    "      contact_name: \"{/name}\"\n"
    "      contact_phone: \"{/phone}\"\n"
    "      photo_url: \"{/photo}\"\n"
    "      matters:\n"
    "        - {value: 井盖, service: P0101, priority: 1}\n"
    "        - {value: 违建, service: E0101}\n"
    "      attributes: [{code: operator, value: \"{/op}\"}, {code: none, value: \"{/none}\"}]\n"
    "  - {name: alarms, event: {kind: alarm, source: system, id: \"{/id}\", title: x, matters: [{service: E0101}]}}\n"
    "  - {name: plain, event: {kind: alarm, source: system, id: \"{/id}\", title: \"{/title}\"}}\n";

static const int64_t NOW_MS = 1767600000000; /* 2026-01-05T08:00:00Z */

/* A message as pairs: { "/id", "7" }, ended by { NULL }. */
struct pair_row {
    const char *name, *value;
};

struct office {
    struct book_folder folder;
    struct book *book;
    struct report_desk desk;
    struct arena arena;
    struct mapped mapped;
    struct mapping_complaints complaints;
};

static const char *look_up(void *context, const char *name)
{
    const struct pair_row *row = context;
    while (row->name && strcmp(row->name, name) != 0)
        row++;
    return row->value;
}

static const struct event *map(struct office *office, size_t hook, const struct pair_row *rows)
{
    struct mapping_values values = { look_up, (void *)rows };
    office->complaints.count = 0;
    mapping_event(&office->desk, &book_sources(office->book)->hooks[hook].event, "hook/hotline", &values, NOW_MS,
                  &office->arena, &office->mapped, &office->complaints);
    return &office->mapped.event;
}
#define MAP(office, hook, ...) map(office, hook, (const struct pair_row[]){ __VA_ARGS__, { NULL, NULL } })

static int open_office(void **state)
{
    struct office *office = calloc(1, sizeof *office);
    struct errors errors = { "" };
    struct fault fault = { "" };
    assert_int_equal(crypto_init(&fault), 0);
    book_folder_make(&office->folder);
    book_folder_write(&office->folder, "sources.yaml", sources_yaml);
    office->book = book_of(&office->folder, &errors);
    if (!office->book)
        fail_msg("%s", errors.text);
    office->desk = (struct report_desk){ .book = office->book, .data_folder = office->folder.path };
    assert_int_equal(pseudonym_open(office->folder.path, &office->desk.pseudonym, &fault), 0);
    *state = office;
    return 0;
}

static int close_office(void **state)
{
    struct office *office = *state;
    book_destroy(office->book);
    book_folder_remove(&office->folder);
    arena_finish(&office->arena);
    free(office);
    return 0;
}

static void a_message_becomes_a_report(void **state)
{
    struct office *office = *state;
    const struct event *event =
        MAP(office, 0, { "/id", "C-1" }, { "/title", "井盖丢失" }, { "/a", "西门" }, { "/b", "无人看守" },
            { "/lat", "39.9" }, { "/lon", "116.4" }, { "/time", "2026-01-05T15:59:00" }, { "/kind", "井盖" },
            { "/phone", "13800000000" }, { "/name", "王五" }, { "/photo", "https://x/p.jpg" }, { "/op", "9" });
    assert_int_equal(office->complaints.count, 0);
    assert_int_equal(event->kind, EVENT_REPORT);
    assert_int_equal(event->source, SOURCE_HOTLINE);
    assert_string_equal(event->title, "井盖丢失");
    assert_string_equal(event->text, "西门，无人看守");
    assert_string_equal(event->service, "P0101");
    assert_string_equal(event->condition, "only");
    assert_int_equal(event->priority, 1);
    assert_true(event->place.lat == 39.9 && event->place.lon == 116.4);
    assert_int_equal(event->happened_at_ms, NOW_MS - 60000); /* without an offset: the district's time */
    assert_string_equal(event->external_source, "hook/hotline");
    assert_string_equal(event->external_id, "C-1");
    assert_int_equal(strlen(event->reporter), 24); /* not the telephone number */
    assert_string_equal(office->mapped.contact.phone, "13800000000");
    assert_string_equal(office->mapped.contact.name, "王五");
    assert_true(office->mapped.has_contact);
    assert_int_equal(event->media.count, 1);
    assert_int_equal(event->attributes.count, 1);
    assert_string_equal(event->attributes.items[0].value, "9");
}

static void the_same_number_is_the_same_event(void **state)
{
    struct office *office = *state;
    const char *first = MAP(office, 1, { "/id", "7" })->id;
    assert_string_equal(MAP(office, 1, { "/id", "7" })->id, first);
    assert_string_not_equal(MAP(office, 1, { "/id", "8" })->id, first);
    const struct event *update =
        MAP(office, 0, { "/id", "9" }, { "/about", "7" }, { "/title", "x" }, { "/kind", "井盖" });
    assert_int_equal(update->kind, EVENT_FOLLOW_UP);
    assert_string_equal(update->external_id, "7");
    assert_string_not_equal(update->id, first);
    assert_int_equal(MAP(office, 0, { "/id", "9" }, { "/about", "9" }, { "/title", "x" }, { "/kind", "井盖" })->kind,
                     EVENT_REPORT);
}

static void what_no_row_names_is_refused_or_has_the_last_row(void **state)
{
    struct office *office = *state;
    MAP(office, 0, { "/id", "1" }, { "/title", "x" }, { "/kind", "其他" });
    assert_int_equal(office->complaints.count, 1);
    assert_string_equal(office->complaints.items[0], "matter '其他': expected one of the values that the book names");
    assert_string_equal(MAP(office, 1, { "/id", "1" })->service, "E0101");
    assert_string_equal(MAP(office, 2, { "/id", "1" }, { "/title", "x" })->service, ""); /* the desk decides */
    assert_int_equal(office->complaints.count, 0);
    assert_true(place_has_mark(&office->mapped.event.place, MARK_NO_POSITION));
    assert_false(office->mapped.has_contact);
}

static void all_that_is_wrong_is_said_at_once(void **state)
{
    struct office *office = *state;
    char long_title[202] = "";
    memset(long_title, 'x', 201);
    const char *told = arena_format(&office->arena, "title '%.80s': expected at most 200 bytes", long_title);
    MAP(office, 0, { "/title", long_title }, { "/lat", "91" }, { "/time", "soon" }, { "/kind", "" },
        { "/photo", "ftp://x" });
    static const char *const expected[] = {
        "id '': expected the sender's own number of the event",
        "matter '': expected one of the values that the book names",
        "lat '91': expected degrees from -90 to 90",
        "lon '': expected both lat and lon, or none",
        "time 'soon': expected a date and time like 2026-01-05T08:30:00+08:00, or seconds or milliseconds since 1970",
        "photo_url 'ftp://x': expected an http or https address",
    };
    assert_int_equal(office->complaints.count, 1 + sizeof expected / sizeof *expected);
    assert_string_equal(office->complaints.items[0], told);
    for (size_t i = 1; i < office->complaints.count; i++)
        assert_string_equal(office->complaints.items[i], expected[i - 1]);
    MAP(office, 2, { "/id", "1" });
    assert_string_equal(office->complaints.items[0], "title '': expected some words");
    MAP(office, 2, { "/id", "1" }, { "/title", "\xff" });
    assert_string_equal(office->complaints.items[0], "event.title: expected UTF-8");
}

static void a_share_fills_evenly(void **state)
{
    (void)state;
    struct rate rate = { .per_minute = 6 };
    for (int i = 0; i < 6; i++)
        assert_true(rate_take(&rate, 1, 1000));
    assert_false(rate_take(&rate, 1, 1000));
    assert_int_equal(rate_wait_seconds(&rate, 1), 10);
    assert_false(rate_take(&rate, 1, 10999));
    assert_true(rate_take(&rate, 1, 11000));
    assert_false(rate_take(&rate, 1, 11001));
    assert_int_equal(rate_wait_seconds(&rate, 6), 60);
    assert_true(rate_take(&rate, 6, 11000 + 60000));
    assert_true(rate_take(&rate, 6, 1000000000));
    assert_false(rate_take(&rate, 1, 1000000000));
    assert_false(rate_take(&rate, 7, 2000000000));
}

int main(void)
{
#define in_an_office(test) cmocka_unit_test_setup_teardown(test, open_office, close_office)
    const struct CMUnitTest tests[] = {
        in_an_office(a_message_becomes_a_report),
        in_an_office(the_same_number_is_the_same_event),
        in_an_office(what_no_row_names_is_refused_or_has_the_last_row),
        in_an_office(all_that_is_wrong_is_said_at_once),
        cmocka_unit_test(a_share_fills_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
