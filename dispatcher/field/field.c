#include "dispatcher/field/field.h"

#include <stdio.h>

#include "proto/base/log.h"
#include "proto/door/session.h"

static int open_door(struct field *field, struct loop *loop, const struct book *book,
                     const struct daemon_options *daemon, struct fault *fault)
{
    struct door_options options = {
        .listen = daemon->listen,
        .tls_cert = daemon->tls_cert,
        .tls_key = daemon->tls_key,
        .connections = book->door.connections,
        .connections_per_address = book->door.connections_per_address,
        .header_bytes = book->door.header_bytes,
        .body_bytes = book->door.body_bytes,
        .request_seconds = book->door.request_seconds,
    };
    int result = door_open(loop, &options, &field->door, fault);
    if (!result)
        result = accounts_open(daemon->data, &field->accounts, fault);
    return result ? result : door_use_accounts(field->door, field->accounts, fault);
}

static int serve_pages(struct field *field, const struct daemon_options *daemon, struct fault *fault)
{
    static const struct {
        const char *prefix, *folder;
    } served[] = { { "/", "field" }, { "/shared/", "shared" }, { "/vendor/", "vendor" } };
    char pages[DAEMON_PATH];
    daemon_pages(daemon, pages);
    for (size_t i = 0; i < sizeof served / sizeof *served; i++) {
        char folder[DAEMON_PATH + 16];
        snprintf(folder, sizeof folder, "%s/%s", pages, served[i].folder);
        int result = door_static(field->door, served[i].prefix, folder, false, fault);
        if (result)
            return fault_prefix(fault, result, "pages (build them, or name their folder with --pages)");
    }
    return 0;
}

int field_open(struct field *field, struct loop *loop, const struct book *book, const struct field_options *options,
               struct fault *fault)
{
    const struct daemon_options *daemon = &options->daemon;
    int result = bus_allow_users(options->bus_users, fault);
    if (!result)
        result = open_door(field, loop, book, daemon, fault);
    if (!result)
        result = serve_pages(field, daemon, fault);
    if (result)
        return result;
    log_info("listening", "address=%s book=%s", door_address(field->door), book->code);
    return case_api_open(&(struct case_api_options){ .loop = loop,
                                                     .door = field->door,
                                                     .book = book,
                                                     .data_folder = daemon->data,
                                                     .bus_port_base = daemon->bus_port,
                                                     .roles = ROLE_BIT(ROLE_WORKER) | ROLE_BIT(ROLE_LIAISON) },
                         &field->cases, fault);
}

void field_close(struct field *field)
{
    case_api_close(field->cases);
    door_close(field->door);
    accounts_close(field->accounts);
    *field = (struct field){ 0 };
}
