/* Alerts: what is no XML, and what the files of real publishers say. */
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

static void an_alert_of_many_areas_takes_memory_for_each_once(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct buffer text = { 0 };
    struct xml_element *root;
    struct cap_alert alert;
    struct cap_complaints complaints = { .count = 0 };
    struct fault fault = { "" };
    buffer_text(&text, "<alert "
                       "xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>a</identifier><sender>s</sender>"
                       "<sent>2026-01-05T08:30:00-00:00</sent><status>Actual</status><msgType>Alert</msgType><info>");
    for (int i = 0; i < 10000; i++)
        buffer_text(&text, "<area><areaDesc>a part of the river between two of its many bridges</areaDesc></area>");
    buffer_text(&text, "</info></alert>");
    if (xml_parse(buffer_view(&text), &arena, &root, &fault) < 0)
        fail_msg("%s", fault.text);
    size_t tree = arena.used;
    assert_int_equal(cap_read(root, &arena, &alert, &complaints, &fault), 0);
    assert_in_range(strlen(alert.infos[0].area_words), CAP_AREA_WORDS, 2 * CAP_AREA_WORDS);
    assert_in_range(arena.used - tree, 0, 64 * 1024);
    buffer_finish(&text);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_becomes_a_tree),
        cmocka_unit_test(what_is_hostile_or_broken_is_refused),
        cmocka_unit_test(what_is_too_much_is_refused),
        cmocka_unit_test(real_alerts_are_read),
        cmocka_unit_test(each_mistake_of_an_alert_is_named),
        cmocka_unit_test(a_real_index_leads_to_its_alerts),
        cmocka_unit_test(an_alert_of_many_areas_takes_memory_for_each_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
