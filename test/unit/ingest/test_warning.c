/* What the district makes of alerts: events, and which of them belong together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/sources/cap/folder.h"
#include "ingest/sources/cap/warning.h"
#include "test/unit/book/support.h"

/* Two grids, west and east, of 0.01 degrees each, around 39.90 N 116.40 E. */
static const char areas_yaml[] = "polygons: {file: grids.geojson, property: code, tier: grid}\n"
                                 "areas:\n"
                                 "  - {code: d, name: 区, tier: district}\n"
                                 "  - {code: s, name: 街道, tier: street, parent: d, department: station}\n"
                                 "  - {code: g1, name: 西, tier: grid, parent: s}\n"
                                 "  - {code: g2, name: 东, tier: grid, parent: s}\n"
                                 "  - {code: g3, name: 远, tier: grid, parent: d}\n";
static const char grids_geojson[] =
    "{\"type\": \"FeatureCollection\", \"features\": ["
    "{\"type\": \"Feature\", \"properties\": {\"code\": \"g1\"}, \"geometry\": {\"type\": \"Polygon\", "
    "\"coordinates\": "
    "[[[116.40, 39.90], [116.41, 39.90], [116.41, 39.91], [116.40, 39.91], [116.40, 39.90]]]}},"
    "{\"type\": \"Feature\", \"properties\": {\"code\": \"g2\"}, \"geometry\": {\"type\": \"Polygon\", "
    "\"coordinates\": "
    "[[[116.41, 39.90], [116.42, 39.90], [116.42, 39.91], [116.41, 39.91], [116.41, 39.90]]]}},"
    "{\"type\": \"Feature\", \"properties\": {\"code\": \"g3\"}, \"geometry\": {\"type\": \"Polygon\", "
    "\"coordinates\": "
    "[[[116.50, 39.90], [116.51, 39.90], [116.51, 39.91], [116.50, 39.91], [116.50, 39.90]]]}}]}";
static const char feeds_yaml[] = "feeds:\n"
                                 "  - name: weather\n"
                                 "    url: http://127.0.0.1/index.atom\n"
                                 "    geocodes: [\"UGC=OURS\"]\n"
                                 "    matters:\n"
                                 "      - {category: Met, event: flood, service: P0101, priority: 1}\n"
                                 "      - {category: Fire, service: P0101}\n"
                                 "      - {service: E0101}\n";

static const int64_t NOW_MS = 1767600000000; /* 2026-01-05T08:00:00Z */

struct office {
    struct book_folder folder;
    struct book *book;
    struct event_log *log;
    struct warning_desk desk;
    struct seen cancelled;
    struct arena arena;
    struct event *event; /* the last one taken */
    struct fault fault;
};

static int open_office(void **state)
{
    struct office *office = calloc(1, sizeof *office);
    struct errors errors = { "" };
    assert_int_equal(crypto_init(&office->fault), 0);
    book_folder_make(&office->folder);
    book_folder_write(&office->folder, "areas.yaml", areas_yaml);
    book_folder_write(&office->folder, "grids.geojson", grids_geojson);
    book_folder_write(&office->folder, "sources.yaml", feeds_yaml);
    office->book = book_of(&office->folder, &errors);
    if (!office->book)
        fail_msg("%s", errors.text);
    if (event_log_open(office->folder.path, STORE_READ_WRITE, &office->log, &office->fault) < 0)
        fail_msg("%s", office->fault.text);
    seen_init(&office->cancelled);
    office->desk =
        (struct warning_desk){ office->book, book_sources(office->book)->feeds, office->log, &office->cancelled };
    *state = office;
    return 0;
}

static int close_office(void **state)
{
    struct office *office = *state;
    event_log_close(office->log);
    seen_finish(&office->cancelled);
    book_destroy(office->book);
    book_folder_remove(&office->folder);
    arena_finish(&office->arena);
    free(office);
    return 0;
}

/* What an alert says beside its head; "" leaves out. */
struct said {
    const char *identifier, *sender, *sent, *type, *status, *references;
    const char *info; /* between <info> and </info>; NULL: no info */
};

