#include "ingest/cameras/cameras.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest/cameras/eye.h"
#include "ingest/cameras/gb28181/gb28181.h"
#include "ingest/cameras/health_answers.h"
#include "ingest/cameras/hub.h"
#include "ingest/cameras/readers.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/book/book.h"
#include "proto/bus/bus.h"

enum {
    LEASES_PARALLEL = 32,
    ARMED_RENEW_MS = CAMERA_LEASE_SECONDS * 1000 / 3,
    POSITIONS_MS = 10 * 1000 /* for whoever began to listen since it was said */
};

struct cameras {
    struct loop *loop;
    const struct book *book;
    struct hub *hub;
    struct readers *readers;
    struct gb28181 *gb28181; /* NULL: the book has none */
    struct bus_server *server;
    struct bus_publisher *publisher;
    struct loop_timer tick;
    int64_t armed_mono_ms;     /* when the armed ones were renewed last */
    int64_t positions_mono_ms; /* when all positions were told last */
    struct camera_places places;
    struct arena arena;
    struct buffer answer;
    struct eye *eye; /* with the round */
    struct health *health;
    struct health_answers *answers;
    struct loop_timer round;
    char folder[PATH_MAX - 80];
    void (*changed)(void *context, const struct camera_status *status);
    void *changed_context;
    struct cameras_keeper keeper; /* of evidence; `keep` NULL: none */
};

static void publish(void *context, const char *topic, struct bytes message)
{
    struct cameras *cameras = context;
    bus_publish(cameras->publisher, topic, message);
    if (cameras->keeper.frames && strncmp(topic, "frame/", 6) == 0)
        cameras->keeper.frames(cameras->keeper.context, topic, message);
}

static void changed(void *context, const struct camera_status *status)
{
    struct cameras *cameras = context;
    log_info("camera", "camera=%s state=%s before=%s reason=\"%s\"", status->camera,
             enum_name(&camera_state_desc, status->state), enum_name(&camera_state_desc, status->before),
             status->reason);
    if (cameras->changed)
        cameras->changed(cameras->changed_context, status);
}

void cameras_answer(struct cameras *cameras, struct bus_ticket *ticket, const struct camera_grant *grant)
{
    buffer_clear(&cameras->answer);
    record_encode(&camera_grant_desc, grant, &cameras->answer);
    bus_answer(ticket, buffer_view(&cameras->answer));
}

/* True: it was handed on, and is answered by whoever has it now. */
static bool is_kept(struct cameras *cameras, const struct camera_lease *lease, struct bus_ticket *ticket)
{
    const struct book_camera *camera = book_camera(cameras->book, lease->camera);
    if (lease->verb != CAMERA_VERB_KEEP || !cameras->keeper.keep || !camera)
        return false;
    cameras->keeper.keep(cameras->keeper.context, lease, camera, ticket);
    return true;
}

static int lease_arrived(void *context, struct bus_ticket *ticket, struct bytes request)
{
    struct cameras *cameras = context;
    struct camera_lease lease;
    struct camera_grant grant;
    struct fault fault = { "" };
    arena_reset(&cameras->arena);
    int result = record_decode(&camera_lease_desc, request, &cameras->arena, &lease, &fault);
    if (result == 0 && is_kept(cameras, &lease, ticket))
        return 0;
    if (result == 0)
        hub_lease(cameras->hub, &lease, book_camera(cameras->book, lease.camera), &grant);
    else
        grant = (struct camera_grant){ .result = CAMERA_RESULT_INVALID,
                                       .message = arena_format(&cameras->arena, "%.199s", fault.text) };
    cameras_answer(cameras, ticket, &grant);
    return 0;
}

/* What the book wants pulled all the time is renewed by ourselves. */
static void renew_armed(struct cameras *cameras)
{
    int64_t now_mono_ms = clock_mono_ms();
    if (now_mono_ms - cameras->armed_mono_ms < ARMED_RENEW_MS)
        return;
    cameras->armed_mono_ms = now_mono_ms;
    for (size_t i = 0; i < cameras->book->camera_count; i++) {
        const struct book_camera *camera = &cameras->book->cameras[i];
        struct camera_lease lease = { .verb = CAMERA_VERB_LEASE,
                                      .camera = camera->id,
                                      .holder = "armed",
                                      .seconds = CAMERA_LEASE_SECONDS,
                                      .wide_px = INT16_MAX,
                                      .armed = true };
        struct camera_grant grant;
        if (camera->armed)
            hub_lease(cameras->hub, &lease, camera, &grant);
    }
}

