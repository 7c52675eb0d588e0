#include "ingest/cameras/hub.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/crypto.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/book/book.h"
#include "proto/record/frame.h"
#include "proto/record/text.h"

static struct metric pulled_now = METRIC_GAUGE("drumtower_cameras_pulled", "Streams of cameras that are pulled now.");
static struct metric leases_refused = METRIC_COUNTER("drumtower_camera_leases_refused_total", "Leases refused because "
                                                                                              "of a limit.");
static struct metric cameras_lost = METRIC_COUNTER("drumtower_cameras_lost_total", "Times that a camera was lost.");
static struct metric units_oversized = METRIC_COUNTER("drumtower_camera_units_oversized_total", "Access units dropped "
                                                                                                "because they were too "
                                                                                                "big.");

struct holder {
    char name[65];
    int64_t until_mono_ms;
    bool shown, armed;
};

/* A stream of a camera. */
struct pulled {
    struct hub *hub;
    const struct book_camera *camera;
    bool main;
    void *source;             /* NULL while it waits to be tried again */
    struct frame_cache cache; /* may hold what an earlier run sent */
    bool run_cached;          /* this run's pictures are in it, from a key frame on */
    uint32_t run;
    uint64_t seq;
    enum camera_state state, before;
    int64_t since_ms, picture_at_ms;
    int64_t heard_mono_ms; /* of the last unit, or of the start */
    int64_t retry_mono_ms;
    unsigned attempts; /* since the last picture */
    uint16_t width, height;
    char reason[CAMERA_WORDS_BYTES + 1];
    struct holder holders[HUB_HOLDERS_MAX];
    size_t holder_count;
    struct pulled *next;
};

/* A camera that turns. */
struct moving {
    const struct book_camera *camera;
    int64_t until_mono_ms;
};

struct hub {
    struct hub_options options;
    struct pulled *pulled; /* in no order */
    size_t pulled_count;
    uint32_t last_run;
    int64_t status_mono_ms;
    struct moving moves[HUB_MOVES_MAX];
    size_t move_count;
    char words[CAMERA_WORDS_BYTES + 1]; /* of the last answer */
    struct buffer message;
};

struct hub *hub_create(const struct hub_options *options)
{
    assert(options->source && options->publish && options->mono_ms && options->now_ms);
    struct hub *hub = calloc(1, sizeof *hub);
    assert(hub);
    hub->options = *options;
    random_bytes(&hub->last_run, sizeof hub->last_run);
    metric_register(&pulled_now);
    metric_register(&cameras_lost);
    metric_register(&leases_refused);
    metric_register(&units_oversized);
    return hub;
}

int64_t hub_retry_delay_ms(unsigned attempts, bool shown, uint32_t random)
{
    int64_t delay_ms = HUB_RETRY_SHOWN_MS;
    while (!shown && attempts-- > 0 && delay_ms < HUB_RETRY_LONGEST_MS)
        delay_ms *= 2;
    if (delay_ms > HUB_RETRY_LONGEST_MS)
        delay_ms = HUB_RETRY_LONGEST_MS;
    return delay_ms + random % (delay_ms / 4);
}

/* ---- what the hub tells ---- */

static struct camera_status status_of(const struct pulled *pulled)
{
    return (struct camera_status){
        .camera = pulled->camera->id,
        .state = pulled->state,
        .before = pulled->before,
        .since_ms = pulled->since_ms,
        .picture_at_ms = pulled->picture_at_ms,
        .reason = pulled->reason,
        .width = pulled->width,
        .height = pulled->height,
        .main = pulled->main,
    };
}

static void publish(const struct pulled *pulled, const char *kind, struct bytes message)
{
    char topic[88];
    snprintf(topic, sizeof topic, "%s/%s%s", kind, pulled->camera->id, pulled->main ? "/main" : "");
    pulled->hub->options.publish(pulled->hub->options.context, topic, message);
}

static void publish_status(const struct pulled *pulled)
{
    struct camera_status status = status_of(pulled);
    struct buffer *message = &pulled->hub->message;
    buffer_clear(message);
    record_encode(&camera_status_desc, &status, message);
    publish(pulled, "camera", buffer_view(message));
}

