/* Registrar: which devices of the book are there, where, and who may say so (GB/T 28181-2016, 9.1, 9.6). Pure.
 *
 *     REGISTER → 401 with a challenge → REGISTER with its digest (MD5, RFC 2617) → 200 with our time
 *     a keep-alive from where a device has registered → 200, from anywhere else → 403, upon which it registers anew
 *     no keep-alive in three times its interval, or the registration's time is over → offline
 * A device that the book does not know, or a wrong password, is refused. A challenge is good for one device, once, for CHALLENGE_MS; what
 * was given out is not kept but signed, so that strangers cost no memory.
 */
#pragma once

#include "ingest/cameras/gb28181/catalog.h"
#include "ingest/cameras/gb28181/sip.h"
#include "proto/base/crypto.h"
#include "proto/book/book.h"
#include "proto/book/gb28181.h"

enum { CHALLENGE_MS = 60000, REGISTRAR_KEEPALIVES = 3, REGISTRAR_EXPIRES_S = 3600, REGISTRAR_EXPIRES_LEAST_S = 60 };

/* A stream of a camera in the book: which channel of which device it is. */
struct gb_view {
    struct gb_address address;
    const struct book_camera *camera;
    bool is_sub; /* its sub-stream */
};

struct gb_device {
    char id[GB_ID_DIGITS + 1];
    const struct gb_view *views; /* what the book has of it, in the book's order */
    size_t view_count;
    bool online;
    struct sip_place place; /* where it is, while online */
    int64_t heard_mono_ms, expires_mono_ms;
    int64_t answered_mono_ms; /* when the newest challenge that it has answered was made */
    int64_t ask_mono_ms;      /* when its catalog is to be asked for; INT64_MAX: not */
    struct catalog catalog;
    double lat, lon;                   /* where it said that it is; NAN: it has not */
    struct subscription *subscription; /* by which it is asked that (positions.c); NULL: none of its cameras moves */
};

struct registrar_options {
    const struct book *book;
    /* Appends the device's password. <0: there is none, and the fault says why. */
    int (*password)(void *context, const char *device, struct buffer *out, struct fault *fault);
    void (*changed)(void *context, struct gb_device *device, const char *reason); /* came, or went and why */
    void *context;
};

struct registrar {
    struct registrar_options options;
    struct gb_device *devices; /* of the book, sorted by id */
    size_t count, online;
    struct gb_view *views; /* of all of them, by device */
    size_t view_count;
    char realm[11];
    struct hash secret;
};

void registrar_open(struct registrar *registrar, const struct registrar_options *options);
void registrar_close(struct registrar *registrar); /* safe on a zeroed struct */

struct gb_device *registrar_find(const struct registrar *registrar,
                                 const char *id); /* NULL: the book has no such one */

struct registrar_reply {
    int status;
    char more[512]; /* headers for sip_answer() */
};
/* A REGISTER. The fault says why where it is refused (403). */
struct registrar_reply registrar_register(struct registrar *registrar, const struct sip_message *request,
                                          const struct sip_place *from, int64_t now_ms, int64_t now_mono_ms,
                                          struct fault *fault);
/* Who sent another request: NULL: nobody who has registered from there, the answer is 403. */
struct gb_device *registrar_hear(struct registrar *registrar, const char *id, const struct sip_place *from,
                                 int64_t now_mono_ms);
void registrar_tick(struct registrar *registrar, int64_t now_mono_ms);
