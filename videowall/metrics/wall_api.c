#include "videowall/metrics/wall_api.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/book/zone.h"
#include "proto/store/case_index.h"
#include "videowall/metrics/figures.h"
#include "videowall/wall/wall.h"

enum { EVERY_MS = 1000 };

struct wall_api {
    struct wall_api_options options;
    struct loop_timer second;
    struct arena arena;
    bool failed; /* said once, until it works again */
};

static int read_figures(struct wall_api *api, struct arena *arena, struct figures *figures, struct fault *fault)
{
    struct txn *txn = txn_begin_read(api->options.cases);
    int result = figures_read(txn, api->options.book, clock_now_ms(), arena, figures, fault);
    txn_abort(txn);
    return result;
}

/* ---- JSON ---- */

static json_t *text_json(const struct book_text *text)
{
    return json_pack("{s:s, s:s}", "zh", text->zh, "en", text->en);
}

static json_t *departments_json(const struct figures *figures)
{
    json_t *list = json_array();
    for (size_t i = 0; i < figures->department_count; i++) {
        const struct figures_department *row = &figures->departments[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:o, s:I, s:I, s:I}", "code", row->department->code, "name",
                                        text_json(&row->department->name), "open", (json_int_t)row->count.open, "due",
                                        (json_int_t)row->count.due, "overdue", (json_int_t)row->count.overdue));
    }
    return list;
}

static json_t *states_json(const struct figures *figures)
{
    json_t *counts = json_object();
    for (int state = CASE_REPORTED; state < CASE_STATE_COUNT; state++)
        json_object_set_new(counts, enum_name(&case_state_desc, state), json_integer(figures->states[state]));
    return counts;
}

static json_t *hours_json(const struct figures *figures)
{
    json_t *list = json_array();
    for (size_t i = 0; i < figures->hour_count; i++)
        json_array_append_new(list, json_pack("{s:I, s:I}", "reported", (json_int_t)figures->hours[i].reported,
                                              "closed", (json_int_t)figures->hours[i].closed));
    return list;
}

static json_t *areas_json(const struct figures *figures)
{
    json_t *list = json_array();
    for (size_t i = 0; i < figures->area_count; i++) {
        const struct figures_area *row = &figures->areas[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:I, s:I, s:I}", "code", row->code, "open", (json_int_t)row->count.open,
                                        "due", (json_int_t)row->count.due, "overdue", (json_int_t)row->count.overdue));
    }
    return list;
}

static json_t *pins_json(const struct figures *figures)
{
    json_t *list = json_array();
    for (size_t i = 0; i < figures->pin_count; i++) {
        const struct figures_pin *pin = &figures->pins[i];
        json_array_append_new(list, json_pack("[ffs]", pin->lat, pin->lon, pin->overdue ? "overdue" : "due"));
    }
    return list;
}

/* As time.js names them. */
static const char *level_of(const struct case_file *record, int64_t now_ms)
{
    int64_t deadline_ms = case_nearest_deadline_ms(record);
    if (!case_state_is_open(record->state) || deadline_ms == ORDER_NONE)
        return "none";
    if (deadline_ms <= now_ms)
        return "overdue";
    return figures_is_due(record, now_ms) ? "due" : "normal";
}

static json_t *newest_json(const struct figures *figures)
{
    json_t *list = json_array();
    for (size_t i = 0; i < figures->newest_count; i++) {
        const struct case_file *record = &figures->newest[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:b}", "number", record->number, "title",
                            *record->title ? record->title : record->text, "service", record->service, "area",
                            record->place.area, "state", enum_name(&case_state_desc, record->state), "priority",
                            (json_int_t)record->priority, "reported_at_ms", (json_int_t)record->reported_at_ms, "level",
                            level_of(record, figures->as_of_ms), "supervised", *record->supervised_by != 0));
    }
    return list;
}

static json_t *figures_json(const struct book *book, const struct figures *figures)
{
    return json_pack("{s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "seq",
                     (json_int_t)figures->seq, "as_of_ms", (json_int_t)figures->as_of_ms, "name",
                     text_json(&book->name), "open", (json_int_t)figures->all.open, "due", (json_int_t)figures->all.due,
                     "overdue", (json_int_t)figures->all.overdue, "reported_today", (json_int_t)figures->reported_today,
                     "closed_today", (json_int_t)figures->closed_today, "triage", (json_int_t)figures->triage, "states",
                     states_json(figures), "departments", departments_json(figures), "hours", hours_json(figures),
                     "areas", areas_json(figures), "pins", pins_json(figures), "newest", newest_json(figures));
}

/* ---- routes ---- */

