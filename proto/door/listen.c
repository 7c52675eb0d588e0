#include "proto/door/listen.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* "127.0.0.1:8311", "[::]:8311", "localhost:0" → host and port texts; `listen` is cut in place. */
static int split_listen(char *listen, char **host, char **port, struct fault *fault)
{
    char *colon = strrchr(listen, ':');
    if (!colon || !colon[1] || colon[1 + strspn(colon + 1, "0123456789")])
        return fault_set(fault, -EINVAL, "listen address '%s': expected HOST:PORT", listen);
    *colon = 0;
    *port = colon + 1;
    *host = listen;
    if (colon > listen && listen[0] == '[' && colon[-1] == ']') {
        colon[-1] = 0;
        *host = listen + 1;
    }
    return 0;
}

static int bind_first(const struct addrinfo *found, const char *listen_text, struct fault *fault)
{
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int yes = 1, no = 0;
    if (fd < 0)
        return fault_set(fault, -errno, "listen on %s: %s", listen_text, strerror(errno));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (found->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    if (bind(fd, found->ai_addr, found->ai_addrlen) < 0 || listen(fd, SOMAXCONN) < 0) {
        int error = errno;
        close(fd);
        return fault_set(fault, -error, "listen on %s: %s%s", listen_text, strerror(error),
                         error == EADDRINUSE ? "; another program has this port: stop it or choose another one" : "");
    }
    return fd;
}

int listen_on(const char *listen_text, struct fault *fault)
{
    char copy[256], *host = NULL, *port = NULL;
    if (snprintf(copy, sizeof copy, "%s", listen_text) >= (int)sizeof copy)
        return fault_set(fault, -EINVAL, "listen address '%.40s…': expected HOST:PORT", listen_text);
    int result = split_listen(copy, &host, &port, fault);
    if (result)
        return result;
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *found;
    int error = getaddrinfo(*host ? host : NULL, port, &hints, &found);
    if (error)
        return fault_set(fault, -EINVAL, "listen address '%s': %s", listen_text, gai_strerror(error));
    int fd = bind_first(found, listen_text, fault);
    freeaddrinfo(found);
    return fd;
}

void listen_name(int fd, const char *scheme, char *out, size_t out_size)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char text[INET6_ADDRSTRLEN] = "";
    getsockname(fd, (struct sockaddr *)&address, &size);
    if (address.ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address;
        bool any = IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr);
        inet_ntop(AF_INET6, any ? &in6addr_loopback : &six->sin6_addr, text, sizeof text);
        snprintf(out, out_size, "%s://[%s]:%u", scheme, text, ntohs(six->sin6_port));
    } else {
        const struct sockaddr_in *four = (const struct sockaddr_in *)&address;
        struct in_addr loopback = { htonl(INADDR_LOOPBACK) };
        inet_ntop(AF_INET, four->sin_addr.s_addr == INADDR_ANY ? &loopback : &four->sin_addr, text, sizeof text);
        snprintf(out, out_size, "%s://%s:%u", scheme, text, ntohs(four->sin_port));
    }
}
