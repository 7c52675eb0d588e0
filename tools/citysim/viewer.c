#include "tools/citysim/viewer.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "videowall/live/live.h"

enum { RETRY_MS = 500, TILE_LIVE_MS = 3000 };

static void record_arrived(void *context, const struct live_record *record)
{
    struct viewer *viewer = context;
    if (record->kind == LIVE_UNIT && record->camera < VIEWER_CAMERAS)
        viewer->picture_mono_ms[record->camera] = clock_mono_ms();
}

static void piece_arrived(void *context, struct bytes piece)
{
    struct viewer *viewer = context;
    if (live_record_feed(&viewer->waiting, piece, record_arrived, viewer) < 0)
        log_error("the live stream holds something that is no record", "bytes=%zu", viewer->waiting.size);
}

static void stream_closed(void *context, int status)
{
    struct viewer *viewer = context;
    viewer->stream = NULL;
    log_debug("the live stream ended", "status=%d", status);
    loop_timer_arm(viewer->city->loop, &viewer->again, RETRY_MS);
}

static int watch(void *context)
{
    struct viewer *viewer = context;
    struct city *city = viewer->city;
    struct buffer url = { 0 };
    buffer_format(&url, "%s/live?cameras=", city->options->wall);
    for (size_t i = 0; i < VIEWER_CAMERAS && i < city->book->camera_count; i++)
        buffer_format(&url, "%s%s", i ? "," : "", city->book->cameras[i].id);
    buffer_clear(&viewer->waiting);
    viewer->stream = http_stream_open(
        city->http, &(struct http_call){ .method = "GET", .url = buffer_string(&url), .token = viewer->token },
        piece_arrived, stream_closed, viewer);
    buffer_finish(&url);
    return 0;
}

static int sign_in(void *context);

static void signed_in(void *context, int status, struct bytes answer)
{
    struct viewer *viewer = context;
    json_t *body = json_loadb((const char *)answer.data, answer.size, 0, NULL);
    const char *token = json_string_value(json_object_get(body, "token"));
    if (token) {
        viewer->token = strdup(token);
        viewer->again.fire = watch;
        watch(viewer);
    } else {
        log_debug("the viewer is not let in yet", "status=%d", status);
        loop_timer_arm(viewer->city->loop, &viewer->again, RETRY_MS);
    }
    json_decref(body);
}

static const struct book_person *an_operator(const struct book *book)
{
    for (size_t i = 0; i < book->person_count; i++)
        if (book->people[i].role == ROLE_OPERATOR)
            return &book->people[i];
    return NULL;
}

static int sign_in(void *context)
{
    struct viewer *viewer = context;
    const struct book_person *person = an_operator(viewer->city->book);
    if (!person)
        return 0;
    char url[512];
    snprintf(url, sizeof url, "%s/api/session", viewer->city->options->wall);
    json_t *body = json_pack("{s:s, s:s, s:b}", "login", person->id, "password", viewer->city->password, "app", 1);
    char *text = json_dumps(body, JSON_COMPACT);
    http_send(viewer->city->http,
              &(struct http_call){ .method = "POST",
                                   .url = url,
                                   .content_type = "application/json",
                                   .body = { (const uint8_t *)text, strlen(text) } },
              signed_in, viewer);
    free(text);
    json_decref(body);
    return 0;
}

void viewer_start(struct viewer *viewer, struct city *city)
{
    *viewer = (struct viewer){ .city = city, .again = { .fire = sign_in, .context = viewer } };
    if (city->book->camera_count)
        loop_timer_arm(city->loop, &viewer->again, 0);
}

int64_t viewer_tiles_live(const struct viewer *viewer)
{
    int64_t live = 0, now = clock_mono_ms();
    for (size_t i = 0; i < VIEWER_CAMERAS; i++)
        live += viewer->picture_mono_ms[i] && now - viewer->picture_mono_ms[i] < TILE_LIVE_MS;
    return live;
}

void viewer_stop(struct viewer *viewer)
{
    if (!viewer->city)
        return;
    loop_timer_disarm(viewer->city->loop, &viewer->again);
    buffer_finish(&viewer->waiting);
    free(viewer->token);
}
