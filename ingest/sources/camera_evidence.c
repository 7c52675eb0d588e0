#include "ingest/sources/camera_evidence.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/cameras/clip.h"
#include "ingest/sources/external.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/base/timestamp.h"
#include "proto/book/views.h"
#include "proto/record/frame.h"
#include "proto/store/media_store.h"

enum {
    TICK_MS = 250,
    RENEW_MS = CAMERA_LEASE_SECONDS * 1000 / 3,
    NO_PICTURE_MS = 5000,
    SWEEP_MS = 60 * 60 * 1000,
    PACKED_RINGS = 3 /* a clip is at most so many times what is kept of a stream */
};

#define MEMO "evidence/"

static struct metric pictures_kept = METRIC_COUNTER("drumtower_evidence_pictures_total", "Pictures kept as evidence.");
static struct metric clips_kept = METRIC_COUNTER("drumtower_evidence_clips_total", "Clips kept as evidence.");
static struct metric refused = METRIC_COUNTER("drumtower_evidence_refused_total", "Times that evidence was wanted and "
                                                                                  "as much was under way as "
                                                                                  "the book allows.");
static struct metric lost = METRIC_COUNTER("drumtower_evidence_lost_total", "Pictures and clips that could not be made "
                                                                            "or kept.");
static struct metric erased = METRIC_COUNTER("drumtower_evidence_erased_total", "Files whose time was over.");

enum stage { WAITS, PICTURING, FILMS, FILMING, OVER };

/* One that is under way. */
struct order {
    struct camera_evidence *evidence;
    const struct book_camera *camera;
    char id[65], by[65], holder[65];
    int64_t about_seq;
    struct bus_ticket *ticket; /* NULL: answered, or nobody asked */
    enum stage stage;
    bool main;
    struct buffer packed; /* from the first key frame on */
    struct frame_order order;
    int64_t capture_ms; /* of the newest frame */
    int64_t began_mono_ms, renewed_mono_ms;
    struct buffer picture; /* also what stands for the clip in lists */
    struct order *next;
};

struct camera_evidence {
    struct camera_evidence_options options;
    const struct book_camera_evidence *book;
    char folder[PATH_MAX - 200];
    struct clip_maker *maker;
    struct order *orders;
    int64_t count;
    uint64_t serial;
    struct loop_timer tick, sweep;
};

/* ---- the end of an order ---- */

static void answer(struct order *order, enum camera_result result, const char *message, uint64_t seq)
{
    if (order->ticket)
        cameras_answer(order->evidence->options.cameras, order->ticket,
                       &(struct camera_grant){ .result = result, .message = message, .seq = (int64_t)seq });
    order->ticket = NULL;
}

static void lease(struct order *order, enum camera_verb verb)
{
    const struct camera_lease wish = { .verb = verb,
                                       .camera = order->camera->id,
                                       .holder = order->holder,
                                       .seconds = CAMERA_LEASE_SECONDS,
                                       .shown = true,
                                       .wide_px = order->main ? INT16_MAX : 0 };
    cameras_lease(order->evidence->options.cameras, &wish);
    order->renewed_mono_ms = clock_mono_ms();
}

static void give_up(struct order *order, const char *reason)
{
    metric_add(&lost, 1);
    log_warn("evidence cannot be kept", "camera=%s report=%" PRId64 " by=%s reason=\"%s\"", order->camera->id,
             order->about_seq, order->by, reason);
    answer(order, CAMERA_RESULT_NO_PICTURE, reason, 0);
    order->stage = OVER;
}

static void order_destroy(struct order *order)
{
    buffer_finish(&order->packed);
    buffer_finish(&order->picture);
    free(order);
}

/* ---- a file becomes an event ---- */

/* What waits for its commit. */
struct told {
    struct order *order; /* NULL: nobody waits */
    struct arena arena;
    struct event_append append;
    struct event_memo memo;
};