static void answer_wall(struct request *request, void *context)
{
    struct wall_api *api = context;
    struct figures figures;
    struct fault fault = { "" };
    if (read_figures(api, request_arena(request), &figures, &fault) < 0) {
        log_error("figures", "reason=\"%s\"", fault.text);
        reply_error(request, 503, "no_figures", fault.text, "Try again in a moment.");
        return;
    }
    reply_json(request, 200, figures_json(api->options.book, &figures));
}

static void answer_map(struct request *request, void *context)
{
    struct wall_api *api = context;
    reply_text(request, 200, "application/geo+json", book_geojson(api->options.book));
}

/* ---- the native wall ---- */

static struct wall_department wall_department_of(const struct figures_department *from)
{
    struct wall_department row = { .open = from->count.open,
                                   .due_soon = from->count.due,
                                   .overdue = from->count.overdue };
    snprintf(row.name, sizeof row.name, "%s", from->department->name.zh);
    return row;
}

static void tell_native(struct wall *native, const struct book *book, const struct figures *figures)
{
    struct wall_numbers numbers = {
        .known = true,
        .counted_at_ms = figures->as_of_ms,
        .open = figures->all.open,
        .due_soon = figures->all.due,
        .overdue = figures->all.overdue,
        .closed_today = figures->closed_today,
    };
    for (size_t i = 0; i < figures->department_count && numbers.department_count < WALL_DEPARTMENTS_MAX; i++)
        numbers.departments[numbers.department_count++] = wall_department_of(&figures->departments[i]);
    for (size_t i = 0; i < figures->area_count && numbers.area_count < WALL_AREAS_MAX; i++) {
        const struct figures_area *from = &figures->areas[i];
        const struct book_area *area = book_area(book, from->code);
        if (area) /* else of another version of the book, or outside */
            numbers.areas[numbers.area_count++] =
                (struct wall_area){ area, from->count.open, from->count.due, from->count.overdue };
    }
    for (size_t i = 0; i < figures->pin_count && numbers.pin_count < WALL_PINS_MAX; i++) {
        const struct figures_pin *from = &figures->pins[i];
        numbers.pins[numbers.pin_count++] = (struct wall_pin){ from->lat, from->lon, from->overdue };
    }
    wall_set_numbers(native, &numbers);
}

/* ---- every second, whoever looks ---- */

static struct metric cases_open = METRIC_GAUGE("drumtower_cases_open", "Open cases.");
static struct metric cases_due = METRIC_GAUGE("drumtower_cases_due", "Open cases whose next deadline is within the "
                                                                     "hour.");
static struct metric cases_overdue = METRIC_GAUGE("drumtower_cases_overdue_open", "Open cases whose next deadline has "
                                                                                  "passed.");
static struct metric outbox_seq = METRIC_GAUGE("drumtower_outbox_seq", "Number of the last notice that this process "
                                                                       "saw.");

static int second_due(void *context)
{
    struct wall_api *api = context;
    struct figures figures;
    struct fault fault = { "" };
    bool failed = read_figures(api, &api->arena, &figures, &fault) < 0;
    if (failed && !api->failed)
        log_error("figures", "reason=\"%s\"", fault.text);
    if (!failed) {
        tell_native(api->options.native, api->options.book, &figures);
        metric_set(&cases_open, figures.all.open);
        metric_set(&cases_due, figures.all.due);
        metric_set(&cases_overdue, figures.all.overdue);
        metric_set(&outbox_seq, (int64_t)figures.seq);
    }
    api->failed = failed;
    arena_reset(&api->arena);
    loop_timer_arm(api->options.loop, &api->second, EVERY_MS);
    return 0;
}

/* ---- life ---- */

static int zone_offset(void *context, int64_t at_ms)
{
    return zone_offset_minutes(context, at_ms);
}

int wall_api_open(const struct wall_api_options *options, struct wall_api **out, struct fault *fault)
{
    struct wall_api *api = calloc(1, sizeof *api);
    if (!api)
        return fault_set(fault, -ENOMEM, "wall: out of memory");
    api->options = *options;
    api->second = (struct loop_timer){ .fire = second_due, .context = api };
    case_index_set_zone(zone_offset, (void *)options->book->zone);
    int result = door_route(options->door, "GET", "/api/wall", options->roles, 0, answer_wall, api, fault);
    if (!result)
        result = door_route(options->door, "GET", "/api/map.geojson", options->roles, 0, answer_map, api, fault);
    if (result) {
        wall_api_close(api);
        return result;
    }
    loop_timer_arm(options->loop, &api->second, 0);
    *out = api;
    return 0;
}

void wall_api_close(struct wall_api *api)
{
    if (!api)
        return;
    loop_timer_disarm(api->options.loop, &api->second);
    arena_finish(&api->arena);
    free(api);
}
