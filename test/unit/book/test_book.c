/* A loaded book: its look-ups, its version, the invented example. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/record/event.h"
#include "support.h"

static struct book *load(const char *folder)
{
    struct fault fault = { "" };
    struct errors errors = { "" };
    struct book *book;
    if (book_load(folder, &book, errors_take, &errors, &fault) < 0)
        fail_msg("%s", errors.text);
    return book;
}

static struct book *load_gulou(void)
{
    char folder[600];
    snprintf(folder, sizeof folder, "%s/examples/gulou", source_root());
    return load(folder);
}

static void gulou_holds_what_its_files_say(void **state)
{
    (void)state;
    struct book *book = load_gulou();
    assert_string_equal(book->code, "GL");
    assert_string_equal(book->name.en, "Gulou District");
    assert_int_equal(book->area_count, 1 + 4 + 8 + 40);
    assert_int_equal(book->department_count, 16);
    assert_int_equal(book->camera_count, 8);
    assert_int_equal(book->scene_count, 5);
    assert_int_equal(book_scene(book, "focus")->large, 3);
    assert_int_equal(book_scene(book, "tour")->camera_count, 8); /* none named: all of the book */
    assert_string_equal(book_scene(book, "focus")->cameras[0]->id, "cam-03");
    assert_null(book_scene(book, "none"));
    assert_int_equal(book->popup.cameras, 4);
    assert_int_equal(book->popup.priority_at_most, 1);
    assert_true(book->popup.sources >> SOURCE_SENSOR & 1);
    assert_string_equal(book->languages[0], "zh");
    const struct book_limit *check = book_stage_limit(book, NULL, NULL, NULL, CLOCK_CHECK);
    assert_int_equal(check->amount, 30);
    assert_int_equal(check->unit, UNIT_CLOCK_MINUTE);
    assert_int_equal(book->door.photos, 6);
    assert_int_equal(book->photo.edge_px, 2048);
    assert_true(book->door.page_size > 0); /* left out: a default */
    const struct book_service *cover = book_service(book, "P0101");
    assert_true(cover->is_part && !cover->auto_check && cover->is_public);
    assert_string_equal(book_condition(cover, NULL)->code, "missing");
    const struct book_limit *limit = &book_condition(cover, "broken")->limit;
    assert_int_equal(limit->unit, UNIT_WORKING_HOUR);
    assert_int_equal(limit->amount, 4);
    assert_ptr_equal(limit->calendar, book_calendar(book, "china"));
    assert_int_equal(strncmp(limit->rule, "services.yaml:", 14), 0);
    assert_int_equal(book_condition(book_service(book, "E0101"), "building")->link_count, 3);
    assert_string_equal(book_department(book, "station-liudi")->hand_up_to->code, "street-liudi");
    assert_true(book_service(book, "E0502")->merge.radius_m > 0 && !cover->merge.radius_m);
    assert_null(book_condition(cover, "none such"));
    assert_null(book_service(book, "P9999"));
    assert_null(book_area(book, ""));
    assert_null(book_department(book, NULL));
    assert_int_equal(book_person(book, "w-001")->role, ROLE_WORKER);
    assert_string_equal(book_camera(book, "cam-03")->url, "rtsp://127.0.0.1:8554/cam-03");
    book_destroy(book);
}

static void every_grid_of_gulou_is_found_by_its_own_point(void **state)
{
    (void)state;
    struct book *book = load_gulou();
    for (size_t i = 0; i < book->area_count; i++) {
        const struct book_area *area = &book->areas[i];
        assert_int_equal(area->has_polygon, area->tier == TIER_GRID);
        if (area->has_polygon)
            assert_ptr_equal(book_locate(book, area->lat, area->lon), area);
        assert_true(book_area_within(area, &book->areas[0]));
    }
    for (size_t i = 0; i < book->camera_count; i++)
        assert_int_equal(book->cameras[i].area->tier, TIER_GRID);
    assert_null(book_locate(book, 0, 0));
    assert_null(book_locate(book, 116.39, 39.94)); /* lat and lon in the wrong order */
    book_destroy(book);
}