static void told_destroy(struct told *told)
{
    arena_finish(&told->arena);
    free(told);
}

static void durable(struct request *request, const struct event_append *done, void *context)
{
    (void)request;
    struct told *told = context;
    struct order *order = told->order;
    if (order && order->stage == PICTURING) {
        metric_add(&pictures_kept, 1);
        answer(order, CAMERA_RESULT_OK, "", done->seq);
        order->stage = FILMS;
    } else if (order) {
        metric_add(&clips_kept, 1);
        order->stage = OVER;
    }
    told_destroy(told);
}

static const char *hex_of(const struct hash *hash, struct arena *arena)
{
    char text[HASH_HEX];
    return arena_text(arena, hash_hex(text, hash), HASH_HEX - 1);
}

static struct event *event_of(const struct order *order, const char *what, const char *words, int64_t happened_at_ms,
                              struct media *media, struct arena *arena)
{
    struct event *event = arena_alloc(arena, sizeof *event);
    const struct book *book = order->evidence->options.book;
    bool chinese = book_speaks_chinese(book);
    *event = (struct event){
        .id = external_event_id("proof", order->by, arena_format(arena, "%s/%s", order->id, what), arena),
        .kind = EVENT_EVIDENCE,
        .source = SOURCE_CAMERA,
        .text = arena_format(arena, chinese ? "%s：%s" : "%s: %s",
                             chinese ? order->camera->name.zh : order->camera->name.en, words),
        .reporter = order->by,
        .camera = order->camera->id,
        .about_seq = order->about_seq,
        .happened_at_ms = happened_at_ms,
        .received_at_ms = clock_now_ms(),
        .media = { media, 1 },
    };
    return event;
}

/* The file is durable before the event that names it is. */
static int keep_file(const struct order *order, struct bytes file, struct media *media, struct arena *arena,
                     struct fault *fault)
{
    char hash[HASH_HEX];
    int result = media_store_put(order->evidence->folder, file, buffer_view(&order->picture), hash, fault);
    if (result)
        return result;
    struct hash sha256 = sha256_of(file.data, file.size);
    media->hash = arena_text(arena, hash, strlen(hash));
    media->sha256 = hex_of(&sha256, arena);
    media->kept_until_ms = clock_now_ms() + order->evidence->book->keep_days * MS_PER_DAY;
    return 0;
}

static void tell(struct order *order, struct bytes file, const char *what)
{
    struct camera_evidence *evidence = order->evidence;
    bool is_picture = strcmp(what, "picture") == 0, chinese = book_speaks_chinese(evidence->options.book);
    struct fault fault = { "" };
    struct told *told = calloc(1, sizeof *told);
    if (!told)
        abort();
    struct arena *arena = &told->arena;
    struct media *media = arena_alloc(arena, sizeof *media);
    *media = (struct media){ .type = is_picture ? "image/jpeg" : "video/mp4", .taken_at_ms = order->capture_ms };
    int result = keep_file(order, file, media, arena, &fault);
    const char *words = is_picture ? chinese ? "截图" : "picture" : chinese ? "录像" : "clip";
    told->order = order;
    told->append.event = event_of(order, what, words, order->capture_ms, media, arena);
    told->memo.key = arena_format(arena, MEMO "%s", media->hash ? media->hash : "");
    const char *until = arena_format(arena, "%" PRId64, media->kept_until_ms);
    told->memo.value = (struct bytes){ (const uint8_t *)until, strlen(until) };
    told->append.memos = &told->memo;
    told->append.memo_count = 1;
    if (!result)
        result = intake_submit(evidence->options.intake, NULL, &told->append, durable, told, &fault);
    if (result == INTAKE_TAKEN)
        return;
    give_up(order, result == INTAKE_FULL ? "the event log does not keep up" : fault.text);
    told_destroy(told);
}

