#include "videowall/live/page.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/metrics.h"
#include "proto/door/door.h"
#include "videowall/feed/feed.h"
#include "videowall/live/live.h"
#include "videowall/live/stills.h"

static struct metric skipped = METRIC_COUNTER("drumtower_live_units_skipped_total", "Access units left out because "
                                                                                    "their page read too slowly.");

struct page_camera {
    struct page *page;
    char id[65];
    uint16_t index;
    bool need_key;    /* something was left out */
    bool owes_status; /* it did not fit */
    char codec[12];
    uint16_t width, height;
    struct feed_viewer viewer;
    struct still_viewer still; /* instead of its access units */
};

struct page {
    struct feeds *feeds;
    struct stills *stills;
    bool stills_only;
    size_t waiting_most;
    struct stream *stream; /* NULL: not begun, or the peer has gone */
    bool ended, orphan;    /* orphan: destroyed before its stream was over */
    void (*tell_ended)(void *context);
    void *context;
    struct page_camera *cameras;
    size_t camera_count;
    struct buffer record;
    struct page *next;
};

/* ---- writing ---- */

static bool fits(const struct page *page, size_t payload)
{
    return stream_waiting(page->stream) + LIVE_HEAD_BYTES + payload <= page->waiting_most;
}

/* False: it did not fit, or the peer has gone. */
static bool write_record(struct page *page, const struct live_record *record)
{
    if (!page->stream || !fits(page, record->payload.size))
        return false;
    buffer_clear(&page->record);
    live_record_put(&page->record, record);
    return stream_write(page->stream, buffer_view(&page->record));
}

static bool write_json(struct page *page, uint16_t camera, enum live_kind kind, json_t *body)
{
    assert(body);
    char *text = json_dumps(body, JSON_COMPACT);
    assert(text);
    struct live_record record = { .camera = camera, .kind = kind, .time_ms = clock_now_ms() };
    record.payload = (struct bytes){ (const uint8_t *)text, strlen(text) };
    bool written = write_record(page, &record);
    free(text);
    json_decref(body);
    return written;
}

/* ---- what the feeds tell ---- */

static void write_status(struct page_camera *camera, const char *state, const struct camera_status *status)
{
    json_t *body = json_pack("{s:s, s:s, s:I, s:I, s:s}", "camera", camera->id, "state", state, "since_ms",
                             (json_int_t)status->since_ms, "picture_at_ms", (json_int_t)status->picture_at_ms, "reason",
                             status->reason);
    camera->owes_status = !write_json(camera->page, camera->index, LIVE_STATUS, body);
}

static void status_came(void *context, const struct camera_status *status)
{
    write_status(context, enum_name(&camera_state_desc, status->state), status);
}

/* As it is now. A feed tells a change once: what did not fit would be told never. */
static void tell_status(struct page_camera *camera)
{
    const struct camera_status unknown = { .reason = "the district book has no such camera" };
    if (camera->viewer.feed)
        status_came(camera, feed_viewer_status(&camera->viewer));
    else
        write_status(camera, "unknown", &unknown);
}

void page_pulse(struct page *page)
{
    struct live_record record = { .camera = LIVE_NO_CAMERA, .kind = LIVE_PULSE, .time_ms = clock_now_ms() };
    write_record(page, &record);
    for (size_t i = 0; i < page->camera_count; i++)
        if (page->cameras[i].owes_status)
            tell_status(&page->cameras[i]);
}

/* Before a key frame: what a decoder must know to begin there. */
static bool write_config(struct page_camera *camera, const struct frame *frame)
{
    char codec[12];
    if (!live_codec_name(frame->unit, codec))
        return *camera->codec != '\0'; /* no parameter set: the old one holds */
    if (strcmp(codec, camera->codec) == 0 && frame->width == camera->width && frame->height == camera->height)
        return true;
    if (!write_json(
            camera->page, camera->index, LIVE_CONFIG,
            json_pack("{s:s, s:i, s:i}", "codec", codec, "width", (int)frame->width, "height", (int)frame->height)))
        return false;
    strcpy(camera->codec, codec);
    camera->width = frame->width;
    camera->height = frame->height;
    return true;
}