static int parse(const char *text, struct arena *arena, struct xml_element **root, struct fault *fault)
{
    return xml_parse((struct bytes){ (const uint8_t *)text, strlen(text) }, arena, root, fault);
}

/* Reads an alert, and puts what is taken into the log. */
static int take(struct office *office, const struct said *said)
{
    const char *info = said->info ? arena_format(&office->arena, "<info>%s</info>", said->info) : "";
    const char *text =
        arena_format(&office->arena,
                     "<alert "
                     "xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>%s</"
                     "identifier><sender>%s</sender>"
                     "<sent>%s</sent><status>%s</status><msgType>%s</msgType><scope>Public</"
                     "scope>%s%s%s%s</alert>",
                     said->identifier, said->sender ? said->sender : "met@example.org",
                     said->sent ? said->sent : "2026-01-05T07:59:00-00:00", said->status ? said->status : "Actual",
                     said->type ? said->type : "Alert", said->references ? "<references>" : "",
                     said->references ? said->references : "", said->references ? "</references>" : "", info);
    struct xml_element *root;
    struct cap_alert alert;
    struct cap_complaints complaints = { .count = 0 };
    if (parse(text, &office->arena, &root, &office->fault) < 0 ||
        cap_read(root, &office->arena, &alert, &complaints, &office->fault) < 0)
        return CAP_REFUSED;
    int fate = warning_of(&office->desk, &alert, NOW_MS, &office->arena, &office->event, &office->fault);
    if (fate == CAP_TAKEN)
        assert_int_equal(
            event_log_append(office->log, &(struct event_append){ .event = office->event }, 1, &office->fault), 0);
    return fate;
}

#define MEANT \
    "<category>Met</category><event>Storm</event><urgency>Immediate</urgency><severity>Severe</severity>" \
    "<certainty>Likely</certainty>"
#define AREA(where) "<area><areaDesc>here</areaDesc>" where "</area>"
#define BOTH AREA("<polygon>39.905,116.405 39.905,116.415 39.906,116.415 39.905,116.405</polygon>")

static void an_alert_becomes_an_event(void **state)
{
    struct office *office = *state;
    assert_int_equal(take(office, &(struct said){ .identifier = "A1",
                                                  .info = MEANT "<expires>2026-01-05T10:00:00+00:00</"
                                                                "expires><headline>Storm over the "
                                                                "town</headline><description>Wind.</"
                                                                "description><instruction>Stay in."
                                                                "</instruction>" BOTH }),
                     CAP_TAKEN);
    const struct event *event = office->event;
    assert_int_equal(event->kind, EVENT_ALARM);
    assert_int_equal(event->source, SOURCE_SYSTEM);
    assert_string_equal(event->service, "E0101");
    assert_int_equal(event->priority, 2);
    assert_string_equal(event->title, "Storm over the town");
    assert_string_equal(event->text, "Storm over the town\nWind.\nStay in.");
    assert_string_equal(event->place.area, "s"); /* the smallest that holds both grids */
    assert_true(place_has_mark(&event->place, MARK_NO_POSITION));
    assert_string_equal(event->external_source, "cap/weather");
    assert_string_equal(event->external_id, "met@example.org,A1");
    assert_string_equal(event->reporter, "met@example.org");
    const char *const expected[][2] = { { "message", "Alert" },    { "sender", "met@example.org" },
                                        { "severity", "Severe" },  { "urgency", "Immediate" },
                                        { "certainty", "Likely" }, { "expires", "2026-01-05T18:00:00+08:00" },
                                        { "area", "g1" },          { "area", "g2" } };
    assert_int_equal(event->attributes.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < event->attributes.count; i++) {
        assert_string_equal(event->attributes.items[i].code, expected[i][0]);
        assert_string_equal(event->attributes.items[i].value, expected[i][1]);
    }
}

