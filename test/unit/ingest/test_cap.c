/* Alerts: what is no XML, what the files of real publishers say, what the district makes of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ingest/sources/cap/atom.h"
#include "ingest/sources/cap/folder.h"
#include "ingest/sources/cap/warning.h"
#include "proto/base/timestamp.h"
#include "test/unit/book/support.h"

/* ---- XML ---- */

static int parse(const char *text, struct arena *arena, struct xml_element **root, struct fault *fault)
{
    return xml_parse((struct bytes){ (const uint8_t *)text, strlen(text) }, arena, root, fault);
}

static void a_document_becomes_a_tree(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct fault fault = { "" };
    struct xml_element *root;
    assert_int_equal(parse("<?xml version=\"1.0\"?>\n<!-- c --><a:x xmlns:a=\"u\" k=\"1 &amp; 2\">\n  one "
                           "<![CDATA[<two>]]> &lt;3\n"
                           "  <y>&#x4e95;</y><y/></a:x>",
                           &arena, &root, &fault),
                     0);
    assert_string_equal(root->name, "x");
    assert_string_equal(root->space, "u");
    assert_string_equal(root->text, "one <two> <3");
    assert_string_equal(xml_attribute(root, "k"), "1 & 2");
    assert_null(xml_attribute(root, "l"));
    assert_string_equal(xml_child_text(root, "y"), "井");
    assert_int_equal(xml_child(root, "y")->line, 4);
    assert_string_equal(xml_next(xml_child(root, "y")->next, "y")->text, "");
    assert_null(xml_child(root, "z"));
    arena_finish(&arena);
}

static void what_is_hostile_or_broken_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *fault;
    } rows[] = {
        { "", "line 1: the document is empty" },
        { "<a>", "line 1: the document ends too early" },
        { "<a></b>", "line 1: Opening and ending tag mismatch: a line 1 and b" },
        { "<a/><b/>", "line 1: Extra content at the end of the document" },
        { "<!DOCTYPE a [<!ENTITY l \"ll\"><!ENTITY m \"&l;&l;\">]><a>&m;</a>", "line 1: a document type (DOCTYPE) is "
                                                                               "not taken" },
        { "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "line 1: a document type (DOCTYPE) is not taken" },
        { "<a>&x;</a>", "line 1: Entity 'x' not defined" },
        { "<a>\xff</a>", "line 1: Input is not proper UTF-8, indicate encoding !" },
        { "<a><b><b><b><b><b><b><b><b><b><b><b><b><b><b><b><b><b><b><b><b><b><b><b><b>", "line 1: elements are nested "
                                                                                         "too deep" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena = { 0 };
        struct fault fault = { "" };
        struct xml_element *root;
        assert_int_equal(parse(rows[i].text, &arena, &root, &fault), -EINVAL);
        if (strncmp(fault.text, rows[i].fault, strlen(rows[i].fault)) != 0)
            fail_msg("%s\nexpected: %s\ngot:      %s", rows[i].text, rows[i].fault, fault.text);
        arena_finish(&arena);
    }
}

static void what_is_too_much_is_refused(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct fault fault = { "" };
    struct xml_element *root;
    struct buffer text = { 0 };
    buffer_text(&text, "<a>");
    for (int i = 0; i <= XML_ELEMENTS_MAX; i++)
        buffer_text(&text, "<b/>");
    buffer_text(&text, "</a>");
    assert_int_equal(xml_parse(buffer_view(&text), &arena, &root, &fault), -EMSGSIZE);
    while (text.size <= XML_BYTES_MAX)
        buffer_text(&text, "<!-- more than a document of ours ever has -->");
    assert_int_equal(xml_parse(buffer_view(&text), &arena, &root, &fault), -EMSGSIZE);
    buffer_finish(&text);
    arena_finish(&arena);
}

/* ---- the files of real publishers ---- */

static bool read_data(const char *name, struct arena *arena, struct xml_element **root)
{
    char path[600];
    struct buffer bytes = { 0 };
    struct fault fault = { "" };
    if (!test_data())
        return false;
    snprintf(path, sizeof path, "%s/cap/%s", test_data(), name);
    if (folder_read(path, XML_BYTES_MAX, &bytes, &fault) < 0 || xml_parse(buffer_view(&bytes), arena, root, &fault) < 0)
        fail_msg("%s: %s", name, fault.text);
    buffer_finish(&bytes);
    return true;
}

static void real_alerts_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *name, *identifier;
        enum cap_msg_type type;
        const char *sent;
        size_t references, infos;
        int64_t priority; /* of the first info */
        size_t shapes, geocodes;
        const char *headline;
    } rows[] = {
        { "australia.cap", "tag:www.rfs.nsw.gov.au2011-10-06:40184", CAP_ALERT, "2011-10-05T13:04:00Z", 0, 2, 4, 1, 1,
          "Yerong Creek Structure Fire" },
        { "canada.cap", "2.49.0.1.124.6bddbc91.2012", CAP_UPDATE, "2012-05-02T23:21:04Z", 2, 2, 5, 2, 13,
          "severe thunderstorm watch" },
        { "earthquake-iso8859-1.cap", "USGS-earthquakes-usB000D5T4.3947362.7.20121014T225304.360Z.0", CAP_ALERT,
          "2012-10-14T22:53:04Z", 0, 1, 5, 1, 0, "EQ 4.6 Usulután, Usulután, El Salvador - PRELIMINARY REPORT" },
        { "earthquake.cap", "USGS-earthquakes-us2010apcd.6.20100831T000925.496Z", CAP_ALERT, "2010-08-31T05:09:25Z", 0,
          1, 5, 1, 0, "EQ 6.3 Neiafu, Tonga - PRELIMINARY REPORT" },
        { "earthquake_signed.cap", "USGS-earthquakes-nc71635010.28103893.20110906T171538.586Z", CAP_ALERT,
          "2011-09-06T17:15:38Z", 0, 1, 5, 1, 0, "EQ 1.3 The Geysers, CA - PRELIMINARY REPORT" },
        { "no_optional_fields.cap", "USGS-earthquakes-us2010apcd.6.20100831T000925.496Z", CAP_ALERT,
          "2010-08-31T05:09:25Z", 0, 0, 0, 0, 0, "" },
        { "wcatwc-warning.cap", "PAAQ-2-lqw6d6", CAP_UPDATE, "2011-09-02T11:36:50Z", 1, 1, 1, 0, 2,
          "The tsunami Warning continues in effect for the coastal areas of Alaska from Unimak Pass, Alaska (80 miles "
          "NE of Dutch Harbor) "
          "to Amchitka Pass, Alaska (125 miles W of Adak)" },
        { "weather.cap", "NOAA-NWS-ALERTS-MT20100830100700TFXFlashFloodWatchTFX20100830180000MT", CAP_ALERT,
          "2010-08-30T10:07:00Z", 0, 1, 2, 0, 2,
          "Flash Flood Watch issued August 30 at 4:07AM MDT expiring August 30 at 12:00PM MDT by NWS GreatFalls" },
    };
    struct arena arena = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct xml_element *root;
        struct cap_alert alert;
        struct cap_complaints complaints = { .count = 0 };
        struct fault fault = { "" };
        char sent[TIMESTAMP_TEXT];
        if (!read_data(rows[i].name, &arena, &root))
            skip();
        if (cap_read(root, &arena, &alert, &complaints, &fault) < 0)
            fail_msg("%s: %s", rows[i].name, fault.text);
        if (complaints.count)
            fail_msg("%s: %s", rows[i].name, complaints.items[0]);
        assert_string_equal(alert.identifier, rows[i].identifier);
        assert_int_equal(alert.type, rows[i].type);
        assert_int_equal(alert.status, CAP_ACTUAL);
        assert_string_equal(timestamp_format(sent, alert.sent_ms, 0), rows[i].sent);
        assert_int_equal(alert.reference_count, rows[i].references);
        assert_int_equal(alert.info_count, rows[i].infos);
        if (!alert.info_count)
            continue;
        assert_int_equal(warning_priority(&alert.infos[0]), rows[i].priority);
        assert_int_equal(alert.infos[0].shape_count, rows[i].shapes);
        assert_int_equal(alert.infos[0].geocode_count, rows[i].geocodes);
        assert_string_equal(alert.infos[0].headline, rows[i].headline);
    }
    arena_finish(&arena);
}

