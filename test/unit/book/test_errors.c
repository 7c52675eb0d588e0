/* Every kind of error in a book, with its file, line and column. See EXPECT_ERRORS(). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define CHECK(...) EXPECT_ERRORS(NULL, NULL, __VA_ARGS__)

static void the_small_book_itself_has_none(void **state)
{
    (void)state;
    struct book_folder folder;
    struct errors errors;
    book_folder_make(&folder);
    book_destroy(book_of(&folder, &errors));
    book_folder_remove(&folder);
    assert_string_equal(errors.text, "");
}

static void a_folder_that_is_none_is_named(void **state)
{
    (void)state;
    struct errors errors;
    book_destroy(book_of(&(struct book_folder){ "/nonexistent" }, &errors));
    assert_string_equal(errors.text, "/nonexistent: not a folder with a district book (district.yaml, calendars.yaml "
                                     "…)\n");
}

static void what_is_not_yaml_is_told_with_its_place(void **state)
{
    (void)state;
    CHECK({ "cameras.yaml", NULL, "cameras.yaml: cannot open @/cameras.yaml: No such file or directory\n" },
          { "cameras.yaml", "", "cameras.yaml: the file is empty; expected keys\n" },
          { "cameras.yaml", "cameras: [\n", "cameras.yaml:2:1: not YAML: did not find expected node content\n" },
          { "cameras.yaml", "cameras: []\n\tx: 1\n",
            "cameras.yaml:2:1: not YAML: found character that cannot start any token\n" },
          { "cameras.yaml", "cameras: \"\xff\"\n", "cameras.yaml:1:1: not YAML: invalid leading UTF-8 octet\n" },
          { "cameras.yaml", "cameras: []\n---\ncameras: []\n",
            "cameras.yaml:2:1: a second document in the file; expected one\n" },
          { "routing.yaml", "rules: &all\n  - {department: water}\nx: *all\n",
            "routing.yaml:3:4: an alias '*all'; expected what it stands for\n" });
}

static void what_the_schema_refuses_is_told_all_at_once(void **state)
{
    (void)state;
    CHECK({ "departments.yaml",
            "departments:\n"
            "  - {code: water, name: 水务, teir: district}\n"
            "  - {code: station, tier: town, worker_reports: maybe, assignment: offers}\n"
            "  - 7\n",
            "departments.yaml:2:29: unknown key 'teir'; did you mean 'tier'?; expected are code, name, name_en, tier, "
            "assignment, worker_reports, hand_up_to, limits, remote_listen\n"
            "departments.yaml:2:5: key 'tier' is missing\n"
            "departments.yaml:3:27: tier: 'town' is not one of district, street, community, grid\n"
            "departments.yaml:3:49: worker_reports: 'maybe' is not true or false\n"
            "departments.yaml:3:68: assignment: 'offers' is not one of liaison, assign, offer, broadcast; did you mean "
            "'offer'?\n"
            "departments.yaml:3:5: key 'name' is missing\n"
            "departments.yaml:4:5: departments: expected keys, found text '7'\n" },
          { "cameras.yaml", "cameras: {a: b}\n", "cameras.yaml:1:10: cameras: expected a list, found keys\n" },
          { "cameras.yaml", "- x\n", "cameras.yaml:1:1: cameras.yaml: expected keys, found a list\n" },
          { "cameras.yaml", "cameras:\n  - {id: c, id: d, name: x, url: \"rtsp://h/1\", lat: 39.9x, lon: nan}\n",
            "cameras.yaml:2:13: key 'id' is here a second time; the first is at line 2\n"
            "cameras.yaml:2:53: lat: '39.9x' is not a number\n"
            "cameras.yaml:2:65: lon: 'nan' is not a number\n" },
          { "services.yaml", "services:\n  - {code: P0101, name: , limit: [1], priority: 010}\n",
            "services.yaml:2:25: name: expected text, found nothing\n"
            "services.yaml:2:34: limit: expected text, found a list\n"
            "services.yaml:2:49: priority: '010' is not a whole number\n" },
          { "people.yaml", "people:\n  - {id: w, name: 王, role: workre, department: station}\n",
            "people.yaml:2:28: role: 'workre' is not one of worker, liaison, operator, leader, admin, device; did you "
            "mean 'worker'?\n" },
          { "calendars.yaml", "calendars:\n  - {code: c, weekend: [saterday], periods: []}\n",
            "calendars.yaml:2:25: weekend: 'saterday' is not one of monday, tuesday, wednesday, thursday, friday, "
            "saturday, sunday; did you mean 'saturday'?\n" });
}

static void a_district_needs_a_code_a_zone_and_sound_limits(void **state)
{
    (void)state;
    CHECK({ "district.yaml",
            "code: 鼓楼\nname: x\ntime_zone: Asia/Shangai\nlanguages: []\n"
            "failed_geocodes: [{lat: 91, lon: 0}]\nwarn_percents: [0, 80, 80, 100]\ndoors: {photos: 1000}\n"
            "photos: {workers: 0}\n"
            "urgent: {zh: [煤气, \" \"]}\n",
            "district.yaml:1:7: code: '鼓楼' begins every case number; expected 1 to 16 letters and digits\n"
            "district.yaml:3:12: no time zone 'Asia/Shangai' on this machine; expected a name of the tz database, such "
            "as Asia/Shanghai\n"
            "district.yaml:4:12: the list is empty; expected at least one language, such as zh\n"
            "district.yaml:5:19: 91, 0 is not a place; expected lat from -90 to 90 and lon from -180 to 180\n"
            "district.yaml:6:17: 0 % is not between 1 and 99\n"
            "district.yaml:6:24: 80 % comes after 80 %; expected them to rise\n"
            "district.yaml:6:28: 100 % is not between 1 and 99\n"
            "district.yaml:7:17: photos: 1000 is not between 0 and 100\n"
            "district.yaml:8:19: workers: 0 is not between 1 and 64\n"
            "district.yaml:9:19: ' ' is no word to look for; expected 1 to 64 bytes\n" },
          { "district.yaml",
            "code: T\nname: x\ntime_zone: UTC\nlanguages: [zh]\n"
            "stages:\n  calendar: ofice\n  accept: 15 minutes\n  check: soon\n  receive: 4 workinghour\n",
            "district.yaml:6:13: no calendar 'ofice'; did you mean 'office'?\n"
            "district.yaml:7:11: no unit 'minutes'; expected clock_minute, clock_hour, working_hour, working_day or "
            "calendar_day\n"
            "district.yaml:9:12: no unit 'workinghour'; expected clock_minute, clock_hour, working_hour, working_day "
            "or calendar_day; did you mean 'working_hour'?\n"
            "district.yaml:8:10: 'soon' is not a limit; expected a whole number and a unit, such as '4 "
            "working_hour'\n" });
}

static void stage_limits_are_said_where_they_can_hold(void **state)
{
    (void)state;
    CHECK({ "services.yaml",
            "defaults:\n  limits: {calendar: nights, accept: 1 year}\n"
            "services:\n  - {code: P0101, name: x, limits: {acept: 1 clock_hour}}\n",
            "services.yaml:4:37: unknown key 'acept'; did you mean 'accept'?; expected are calendar, verify, accept, "
            "dispatch, receive, take, respond, tier, supervise, check, close, answer, district, street, community, "
            "grid\n" },
          { "services.yaml",
            "defaults:\n  limits: {calendar: nights, accept: 1 year}\n"
            "services:\n  - {code: P0101, name: x, limits: {grid: {accept: 1 clock_hour, receive: none}}}\n",
            "services.yaml:2:22: no calendar 'nights'\n"
            "services.yaml:2:38: no unit 'year'; expected clock_minute, clock_hour, working_hour, working_day or "
            "calendar_day\n"
            "services.yaml:4:52: accept: no department has the case yet; expected this limit at a service or for all "
            "tiers\n" },
          { "departments.yaml",
            "departments:\n  - {code: water, name: x, tier: district, limits: {dispatch: none, street: {check: "
            "none}}}\n"
            "  - {code: station, name: x, tier: community}\n",
            "departments.yaml:2:69: unknown key 'street'; expected are calendar, verify, accept, dispatch, "
            "receive, take, respond, tier, supervise, check, close, answer\n" },
          { "departments.yaml",
            "departments:\n  - {code: water, name: x, tier: district, limits: {dispatch: none, answer: none, take: "
            "none}}\n"
            "  - {code: station, name: x, tier: community}\n",
            "departments.yaml:2:63: dispatch: no department has the case yet; expected this limit at a service or for "
            "all tiers\n"
            "departments.yaml:2:77: answer: no department has the case yet; expected this limit at a service or for "
            "all tiers\n" });
}

static void a_calendar_needs_working_time(void **state)
{
    (void)state;
    CHECK({ "calendars.yaml", "calendars: []\n",
            "calendars.yaml:1:12: the list is empty; expected at least one calendar\n" },
          { "calendars.yaml",
            "calendars:\n"
            "  - code: c\n"
            "    weekend: [monday, tuesday, wednesday, thursday, friday, saturday, sunday]\n"
            "    periods: [{from: \"08:00\", to: \"12:00\"}]\n"
            "  - code: d\n"
            "    periods: [{from: \"08:00\", to: \"12:00\"}]\n"
            "    holidays: [{from: 2026-01-01, to: 2030-01-01}]\n",
            "calendars.yaml:2:5: calendar 'c' has no working time for 3 years or more; expected some working day\n"
            "calendars.yaml:5:5: calendar 'd' has no working time for 3 years or more; expected some working day\n" },
          { "calendars.yaml",
            "calendars:\n"
            "  - code: c\n"
            "    periods: [{from: \"08:00\", to: \"12:00\"}]\n"
            "    start: {before_open: never}\n",
            "calendars.yaml:4:26: before_open: 'never' is not one of keep, open\n" },
          { "calendars.yaml",
            "calendars:\n"
            "  - code: c\n"
            "    time_zone: Moon/Base\n"
            "    periods:\n"
            "      - {from: \"22:00\", to: \"06:00\"}\n"
            "      - {from: \"05:00\", to: \"25:00\"}\n"
            "      - {from: 8am, to: \"09:60\"}\n"
            "    holidays: [{from: 2026-02-30}, {from: 2026-01-02, to: 2026-01-01}]\n"
            "    make_up: [tomorrow]\n"
            "    start: {cut_off: \"17:00\"}\n",
            "calendars.yaml:3:16: no time zone 'Moon/Base' on this machine; expected a name of the tz database, such "
            "as Asia/Shanghai\n"
            "calendars.yaml:5:9: the period from 22:00 to 06:00 ends before it begins; expected two, to 24:00 and from "
            "00:00\n"
            "calendars.yaml:6:29: '25:00' is not a time of day; expected one from \"00:00\" to \"24:00\"\n"
            "calendars.yaml:6:9: the period from 05:00 to 25:00 ends before it begins; expected two, to 24:00 and from "
            "00:00\n"
            "calendars.yaml:7:16: '8am' is not a time of day; expected one from \"00:00\" to \"24:00\"\n"
            "calendars.yaml:7:25: '09:60' is not a time of day; expected one from \"00:00\" to \"24:00\"\n"
            "calendars.yaml:7:9: the period from 8am to 09:60 ends before it begins; expected two, to 24:00 and from "
            "00:00\n"
            "calendars.yaml:8:23: '2026-02-30' is not a day; expected one such as 2026-01-31\n"
            "calendars.yaml:8:59: '2026-01-01' is before the holiday's first day 2026-01-02\n"
            "calendars.yaml:9:15: 'tomorrow' is not a day; expected one such as 2026-01-31\n"
            "calendars.yaml:10:12: cut_off and cut_off_becomes belong together; expected both or neither\n" },
          { "calendars.yaml",
            "calendars:\n"
            "  - code: c\n"
            "    weekend: [sunday]\n"
            "    periods: [{from: \"08:00\", to: \"12:00\"}, {from: \"11:00\", to: \"18:00\"}]\n"
            "    start: {cut_off: \"08:00\", cut_off_becomes: \"09:00\"}\n",
            "calendars.yaml:4:45: the period from 11:00 begins before the one above it ends; expected them in order\n"
            "calendars.yaml:5:48: '09:00' is not before the cut-off at 08:00\n" },
          { "calendars.yaml",
            "calendars:\n"
            "  - {code: c, weekend: [sunday], periods: [{from: \"08:00\", to: \"12:00\"}],\n"
            "     make_up: [2026-01-05, 2026-01-11]}\n",
            "calendars.yaml:3:16: '2026-01-05' is a working day already; expected a holiday or a week-end day\n" });
}

static void areas_end_at_one_district(void **state)
{
    (void)state;
    CHECK({ "areas.yaml",
            "areas:\n"
            "  - {code: d, name: 区, tier: district}\n"
            "  - {code: s, name: 街道, tier: street, parent: c, department: watre}\n"
            "  - {code: c, name: 社区, tier: community, parent: s}\n"
            "  - {code: g1, name: 网格一, tier: grid, parent: c}\n"
            "  - {code: g2, name: 网格二, tier: grid, parent: dd}\n"
            "  - {code: g2, name: 网格三, tier: grid}\n",
            "areas.yaml:3:62: no department 'watre'; did you mean 'water'?\n"
            "areas.yaml:7:12: code 'g2' is taken since line 6\n"
            "areas.yaml:6:47: no area 'dd'; did you mean 'd'?\n"
            "areas.yaml:3:47: a cycle in the areas: s → c → s; expected parents to end at the district\n"
            "areas.yaml:4:50: a cycle in the areas: c → s → c; expected parents to end at the district\n"
            "areas.yaml:7:5: area 'g2' has no parent; expected one, as it is a grid\n" },
          { "areas.yaml",
            "areas:\n"
            "  - {code: g1, name: 网格, tier: grid, parent: g1}\n",
            "areas.yaml:2:46: a cycle in the areas: g1 → g1; expected parents to end at the district\n"
            "areas.yaml:2:3: no area of tier district; expected one that all others belong to\n" },
          { "areas.yaml",
            "areas:\n"
            "  - {code: d, name: 区, tier: district}\n"
            "  - {code: e, name: 区, tier: district, parent: d}\n"
            "  - {code: g1, name: 网格, tier: grid, parent: d}\n"
            "  - {code: s, name: 街道, tier: street, parent: g1}\n",
            "areas.yaml:3:48: area 'e' is the district; expected no parent\n"
            "areas.yaml:3:5: area 'e' is a second district beside 'd'; expected one\n"
            "areas.yaml:5:47: 'g1' is a grid; expected the parent of a street to be of a higher tier\n" });
}

static void polygons_and_areas_belong_together(void **state)
{
    (void)state;
    static const char areas[] = "polygons: {file: p.geojson, property: id, tier: grid}\n"
                                "areas:\n"
                                "  - {code: d, name: 区, tier: district}\n"
                                "  - {code: g1, name: 网格, tier: grid, parent: d}\n"
                                "  - {code: g2, name: 网格, tier: grid, parent: d, polygon: two}\n";
#define FEATURE(id, shape, coordinates) \
    "{\"properties\": {\"id\": \"" id "\"}, " \
    "\"geometry\": {\"type\": \"" shape "\", \"coordinates\": " coordinates "}}"
#define SQUARE(id, lon) \
    FEATURE(id, "Polygon", "[[[" lon ", 0], [" lon ".5, 0], [" lon ".5, 1], [" lon ", 1], [" lon ", 0]]]")
#define COLLECTION(features) "{\"type\": \"FeatureCollection\", \"features\": [" features "]}"
#define CROSSED FEATURE("two", "Polygon", "[[[3, 0], [4, 1], [4, 0], [3, 1], [3, 0]]]")
    EXPECT_ERRORS("areas.yaml", areas, { "p.geojson", COLLECTION(SQUARE("g1", "1") ", " SQUARE("two", "3")), "" },
                  { "p.geojson", COLLECTION(SQUARE("g1", "1")),
                    "areas.yaml:5:58: no polygon for 'g2' in p.geojson; expected a feature with id 'two'\n" },
                  { "p.geojson", COLLECTION(SQUARE("two", "1")),
                    "areas.yaml:4:12: no polygon for 'g1' in p.geojson; expected a feature with id 'g1'\n" },
                  { "p.geojson",
                    COLLECTION(SQUARE("g1", "1") ", " SQUARE("two", "3") ", " SQUARE("g3", "5") ", " SQUARE("g1", "7")),
                    "areas.yaml:1:39: p.geojson: id 'g3' is no area's polygon; expected an area for it\n"
                    "areas.yaml:1:39: p.geojson: id 'g1' is there twice\n" },
                  { "p.geojson", COLLECTION(SQUARE("g1", "1") ", " CROSSED),
                    "areas.yaml:1:18: p.geojson: the polygon of 'two' crosses itself: Self-intersection[3.5 0.5]\n" },
                  { "p.geojson", "{\"type\": 1",
                    "areas.yaml:1:18: p.geojson: line 1, column 10: not JSON: '}' expected near end of file\n" },
                  { "p.geojson", "[]",
                    "areas.yaml:1:18: p.geojson: no list of features; expected a GeoJSON FeatureCollection\n" },
                  { "p.geojson", COLLECTION("{\"properties\": {}}"),
                    "areas.yaml:1:18: p.geojson: feature 1 has no text property 'id'\n" },
                  { "p.geojson", COLLECTION(FEATURE("g1", "Point", "[1, 2]")),
                    "areas.yaml:1:18: p.geojson: 'g1' has a geometry of type Point; expected Polygon or "
                    "MultiPolygon\n" },
                  { "p.geojson", NULL, "areas.yaml:1:18: cannot open @/p.geojson: No such file or directory\n" });
}

static void services_name_their_group_department_and_limit(void **state)
{
    (void)state;
    CHECK({ "services.yaml", "services: []\n",
            "services.yaml:1:11: the list is empty; expected at least one service\n"
            "routing.yaml:2:17: no service 'P*'\n" },
          { "services.yaml",
            "groups:\n"
            "  - {code: P01, name: 公用设施, kind: part}\n"
            "services:\n"
            "  - code: P0101\n"
            "    name: 上水井盖\n"
            "    group: PO1\n"
            "    priority: 6\n"
            "    limit: 1 clock_hour\n"
            "    conditions:\n"
            "      - {code: a, name: 缺失, limit: 2 clock_hours, department: wather}\n"
            "      - {code: a, name: 破损, limit: 4 working_hour, calendar: office2}\n"
            "    attributes:\n"
            "      - {code: k, type: singlevaluelist, description: 种类}\n"
            "      - {code: n, type: number, description: 数, values: [{key: a, name: 一}, {key: a, name: 二}]}\n"
            "      - {code: w, type: string, variable: false, required: true, description: 注意}\n"
            "  - {code: P0101, name: 污水井盖}\n",
            "services.yaml:6:12: no group 'PO1'; did you mean 'P01'?\n"
            "services.yaml:7:15: priority 6 is not between 1 (highest) and 5\n"
            "services.yaml:10:36: no unit 'clock_hours'; expected clock_minute, clock_hour, working_hour, working_day "
            "or calendar_day; did you mean 'clock_hour'?\n"
            "services.yaml:10:63: no department 'wather'; did you mean 'water'?\n"
            "services.yaml:11:62: no calendar 'office2'; did you mean 'office'?\n"
            "services.yaml:8:12: service 'P0101' has conditions; expected its limit and department in each of them\n"
            "services.yaml:11:16: code 'a' is taken since line 10\n"
            "services.yaml:13:9: attribute 'k' of type singlevaluelist has 0 values; expected some\n"
            "services.yaml:14:83: key 'a' is taken since line 14\n"
            "services.yaml:14:9: attribute 'n' of type number has 2 values; expected none\n"
            "services.yaml:15:60: attribute 'w' is only shown (variable: false); expected no answer to be required\n"
            "services.yaml:16:12: code 'P0101' is taken since line 4\n" });
}

static void an_imported_table_is_checked_cell_by_cell(void **state)
{
    (void)state;
    static const char services[] = "import:\n"
                                   "  file: limits.csv\n"
                                   "  code: type\n"
                                   "  unit: unit\n"
                                   "  amount: n\n"
                                   "  units: {days: working_day}\n"
                                   "services:\n"
                                   "  - {code: P1, name: x}\n";
    EXPECT_ERRORS("services.yaml", services, { "limits.csv", "type,unit,n\nHoles,days,2\n", "" },
                  { "limits.csv", "type,unit,m\nHoles,days,2\n",
                    "services.yaml:5:11: no column 'n' in limits.csv; did you mean 'm'?\n" },
                  { "limits.csv", "type,unit,n\nHoles,weeks,2\nBins,days,x\n,days,1\n",
                    "limits.csv:2: unit 'weeks'; expected a unit, or a word that import.units names (line 6 of "
                    "services.yaml)\n"
                    "limits.csv:3: amount 'x'; expected a whole number from 0 to 999999\n"
                    "limits.csv:4: column 'type' has 0 bytes; expected a service code of 1 to 64\n" },
                  { "limits.csv", "type,unit,n\nHoles,days\n",
                    "services.yaml:2:9: limits.csv: line 2 has 2 cells; expected 3 as in the header\n" },
                  { "limits.csv", "type,unit,n\n\"Holes,days,2\n",
                    "services.yaml:2:9: limits.csv: line 2: a quoted cell does not end\n" },
                  { "limits.csv", "type,unit,n\nP1,days,2\n",
                    "limits.csv:2: code 'P1' is taken since line 8 of services.yaml\n" },
                  { "limits.csv", "type,unit,n\nHoles,days,2\nHoles,days,3\n",
                    "limits.csv:3: code 'Holes' is taken since line 2\n" },
                  { "limits.csv", "", "services.yaml:2:9: limits.csv: the table is empty; expected a header line\n" },
                  { "limits.csv", NULL, "services.yaml:2:9: cannot open @/limits.csv: No such file or directory\n" });
}

/* Cases keep where their limits stand. */
static void an_imported_table_has_a_name_that_cases_can_keep(void **state)
{
    (void)state;
    char name[160] = "", services[400], errors[200];
    memset(name, 'n', 151);
    snprintf(services, sizeof services,
             "import: {file: %s, code: type, unit: unit, amount: n}\nservices:\n  - {code: P1, name: x}\n", name);
    snprintf(errors, sizeof errors, "services.yaml:1:16: a table's name of 151 bytes; expected at most 150\n");
    const struct error_row row = { "limits.csv", NULL, errors };
    expect_book_errors("services.yaml", services, &row, 1);
}

