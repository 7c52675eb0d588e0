#include "proto/door/daemon_door.h"

#include <stdio.h>

int daemon_door_open(struct loop *loop, const struct daemon_options *daemon, const struct book *book,
                     struct door **door, struct fault *fault)
{
    const struct book_door_limits *limits = &book->door;
    struct door_options options = {
        .listen = daemon->listen,
        .tls_cert = daemon->tls_cert,
        .tls_key = daemon->tls_key,
        .connections = limits->connections,
        .connections_per_address = limits->connections_per_address,
        .header_bytes = limits->header_bytes,
        .body_bytes = limits->body_bytes,
        .body_memory_bytes = limits->body_memory_bytes,
        .request_seconds = limits->request_seconds,
        .sign_in_failures = limits->sign_in_failures,
        .lock_seconds = limits->lock_seconds,
        .lock_seconds_most = limits->lock_seconds_most,
        .address_failures_per_minute = limits->address_failures_per_minute,
    };
    return door_open(loop, &options, door, fault);
}

int daemon_door_darkroom(struct loop *loop, const struct book *book, struct darkroom **darkroom, struct fault *fault)
{
    const struct book_photo_limits *limits = &book->photo;
    struct darkroom_options options = {
        .loop = loop,
        .limits = { limits->pixels, limits->edge_px, limits->small_px, limits->seconds },
        .workers = limits->workers,
        .waiting = limits->waiting,
    };
    return darkroom_open(&options, darkroom, fault);
}

int daemon_door_pages(struct door *door, const struct daemon_options *daemon, const char *folder, struct fault *fault)
{
    const struct {
        const char *prefix, *folder;
    } served[] = { { "/", folder }, { "/shared/", "shared" }, { "/vendor/", "vendor" } };
    char pages[DAEMON_PATH], path[DAEMON_PATH + 64];
    daemon_pages(daemon, pages);
    for (size_t i = 0; i < sizeof served / sizeof *served; i++) {
        snprintf(path, sizeof path, "%s/%s", pages, served[i].folder);
        int result = door_static(door, served[i].prefix, path, false, fault);
        if (result)
            return fault_prefix(fault, result, "pages (build them, or name their folder with --pages)");
    }
    return 0;
}
