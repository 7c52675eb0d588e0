#include "tools/citysim/camsim/face.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ingest/cameras/onvif/discovery.h"
#include "proto/base/clock.h"

enum { READ_BYTES = 16 << 10, DATAGRAM_BYTES = 64 << 10, BACKLOG = 4096, GARBAGE_BYTES = 300 };

/* One connection of HTTP. */
struct visitor {
    struct face *face;
    struct loop_watch watch; /* fd -1: it has ended, and is freed at the next tick */
    struct buffer in, out;
    size_t out_sent;
    int64_t due_mono_ms; /* when what stands in `out` is sent */
    struct visitor *next;
};

struct face {
    struct sim_host *sim;
    struct sim_camera *cameras;
    size_t camera_count;
    struct face_place place;
    int64_t discovery_port;
    struct loop_watch door, discovery; /* fd -1: closed */
    struct visitor *visitors;
    struct arena arena;
    struct buffer answer, datagram;
};

/* ---- connections ---- */

static void end(struct visitor *visitor)
{
    if (visitor->watch.fd < 0)
        return;
    loop_remove(visitor->face->sim->loop, &visitor->watch);
    close(visitor->watch.fd);
    visitor->watch.fd = -1;
}

static void drain(struct visitor *visitor)
{
    struct buffer *out = &visitor->out;
    while (visitor->watch.fd >= 0 && visitor->out_sent < out->size && clock_mono_ms() >= visitor->due_mono_ms) {
        ssize_t sent = send(visitor->watch.fd, out->bytes + visitor->out_sent, out->size - visitor->out_sent,
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            end(visitor);
        if (sent < 0)
            break;
        visitor->out_sent += (size_t)sent;
    }
    if (visitor->out_sent == out->size) {
        buffer_clear(out);
        visitor->out_sent = 0;
    }
}

static void put_garbage(struct face *face, struct buffer *out)
{
    for (int i = 0; i < GARBAGE_BYTES; i++)
        buffer_append(out, &(uint8_t){ (uint8_t)dice_throw(&face->sim->dice) }, 1);
}

/* Well-formed, and without end: who reads it all has only himself to blame. */
static void put_huge(struct buffer *out)
{
    buffer_text(out, "<Envelope><Body>");
    while (out->size < 2 * SOAP_BYTES_MAX)
        buffer_text(out, "<Profiles>and so on</Profiles>");
    buffer_text(out, "</Body></Envelope>");
}

static int make_answer(struct face *face, struct sim_camera *camera, const struct rtsp_message *http)
{
    struct face_request request = { .http = http };
    struct buffer *out = &face->answer;
    struct fault fault = { "" };
    struct xml_element *root;
    arena_reset(&face->arena);
    buffer_clear(out);
    rtsp_text_copy(http->uri, request.path, sizeof request.path);
    bool readable = xml_parse(http->body, &face->arena, &root, &fault) == 0;
    request.envelope = readable ? root : NULL;
    const struct xml_element *body = soap_find(request.envelope, "Body");
    request.content = body ? body->first : NULL;
    if (camera->behaviour.garbage) {
        put_garbage(face, out);
    } else if (camera->behaviour.huge) {
        put_huge(out);
    } else if (request.content) {
        return face_answer(face->sim, camera, &face->place, &request, out);
    } else { /* as libcurl begins with Digest: without the body */
        int refused = face_check_access(face->sim, camera, &request);
        return refused ? refused : 400;
    }
    return 200;
}

/* http://HOST:PORT/ID/SERVICE */
static struct sim_camera *find_camera(const struct face *face, const struct rtsp_message *http)
{
    char path[256], *rest = NULL;
    rtsp_text_copy(http->uri, path, sizeof path);
    const char *id = strtok_r(path, "/", &rest);
    return id ? face->sim->find(face->sim->context, id) : NULL;
}

static void hear(struct visitor *visitor, const struct rtsp_message *http)
{
    struct face *face = visitor->face;
    struct sim_camera *camera = find_camera(face, http);
    if (camera && camera->behaviour.dead) {
        end(visitor);
        return;
    }
    if (camera && camera->behaviour.mute)
        return;
    buffer_clear(&face->answer);
    int status = camera && rtsp_text_is(http->method, "POST") ? make_answer(face, camera, http) : 404;
    face->sim->counts.asked++;
    buffer_format(&visitor->out, "HTTP/1.1 %d %s\r\nContent-Type: application/soap+xml; charset=utf-8\r\n", status,
                  status == 200 ? "OK" : "No");
    if (status == 401)
        buffer_format(&visitor->out, "WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\", qop=\"auth\"\r\n",
                      face_challenge.realm, face_challenge.nonce);
    buffer_format(&visitor->out, "Content-Length: %zu\r\n\r\n", face->answer.size);
    buffer_append(&visitor->out, face->answer.bytes, face->answer.size);
    visitor->due_mono_ms = clock_mono_ms() + (camera ? camera->behaviour.late_ms : 0);
    drain(visitor);
}

/* A message of HTTP is one of RTSP but for the name of the version. */
static void rename_version(struct buffer *in)
{
    uint8_t *line_end = in->size ? memchr(in->bytes, '\n', in->size) : NULL;
    uint8_t *version = line_end ? memmem(in->bytes, (size_t)(line_end - in->bytes), " HTTP/1.", 8) : NULL;
    if (version)
        memcpy(version + 1, "RTSP", 4);
}

static int readable(void *context, uint32_t events)
{
    struct visitor *visitor = context;
    struct rtsp_message http;
    (void)events;
    ssize_t got = recv(visitor->watch.fd, buffer_reserve(&visitor->in, READ_BYTES), READ_BYTES, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        end(visitor);
        return 0;
    }
    visitor->in.size += got > 0 ? (size_t)got : 0;
    rename_version(&visitor->in);
    int used = rtsp_message_take(buffer_view(&visitor->in), &http, NULL);
    if (used < 0)
        end(visitor);
    if (used <= 0)
        return 0;
    hear(visitor, &http);
    buffer_clear(&visitor->in); /* one request at a time: nobody here sends more before the answer */
    return 0;
}

static int accept_all(void *context, uint32_t events)
{
    (void)events;
    struct face *face = context;
    int fd;
    while ((fd = accept4(face->door.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct visitor *visitor = calloc(1, sizeof *visitor);
        assert(visitor);
        visitor->face = face;
        visitor->watch = (struct loop_watch){ .fd = fd, .ready = readable, .context = visitor };
        visitor->next = face->visitors;
        face->visitors = visitor;
        if (loop_add(face->sim->loop, &visitor->watch, EPOLLIN) < 0)
            end(visitor);
    }
    return 0;
}

void face_tick(struct face *face)
{
    for (struct visitor **at = face ? &face->visitors : NULL; at && *at;) {
        struct visitor *visitor = *at;
        drain(visitor);
        if (visitor->watch.fd >= 0) {
            at = &visitor->next;
            continue;
        }
        *at = visitor->next;
        buffer_finish(&visitor->in);
        buffer_finish(&visitor->out);
        free(visitor);
    }
}

/* ---- discovery ---- */

static void answer_probe(struct face *face, const struct sockaddr_in *from, const char *message_id)
{
    for (size_t i = 0; i < face->camera_count; i++) {
        const struct sim_behaviour *behaviour = &face->cameras[i].behaviour;
        if (behaviour->dead || behaviour->mute)
            continue;
        buffer_clear(&face->answer);
        if (behaviour->garbage)
            put_garbage(face, &face->answer);
        else
            face_put_match(&face->cameras[i], &face->place, message_id, &face->answer);
        sendto(face->discovery.fd, face->answer.bytes, face->answer.size, MSG_DONTWAIT | MSG_NOSIGNAL,
               (const struct sockaddr *)from, sizeof *from);
    }
}

static int probed(void *context, uint32_t events)
{
    (void)events;
    struct face *face = context;
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    const struct xml_element *content;
    struct xml_element *root;
    buffer_clear(&face->datagram);
    ssize_t got = recvfrom(face->discovery.fd, buffer_reserve(&face->datagram, DATAGRAM_BYTES), DATAGRAM_BYTES,
                           MSG_DONTWAIT, (struct sockaddr *)&from, &size);
    struct bytes datagram = { face->datagram.bytes, got > 0 ? (size_t)got : 0 };
    arena_reset(&face->arena);
    if (soap_read(datagram, &face->arena, &content, NULL) == 0 && strcmp(content->name, "Probe") == 0 &&
        xml_parse(datagram, &face->arena, &root, NULL) == 0)
        answer_probe(face, &from, soap_text(root, "Header/MessageID"));
    return 0;
}

/* ---- start and end ---- */

static int bind_at(int fd, struct sockaddr_in *address, struct fault *fault)
{
    int one = 1;
    socklen_t size = sizeof *address;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0 ||
        bind(fd, (struct sockaddr *)address, size) < 0 || getsockname(fd, (struct sockaddr *)address, &size) < 0)
        return fault_set(fault, -errno, "simulated cameras: ONVIF: port %d: %s", ntohs(address->sin_port),
                         strerror(errno));
    return ntohs(address->sin_port);
}

static int open_door(struct face *face, struct in_addr host, struct fault *fault)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)face->sim->options->onvif_port),
                                   .sin_addr = host };
    face->door.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int port = bind_at(face->door.fd, &address, fault);
    if (port < 0)
        return port;
    face->place.port = port;
    if (listen(face->door.fd, BACKLOG) < 0)
        return fault_set(fault, -errno, "simulated cameras: ONVIF: %s", strerror(errno));
    return loop_add(face->sim->loop, &face->door, EPOLLIN);
}

