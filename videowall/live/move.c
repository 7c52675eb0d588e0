#include "videowall/live/move.h"

#include <string.h>

#include "proto/base/clock.h"
#include "proto/book/book.h"
#include "proto/door/door.h"
#include "proto/door/session_gate.h"
#include "proto/record/camera.h"
#include "videowall/feed/feed.h"
#include "videowall/live/grant.h"

enum { BODY_BYTES = 512, TIMEOUT_MS = 1000 * CAMERA_MOVE_SECONDS /* later it would have stopped */ };

/* One that waits for ingest; in the request's arena. */
struct asking {
    struct moves *moves;
    struct request *request;
    const char *camera, *press, *from;
};

static void reply_from(struct request *request, const char *from)
{
    reply_json(request, 200, json_pack("{s:s}", "from", from));
}

static void answered(void *context, int status, struct bytes bytes)
{
    struct asking *asking = context;
    struct camera_grant grant;
    if (grant_take(asking->request, status, bytes, &grant))
        reply_from(asking->request, asking->from);
    else
        turns_forget(&asking->moves->turns, asking->camera, asking->press);
}

static bool is_speed(json_int_t value)
{
    return value >= -CAMERA_SPEED_MAX && value <= CAMERA_SPEED_MAX;
}

/* False: answered. */
static bool take_order(struct request *request, struct turn_order *order)
{
    struct fault fault = { "" };
    json_int_t serial, pan, tilt, zoom;
    json_t *body = request_json(request, &fault);
    if (!body || json_unpack(body, "{s:s, s:I, s:I, s:I, s:I}", "press", &order->press, "serial", &serial, "pan", &pan,
                             "tilt", &tilt, "zoom", &zoom) != 0) {
        reply_error(request, 422, "invalid",
                    body ? "press must be a text; serial, pan, tilt and zoom whole numbers" : fault.text,
                    "Send {\"press\": …, \"serial\": …, \"pan\": …, \"tilt\": …, \"zoom\": …}.");
        return false;
    }
    if (!*order->press || strlen(order->press) > TURNS_PRESS_MAX || serial < 1 || !is_speed(pan) || !is_speed(tilt) ||
        !is_speed(zoom)) {
        reply_error(request, 422, "invalid",
                    "press has 1 to 64 bytes, serial begins with 1, speeds are between -100 and 100", "Correct it.");
        return false;
    }
    const struct account_session *session = request_session(request);
    order->camera = request_param(request, "id");
    order->login = session->login;
    order->name = session->name;
    order->serial = serial;
    order->pan = (int)pan;
    order->tilt = (int)tilt;
    order->zoom = (int)zoom;
    return true;
}

static void reply_taken(struct request *request, const char *by)
{
    reply_json(request, 409,
               json_pack("{s:{s:s, s:s, s:s}, s:s}", "error", "code", "taken", "message",
                         "Somebody else moves the camera now.", "next", "Press again to take it over.", "by", by));
}

/* False: it cannot be written down, and the request is answered. */
static bool record(struct request *request, const struct turn_order *order)
{
    struct fault fault = { "" };
    const char *what = arena_format(request_arena(request), "%s pan %d, tilt %d, zoom %d", order->camera, order->pan,
                                    order->tilt, order->zoom);
    if (request_note_move(request, what, &fault) == 0)
        return true;
    reply_error(request, 500, "internal", fault.text, "Try again; the log of this door says more.");
    return false;
}

static void ask(struct moves *moves, struct request *request, const struct turn_order *order, const char *from)
{
    struct camera_lease wish = { .verb = CAMERA_VERB_MOVE,
                                 .camera = order->camera,
                                 .holder = order->login,
                                 .seconds = CAMERA_MOVE_SECONDS,
                                 .pan = order->pan,
                                 .tilt = order->tilt,
                                 .zoom = order->zoom };
    struct asking *asking = arena_alloc(request_arena(request), sizeof *asking);
    *asking = (struct asking){ moves, request, order->camera, order->press, from };
    if (feeds_ask(moves->options.feeds, &wish, TIMEOUT_MS, answered, asking) < 0)
        grant_reply_away(request);
    else
        request_defer(request);
}

static void handle_move(struct request *request, void *context)
{
    struct moves *moves = context;
    struct turn_order order;
    char other[TURNS_NAME_SIZE];
    if (!take_order(request, &order))
        return;
    if (!book_camera(moves->options.book, order.camera)) {
        reply_error(request, 404, "not_found", "The district book has no such camera.",
                    "See /live/cameras for those it has.");
        return;
    }
    enum turn_word word = turns_take(&moves->turns, &order, clock_mono_ms(), other);
    if (word == TURN_STALE)
        reply_from(request, "");
    else if (word == TURN_TAKEN)
        reply_taken(request, other);
    else if (word == TURN_BEGIN && !record(request, &order))
        turns_forget(&moves->turns, order.camera, order.press);
    else
        ask(moves, request, &order, arena_text(request_arena(request), other, strlen(other)));
}

int moves_open(struct moves *moves, struct fault *fault)
{
    return door_route(moves->options.door, "POST", "/api/cameras/{id}/move", moves->options.roles, BODY_BYTES,
                      handle_move, moves, fault);
}
