#include <string.h>

#include "proto/base/metrics.h"
#include "proto/door/inside.h"

static void show_metrics(struct request *request, void *context)
{
    (void)context;
    struct buffer text = { 0 };
    metrics_print(&text);
    reply_bytes(request, 200, "text/plain; version=0.0.4; charset=utf-8", buffer_view(&text));
    buffer_finish(&text);
}

static void show_alive(struct request *request, void *context)
{
    (void)context;
    reply_text(request, 200, "text/plain; charset=utf-8", "ok\n");
}

static void show_ready(struct request *request, void *context)
{
    const struct door *door = context;
    if (door->unready)
        reply_error(request, 503, "not_ready", door->unready, "Ask again in a second.");
    else
        reply_text(request, 200, "text/plain; charset=utf-8", "ready\n");
}

int health_open(struct door *door, struct fault *fault)
{
    static const struct {
        const char *path;
        door_handler *handler;
    } routes[] = { { "/metrics", show_metrics }, { "/healthz", show_alive }, { "/readyz", show_ready } };
    int result = 0;
    for (size_t i = 0; !result && i < sizeof routes / sizeof *routes; i++)
        result = door_route(door, "GET", routes[i].path, 0, 0, routes[i].handler, door, fault);
    return result;
}
