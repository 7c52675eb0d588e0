#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/crypto.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/bus/bus.h"
#include "videowall/feed/feed_inside.h"

enum {
    TICK_MS = 250,
    LINGER_MS = 3000,  /* a page that is loaded again finds its pictures here */
    NO_WORD_MS = 3000, /* status comes every second: ingest is away */
    ASKS_PARALLEL = 64
};

static struct metric malformed = METRIC_COUNTER("drumtower_feed_malformed_total", "Messages of cameras that were "
                                                                                  "none.");

static struct feed **feeds_of(const struct feeds *feeds, const struct book_camera *camera, bool main)
{
    return &feeds->by_camera[2 * (camera - feeds->book->cameras) + main];
}

struct feed *feeds_make(struct feeds *feeds, const struct book_camera *camera, bool main)
{
    struct feed **at = feeds_of(feeds, camera, main);
    if (!*at) {
        *at = feed_add(feeds, camera->id);
        (*at)->camera = camera;
        (*at)->main = main;
    }
    return *at;
}

struct camera_status feed_status(const struct feeds *feeds, const struct book_camera *camera)
{
    const struct feed *main = *feeds_of(feeds, camera, true), *sub = *feeds_of(feeds, camera, false);
    const struct feed *feed = main && main->viewers ? main : sub;
    return feed ? feed->status : (struct camera_status){ .camera = camera->id, .state = CAMERA_IDLE, .reason = "" };
}

static int tick(void *context)
{
    struct feeds *feeds = context;
    int64_t now_mono_ms = clock_mono_ms();
    for (struct feed *feed = feeds->first; feed; feed = feed->next) {
        if (!feed->viewers) {
            if (feed->leased && now_mono_ms - feed->left_mono_ms >= LINGER_MS)
                lease_release(feed);
            continue;
        }
        if (feed->camera && !feed->asking && now_mono_ms >= feed->ask_mono_ms)
            lease_ask(feed);
        if (now_mono_ms - feed->word_mono_ms >= NO_WORD_MS)
            feed_enter(feed, CAMERA_LOST, feed->camera ? "ingest does not answer" : "it makes no pictures");
    }
    loop_timer_arm(feeds->loop, &feeds->tick, TICK_MS);
    return 0;
}

/* ---- what the bus says ---- */

static void hear_frames(struct feed *feed, struct bytes message)
{
    struct frame frame;
    struct fault fault = { "" };
    int result;
    while ((result = frame_take(&message, &frame, &fault)) == 0)
        feed_take_frame(feed, &frame);
    if (result < 0) {
        metric_add(&malformed, 1);
        log_warn("frames of a camera refused", "camera=%s reason=\"%s\"", feed->id, fault.text);
    }
}

static void hear_status(struct feeds *feeds, const struct book_camera *camera, bool main, struct bytes message)
{
    struct camera_status status;
    struct fault fault = { "" };
    arena_reset(&feeds->arena);
    if (record_decode(&camera_status_desc, message, &feeds->arena, &status, &fault) < 0) {
        metric_add(&malformed, 1);
        log_warn("status of a camera refused", "camera=%s reason=\"%s\"", camera->id, fault.text);
        return;
    }
    struct feed *feed = feeds_make(feeds, camera, main);
    feed->word_mono_ms = clock_mono_ms();
    if (status.state == CAMERA_IDLE && feed->viewers)
        feed->ask_mono_ms = 0; /* it ended a lease that we want: ask at the next tick */
    feed_set_status(feed, &status);
}

static void hear_position(struct feeds *feeds, const char *id, struct bytes message)
{
    const struct book_camera *camera = book_camera(feeds->book, id);
    struct camera_position position;
    struct fault fault = { "" };
    arena_reset(&feeds->arena);
    if (record_decode(&camera_position_desc, message, &feeds->arena, &position, &fault) < 0) {
        metric_add(&malformed, 1);
        log_warn("position of a camera refused", "camera=%s reason=\"%s\"", id, fault.text);
    } else if (camera) {
        places_take(&feeds->places, camera, position.lat, position.lon, position.at_ms);
    }
}

const struct camera_places *feeds_places(const struct feeds *feeds)
{
    return &feeds->places;
}

/* "cam-01" or "cam-01/main"; NULL: the book has no such camera. */
static const struct book_camera *camera_of(const struct feeds *feeds, const char *topic, bool *main)
{
    char id[BUS_TOPIC_MAX + 1];
    size_t length = strlen(topic);
    *main = length > 5 && strcmp(topic + length - 5, "/main") == 0;
    snprintf(id, sizeof id, "%.*s", (int)(*main ? length - 5 : length), topic);
    return book_camera(feeds->book, id);
}

static int hear(void *context, const char *topic, struct bytes message)
{
    struct feeds *feeds = context;
    bool is_frame = strncmp(topic, "frame/", 6) == 0, main;
    if (strncmp(topic, "position/", 9) == 0)
        hear_position(feeds, topic + 9, message);
    if (!is_frame && strncmp(topic, "camera/", 7) != 0)
        return 0;
    const struct book_camera *camera = camera_of(feeds, topic + (is_frame ? 6 : 7), &main);
    struct feed *feed = camera ? *feeds_of(feeds, camera, main) : NULL;
    if (camera && !is_frame) {
        hear_status(feeds, camera, main, message);
    } else if (feed && feed->leased) {
        feed->word_mono_ms = clock_mono_ms();
        hear_frames(feed, message);
    }
    return 0;
}

/* ---- start and end ---- */

int feeds_open(struct loop *loop, const struct book *book, int64_t bus_port, const char *holder, struct feeds **out,
               struct fault *fault)
{
    struct feeds *feeds = calloc(1, sizeof *feeds);
    if (!feeds)
        return fault_set(fault, -ENOMEM, "feeds: out of memory");
    char random[9];
    random_text(random, 8);
    snprintf(feeds->holders[0], sizeof feeds->holders[0], "%.40s-%s", holder, random);
    snprintf(feeds->holders[1], sizeof feeds->holders[1], "%.40s-%s-main", holder, random);
    feeds->loop = loop;
    feeds->book = book;
    places_open(&feeds->places, book);
    feeds->by_camera = calloc(2 * book->camera_count + 1, sizeof(struct feed *));
    feeds->tick = (struct loop_timer){ .fire = tick, .context = feeds };
    assert(feeds->by_camera);
    feed_register();
    metric_register(&malformed);
    int result = bus_client_open(loop, bus_port, BUS_CAMERAS, ASKS_PARALLEL, &feeds->client, fault);
    if (result == 0)
        result = bus_subscriber_open(loop, bus_port, BUS_FRAMES, NULL, 0, hear, feeds, &feeds->subscriber, fault);
    if (result < 0) {
        feeds_close(feeds);
        return result;
    }
    loop_timer_arm(loop, &feeds->tick, TICK_MS);
    *out = feeds;
    return 0;
}

void feeds_close(struct feeds *feeds)
{
    if (!feeds)
        return;
    loop_timer_disarm(feeds->loop, &feeds->tick);
    while (feeds->first) {
        struct feed *feed = feeds->first;
        if (feed->leased)
            lease_release(feed);
        feeds->first = feed->next;
        frame_cache_finish(&feed->cache);
        free(feed);
    }
    places_close(&feeds->places);
    free(feeds->by_camera);
    arena_finish(&feeds->arena);
    buffer_finish(&feeds->request);
    free(feeds);
}
