#include "proto/door/health.h"

#include "proto/base/metrics.h"
#include "proto/door/reply.h"

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
    char *const *unready = context;
    if (*unready)
        reply_error(request, 503, "not_ready", *unready, "Ask again in a second.");
    else
        reply_text(request, 200, "text/plain; charset=utf-8", "ready\n");
}

int health_open(struct routes *routes, char **unready, struct fault *fault)
{
    static const struct {
        const char *path;
        door_handler *handler;
    } shown[] = { { "/metrics", show_metrics }, { "/healthz", show_alive }, { "/readyz", show_ready } };
    int result = 0;
    for (size_t i = 0; !result && i < sizeof shown / sizeof *shown; i++)
        result = routes_add(routes, "GET", shown[i].path, 0, 0, shown[i].handler, unready, fault);
    return result;
}
