#include "videowall/feed/feed.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/crypto.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/book/book.h"
#include "proto/bus/bus.h"

enum {
    TICK_MS = 250,
    RENEW_MS = 3000,    /* CAMERA_LEASE_SECONDS leaves room for two that are lost */
    ASK_AGAIN_MS = 500, /* after no answer */
    REFUSED_MS = 5000,  /* after a no */
    ANSWER_MS = 2000,   /* how long an answer is waited for */
    LINGER_MS = 3000,   /* a page that is loaded again finds its pictures here */
    NO_WORD_MS = 3000,  /* status comes every second: ingest is away */
    ASKS_PARALLEL = 64,
    CACHE_BYTES = 3 << 20
};

static struct metric gaps = METRIC_COUNTER("drumtower_feed_gaps_total", "Times that frames of a camera were missing.");
static struct metric malformed = METRIC_COUNTER("drumtower_feed_malformed_total", "Messages of cameras that were "
                                                                                  "none.");

struct feed {
    struct feeds *feeds;
    const char *id;
    const struct book_camera *camera; /* NULL: pictures of our own */
    void (*watched)(void *context, bool watched);
    void *context;
    bool main; /* its main stream, of two */
    struct feed_viewer *viewers;
    bool leased, asking;
    int64_t ask_mono_ms;  /* when to ask for the lease next */
    int64_t left_mono_ms; /* when the last viewer went */
    int64_t word_mono_ms; /* of the last status, frame or grant */
    struct frame_order order;
    struct frame_cache cache;
    struct camera_status status; /* texts: the book's id, `reason` below */
    char reason[201];
    struct feed *next;
};

struct feeds {
    struct loop *loop;
    const struct book *book;
    struct bus_client *client;
    struct bus_subscriber *subscriber;
    struct loop_timer tick;
    struct arena arena;
    struct buffer request;
    char holders[2][65]; /* of sub-streams and of main streams: a holder has one stream of a camera */
    struct feed *
        *by_camera; /* by place in the book, two each: sub-stream and main stream; NULL: nothing is known of it */
    struct feed *first;
};

/* ---- what is known of a camera ---- */

static struct feed **feed_of(const struct feeds *feeds, const struct book_camera *camera, bool main)
{
    return &feeds->by_camera[2 * (camera - feeds->book->cameras) + main];
}

static struct feed *add_feed(struct feeds *feeds, const char *id)
{
    struct feed *feed = calloc(1, sizeof *feed);
    assert(feed);
    *feed = (struct feed){ .feeds = feeds,
                           .id = id,
                           .cache.limit = CACHE_BYTES,
                           .status = { .camera = id, .state = CAMERA_IDLE, .reason = "" },
                           .next = feeds->first };
    feeds->first = feed;
    return feed;
}

static struct feed *make_feed(struct feeds *feeds, const struct book_camera *camera, bool main)
{
    struct feed **at = feed_of(feeds, camera, main);
    if (!*at) {
        *at = add_feed(feeds, camera->id);
        (*at)->camera = camera;
        (*at)->main = main;
    }
    return *at;
}

static void tell_status(const struct feed *feed)
{
    struct feed_viewer *next;
    for (struct feed_viewer *viewer = feed->viewers; viewer; viewer = next) {
        next = viewer->next; /* a viewer may take itself away */
        if (viewer->status)
            viewer->status(viewer->context, &feed->status);
    }
}

static void set_status(struct feed *feed, const struct camera_status *status)
{
    const struct camera_status *now = &feed->status;
    bool news = now->state != status->state || now->since_ms != status->since_ms || now->width != status->width ||
                now->height != status->height || strcmp(now->reason, status->reason) != 0;
    snprintf(feed->reason, sizeof feed->reason, "%s", status->reason);
    feed->status = *status;
    feed->status.camera = feed->id;
    feed->status.reason = feed->reason;
    if (news)
        tell_status(feed);
}

/* What this process concludes by itself, where ingest does not say it. */
static void enter(struct feed *feed, enum camera_state state, const char *reason)
{
    struct camera_status status = feed->status;
    if (status.state != state) {
        status.before = status.state;
        status.state = state;
        status.since_ms = clock_now_ms();
    }
    status.reason = reason;
    set_status(feed, &status);
}

