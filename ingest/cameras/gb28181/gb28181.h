/* GB/T 28181, the platform's side: devices register with us, are asked for their channels, and send pictures of a channel that somebody looks at.
 *
 * SIP over UDP on one port, all in the loop's thread. Which device and channel a camera is, its address in the book says (proto/book/gb28181.h); a device's
 * password is the key file DEVICE.key, or gb28181.key for all that have none of their own.
 */
#pragma once

#include "ingest/cameras/gb28181/manscdp.h"
#include "ingest/cameras/source.h"
#include "proto/base/loop.h"
#include "proto/book/book.h"

struct gb28181;
struct gb_ticket;

extern const struct source_ops gb28181_ops; /* reader: a struct gb28181 * */

/* An alarm that a row of the book is for. Lives during the call. */
struct gb_alarm {
    const struct book_gb_alarm *rule;
    const struct book_camera *camera; /* which raised it, or the first one of its device */
    const char *device;
    int64_t serial;
    struct manscdp_alarm said; /* its position: where the device last said that it is, if the alarm says nothing */
    struct gb_ticket *ticket;  /* for gb28181_answer(), exactly once, now or later */
};

struct gb28181_options {
    struct loop *loop;
    const struct book *book;
    const char *keys; /* folder of key files */
};

/* *out NULL: the book has no `gb28181`. */
int gb28181_open(const struct gb28181_options *options, struct gb28181 **out, struct fault *fault);
void gb28181_close(struct gb28181 *platform); /* takes NULL; all sources must have been stopped */

/* `alarm` hears what a row of the book is for. Nobody hears: the device is answered that we cannot take it. */
void gb28181_on_alarm(struct gb28181 *platform, void (*alarm)(void *context, const struct gb_alarm *alarm),
                      void *context);
/* `placed` hears where a mobile camera says that it is. */
void gb28181_on_position(struct gb28181 *platform,
                         void (*placed)(void *context, const struct book_camera *camera, double lat, double lon),
                         void *context);
/* Tells the device that its alarm was kept, or that it must send it again. Also after gb28181_close(). */
void gb28181_answer(struct gb_ticket *ticket, bool kept);

uint16_t gb28181_port(const struct gb28181 *platform);
size_t gb28181_online(const struct gb28181 *platform); /* devices */
struct catalog_channel;
/* What a device has said of a channel (catalog.h); NULL: nothing. */
const struct catalog_channel *gb28181_channel(const struct gb28181 *platform, const char *device, const char *channel);
