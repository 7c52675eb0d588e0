/* citysim: a simulated city that talks to the doors only. See city.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/args.h"
#include "proto/base/clock.h"
#include "proto/base/crypto.h"
#include "proto/base/daemon.h"
#include "proto/base/log.h"
#include "tools/citysim/camsim/camsim.h"
#include "tools/citysim/city.h"
#include "tools/citysim/photo.h"
#include "tools/citysim/residents.h"
#include "tools/citysim/staff.h"
#include "tools/citysim/viewer.h"

static struct city_options options = {
    .ingest = "http://127.0.0.1:8311",
    .field = "http://127.0.0.1:8312",
    .wall = "http://127.0.0.1:8313",
    .seed = 1,
    .reports_per_minute = 0,
    .rtsp_port = 8554,
    .settle_seconds = 30,
    .think_ms = 0,
};
static const char *log_level = "info";

static const struct arg arguments[] = {
    { "book", ARG_TEXT, &options.book_folder, "DIR", "district book", 0, 0 },
    { "ingest", ARG_TEXT, &options.ingest, "URL", "door of ingest", 0, 0 },
    { "field", ARG_TEXT, &options.field, "URL", "door of the field", 0, 0 },
    { "wall", ARG_TEXT, &options.wall, "URL", "door of desk and wall", 0, 0 },
    { "password-file", ARG_TEXT, &options.password_file, "FILE", "password of the demo accounts", 0, 0 },
    { "seed", ARG_INT, &options.seed, "N", "the same seed draws the same city", 0, 0 },
    { "reports-per-minute", ARG_INT, &options.reports_per_minute, "N", "at the busiest hour; 0: 6, with --check 120", 0,
      60000 },
    { "think-ms", ARG_INT, &options.think_ms, "N", "a person's time for a step; 0: 4000, with --check 100", 0,
      3600000 },
    { "rtsp-port", ARG_INT, &options.rtsp_port, "N", "port of the simulated cameras; 0: none", 0, 65535 },
    { "camera-trouble-ms", ARG_INT, &options.trouble_ms, "N",
      "something befalls a simulated camera that often, on average; 0: nothing does", 0, 0 },
    { "check", ARG_FLAG, &options.check, "", "full rate at any hour, then a line of JSON with the totals", 0, 0 },
    { "reports", ARG_INT, &options.reports, "N", "after so many nobody reports any more; 0: without end", 0,
      INT32_MAX },
    { "settle", ARG_INT, &options.settle_seconds, "N", "with --reports: then at most so long until all is at rest", 0,
      86400 },
    { "log-level", ARG_TEXT, &log_level, "LEVEL", "error, warn, info or debug", 0, 0 },
};
static const struct arg_program program = {
    .name = "citysim",
    .usage = "--book DIR --password-file FILE [options]",
    .summary = "A simulated city: residents who report, operators, liaisons and grid workers who act, cameras that "
               "show.\n"
               "It talks to the doors only. With --check it ends by itself; exit status 1 if something was lost or "
               "doubled.",
    .args = arguments,
    .arg_count = sizeof arguments / sizeof *arguments,
};

/* Ends a run with --reports when all is at rest, or when the patience is over. */
struct ending {
    struct city *city;
    struct viewer *viewer;
    const struct staff *staff;
    struct loop_timer look;
    int64_t patience_ends_mono_ms;
};

static int look_for_the_end(void *context)
{
    struct ending *ending = context;
    struct city *city = ending->city;
    int64_t live = viewer_tiles_live(ending->viewer);
    if (live > city->ledger.tiles_live)
        city->ledger.tiles_live = live;
    if (city->resting && !ending->patience_ends_mono_ms)
        ending->patience_ends_mono_ms = clock_mono_ms() + options.settle_seconds * 1000;
    bool rest = city->resting && ledger_at_rest(&city->ledger) && staff_idle(ending->staff);
    if (rest || (ending->patience_ends_mono_ms && clock_mono_ms() > ending->patience_ends_mono_ms))
        loop_stop(city->loop, 0);
    else
        loop_timer_arm(city->loop, &ending->look, 200);
    return 0;
}

static int read_password(struct city *city, struct fault *fault)
{
    FILE *file = fopen(options.password_file, "re");
    if (!file)
        return fault_set(fault, -errno, "%s: %s", options.password_file, strerror(errno));
    bool got = fgets(city->password, sizeof city->password, file) != NULL;
    fclose(file);
    city->password[strcspn(city->password, "\n")] = 0;
    return got ? 0
               : fault_set(fault, -EINVAL, "%s: is empty; it should hold the password of the demo accounts",
                           options.password_file);
}