static void enter(struct pulled *pulled, enum camera_state state, const char *reason)
{
    struct hub *hub = pulled->hub;
    text_plain(reason, pulled->reason, sizeof pulled->reason);
    if (state == pulled->state)
        return;
    pulled->before = pulled->state;
    pulled->state = state;
    pulled->since_ms = hub->options.now_ms();
    if (state == CAMERA_LOST)
        metric_add(&cameras_lost, 1);
    publish_status(pulled);
    struct camera_status status = status_of(pulled);
    if (hub->options.changed)
        hub->options.changed(hub->options.context, &status);
}

/* ---- the source ---- */

static bool is_shown(const struct pulled *pulled)
{
    for (size_t i = 0; i < pulled->holder_count; i++)
        if (pulled->holders[i].shown)
            return true;
    return false;
}

/* Does anybody want its frames? */
static bool is_watched(const struct pulled *pulled)
{
    for (size_t i = 0; i < pulled->holder_count; i++)
        if (!pulled->holders[i].armed)
            return true;
    return false;
}

/* What was before is kept where somebody may want to show it. */
static void fit_cache(struct pulled *pulled)
{
    bool keeps = is_shown(pulled) || !is_watched(pulled);
    pulled->cache.keep_ms = keeps ? pulled->hub->options.ring_ms : 0;
    pulled->cache.limit = keeps ? pulled->hub->options.ring_bytes : HUB_GROUP_BYTES;
}

static void publish_group(const struct pulled *pulled)
{
    struct bytes group = frame_cache_group(&pulled->cache);
    if (pulled->run_cached && group.size > 0 && group.size <= HUB_GROUP_BYTES)
        publish(pulled, "frame", group);
}

static void stop_source(struct pulled *pulled)
{
    if (pulled->source)
        pulled->hub->options.source->stop(pulled->source);
    pulled->source = NULL;
    pulled->run_cached = false;
}

/* What was before it was lost is wanted as evidence all the more; what is too old for that goes. */
static void forget_old(struct pulled *pulled)
{
    int64_t age_ms = pulled->hub->options.now_ms() - pulled->picture_at_ms;
    if (!pulled->run_cached && age_ms >= pulled->cache.keep_ms)
        frame_cache_clear(&pulled->cache);
}

static void lose(struct pulled *pulled, int code, const char *reason)
{
    stop_source(pulled);
    forget_old(pulled);
    uint32_t random;
    random_bytes(&random, sizeof random);
    int64_t delay_ms = hub_retry_delay_ms(pulled->attempts++, is_shown(pulled), random);
    if (code == -EACCES && delay_ms < HUB_REFUSED_MS)
        delay_ms = HUB_REFUSED_MS;
    pulled->retry_mono_ms = pulled->hub->options.mono_ms() + delay_ms;
    enter(pulled, CAMERA_LOST, reason);
}

/* A run's first pictures may need a key frame that never came; behind what another run sent they would be taken for its own. */
static void cache(struct pulled *pulled, const struct frame *frame)
{
    pulled->run_cached |= frame->key;
    if (pulled->run_cached)
        frame_cache_add(&pulled->cache, frame);
}

static void source_unit(void *context, const struct source_unit *unit)
{
    struct pulled *pulled = context;
    struct hub *hub = pulled->hub;
    pulled->heard_mono_ms = hub->options.mono_ms();
    pulled->seq++; /* also for a unit that is not sent: readers must see the gap */
    if (unit->bytes.size > FRAME_UNIT_MAX) {
        metric_add(&units_oversized, 1);
        return;
    }
    pulled->picture_at_ms = unit->capture_ms;
    pulled->width = unit->width;
    pulled->height = unit->height;
    pulled->attempts = 0;
    enter(pulled, CAMERA_LIVE, "");
    struct frame frame = {
        .key = unit->key,
        .codec = unit->codec,
        .width = unit->width,
        .height = unit->height,
        .run = pulled->run,
        .seq = pulled->seq,
        .capture_ms = unit->capture_ms,
        .unit = unit->bytes,
    };
    cache(pulled, &frame);
    if (!is_watched(pulled))
        return;
    buffer_clear(&hub->message);
    frame_put(&hub->message, &frame);
    publish(pulled, "frame", buffer_view(&hub->message));
}