struct camera_status feed_status(const struct feeds *feeds, const struct book_camera *camera)
{
    const struct feed *main = *feed_of(feeds, camera, true), *sub = *feed_of(feeds, camera, false);
    const struct feed *feed = main && main->viewers ? main : sub;
    return feed ? feed->status : (struct camera_status){ .camera = camera->id, .state = CAMERA_IDLE, .reason = "" };
}

/* ---- leases ---- */

static int refusal(struct feed *feed, const struct camera_grant *grant)
{
    log_warn("camera lease refused", "camera=%s result=%s message=\"%s\"", feed->id,
             enum_name(&camera_result_desc, grant->result), grant->message);
    enter(feed, CAMERA_LOST, grant->message);
    return REFUSED_MS;
}

static void lease_answered(void *context, int status, struct bytes answer)
{
    struct feed *feed = context;
    struct feeds *feeds = feed->feeds;
    feed->asking = false;
    int64_t again_ms = ASK_AGAIN_MS;
    struct camera_grant grant;
    arena_reset(&feeds->arena);
    if (status == 0 && record_decode(&camera_grant_desc, answer, &feeds->arena, &grant, NULL) == 0) {
        feed->word_mono_ms = clock_mono_ms();
        again_ms = RENEW_MS;
        if (grant.result != CAMERA_RESULT_OK)
            again_ms = refusal(feed, &grant);
        else if (grant.status.state != CAMERA_NONE)
            set_status(feed, &grant.status);
    }
    feed->ask_mono_ms = clock_mono_ms() + again_ms;
}

static void release_answered(void *context, int status, struct bytes answer)
{
    (void)context, (void)status, (void)answer; /* what was not released ends by itself */
}

int feeds_ask(struct feeds *feeds, const struct camera_lease *wish, int64_t timeout_ms,
              void (*answered)(void *context, int status, struct bytes answer), void *context)
{
    buffer_clear(&feeds->request);
    record_encode(&camera_lease_desc, wish, &feeds->request);
    return bus_ask(feeds->client, buffer_view(&feeds->request), timeout_ms, answered, context);
}

static int ask(struct feed *feed, enum camera_verb verb,
               void (*answered)(void *context, int status, struct bytes answer))
{
    const struct feeds *feeds = feed->feeds;
    struct camera_lease lease = { .verb = verb,
                                  .camera = feed->id,
                                  .holder = feeds->holders[feed->main],
                                  .seconds = CAMERA_LEASE_SECONDS,
                                  .shown = true,
                                  .wide_px = feed->main ? feed->camera->sub_wide_px + 1 : 0 };
    return feeds_ask(feed->feeds, &lease, ANSWER_MS, answered, feed);
}

/* Pictures of our own are made from now on, a camera's are asked for. */
static void ask_lease(struct feed *feed)
{
    if (!feed->camera) {
        feed->leased = true;
        enter(feed, CAMERA_OPENING, "");
        feed->watched(feed->context, true);
    } else if (ask(feed, CAMERA_VERB_LEASE, lease_answered) == 0) { /* else at the next tick */
        feed->asking = feed->leased = true;
    }
}

static void forget_pictures(struct feed *feed)
{
    frame_cache_clear(&feed->cache);
    feed->order = (struct frame_order){ 0 };
}

static void release(struct feed *feed)
{
    if (feed->camera)
        ask(feed, CAMERA_VERB_RELEASE, release_answered);
    else
        feed->watched(feed->context, false);
    feed->leased = false;
    forget_pictures(feed);
}

static int tick(void *context)
{
    struct feeds *feeds = context;
    int64_t now_mono_ms = clock_mono_ms();
    for (struct feed *feed = feeds->first; feed; feed = feed->next) {
        if (!feed->viewers) {
            if (feed->leased && now_mono_ms - feed->left_mono_ms >= LINGER_MS)
                release(feed);
            continue;
        }
        if (feed->camera && !feed->asking && now_mono_ms >= feed->ask_mono_ms)
            ask_lease(feed);
        if (now_mono_ms - feed->word_mono_ms >= NO_WORD_MS)
            enter(feed, CAMERA_LOST, feed->camera ? "ingest does not answer" : "it makes no pictures");
    }
    loop_timer_arm(feeds->loop, &feeds->tick, TICK_MS);
    return 0;
}

/* ---- what the bus says ---- */