static void a_variable_that_is_not_set_is_asked_for(void **state)
{
    (void)state;
    char kept[512] = "";
    const char *given = getenv("DRUMTOWER_TEST_DATA");
    if (given)
        snprintf(kept, sizeof kept, "%s", given);
    unsetenv("DRUMTOWER_TEST_DATA");
    CHECK({ "areas.yaml",
            "polygons: {file: \"${DRUMTOWER_TEST_DATA}/x.geojson\", property: id, tier: grid}\n"
            "areas:\n"
            "  - {code: d, name: 区, tier: district}\n"
            "  - {code: g1, name: 网格, tier: grid, parent: d}\n",
            "areas.yaml:1:18: '${DRUMTOWER_TEST_DATA}/x.geojson': the variable DRUMTOWER_TEST_DATA is not set; set it "
            "to the folder with the data, for example DRUMTOWER_TEST_DATA=../shared/data\n" },
          { "areas.yaml",
            "polygons: {file: \"${HOME}/x.geojson\", property: id, tier: grid}\n"
            "areas:\n"
            "  - {code: d, name: 区, tier: district}\n"
            "  - {code: g1, name: 网格, tier: grid, parent: d}\n",
            "areas.yaml:1:18: '${HOME}/x.geojson': expected no variable but a leading ${DRUMTOWER_TEST_DATA}\n" });
    if (given)
        setenv("DRUMTOWER_TEST_DATA", kept, 1);
}