static void source_ended(void *context, int code, const char *reason)
{
    lose(context, code, reason);
}

static void start_source(struct pulled *pulled)
{
    struct hub *hub = pulled->hub;
    struct source_sink sink = { .unit = source_unit, .ended = source_ended, .context = pulled };
    struct fault fault = { "" };
    pulled->run = ++hub->last_run;
    pulled->seq = 0;
    pulled->heard_mono_ms = hub->options.mono_ms();
    const struct book_camera *camera = pulled->camera;
    const char *url = pulled->main || !*camera->sub_url ? camera->url : camera->sub_url;
    int result = hub->options.source->start(hub->options.reader, url, &sink, &pulled->source, &fault);
    if (result < 0) {
        log_warn("camera cannot be opened", "camera=%s reason=\"%s\"", pulled->camera->id, fault.text);
        lose(pulled, result, fault.text);
    }
}

/* ---- leases ---- */

static struct pulled *find_pulled(const struct hub *hub, const char *id, bool main)
{
    struct pulled *pulled = hub->pulled;
    while (pulled && (pulled->main != main || strcmp(pulled->camera->id, id) != 0))
        pulled = pulled->next;
    return pulled;
}

static struct pulled *begin(struct hub *hub, const struct book_camera *camera, bool main)
{
    struct pulled *pulled = calloc(1, sizeof *pulled);
    assert(pulled);
    *pulled = (struct pulled){ .hub = hub, .camera = camera, .main = main, .state = CAMERA_IDLE, .next = hub->pulled };
    hub->pulled = pulled;
    metric_set(&pulled_now, (int64_t)++hub->pulled_count);
    enter(pulled, CAMERA_OPENING, "");
    return pulled;
}

static void end(struct pulled *pulled)
{
    struct hub *hub = pulled->hub;
    stop_source(pulled);
    enter(pulled, CAMERA_IDLE, "");
    for (struct pulled **at = &hub->pulled; *at; at = &(*at)->next)
        if (*at == pulled) {
            *at = pulled->next;
            break;
        }
    metric_set(&pulled_now, (int64_t)--hub->pulled_count);
    frame_cache_finish(&pulled->cache);
    free(pulled);
}

static struct holder *find_holder(struct pulled *pulled, const char *name)
{
    for (size_t i = 0; i < pulled->holder_count; i++)
        if (strcmp(pulled->holders[i].name, name) == 0)
            return &pulled->holders[i];
    return NULL;
}

static void drop_holder(struct pulled *pulled, struct holder *holder)
{
    *holder = pulled->holders[--pulled->holder_count];
}

static enum camera_result refuse(struct camera_grant *grant, enum camera_result result, const char *message)
{
    if (result == CAMERA_RESULT_LIMIT)
        metric_add(&leases_refused, 1);
    *grant = (struct camera_grant){ .result = result, .message = message };
    return result;
}

static void release_stream(struct hub *hub, const struct camera_lease *lease, bool main)
{
    struct pulled *pulled = find_pulled(hub, lease->camera, main);
    struct holder *holder = pulled ? find_holder(pulled, lease->holder) : NULL;
    if (!holder)
        return;
    drop_holder(pulled, holder);
    fit_cache(pulled);
    if (pulled->holder_count == 0)
        end(pulled);
}

static void renew(struct pulled *pulled, struct holder *holder, const struct camera_lease *lease)
{
    int64_t seconds = lease->seconds ? lease->seconds : CAMERA_LEASE_SECONDS;
    holder->until_mono_ms = pulled->hub->options.mono_ms() + seconds * 1000;
    holder->shown = lease->shown;
    holder->armed = lease->armed;
    fit_cache(pulled);
}

