/* bench-door: our own door without a store: every report is answered at once as if it were durable. The limit of bench-ingest. */
#include "proto/door/door.h"
#include "proto/base/crypto.h"
#include "proto/base/daemon.h"
#include "proto/base/log.h"
#include "tools/benches/posts.h"

static const char *address = "127.0.0.1:0";

static const struct arg args[] = { { "listen", ARG_TEXT, &address, "HOST:PORT", "address of the door", 0, 0 } };
static const struct arg_program program = {
    "bench-door",
    "[options]",
    "The door of drumtower-ingest for Open311 reports that keeps nothing: what the rest of its work is measured "
    "against.",
    args,
    sizeof args / sizeof *args,
    0,
    0,
};

static void answer(struct request *request, void *context)
{
    (void)context;
    reply_text(request, 201, "application/json; charset=utf-8",
               "[{\"service_request_id\":\"1000000\",\"service_notice\":null,\"account_id\":null}]");
}

int main(int argc, char **argv)
{
    struct loop *loop = NULL;
    struct door *door = NULL;
    struct fault fault = { "" };
    int operands, result = args_parse(&program, argc, argv, &operands, &fault);
    if (result)
        return result == ARGS_EXIT ? 0 : daemon_fail(program.name, 2, &fault);
    log_init(program.name, LOG_LEVEL_INFO);
    result = crypto_init(&fault);
    if (!result)
        result = loop_create(&loop, &fault);
    if (!result)
        result = loop_catch_signals(loop, &fault);
    if (!result)
        result = door_open(loop, &(struct door_options){ .listen = address }, &door, &fault);
    if (!result)
        result = door_route(door, "POST", POST_PATH, 0, -1, answer, NULL, &fault);
    if (result < 0)
        daemon_fail(program.name, result, &fault);
    else {
        log_info("listening", "address=%s", door_address(door));
        result = loop_run(loop);
    }
    door_close(door);
    loop_destroy(loop);
    return daemon_exit_status(result);
}
