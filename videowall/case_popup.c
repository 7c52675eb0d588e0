#include "videowall/case_popup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/book/views.h"
#include "proto/store/case_store.h"
#include "videowall/wall/wall.h"

enum { EVERY_MS = 500, NOTICES_AT_ONCE = 500, REMEMBERED = 64 };

static struct metric popped_up = METRIC_COUNTER("drumtower_wall_popups_total", "Cases whose cameras were brought up by "
                                                                               "the rule of wall.yaml.");

struct case_popups {
    struct case_popup_options options;
    struct loop_timer due;
    struct arena arena;
    uint64_t told;                  /* notices up to here were looked at */
    int64_t remembered[REMEMBERED]; /* ids of cases that popped up by themselves, round about */
    size_t next_place;
    struct {
        char number[65], title[300];
        int64_t priority, at_ms, until_ms; /* 0: none stands */
    } now;
};

/* ---- which cameras ---- */

static bool is_urgent(const struct book_popup *rule, const struct case_file *record)
{
    return (record->priority > 0 && record->priority <= rule->priority_at_most) || rule->sources >> record->source & 1;
}

static size_t cameras_near(const struct case_popup_options *options, const struct case_file *record,
                           struct book_view views[POPUP_CAMERAS_MAX])
{
    const struct book_popup *rule = &options->book->popup;
    if (!place_is_known(&record->place))
        return 0;
    return book_views(options->places, clock_now_ms(), record->place.lat, record->place.lon, (double)rule->within_m,
                      views, (size_t)(rule->cameras ? rule->cameras : POPUP_CAMERAS_MAX));
}

static const char *title_of(const struct case_file *record)
{
    return *record->title ? record->title : record->text;
}

static int bring_up(struct case_popups *popups, const struct case_file *record, struct fault *fault)
{
    const struct case_popup_options *options = &popups->options;
    struct book_view views[POPUP_CAMERAS_MAX];
    const struct book_camera *cameras[POPUP_CAMERAS_MAX];
    size_t count = cameras_near(options, record, views);
    if (!count)
        return fault_set(fault, -ENOENT, "case %s: no camera within %lld m of it", record->number,
                         (long long)options->book->popup.within_m);
    for (size_t i = 0; i < count; i++)
        cameras[i] = views[i].camera;
    snprintf(popups->now.number, sizeof popups->now.number, "%s", record->number);
    snprintf(popups->now.title, sizeof popups->now.title, "%.280s", title_of(record));
    popups->now.priority = record->priority;
    popups->now.at_ms = clock_now_ms();
    popups->now.until_ms = popups->now.at_ms + options->book->popup.dwell_s * 1000;
    char banner[400];
    snprintf(banner, sizeof banner, "▲ %s · %s", popups->now.title, record->number);
    struct wall_popup popup = { .number = record->number,
                                .title = banner,
                                .cameras = cameras,
                                .camera_count = count,
                                .dwell_s = options->book->popup.dwell_s };
    if (options->wall)
        wall_pop_up(options->wall, &popup);
    return 0;
}

/* ---- by the rule ---- */

static bool is_remembered(const struct case_popups *popups, int64_t id)
{
    for (size_t i = 0; i < REMEMBERED; i++)
        if (popups->remembered[i] == id)
            return true;
    return false;
}

struct reading {
    struct case_popups *popups;
    struct txn *txn;
    struct arena cases;
};

static int by_itself(struct reading *reading, int64_t id, struct fault *fault)
{
    struct case_popups *popups = reading->popups;
    struct case_file record;
    arena_reset(&reading->cases);
    int result = case_get(reading->txn, id, &reading->cases, &record, fault);
    if (result || !is_urgent(&popups->options.book->popup, &record))
        return result < 0 ? result : 0;
    popups->remembered[popups->next_place++ % REMEMBERED] = id;
    if (bring_up(popups, &record, fault) == 0)
        metric_add(&popped_up, 1);
    else
        log_warn("no cameras come up", "case=%s reason=\"%s\"", record.number, fault->text);
    return 0;
}

static int notice_came(void *context, const struct notice *notice)
{
    struct reading *reading = context;
    struct case_popups *popups = reading->popups;
    struct fault fault = { "" };
    popups->told = (uint64_t)notice->seq;
    bool may_begin = notice->verb == VERB_REPORT || notice->verb == VERB_ATTACH || notice->verb == VERB_RECLASSIFY;
    if (!may_begin || is_remembered(popups, notice->case_id))
        return 0;
    int result = by_itself(reading, notice->case_id, &fault);
    if (result < 0)
        log_error("pop-up", "case=%s reason=\"%s\"", notice->case_number, fault.text);
    return 0;
}

