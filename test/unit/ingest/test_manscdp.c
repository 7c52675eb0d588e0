/* What devices of GB/T 28181 say in documents, and what we tell them: catalogs, alarms, orders to turn, offers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/cameras/gb28181/catalog.h"
#include "ingest/cameras/gb28181/play.h"
#include "ingest/cameras/gb28181/ptz.h"

#define OWN "34020000002000000001"
#define DEVICE "34020000001110000001"
#define CHANNEL "34020000001310000001"

static struct bytes text(const char *words)
{
    return (struct bytes){ (const uint8_t *)words, strlen(words) };
}

/* ---- catalogs ---- */

static struct manscdp read_document(const char *words, struct arena *arena)
{
    struct manscdp document;
    struct fault fault = { "" };
    if (manscdp_read(text(words), arena, &document, &fault) < 0)
        fail_msg("%s\n%s", fault.text, words);
    return document;
}

#define CATALOG(encoding, serial, sum, items) \
    "<?xml version=\"1.0\" encoding=\"" encoding "\"?>\n<Response><CmdType>Catalog</CmdType><SN>" serial \
    "</SN><DeviceID>" DEVICE "</DeviceID><SumNum>" sum "</SumNum><DeviceList Num=\"1\">" items "</DeviceList></" \
    "Response>"
#define ITEM(number, name, status) \
    "<Item><DeviceID>3402000000131000000" number "</DeviceID><Name>" name "</Name><Status>" status "</Status></Item>"
#define GATE_UTF8 "\xe9\x97\xa8\xe5\x8f\xa3" /* 门口 */
#define GATE_GBK "\xc3\xc5\xbf\xda"
#define RARE_GB18030 "\x82\x31\x93\x33" /* a character beyond GBK, in four bytes */

static void names_are_read_in_whatever_they_are_written(void **state)
{
    (void)state;
    static const struct {
        const char *document, *name;
    } rows[] = {
        { CATALOG("GB2312", "1", "1", ITEM("1", GATE_GBK, "ON")), GATE_UTF8 },
        { CATALOG("UTF-8", "1", "1", ITEM("1", GATE_UTF8, "ON")), GATE_UTF8 },
        { CATALOG("GB2312", "1", "1", ITEM("1", GATE_UTF8, "ON")), GATE_UTF8 }, /* it says what it does not do */
        { CATALOG("UTF-8", "1", "1", ITEM("1", GATE_GBK, "ON")), GATE_UTF8 },
        { CATALOG("no-such-thing", "1", "1", ITEM("1", GATE_GBK, "ON")), GATE_UTF8 },
        { CATALOG("GB18030", "1", "1", ITEM("1", RARE_GB18030, "ON")), "\xe3\xa9\x8e" },
        { CATALOG("GB2312", "1", "1", ITEM("1", "\xff" GATE_GBK, "ON")), "?" GATE_UTF8 }, /* one bad byte */
        { CATALOG("GB2312", "1", "1", ITEM("1", "plain", "ON")), "plain" },
    };
    struct arena arena = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct xml_element *item = NULL;
        struct manscdp_channel channel;
        struct manscdp document = read_document(rows[i].document, &arena);
        assert_true(manscdp_next_channel(&document, &item, &channel));
        assert_string_equal(channel.name, rows[i].name);
        assert_false(manscdp_next_channel(&document, &item, &channel));
    }
    arena_finish(&arena);
}

static int take(struct catalog *catalog, const char *words, int64_t now_ms)
{
    struct arena arena = { 0 };
    struct manscdp document = read_document(words, &arena);
    int result = catalog_take(catalog, &document, now_ms);
    arena_finish(&arena);
    return result;
}

static void a_catalog_is_put_together_from_many_answers(void **state)
{
    (void)state;
    struct catalog catalog = { 0 };
    catalog_ask(&catalog, 7, 0);
    assert_int_equal(take(&catalog, CATALOG("GB2312", "6", "3", ITEM("9", "", "ON")), 1),
                     -EINVAL); /* an older query's */
    assert_int_equal(take(&catalog, CATALOG("GB2312", "7", "3", ITEM("2", GATE_GBK, "OFF")), 10), 0);
    assert_int_equal(take(&catalog, CATALOG("GB2312", "7", "3", ITEM("2", GATE_GBK, "ON")), 20), 0); /* twice */
    assert_int_equal(take(&catalog, CATALOG("GB2312", "7", "3", ITEM("1", "a", "ON") ITEM("3", "c", "OFF")), 30), 0);
    assert_false(catalog_tick(&catalog, 30 + CATALOG_QUIET_MS - 1));
    assert_true(catalog_tick(&catalog, 30 + CATALOG_QUIET_MS));
    assert_int_equal(catalog.count, 3);
    assert_string_equal(catalog_find(&catalog, "34020000001310000002")->name, GATE_UTF8);
    assert_false(catalog_find(&catalog, "34020000001310000002")->off);
    assert_true(catalog_find(&catalog, "34020000001310000003")->off);
    assert_null(catalog_find(&catalog, "34020000001310000009"));
    catalog_finish(&catalog);
}

