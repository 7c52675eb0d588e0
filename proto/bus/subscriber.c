#include <assert.h>
#include <nng/nng.h>
#include <nng/protocol/pubsub0/sub.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/metrics.h"
#include "proto/bus/mailbox.h"
#include "proto/bus/socket.h"

/* Messages taken in one round of the loop, so that a flood does not starve the doors. */
enum { TAKEN_AT_ONCE = 256 };

/* One message wakes the loop; the loop takes those behind it out of nng's queue itself and only then waits for the next. So what a
 * slow loop leaves waits in that queue, which is bounded and drops the oldest. */
struct bus_subscriber {
    struct mail mail; /* first: the subscriber is what its mailbox carries */
    nng_socket socket;
    nng_aio *aio;
    struct mailbox mailbox;
    nng_msg *message; /* the one that woke the loop */
    int (*heard)(void *context, const char *topic, struct bytes message);
    void *context;
};

static struct metric malformed = METRIC_COUNTER("drumtower_bus_malformed_total", "Messages without a topic, dropped.");

/* In a thread of nng. */
static void message_came(void *context)
{
    struct bus_subscriber *subscriber = context;
    int result = nng_aio_result(subscriber->aio);
    if (result == NNG_ECLOSED || result == NNG_ECANCELED)
        return; /* the process ends */
    if (result) {
        nng_recv_aio(subscriber->socket, subscriber->aio);
        return;
    }
    subscriber->message = nng_aio_get_msg(subscriber->aio);
    mailbox_post(&subscriber->mailbox, &subscriber->mail);
}

static int hear(struct bus_subscriber *subscriber, nng_msg *message)
{
    const char *body = nng_msg_body(message);
    size_t size = nng_msg_len(message);
    const char *end = size ? memchr(body, 0, size < BUS_TOPIC_MAX + 1 ? size : BUS_TOPIC_MAX + 1) : NULL;
    int result = 0;
    if (end)
        result = subscriber->heard(subscriber->context, body,
                                   (struct bytes){ (const uint8_t *)end + 1, size - (size_t)(end + 1 - body) });
    else
        metric_add(&malformed, 1);
    nng_msg_free(message);
    return result;
}

static int deliver(void *context, struct mail *mail)
{
    (void)mail;
    struct bus_subscriber *subscriber = context;
    int result = hear(subscriber, subscriber->message);
    nng_msg *message;
    for (int i = 1; i < TAKEN_AT_ONCE; i++) {
        if (result)
            return result;
        if (nng_recvmsg(subscriber->socket, &message, NNG_FLAG_NONBLOCK))
            break; /* none is left */
        result = hear(subscriber, message);
    }
    nng_recv_aio(subscriber->socket, subscriber->aio);
    return result;
}

static int subscribe(nng_socket socket, const char *const *topics, size_t count)
{
    if (count == 0)
        return nng_socket_set(socket, NNG_OPT_SUB_SUBSCRIBE, "", 0);
    for (size_t i = 0; i < count; i++) {
        int result = nng_socket_set(socket, NNG_OPT_SUB_SUBSCRIBE, topics[i], strlen(topics[i]));
        if (result)
            return result;
    }
    return 0;
}

/* nng may hold the subscriber also after a failure: it stays the process's. */
static int start(struct bus_subscriber *subscriber, struct loop *loop, const char *url, enum bus_port port,
                 const struct bus_tls *tls, bus_socket_attach *attach, const char *const *topics, size_t topic_count,
                 struct fault *fault)
{
    int result = nng_sub0_open(&subscriber->socket);
    if (result)
        return bus_fault(result, url, fault);
    if ((result = bus_socket_prepare(subscriber->socket, url, port, tls == NULL, fault)) ||
        (result = bus_fault(subscribe(subscriber->socket, topics, topic_count), url, fault)) ||
        (result = bus_fault(nng_aio_alloc(&subscriber->aio, message_came, subscriber), url, fault)))
        return result;
    if ((result = mailbox_init(&subscriber->mailbox, loop, deliver, subscriber)))
        return fault_set(fault, result, "bus %s: no event descriptor", url);
    if ((result = attach(subscriber->socket, url, tls, fault)))
        return result;
    metric_register(&malformed);
    nng_recv_aio(subscriber->socket, subscriber->aio);
    return 0;
}

static struct bus_subscriber *subscriber_new(int (*heard)(void *context, const char *topic, struct bytes message),
                                             void *context)
{
    assert(heard);
    struct bus_subscriber *subscriber = calloc(1, sizeof *subscriber);
    if (!subscriber)
        abort(); /* out of memory */
    subscriber->heard = heard;
    subscriber->context = context;
    return subscriber;
}

int bus_subscriber_open(struct loop *loop, int64_t port_base, enum bus_port port, const char *const *topics,
                        size_t topic_count, int (*heard)(void *context, const char *topic, struct bytes message),
                        void *context, struct bus_subscriber **subscriber, struct fault *fault)
{
    char url[64];
    bus_address(url, port_base, port);
    *subscriber = subscriber_new(heard, context);
    return start(*subscriber, loop, url, port, NULL, bus_socket_dial, topics, topic_count, fault);
}

int bus_subscriber_listen(struct loop *loop, int64_t port_base, enum bus_port port, const char *const *topics,
                          size_t topic_count, int (*heard)(void *context, const char *topic, struct bytes message),
                          void *context, struct bus_subscriber **subscriber, struct fault *fault)
{
    char url[64];
    bus_address(url, port_base, port);
    *subscriber = subscriber_new(heard, context);
    return start(*subscriber, loop, url, port, NULL, bus_socket_listen, topics, topic_count, fault);
}

int bus_remote_subscriber_open(struct loop *loop, const char *url, const char *server_name, const char *cert_key_file,
                               const char *ca_file,
                               int (*heard)(void *context, const char *topic, struct bytes message), void *context,
                               struct bus_subscriber **subscriber, struct fault *fault)
{
    struct bus_tls tls = { cert_key_file, ca_file, server_name };
    *subscriber = subscriber_new(heard, context);
    return start(*subscriber, loop, url, BUS_NOTICES, &tls, bus_socket_dial, NULL, 0, fault);
}
