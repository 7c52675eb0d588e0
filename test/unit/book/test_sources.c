/* sources.yaml: what it gives, and every error of it with its place. */
#include <stdio.h>
#include <string.h>

#include "proto/book/sources.h"
#include "support.h"

/* Loads the small book with this sources.yaml; `errors` are all that it has to tell. */
static void check(const char *sources, const char *expected)
{
    struct book_folder folder;
    struct errors errors = { "" };
    book_folder_make(&folder);
    book_folder_write(&folder, "sources.yaml", sources);
    struct book *book = book_of(&folder, &errors);
    book_destroy(book);
    book_folder_remove(&folder);
    if (strcmp(errors.text, expected) != 0)
        fail_msg("%s\nexpected:\n%s\ngot:\n%s", sources, expected, errors.text);
}

static void a_book_without_the_file_has_no_sources(void **state)
{
    (void)state;
    struct book_folder folder;
    struct errors errors;
    book_folder_make(&folder);
    struct book *book = book_of(&folder, &errors);
    assert_int_equal(book_sources(book)->broker_count, 0);
    assert_int_equal(book_sources(book)->sensor_count, 0);
    assert_null(book_sensor(book, "w1"));
    assert_int_equal(book_sources(book)->open311.key_count, 0);
    assert_string_equal(book_sources(book)->open311.contact.en, "");
    book_destroy(book);
    book_folder_remove(&folder);
}

static void who_may_send_by_open311_is_told(void **state)
{
    (void)state;
    struct book_folder folder;
    struct errors errors = { "" };
    book_folder_make(&folder);
    book_folder_write(&folder, "sources.yaml",
                      "open311:\n"
                      "  jurisdictions: [drum.example, www.drum.example]\n"
                      "  jurisdiction_required: true\n"
                      "  key_required: true\n"
                      "  contact: 值班室\n"
                      "  contact_en: Duty desk\n"
                      "  keys: [{name: app, per_minute: 5}, {name: neighbour, updates: true}]\n");
    struct book *book = book_of(&folder, &errors);
    assert_string_equal(errors.text, "");
    const struct book_open311 *open311 = &book_sources(book)->open311;
    assert_int_equal(open311->jurisdiction_count, 2);
    assert_string_equal(open311->jurisdictions[1], "www.drum.example");
    assert_true(open311->jurisdiction_required && open311->key_required && !open311->is_test);
    assert_string_equal(open311->contact.en, "Duty desk");
    assert_string_equal(open311->key_service.zh, "");
    assert_int_equal(open311->key_count, 2);
    assert_int_equal(open311->keys[0].per_minute, 5);
    assert_true(open311->keys[1].updates && !open311->keys[0].updates);
    assert_int_equal(open311->keys[1].per_minute, 600);
    book_destroy(book);
    book_folder_remove(&folder);
    check("open311: {jurisdiction_required: true, key_required: true}\n", "sources.yaml:1:34: a jurisdiction_id is "
                                                                          "required, but no jurisdiction is named; "
                                                                          "expected jurisdictions\n"
                                                                          "sources.yaml:1:54: a key is required, but "
                                                                          "nobody has one; expected keys: [{name: "
                                                                          "…}]\n");
    check("open311:\n"
          "  keys:\n"
          "    - {name: a b}\n"
          "    - {name: c, per_minute: 0}\n"
          "    - {name: c}\n",
          "sources.yaml:3:14: name 'a b'; expected 1 to 32 of A-Z a-z 0-9 - _\n"
          "sources.yaml:4:29: per_minute: 0 is not between 1 and 10000000\n"
          "sources.yaml:5:14: name 'c' is taken since line 4\n");
}