static void rules_name_what_is_in_the_book(void **state)
{
    (void)state;
    CHECK({ "routing.yaml",
            "rules:\n"
            "  - {services: [P0102, \"X*\"], department: water}\n"
            "  - {services: [P0101], conditions: [onyl], areas: [g9], sources: [residnet], department: water}\n",
            "routing.yaml:3:68: sources: 'residnet' is not one of unknown, resident, worker, camera, sensor, hotline, "
            "order, system; did you mean 'resident'?\n" },
          { "routing.yaml",
            "rules:\n"
            "  - {services: [P0102, \"X*\"], department: water}\n"
            "  - {services: [P0101], conditions: [onyl], areas: [g9], department: watr}\n"
            "  - {in_hours_of: office, out_of_hours_of: office, area_department: true}\n"
            "  - {priority_at_most: 9}\n"
            "  - {department: water, area_department: true}\n",
            "routing.yaml:2:17: no service 'P0102'; did you mean 'P0101'?\n"
            "routing.yaml:2:24: no service 'X*'\n"
            "routing.yaml:3:53: no area 'g9'; did you mean 'g1'?\n"
            "routing.yaml:3:70: no department 'watr'; did you mean 'water'?\n"
            "routing.yaml:3:38: no condition 'onyl' in the services of this rule; did you mean 'only'?\n"
            "routing.yaml:4:44: a rule holds in or out of hours; expected one of the two\n"
            "routing.yaml:5:24: priority 9 is not between 1 (highest) and 5\n"
            "routing.yaml:5:5: the rule names no department; expected either a department or area_department: true\n"
            "routing.yaml:6:5: the rule names a department and the area's; expected either a department or "
            "area_department: true\n" },
          { "routing.yaml",
            "rules:\n"
            "  - {name: covers, services: [P0101], department: water}\n"
            "  - {services: [E0101], department: water}\n"
            "  - {department: water}\n"
            "  - {name: covers, department: water}\n",
            "routing.yaml:5:12: name 'covers' is taken since line 2\n" });
}