/* ---- those that move ---- */

static void tell_position(struct cameras *cameras, const struct book_camera *camera)
{
    const struct said_place *said = places_said(&cameras->places, camera);
    struct camera_position position = {
        .camera = camera->id, .lat = said->lat, .lon = said->lon, .at_ms = said->at_ms
    };
    struct buffer bytes = { 0 };
    char topic[BUS_TOPIC_MAX + 1];
    snprintf(topic, sizeof topic, "position/%s", camera->id);
    record_encode(&camera_position_desc, &position, &bytes);
    bus_publish(cameras->publisher, topic, buffer_view(&bytes));
    buffer_finish(&bytes);
}

static void placed(void *context, const struct book_camera *camera, double lat, double lon)
{
    struct cameras *cameras = context;
    places_take(&cameras->places, camera, lat, lon, clock_now_ms());
    tell_position(cameras, camera);
}

static void tell_positions(struct cameras *cameras)
{
    int64_t now_mono_ms = clock_mono_ms();
    if (now_mono_ms - cameras->positions_mono_ms < POSITIONS_MS)
        return;
    cameras->positions_mono_ms = now_mono_ms;
    for (size_t i = 0; i < cameras->book->camera_count; i++)
        if (places_said(&cameras->places, &cameras->book->cameras[i])->at_ms)
            tell_position(cameras, &cameras->book->cameras[i]);
}

const struct camera_places *cameras_places(const struct cameras *cameras)
{
    return &cameras->places;
}

static int tick(void *context)
{
    struct cameras *cameras = context;
    renew_armed(cameras);
    tell_positions(cameras);
    hub_tick(cameras->hub);
    loop_timer_arm(cameras->loop, &cameras->tick, HUB_TICK_MS);
    return 0;
}

static struct hub *make_hub(struct cameras *cameras)
{
    struct hub_options options = {
        .source = &readers_ops,
        .reader = cameras->readers,
        .publish = publish,
        .changed = changed,
        .context = cameras,
        .pulled_max = (size_t)cameras->book->camera_limits.pulled,
        .ring_ms = cameras->book->camera_limits.ring_seconds * 1000,
        .ring_bytes = (size_t)cameras->book->camera_limits.ring_bytes,
        .mono_ms = clock_mono_ms,
        .now_ms = clock_now_ms,
    };
    return hub_create(&options);
}

int cameras_open(struct loop *loop, const struct book *book, int64_t bus_port, struct cameras **out,
                 struct fault *fault)
{
    struct cameras *cameras = calloc(1, sizeof *cameras);
    if (!cameras)
        return fault_set(fault, -ENOMEM, "cameras: out of memory");
    cameras->loop = loop;
    cameras->book = book;
    places_open(&cameras->places, book);
    int result = readers_open(loop, &cameras->readers, fault);
    if (result == 0)
        result = bus_publisher_open(bus_port, BUS_FRAMES, &cameras->publisher, fault);
    if (result == 0) {
        cameras->hub = make_hub(cameras);
        result = bus_server_open(loop, bus_port, BUS_CAMERAS, LEASES_PARALLEL, lease_arrived, cameras, &cameras->server,
                                 fault);
    }
    if (result == 0)
        result = health_answers_open(loop, bus_port, &cameras->answers, fault);
    if (result < 0) {
        cameras_close(cameras);
        return result;
    }
    cameras->tick = (struct loop_timer){ .fire = tick, .context = cameras };
    loop_timer_arm(loop, &cameras->tick, HUB_TICK_MS);
    *out = cameras;
    return 0;
}

int cameras_take_devices(struct cameras *cameras, const char *keys,
                         void (*alarm)(void *context, const struct gb_alarm *alarm), void *context, struct fault *fault)
{
    struct gb28181_options options = { .loop = cameras->loop, .book = cameras->book, .keys = keys };
    int result = gb28181_open(&options, &cameras->gb28181, fault);
    if (result < 0 || !cameras->gb28181)
        return result;
    readers_take_gb28181(cameras->readers, cameras->gb28181);
    gb28181_on_alarm(cameras->gb28181, alarm, context);
    gb28181_on_position(cameras->gb28181, placed, cameras);
    return 0;
}