static enum camera_result grant_lease(struct hub *hub, const struct camera_lease *lease,
                                      const struct book_camera *camera, struct camera_grant *grant)
{
    if (!camera)
        return refuse(grant, CAMERA_RESULT_UNKNOWN, "the district book has no such camera");
    bool main = *camera->sub_url && lease->wide_px > camera->sub_wide_px;
    struct pulled *pulled = find_pulled(hub, lease->camera, main);
    struct holder *holder = pulled ? find_holder(pulled, lease->holder) : NULL;
    if (!pulled && hub->pulled_count >= hub->options.pulled_max)
        return refuse(grant, CAMERA_RESULT_LIMIT, "as many cameras are pulled as may be; close another one first");
    if (pulled && !holder && pulled->holder_count == HUB_HOLDERS_MAX)
        return refuse(grant, CAMERA_RESULT_LIMIT, "this camera has as many holders as it may have");
    bool fresh = !pulled, newcomer = !holder;
    if (fresh)
        pulled = begin(hub, camera, main);
    if (newcomer) {
        holder = &pulled->holders[pulled->holder_count++];
        snprintf(holder->name, sizeof holder->name, "%s", lease->holder);
    }
    bool sent_before = !newcomer && !holder->armed;
    renew(pulled, holder, lease);
    if (!sent_before && !lease->armed)
        publish_group(pulled);
    release_stream(hub, lease, !main); /* who shows it in another size leaves the other stream */
    if (fresh)
        start_source(pulled);
    *grant = (struct camera_grant){ .result = CAMERA_RESULT_OK, .status = status_of(pulled) };
    return CAMERA_RESULT_OK;
}

/* ---- moves ---- */

static int tell_move(const struct hub *hub, const struct book_camera *camera, const struct source_move *move,
                     struct fault *fault)
{
    const struct source_ops *source = hub->options.source;
    return source->move ? source->move(hub->options.reader, camera->url, move, fault)
                        : fault_set(fault, -ENOTSUP, "cameras of this kind cannot be moved");
}

static struct moving *find_moving(struct hub *hub, const struct book_camera *camera)
{
    struct moving *at = hub->moves, *end = at + hub->move_count;
    while (at < end && at->camera != camera)
        at++;
    return at;
}

static void drop_moving(struct hub *hub, struct moving *moving)
{
    *moving = hub->moves[--hub->move_count];
}

static bool is_speed(int64_t value)
{
    return value >= -CAMERA_SPEED_MAX && value <= CAMERA_SPEED_MAX;
}

static void move(struct hub *hub, const struct camera_lease *lease, const struct book_camera *camera,
                 struct camera_grant *grant)
{
    if (!camera) {
        refuse(grant, CAMERA_RESULT_UNKNOWN, "the district book has no such camera");
        return;
    }
    if (!is_speed(lease->pan) || !is_speed(lease->tilt) || !is_speed(lease->zoom)) {
        refuse(grant, CAMERA_RESULT_INVALID, "expected speeds between -100 and 100");
        return;
    }
    int64_t seconds = lease->seconds ? lease->seconds : CAMERA_MOVE_SECONDS;
    struct source_move wanted = { (int)lease->pan, (int)lease->tilt, (int)lease->zoom, (int)seconds };
    struct moving *moving = find_moving(hub, camera);
    bool moves = moving < hub->moves + hub->move_count, stops = !wanted.pan && !wanted.tilt && !wanted.zoom;
    if (!moves && !stops && hub->move_count == HUB_MOVES_MAX) {
        refuse(grant, CAMERA_RESULT_LIMIT, "as many cameras turn as may at a time");
        return;
    }
    struct fault fault = { "" };
    if (tell_move(hub, camera, &wanted, &fault) < 0) {
        text_plain(fault.text, hub->words, sizeof hub->words);
        refuse(grant, CAMERA_RESULT_UNABLE, hub->words);
        return;
    }
    if (moves)
        drop_moving(hub, moving);
    if (!stops)
        hub->moves[hub->move_count++] = (struct moving){ camera, hub->options.mono_ms() + seconds * 1000 };
}