static void pictured(void *context, struct bytes file)
{
    struct order *order = context;
    if (!file.size) {
        give_up(order, "the camera's picture cannot be decoded");
        return;
    }
    buffer_append(&order->picture, file.data, file.size);
    tell(order, file, "picture");
}

static void filmed(void *context, struct bytes file)
{
    struct order *order = context;
    if (file.size)
        tell(order, file, "clip");
    else
        give_up(order, "no clip can be made of what the camera sent");
}

/* ---- what a camera sends ---- */

static void add_frames(struct order *order, struct bytes packed)
{
    size_t most = (size_t)order->evidence->options.book->camera_limits.ring_bytes * PACKED_RINGS;
    struct frame frame;
    while (frame_take(&packed, &frame, NULL) == 0) {
        bool fits = order->packed.size + frame.unit.size < most;
        if (!frame_order_takes(&order->order, &frame) || !fits || (!order->packed.size && !frame.key))
            continue;
        order->capture_ms = frame.capture_ms;
        frame_put(&order->packed, &frame);
    }
}

/* "frame/<camera>" or "frame/<camera>/main" */
static bool is_of(const struct order *order, const char *topic)
{
    const char *rest = topic + strlen("frame/");
    size_t length = strlen(order->camera->id);
    return strncmp(rest, order->camera->id, length) == 0 && strcmp(rest + length, order->main ? "/main" : "") == 0;
}

static void frames_came(void *context, const char *topic, struct bytes packed)
{
    struct camera_evidence *evidence = context;
    for (struct order *order = evidence->orders; order; order = order->next)
        if (order->stage < FILMING && is_of(order, topic))
            add_frames(order, packed);
}

/* ---- time ---- */

static void order_tick(struct order *order, int64_t now_mono_ms)
{
    const struct camera_evidence *evidence = order->evidence;
    int64_t runs_ms = now_mono_ms - order->began_mono_ms;
    if (order->stage < FILMING && now_mono_ms - order->renewed_mono_ms >= RENEW_MS)
        lease(order, CAMERA_VERB_LEASE);
    if (order->stage == WAITS && order->packed.size) {
        order->stage = PICTURING;
        clip_make(evidence->maker, CLIP_PICTURE, buffer_view(&order->packed), pictured, order);
    } else if (order->stage == WAITS && runs_ms >= NO_PICTURE_MS) {
        give_up(order, "the camera gave no picture within 5 s");
    } else if (order->stage == FILMS && runs_ms >= evidence->book->after_s * MS_PER_SECOND) {
        order->stage = FILMING;
        clip_make(evidence->maker, CLIP_FILM, buffer_view(&order->packed), filmed, order);
    }
}

static int tick(void *context)
{
    struct camera_evidence *evidence = context;
    int64_t now_mono_ms = clock_mono_ms();
    for (struct order **at = &evidence->orders; *at;) {
        struct order *order = *at;
        order_tick(order, now_mono_ms);
        if (order->stage != OVER) {
            at = &order->next;
            continue;
        }
        *at = order->next;
        evidence->count--;
        lease(order, CAMERA_VERB_RELEASE);
        order_destroy(order);
    }
    if (evidence->orders)
        loop_timer_arm(evidence->options.loop, &evidence->tick, TICK_MS);
    return 0;
}

/* ---- orders ---- */

/* From the last key frame that is as old as what is wanted of before; all, where none is. */
static struct bytes since(struct bytes packed, int64_t from_ms)
{
    struct bytes begin = packed;
    struct frame frame;
    for (struct bytes rest = packed, here = rest; frame_take(&rest, &frame, NULL) == 0; here = rest)
        if (frame.key && frame.capture_ms <= from_ms)
            begin = here;
    return begin;
}