static void each_mistake_of_an_alert_is_named(void **state)
{
    (void)state;
    static const char *const mistakes[] = {
        "line 13: references: empty; expected SENDER,IDENTIFIER,SENT",
        "line 17: urgency: '' is none of the standard's words",
        "line 18: severity: '' is none of the standard's words",
        "line 19: certainty: '' is none of the standard's words",
        "line 66: polygon: '+40.85,-118.09,' is not a point LAT,LON",
        "line 66: polygon: '+40.86,-118.09,' is not a point LAT,LON",
        "line 67: polygon: 0 points; expected at least 4, the last one the first again",
    };
    struct arena arena = { 0 };
    struct xml_element *root;
    struct cap_alert alert;
    struct cap_complaints complaints = { .count = 0 };
    struct fault fault = { "" };
    if (!read_data("noaa_errors.cap", &arena, &root))
        skip();
    assert_int_equal(cap_read(root, &arena, &alert, &complaints, &fault), 0);
    assert_int_equal(complaints.count, sizeof mistakes / sizeof *mistakes);
    for (size_t i = 0; i < complaints.count; i++)
        assert_string_equal(complaints.items[i], mistakes[i]);
    assert_int_equal(alert.infos[0].shape_count, 1); /* what is left of the polygon is one */
    assert_int_equal(alert.infos[0].severity, CAP_SEVERITY_UNKNOWN);
    arena_finish(&arena);
}

static void a_real_index_leads_to_its_alerts(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct xml_element *root;
    struct atom atom;
    struct fault fault = { "" };
    if (!read_data("weather_index.atom", &arena, &root))
        skip();
    assert_true(atom_is_feed(root));
    assert_int_equal(atom_read(root, &arena, &atom, &fault), 0);
    assert_int_equal(atom.count, 2);
    assert_string_equal(atom.entries[1].link, "http://www.weather.gov/alerts-beta/"
                                              "wwacapget.php?x=DC20100830203300LWXAirQualityAlert"
                                              "LWX20100901040000DC");
    assert_string_equal(atom.entries[1].updated, "2010-08-30T16:33:00-04:00");
    assert_false(cap_is_alert(root));
    arena_finish(&arena);
}