static bool has_polygons(const struct book *book)
{
    for (size_t i = 0; i < book->area_count; i++)
        if (book->areas[i].has_polygon)
            return true;
    return false;
}

static bool has_services(const struct book *book)
{
    for (size_t i = 0; i < book->service_count; i++)
        if (residents_know(&book->services[i]))
            return true;
    return false;
}

static int open_book(struct city *city, struct fault *fault)
{
    int result = book_load(options.book_folder, &city->book, NULL, NULL, fault);
    if (!result && !has_polygons(city->book))
        result = fault_set(fault, -EINVAL, "%s: no area has a polygon: nobody would know where to report from",
                           options.book_folder);
    if (!result && !has_services(city->book))
        result = fault_set(fault, -EINVAL,
                           "%s: no service is public and without required attributes: nobody would know what to report",
                           options.book_folder);
    return result;
}

static int cameras_of(const struct book *book, struct camsim **cameras, struct fault *fault)
{
    if (!options.rtsp_port || !book->camera_count)
        return 0;
    const char **ids = calloc(book->camera_count, sizeof *ids);
    if (!ids)
        return fault_set(fault, -ENOMEM, "cameras: out of memory");
    for (size_t i = 0; i < book->camera_count; i++)
        ids[i] = book->cameras[i].id;
    struct camsim_options simulated = { .port = options.rtsp_port,
                                        .ids = ids,
                                        .id_count = book->camera_count,
                                        .seed = options.seed,
                                        .trouble_mean_ms = options.trouble_ms };
    int result = camsim_start(&simulated, cameras, fault);
    free(ids);
    return result;
}

/* Runs the city on an open book. */
static int live(struct city *city, struct fault *fault)
{
    struct staff *staff = NULL;
    struct residents residents;
    struct viewer viewer = { 0 };
    struct buffer photo = { 0 };
    int result = photo_take(&photo, fault);
    if (!result)
        result = staff_start(city, buffer_view(&photo), &staff, fault);
    if (!result) {
        viewer_start(&viewer, city);
        residents_start(&residents, city);
        struct ending ending = { .city = city, .viewer = &viewer, .staff = staff };
        ending.look = (struct loop_timer){ .fire = look_for_the_end, .context = &ending };
        loop_timer_arm(city->loop, &ending.look, 200);
        result = loop_run(city->loop);
    }
    http_destroy(city->http);
    city->http = NULL;
    viewer_stop(&viewer);
    staff_stop(staff);
    buffer_finish(&photo);
    return result;
}

static int totals(struct city *city)
{
    struct buffer line = { 0 };
    ledger_print(&city->ledger, &line);
    printf("%s\n", buffer_string(&line));
    buffer_finish(&line);
    return ledger_at_rest(&city->ledger) ? 0 : 1;
}

/* <0: a wrong call. */
static int read_call(int argc, char **argv, struct fault *fault)
{
    enum log_level level;
    int operands;
    int result = args_parse(&program, argc, argv, &operands, fault);
    if (!result && (!options.book_folder || !options.password_file))
        result = fault_set(fault, -EINVAL, "--book and --password-file are needed; citysim --help explains");
    if (!result && log_level_parse(log_level, &level) < 0)
        result = fault_set(fault, -EINVAL, "--log-level: '%s' is not error, warn, info or debug", log_level);
    if (!result)
        log_init(program.name, level);
    return result;
}

int main(int argc, char **argv)
{
    struct fault fault = { "" };
    struct city city = { .options = &options };
    struct camsim *cameras = NULL;
    int result = read_call(argc, argv, &fault);
    if (result == ARGS_EXIT)
        return 0;
    if (result) {
        daemon_fail(program.name, result, &fault);
        return 2;
    }
    options.reports_per_minute = options.reports_per_minute ? options.reports_per_minute : options.check ? 120 : 6;
    options.think_ms = options.think_ms ? options.think_ms : options.check ? 100 : 4000;
    city.dice.state = (uint64_t)options.seed;
    city.residents_dice.state = ~(uint64_t)options.seed;
    if (!(result = crypto_init(&fault)) && !(result = read_password(&city, &fault)) &&
        !(result = open_book(&city, &fault)) && !(result = loop_create(&city.loop, &fault)) &&
        !(result = loop_catch_signals(city.loop, &fault)) && !(result = cameras_of(city.book, &cameras, &fault)) &&
        !(result = http_create(city.loop, &city.http, &fault)) && !(result = live(&city, &fault)) && options.check)
        result = totals(&city);
    if (result < 0)
        daemon_fail(program.name, result, &fault);
    http_destroy(city.http);
    camsim_stop(cameras);
    loop_destroy(city.loop);
    ledger_finish(&city.ledger);
    book_destroy(city.book);
    return daemon_exit_status(result);
}