static struct order *begin(struct camera_evidence *evidence, const struct book_camera *camera, int64_t about_seq,
                           const char *by, const char *id)
{
    struct order *order = calloc(1, sizeof *order);
    if (!order)
        abort();
    *order = (struct order){ .evidence = evidence,
                             .camera = camera,
                             .about_seq = about_seq,
                             .began_mono_ms = clock_mono_ms(),
                             .next = evidence->orders };
    snprintf(order->id, sizeof order->id, "%s", id);
    snprintf(order->by, sizeof order->by, "%s", by);
    snprintf(order->holder, sizeof order->holder, "evidence-%" PRIu64, ++evidence->serial);
    struct bytes kept = cameras_kept(evidence->options.cameras, camera->id, &order->main);
    if (!kept.size) /* the better stream, but the one that has what was before */
        order->main = *camera->sub_url;
    add_frames(order, since(kept, clock_now_ms() - evidence->book->before_s * MS_PER_SECOND));
    evidence->orders = order;
    evidence->count++;
    lease(order, CAMERA_VERB_LEASE);
    loop_timer_arm(evidence->options.loop, &evidence->tick, 0);
    return order;
}

static bool is_under_way(const struct camera_evidence *evidence, const char *by, const char *id)
{
    for (const struct order *order = evidence->orders; order; order = order->next)
        if (strcmp(order->by, by) == 0 && strcmp(order->id, id) == 0)
            return true;
    return false;
}

/* The same order again: its picture's event; 0: there is none. */
static int64_t find_before(const struct camera_evidence *evidence, const char *by, const char *id)
{
    struct arena arena = { 0 };
    struct event event;
    const char *name = external_event_id("proof", by, arena_format(&arena, "%s/picture", id), &arena);
    int64_t seq = event_log_find(evidence->options.log, name, &arena, &event, NULL) == 0 ? event.seq : 0;
    arena_finish(&arena);
    return seq;
}

static void keep(void *context, const struct camera_lease *wish, const struct book_camera *camera,
                 struct bus_ticket *ticket)
{
    struct camera_evidence *evidence = context;
    struct camera_grant grant = { .result = CAMERA_RESULT_OK, .message = "" };
    if (!*wish->id || wish->about_seq <= 0 || !*wish->holder) {
        grant = (struct camera_grant){ .result = CAMERA_RESULT_INVALID,
                                       .message = "expected an id, a report and who wants it" };
    } else if ((grant.seq = find_before(evidence, wish->holder, wish->id)) == 0) {
        if (!is_under_way(evidence, wish->holder, wish->id) && evidence->count < evidence->book->at_once) {
            begin(evidence, camera, wish->about_seq, wish->holder, wish->id)->ticket = ticket;
            return;
        }
        metric_add(&refused, 1);
        grant = (struct camera_grant){ .result = CAMERA_RESULT_LIMIT,
                                       .message = "as much evidence is being kept as may be; try again in a while" };
    }
    cameras_answer(evidence->options.cameras, ticket, &grant);
}

/* ---- the book's rule ---- */

static bool is_named(const struct camera_evidence *evidence, const struct event *event)
{
    bool reports = event->kind == EVENT_REPORT || event->kind == EVENT_PATROL || event->kind == EVENT_ALARM;
    for (size_t i = 0; reports && place_is_known(&event->place) && i < evidence->book->service_count; i++)
        if (strcmp(evidence->book->services[i]->code, event->service) == 0)
            return true;
    return false;
}

static void report_came(void *context, const struct event *event)
{
    struct camera_evidence *evidence = context;
    struct book_view views[EVIDENCE_CAMERAS_MAX];
    if (!is_named(evidence, event))
        return;
    size_t count =
        book_views(cameras_places(evidence->options.cameras), clock_now_ms(), event->place.lat, event->place.lon,
                   (double)evidence->book->within_m, views, (size_t)evidence->book->nearest);
    for (size_t i = 0; i < count; i++) {
        const struct book_camera *camera = views[i].camera;
        if (evidence->count >= evidence->book->at_once) {
            metric_add(&refused, 1);
            log_warn("evidence of a report is not kept", "report=%" PRId64 " camera=%s reason=\"at_once\"", event->seq,
                     camera->id);
            return;
        }
        char id[48];
        snprintf(id, sizeof id, "%" PRId64 "/%s", event->seq, camera->id);
        begin(evidence, camera, event->seq, "", id);
    }
}