static void where_it_is_decides_whether_it_is_ours(void **state)
{
    struct office *office = *state;
    static const struct {
        const char *info;
        int fate;
        const char *area;
        bool point;
    } rows[] = {
        { AREA("<circle>39.905,116.405 0.1</circle>"), CAP_TAKEN, "g1", true },
        { AREA("<circle>39.905,116.405 0</circle>"), CAP_TAKEN, "g1", true },
        { AREA("<circle>39.905,116.405 5</circle>"), CAP_TAKEN, "s", false },
        { AREA("<circle>39.905,116.405 50</circle>"), CAP_TAKEN, "d", false },
        { AREA("<circle>39.5,116.405 50</circle>"), CAP_TAKEN, "d", false },
        { AREA("<circle>39.5,116.405 40</circle>"), CAP_ELSEWHERE, "", false },
        { AREA("<polygon>39.902,116.402 39.902,116.404 39.904,116.404 39.902,116.402</polygon>"), CAP_TAKEN, "g1",
          false },
        { AREA("<polygon>39,116 39,117 41,117 41,116 39,116</polygon>"), CAP_TAKEN, "d", false },
        { AREA("<polygon>39.902,116.402 39.904,116.404 39.904,116.402 39.902,116.404 39.902,116.402</polygon>"),
          CAP_TAKEN, "g1", false }, /* crosses itself */
        { AREA("<polygon>39,117 39,118 40,118 39,117</polygon>"), CAP_ELSEWHERE, "", false },
        { AREA("<polygon>39,170 39,-170 41,-170 41,170 39,170</polygon>"), CAP_ELSEWHERE, "",
          false }, /* in the Pacific, over the antimeridian */
        { AREA("<polygon>39,-170 39,116.405 41,116.405 41,-170 39,-170</polygon>"), CAP_TAKEN, "d", false },
        { AREA("<circle>39.905,-179 5500</circle>"), CAP_TAKEN, "d", false },
        { AREA("<geocode><valueName>UGC</valueName><value>OURS</value></geocode>"), CAP_TAKEN, "d", false },
        { AREA("<geocode><valueName>UGC</valueName><value>THEIRS</value></geocode>"), CAP_ELSEWHERE, "", false },
        { AREA("<geocode><valueName>UG</valueName><value>C=OURS</value></geocode>"), CAP_ELSEWHERE, "", false },
        { "", CAP_TAKEN, "", false }, /* it says nothing of where */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char identifier[20];
        snprintf(identifier, sizeof identifier, "W%zu", i);
        const char *info = arena_format(&office->arena, "%s%s", MEANT, rows[i].info);
        int fate = take(office, &(struct said){ .identifier = identifier, .info = info });
        if (fate != rows[i].fate)
            fail_msg("%s: %s", rows[i].info, enum_name(&cap_fate_desc, fate));
        if (fate != CAP_TAKEN)
            continue;
        assert_string_equal(office->event->place.area, rows[i].area);
        assert_int_equal(place_has_mark(&office->event->place, MARK_NO_POSITION), !rows[i].point);
    }
}

static void the_matter_and_the_language_are_chosen(void **state)
{
    struct office *office = *state;
    assert_int_equal(take(office, &(struct said){ .identifier = "M1",
                                                  .info = "<category>Met</category><event>Flash FLOOD Watch</event>"
                                                          "<urgency>Future</urgency><severity>Minor</"
                                                          "severity><certainty>Unlikely</certainty>" BOTH }),
                     CAP_TAKEN);
    assert_string_equal(office->event->service, "P0101");
    assert_int_equal(office->event->priority, 1); /* the book's word */
    assert_int_equal(take(office, &(struct said){ .identifier = "M2",
                                                  .info = "<category>Geo</category><category>Fire</"
                                                          "category><event>Fire</event>"
                                                          "<urgency>Past</urgency><severity>Moderate</"
                                                          "severity><certainty>Unlikely</certainty>" BOTH }),
                     CAP_TAKEN);
    assert_string_equal(office->event->service, "P0101");
    assert_int_equal(office->event->priority, 5);
    assert_int_equal(take(office, &(struct said){ .identifier = "M3",
                                                  .info = "<language>en</language>" MEANT "<headline>Storm</headline></"
                                                          "info>"
                                                          "<info><language>zh-CN</language>" MEANT "<headline>暴风</"
                                                          "headline>" BOTH }),
                     CAP_TAKEN);
    assert_string_equal(office->event->title, "暴风");
    assert_string_equal(office->event->language, "zh-CN");
    assert_int_equal(take(office, &(struct said){ .identifier = "M4" }), CAP_TAKEN); /* without any info */
    assert_string_equal(office->event->title, "M4");
    assert_string_equal(office->event->service, "E0101");
    assert_int_equal(office->event->priority, 0);
}

