#include "videowall/live/live.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/metrics.h"
#include "proto/book/book.h"
#include "proto/door/door.h"
#include "videowall/feed/feed.h"
#include "videowall/live/page.h"
#include "videowall/live/snapshot.h"
#include "videowall/live/stills.h"

enum { PULSE_MS = 1000, VIEWERS_DEFAULT = 64 };

static struct metric pages_open = METRIC_GAUGE("drumtower_live_pages", "Pages that watch cameras now.");
static struct metric pages_refused = METRIC_COUNTER("drumtower_live_pages_refused_total", "Pages refused because as "
                                                                                          "many watch as may.");

struct live {
    struct live_options options;
    struct snapshots *snapshots;
    struct stills *stills;
    struct page *pages;
    int64_t page_count;
    struct loop_timer pulse, reap;
};

/* ---- GET /live ---- */

static void page_ended(void *context)
{
    struct live *live = context;
    /* Not at once: the page may be in the middle of being told something. */
    loop_timer_arm(live->options.loop, &live->reap, 0);
}

static int reap(void *context)
{
    struct live *live = context;
    for (struct page **at = &live->pages; *at;) {
        struct page *page = *at;
        if (!page_has_ended(page)) {
            at = page_next(page);
            continue;
        }
        *at = *page_next(page);
        page_destroy(page);
        metric_set(&pages_open, --live->page_count);
    }
    return 0;
}

static int pulse(void *context)
{
    struct live *live = context;
    for (struct page *page = live->pages; page; page = *page_next(page))
        page_pulse(page);
    loop_timer_arm(live->options.loop, &live->pulse, PULSE_MS);
    return 0;
}

/* "a,b,c" → ids in the request's arena; 0 for none or too many. */
static size_t split_ids(struct request *request, const char *list, const char *ids[LIVE_CAMERAS_MAX])
{
    size_t count = 0;
    while (list && *list) {
        size_t length = strcspn(list, ",");
        if (length == 0 || count == LIVE_CAMERAS_MAX)
            return 0;
        ids[count++] = arena_text(request_arena(request), list, length);
        list += length + (list[length] == ',');
    }
    return count;
}

static void handle_live(struct request *request, void *context)
{
    struct live *live = context;
    const char *ids[LIVE_CAMERAS_MAX];
    size_t count = split_ids(request, request_query(request, "cameras"), ids);
    if (count == 0) {
        reply_error(request, 400, "cameras", "Expected ?cameras= with 1 to 64 ids and commas between them.",
                    "See /live/cameras for the ids.");
        return;
    }
    if (live->page_count == live->options.viewers) {
        metric_add(&pages_refused, 1);
        reply_header(request, "Retry-After", "5");
        reply_error(request, 503, "busy", "As many pages watch cameras as may.", "Close another page first.");
        return;
    }
    struct page *page = page_create(live->options.feeds, live->stills,
                                    (size_t)live->options.book->door.live_waiting_bytes, page_ended, live);
    *page_next(page) = live->pages;
    live->pages = page;
    metric_set(&pages_open, ++live->page_count);
    const char *as = request_query(request, "as");
    page_begin(page, request, ids, count, as && strcmp(as, "jpeg") == 0);
}

/* ---- GET /live/cameras ---- */

static json_t *camera_json(const struct live *live, const struct book_camera *camera)
{
    struct camera_status status = feed_status(live->options.feeds, camera);
    return json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:b, s:s, s:s, s:I, s:I, s:s, s:I, s:I}", "id", camera->id, "name",
                     camera->name.zh, "name_en", camera->name.en, "lat", camera->lat, "lon", camera->lon, "bearing",
                     camera->bearing_deg, "turns", book_camera_turns(camera), "area",
                     camera->area ? camera->area->code : "", "state", enum_name(&camera_state_desc, status.state),
                     "since_ms", (json_int_t)status.since_ms, "picture_at_ms", (json_int_t)status.picture_at_ms,
                     "reason", status.reason, "width", (json_int_t)status.width, "height", (json_int_t)status.height);
}

static void handle_cameras(struct request *request, void *context)
{
    const struct live *live = context;
    const struct book *book = live->options.book;
    json_t *list = json_array();
    for (size_t i = 0; i < book->camera_count; i++)
        json_array_append_new(list, camera_json(live, &book->cameras[i]));
    reply_json(request, 200, json_pack("{s:o}", "cameras", list));
}

/* ---- start and end ---- */

int live_open(const struct live_options *options, struct live **out, struct fault *fault)
{
    assert(options->door && options->feeds && options->book);
    struct live *live = calloc(1, sizeof *live);
    if (!live)
        return fault_set(fault, -ENOMEM, "live pictures: out of memory");
    live->options = *options;
    if (!live->options.viewers)
        live->options.viewers = VIEWERS_DEFAULT;
    live->pulse = (struct loop_timer){ .fire = pulse, .context = live };
    live->reap = (struct loop_timer){ .fire = reap, .context = live };
    metric_register(&pages_open);
    metric_register(&pages_refused);
    int result = snapshots_open(options, &live->snapshots, fault);
    if (result == 0)
        result = stills_open(options->loop, options->feeds, &live->stills, fault);
    if (result == 0)
        result = door_route(options->door, "GET", "/live", options->roles, 0, handle_live, live, fault);
    if (result == 0)
        result = door_route(options->door, "GET", "/live/cameras", options->roles, 0, handle_cameras, live, fault);
    if (result < 0) {
        live_close(live);
        return result;
    }
    loop_timer_arm(options->loop, &live->pulse, PULSE_MS);
    *out = live;
    return 0;
}

void live_close(struct live *live)
{
    if (!live)
        return;
    while (live->pages) {
        struct page *page = live->pages;
        live->pages = *page_next(page);
        page_destroy(page);
    }
    stills_close(live->stills);
    snapshots_close(live->snapshots);
    loop_timer_disarm(live->options.loop, &live->pulse);
    loop_timer_disarm(live->options.loop, &live->reap);
    free(live);
}
