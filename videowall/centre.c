#include "videowall/centre.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/log.h"
#include "proto/door/daemon_door.h"
#include "proto/store/store.h"

enum { READERS_CHECK_MS = 60 * 1000 };
enum {
    DESK_ROLES = 1u << ROLE_OPERATOR | 1u << ROLE_LEADER | 1u << ROLE_ADMIN,
    MOVE_ROLES = 1u << ROLE_OPERATOR | 1u << ROLE_LEADER,
    CENTRE_ROLES = DESK_ROLES | 1u << ROLE_DEVICE,
};

static int open_door(struct centre *centre, const struct book *book, const struct daemon_options *daemon,
                     struct fault *fault)
{
    int result = daemon_door_open(centre->loop, daemon, book, &centre->door, fault);
    if (!result)
        result = accounts_open(daemon->data, &centre->accounts, fault);
    return result ? result : door_use_accounts(centre->door, centre->accounts, fault);
}

/* What people type: /wall for /wall.html. */
static void redirect(struct request *request, void *page)
{
    reply_redirect(request, 302, page);
}

static int serve_pages(struct centre *centre, const struct daemon_options *daemon, struct fault *fault)
{
    static const char *const pages[][2] = { { "/wall", "/wall.html" },
                                            { "/desk", "/desk.html" },
                                            { "/cameras", "/cameras.html" },
                                            { "/indicators", "/indicators.html" } };
    int result = daemon_door_pages(centre->door, daemon, "videowall", fault);
    for (size_t i = 0; !result && i < sizeof pages / sizeof *pages; i++)
        result = door_route(centre->door, "GET", pages[i][0], 0, 0, redirect, (void *)pages[i][1], fault);
    return result;
}

static int open_cases(struct centre *centre, const struct book *book, const struct daemon_options *daemon,
                      struct fault *fault)
{
    struct case_api_options options = {
        .loop = centre->loop,
        .door = centre->door,
        .book = book,
        .data_folder = daemon->data,
        .bus_port_base = daemon->bus_port,
        .roles = CENTRE_ROLES,
    };
    return case_api_open(&options, &centre->cases, fault);
}

/* "a,b,c" → its parts, in the text itself. */
static size_t split(char *text, const char **parts, size_t max)
{
    size_t count = 0;
    char *rest = NULL;
    for (char *part = strtok_r(text, ",", &rest); part && count < max; part = strtok_r(NULL, ",", &rest))
        parts[count++] = part;
    return count;
}

static int open_pictures(struct centre *centre, const struct book *book, const struct centre_options *options,
                         struct fault *fault)
{
    char ids[WALL_TILES_MAX * 66];
    const char *cameras[WALL_TILES_MAX];
    snprintf(ids, sizeof ids, "%s", options->cameras ? options->cameras : "");
    struct wall_options wall = { .loop = centre->loop,
                                 .book = book,
                                 .output = options->output,
                                 .scene = options->scene,
                                 .cameras = cameras,
                                 .camera_count = split(ids, cameras, WALL_TILES_MAX) };
    struct live_options live = { .loop = centre->loop, .door = centre->door, .book = book, .roles = CENTRE_ROLES };
    int result = feeds_open(centre->loop, book, options->daemon.bus_port, "videowall", &centre->feeds, fault);
    wall.feeds = live.feeds = centre->feeds;
    if (!result)
        result = live_open(&live, &centre->live, fault);
    centre->evidence.options =
        (struct evidence_options){ centre->door, centre->feeds, book, case_api_store(centre->cases), DESK_ROLES };
    centre->moves.options = (struct move_options){ centre->door, centre->feeds, book, MOVE_ROLES };
    if (!result)
        result = evidence_open(&centre->evidence, fault);
    if (!result)
        result = moves_open(&centre->moves, fault);
    return result ? result : wall_open(&wall, &centre->wall, fault);
}