/* ---- what the district makes of them ---- */

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
    const char *identifier, *sent, *type, *status, *references;
    const char *info; /* between <info> and </info>; NULL: no info */
};

/* Reads an alert, and puts what is taken into the log. */
static int take(struct office *office, const struct said *said)
{
    const char *info = said->info ? arena_format(&office->arena, "<info>%s</info>", said->info) : "";
    const char *text = arena_format(&office->arena,
                                    "<alert "
                                    "xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>%s</"
                                    "identifier><sender>met@example.org</sender>"
                                    "<sent>%s</sent><status>%s</status><msgType>%s</msgType><scope>Public</"
                                    "scope>%s%s%s%s</alert>",
                                    said->identifier, said->sent ? said->sent : "2026-01-05T07:59:00-00:00",
                                    said->status ? said->status : "Actual", said->type ? said->type : "Alert",
                                    said->references ? "<references>" : "", said->references ? said->references : "",
                                    said->references ? "</references>" : "", info);
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
    assert_string_equal(event->external_id, "A1");
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
    assert_int_equal(event_log_last(office->log), 4);
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
                                                  .references = "m,B0,2026-01-05T07:30:00Z m,A,2026-01-05T07:00:00Z",
                                                  .info = MEANT BOTH }),
                     CAP_TAKEN);
    assert_int_equal(office->event->kind, EVENT_ALARM); /* the first that is heard of it */
    assert_string_equal(office->event->external_id, "A");
    assert_int_equal(
        take(office, &(struct said){ .identifier = "A", .sent = "2026-01-05T07:00:00Z", .info = MEANT BOTH }),
        CAP_TAKEN);
    assert_string_equal(office->event->external_id, "A"); /* the engine joins what has one external id */
    assert_int_equal(
        take(office, &(struct said){ .identifier = "C", .type = "Cancel", .references = "m,B,2026-01-05T07:59:00Z" }),
        CAP_TAKEN);
    assert_string_equal(office->event->external_id, "A");
}

static void what_was_cancelled_before_it_came_is_left(void **state)
{
    struct office *office = *state;
    assert_int_equal(take(office, &(struct said){ .identifier = "C",
                                                  .type = "Cancel",
                                                  .references = "m,A,2026-01-05T07:00:00Z m,B,2026-01-05T07:30:00Z" }),
                     CAP_NOTHING_TO_CANCEL);
    assert_int_equal(take(office, &(struct said){ .identifier = "A", .info = MEANT BOTH }), CAP_CANCELLED);
    assert_int_equal(take(office, &(struct said){ .identifier = "B",
                                                  .type = "Update",
                                                  .references = "m,A,2026-01-05T07:00:00Z",
                                                  .info = MEANT BOTH }),
                     CAP_CANCELLED);
    assert_int_equal(take(office, &(struct said){ .identifier = "D", .info = MEANT BOTH }), CAP_TAKEN);
    assert_int_equal(event_log_last(office->log), 1);
}

static void what_needs_nobody_is_left(void **state)
{
    struct office *office = *state;
    assert_int_equal(take(office, &(struct said){ .identifier = "a", .status = "Test", .info = MEANT BOTH }),
                     CAP_NOT_ACTUAL);
    assert_int_equal(take(office, &(struct said){ .identifier = "b", .type = "Ack" }), CAP_NO_MATTER);
    assert_int_equal(
        take(office, &(struct said){ .identifier = "c", .type = "Cancel", .references = "m,x,2026-01-05T07:00:00Z" }),
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
    assert_int_equal(event_log_last(office->log), 0);
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
    const char *references = arena_format(&office->arena, "m,%s,2026-01-05T07:59:00Z", identifier);
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
        cmocka_unit_test(a_document_becomes_a_tree),
        cmocka_unit_test(what_is_hostile_or_broken_is_refused),
        cmocka_unit_test(what_is_too_much_is_refused),
        cmocka_unit_test(real_alerts_are_read),
        cmocka_unit_test(each_mistake_of_an_alert_is_named),
        cmocka_unit_test(a_real_index_leads_to_its_alerts),
        in_an_office(an_alert_becomes_an_event),
        in_an_office(where_it_is_decides_whether_it_is_ours),
        in_an_office(the_matter_and_the_language_are_chosen),
        in_an_office(what_is_said_of_another_place_is_not_told_of_ours),
        in_an_office(updates_and_cancels_join_their_alert),
        in_an_office(each_message_is_taken_once),
        in_an_office(what_comes_in_the_wrong_order_still_joins),
        in_an_office(what_was_cancelled_before_it_came_is_left),
        in_an_office(what_needs_nobody_is_left),
        in_an_office(long_words_are_cut_and_long_names_hashed),
        in_an_office(only_alerts_of_a_folder_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
