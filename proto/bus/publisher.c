#include <assert.h>
#include <nng/nng.h>
#include <nng/protocol/pubsub0/pub.h>
#include <stdlib.h>
#include <string.h>

#include "proto/bus/socket.h"

/* A message on the wire: topic, NUL, message. nng's topic filter compares the front of it. */
struct bus_publisher {
    nng_socket socket;
};

struct bus_remote {
    struct bus_publisher publisher;
};

static void publish(nng_socket socket, const char *topic, struct bytes message)
{
    assert(strlen(topic) <= BUS_TOPIC_MAX);
    assert(message.size <= BUS_MESSAGE_MAX);
    nng_msg *packed;
    if (nng_msg_alloc(&packed, 0) || nng_msg_append(packed, topic, strlen(topic) + 1) ||
        nng_msg_append(packed, message.data, message.size))
        abort(); /* out of memory */
    if (nng_sendmsg(socket, packed, NNG_FLAG_NONBLOCK))
        nng_msg_free(packed); /* never with PUB; and a doorbell may be lost */
}

void bus_publish(struct bus_publisher *publisher, const char *topic, struct bytes message)
{
    publish(publisher->socket, topic, message);
}

void bus_remote_publish(struct bus_remote *remote, const char *topic, struct bytes message)
{
    publish(remote->publisher.socket, topic, message);
}

static int open_at(const char *url, enum bus_port port, const struct bus_tls *tls, bus_socket_attach *attach,
                   nng_socket *socket, struct fault *fault)
{
    int result = nng_pub0_open(socket);
    if (result)
        return bus_fault(result, url, fault);
    if ((result = bus_socket_prepare(*socket, url, port, tls == NULL, fault)))
        return result;
    return attach(*socket, url, tls, fault);
}

static int open_local(int64_t port_base, enum bus_port port, bus_socket_attach *attach, struct bus_publisher **out,
                      struct fault *fault)
{
    char url[64];
    bus_address(url, port_base, port);
    struct bus_publisher *publisher = calloc(1, sizeof *publisher);
    if (!publisher)
        return fault_set(fault, -ENOMEM, "bus %s: out of memory", url);
    int result = open_at(url, port, NULL, attach, &publisher->socket, fault);
    if (result) {
        free(publisher);
        return result;
    }
    *out = publisher;
    return 0;
}

int bus_publisher_open(int64_t port_base, enum bus_port port, struct bus_publisher **publisher, struct fault *fault)
{
    return open_local(port_base, port, bus_socket_listen, publisher, fault);
}

int bus_publisher_dial(int64_t port_base, enum bus_port port, struct bus_publisher **publisher, struct fault *fault)
{
    return open_local(port_base, port, bus_socket_dial, publisher, fault);
}

int bus_remote_open(const char *listen, const char *cert_key_file, const char *ca_file, struct bus_remote **out,
                    struct fault *fault)
{
    struct bus_tls tls = { .cert_key_file = cert_key_file, .ca_file = ca_file };
    if (strncmp(listen, "tls+tcp://", 10) != 0)
        return fault_set(fault, -EINVAL, "remote department: '%s' is not like tls+tcp://0.0.0.0:8331", listen);
    struct bus_remote *remote = calloc(1, sizeof *remote);
    if (!remote)
        return fault_set(fault, -ENOMEM, "bus %s: out of memory", listen);
    int result = open_at(listen, BUS_NOTICES, &tls, bus_socket_listen, &remote->publisher.socket, fault);
    if (result) {
        free(remote);
        return result;
    }
    *out = remote;
    return 0;
}