static void end_moves(struct hub *hub, int64_t now_mono_ms)
{
    const struct source_move stop = { 0 };
    struct fault fault = { "" };
    for (size_t i = hub->move_count; i-- > 0;)
        if (hub->moves[i].until_mono_ms <= now_mono_ms) {
            if (tell_move(hub, hub->moves[i].camera, &stop, &fault) < 0)
                log_warn("camera cannot be told to stop", "camera=%s reason=\"%s\"", hub->moves[i].camera->id,
                         fault.text);
            drop_moving(hub, &hub->moves[i]);
        }
}

void hub_lease(struct hub *hub, const struct camera_lease *lease, const struct book_camera *camera,
               struct camera_grant *grant)
{
    *grant = (struct camera_grant){ .result = CAMERA_RESULT_OK };
    if (!*lease->holder || lease->seconds < 0 || lease->seconds > 60)
        refuse(grant, CAMERA_RESULT_INVALID, "expected a holder and 1 to 60 seconds");
    else if (lease->verb == CAMERA_VERB_LEASE)
        grant_lease(hub, lease, camera, grant);
    else if (lease->verb == CAMERA_VERB_RELEASE)
        for (int main = 0; main <= 1; main++)
            release_stream(hub, lease, main);
    else if (lease->verb == CAMERA_VERB_MOVE)
        move(hub, lease, camera, grant);
    else
        refuse(grant, CAMERA_RESULT_INVALID, "expected the verb lease, release or move");
}

/* ---- time ---- */

static void drop_expired(struct pulled *pulled, int64_t now_mono_ms)
{
    for (size_t i = pulled->holder_count; i-- > 0;)
        if (pulled->holders[i].until_mono_ms <= now_mono_ms)
            drop_holder(pulled, &pulled->holders[i]);
    fit_cache(pulled);
}

static void watch_source(struct pulled *pulled, int64_t now_mono_ms)
{
    int64_t silent_ms = now_mono_ms - pulled->heard_mono_ms;
    if (!pulled->source) {
        if (now_mono_ms >= pulled->retry_mono_ms)
            start_source(pulled);
    } else if (silent_ms >= HUB_GIVE_UP_MS) {
        lose(pulled, -ETIMEDOUT, pulled->seq ? "no picture for 5 s" : "connected, but no picture within 5 s");
    } else if (silent_ms >= CAMERA_SILENCE_MS - HUB_TICK_MS && pulled->state == CAMERA_LIVE) {
        enter(pulled, CAMERA_FROZEN, "no picture for 2 s");
    }
}

void hub_tick(struct hub *hub)
{
    int64_t now_mono_ms = hub->options.mono_ms();
    bool tell = now_mono_ms - hub->status_mono_ms >= HUB_STATUS_MS;
    if (tell)
        hub->status_mono_ms = now_mono_ms;
    end_moves(hub, now_mono_ms);
    struct pulled *next;
    for (struct pulled *pulled = hub->pulled; pulled; pulled = next) {
        next = pulled->next;
        drop_expired(pulled, now_mono_ms);
        if (pulled->holder_count == 0) {
            end(pulled);
            continue;
        }
        watch_source(pulled, now_mono_ms);
        forget_old(pulled);
        if (tell)
            publish_status(pulled);
    }
}

size_t hub_pulled(const struct hub *hub)
{
    return hub->pulled_count;
}

/* 0: nothing, 1: what a stream sent that is not live now, 2: what a live one sends. */
static int worth(const struct pulled *pulled)
{
    return !pulled || !pulled->cache.packed.size ? 0 : pulled->state == CAMERA_LIVE ? 2 : 1;
}

struct bytes hub_kept(const struct hub *hub, const char *camera, bool *main)
{
    const struct pulled *better = find_pulled(hub, camera, true), *sub = find_pulled(hub, camera, false);
    *main = worth(better) && worth(better) >= worth(sub);
    const struct pulled *kept = *main ? better : sub;
    return kept ? buffer_view(&kept->cache.packed) : (struct bytes){ NULL, 0 };
}

void hub_destroy(struct hub *hub)
{
    if (!hub)
        return;
    while (hub->pulled)
        end(hub->pulled);
    end_moves(hub, INT64_MAX);
    buffer_finish(&hub->message);
    free(hub);
}
