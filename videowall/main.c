#include "videowall/centre.h"

#include <stdio.h>

#define NAME "drumtower-videowall"

static struct centre_options options = { .daemon = { .listen = "127.0.0.1:8313", .bus_port = BUS_PORT_BASE } };
static const struct arg args[] = {
    DAEMON_ARGS(options.daemon),
    DAEMON_DOOR_ARGS(options.daemon),
    { "bus-users", ARG_TEXT, &options.bus_users, "USERS", "users whose daemons may be on the bus, beside our own", 0,
      0 },
    { "output", ARG_TEXT, &options.output, "WHERE",
      "the native wall: png:FOLDER, rtsp:PORT, web (for pages), window, kms, several with commas; nothing: no native "
      "wall",
      0, 0 },
    { "scene", ARG_TEXT, &options.scene, "ID", "scene of wall.yaml in the book at start; nothing: the first one", 0,
      0 },
    { "cameras", ARG_TEXT, &options.cameras, "ID,ID",
      "cameras of the native wall at start, in place of a scene; without any: the book's first four", 0, 0 },
};
static const struct arg_program program = {
    .name = NAME,
    .usage = "--data DIR --book DIR [options]",
    .summary = "The command centre's door: the video wall (/wall.html) and the operators' desk (/desk.html), live "
               "pictures of the\n"
               "cameras, and a native wall that composes cameras and numbers itself.",
    .args = args,
    .arg_count = sizeof args / sizeof *args,
};

int main(int argc, char **argv)
{
    static struct centre centre;
    struct book *book = NULL;
    struct loop *loop = NULL;
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
        result = centre_open(&centre, loop, book, &options, &fault);
    if (result)
        daemon_fail(NAME, result, &fault);
    else
        result = loop_run(loop);
    centre_close(&centre);
    loop_destroy(loop);
    book_destroy(book);
    return daemon_exit_status(result);
}