static void cities_are_told_with_their_places(void **state)
{
    (void)state;
    struct book_folder folder;
    struct errors errors = { "" };
    book_folder_make(&folder);
    book_folder_write(&folder, "sources.yaml",
                      "cities:\n"
                      "  - {name: next, url: \"https://next.example/open311/v2/\", department: water, jurisdiction: "
                      "next.example,\n"
                      "     services: [{service: P0101, code: \"001\"}, {code: other}]}\n");
    struct book *book = book_of(&folder, &errors);
    assert_string_equal(errors.text, "");
    const struct book_city *city = book_city(book, "city/next");
    assert_non_null(city);
    assert_string_equal(city->url, "https://next.example/open311/v2");
    assert_string_equal(city->department->code, "water");
    assert_string_equal(city->services[0].service->code, "P0101");
    assert_null(city->services[1].service);
    assert_int_equal(city->poll_ms, 60000);
    assert_string_equal(city->pictures, "");
    assert_null(book_city(book, "city/other"));
    assert_null(book_city(book, "next"));
    book_destroy(book);
    book_folder_remove(&folder);
    check("cities:\n"
          "  - {name: a b, url: ftp://x, department: wather, services: [{code: o}, {service: P0101, code: x}]}\n"
          "  - {name: c, url: http://x, department: water, services: [{code: o}], poll_seconds: 0}\n"
          "  - {name: c, url: http://x, department: water, services: [{service: P9, code: o}]}\n",
          "sources.yaml:2:22: 'ftp://x'; expected http://… or https://…\n"
          "sources.yaml:2:43: no department 'wather'; did you mean 'water'?\n"
          "sources.yaml:2:12: name 'a b'; expected 1 to 32 of A-Z a-z 0-9 - _\n"
          "sources.yaml:2:62: a row without a service is for all that no other row names; expected it last\n"
          "sources.yaml:3:86: poll_seconds: 0 is not between 1 and 86400\n"
          "sources.yaml:4:70: no service 'P9'\n"
          "sources.yaml:4:42: department 'water' stands for city 'c'; expected another one\n"
          "sources.yaml:4:12: name 'c' is taken since line 3\n");
}

static void chats_are_told_with_their_places(void **state)
{
    (void)state;
    struct book_folder folder;
    struct errors errors = { "" };
    book_folder_make(&folder);
    book_folder_write(&folder, "sources.yaml",
                      "chats:\n"
                      "  - {name: wx, callback: \"https://bridge.example/answers\", names: [小鼓], unsure: silent, "
                      "urge_hours: 2,\n"
                      "     groups: [{id: g1@room, name: 一群, area: g1}, {id: g2, name: 二群, name_en: Two, area: g1, "
                      "address: 桥下, language: en}]}\n");
    struct book *book = book_of(&folder, &errors);
    assert_string_equal(errors.text, "");
    assert_int_equal(book_sources(book)->chat_count, 1);
    const struct book_chat *chat = &book_sources(book)->chats[0];
    assert_string_equal(chat->callback, "https://bridge.example/answers");
    assert_int_equal(chat->name_count, 1);
    assert_int_equal(chat->unsure, UNSURE_SILENT);
    assert_int_equal(chat->urge_ms, 2 * 3600 * 1000);
    assert_int_equal(chat->sure_percent, 90);
    const struct book_chat_group *first = book_chat_group(chat, "g1@room"), *second = book_chat_group(chat, "g2");
    assert_string_equal(first->address, "一群");
    assert_string_equal(first->area->code, "g1");
    assert_false(first->has_position || first->is_english);
    assert_string_equal(second->address, "桥下");
    assert_true(second->is_english);
    assert_null(book_chat_group(chat, "g3"));
    book_destroy(book);
    book_folder_remove(&folder);
    check("chats:\n"
          "  - {name: a b, callback: ftp://x, unsure: silent, groups: []}\n"
          "  - {name: c, callback: http://x, sure_percent: 50, ask_percent: 60, groups: [{id: g, name: g, area: g9}]}\n"
          "  - {name: c, callback: http://x, sender_per_hour: 0, groups: [{id: g, name: g, area: g1, lat: 1, language: "
          "fr}]}\n"
          "  - {name: d, callback: http://x, groups: [{id: g, name: g, area: g1}, {id: g, name: h, area: g1}]}\n",
          "sources.yaml:2:12: name 'a b'; expected 1 to 32 of A-Z a-z 0-9 - _\n"
          "sources.yaml:2:27: 'ftp://x'; expected http://… or https://…\n"
          "sources.yaml:3:66: 60; expected at most the 50 of sure_percent\n"
          "sources.yaml:3:102: no area 'g9'; did you mean 'g1'?\n"
          "sources.yaml:4:52: sender_per_hour: 0 is not between 1 and 1000000\n"
          "sources.yaml:4:109: 'fr'; expected zh or en\n"
          "sources.yaml:4:96: lat and lon go together; expected both\n"
          "sources.yaml:5:77: id 'g' is taken since line 5\n"
          "sources.yaml:4:12: name 'c' is taken since line 3\n");
}

