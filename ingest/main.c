#include "ingest/cameras/cameras.h"
#include "ingest/service.h"
#include "ingest/sources/camera_round.h"

#define NAME "drumtower-ingest"

static struct service_options options = {
    .daemon = { .listen = "127.0.0.1:8311", .bus_port = BUS_PORT_BASE },
};
static const struct arg args[] = {
    DAEMON_ARGS(options.daemon),
    DAEMON_DOOR_ARGS(options.daemon),
    { "bus-users", ARG_TEXT, &options.bus_users, "USERS", "users whose doors may hand on reports, beside our own", 0,
      0 },
    { "suggest-model", ARG_TEXT, &options.model, "FILE", "for reports without a service; default DATA/" SUGGESTER_FILE,
      0, 0 },
    { "keys", ARG_TEXT, &options.keys, "DIR", "key files of the book's sources, NAME.key; default DATA/keys", 0, 0 },
};
static const struct arg_program program = {
    .name = NAME,
    .usage = "--data DIR --book DIR [options]",
    .summary = "Takes what the streets report (Open311 GeoReport v2, the resident's page), makes it durable in "
               "DATA/events "
               "and\n"
               "answers only then; and what sources.yaml of the book names: signed messages and tables of other "
               "systems\n"
               "(POST /hooks/NAME, /imports/NAME), sensors (MQTT), feeds of alerts (CAP), other cities to which cases "
               "are\n"
               "handed on (Open311), group chats (POST /chats/NAME, answered by callback).\n"
               "Pulls the cameras that somebody looks at; visits all of them within the minutes that cameras.yaml "
               "says,\n"
               "keeps a small picture of each (DATA/cameras), and tells what is wrong with them.",
    .args = args,
    .arg_count = sizeof args / sizeof *args,
};

int main(int argc, char **argv)
{
    static struct service service; /* large: the table of addresses */
    struct book *book = NULL;
    struct loop *loop = NULL;
    struct cameras *cameras = NULL;
    struct camera_round *round = NULL;
    struct fault fault = { "" };
    int result = daemon_start(&program, argc, argv, &options.daemon);
    if (result)
        return result == ARGS_EXIT ? 0 : 2;
    result = book_load(options.daemon.book, &book, NULL, NULL, &fault);
    if (!result)
        result = loop_create(&loop, &fault);
    if (!result)
        result = loop_catch_signals(loop, &fault);
    if (!result)
        result = service_open(&service, loop, book, &options, &fault);
    if (!result)
        result = cameras_open(loop, book, options.daemon.bus_port, &cameras, &fault);
    if (!result)
        result = camera_round_open(
            &(struct camera_round_options){ loop, book, options.daemon.data, service.log, service.intake, cameras },
            &round, &fault);
    if (result)
        daemon_fail(NAME, result, &fault);
    else
        result = loop_run(loop);
    cameras_close(cameras);
    service_close(&service);
    camera_round_close(round);
    loop_destroy(loop);
    book_destroy(book);
    return daemon_exit_status(result);
}