/* A national service warns of the worst of it somewhere else, and of less here. */
static void what_is_said_of_another_place_is_not_told_of_ours(void **state)
{
    struct office *office = *state;
    static const char form[] = "<category>%s</category><event>%s</event><urgency>Immediate</urgency>"
                               "<severity>%s</severity><certainty>Observed</certainty>%s";
    const char *there = arena_format(&office->arena, form, "Met", "Flood", "Extreme",
                                     AREA("<polygon>39,117 39,118 40,118 39,117</polygon>"));
    const char *here = arena_format(&office->arena, form, "Fire", "Haze", "Minor", BOTH);
    const char *info = arena_format(&office->arena, "%s</info><info>%s", there, here);
    assert_int_equal(take(office, &(struct said){ .identifier = "N", .info = info }), CAP_TAKEN);
    assert_string_equal(office->event->title, "Haze");
    assert_int_equal(office->event->priority, 4);
}

static void updates_and_cancels_join_their_alert(void **state)
{
    struct office *office = *state;
    assert_int_equal(take(office, &(struct said){ .identifier = "A", .info = MEANT BOTH }), CAP_TAKEN);
    const char *thing = office->event->external_id, *first = office->event->id;
    assert_int_equal(
        take(office,
             &(struct said){ .identifier = "B",
                             .type = "Update",
                             .sent = "2026-01-05T08:10:00+00:00",
                             .references = "met@example.org,A,2026-01-05T07:59:00-00:00",
                             .info = MEANT AREA("<circle>0,0 1</circle>") }), /* it has moved on: told all the same */
        CAP_TAKEN);
    assert_int_equal(office->event->kind, EVENT_FOLLOW_UP);
    assert_string_equal(office->event->external_id, thing);
    assert_string_not_equal(office->event->id, first);
    assert_string_equal(office->event->title, "【更新】Storm");
    assert_int_equal(take(office, &(struct said){ .identifier = "C",
                                                  .type = "Cancel",
                                                  .references = "met@example.org,B,2026-01-05T08:10:00-00:00" }),
                     CAP_TAKEN); /* refers to the update alone */
    assert_string_equal(office->event->external_id, thing);
    assert_string_equal(office->event->title, "【解除】C");
    assert_int_equal(office->event->priority, 0);
    assert_int_equal(
        take(office, &(struct said){ .identifier = "A", .sent = "2026-01-05T07:59:30-00:00", .info = MEANT BOTH }),
        CAP_TAKEN); /* the same identifier, sent again at another time */
    assert_int_equal(office->event->kind, EVENT_FOLLOW_UP);
    assert_string_equal(office->event->external_id, thing);
    assert_int_equal(event_log_last(office->log, NULL), 4);
}

static void each_message_is_taken_once(void **state)
{
    struct office *office = *state;
    struct said alert = { .identifier = "A", .info = MEANT BOTH };
    struct said again = { .identifier = "A", .sent = "2026-01-05T07:59:30-00:00", .info = MEANT BOTH };
    assert_int_equal(take(office, &alert), CAP_TAKEN);
    assert_int_equal(take(office, &alert), CAP_KNOWN);
    assert_int_equal(take(office, &again), CAP_TAKEN);
    assert_int_equal(take(office, &again), CAP_KNOWN);
    assert_int_equal(take(office, &alert), CAP_KNOWN);
}