static void people_name_departments_areas_and_shifts(void **state)
{
    (void)state;
    CHECK({ "people.yaml",
            "shifts:\n"
            "  - {code: day, from: \"08:00\", to: \"08:00\"}\n"
            "  - {code: day, from: \"8\", to: \"09:00\", calendar: none}\n"
            "people:\n"
            "  - {id: w-1, name: 王, role: worker, department: statoin, areas: [g1, g7], shifts: [dya]}\n"
            "  - {id: w-1, name: 李, role: liaison}\n",
            "people.yaml:2:36: the shift 'day' has no time; the whole day is from \"00:00\" to \"24:00\"\n"
            "people.yaml:3:23: '8' is not a time of day; expected one from \"00:00\" to \"24:00\"\n"
            "people.yaml:3:51: no calendar 'none'\n"
            "people.yaml:3:12: code 'day' is taken since line 2\n"
            "people.yaml:5:50: no department 'statoin'; did you mean 'station'?\n"
            "people.yaml:5:71: no area 'g7'; did you mean 'g1'?\n"
            "people.yaml:5:85: no shift 'dya'; did you mean 'day'?\n"
            "people.yaml:6:5: liaison 'w-1' has no department; expected one\n"
            "people.yaml:6:10: id 'w-1' is taken since line 5\n" });
}

