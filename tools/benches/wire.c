#include "tools/benches/wire.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int unexpected(const char *answer, struct fault *fault)
{
    return fault_set(fault, -EPROTO, "not the answer that was hoped for: %.*s", (int)strcspn(answer, "\r\n"), answer);
}

int wire_whole_http(const char *answer, size_t size, struct fault *fault)
{
    static const char created[] = "HTTP/1.1 201 ", length_name[] = "\r\nContent-Length: ";
    const char *end = strstr(answer, "\r\n\r\n");
    if (!end)
        return 0;
    const char *length = strstr(answer, length_name);
    if (strncmp(answer, created, strlen(created)) != 0 || !length || length > end)
        return unexpected(answer, fault);
    size_t head = (size_t)(end - answer) + 4;
    return size - head >= strtoul(length + strlen(length_name), NULL, 10);
}

int wire_whole_redis(const char *answer, size_t size, struct fault *fault)
{
    if (size < 2 || answer[size - 1] != '\n')
        return 0;
    return *answer == ':' ? 1 : unexpected(answer, fault);
}

static int ask(void *context, size_t i, struct fault *fault)
{
    struct wire *wire = context;
    struct bytes question = wire->questions[wire->next++ % wire->question_count];
    wire->answers[i].size = 0;
    ssize_t sent = send(wire->peer.fds[i], question.data, question.size, MSG_NOSIGNAL);
    if (sent == (ssize_t)question.size)
        return 0;
    return fault_set(fault, -EIO, "sending: %s", sent < 0 ? strerror(errno) : "no room in the socket");
}

static int hear(void *context, size_t i, struct fault *fault)
{
    struct wire *wire = context;
    struct wire_answer *answer = &wire->answers[i];
    ssize_t got = recv(wire->peer.fds[i], answer->text + answer->size, WIRE_ANSWER_MAX - answer->size, 0);
    if (got <= 0)
        return fault_set(fault, -EIO, "receiving: %s", got < 0 ? strerror(errno) : "the other end closed");
    answer->size += (size_t)got;
    answer->text[answer->size] = 0;
    return wire->whole(answer->text, answer->size, fault);
}

int wire_connect(const char *address, struct fault *fault)
{
    struct sockaddr_in peer = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    peer.sin_port = htons((uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10));
    if (fd >= 0 && connect(fd, (struct sockaddr *)&peer, sizeof peer) == 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        return fd;
    }
    int error = errno;
    if (fd >= 0)
        close(fd);
    return fault_set(fault, -error, "%s: cannot be connected to: %s", address, strerror(error));
}

int wire_open(struct wire *wire, const char *address, size_t count, const struct bytes *questions,
              size_t question_count, int (*whole)(const char *answer, size_t size, struct fault *fault),
              struct fault *fault)
{
    wire->questions = questions;
    wire->question_count = question_count;
    wire->whole = whole;
    wire->peer.ask = ask;
    wire->peer.hear = hear;
    wire->peer.context = wire;
    for (wire->peer.count = 0; wire->peer.count < count; wire->peer.count++) {
        int fd = wire_connect(address, fault);
        if (fd < 0)
            return fd;
        wire->peer.fds[wire->peer.count] = fd;
    }
    return 0;
}

void wire_close(struct wire *wire)
{
    for (size_t i = 0; i < wire->peer.count; i++)
        close(wire->peer.fds[i]);
    wire->peer.count = 0;
}
