#include <assert.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <stdlib.h>

#include "proto/base/metrics.h"
#include "proto/bus/mailbox.h"
#include "proto/bus/socket.h"

/* A peer that does not read its answers must not keep a place for longer. */
enum { ANSWER_TIMEOUT_MS = 5000 };

struct bus_ticket {
    struct mail mail; /* first: a ticket is what the mailbox carries */
    struct bus_server *server;
    nng_ctx ctx;
    nng_aio *aio;
    nng_msg *request; /* while the ticket is the loop's */
    bool answering;
};

struct bus_server {
    nng_socket socket;
    struct mailbox mailbox;
    int (*arrived)(void *context, struct bus_ticket *ticket, struct bytes request);
    void *context;
    int parallel;
    struct bus_ticket tickets[];
};

static struct metric requests = METRIC_COUNTER("drumtower_bus_requests_total", "Requests that came in over the bus.");
static struct metric unread = METRIC_COUNTER("drumtower_bus_answers_unread_total", "Answers not taken within 5 s.");

static void receive(struct bus_ticket *ticket)
{
    ticket->answering = false;
    nng_aio_set_timeout(ticket->aio, NNG_DURATION_INFINITE);
    nng_ctx_recv(ticket->ctx, ticket->aio);
}

/* In a thread of nng. */
static void ticket_moved(void *context)
{
    struct bus_ticket *ticket = context;
    int result = nng_aio_result(ticket->aio);
    if (result == NNG_ECLOSED || result == NNG_ECANCELED)
        return; /* the process ends */
    if (ticket->answering || result) {
        if (ticket->answering && result) {
            nng_msg_free(nng_aio_get_msg(ticket->aio));
            metric_add(&unread, 1);
        }
        receive(ticket);
        return;
    }
    ticket->request = nng_aio_get_msg(ticket->aio);
    metric_add(&requests, 1);
    mailbox_post(&ticket->server->mailbox, &ticket->mail);
}

static int deliver(void *context, struct mail *mail)
{
    struct bus_server *server = context;
    struct bus_ticket *ticket = (struct bus_ticket *)mail;
    return server->arrived(server->context, ticket,
                           (struct bytes){ nng_msg_body(ticket->request), nng_msg_len(ticket->request) });
}

void bus_answer(struct bus_ticket *ticket, struct bytes answer)
{
    assert(ticket->request);
    assert(answer.size <= BUS_MESSAGE_MAX);
    nng_msg *message = ticket->request;
    ticket->request = NULL;
    nng_msg_clear(message);
    if (nng_msg_append(message, answer.data, answer.size))
        abort(); /* out of memory */
    ticket->answering = true;
    nng_aio_set_timeout(ticket->aio, ANSWER_TIMEOUT_MS);
    nng_aio_set_msg(ticket->aio, message);
    nng_ctx_send(ticket->ctx, ticket->aio);
}

static int open_tickets(struct bus_server *server)
{
    for (int i = 0; i < server->parallel; i++) {
        struct bus_ticket *ticket = &server->tickets[i];
        ticket->server = server;
        int result = nng_ctx_open(&ticket->ctx, server->socket);
        if (!result)
            result = nng_aio_alloc(&ticket->aio, ticket_moved, ticket);
        if (result)
            return result;
    }
    for (int i = 0; i < server->parallel; i++)
        receive(&server->tickets[i]);
    return 0;
}

int bus_server_open(struct loop *loop, int64_t port_base, enum bus_port port, int parallel,
                    int (*arrived)(void *context, struct bus_ticket *ticket, struct bytes request), void *context,
                    struct bus_server **out, struct fault *fault)
{
    assert(parallel > 0 && arrived);
    char url[64];
    bus_address(url, port_base, port);
    struct bus_server *server = calloc(1, sizeof *server + (size_t)parallel * sizeof *server->tickets);
    if (!server)
        return fault_set(fault, -ENOMEM, "bus %s: out of memory", url);
    server->arrived = arrived;
    server->context = context;
    server->parallel = parallel;
    int result = nng_rep0_open(&server->socket);
    if (result) {
        free(server);
        return bus_fault(result, url, fault);
    }
    if ((result = bus_socket_prepare(server->socket, url, port, true, fault)))
        return result;
    if ((result = mailbox_init(&server->mailbox, loop, deliver, server)))
        return fault_set(fault, result, "bus %s: no event descriptor", url);
    if ((result = bus_fault(open_tickets(server), url, fault)) ||
        (result = bus_socket_listen(server->socket, url, NULL, fault)))
        return result; /* the process ends with what was opened: see bus.h */
    metric_register(&requests);
    metric_register(&unread);
    *out = server;
    return 0;
}
