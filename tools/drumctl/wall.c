/* drumctl wall: what the native wall shows, over the bus of its process. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/bus/bus.h"
#include "proto/record/wall.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/subcommands.h"

enum { ANSWER_MS = 5000 };

struct asking {
    struct loop *loop;
    int status; /* of the answer */
    struct arena arena;
    struct wall_view view;
    struct fault *fault;
};

static void answered(void *context, int status, struct bytes answer)
{
    struct asking *asking = context;
    asking->status = status;
    if (status)
        fault_set(asking->fault, status, "no answer; is drumtower-videowall running with this --bus-port?");
    else
        asking->status = record_decode(&wall_view_desc, answer, &asking->arena, &asking->view, asking->fault);
    loop_stop(asking->loop, 0);
}

static int ask(struct asking *asking, int64_t bus_port, const struct wall_order *order, struct fault *fault)
{
    struct bus_client *client;
    struct buffer request = { 0 };
    asking->fault = fault;
    int result = loop_create(&asking->loop, fault);
    if (!result)
        result = bus_client_open(asking->loop, bus_port, BUS_WALL, 1, &client, fault);
    if (result)
        return result;
    record_encode(&wall_order_desc, order, &request);
    result = bus_ask(client, buffer_view(&request), ANSWER_MS, answered, asking);
    buffer_finish(&request);
    if (result)
        return fault_set(fault, result, "the order cannot be sent: %s", strerror(-result));
    result = loop_run(asking->loop);
    return result ? result : asking->status;
}

static int print_view(const struct wall_view *view)
{
    if (view->result != WALL_RESULT_OK) {
        fprintf(stderr, "drumctl wall: %s\n", view->message);
        return 1;
    }
    printf("%s, page %" PRId64 " of %" PRId64 ", %" PRId64 " of %" PRId64 " tiles live%s%s%s\n",
           *view->scene ? view->scene : "cameras of the command line", view->page, view->pages, view->live, view->tiles,
           view->held ? ", held" : "", *view->popup ? ", over it the cameras near case " : "", view->popup);
    return 0;
}

static int read_order(char **argv, int operands, struct wall_order *order, struct fault *fault)
{
    int verb = operands ? enum_value(&wall_verb_desc, argv[0]) : WALL_VERB_LOOK;
    if (verb <= WALL_VERB_NONE)
        return fault_set(fault, -EINVAL, "no such order '%s'; expected look, show, next, back, hold, go, pop or clear",
                         argv[0]);
    if ((verb == WALL_VERB_SHOW || verb == WALL_VERB_POP) != (operands == 2))
        return fault_set(fault, -EINVAL, "'show' takes a scene, 'pop' a case, the others nothing; see --help");
    *order = (struct wall_order){ .verb = (enum wall_verb)verb,
                                  .scene = verb == WALL_VERB_SHOW ? argv[1] : "",
                                  .number = verb == WALL_VERB_POP ? argv[1] : "" };
    return 0;
}

int drumctl_wall(int argc, char **argv)
{
    int64_t bus_port = BUS_PORT_BASE;
    const struct arg args[] = {
        { "bus-port", ARG_INT, &bus_port, "N", "first port of the bus between the processes", 1, 65528 },
    };
    const struct arg_program program = {
        .name = "drumctl wall",
        .usage = "[--bus-port N] [look | show SCENE | next | back | hold | go | pop CASE | clear]",
        .summary = "Says what the native wall shows (look), or switches it: show a scene of wall.yaml from its first "
                   "page, turn\n"
                   "to the next page or back, hold a tour on its page, let it go on. What is asked for is shown once "
                   "its\n"
                   "cameras have their pictures, within 2.5 s in any case; the answer tells what is shown until then. "
                   "pop\n"
                   "brings up the cameras near a case, over what is shown, for the time that wall.yaml says; clear "
                   "takes "
                   "them away.",
        .args = args,
        .arg_count = sizeof args / sizeof *args,
        .min_operands = 0,
        .max_operands = 2,
    };
    struct fault fault = { "" };
    struct asking asking = { 0 };
    struct wall_order order;
    int operands, code = look_parse(&program, argc, argv, &operands, NULL);
    if (code != LOOK_GO_ON)
        return code;
    if (read_order(argv, operands, &order, &fault))
        return look_fail(&program, 2, &fault);
    int result = ask(&asking, bus_port, &order, &fault);
    code = result ? look_fail(&program, 1, &fault) : print_view(&asking.view);
    arena_finish(&asking.arena);
    loop_destroy(asking.loop);
    return code;
}