static void brokers_and_topics_are_told_with_their_places(void **state)
{
    (void)state;
    check("mqtt:\n"
          "  - {name: \"a b\", url: http://x, topics: []}\n"
          "  - {name: c, url: \"mqtt://h:0\", keep_alive_seconds: 4, topics: []}\n"
          "  - {name: c, url: \"mqtts://[::1]\", topics: []}\n",
          "sources.yaml:2:12: name 'a b'; expected 1 to 32 of A-Z a-z 0-9 - _\n"
          "sources.yaml:2:24: 'http://x' is not a broker; expected mqtt://HOST:PORT or mqtts://HOST:PORT\n"
          "sources.yaml:3:54: keep_alive_seconds: 4 is not between 5 and 65535\n"
          "sources.yaml:3:20: 'mqtt://h:0' is not a broker; expected mqtt://HOST:PORT or mqtts://HOST:PORT\n"
          "sources.yaml:4:12: name 'c' is taken since line 3\n");
    check("mqtt:\n"
          "  - name: c\n"
          "    url: mqtt://h\n"
          "    topics:\n"
          "      - {filter: \"a/#/b\", sensor: x}\n"
          "      - {filter: \"a/{b\", sensor: x}\n"
          "      - {filter: \"a/b+\", sensor: x}\n"
          "      - {filter: \"a/{b}\"}\n"
          "      - {filter: \"a/{b}\", sensor: \"{b\"}\n"
          "      - {filter: \"a/{b}\", sensor: \"{b}\", time: t, lat: /a, values: [{measure: m, at: /~2}]}\n",
          "sources.yaml:5:18: level '#'; expected a word, {name}, +, or # as the last\n"
          "sources.yaml:6:18: level '{b'; expected a word, {name}, +, or # as the last\n"
          "sources.yaml:7:18: level 'b+'; expected a word, {name}, +, or # as the last\n"
          "sources.yaml:8:9: no name 'sensor'; expected a part of the filter in braces\n"
          "sources.yaml:9:35: '{b': expected a name and } behind each {\n"
          "sources.yaml:10:86: '/~2' is not a JSON pointer; expected one such as /data/level (RFC 6901)\n"
          "sources.yaml:10:48: 't' is not a JSON pointer; expected one such as /data/level (RFC 6901)\n"
          "sources.yaml:10:56: lat and lon go together; expected both\n");
}

static void sensors_are_told_with_their_places(void **state)
{
    (void)state;
    check("sensors:\n"
          "  - {id: a/b, name: x, kind: k, lat: 91, lon: 0}\n"
          "  - {id: c, name: x, kind: k, lat: 1, area: g9}\n"
          "  - {id: c, name: x, kind: k}\n",
          "sources.yaml:2:10: 'a/b' becomes part of addresses; expected no space and none of / \\ ? # % & = < > and "
          "quotes\n"
          "sources.yaml:2:38: 91, 0 is not a place; expected lat from -90 to 90 and lon from -180 to 180\n"
          "sources.yaml:3:45: no area 'g9'; did you mean 'g1'?\n"
          "sources.yaml:3:36: lat and lon go together; expected both\n"
          "sources.yaml:4:10: id 'c' is taken since line 3\n");
}

/* A table beside the book. */
static void check_table(const char *table, const char *expected)
{
    struct book_folder folder;
    struct errors errors = { "" };
    book_folder_make(&folder);
    book_folder_write(&folder, "sensors.csv", table);
    book_folder_write(&folder, "sources.yaml", "sensors:\n  - {id: w1, name: x, kind: k}\nsensor_table: sensors.csv\n");
    struct book *book = book_of(&folder, &errors);
    if (strcmp(errors.text, expected) != 0)
        fail_msg("%s\nexpected:\n%s\ngot:\n%s", table, expected, errors.text);
    if (book) {
        assert_non_null(book_sensor(book, "w1"));
        assert_string_equal(book_sensor(book, "w2")->area->code, "g1");
        assert_string_equal(book_sensor(book, "w2")->at, "sensors.csv:2");
        assert_false(book_sensor(book, "w2")->has_position);
        assert_true(book_sensor(book, "w3")->lat == 39.5);
    }
    book_destroy(book);
    book_folder_remove(&folder);
}