static void a_wrong_sum_neither_cuts_a_catalog_short_nor_holds_it_back_for_ever(void **state)
{
    (void)state;
    struct catalog catalog = { 0 };
    catalog_ask(&catalog, 1, 0);
    take(&catalog, CATALOG("GB2312", "1", "1", ITEM("1", "a", "ON")), 10); /* one is announced, two come */
    take(&catalog, CATALOG("GB2312", "1", "1", ITEM("2", "b", "ON")), 20);
    assert_true(catalog_tick(&catalog, 20 + CATALOG_QUIET_MS));
    assert_int_equal(catalog.count, 2);
    catalog_ask(&catalog, 2, 100000);
    take(&catalog, CATALOG("GB2312", "2", "9", ITEM("1", "a", "ON")), 100010); /* nine are announced, one comes */
    assert_false(catalog_tick(&catalog, 100010 + CATALOG_QUIET_MS));
    assert_int_equal(catalog.count, 2); /* what was known stays until then */
    assert_true(catalog_tick(&catalog, 100010 + CATALOG_LATE_MS));
    assert_int_equal(catalog.count, 1);
    catalog_ask(&catalog, 3, 200000); /* a device that does not answer keeps its channels */
    assert_false(catalog_tick(&catalog, 200000 + CATALOG_LATE_MS));
    assert_int_equal(catalog.count, 1);
    catalog_finish(&catalog);
}

/* ---- what they say ---- */

#define KEEPALIVE_BODY \
    "<?xml version=\"1.0\"?>\r\n<Notify><CmdType>Keepalive</CmdType><SN>1</SN><DeviceID>" DEVICE "</" \
    "DeviceID><Status>" \
    "OK</Status></" \
    "Notify>"

static void a_plain_keepalive_is_known_by_its_words(void **state)
{
    (void)state;
    assert_true(manscdp_is_plain_keepalive(text(KEEPALIVE_BODY)));
    assert_false(manscdp_is_plain_keepalive(text("")));
    assert_false(manscdp_is_plain_keepalive(text("<Response><CmdType>Keepalive</CmdType></Response>")));
    assert_false(manscdp_is_plain_keepalive(text("<Notify><!-- <CmdType>Keepalive</CmdType> --></Notify>")));
    assert_false(manscdp_is_plain_keepalive(text("<Notify><CmdType>Alarm</CmdType></Notify>")));
}

static void hostile_documents_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "<Notify>",
        "<Notify></Notify>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><Notify><CmdType>&b;</CmdType></Notify>",
        "<Notify><CmdType>&b;</CmdType></Notify>",
    };
    struct arena arena = { 0 };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct manscdp document;
        struct fault fault = { "" };
        assert_true(manscdp_read(text(bad[i]), &arena, &document, &fault) < 0);
        assert_true(*fault.text);
    }
    arena_finish(&arena);
}

static void an_alarm_says_what_when_and_where(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct manscdp document =
        read_document("<Notify><CmdType>Alarm</CmdType><SN>5</SN><DeviceID>" CHANNEL "</DeviceID><AlarmPriority>1</"
                      "AlarmPriority><AlarmTime>2026-01-"
                      "05T08:30:00</AlarmTime>"
                      "<AlarmMethod>5</AlarmMethod><AlarmDescription>" GATE_UTF8 "</AlarmDescription><Longitude>116.4</"
                      "Longitude>"
                      "<Latitude>39.9</Latitude><Info><AlarmType>6</AlarmType></Info></Notify>",
                      &arena);
    struct manscdp_alarm alarm = manscdp_alarm(&document, 480);
    assert_int_equal(alarm.method, 5);
    assert_int_equal(alarm.type, 6);
    assert_int_equal(alarm.priority, 1);
    assert_string_equal(alarm.text, GATE_UTF8);
    assert_int_equal(alarm.position.at_ms, INT64_C(1767573000000));
    assert_true(alarm.position.lat == 39.9 && alarm.position.lon == 116.4);
    document = read_document("<Notify><CmdType>Alarm</CmdType><SN>x</SN><AlarmMethod>77</AlarmMethod>"
                             "<Longitude>0.0</Longitude><Latitude>0.0</Latitude></Notify>",
                             &arena);
    alarm = manscdp_alarm(&document, 480);
    assert_int_equal(alarm.method + alarm.type + alarm.priority, 0);
    assert_true(isnan(alarm.position.lat) && isnan(alarm.position.lon)); /* a device that does not know says 0, 0 */
    assert_int_equal(alarm.position.at_ms, INT64_MIN);
    assert_int_equal(document.serial, -1);
    arena_finish(&arena);
}