static void a_broken_file_is_not_blamed_on_those_that_refer_to_it(void **state)
{
    (void)state;
    CHECK({ "departments.yaml", "department: []\n",
            "departments.yaml:1:1: unknown key 'department'; did you mean 'departments'?; expected are departments\n"
            "departments.yaml:1:1: key 'departments' is missing\n" },
          { "departments.yaml", "departments: []\n",
            "areas.yaml:3:62: no department 'station'\n"
            "routing.yaml:2:36: no department 'water'\n"
            "people.yaml:2:50: no department 'station'\n" },
          { "departments.yaml",
            "departments:\n"
            "  - {code: water, name: x, tier: district, remote_listen: \"tcp://0.0.0.0:1\"}\n"
            "  - {code: station, name: x, tier: community}\n",
            "departments.yaml:2:59: 'tcp://0.0.0.0:1' is not an address of a department's own socket; expected "
            "tls+tcp://HOST:PORT\n" });
}

static void ids_fit_into_addresses_and_records(void **state)
{
    (void)state;
#define TEN "0123456789"
    CHECK({ "people.yaml", "people:\n  - {id: w/1, name: 王, role: operator}\n",
            "people.yaml:2:10: 'w/1' becomes part of addresses; expected no space and none of / \\ ? # % & = < > and "
            "quotes\n" },
          { "people.yaml", "people:\n  - {id: " TEN TEN TEN TEN TEN TEN "12345, name: 王, role: operator}\n",
            "people.yaml:2:10: id: 65 bytes of text, expected at most 64\n" });
}