static void sensors_may_stand_in_a_table(void **state)
{
    (void)state;
    check_table("id,name,kind,area,lat,lon\nw2,水位,k,g1,,\nw3,y,k,,39.5,116\n", "");
    check_table("id,kind\nw2,k\n", "sources.yaml:3:15: no column 'name' in sensors.csv\n");
    check_table("id,name,kind\nw2,x\n", "sources.yaml:3:15: sensors.csv: line 2 has 2 cells; expected 3 as in the "
                                        "header\n");
    check_table("id,name,kind,area,lat,lon\nw1,x,k,,,\nw2,x,k,g9,,\nw2,,k,,9x,1\na b,x,k,,1,\n",
                "sensors.csv:3: no area 'g9'\n"
                "sensors.csv:4: lat '9x'; expected degrees from -90 to 90\n"
                "sensors.csv:4: id 'w2', name '', kind 'k'; expected all three, id and kind of at most 64 bytes\n"
                "sensors.csv:5: id 'a b'; expected no space and none of / \\ ? # % & = < > and quotes\n"
                "sensors.csv:5: lat and lon go together; expected both\n"
                "sensors.csv:2: id 'w1' is taken since sources.yaml:2\n"
                "sensors.csv:4: id 'w2' is taken since sensors.csv:3\n");
}

#define TOPICS \
    "mqtt:\n  - {name: c, url: \"mqtt://h\", topics: [{filter: \"{sensor}\", values: [{measure: level, at: /l}]}]}\n" \
    "sensors: [{id: a, name: x, kind: water}]\nsensor_rules:\n"

static void rules_are_told_with_their_places(void **state)
{
    (void)state;
    check(TOPICS "  - {name: a, kind: watr, measure: levl, above: 1, below: 2, service: P0109, title: \"{val}\"}\n",
          "sources.yaml:5:71: no service 'P0109'; did you mean 'P0101'?\n"
          "sources.yaml:5:85: no name 'val'; expected one of {name} {sensor} {value} {level} {minutes}\n"
          "sources.yaml:5:5: the rule has 2 tests; expected one of above, below, rises_per_minute, falls_per_minute, "
          "equals, silent_minutes\n"
          "sources.yaml:5:21: no sensor of kind 'watr'; did you mean 'water'?\n"
          "sources.yaml:5:36: no topic has a value of measure 'levl'; did you mean 'level'?\n");
    check(TOPICS "  - {name: a, kind: water, measure: level, rises_per_minute: 0, hysteresis: -1, rearm_seconds: 1, "
                 "each: true,\n"
                 "     priority: 6, delay_seconds: -1, service: P0101, condition: none, title: x}\n"
                 "  - {name: a, kind: water, silent_minutes: 0, delay_seconds: 3, service: P0101, title: x}\n"
                 "  - {name: b, kind: water, measure: level, equals: x, over_seconds: 9, each: true, tells_end: true, "
                 "service: P0101, title: x}\n",
          "sources.yaml:6:16: priority: 6 is not between 1 and 5\n"
          "sources.yaml:6:65: no condition 'none' in service 'P0101'\n"
          "sources.yaml:5:62: 0; expected a change greater than 0\n"
          "sources.yaml:5:77: -1; expected 0 or more\n"
          "sources.yaml:6:34: delay_seconds: -1 is not between 0 and 2592000\n"
          "sources.yaml:5:77: hysteresis is for rules with above or below\n"
          "sources.yaml:5:96: rearm_seconds is for rules with equals\n"
          "sources.yaml:5:105: each is for rules with equals\n"
          "sources.yaml:5:105: a rule for each message has no end; expected no delay_seconds, rearm_seconds or "
          "tells_end\n"
          "sources.yaml:5:105: the messages of sources.yaml:2 say no time; expected it, to tell a repeated message "
          "from "
          "a second one\n"
          "sources.yaml:7:44: silent_minutes: 0 is not between 1 and 43200\n"
          "sources.yaml:7:62: delay_seconds is for rules with a value\n"
          "sources.yaml:8:69: over_seconds is for rules with rises_per_minute or falls_per_minute\n"
          "sources.yaml:8:78: a rule for each message has no end; expected no delay_seconds, rearm_seconds or "
          "tells_end\n"
          "sources.yaml:8:78: the messages of sources.yaml:2 say no time; expected it, to tell a repeated message from "
          "a second one\n"
          "sources.yaml:7:12: name 'a' is taken since line 5\n");
}

static void feeds_are_told_with_their_places(void **state)
{
    (void)state;
    check("feeds:\n"
          "  - {name: f, matters: [{service: P0101}]}\n"
          "  - {name: f, url: \"ftp://x\", folder: /x, poll_seconds: 0, geocodes: [UGC], matters: [{category: Mett, "
          "service: P0101}]}\n"
          "  - {name: g, url: \"http://x\", matters: []}\n",
          "sources.yaml:2:5: the feed has neither a url nor a folder; expected either a url or a folder\n"
          "sources.yaml:3:57: poll_seconds: 0 is not between 1 and 86400\n"
          "sources.yaml:3:5: the feed has a url and a folder; expected either a url or a folder\n"
          "sources.yaml:3:20: 'ftp://x'; expected http://… or https://…\n"
          "sources.yaml:3:98: no category 'Mett' in CAP; did you mean 'Met'?\n"
          "sources.yaml:3:86: expected a last row with a service alone, for alerts that no other row is about\n"
          "sources.yaml:3:71: 'UGC'; expected NAME=VALUE, such as UGC=MTZ014\n"
          "sources.yaml:4:41: expected a last row with a service alone, for alerts that no other row is about\n"
          "sources.yaml:3:12: name 'f' is taken since line 2\n");
}

