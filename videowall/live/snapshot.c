#include "videowall/live/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/door/door.h"
#include "videowall/feed/feed.h"
#include "videowall/live/jpeg.h"
#include "videowall/live/live.h"

enum { AT_ONCE_DEFAULT = 4, WAIT_MS = 5000 };

static struct metric refused = METRIC_COUNTER("drumtower_live_snapshots_refused_total", "Snapshots refused because too "
                                                                                        "many were under way.");

struct snapshot {
    struct snapshots *snapshots;
    struct request *request;
    struct feed_viewer viewer;
    struct loop_timer deadline;
    int64_t capture_ms; /* of the key frame that is being decoded; 0: none came yet */
    struct snapshot *next;
};

struct snapshots {
    struct loop *loop;
    struct feeds *feeds;
    struct jpeg_maker *maker;
    struct snapshot *under_way;
    int64_t count, most;
};

static void end(struct snapshot *snapshot)
{
    struct snapshots *snapshots = snapshot->snapshots;
    feed_remove_viewer(&snapshot->viewer);
    loop_timer_disarm(snapshots->loop, &snapshot->deadline);
    for (struct snapshot **at = &snapshots->under_way; *at; at = &(*at)->next)
        if (*at == snapshot) {
            *at = snapshot->next;
            break;
        }
    snapshots->count--;
    free(snapshot);
}

static void jpeg_done(void *context, struct bytes jpeg)
{
    struct snapshot *snapshot = context;
    struct request *request = snapshot->request;
    if (jpeg.size > 0) {
        char time[24];
        snprintf(time, sizeof time, "%lld", (long long)snapshot->capture_ms);
        reply_header(request, "X-Capture-Time", time);
        reply_header(request, "Cache-Control", "no-store");
        reply_bytes(request, 200, "image/jpeg", jpeg);
    } else {
        reply_error(request, 502, "undecodable", "The camera's picture cannot be decoded.",
                    "Check the camera's stream settings (H.264 or H.265).");
    }
    end(snapshot);
}

static void frame_came(void *context, const struct frame *frame)
{
    struct snapshot *snapshot = context;
    if (!frame->key || snapshot->capture_ms)
        return;
    struct fault fault = { "" };
    snapshot->capture_ms = frame->capture_ms;
    if (jpeg_make(snapshot->snapshots->maker, frame->codec, frame->unit, jpeg_done, snapshot, &fault) < 0) {
        log_error("snapshot", "%s", fault.text);
        snapshot->capture_ms = 0; /* the deadline answers */
    }
}

static int time_out(void *context)
{
    struct snapshot *snapshot = context;
    if (snapshot->capture_ms)
        return 0; /* it is being decoded, and that ends */
    reply_error(snapshot->request, 504, "no_picture", "The camera gave no picture within 5 s.",
                "See /live/cameras for its state.");
    end(snapshot);
    return 0;
}

static bool has_suffix(const char *file)
{
    size_t length = strlen(file);
    return length > 4 && strcmp(file + length - 4, ".jpg") == 0;
}

static void handle(struct request *request, void *context)
{
    struct snapshots *snapshots = context;
    const char *file = request_param(request, "file");
    if (!has_suffix(file)) {
        reply_error(request, 404, "not_found", "There is no such picture.", "Ask for /live/snapshot/CAMERA.jpg.");
        return;
    }
    if (snapshots->count == snapshots->most) {
        metric_add(&refused, 1);
        reply_header(request, "Retry-After", "1");
        reply_error(request, 503, "busy", "Too many snapshots are under way.", "Ask again in a second.");
        return;
    }
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot)
        abort();
    *snapshot = (struct snapshot){ .snapshots = snapshots,
                                   .request = request,
                                   .viewer = { .frame = frame_came, .context = snapshot },
                                   .deadline = { .fire = time_out, .context = snapshot },
                                   .next = snapshots->under_way };
    snapshots->under_way = snapshot;
    snapshots->count++;
    char *id = arena_text(request_arena(request), file, strlen(file) - 4);
    if (feed_add_viewer(snapshots->feeds, id, &snapshot->viewer)) {
        reply_error(request, 404, "unknown_camera", "The district book has no such camera.",
                    "See /live/cameras for those it has.");
        end(snapshot);
        return;
    }
    loop_timer_arm(snapshots->loop, &snapshot->deadline, WAIT_MS);
    request_defer(request);
}

int snapshots_open(const struct live_options *options, struct snapshots **out, struct fault *fault)
{
    struct snapshots *snapshots = calloc(1, sizeof *snapshots);
    if (!snapshots)
        return fault_set(fault, -ENOMEM, "snapshots: out of memory");
    *snapshots = (struct snapshots){ .loop = options->loop,
                                     .feeds = options->feeds,
                                     .most = options->snapshots ? options->snapshots : AT_ONCE_DEFAULT };
    metric_register(&refused);
    int result = jpeg_maker_open(options->loop, &snapshots->maker, fault);
    if (result == 0)
        result = door_route(options->door, "GET", "/live/snapshot/{file}", options->roles, 0, handle, snapshots, fault);
    if (result < 0) {
        snapshots_close(snapshots);
        return result;
    }
    *out = snapshots;
    return 0;
}

void snapshots_close(struct snapshots *snapshots)
{
    if (!snapshots)
        return;
    jpeg_maker_close(snapshots->maker);
    while (snapshots->under_way)
        end(snapshots->under_way);
    free(snapshots);
}
