#include "dispatcher/field/field.h"

static struct field_options options = { .daemon = { .listen = "127.0.0.1:8312", .bus_port = BUS_PORT_BASE } };
static const struct arg args[] = {
    DAEMON_ARGS(options.daemon),
    DAEMON_DOOR_ARGS(options.daemon),
    { "bus-users", ARG_TEXT, &options.bus_users, "USERS", "users whose dispatcher may be on the bus, beside our own", 0,
      0 },
};
static const struct arg_program program = {
    .name = "drumtower-field",
    .usage = "--data DIR --book DIR [options]",
    .summary = "The field door: the handsets of grid workers and the liaisons of departments, pages and API. Tells\n"
               "/readyz when the dispatcher is not heard.",
    .args = args,
    .arg_count = sizeof args / sizeof *args,
};

int main(int argc, char **argv)
{
    static struct field field;
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
        result = field_open(&field, loop, book, &options, &fault);
    if (result)
        daemon_fail(program.name, result, &fault);
    else
        result = loop_run(loop);
    field_close(&field);
    loop_destroy(loop);
    book_destroy(book);
    return daemon_exit_status(result);
}
