/* What we send: answers to devices, and documents of our own. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ingest/cameras/gb28181/platform.h"
#include "proto/base/clock.h"

void platform_send(void *context, const struct sip_place *to, struct bytes bytes)
{
    struct gb28181 *platform = context;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(to->port) };
    inet_pton(AF_INET, to->host, &address.sin_addr);
    /* what is lost is sent again, by us or by the device */
    (void)!sendto(platform->watch.fd, bytes.data, bytes.size, MSG_DONTWAIT, (struct sockaddr *)&address,
                  sizeof address);
}

struct sip_place platform_own_place(void *context, const struct sip_place *peer)
{
    struct gb28181 *platform = context;
    const char *told = platform->options.book->gb28181.media_address;
    struct sip_place place = { .host = "0.0.0.0", .port = platform->port };
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(peer->port) };
    socklen_t size = sizeof address;
    if (*told) {
        snprintf(place.host, sizeof place.host, "%s", told);
        return place;
    }
    inet_pton(AF_INET, peer->host, &address.sin_addr);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, size) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &size) == 0)
        inet_ntop(AF_INET, &address.sin_addr, place.host, sizeof place.host);
    if (fd >= 0)
        close(fd);
    return place;
}

void platform_answer_with(struct gb28181 *platform, const struct sip_message *request, const struct sip_place *from,
                          int status, const char *more)
{
    buffer_clear(&platform->out);
    sip_answer(request, status, from, platform->to_tag, more, &platform->out);
    platform_send(platform, from, buffer_view(&platform->out));
}

void platform_answer(struct gb28181 *platform, const struct sip_message *request, const struct sip_place *from,
                     int status)
{
    platform_answer_with(platform, request, from, status, "");
}

struct sip_request platform_request(const struct gb28181 *platform, const struct gb_device *device,
                                    const struct sip_place *own, struct bytes document)
{
    return (struct sip_request){ .own_id = platform->room.own_id,
                                 .realm = platform->registrar.realm,
                                 .own = own,
                                 .target = &device->place,
                                 .to = device->id,
                                 .to_tag = "",
                                 .sequence = 1,
                                 .more = "",
                                 .type = "Application/MANSCDP+xml",
                                 .body = document };
}

/* `about` "": it takes no other's place. */
static int tell(struct gb28181 *platform, const struct gb_device *device, const char *about, struct bytes document)
{
    char call_id[CALL_RANDOM_SIZE], tag[CALL_RANDOM_SIZE], branch[CALL_RANDOM_SIZE];
    struct sip_place own = platform_own_place(platform, &device->place);
    random_text(call_id, sizeof call_id - 1);
    random_text(tag, sizeof tag - 1);
    random_text(branch, sizeof branch - 1);
    struct sip_request request = platform_request(platform, device, &own, document);
    request.method = "MESSAGE";
    request.from_tag = tag;
    request.call_id = call_id;
    request.branch = branch;
    return outgoing_replace(&platform->outgoing, about, &request, clock_mono_ms()) ? 0 : -EAGAIN;
}

int platform_tell(struct gb28181 *platform, const struct gb_device *device, struct bytes document)
{
    return tell(platform, device, "", document);
}

int platform_order(struct gb28181 *platform, const struct gb_device *device, const char *channel, struct bytes document)
{
    char about[OUTGOING_ABOUT_SIZE];
    snprintf(about, sizeof about, "%s/%s", device->id, channel);
    return tell(platform, device, about, document);
}