static void still_came(void *context, int64_t capture_ms, struct bytes jpeg)
{
    struct page_camera *camera = context;
    struct live_record record = {
        .camera = camera->index, .kind = LIVE_PICTURE, .time_ms = capture_ms, .payload = jpeg
    };
    if (!write_record(camera->page, &record))
        metric_add(&skipped, 1);
}

/* Is it decoded here, because the page cannot? No browser is counted on to have H.265. Once it is, it stays so. */
static bool is_still(struct page_camera *camera, const struct frame *frame)
{
    const struct page *page = camera->page;
    if (!camera->still.still && (page->stills_only || frame->codec != FRAME_H264)) {
        camera->still = (struct still_viewer){ .picture = still_came, .context = camera };
        still_add_viewer(page->stills, camera->id, &camera->still);
    }
    return camera->still.still != NULL;
}

static void frame_came(void *context, const struct frame *frame)
{
    struct page_camera *camera = context;
    if (!camera->page->stream || is_still(camera, frame))
        return;
    bool starts = !camera->need_key || frame->key;
    struct live_record record = { .camera = camera->index,
                                  .kind = LIVE_UNIT,
                                  .flags = frame->key ? LIVE_FLAG_KEY : 0,
                                  .time_ms = frame->capture_ms,
                                  .payload = frame->unit };
    bool written = starts && fits(camera->page, frame->unit.size) && (!frame->key || write_config(camera, frame)) &&
                   write_record(camera->page, &record);
    camera->need_key = !written;
    if (!written)
        metric_add(&skipped, 1);
}

/* ---- begin and end ---- */

struct page *page_create(struct feeds *feeds, struct stills *stills, size_t waiting_most, void (*ended)(void *context),
                         void *context)
{
    struct page *page = calloc(1, sizeof *page);
    assert(page);
    *page = (struct page){
        .feeds = feeds, .stills = stills, .waiting_most = waiting_most, .tell_ended = ended, .context = context
    };
    metric_register(&skipped);
    return page;
}

static void free_page(struct page *page)
{
    free(page->cameras);
    buffer_finish(&page->record);
    free(page);
}

static void stream_closed(void *context)
{
    struct page *page = context;
    page->stream = NULL;
    page->ended = true;
    if (page->orphan)
        free_page(page);
    else
        page->tell_ended(page->context);
}

static void begin_camera(struct page *page, uint16_t index, const char *id)
{
    struct page_camera *camera = &page->cameras[index];
    *camera = (struct page_camera){ .page = page, .index = index, .need_key = true };
    snprintf(camera->id, sizeof camera->id, "%s", id);
    camera->viewer = (struct feed_viewer){ .frame = frame_came, .status = status_came, .context = camera };
    if (feed_add_viewer(page->feeds, id, &camera->viewer) != 0)
        tell_status(camera);
}

void page_begin(struct page *page, struct request *request, const char *const *ids, size_t count, bool stills_only)
{
    assert(count <= LIVE_CAMERAS_MAX);
    page->cameras = calloc(count, sizeof *page->cameras);
    assert(page->cameras);
    page->camera_count = count;
    page->stills_only = stills_only;
    page->stream = reply_stream(request, LIVE_TYPE, page->waiting_most, stream_closed, page);
    page_pulse(page);
    for (size_t i = 0; i < count; i++)
        begin_camera(page, (uint16_t)i, ids[i]);
}

bool page_has_ended(const struct page *page)
{
    return page->ended;
}

void page_destroy(struct page *page)
{
    for (size_t i = 0; i < page->camera_count; i++) {
        feed_remove_viewer(&page->cameras[i].viewer);
        still_remove_viewer(&page->cameras[i].still);
    }
    page->camera_count = 0;
    if (!page->stream) {
        free_page(page);
        return;
    }
    page->orphan = true;
    stream_end(page->stream);
}

struct page **page_next(struct page *page)
{
    return &page->next;
}