static void the_grids_of_gulou_leave_no_gap_and_no_overlap(void **state)
{
    (void)state;
    struct book *book = load_gulou();
    size_t inside = 0;
    for (int row = 0; row < 100; row++)
        for (int column = 0; column < 100; column++) /* the middle of the district, 2 km by 2 km */
            inside += book_locate(book, 39.931 + row * 0.00018, 116.378 + column * 0.00024) != NULL;
    assert_int_equal(inside, 100 * 100);
    book_destroy(book);
}

static void each_worker_of_gulou_has_somebody_on_duty_at_any_hour(void **state)
{
    (void)state;
    struct book *book = load_gulou();
    int64_t begin = moment(book->zone, "2026-03-02 00:00");
    for (size_t i = 0; i < book->area_count; i++)
        for (int hour = 0; book->areas[i].tier == TIER_GRID && hour < 24; hour++) {
            size_t on_duty = 0;
            for (size_t p = 0; p < book->person_count; p++) {
                const struct book_person *person = &book->people[p];
                on_duty += person->role == ROLE_WORKER && person->area_count &&
                           book_area_within(&book->areas[i], person->areas[0]) &&
                           book_on_duty(book, person, begin + hour * (int64_t)MS_PER_HOUR);
            }
            assert_true(on_duty >= 1);
        }
    book_destroy(book);
}

static void each_service_of_gulou_goes_to_a_department(void **state)
{
    (void)state;
    struct book *book = load_gulou();
    for (size_t i = 0; i < book->service_count; i++) {
        const struct book_department *department;
        struct case_file record = { .service = book->services[i].code,
                                    .condition = "",
                                    .place = { .area = "110199001001001" },
                                    .source = SOURCE_RESIDENT,
                                    .priority = book->services[i].priority };
        bool routed = book_route(book, &record, moment(book->zone, "2026-03-02 10:00"), &department);
        bool triage = strcmp(record.service, "E0699") == 0; /* the one that the desk looks at first, on purpose */
        assert_int_equal(routed, !triage);
        assert_int_equal(department != NULL, routed);
    }
    book_destroy(book);
}

/* Layered disposal: what a station cannot do has a way up to the district, or ends at the street because the book says so. */
static void each_case_of_a_station_of_gulou_goes_up(void **state)
{
    (void)state;
    struct book *book = load_gulou();
    const struct book_department *station = book_department(book, "station-zhonggu");
    size_t district = 0, street = 0;
    for (size_t i = 0; i < book->service_count; i++) {
        const struct book_department *department, *next;
        const char *rule;
        struct case_file record = { .service = book->services[i].code,
                                    .condition = "",
                                    .place = { .area = "110199001001001" },
                                    .source = SOURCE_RESIDENT,
                                    .priority = book->services[i].priority };
        if (!book_route(book, &record, moment(book->zone, "2026-03-02 10:00"), &department) || department != station)
            continue;
        next = book_hand_up(book, &record, moment(book->zone, "2026-03-02 10:00"), station, &rule);
        assert_string_equal(next->code, "street-zhonggu");
        bool ends = book_stage_limit(book, &book->services[i], NULL, next, CLOCK_TIER)->unit == UNIT_NONE;
        next = book_hand_up(book, &record, moment(book->zone, "2026-03-02 10:00"), next, &rule);
        assert_int_equal(!next, ends);
        assert_true(!next || next->tier == TIER_DISTRICT);
        district += !ends;
        street += ends;
    }
    assert_int_equal(district, 10);
    assert_int_equal(street, 2);
    book_destroy(book);
}

