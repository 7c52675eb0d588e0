#include "tools/citysim/camsim/camsim.h"

#include <arpa/inet.h>
#include <assert.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "tools/citysim/camsim/conversation.h"
#include "tools/citysim/camsim/face.h"
#include "tools/citysim/camsim/fleet.h"

/* How late a picture may be sent; thousands of cameras are looked after less often. */
enum { TICK_MS = 2, TICK_OF_MANY_MS = 10, MANY = 256 };
enum { BACKLOG = 4096, TROUBLE_FACTOR = 8 };

/* What another thread wants of ours; it waits until `done`. */
struct errand {
    const char *line; /* an order; NULL: the counts */
    struct fault *fault;
    int result;
    struct camsim_counts counts;
    bool done;
};

struct camsim {
    struct camsim_options options;
    struct loop *loop;
    struct loop_watch listener;
    struct loop_timer tick;
    struct loop_wake wake;
    struct sim_host host;
    struct sim_camera *cameras; /* sorted by id */
    size_t camera_count;
    struct conversation *conversations;
    struct fleet *fleet; /* NULL: no devices */
    struct face *face;   /* NULL: no ONVIF */
    int64_t trouble_mono_ms;
    int64_t port;
    GThread *thread;
    GMutex lock;
    GCond changed;
    struct errand *errand; /* under the lock, like stopping */
    bool stopping;
};

/* ---- cameras ---- */

static int compare_ids(const void *a, const void *b)
{
    return strcmp(((const struct sim_camera *)a)->id, ((const struct sim_camera *)b)->id);
}

static struct sim_camera *find(void *context, const char *id)
{
    struct camsim *camsim = context;
    struct sim_camera wanted;
    if (strlen(id) > CAMSIM_ID_MAX)
        return NULL;
    strcpy(wanted.id, id);
    return bsearch(&wanted, camsim->cameras, camsim->camera_count, sizeof wanted, compare_ids);
}

static bool id_is_plain(const char *id)
{
    return *id && strlen(id) <= CAMSIM_ID_MAX &&
           id[strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] == '\0';
}

static int make_cameras(struct camsim *camsim, struct fault *fault)
{
    size_t devices = (size_t)camsim->options.gb_count;
    camsim->cameras = calloc(camsim->options.id_count + devices + 1, sizeof *camsim->cameras);
    assert(camsim->cameras);
    for (size_t i = 0; i < camsim->options.id_count; i++) {
        struct sim_camera *camera = &camsim->cameras[i];
        const char *id = camsim->options.ids[i];
        if (!id_is_plain(id))
            return fault_set(fault, -EINVAL,
                             "simulated camera '%s': expected up to %d letters, digits, '.', '_' and '-'", id,
                             CAMSIM_ID_MAX);
        strcpy(camera->id, id);
        camera->own_scene = camera->behaviour.scene = i % PROGRAMME_PLACES;
    }
    camsim->camera_count = camsim->options.id_count;
    for (size_t i = 1; i <= devices; i++) {
        struct sim_camera *camera = &camsim->cameras[camsim->camera_count++];
        fleet_device_id(camera->id, (int64_t)i);
        camera->own_scene = camera->behaviour.scene = i % PROGRAMME_PLACES;
    }
    qsort(camsim->cameras, camsim->camera_count, sizeof *camsim->cameras, compare_ids);
    return 0;
}

/* ---- what befalls them ---- */

static void befall(struct camsim *camsim, const struct sim_order *order, struct sim_camera *camera)
{
    order_apply(order, camera->own_scene, &camera->behaviour);
    camera->run += order->verb == CAMSIM_RESTART;
    if (order->verb == CAMSIM_CUT || order->verb == CAMSIM_RESTART)
        for (struct conversation *one = camsim->conversations; one; one = one->next)
            if (one->camera == camera)
                conversation_end(one);
    fleet_befall(camsim->fleet, order, camera);
}

static int obey(struct camsim *camsim, const char *line, struct fault *fault)
{
    struct sim_order order;
    int concerned = 0, result = order_parse(line, &order, fault);
    for (size_t i = 0; result == 0 && i < camsim->camera_count; i++)
        if (order_concerns(&order, camsim->cameras[i].id, &camsim->host.dice)) {
            befall(camsim, &order, &camsim->cameras[i]);
            concerned++;
        }
    return result < 0 ? result : concerned;
}