/* ---- what is over ---- */

static int forget_if_over(void *context, struct bytes key, struct bytes value)
{
    struct camera_evidence *evidence = context;
    char until[24], name[STORE_KEY_MAX + 1];
    struct fault fault = { "" };
    snprintf(until, sizeof until, "%.*s", (int)value.size, (const char *)value.data);
    snprintf(name, sizeof name, "%.*s", (int)key.size, (const char *)key.data);
    if (strtoll(until, NULL, 10) > clock_now_ms() || intake_room(evidence->options.intake) == 0)
        return 0;
    if (media_store_erase(evidence->folder, name + strlen(MEMO), &fault) < 0) {
        log_error("evidence whose time is over", "%s", fault.text);
        return 0;
    }
    struct told *told = calloc(1, sizeof *told);
    if (!told)
        abort();
    told->memo.key = arena_text(&told->arena, name, key.size);
    told->append = (struct event_append){ .memos = &told->memo, .memo_count = 1 };
    if (intake_add(evidence->options.intake, &told->append, durable, told) != INTAKE_TAKEN)
        told_destroy(told); /* at the next sweep */
    else
        metric_add(&erased, 1);
    return 0;
}

static int sweep(void *context)
{
    struct camera_evidence *evidence = context;
    struct fault fault = { "" };
    if (event_log_memos(evidence->options.log, MEMO, forget_if_over, evidence, &fault) < 0)
        log_error("evidence whose time is over", "%s", fault.text);
    loop_timer_arm(evidence->options.loop, &evidence->sweep, SWEEP_MS);
    return 0;
}

/* ---- start and end ---- */

int camera_evidence_open(const struct camera_evidence_options *options, struct camera_evidence **out,
                         struct fault *fault)
{
    struct camera_evidence *evidence = calloc(1, sizeof *evidence);
    if (!evidence)
        abort();
    *out = evidence;
    evidence->options = *options;
    evidence->book = &options->book->camera_evidence;
    evidence->tick = (struct loop_timer){ .fire = tick, .context = evidence };
    evidence->sweep = (struct loop_timer){ .fire = sweep, .context = evidence };
    struct metric *const metrics[] = { &pictures_kept, &clips_kept, &refused, &lost, &erased };
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
        metric_register(metrics[i]);
    if (snprintf(evidence->folder, sizeof evidence->folder, "%s/evidence", options->data_folder) >=
        (int)sizeof evidence->folder)
        return fault_set(fault, -ENAMETOOLONG, "%s: too long", options->data_folder);
    int result = clip_maker_open(options->loop, &evidence->maker, fault);
    if (result < 0)
        return result;
    const struct cameras_keeper keeper = { .keep = keep, .frames = frames_came, .context = evidence };
    cameras_use_keeper(options->cameras, &keeper);
    intake_on_durable(options->intake, report_came, evidence);
    loop_timer_arm(options->loop, &evidence->sweep, 0);
    return 0;
}

void camera_evidence_close(struct camera_evidence *evidence)
{
    if (!evidence)
        return;
    cameras_use_keeper(evidence->options.cameras, &(struct cameras_keeper){ 0 });
    intake_on_durable(evidence->options.intake, NULL, NULL);
    clip_maker_close(evidence->maker);
    while (evidence->orders) {
        struct order *order = evidence->orders;
        evidence->orders = order->next;
        if (order->stage != OVER)
            log_warn("evidence is not at its end", "camera=%s report=%" PRId64, order->camera->id, order->about_seq);
        order_destroy(order);
    }
    loop_timer_disarm(evidence->options.loop, &evidence->tick);
    loop_timer_disarm(evidence->options.loop, &evidence->sweep);
    free(evidence);
}
