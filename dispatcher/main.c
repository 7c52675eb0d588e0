/* drumtower-dispatcher: parse, load, open, run, close. */
#include "dispatcher/recovery.h"
#include "dispatcher/service.h"
#include "proto/base/daemon.h"
#include "proto/bus/bus.h"

static struct daemon_options options = { .bus_port = BUS_PORT_BASE };
static struct service_options service_options = { .turn_inputs = SERVICE_TURN_INPUTS };
static const char *replay_from, *replay_books;

static const struct arg args[] = {
    DAEMON_ARGS(options),
    { "bus-users", ARG_TEXT, &service_options.bus_users, "USERS", "users whose doors may send commands, beside our own",
      0, 0 },
    { "turn-inputs", ARG_INT, &service_options.turn_inputs, "N", "events that one turn takes at most", 1, 100000 },
    { "remote-cert", ARG_TEXT, &service_options.remote_cert, "FILE", "certificate and key (PEM) for remote departments",
      0, 0 },
    { "remote-ca", ARG_TEXT, &service_options.remote_ca, "DIR", "CODE.pem of each remote department's own CA", 0, 0 },
    { "replay-journal", ARG_TEXT, &replay_from, "DIR", "rebuild --data from the journal of this data folder, and end",
      0, 0 },
    { "replay-books", ARG_TEXT, &replay_books, "DIR", "folder of the older books that the journal names", 0, 0 },
};

static const struct arg_program program = {
    "drumtower-dispatcher",
    "--data DIR --book DIR [options]",
    "Makes cases of events, decides, runs the clocks and keeps the store of cases. One per data folder.",
    args,
    sizeof args / sizeof *args,
    0,
    0,
};

int main(int argc, char **argv)
{
    struct fault fault = { "" };
    struct book *book = NULL;
    int result = daemon_start(&program, argc, argv, &options);
    if (result)
        return result == ARGS_EXIT ? 0 : 2;
    result = book_load(options.book, &book, NULL, NULL, &fault);
    service_options.book = book;
    service_options.data_folder = options.data;
    service_options.bus_port = options.bus_port;
    if (result == 0)
        result = replay_from ? recovery_run(replay_from, options.data, book, replay_books, &fault)
                             : service_run(&service_options, &fault);
    book_destroy(book);
    if (result < 0)
        daemon_fail(program.name, result, &fault);
    return daemon_exit_status(result);
}