/* ---- the health round ---- */

static void look(void *context, const struct source_unit *unit, void *visit)
{
    struct cameras *cameras = context;
    eye_look(cameras->eye, unit, visit);
}

/* Whole or not at all: a reader sees the old picture or the new one. */
static int write_picture(const struct cameras *cameras, const char *id, struct bytes jpeg)
{
    char path[PATH_MAX], fresh[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s.jpg", cameras->folder, id);
    snprintf(fresh, sizeof fresh, "%s/.%s.new", cameras->folder, id);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return -errno;
    ssize_t written = write(fd, jpeg.data, jpeg.size);
    int result = written == (ssize_t)jpeg.size ? 0 : written < 0 ? -errno : -ENOSPC;
    close(fd);
    return result == 0 && rename(fresh, path) < 0 ? -errno : result;
}

static void seen(void *context, void *visit, const struct look *at, struct bytes jpeg)
{
    struct cameras *cameras = context;
    const struct book_camera *camera = health_seen(cameras->health, visit, at);
    int result = jpeg.size ? write_picture(cameras, camera->id, jpeg) : 0;
    if (result < 0)
        log_warn("a small picture cannot be kept", "camera=%s folder=%s reason=\"%s\"", camera->id, cameras->folder,
                 strerror(-result));
}

static int round_tick(void *context)
{
    struct cameras *cameras = context;
    health_tick(cameras->health);
    loop_timer_arm(cameras->loop, &cameras->round, HEALTH_TICK_MS);
    return 0;
}

int cameras_start_round(struct cameras *cameras, const char *folder,
                        bool (*tell)(void *context, const struct health_news *news), void *context, struct fault *fault)
{
    if (snprintf(cameras->folder, sizeof cameras->folder, "%s", folder) >= (int)sizeof cameras->folder)
        return fault_set(fault, -ENAMETOOLONG, "%s: too long", folder);
    int result = eye_open(cameras->loop, seen, cameras, &cameras->eye, fault);
    if (result < 0)
        return result;
    struct health_options options = { .book = cameras->book,
                                      .source = &readers_ops,
                                      .reader = cameras->readers,
                                      .look = look,
                                      .look_context = cameras,
                                      .tell = tell,
                                      .tell_context = context,
                                      .mono_ms = clock_mono_ms,
                                      .now_ms = clock_now_ms };
    cameras->health = health_create(&options);
    health_answers_tell(cameras->answers, cameras->health);
    cameras->round = (struct loop_timer){ .fire = round_tick, .context = cameras };
    loop_timer_arm(cameras->loop, &cameras->round, HEALTH_TICK_MS);
    return 0;
}

int cameras_recall(struct cameras *cameras, const struct camera_health *kept)
{
    return health_recall(cameras->health, kept);
}

const struct health *cameras_health(const struct cameras *cameras)
{
    return cameras->health;
}

void cameras_on_change(struct cameras *cameras, void (*hears)(void *context, const struct camera_status *status),
                       void *context)
{
    cameras->changed = hears;
    cameras->changed_context = context;
}

void cameras_use_keeper(struct cameras *cameras, const struct cameras_keeper *keeper)
{
    cameras->keeper = *keeper;
}

bool cameras_lease(struct cameras *cameras, const struct camera_lease *lease)
{
    struct camera_grant grant;
    hub_lease(cameras->hub, lease, book_camera(cameras->book, lease->camera), &grant);
    return grant.result == CAMERA_RESULT_OK;
}

struct bytes cameras_kept(const struct cameras *cameras, const char *camera, bool *main)
{
    return hub_kept(cameras->hub, camera, main);
}

void cameras_close(struct cameras *cameras)
{
    if (!cameras)
        return;
    loop_timer_disarm(cameras->loop, &cameras->tick);
    loop_timer_disarm(cameras->loop, &cameras->round);
    health_answers_close(cameras->answers);
    eye_close(cameras->eye);
    health_destroy(cameras->health);
    hub_destroy(cameras->hub);
    readers_close(cameras->readers);
    gb28181_close(cameras->gb28181);
    places_close(&cameras->places);
    arena_finish(&cameras->arena);
    buffer_finish(&cameras->answer);
    free(cameras);
}
