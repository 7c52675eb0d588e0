/* What a feed of alerts answers: an Atom index or one alert. What the district makes of an alert fits the log. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/sources/cap/atom.h"
#include "ingest/sources/cap/item.h"
#include "ingest/sources/cap/warning.h"
#include "test/fuzz/fuzz.h"
#include "test/unit/book/support.h"

static const char areas_yaml[] = "polygons: {file: grids.geojson, property: code, tier: grid}\n"
                                 "areas:\n"
                                 "  - {code: d, name: 区, tier: district}\n"
                                 "  - {code: s, name: 街道, tier: street, parent: d, department: station}\n"
                                 "  - {code: g1, name: 西, tier: grid, parent: s}\n"
                                 "  - {code: g2, name: 东, tier: grid, parent: s}\n";
static const char grids_geojson[] = "{\"type\": \"FeatureCollection\", \"features\": ["
                                    "{\"type\": \"Feature\", \"properties\": {\"code\": \"g1\"}, \"geometry\": "
                                    "{\"type\": \"Polygon\", \"coordinates\": "
                                    "[[[116.40, 39.90], [116.41, 39.90], [116.41, 39.91], [116.40, 39.91], [116.40, "
                                    "39.90]]]}},"
                                    "{\"type\": \"Feature\", \"properties\": {\"code\": \"g2\"}, \"geometry\": "
                                    "{\"type\": \"Polygon\", \"coordinates\": "
                                    "[[[116.41, 39.90], [116.42, 39.90], [116.42, 39.91], [116.41, 39.91], [116.41, "
                                    "39.90]]]}}]}";
static const char sources_yaml[] = "feeds:\n"
                                   "  - name: weather\n"
                                   "    url: http://127.0.0.1/index.atom\n"
                                   "    geocodes: [\"UGC=OURS\"]\n"
                                   "    hosts: [example.org]\n"
                                   "    matters:\n"
                                   "      - {category: Met, event: flood, service: P0101, priority: 1}\n"
                                   "      - {category: Fire, service: P0101}\n"
                                   "      - {service: E0101}\n";
static const int64_t NOW_MS = 1767600000000; /* 2026-01-05T08:00:00Z */

/* An alert of that number stands in the log, for updates to refer to. */
static void remember(struct event_log *log, const struct warning_desk *desk)
{
    static const char text[] =
        "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>A1</identifier><sender>m</sender>"
        "<sent>2026-01-05T07:59:00-00:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"
        "<info><category>Met</category><event>flood</event></info></alert>";
    struct arena arena = { 0 };
    struct xml_element *root;
    struct cap_alert alert;
    struct cap_complaints complaints = { .count = 0 };
    struct fault fault = { "" };
    struct event *event;
    assert(xml_parse((struct bytes){ (const uint8_t *)text, sizeof text - 1 }, &arena, &root, &fault) == 0);
    assert(cap_read(root, &arena, &alert, &complaints, &fault) == 0);
    assert(warning_of(desk, &alert, NOW_MS, &arena, &event, &fault) == CAP_TAKEN);
    assert(event_log_append(log, &(struct event_append){ .event = event }, 1, &fault) == 0);
    arena_finish(&arena);
}

static struct book_folder log_folder; /* of the log */

static void remove_data(void)
{
    book_folder_remove(&log_folder);
}

static const struct warning_desk *open_desk(void)
{
    static const char *const files[][2] = { { "areas.yaml", areas_yaml },
                                            { "grids.geojson", grids_geojson },
                                            { "sources.yaml", sources_yaml } };
    static struct warning_desk desk;
    static struct seen cancelled;
    struct fault fault = { "" };
    if (desk.book)
        return &desk;
    fuzz_quiet();
    desk.book = FUZZ_BOOK(files);
    desk.feed = book_sources(desk.book)->feeds;
    desk.cancelled = &cancelled;
    seen_init(&cancelled);
    book_folder_make(&log_folder);
    atexit(remove_data);
    assert(event_log_open(log_folder.path, STORE_READ_WRITE, &desk.log, &fault) == 0);
    remember(desk.log, &desk);
    return &desk;
}

static void take_alert(const struct warning_desk *desk, const struct xml_element *root, struct arena *arena)
{
    struct cap_alert alert;
    struct cap_complaints complaints = { .count = 0 };
    struct fault fault = { "" };
    struct event *event = NULL;
    if (!cap_is_alert(root) || cap_read(root, arena, &alert, &complaints, &fault) < 0)
        return;
    assert(complaints.count <= CAP_COMPLAINTS_MAX || complaints.items[CAP_COMPLAINTS_MAX - 1]);
    fuzz_touch_text(alert.identifier);
    int fate = warning_of(desk, &alert, NOW_MS, arena, &event, &fault);
    assert(fate >= 0);
    if (fate == CAP_TAKEN)
        assert(record_check(&event_desc, event, &fault) == 0 && event->priority >= 0 && event->priority <= 5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct warning_desk *desk = open_desk();
    struct arena arena = { 0 };
    struct item_list list;
    struct fault fault = { "" };
    if (item_list_of_index(desk->feed, (struct bytes){ data, size }, &arena, &list, &fault) < 0)
        assert(*fault.text);
    for (size_t i = 0; i < list.count; i++) {
        fuzz_touch_text(list.items[i].from);
        if (list.items[i].alert)
            take_alert(desk, list.items[i].alert, &arena);
    }
    arena_finish(&arena);
    return 0;
}