static void what_comes_in_the_wrong_order_still_joins(void **state)
{
    struct office *office = *state;
    assert_int_equal(take(office, &(struct said){ .identifier = "B",
                                                  .type = "Update",
                                                  .references = "met@example.org,B0,2026-01-05T07:30:00Z "
                                                                "met@example.org,A,2026-01-05T07:00:00Z",
                                                  .info = MEANT BOTH }),
                     CAP_TAKEN);
    assert_int_equal(office->event->kind, EVENT_ALARM); /* the first that is heard of it */
    assert_string_equal(office->event->external_id, "met@example.org,A");
    assert_int_equal(
        take(office, &(struct said){ .identifier = "A", .sent = "2026-01-05T07:00:00Z", .info = MEANT BOTH }),
        CAP_TAKEN);
    assert_string_equal(office->event->external_id,
                        "met@example.org,A"); /* the engine joins what has one external id */
    assert_int_equal(take(office, &(struct said){ .identifier = "C",
                                                  .type = "Cancel",
                                                  .references = "met@example.org,B,2026-01-05T07:59:00Z" }),
                     CAP_TAKEN);
    assert_string_equal(office->event->external_id, "met@example.org,A");
}

static void each_sender_numbers_its_own_alerts(void **state)
{
    struct office *office = *state;
    assert_int_equal(take(office, &(struct said){ .identifier = "1", .info = MEANT BOTH }), CAP_TAKEN);
    assert_int_equal(take(office, &(struct said){ .identifier = "1",
                                                  .sender = "water@example.org",
                                                  .sent = "2026-01-05T07:59:30-00:00",
                                                  .info = MEANT BOTH }),
                     CAP_TAKEN);
    assert_int_equal(office->event->kind, EVENT_ALARM); /* no update of the other one's */
    assert_int_equal(take(office, &(struct said){ .identifier = "2",
                                                  .sender = "water@example.org",
                                                  .type = "Cancel",
                                                  .references = "water@example.org,1,2026-01-05T07:59:30Z" }),
                     CAP_TAKEN);
    assert_string_equal(office->event->external_id, "water@example.org,1");
}

static void what_was_cancelled_before_it_came_is_left(void **state)
{
    struct office *office = *state;
    assert_int_equal(take(office, &(struct said){ .identifier = "C",
                                                  .type = "Cancel",
                                                  .references = "met@example.org,A,2026-01-05T07:00:00Z "
                                                                "met@example.org,B,2026-01-05T07:30:00Z" }),
                     CAP_NOTHING_TO_CANCEL);
    assert_int_equal(take(office, &(struct said){ .identifier = "A", .info = MEANT BOTH }), CAP_CANCELLED);
    assert_int_equal(take(office, &(struct said){ .identifier = "B",
                                                  .type = "Update",
                                                  .references = "met@example.org,A,2026-01-05T07:00:00Z",
                                                  .info = MEANT BOTH }),
                     CAP_CANCELLED);
    assert_int_equal(take(office, &(struct said){ .identifier = "D", .info = MEANT BOTH }), CAP_TAKEN);
    assert_int_equal(event_log_last(office->log, NULL), 1);
}

static void what_needs_nobody_is_left(void **state)
{
    struct office *office = *state;
    assert_int_equal(take(office, &(struct said){ .identifier = "a", .status = "Test", .info = MEANT BOTH }),
                     CAP_NOT_ACTUAL);
    assert_int_equal(take(office, &(struct said){ .identifier = "b", .type = "Ack" }), CAP_NO_MATTER);
    assert_int_equal(take(office, &(struct said){ .identifier = "c",
                                                  .type = "Cancel",
                                                  .references = "met@example.org,x,2026-01-05T07:00:00Z" }),
                     CAP_NOTHING_TO_CANCEL);
    assert_int_equal(
        take(office, &(struct said){ .identifier = "d", .info = MEANT "<expires>2026-01-05T07:59:59Z</expires>" BOTH }),
        CAP_EXPIRED);
    assert_int_equal(take(office, &(struct said){ .identifier = "e e", .info = MEANT BOTH }), CAP_REFUSED);
    assert_int_equal(take(office, &(struct said){ .identifier = "f", .sent = "today", .info = MEANT BOTH }),
                     CAP_REFUSED);
    assert_int_equal(take(office, &(struct said){ .identifier = "g", .type = "Alarm", .info = MEANT BOTH }),
                     CAP_REFUSED);
    assert_int_equal(take(office, &(struct said){ .identifier = "h", .status = "Real", .info = MEANT BOTH }),
                     CAP_REFUSED);
    assert_int_equal(event_log_last(office->log, NULL), 0);
}