/* Something befalls a camera; what befell others has passed. */
static void make_trouble(struct camsim *camsim, int64_t now_mono_ms)
{
    const struct sim_order well = { .verb = CAMSIM_WELL };
    struct dice *dice = &camsim->host.dice;
    for (size_t i = 0; i < camsim->camera_count; i++) {
        struct sim_camera *camera = &camsim->cameras[i];
        if (camera->well_again_mono_ms && now_mono_ms >= camera->well_again_mono_ms) {
            befall(camsim, &well, camera);
            camera->well_again_mono_ms = 0;
        }
    }
    if (now_mono_ms < camsim->trouble_mono_ms)
        return;
    double mean_ms = (double)camsim->options.trouble_mean_ms;
    struct sim_camera *camera = &camsim->cameras[dice_below(dice, camsim->camera_count)];
    struct sim_order order = order_draw(dice);
    befall(camsim, &order, camera);
    camera->well_again_mono_ms = now_mono_ms + 1 + dice_gap_ms(dice, mean_ms * TROUBLE_FACTOR);
    camsim->trouble_mono_ms = now_mono_ms + dice_gap_ms(dice, mean_ms);
}

/* ---- the loop's callbacks ---- */

static int tick(void *context)
{
    struct camsim *camsim = context;
    int64_t now_us = clock_now_ms() * 1000, now_mono_ms = clock_mono_ms();
    if (camsim->options.trouble_mean_ms && camsim->camera_count)
        make_trouble(camsim, now_mono_ms);
    for (struct conversation **at = &camsim->conversations; *at;) {
        struct conversation *one = *at;
        if (conversation_tick(one, now_us, now_mono_ms)) {
            at = &one->next;
            continue;
        }
        *at = one->next;
        conversation_free(one);
    }
    fleet_tick(camsim->fleet, now_us, now_mono_ms);
    face_tick(camsim->face);
    loop_timer_arm(camsim->loop, &camsim->tick, camsim->camera_count > MANY ? TICK_OF_MANY_MS : TICK_MS);
    return 0;
}

static int accept_all(void *context, uint32_t events)
{
    (void)events;
    struct camsim *camsim = context;
    int fd;
    while ((fd = accept4(camsim->listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct conversation *conversation = conversation_begin(&camsim->host, fd);
        conversation->next = camsim->conversations;
        camsim->conversations = conversation;
    }
    return 0;
}

static int programme_is_there(void *context)
{
    struct camsim *camsim = context;
    for (struct conversation *one = camsim->conversations; one; one = one->next)
        conversation_go_on(one);
    return 0;
}

static int errand_came(void *context)
{
    struct camsim *camsim = context;
    g_mutex_lock(&camsim->lock);
    struct errand *errand = camsim->errand;
    if (errand && !errand->done) {
        errand->result = errand->line ? obey(camsim, errand->line, errand->fault) : 0;
        errand->counts = camsim->host.counts;
        errand->counts.registered_now = (int64_t)fleet_registered(camsim->fleet);
        errand->done = true;
        g_cond_broadcast(&camsim->changed);
    }
    if (camsim->stopping)
        loop_stop(camsim->loop, 0);
    g_mutex_unlock(&camsim->lock);
    return 0;
}

/* ---- other threads ---- */

static void run_errand(struct camsim *camsim, struct errand *errand)
{
    g_mutex_lock(&camsim->lock);
    while (camsim->errand)
        g_cond_wait(&camsim->changed, &camsim->lock);
    camsim->errand = errand;
    loop_wake_notify(&camsim->wake);
    while (!errand->done)
        g_cond_wait(&camsim->changed, &camsim->lock);
    camsim->errand = NULL;
    g_cond_broadcast(&camsim->changed);
    g_mutex_unlock(&camsim->lock);
}

int camsim_order(struct camsim *camsim, const char *line, struct fault *fault)
{
    struct errand errand = { .line = line, .fault = fault };
    run_errand(camsim, &errand);
    return errand.result;
}

struct camsim_counts camsim_counts(struct camsim *camsim)
{
    struct errand errand = { .line = NULL };
    run_errand(camsim, &errand);
    return errand.counts;
}

int64_t camsim_port(const struct camsim *camsim)
{
    return camsim->port;
}

int64_t camsim_onvif_port(const struct camsim *camsim)
{
    return face_port(camsim->face);
}

int64_t camsim_discovery_port(const struct camsim *camsim)
{
    return face_discovery_port(camsim->face);
}

/* ---- start and end ---- */

static int listen_at(struct camsim *camsim, struct fault *fault)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)camsim->options.port) };
    socklen_t size = sizeof address;
    const char *host = camsim->options.host ? camsim->options.host : "127.0.0.1";
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    camsim->listener = (struct loop_watch){ .fd = fd, .ready = accept_all, .context = camsim };
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
        return fault_set(fault, -EINVAL, "simulated cameras: '%s' is no IPv4 address", host);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0 ||
        bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, BACKLOG) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return fault_set(fault, -errno, "simulated cameras: port %d: %s", (int)camsim->options.port, strerror(errno));
    camsim->port = ntohs(address.sin_port);
    return loop_add(camsim->loop, &camsim->listener, EPOLLIN);
}

