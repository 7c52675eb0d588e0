/* Remote departments: each has a socket of its own (TLS, client certificates), which carries its own topics only. */
#pragma once

#include "proto/book/book.h"
#include "proto/bus/bus.h"
#include "proto/record/notice.h"

struct remotes {
    const struct book *book;
    struct remote_socket {
        const struct book_department *department;
        struct bus_remote *socket;
    } * sockets;
    size_t count;
};

/* One socket for each department of the book with `remote_listen`. Without a certificate none is opened, and a warning says so. */
int remotes_open(struct remotes *remotes, const struct book *book, const char *cert, const char *ca_folder,
                 struct fault *fault);
void remotes_finish(struct remotes *remotes); /* safe on a zeroed struct; the sockets end with the process */
/* dept/CODE and its workers' topics. */
void remotes_publish(const struct remotes *remotes, const struct notice *notice, struct bytes message);