/* What is sent to the group does not reach a socket that is bound to one address. */
static int open_discovery(struct face *face, struct in_addr host, struct fault *fault)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)face->sim->options->discovery_port) };
    struct ip_mreq group = { .imr_interface = host };
    inet_pton(AF_INET, DISCOVERY_GROUP, &group.imr_multiaddr);
    face->discovery.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int port = bind_at(face->discovery.fd, &address, fault);
    if (port < 0)
        return port;
    face->discovery_port = port;
    if (setsockopt(face->discovery.fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) < 0)
        return fault_set(fault, -errno, "simulated cameras: ONVIF: the group " DISCOVERY_GROUP ": %s", strerror(errno));
    return loop_add(face->sim->loop, &face->discovery, EPOLLIN);
}

int face_open(struct sim_host *sim, struct sim_camera *cameras, size_t camera_count, int64_t rtsp_port,
              struct face **out, struct fault *fault)
{
    struct face *face = calloc(1, sizeof *face);
    struct in_addr host;
    assert(face);
    *out = face;
    *face = (struct face){ .sim = sim,
                           .cameras = cameras,
                           .camera_count = camera_count,
                           .place = { sim->options->host ? sim->options->host : "127.0.0.1", 0, rtsp_port },
                           .door = { .fd = -1, .ready = accept_all, .context = face },
                           .discovery = { .fd = -1, .ready = probed, .context = face } };
    if (inet_pton(AF_INET, face->place.host, &host) != 1)
        return fault_set(fault, -EINVAL, "simulated cameras: '%s' is no IPv4 address", face->place.host);
    int result = open_door(face, host, fault);
    return result < 0 ? result : open_discovery(face, host, fault);
}

int64_t face_port(const struct face *face)
{
    return face->place.port;
}

int64_t face_discovery_port(const struct face *face)
{
    return face->discovery_port;
}

void face_close(struct face *face)
{
    if (!face)
        return;
    for (struct visitor *visitor = face->visitors; visitor; visitor = visitor->next)
        end(visitor);
    face_tick(face); /* frees those that have ended */
    if (face->door.fd >= 0)
        close(face->door.fd);
    if (face->discovery.fd >= 0)
        close(face->discovery.fd);
    arena_finish(&face->arena);
    buffer_finish(&face->answer);
    buffer_finish(&face->datagram);
    free(face);
}