static gpointer run(gpointer context)
{
    struct camsim *camsim = context;
    int result = loop_run(camsim->loop);
    assert(result == 0); /* no pictures: what waits for them would wait for ever */
    return NULL;
}

int camsim_start(const struct camsim_options *options, struct camsim **out, struct fault *fault)
{
    struct camsim *camsim = g_new0(struct camsim, 1);
    camsim->options = *options;
    camsim->listener.fd = -1;
    g_mutex_init(&camsim->lock);
    g_cond_init(&camsim->changed);
    camsim->host = (struct sim_host){
        .options = &camsim->options, .dice = { .state = (uint64_t)options->seed }, .find = find, .context = camsim
    };
    int result = make_cameras(camsim, fault);
    if (result == 0)
        result = loop_create(&camsim->loop, fault);
    camsim->host.loop = camsim->loop;
    if (result == 0)
        result = library_open(camsim->loop, programme_is_there, camsim, &camsim->host.library, fault);
    if (result == 0)
        result = loop_wake_init(camsim->loop, &camsim->wake, errand_came, camsim);
    if (result == 0)
        result = listen_at(camsim, fault);
    if (result == 0 && options->first_order)
        result = obey(camsim, options->first_order, fault);
    if (result >= 0 && options->gb_count)
        result = fleet_open(&camsim->host, &camsim->fleet, fault);
    if (result >= 0 && options->onvif)
        result = face_open(&camsim->host, camsim->cameras, camsim->camera_count, camsim->port, &camsim->face, fault);
    if (result < 0) {
        camsim_stop(camsim);
        return result;
    }
    camsim->tick = (struct loop_timer){ .fire = tick, .context = camsim };
    loop_timer_arm(camsim->loop, &camsim->tick, TICK_MS);
    camsim->thread = g_thread_new("camsim", run, camsim);
    *out = camsim;
    return 0;
}

void camsim_stop(struct camsim *camsim)
{
    if (!camsim)
        return;
    if (camsim->thread) {
        g_mutex_lock(&camsim->lock);
        camsim->stopping = true;
        g_mutex_unlock(&camsim->lock);
        loop_wake_notify(&camsim->wake);
        g_thread_join(camsim->thread);
    }
    library_close(camsim->host.library);
    fleet_close(camsim->fleet);
    face_close(camsim->face);
    while (camsim->conversations) {
        struct conversation *next = camsim->conversations->next;
        conversation_free(camsim->conversations);
        camsim->conversations = next;
    }
    loop_wake_finish(camsim->loop, &camsim->wake);
    if (camsim->listener.fd >= 0)
        close(camsim->listener.fd);
    loop_destroy(camsim->loop);
    buffer_finish(&camsim->host.scratch);
    free(camsim->cameras);
    g_mutex_clear(&camsim->lock);
    g_cond_clear(&camsim->changed);
    g_free(camsim);
}