static void take_frame(struct feed *feed, const struct frame *frame)
{
    bool was_whole = feed->order.started && !feed->order.need_key;
    bool takes = frame_order_takes(&feed->order, frame);
    if (was_whole && feed->order.need_key)
        metric_add(&gaps, 1);
    if (!takes)
        return;
    feed->status.picture_at_ms = frame->capture_ms;
    frame_cache_add(&feed->cache, frame);
    struct feed_viewer *next;
    for (struct feed_viewer *viewer = feed->viewers; viewer; viewer = next) {
        next = viewer->next;
        if (viewer->frame)
            viewer->frame(viewer->context, frame);
    }
}

static void hear_frames(struct feed *feed, struct bytes message)
{
    struct frame frame;
    struct fault fault = { "" };
    int result;
    while ((result = frame_take(&message, &frame, &fault)) == 0)
        take_frame(feed, &frame);
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
    struct feed *feed = make_feed(feeds, camera, main);
    feed->word_mono_ms = clock_mono_ms();
    if (status.state == CAMERA_IDLE && feed->viewers)
        feed->ask_mono_ms = 0; /* it ended a lease that we want: ask at the next tick */
    set_status(feed, &status);
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
    if (!is_frame && strncmp(topic, "camera/", 7) != 0)
        return 0;
    const struct book_camera *camera = camera_of(feeds, topic + (is_frame ? 6 : 7), &main);
    struct feed *feed = camera ? *feed_of(feeds, camera, main) : NULL;
    if (camera && !is_frame) {
        hear_status(feeds, camera, main, message);
    } else if (feed && feed->leased) {
        feed->word_mono_ms = clock_mono_ms();
        hear_frames(feed, message);
    }
    return 0;
}

/* ---- pictures of our own ---- */

struct feed *feeds_add_own(struct feeds *feeds, const char *id, void (*watched)(void *context, bool watched),
                           void *context)
{
    struct feed *feed = add_feed(feeds, id);
    feed->watched = watched;
    feed->context = context;
    return feed;
}

void feed_tell(struct feed *feed, const struct frame *frame)
{
    if (!feed->leased)
        return;
    feed->word_mono_ms = clock_mono_ms();
    enter(feed, CAMERA_LIVE, "");
    take_frame(feed, frame);
}

static void nobody_hears(void *context, bool watched)
{
    (void)context, (void)watched;
}

void feed_end_own(struct feed *feed)
{
    feed->watched = nobody_hears;
}

static struct feed *find_own(const struct feeds *feeds, const char *id)
{
    struct feed *feed = feeds->first;
    while (feed && (feed->camera || strcmp(feed->id, id) != 0))
        feed = feed->next;
    return feed;
}

/* ---- viewers ---- */

int feed_add_viewer(struct feeds *feeds, const char *id, struct feed_viewer *viewer)
{
    const struct book_camera *camera = book_camera(feeds->book, id);
    struct feed *feed = camera ? make_feed(feeds, camera, *camera->sub_url && viewer->wide_px > camera->sub_wide_px)
                               : find_own(feeds, id);
    if (!feed)
        return 1;
    if (!feed->viewers && !feed->leased) {
        feed->word_mono_ms = clock_mono_ms();
        ask_lease(feed);
    }
    viewer->feed = feed;
    viewer->next = feed->viewers;
    feed->viewers = viewer;
    if (viewer->status)
        viewer->status(viewer->context, &feed->status);
    struct bytes cached = buffer_view(&feed->cache.packed);
    struct frame frame;
    while (viewer->frame && frame_take(&cached, &frame, NULL) == 0)
        viewer->frame(viewer->context, &frame);
    return 0;
}

void feed_remove_viewer(struct feed_viewer *viewer)
{
    struct feed *feed = viewer->feed;
    if (!feed)
        return;
    for (struct feed_viewer **at = &feed->viewers; *at; at = &(*at)->next)
        if (*at == viewer) {
            *at = viewer->next;
            break;
        }
    viewer->feed = NULL;
    feed->left_mono_ms = clock_mono_ms();
}

const struct camera_status *feed_viewer_status(const struct feed_viewer *viewer)
{
    return &viewer->feed->status;
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
    feeds->by_camera = calloc(2 * book->camera_count + 1, sizeof(struct feed *));
    feeds->tick = (struct loop_timer){ .fire = tick, .context = feeds };
    assert(feeds->by_camera);
    metric_register(&gaps);
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
            release(feed);
        feeds->first = feed->next;
        frame_cache_finish(&feed->cache);
        free(feed);
    }
    free(feeds->by_camera);
    arena_finish(&feeds->arena);
    buffer_finish(&feeds->request);
    free(feeds);
}
