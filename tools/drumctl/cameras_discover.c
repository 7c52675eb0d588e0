#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ingest/cameras/onvif/discovery.h"
#include "proto/base/crypto.h"
#include "proto/base/loop.h"
#include "tools/drumctl/cameras.h"

/* A datagram may be lost, so the question is asked twice; who answers twice is listed once. */
enum { REPEAT_MS = 250, DATAGRAM_BYTES = 64 << 10, DATAGRAMS_PER_TURN = 64 };

struct asking {
    struct loop *loop;
    struct loop_watch watch;
    struct loop_timer repeat, over;
    struct sockaddr_in to;
    struct buffer probe;
    struct discovery discovery;
    uint8_t datagram[DATAGRAM_BYTES];
};

static int answer_came(void *context, uint32_t events)
{
    (void)events;
    struct asking *asking = context;
    for (int i = 0; i < DATAGRAMS_PER_TURN; i++) {
        struct sockaddr_in from;
        socklen_t size = sizeof from;
        char host[INET_ADDRSTRLEN];
        ssize_t got = recvfrom(asking->watch.fd, asking->datagram, sizeof asking->datagram, MSG_DONTWAIT,
                               (struct sockaddr *)&from, &size);
        if (got < 0)
            break;
        inet_ntop(AF_INET, &from.sin_addr, host, sizeof host);
        discovery_take(&asking->discovery, (struct bytes){ asking->datagram, (size_t)got }, host);
    }
    return 0;
}

static int send_probe(struct asking *asking, struct fault *fault)
{
    char host[INET_ADDRSTRLEN];
    if (sendto(asking->watch.fd, asking->probe.bytes, asking->probe.size, MSG_NOSIGNAL,
               (const struct sockaddr *)&asking->to, sizeof asking->to) >= 0)
        return 0;
    int code = -errno;
    return fault_set(fault, code, "cannot ask %s: %s; --interface says from which address of this machine",
                     inet_ntop(AF_INET, &asking->to.sin_addr, host, sizeof host), strerror(-code));
}

static int repeat(void *context)
{
    struct fault ignored; /* the first one went out */
    send_probe(context, &ignored);
    return 0;
}

static int over(void *context)
{
    struct asking *asking = context;
    loop_stop(asking->loop, 0);
    return 0;
}

/* ---- whom, and from where ---- */

static int read_to(const char *text, struct sockaddr_in *to, struct fault *fault)
{
    struct camera_url url;
    struct buffer whole = { 0 };
    buffer_format(&whole, "udp://%s", text ? text : DISCOVERY_GROUP);
    int result = camera_url_read(buffer_string(&whole), "udp", "3702", &url, NULL);
    buffer_finish(&whole);
    *to = (struct sockaddr_in){ .sin_family = AF_INET };
    if (result < 0 || inet_pton(AF_INET, url.host, &to->sin_addr) != 1)
        return fault_set(fault, -EINVAL, "--to '%s': expected an IPv4 address, and a port where it is not %d", text,
                         DISCOVERY_PORT);
    to->sin_port = htons((uint16_t)strtol(url.port, NULL, 10));
    return 0;
}

static int open_socket(struct asking *asking, const char *interface, struct fault *fault)
{
    struct sockaddr_in own = { .sin_family = AF_INET };
    if (interface && inet_pton(AF_INET, interface, &own.sin_addr) != 1)
        return fault_set(fault, -EINVAL, "--interface '%s': expected an IPv4 address of this machine", interface);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    asking->watch = (struct loop_watch){ .fd = fd, .ready = answer_came, .context = asking };
    if (fd < 0 || bind(fd, (const struct sockaddr *)&own, sizeof own) < 0 ||
        (interface && setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &own.sin_addr, sizeof own.sin_addr) < 0))
        return fault_set(fault, -errno, "--interface %s: %s", interface ? interface : "(none)", strerror(errno));
    return loop_add(asking->loop, &asking->watch, EPOLLIN);
}

static int ask_all(struct asking *asking, const struct cameras_call *call, struct fault *fault)
{
    uint8_t id[DISCOVERY_ID_BYTES];
    random_bytes(id, sizeof id);
    discovery_put_probe(&asking->probe, id);
    asking->repeat = (struct loop_timer){ .fire = repeat, .context = asking };
    asking->over = (struct loop_timer){ .fire = over, .context = asking };
    int result = loop_create(&asking->loop, fault);
    if (!result)
        result = read_to(call->to, &asking->to, fault);
    if (!result)
        result = open_socket(asking, call->interface, fault);
    if (!result)
        result = send_probe(asking, fault);
    if (result < 0)
        return result;
    loop_timer_arm(asking->loop, &asking->repeat, REPEAT_MS);
    loop_timer_arm(asking->loop, &asking->over, call->seconds * 1000);
    return loop_run(asking->loop);
}

/* ---- what was found ---- */

static int by_address(const void *a, const void *b)
{
    const struct discovery_device *one = a, *other = b;
    struct in_addr host = { 0 }, other_host = { 0 };
    inet_pton(AF_INET, one->host, &host);
    inet_pton(AF_INET, other->host, &other_host);
    uint32_t left = ntohl(host.s_addr), right = ntohl(other_host.s_addr);
    return left != right ? (left > right) - (left < right) : strcmp(one->url, other->url);
}

static void print_devices(const struct discovery *discovery)
{
    struct buffer lines = { 0 };
    printf("%-36s %-24s %-24s %s\n", "address", "name", "hardware", "location");
    for (size_t i = 0; i < discovery->count; i++) {
        const struct discovery_device *device = &discovery->found[i];
        printf("%-36s %-24s %-24s %s\n", device->url, device->name, device->hardware, device->location);
        discovery_put_line(&lines, discovery, i);
    }
    printf("\ncameras:\n%s", buffer_string(&lines));
    buffer_finish(&lines);
}

static int print_all(const struct discovery *discovery, const struct cameras_call *call)
{
    if (discovery->count) {
        qsort(discovery->found, discovery->count, sizeof *discovery->found, by_address);
        print_devices(discovery);
    } else {
        fprintf(stderr, "drumctl cameras: nobody answered within %" PRId64 " s.\n", call->seconds);
        fprintf(stderr,
                "Devices answer in their own network only (--interface ADDRESS, or --to ADDRESS past a router),\n"
                "if ONVIF is switched on in them, and if no firewall drops UDP %d.\n",
                DISCOVERY_PORT);
    }
    if (discovery->ignored)
        fprintf(stderr, "drumctl cameras: %zu answers could not be used; the last one: %s\n", discovery->ignored,
                discovery->why);
    return discovery->count ? 0 : 1;
}

int cameras_discover(const struct cameras_call *call, struct fault *fault)
{
    struct asking *asking = calloc(1, sizeof *asking);
    if (!asking)
        return fault_set(fault, -ENOMEM, "out of memory");
    asking->watch.fd = -1;
    int result = ask_all(asking, call, fault);
    if (result == 0)
        result = print_all(&asking->discovery, call);
    if (asking->watch.fd >= 0)
        close(asking->watch.fd);
    discovery_finish(&asking->discovery);
    buffer_finish(&asking->probe);
    loop_destroy(asking->loop);
    free(asking);
    return result;
}
