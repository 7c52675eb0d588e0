#include "videowall/wall_control.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/bus/bus.h"
#include "proto/record/wall.h"
#include "videowall/case_popup.h"
#include "videowall/wall/wall.h"

enum { ORDERS_PARALLEL = 4, BODY_BYTES = 1000 };

struct wall_control {
    struct wall_control_options options;
    struct bus_server *server;
    struct arena arena;
    struct buffer answer;
};

static int obey(const struct wall_control *control, const struct wall_order *order, struct fault *fault)
{
    struct wall *wall = control->options.wall;
    switch (order->verb) {
    case WALL_VERB_LOOK:
        return 0;
    case WALL_VERB_SHOW:
        return wall_show_scene(wall, order->scene, fault);
    case WALL_VERB_NEXT:
        wall_turn(wall, 1);
        return 0;
    case WALL_VERB_BACK:
        wall_turn(wall, -1);
        return 0;
    case WALL_VERB_HOLD:
    case WALL_VERB_GO:
        wall_hold(wall, order->verb == WALL_VERB_HOLD);
        return 0;
    case WALL_VERB_POP:
        return case_popups_show(control->options.popups, order->number, fault);
    case WALL_VERB_CLEAR:
        case_popups_clear(control->options.popups);
        return 0;
    default:
        return fault_set(fault, -EINVAL, "verb: none; expected look, show, next, back, hold, go, pop or clear");
    }
}

static enum wall_result result_of(int result)
{
    return result == 0         ? WALL_RESULT_OK
           : result == -ENOENT ? WALL_RESULT_UNKNOWN
           : result == -EINVAL ? WALL_RESULT_INVALID
                               : WALL_RESULT_FAILED;
}

/* Texts of the view live as long as the book and the fault. */
static struct wall_view answer_to(const struct wall_control *control, const struct wall_order *order,
                                  struct fault *fault)
{
    struct wall *wall = control->options.wall;
    if (!wall)
        return (struct wall_view){ .result = WALL_RESULT_NO_WALL,
                                   .message = "no native wall; start drumtower-videowall with --output",
                                   .scene = "",
                                   .popup = "" };
    int result = obey(control, order, fault);
    struct wall_shown shown = wall_shown(wall);
    return (struct wall_view){ .result = result_of(result),
                               .message = fault->text,
                               .scene = shown.scene,
                               .page = (int64_t)shown.page,
                               .pages = (int64_t)shown.pages,
                               .tiles = (int64_t)shown.tiles,
                               .live = (int64_t)shown.live,
                               .held = shown.held,
                               .popup = shown.popup };
}

/* ---- over the bus ---- */

static int order_arrived(void *context, struct bus_ticket *ticket, struct bytes request)
{
    struct wall_control *control = context;
    struct wall_order order;
    struct fault fault = { "" };
    struct wall_view view = { .result = WALL_RESULT_INVALID, .scene = "", .popup = "" };
    arena_reset(&control->arena);
    if (record_decode(&wall_order_desc, request, &control->arena, &order, &fault) == 0)
        view = answer_to(control, &order, &fault);
    else
        view.message = fault.text;
    buffer_clear(&control->answer);
    record_encode(&wall_view_desc, &view, &control->answer);
    bus_answer(ticket, buffer_view(&control->answer));
    return 0;
}

/* ---- over the door ---- */

static json_t *scenes_json(const struct book *book)
{
    json_t *list = json_array();
    for (size_t i = 0; i < book->scene_count; i++) {
        const struct book_scene *scene = &book->scenes[i];
        json_array_append_new(list, json_pack("{s:s, s:{s:s, s:s}}", "id", scene->id, "name", "zh", scene->name.zh,
                                              "en", scene->name.en));
    }
    return list;
}

static json_t *places_json(const struct wall *wall)
{
    struct wall_place places[WALL_TILES_MAX];
    size_t count = wall_places(wall, places);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct wall_place *place = &places[i];
        const struct book_camera *camera = place->camera;
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:b, s:i, s:i, s:i, s:i}", "id", camera->id, "name",
                                        camera->name.zh, "name_en", camera->name.en, "turns", book_camera_turns(camera),
                                        "x", place->x, "y", place->y, "width", place->width, "height", place->height));
    }
    return list;
}

static void reply_view(struct request *request, const struct wall_control *control, const struct wall_order *order)
{
    static const int statuses[] = { [WALL_RESULT_OK] = 200,
                                    [WALL_RESULT_NO_WALL] = 409,
                                    [WALL_RESULT_UNKNOWN] = 404,
                                    [WALL_RESULT_FAILED] = 503,
                                    [WALL_RESULT_INVALID] = 400 };
    struct fault fault = { "" };
    struct wall_view view = answer_to(control, order, &fault);
    if (view.result != WALL_RESULT_OK) {
        reply_error(request, statuses[view.result], enum_name(&wall_result_desc, view.result), view.message,
                    "GET /api/wall/view lists the scenes.");
        return;
    }
    reply_json(request, 200,
               json_pack("{s:s, s:I, s:I, s:I, s:I, s:b, s:s, s:o, s:s, s:o}", "scene", view.scene, "page",
                         (json_int_t)view.page, "pages", (json_int_t)view.pages, "tiles", (json_int_t)view.tiles,
                         "live", (json_int_t)view.live, "held", view.held, "popup", view.popup, "scenes",
                         scenes_json(control->options.book), "web", wall_web_feed(control->options.wall), "places",
                         places_json(control->options.wall)));
}

static void handle_look(struct request *request, void *context)
{
    reply_view(request, context, &(struct wall_order){ .verb = WALL_VERB_LOOK, .scene = "", .number = "" });
}

static void handle_order(struct request *request, void *context)
{
    struct fault fault = { "" };
    const char *verb, *scene = "", *of_case = "";
    int number = WALL_VERB_NONE;
    json_t *body = request_json(request, &fault);
    if (body && (json_unpack(body, "{s:s, s?s, s?s}", "verb", &verb, "scene", &scene, "case", &of_case) != 0 ||
                 (number = enum_value(&wall_verb_desc, verb)) <= WALL_VERB_NONE))
        fault_set(&fault, -EINVAL,
                  "expected {\"verb\": show, next, back, hold, go, pop or clear, \"scene\": of show, \"case\": of "
                  "pop}");
    if (*fault.text) {
        reply_error(request, 400, "invalid", fault.text, "See GET /api/wall/view for the scenes.");
        return;
    }
    reply_view(request, context,
               &(struct wall_order){ .verb = (enum wall_verb)number, .scene = scene, .number = of_case });
}

/* ---- life ---- */

int wall_control_open(const struct wall_control_options *options, struct wall_control **out, struct fault *fault)
{
    struct wall_control *control = calloc(1, sizeof *control);
    if (!control)
        return fault_set(fault, -ENOMEM, "wall: out of memory");
    control->options = *options;
    int result =
        door_route(options->door, "GET", "/api/wall/view", options->look_roles, 0, handle_look, control, fault);
    if (!result)
        result = door_route(options->door, "POST", "/api/wall/view", options->switch_roles, BODY_BYTES, handle_order,
                            control, fault);
    if (!result)
        result = bus_server_open(options->loop, options->bus_port, BUS_WALL, ORDERS_PARALLEL, order_arrived, control,
                                 &control->server, fault);
    if (result) {
        wall_control_close(control);
        return result;
    }
    *out = control;
    return 0;
}

void wall_control_close(struct wall_control *control)
{
    if (!control)
        return;
    arena_finish(&control->arena);
    buffer_finish(&control->answer);
    free(control);
}