/* ---- orders and offers ---- */

static void an_order_to_turn_has_its_sum(void **state)
{
    (void)state;
    static const struct {
        struct source_move move;
        const char *command;
    } rows[] = {
        { { 0, 0, 0 }, "A50F0100000000B5" },    /* stop, as the standard has it */
        { { -100, 0, 0 }, "A50F0102FF0000B6" }, /* left at full speed */
        { { 100, 100, 0 }, "A50F0109FFFF00BC" }, { { 0, -1, 0 }, "A50F0104000300BC" },
        { { 0, 0, 100 }, "A50F01100000F0B5" },   { { 0, 0, -1 }, "A50F0120000010E5" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char command[PTZ_TEXT_SIZE];
        ptz_command(command, &rows[i].move);
        assert_string_equal(command, rows[i].command);
    }
}

static void a_question_of_where_it_is_can_be_read(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct buffer out = { 0 };
    manscdp_put_position_query(DEVICE, 7, 5, &out);
    struct manscdp document = read_document(buffer_string(&out), &arena);
    assert_int_equal(document.command, MANSCDP_MOBILE_POSITION);
    assert_int_equal(document.serial, 7);
    assert_string_equal(document.device, DEVICE);
    assert_string_equal(document.root->name, "Query");
    assert_string_equal(xml_child_text(document.root, "Interval"), "5");
    buffer_finish(&out);
    arena_finish(&arena);
}

static void an_offer_says_where_and_how(void **state)
{
    (void)state;
    struct gb_address address;
    struct buffer offer = { 0 };
    char ssrc[PLAY_SSRC_SIZE];
    assert_int_equal(gb_address_read("gb28181://" DEVICE "/" CHANNEL "?stream=1", &address), 0);
    play_ssrc(ssrc, OWN, 12);
    play_put_offer(&(struct play_offer){ &address, OWN, ssrc, { "192.0.2.1", 30002 }, true }, &offer);
    assert_string_equal(buffer_string(&offer), "v=0\r\no=" OWN " 0 0 IN IP4 192.0.2.1\r\ns=Play\r\nc=IN IP4 "
                                               "192.0.2.1\r\n"
                                               "t=0 0\r\nm=video 30002 TCP/RTP/AVP 96\r\na=recvonly\r\n"
                                               "a=rtpmap:96 PS/90000\r\na=setup:passive\r\na=connection:new\r\n"
                                               "a=streamnumber:1\r\ny=0200000012\r\n");
    buffer_finish(&offer);
}

static void an_answer_says_from_where_and_under_which_number(void **state)
{
    (void)state;
    struct play_answer answer;
    struct fault fault = { "" };
    assert_int_equal(play_read_answer(text("v=0\r\nc=IN IP4 192.0.2.9\r\nm=video 6000 RTP/AVP "
                                           "96\r\ny=0100000007\r\nf=\r\n"),
                                      &answer, &fault),
                     0);
    assert_string_equal(answer.host, "192.0.2.9");
    assert_string_equal(answer.ssrc, "0100000007");
    assert_false(answer.tcp);
    assert_int_equal(
        play_read_answer(text("m=audio 1 RTP/AVP 8\nm=video 9 TCP/RTP/AVP 96\nc=IN IP4 999.1.1.1\n"), &answer, &fault),
        0);
    assert_true(answer.tcp);
    assert_string_equal(answer.host, "");
    assert_int_equal(play_read_answer(text("m=video 0 RTP/AVP 96\n"), &answer, &fault), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read_in_whatever_they_are_written),
        cmocka_unit_test(a_catalog_is_put_together_from_many_answers),
        cmocka_unit_test(a_wrong_sum_neither_cuts_a_catalog_short_nor_holds_it_back_for_ever),
        cmocka_unit_test(a_plain_keepalive_is_known_by_its_words),
        cmocka_unit_test(hostile_documents_are_refused),
        cmocka_unit_test(an_alarm_says_what_when_and_where),
        cmocka_unit_test(an_order_to_turn_has_its_sum),
        cmocka_unit_test(a_question_of_where_it_is_can_be_read),
        cmocka_unit_test(an_offer_says_where_and_how),
        cmocka_unit_test(an_answer_says_from_where_and_under_which_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
