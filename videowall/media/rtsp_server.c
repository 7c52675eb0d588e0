#include "videowall/media/rtsp_server.h"

#include <gst/rtsp-server/rtsp-server.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "videowall/media/media.h"

enum { SESSION_SWEEP_S = 5 };

struct listener;

struct rtsp_server {
    GMainContext *context;
    GMainLoop *loop;
    GThread *thread;
    GstRTSPServer *server;
    GSource *listener, *sweep;
    struct listener *listeners; /* one a mount that wants to hear */
};

static gpointer run(gpointer argument)
{
    struct rtsp_server *server = argument;
    g_main_context_push_thread_default(server->context);
    g_main_loop_run(server->loop);
    g_main_context_pop_thread_default(server->context);
    return NULL;
}

/* Sessions of those who went without a word. */
static gboolean sweep_sessions(gpointer argument)
{
    GstRTSPSessionPool *pool = gst_rtsp_server_get_session_pool(argument);
    gst_rtsp_session_pool_cleanup(pool);
    g_object_unref(pool);
    return G_SOURCE_CONTINUE;
}

static int listen_at(struct rtsp_server *server, const char *host, int64_t port, struct fault *fault)
{
    char service[24];
    g_snprintf(service, sizeof service, "%" G_GINT64_FORMAT, port);
    gst_rtsp_server_set_address(server->server, host);
    gst_rtsp_server_set_service(server->server, service);
    GError *error = NULL;
    server->listener = gst_rtsp_server_create_source(server->server, NULL, &error);
    if (!server->listener) {
        fault_set(fault, -EADDRINUSE, "RTSP at %s:%s: %s; choose another port", host, service,
                  error ? error->message : "cannot listen");
        g_clear_error(&error);
        return -EADDRINUSE;
    }
    g_source_attach(server->listener, server->context);
    server->sweep = g_timeout_source_new_seconds(SESSION_SWEEP_S);
    g_source_set_callback(server->sweep, sweep_sessions, server->server, NULL);
    g_source_attach(server->sweep, server->context);
    return 0;
}

int rtsp_server_start(const char *host, int64_t port, struct rtsp_server **out, struct fault *fault)
{
    int result = media_init(fault);
    if (result < 0)
        return result;
    struct rtsp_server *server = g_new0(struct rtsp_server, 1);
    server->context = g_main_context_new();
    server->loop = g_main_loop_new(server->context, FALSE);
    server->server = gst_rtsp_server_new();
    result = listen_at(server, host, port, fault);
    if (result < 0) {
        rtsp_server_stop(server);
        return result;
    }
    server->thread = g_thread_new("rtsp-server", run, server);
    *out = server;
    return 0;
}

int64_t rtsp_server_port(const struct rtsp_server *server)
{
    return gst_rtsp_server_get_bound_port(server->server);
}

/* ---- mounts ---- */

/* A media may end after the server was stopped, in a thread of its own: what hears of it is cut off before. */
struct listener {
    atomic_int references; /* the server, the factory, each media */
    GMutex lock;
    bool off; /* under the lock, held during each call */
    struct rtsp_mount mount;
    struct listener *next;
};

static void listener_unref(gpointer argument)
{
    struct listener *listener = argument;
    if (atomic_fetch_sub(&listener->references, 1) != 1)
        return;
    g_mutex_clear(&listener->lock);
    g_free(listener);
}

static struct listener *listener_ref(struct listener *listener)
{
    atomic_fetch_add(&listener->references, 1);
    return listener;
}

static void cut_listeners(struct rtsp_server *server)
{
    while (server->listeners) {
        struct listener *listener = server->listeners;
        server->listeners = listener->next;
        g_mutex_lock(&listener->lock);
        listener->off = true;
        g_mutex_unlock(&listener->lock);
        listener_unref(listener);
    }
}

static void closure_gone(gpointer argument, GClosure *closure)
{
    (void)closure;
    listener_unref(argument);
}

static void media_unprepared(GstRTSPMedia *media, gpointer argument)
{
    struct listener *listener = argument;
    GstElement *element = gst_rtsp_media_get_element(media);
    g_mutex_lock(&listener->lock);
    if (!listener->off && listener->mount.closed)
        listener->mount.closed(listener->mount.context, element);
    g_mutex_unlock(&listener->lock);
    gst_object_unref(element);
}

static void media_configured(GstRTSPMediaFactory *factory, GstRTSPMedia *media, gpointer argument)
{
    (void)factory;
    struct listener *listener = argument;
    g_signal_connect_data(media, "unprepared", G_CALLBACK(media_unprepared), listener_ref(listener), closure_gone, 0);
    GstElement *element = gst_rtsp_media_get_element(media);
    g_mutex_lock(&listener->lock);
    if (!listener->off && listener->mount.opened)
        listener->mount.opened(listener->mount.context, element);
    g_mutex_unlock(&listener->lock);
    gst_object_unref(element);
}

static void listen_to(struct rtsp_server *server, GstRTSPMediaFactory *factory, const struct rtsp_mount *mount)
{
    struct listener *listener = g_new0(struct listener, 1);
    listener->references = 1;
    listener->mount = *mount;
    listener->next = server->listeners;
    g_mutex_init(&listener->lock);
    server->listeners = listener;
    g_signal_connect_data(factory, "media-configure", G_CALLBACK(media_configured), listener_ref(listener),
                          closure_gone, 0);
}

void rtsp_server_add(struct rtsp_server *server, const char *path, const char *launch, const struct rtsp_mount *mount)
{
    GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new();
    gst_rtsp_media_factory_set_launch(factory, launch);
    gst_rtsp_media_factory_set_shared(factory, TRUE);
    if (mount)
        listen_to(server, factory, mount);
    GstRTSPMountPoints *mounts = gst_rtsp_server_get_mount_points(server->server);
    gst_rtsp_mount_points_add_factory(mounts, path, factory);
    g_object_unref(mounts);
}

/* ---- the end ---- */

static GstRTSPFilterResult drop_client(GstRTSPServer *server, GstRTSPClient *client, gpointer argument)
{
    (void)server, (void)argument;
    gst_rtsp_client_close(client);
    return GST_RTSP_FILTER_REMOVE;
}

static gboolean quit(gpointer argument)
{
    struct rtsp_server *server = argument;
    gst_rtsp_server_client_filter(server->server, drop_client, NULL);
    g_main_loop_quit(server->loop);
    return G_SOURCE_REMOVE;
}

static void end_source(GSource *source)
{
    if (!source)
        return;
    g_source_destroy(source);
    g_source_unref(source);
}

void rtsp_server_stop(struct rtsp_server *server)
{
    if (!server)
        return;
    if (server->thread) {
        g_main_context_invoke(server->context, quit, server);
        g_thread_join(server->thread);
    }
    cut_listeners(server);
    end_source(server->listener);
    end_source(server->sweep);
    g_object_unref(server->server);
    g_main_loop_unref(server->loop);
    g_main_context_unref(server->context);
    g_free(server);
}
