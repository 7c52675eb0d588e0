/* What the files of the platform's side share. Inside this folder only. */
#pragma once

#include "ingest/cameras/gb28181/call.h"
#include "ingest/cameras/gb28181/gb28181.h"

enum { PLATFORM_BATCH = 16 /* datagrams at a time */ };

struct gb_ticket;
struct subscription;

struct gb28181 {
    struct gb28181_options options;
    struct loop_watch watch;      /* the port; fd -1: it could not be had */
    struct loop_timer tick, rest; /* rest: the port is not listened to */
    int64_t walked_mono_ms;
    uint16_t port;
    struct registrar registrar;
    struct outgoing outgoing;
    struct call_room room;
    struct call *calls;
    struct subscription *subscriptions; /* of devices with cameras that move */
    size_t subscription_count;
    void (*placed)(void *context, const struct book_camera *camera, double lat, double lon);
    void *placed_context;
    struct gb_ticket *tickets;
    size_t ticket_count;
    int64_t serial; /* of our newest query */
    struct arena arena;
    struct buffer out;
    char to_tag[SIP_TAG_SIZE];
    void (*alarm)(void *context, const struct gb_alarm *alarm);
    void *alarm_context;
    uint8_t received[PLATFORM_BATCH][SIP_BYTES_MAX + 1];
};

/* ---- sending.c ---- */
void platform_send(void *platform, const struct sip_place *to, struct bytes bytes);
void platform_answer(struct gb28181 *platform, const struct sip_message *request, const struct sip_place *from,
                     int status);
/* `more`: as sip_answer() takes it. */
void platform_answer_with(struct gb28181 *platform, const struct sip_message *request, const struct sip_place *from,
                          int status, const char *more);
/* The address by which the peer is reached is the one by which it reaches us, where the book does not know better. */
struct sip_place platform_own_place(void *platform, const struct sip_place *peer);
/* A document of ours to a device, from `own`; method, dialog and branch are the caller's to fill in. */
struct sip_request platform_request(const struct gb28181 *platform, const struct gb_device *device,
                                    const struct sip_place *own, struct bytes document);
/* A MESSAGE of ours to a device, or one of its channels. -EAGAIN: too many wait already. */
int platform_tell(struct gb28181 *platform, const struct gb_device *device, struct bytes document);
/* An order to one of its channels: it takes the place of an older one to it that was not answered yet. */
int platform_order(struct gb28181 *platform, const struct gb_device *device, const char *channel,
                   struct bytes document);

/* ---- messages.c ---- */
struct sockaddr_in;
void messages_register(void); /* its metrics */
/* The registrar, which messages are answered by. */
void messages_open(struct gb28181 *platform);
/* A datagram that came: a request of a device is answered, an answer goes to what waits for it. */
void messages_take(struct gb28181 *platform, struct bytes bytes, const struct sockaddr_in *address);
/* Asks devices for their channels, after they have come and once a day; some at a time. */
void messages_mind_catalogs(struct gb28181 *platform, int64_t now_mono_ms);

/* ---- positions.c ---- */
void positions_register(void); /* its metrics */
void positions_open(struct gb28181 *platform);
void positions_close(struct gb28181 *platform);
/* Asks devices to say where they are from now on, and again before they would end to. */
void positions_ask(struct gb28181 *platform, int64_t now_mono_ms);
/* It registered: what it was asked before may be forgotten. */
void positions_device_came(const struct gb_device *device);
void positions_answered(struct gb28181 *platform, const struct sip_message *answer);
/* A device says where it, or one of its channels, is. */
void positions_take(struct gb28181 *platform, struct gb_device *device, const struct manscdp *document);

/* ---- alarms.c ---- */
void alarms_register(void); /* its metrics */
/* An alarm of a device: answered at once where no row of the book is for it, else when it is kept. */
void alarms_take(struct gb28181 *platform, const struct sip_message *request, const struct sip_place *from,
                 const struct gb_device *device, const struct manscdp *document);
/* Those that wait are answered no more. */
void alarms_forget(struct gb28181 *platform);