static int open_cameras(struct centre *centre, const struct book *book, const struct daemon_options *daemon,
                        struct fault *fault)
{
    int result = checkup_open(centre->loop, book, daemon->bus_port, &centre->checkup, fault);
    centre->camera_api = (struct camera_api){ .door = centre->door,
                                              .book = book,
                                              .checkup = centre->checkup,
                                              .feeds = centre->feeds,
                                              .data_folder = daemon->data,
                                              .roles = CENTRE_ROLES };
    return result ? result : camera_api_open(&centre->camera_api, fault);
}

static int open_popups(struct centre *centre, const struct book *book, struct fault *fault)
{
    struct case_popup_options options = { .loop = centre->loop,
                                          .door = centre->door,
                                          .book = book,
                                          .places = feeds_places(centre->feeds),
                                          .cases = case_api_store(centre->cases),
                                          .wall = centre->wall,
                                          .roles = DESK_ROLES };
    return case_popups_open(&options, &centre->popups, fault);
}

static int open_control(struct centre *centre, const struct book *book, const struct daemon_options *daemon,
                        struct fault *fault)
{
    struct wall_control_options options = { .loop = centre->loop,
                                            .door = centre->door,
                                            .book = book,
                                            .bus_port = daemon->bus_port,
                                            .look_roles = CENTRE_ROLES,
                                            .switch_roles = DESK_ROLES,
                                            .wall = centre->wall,
                                            .popups = centre->popups };
    return wall_control_open(&options, &centre->wall_control, fault);
}

static int open_figures(struct centre *centre, const struct book *book, struct fault *fault)
{
    struct wall_api_options options = {
        .loop = centre->loop,
        .door = centre->door,
        .book = book,
        .cases = case_api_store(centre->cases),
        .roles = CENTRE_ROLES,
        .native = centre->wall,
    };
    centre->indicators = (struct indicator_api){ centre->door, book, options.cases, DESK_ROLES };
    int result = wall_api_open(&options, &centre->wall_api, fault);
    return result ? result : indicator_api_open(&centre->indicators, fault);
}

/* A reader that was killed keeps old pages of the store alive until its slot is cleared. */
static int check_readers(void *context)
{
    struct centre *centre = context;
    store_check_readers(case_api_store(centre->cases));
    loop_timer_arm(centre->loop, &centre->minute, READERS_CHECK_MS);
    return 0;
}

int centre_open(struct centre *centre, struct loop *loop, const struct book *book, const struct centre_options *options,
                struct fault *fault)
{
    centre->loop = loop;
    centre->minute = (struct loop_timer){ .fire = check_readers, .context = centre };
    int result = bus_allow_users(options->bus_users, fault);
    if (!result)
        result = wall_check_output(options->output, fault);
    if (!result)
        result = open_door(centre, book, &options->daemon, fault);
    if (!result)
        result = serve_pages(centre, &options->daemon, fault);
    if (!result)
        result = open_cases(centre, book, &options->daemon, fault);
    if (!result)
        result = open_pictures(centre, book, options, fault);
    if (!result)
        result = open_cameras(centre, book, &options->daemon, fault);
    if (!result)
        result = open_popups(centre, book, fault);
    if (!result)
        result = open_control(centre, book, &options->daemon, fault);
    if (!result)
        result = open_figures(centre, book, fault);
    if (result)
        return result;
    loop_timer_arm(loop, &centre->minute, READERS_CHECK_MS);
    log_info("listening", "address=%s book=%s output=%s", door_address(centre->door), book->code,
             options->output ? options->output : "none");
    return 0;
}

void centre_close(struct centre *centre)
{
    wall_api_close(centre->wall_api);
    wall_control_close(centre->wall_control);
    case_popups_close(centre->popups);
    wall_close(centre->wall);
    live_close(centre->live);
    checkup_close(centre->checkup);
    feeds_close(centre->feeds);
    case_api_close(centre->cases);
    door_close(centre->door);
    accounts_close(centre->accounts);
    *centre = (struct centre){ 0 };
}