static void the_calendar_of_gulou_is_the_state_councils_of_2026(void **state)
{
    (void)state;
    struct book *book = load_gulou();
    const struct calendar *china = book_calendar(book, "china");
    static const char *const working[] = { "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09",
                                           "2026-09-20", "2026-10-10", "2026-02-24", "2026-10-08" };
    static const char *const free_days[] = { "2026-01-01", "2026-02-15", "2026-02-23", "2026-04-06", "2026-05-05",
                                             "2026-06-19", "2026-09-25", "2026-10-07", "2026-10-11", "2027-01-01" };
    for (size_t i = 0; i < sizeof working / sizeof *working; i++)
        assert_true(calendar_is_working_time(china, moment(book->zone, working[i]) + 9 * MS_PER_HOUR));
    for (size_t i = 0; i < sizeof free_days / sizeof *free_days; i++)
        assert_false(calendar_is_working_time(china, moment(book->zone, free_days[i]) + 9 * MS_PER_HOUR));
    size_t days = 0;
    for (int64_t at = moment(book->zone, "2026-01-01 09:00"); at < moment(book->zone, "2027-01-01 00:00");
         at += MS_PER_DAY)
        days += calendar_is_working_time(china, at);
    assert_int_equal(days, 248); /* 261 from Monday to Friday, 19 of them free, 6 made up for */
    book_destroy(book);
}

static struct hash hash_after(const struct book_folder *folder, const char *file, const char *text)
{
    book_folder_write(folder, file, text);
    struct book *book = load(folder->path);
    struct hash hash = book->hash;
    book_destroy(book);
    return hash;
}

static void the_version_of_a_book_follows_every_byte(void **state)
{
    (void)state;
    struct book_folder folder, other;
    book_folder_make(&folder);
    book_folder_make(&other);
    static const char table[] = "import: {file: t.csv, code: c, unit: u, amount: n}\n"
                                "services:\n  - {code: P1, name: x}\n";
    book_folder_write(&folder, "t.csv", "c,u,n\nA,clock_hour,1\n");
    book_folder_write(&other, "t.csv", "c,u,n\nA,clock_hour,1\n");
    struct hash first = hash_after(&folder, "services.yaml", table);
    struct hash elsewhere = hash_after(&other, "services.yaml", table);
    assert_true(hash_equal(&first, &elsewhere)); /* where the folder is does not matter */
    struct hash row = hash_after(&folder, "t.csv", "c,u,n\nA,clock_hour,2\n");
    assert_false(hash_equal(&first, &row)); /* an imported file counts */
    struct hash comment = hash_after(&folder, "cameras.yaml", "cameras: [] # none yet\n");
    assert_false(hash_equal(&row, &comment));
    book_folder_remove(&folder);
    book_folder_remove(&other);
}

static void the_smallest_area_holds_the_point_and_a_border_goes_to_the_first(void **state)
{
    (void)state;
    struct book_folder folder;
    book_folder_make(&folder);
    book_folder_write(&folder, "areas.yaml",
                      "polygons: {file: p.geojson, property: id, tier: grid}\n"
                      "areas:\n"
                      "  - {code: d, name: 区, name_en: D, tier: district}\n"
                      "  - {code: g1, name: 一, tier: grid, parent: d}\n"
                      "  - {code: g2, name: 二, tier: grid, parent: d}\n");
#define BOX(id, west, east) \
    "{\"type\": \"Feature\", \"properties\": {\"id\": \"" id "\"}, \"geometry\": {\"type\": \"Polygon\", " \
    "\"coordinates\": " \
    "[[[" west ", 0], [" east ", 0], [" east ", 1], [" west ", 1], [" west ", 0]]]}}"
    book_folder_write(&folder, "p.geojson",
                      "{\"type\": \"FeatureCollection\", \"features\": [" BOX("g2", "2", "3") ", " BOX(
                          "d", "0", "4") ", " BOX("g1", "1", "2") "]}");
    struct book *book = load(folder.path);
    assert_string_equal(book_locate(book, 0.5, 0.5)->code, "d");
    assert_string_equal(book_locate(book, 0.5, 1.5)->code, "g1");
    assert_string_equal(book_locate(book, 0.5, 2.5)->code, "g2");
    assert_string_equal(book_locate(book, 0.5, 2)->code, "g1"); /* the border of both */
    assert_string_equal(book_locate(book, 1, 3.5)->code, "d");
    assert_null(book_locate(book, 1.0001, 2));
    json_t *collection = json_loads(book_geojson(book), 0, NULL);
    json_t *features = json_object_get(collection, "features");
    assert_int_equal(json_array_size(features), 3);
    json_t *properties = json_object_get(json_array_get(features, 0), "properties");
    assert_string_equal(json_string_value(json_object_get(properties, "code")), "g2");
    assert_string_equal(json_string_value(json_object_get(properties, "name_en")), "二"); /* falls back */
    assert_string_equal(json_string_value(json_object_get(properties, "tier")), "grid");
    assert_string_equal(json_string_value(json_object_get(properties, "parent")), "d");
    json_decref(collection);
    book_destroy(book);
    book_folder_remove(&folder);
}

