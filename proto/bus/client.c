#include <assert.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <stdlib.h>

#include "proto/base/clock.h"
#include "proto/base/metrics.h"
#include "proto/bus/mailbox.h"
#include "proto/bus/socket.h"

/* nng sends a request again when its connection broke, and else after this time. An answer over a connection that stands does
 * come, so the time is longer than anybody waits. */
enum { RESEND_MS = 3600 * 1000 };

struct ask {
    struct mail mail; /* first: an ask is what the mailbox carries */
    struct bus_client *client;
    nng_ctx ctx;
    nng_aio *aio;
    bool sent;
    int64_t deadline_mono_ms;
    void (*answered)(void *context, int status, struct bytes answer);
    void *context;
    nng_msg *answer; /* NULL: failed */
    struct ask *next_free;
};

struct bus_client {
    nng_socket socket;
    struct mailbox mailbox;
    struct ask *free; /* of the loop's thread only */
    struct ask asks[];
};

static struct metric timed_out = METRIC_COUNTER("drumtower_bus_asks_timed_out_total", "Questions without an answer.");
static struct metric turned_away = METRIC_COUNTER("drumtower_bus_asks_refused_total", "Questions that were not sent.");

static void set_timeout(struct ask *ask)
{
    int64_t left = ask->deadline_mono_ms - clock_mono_ms();
    nng_aio_set_timeout(ask->aio, left > 0 ? (nng_duration)left : NNG_DURATION_ZERO);
}

/* In a thread of nng: first the request has gone, then the answer is there, or either has failed. */
static void ask_moved(void *context)
{
    struct ask *ask = context;
    int result = nng_aio_result(ask->aio);
    if (!result && !ask->sent) {
        ask->sent = true;
        set_timeout(ask);
        nng_ctx_recv(ask->ctx, ask->aio);
        return;
    }
    if (result && !ask->sent)
        nng_msg_free(nng_aio_get_msg(ask->aio)); /* what could not be sent is still ours */
    ask->answer = result ? NULL : nng_aio_get_msg(ask->aio);
    mailbox_post(&ask->client->mailbox, &ask->mail);
}

static int deliver(void *context, struct mail *mail)
{
    struct bus_client *client = context;
    struct ask *ask = (struct ask *)mail;
    nng_msg *answer = ask->answer;
    void (*answered)(void *, int, struct bytes) = ask->answered;
    void *asker = ask->context;
    ask->next_free = client->free; /* free before the call, which may ask the next thing */
    client->free = ask;
    if (!answer) {
        metric_add(&timed_out, 1);
        answered(asker, -ETIMEDOUT, (struct bytes){ NULL, 0 });
        return 0;
    }
    answered(asker, 0, (struct bytes){ nng_msg_body(answer), nng_msg_len(answer) });
    nng_msg_free(answer);
    return 0;
}

int bus_ask(struct bus_client *client, struct bytes request, int64_t timeout_ms,
            void (*answered)(void *context, int status, struct bytes answer), void *context)
{
    assert(timeout_ms > 0 && timeout_ms < RESEND_MS);
    struct ask *ask = client->free;
    if (!ask || request.size > BUS_MESSAGE_MAX) {
        metric_add(&turned_away, 1);
        return ask ? -EMSGSIZE : -EAGAIN;
    }
    nng_msg *message;
    if (nng_msg_alloc(&message, 0) || nng_msg_append(message, request.data, request.size))
        abort(); /* out of memory */
    client->free = ask->next_free;
    ask->sent = false;
    ask->answer = NULL;
    ask->answered = answered;
    ask->context = context;
    ask->deadline_mono_ms = clock_mono_ms() + timeout_ms;
    set_timeout(ask);
    nng_aio_set_msg(ask->aio, message);
    nng_ctx_send(ask->ctx, ask->aio);
    return 0;
}

static int open_asks(struct bus_client *client, int parallel)
{
    for (int i = 0; i < parallel; i++) {
        struct ask *ask = &client->asks[i];
        ask->client = client;
        int result = nng_ctx_open(&ask->ctx, client->socket);
        if (!result)
            result = nng_ctx_set_ms(ask->ctx, NNG_OPT_REQ_RESENDTIME, RESEND_MS);
        if (!result)
            result = nng_aio_alloc(&ask->aio, ask_moved, ask);
        if (result)
            return result;
        ask->next_free = client->free;
        client->free = ask;
    }
    return 0;
}

int bus_client_open(struct loop *loop, int64_t port_base, enum bus_port port, int parallel, struct bus_client **out,
                    struct fault *fault)
{
    assert(parallel > 0);
    char url[64];
    bus_address(url, port_base, port);
    struct bus_client *client = calloc(1, sizeof *client + (size_t)parallel * sizeof *client->asks);
    if (!client)
        return fault_set(fault, -ENOMEM, "bus %s: out of memory", url);
    int result = nng_req0_open(&client->socket);
    if (result) {
        free(client);
        return bus_fault(result, url, fault);
    }
    if ((result = bus_socket_prepare(client->socket, url, port, true, fault)))
        return result;
    if ((result = mailbox_init(&client->mailbox, loop, deliver, client)))
        return fault_set(fault, result, "bus %s: no event descriptor", url);
    if ((result = bus_fault(open_asks(client, parallel), url, fault)) ||
        (result = bus_socket_dial(client->socket, url, NULL, fault)))
        return result;
    metric_register(&timed_out);
    metric_register(&turned_away);
    *out = client;
    return 0;
}
