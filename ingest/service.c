#include "ingest/service.h"

#include <stdio.h>

#include "proto/base/log.h"
#include "proto/base/timestamp.h"
#include "proto/door/daemon_door.h"

enum { READERS_CHECK_MS = 60 * 1000, MODEL_CHECK_MS = 2 * 1000 };

/* A reader that was killed keeps old pages of the store alive until its slot is cleared. */
static int check_readers(void *context)
{
    struct service *service = context;
    reports_check_readers(service->reports);
    loop_timer_arm(service->loop, &service->minute, READERS_CHECK_MS);
    return 0;
}

static int check_model(void *context)
{
    struct service *service = context;
    suggester_check(&service->suggester);
    loop_timer_arm(service->loop, &service->model, MODEL_CHECK_MS);
    return 0;
}

static void open_suggester(struct service *service, const struct service_options *options)
{
    if (options->model)
        snprintf(service->model_path, sizeof service->model_path, "%s", options->model);
    else
        snprintf(service->model_path, sizeof service->model_path, "%s/" SUGGESTER_FILE, options->daemon.data);
    suggester_open(&service->suggester, service->desk.book, service->model_path);
    loop_timer_arm(service->loop, &service->model, MODEL_CHECK_MS);
}

static int open_store(struct service *service, const struct daemon_options *daemon, struct fault *fault)
{
    int result = event_log_open(daemon->data, STORE_READ_WRITE, &service->log, fault);
    if (!result)
        result =
            reports_open(service->log, daemon->data, service->desk.book->door.list_events, &service->reports, fault);
    if (!result)
        result = pseudonym_open(daemon->data, &service->desk.pseudonym, fault);
    return result;
}

static int add_routes(struct service *service, const struct daemon_options *daemon, struct fault *fault)
{
    const struct book_door_limits *limits = &service->desk.book->door;
    service->reports_quota.most = limits->reports_per_address_per_hour;
    service->reports_quota.window_ms = MS_PER_HOUR;
    service->lists_quota.most = limits->lists_per_address_per_minute;
    service->lists_quota.window_ms = MS_PER_MINUTE;
    service->open311 = (struct open311){
        .desk = &service->desk,
        .intake = service->intake,
        .reports = service->reports,
        .scheme = daemon->tls_cert ? "https" : "http",
        .access = { .folder = service->keys,
                    .reports_quota = &service->reports_quota,
                    .lists_quota = &service->lists_quota },
    };
    service->resident = (struct resident){
        .desk = &service->desk,
        .intake = service->intake,
        .reports = service->reports,
        .quota = &service->reports_quota,
        .pages = service->pages,
    };
    int result = open311_routes(&service->open311, service->door, fault);
    return result ? result : resident_routes(&service->resident, service->door, fault);
}

static void find_keys(struct service *service, const struct service_options *options)
{
    if (options->keys)
        snprintf(service->keys, sizeof service->keys, "%s", options->keys);
    else
        snprintf(service->keys, sizeof service->keys, "%s/keys", options->daemon.data);
}

static int open_sources(struct service *service, struct fault *fault)
{
    return sources_open(&(struct sources_options){ .loop = service->loop,
                                                   .desk = &service->desk,
                                                   .log = service->log,
                                                   .intake = service->intake,
                                                   .door = service->door,
                                                   .reports = service->reports,
                                                   .suggester = &service->suggester,
                                                   .keys = service->keys },
                        &service->sources, fault);
}

int service_open(struct service *service, struct loop *loop, const struct book *book,
                 const struct service_options *options, struct fault *fault)
{
    const struct daemon_options *daemon = &options->daemon;
    service->loop = loop;
    service->bus_port = daemon->bus_port;
    service->desk = (struct report_desk){ .book = book, .data_folder = daemon->data };
    service->minute = (struct loop_timer){ .fire = check_readers, .context = service };
    service->model = (struct loop_timer){ .fire = check_model, .context = service };
    daemon_pages(daemon, service->pages);
    find_keys(service, options);
    open_suggester(service, options);
    int result = bus_allow_users(options->bus_users, fault);
    if (!result)
        result = open_store(service, daemon, fault);
    if (!result)
        result = bus_publisher_dial(daemon->bus_port, BUS_EVENTS, &service->doorbell, fault);
    if (!result)
        result = daemon_door_open(loop, daemon, book, &service->door, fault);
    if (!result)
        result = daemon_door_darkroom(loop, book, &service->desk.darkroom, fault);
    if (!result)
        result = intake_open(&(struct intake_options){ .loop = loop,
                                                       .log = service->log,
                                                       .doorbell = service->doorbell,
                                                       .queue = book->door.reports_waiting,
                                                       .patience_ms = book->door.log_seconds * MS_PER_SECOND,
                                                       .suggester = &service->suggester,
                                                       .book = book },
                             &service->intake, fault);
    if (!result)
        result = add_routes(service, daemon, fault);
    service->staff = (struct staff_reports){ .desk = &service->desk, .intake = service->intake };
    if (!result)
        result = open_sources(service, fault);
    int64_t last = result ? 0 : event_log_last(service->log, fault);
    if (result || last < 0)
        return result ? result : (int)last;
    loop_timer_arm(loop, &service->minute, READERS_CHECK_MS);
    log_info("listening", "address=%s book=%s events=%lld", door_address(service->door), book->code, (long long)last);
    return 0;
}

int service_lead(struct service *service, struct fault *fault)
{
    int result = staff_reports_open(&service->staff, service->loop, service->bus_port, fault);
    return result ? result : sources_lead(service->sources, fault);
}

void service_close(struct service *service)
{
    intake_settle(service->intake); /* one that failed has been told, and has nobody to answer */
    door_close(service->door);
    darkroom_close(service->desk.darkroom);
    sources_close(service->sources);
    intake_close(service->intake);
    reports_close(service->reports);
    event_log_close(service->log);
    resident_finish(&service->resident);
    open311_finish(&service->open311);
    suggester_close(&service->suggester);
    *service = (struct service){ 0 };
}