static void webhooks_are_told_with_their_places(void **state)
{
    (void)state;
    check("webhooks:\n"
          "  - {name: h, per_minute: 0, window_seconds: 1, body_bytes: 1, event: {kind: rumour, source: moon}}\n",
          "sources.yaml:2:78: kind: 'rumour' is not one of report, alarm\n"
          "sources.yaml:2:94: source: 'moon' is not one of unknown, resident, worker, camera, sensor, hotline, order, "
          "system\n");
    check("webhooks:\n"
          "  - {name: h, per_minute: 0, window_seconds: 1, body_bytes: 1, event: {kind: report, source: system, lat: "
          "\"{lat}\"}}\n"
          "  - name: h\n"
          "    event:\n"
          "      {kind: alarm, source: system, id: \"{/id\", title: x, matters: [{service: E0101}, {value: a, service: "
          "P9}],\n"
          "       attributes: [{code: c, value: \"{x}\"}]}\n",
          "sources.yaml:2:27: per_minute: 0 is not between 1 and 10000000\n"
          "sources.yaml:2:46: window_seconds: 1 is not between 10 and 86400\n"
          "sources.yaml:2:61: body_bytes: 1 is not between 256 and 16777216\n"
          "sources.yaml:2:107: no name 'lat'; expected a JSON pointer in braces, such as {/call/id}\n"
          "sources.yaml:2:71: key 'id' is missing: by it an event that is sent again is known\n"
          "sources.yaml:2:71: key 'title' or 'text' is missing; expected one of the two\n"
          "sources.yaml:2:107: lat and lon go together; expected both\n"
          "sources.yaml:5:41: '{/id': expected a name and } behind each {\n"
          "sources.yaml:5:69: a row without a value is for all that no other row names; expected it last\n"
          "sources.yaml:5:107: no service 'P9'\n"
          "sources.yaml:5:95: there is no `matter` that could be 'a'; expected one\n"
          "sources.yaml:6:38: no name 'x'; expected a JSON pointer in braces, such as {/call/id}\n"
          "sources.yaml:3:11: name 'h' is taken since line 2\n");
}

static void tables_are_told_with_their_places(void **state)
{
    (void)state;
    check("tables:\n"
          "  - {name: t, rows: 0, file_bytes: 1, event: {kind: report, source: worker, id: \"{No.}\", title: "
          "\"{}\"}}\n",
          "sources.yaml:2:21: rows: 0 is not between 1 and 1000000\n"
          "sources.yaml:2:36: file_bytes: 1 is not between 1024 and 268435456\n"
          "sources.yaml:2:97: '{}': expected a name and } behind each {\n");
}

static void templates_are_filled(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct book_template template;
    assert_true(template_parse("a{b}{{c}", &arena, &template));
    assert_int_equal(template.count, 3);
    assert_string_equal(template.pieces[1].text, "b");
    assert_true(template.pieces[1].is_name);
    assert_string_equal(template.pieces[2].text, "{c}");
    assert_true(template_parse("", &arena, &template));
    assert_int_equal(template.count, 0);
    static const char *const wrong[] = { "{", "a{", "{}", "{a", "{a{b}" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(template_parse(wrong[i], &arena, &template));
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_book_without_the_file_has_no_sources),
        cmocka_unit_test(who_may_send_by_open311_is_told),
        cmocka_unit_test(cities_are_told_with_their_places),
        cmocka_unit_test(chats_are_told_with_their_places),
        cmocka_unit_test(brokers_and_topics_are_told_with_their_places),
        cmocka_unit_test(sensors_are_told_with_their_places),
        cmocka_unit_test(sensors_may_stand_in_a_table),
        cmocka_unit_test(rules_are_told_with_their_places),
        cmocka_unit_test(feeds_are_told_with_their_places),
        cmocka_unit_test(webhooks_are_told_with_their_places),
        cmocka_unit_test(tables_are_told_with_their_places),
        cmocka_unit_test(templates_are_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