static void long_words_are_cut_and_long_names_hashed(void **state)
{
    struct office *office = *state;
    char identifier[300] = "", headline[6000] = "";
    memset(identifier, 'i', sizeof identifier - 1);
    for (size_t i = 0; i + 3 < sizeof headline; i += 3)
        memcpy(headline + i, "井", 4);
    const char *info = arena_format(&office->arena, "%s<headline>%s</headline>%s", MEANT, headline, BOTH);
    assert_int_equal(take(office, &(struct said){ .identifier = identifier, .info = info }), CAP_TAKEN);
    assert_int_equal(strlen(office->event->title), 198);
    assert_int_equal(strlen(office->event->text), 3999);
    const char *thing = office->event->external_id;
    assert_int_equal(strlen(thing), 64);
    const char *references = arena_format(&office->arena, "met@example.org,%s,2026-01-05T07:59:00Z", identifier);
    assert_int_equal(
        take(office,
             &(struct said){ .identifier = "u", .type = "Update", .references = references, .info = MEANT BOTH }),
        CAP_TAKEN);
    assert_string_equal(office->event->external_id, thing);
}

static void only_alerts_of_a_folder_are_listed(void **state)
{
    struct office *office = *state;
    struct folder_file *files;
    size_t count;
    book_folder_write(&office->folder, "b.cap", "x");
    book_folder_write(&office->folder, "a.xml", "xyz");
    book_folder_write(&office->folder, ".cap", "");
    book_folder_write(&office->folder, ".c.cap", "");
    assert_int_equal(folder_list(office->folder.path, &office->arena, &files, &count, &office->fault), 0);
    assert_int_equal(count, 2);
    assert_string_equal(strrchr(files[0].path, '/'), "/a.xml");
    assert_int_equal(strncmp(files[0].version, "a.xml 3 ", 8), 0);
    struct buffer bytes = { 0 };
    assert_int_equal(folder_read(files[0].path, 3, &bytes, &office->fault), 0);
    assert_int_equal(bytes.size, 3);
    assert_int_equal(folder_read(files[0].path, 2, &bytes, &office->fault), -EMSGSIZE);
    assert_int_equal(folder_read(office->folder.path, 2, &bytes, &office->fault), -EINVAL);
    assert_int_equal(folder_list("/nonexistent", &office->arena, &files, &count, &office->fault), -ENOENT);
    buffer_finish(&bytes);
}

int main(void)
{
#define in_an_office(test) cmocka_unit_test_setup_teardown(test, open_office, close_office)
    const struct CMUnitTest tests[] = {
        in_an_office(an_alert_becomes_an_event),
        in_an_office(where_it_is_decides_whether_it_is_ours),
        in_an_office(the_matter_and_the_language_are_chosen),
        in_an_office(what_is_said_of_another_place_is_not_told_of_ours),
        in_an_office(updates_and_cancels_join_their_alert),
        in_an_office(each_message_is_taken_once),
        in_an_office(what_comes_in_the_wrong_order_still_joins),
        in_an_office(each_sender_numbers_its_own_alerts),
        in_an_office(what_was_cancelled_before_it_came_is_left),
        in_an_office(what_needs_nobody_is_left),
        in_an_office(long_words_are_cut_and_long_names_hashed),
        in_an_office(only_alerts_of_a_folder_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