static void a_border_that_touches_itself_is_repaired(void **state)
{
    (void)state;
    struct book_folder folder;
    book_folder_make(&folder);
    book_folder_write(&folder, "areas.yaml",
                      "polygons: {file: p.geojson, property: id, tier: district}\n"
                      "areas:\n"
                      "  - {code: d, name: 区, tier: district, department: station}\n"
                      "  - {code: g1, name: 一, tier: grid, parent: d}\n");
    /* two squares that share one corner, drawn as one ring */
    book_folder_write(&folder, "p.geojson",
                      "{\"type\": \"FeatureCollection\", \"features\": [{\"type\": \"Feature\", \"properties\": "
                      "{\"id\": \"d\"}, "
                      "\"geometry\": {\"type\": \"Polygon\", \"coordinates\": [[[0, 0], [1, 0], [1, 1], [2, 1], [2, "
                      "2], [1, 2], "
                      "[1, 1], [0, 1], [0, 0]]]}}]}");
    struct book *book = load(folder.path);
    assert_string_equal(book_locate(book, 0.5, 0.5)->code, "d");
    assert_string_equal(book_locate(book, 1.5, 1.5)->code, "d");
    assert_null(book_locate(book, 1.5, 0.5));
    book_destroy(book);
    book_folder_remove(&folder);
}

static void a_book_without_polygons_has_an_empty_map(void **state)
{
    (void)state;
    struct book_folder folder;
    book_folder_make(&folder);
    struct book *book = load(folder.path);
    assert_null(book_locate(book, 39.9, 116.4));
    assert_string_equal(book_geojson(book), "{\"type\":\"FeatureCollection\",\"features\":[]}");
    book_destroy(book);
    book_destroy(NULL);
    book_folder_remove(&folder);
}

static void a_camera_that_may_turn_is_told_by_its_address(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool turns;
    } cameras[] = {
        { "rtsp://10.0.0.5/main", false },
        { "gb28181://34020000001110000001/34020000001310000001", true },
        { "onvif://10.0.0.5", true },
    };
    for (size_t i = 0; i < sizeof cameras / sizeof *cameras; i++)
        assert_int_equal(book_camera_turns(&(struct book_camera){ .url = cameras[i].url }), cameras[i].turns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gulou_holds_what_its_files_say),
        cmocka_unit_test(every_grid_of_gulou_is_found_by_its_own_point),
        cmocka_unit_test(the_grids_of_gulou_leave_no_gap_and_no_overlap),
        cmocka_unit_test(each_worker_of_gulou_has_somebody_on_duty_at_any_hour),
        cmocka_unit_test(each_service_of_gulou_goes_to_a_department),
        cmocka_unit_test(each_case_of_a_station_of_gulou_goes_up),
        cmocka_unit_test(the_calendar_of_gulou_is_the_state_councils_of_2026),
        cmocka_unit_test(the_version_of_a_book_follows_every_byte),
        cmocka_unit_test(the_smallest_area_holds_the_point_and_a_border_goes_to_the_first),
        cmocka_unit_test(a_border_that_touches_itself_is_repaired),
        cmocka_unit_test(a_book_without_polygons_has_an_empty_map),
        cmocka_unit_test(a_camera_that_may_turn_is_told_by_its_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
