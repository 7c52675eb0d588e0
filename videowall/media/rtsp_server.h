/* An RTSP server in a thread of its own (gst-rtsp-server): the wall's RTSP output, and the simulated cameras. */
#pragma once

#include <gst/gst.h>
#include <stdint.h>

#include "proto/base/fault.h"

struct rtsp_server;

/* Listens at host:port; port 0 takes a free one. */
int rtsp_server_start(const char *host, int64_t port, struct rtsp_server **server, struct fault *fault);
/* Takes NULL. Ends all its streams; no `opened` or `closed` is under way or follows. */
void rtsp_server_stop(struct rtsp_server *server);
int64_t rtsp_server_port(const struct rtsp_server *server);

/* What a mount tells, in GStreamer's threads: its media begins (the pipeline is in `media`, not yet playing) and has ended. Either may be
 * NULL. */
struct rtsp_mount {
    void (*opened)(void *context, GstElement *media);
    void (*closed)(void *context, GstElement *media); /* perhaps after the next one was opened */
    void *context;
};
/* `launch`: a pipeline in gst-launch's words, with a payloader named pay0; made when the first one watches, shared by all, gone with the
 * last. `mount` may be NULL and is copied. */
void rtsp_server_add(struct rtsp_server *server, const char *path, const char *launch, const struct rtsp_mount *mount);