/* Whatever a hand or a disk does to a file, the answer is an error or a book. */
static void a_damaged_file_is_an_error_or_a_book(void **state)
{
    (void)state;
    static const char *const files[] = { "district.yaml", "calendars.yaml", "departments.yaml", "areas.yaml",
                                         "services.yaml", "routing.yaml",   "people.yaml" };
    static const char marks[] = "{}[]:,-#&*!|>'\"%@` \n\t\x01\xff";
    struct book_folder folder;
    book_folder_make(&folder);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *text = book_folder_default(files[i]);
        for (size_t at = 0; at < strlen(text); at++) {
            struct errors errors;
            char damaged[1000];
            snprintf(damaged, sizeof damaged, "%s", text);
            damaged[at] = at % 2 ? '\0' : marks[at / 2 % (sizeof marks - 1)];
            book_folder_write(&folder, files[i], damaged);
            book_destroy(book_of(&folder, &errors));
        }
        book_folder_write(&folder, files[i], text);
    }
    book_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_small_book_itself_has_none),
        cmocka_unit_test(a_folder_that_is_none_is_named),
        cmocka_unit_test(what_is_not_yaml_is_told_with_its_place),
        cmocka_unit_test(what_the_schema_refuses_is_told_all_at_once),
        cmocka_unit_test(a_district_needs_a_code_a_zone_and_sound_limits),
        cmocka_unit_test(stage_limits_are_said_where_they_can_hold),
        cmocka_unit_test(a_calendar_needs_working_time),
        cmocka_unit_test(areas_end_at_one_district),
        cmocka_unit_test(polygons_and_areas_belong_together),
        cmocka_unit_test(services_name_their_group_department_and_limit),
        cmocka_unit_test(an_imported_table_is_checked_cell_by_cell),
        cmocka_unit_test(an_imported_table_has_a_name_that_cases_can_keep),
        cmocka_unit_test(a_variable_that_is_not_set_is_asked_for),
        cmocka_unit_test(rules_name_what_is_in_the_book),
        cmocka_unit_test(people_name_departments_areas_and_shifts),
        cmocka_unit_test(a_broken_file_is_not_blamed_on_those_that_refer_to_it),
        cmocka_unit_test(ids_fit_into_addresses_and_records),
        cmocka_unit_test(a_damaged_file_is_an_error_or_a_book),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