static int look(void *context)
{
    struct case_popups *popups = context;
    struct fault fault = { "" };
    struct reading reading = { .popups = popups, .txn = txn_begin_read(popups->options.cases) };
    if (outbox_read(reading.txn, "wall", popups->told, NOTICES_AT_ONCE, &popups->arena, notice_came, &reading, &fault) <
        0)
        log_error("pop-up", "reason=\"%s\"", fault.text);
    txn_abort(reading.txn);
    arena_finish(&reading.cases);
    arena_reset(&popups->arena);
    loop_timer_arm(popups->options.loop, &popups->due, EVERY_MS);
    return 0;
}

/* ---- by hand ---- */

static int read_case(struct case_popups *popups, const char *number, struct arena *arena, struct case_file *record,
                     struct fault *fault)
{
    struct txn *txn = txn_begin_read(popups->options.cases);
    int64_t id;
    int result = case_find_number(txn, number, &id);
    if (result == 0)
        result = case_get(txn, id, arena, record, fault);
    if (result > 0)
        result = fault_set(fault, -ENOENT, "there is no case %.64s", number);
    txn_abort(txn);
    return result;
}

int case_popups_show(struct case_popups *popups, const char *number, struct fault *fault)
{
    struct case_file record;
    struct arena arena = { 0 };
    int result = read_case(popups, number, &arena, &record, fault);
    if (result == 0)
        result = bring_up(popups, &record, fault);
    arena_finish(&arena);
    return result;
}

void case_popups_clear(struct case_popups *popups)
{
    popups->now.until_ms = 0;
    if (popups->options.wall)
        wall_clear(popups->options.wall);
}

/* ---- over the door ---- */

static json_t *views_json(const struct book_view *views, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct book_camera *camera = views[i].camera;
        bool looks = camera->has_bearing && views[i].score_m < views[i].away_m * 1.25; /* within 45 degrees */
        json_array_append_new(list, json_pack("{ss ss ss sf sf sb sI sb}", "id", camera->id, "name", camera->name.zh,
                                              "name_en", camera->name.en, "lat", views[i].lat, "lon", views[i].lon,
                                              "turns", book_camera_turns(camera), "away_m",
                                              (json_int_t)(views[i].away_m + 0.5), "looks", looks));
    }
    return list;
}

static void answer_cameras(struct request *request, void *context)
{
    struct case_popups *popups = context;
    struct case_file record;
    struct book_view views[POPUP_CAMERAS_MAX];
    struct fault fault = { "" };
    int result = read_case(popups, request_param(request, "number"), request_arena(request), &record, &fault);
    if (result < 0) {
        reply_error(request, result == -ENOENT ? 404 : 503, result == -ENOENT ? "not_found" : "no_case", fault.text,
                    "See /api/cases for those that there are.");
        return;
    }
    size_t count = cameras_near(&popups->options, &record, views);
    reply_json(request, 200,
               json_pack("{sb so}", "urgent", is_urgent(&popups->options.book->popup, &record), "cameras",
                         views_json(views, count)));
}

static void answer_popup(struct request *request, void *context)
{
    const struct case_popups *popups = context;
    json_t *now = json_null();
    if (popups->now.until_ms > clock_now_ms())
        now = json_pack("{ss ss sI sI sI}", "number", popups->now.number, "title", popups->now.title, "priority",
                        (json_int_t)popups->now.priority, "at_ms", (json_int_t)popups->now.at_ms, "until_ms",
                        (json_int_t)popups->now.until_ms);
    reply_json(request, 200, json_pack("{so}", "popup", now));
}

/* ---- life ---- */

int case_popups_open(const struct case_popup_options *options, struct case_popups **out, struct fault *fault)
{
    struct case_popups *popups = calloc(1, sizeof *popups);
    if (!popups)
        return fault_set(fault, -ENOMEM, "wall: out of memory");
    popups->options = *options;
    popups->due = (struct loop_timer){ .fire = look, .context = popups };
    struct txn *txn = txn_begin_read(options->cases);
    popups->told = outbox_last(txn);
    txn_abort(txn);
    metric_register(&popped_up);
    *out = popups;
    int result = door_route(options->door, "GET", "/api/cases/{number}/cameras", options->roles, 0, answer_cameras,
                            popups, fault);
    if (!result)
        result = door_route(options->door, "GET", "/api/popup", options->roles, 0, answer_popup, popups, fault);
    if (!result && options->book->popup.cameras)
        loop_timer_arm(options->loop, &popups->due, EVERY_MS);
    return result;
}

void case_popups_close(struct case_popups *popups)
{
    if (!popups)
        return;
    loop_timer_disarm(popups->options.loop, &popups->due);
    arena_finish(&popups->arena);
    free(popups);
}
