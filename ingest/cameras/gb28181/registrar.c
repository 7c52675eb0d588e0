#include "ingest/cameras/gb28181/registrar.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/cameras/rtsp_digest.h"
#include "proto/base/timestamp.h"
#include "proto/book/zone.h"

enum {
    REALM_DIGITS = 10,
    NONCE_TIME_DIGITS = 16,
    NONCE_SIGN_DIGITS = 32,
    NONCE_SIZE = NONCE_TIME_DIGITS + NONCE_SIGN_DIGITS + 1
};

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct gb_device *)a)->id, ((const struct gb_device *)b)->id);
}

/* By the device, then by the book. */
static int compare_views(const void *a, const void *b)
{
    const struct gb_view *first = a, *second = b;
    int order = strcmp(first->address.device, second->address.device);
    return order                             ? order
           : first->camera == second->camera ? first->is_sub - second->is_sub
           : first->camera < second->camera  ? -1
                                             : 1;
}

/* ---- the devices ---- */

static void add_view(struct registrar *registrar, const struct book_camera *camera, bool is_sub)
{
    const char *url = is_sub ? camera->sub_url : camera->url;
    if (!gb_is_address(url))
        return;
    struct gb_view *view = &registrar->views[registrar->view_count++];
    *view = (struct gb_view){ .camera = camera, .is_sub = is_sub };
    int result = gb_address_read(url, &view->address);
    assert(result == 0); /* the book has checked it */
}

/* A device for each run of views. */
static void add_devices(struct registrar *registrar)
{
    for (size_t i = 0; i < registrar->view_count; i++) {
        const struct gb_view *view = &registrar->views[i];
        struct gb_device *device = registrar->count ? &registrar->devices[registrar->count - 1] : NULL;
        if (!device || strcmp(device->id, view->address.device) != 0) {
            device = &registrar->devices[registrar->count++];
            *device = (struct gb_device){
                .views = view, .ask_mono_ms = INT64_MAX, .answered_mono_ms = -1, .lat = NAN, .lon = NAN
            };
            memcpy(device->id, view->address.device, sizeof device->id);
        }
        device->view_count++;
    }
}

void registrar_open(struct registrar *registrar, const struct registrar_options *options)
{
    const struct book *book = options->book;
    *registrar = (struct registrar){ .options = *options };
    snprintf(registrar->realm, sizeof registrar->realm, "%.*s", REALM_DIGITS, book->gb28181.id);
    random_bytes(&registrar->secret, sizeof registrar->secret);
    registrar->views = calloc(2 * book->camera_count + 1, sizeof *registrar->views);
    registrar->devices = calloc(2 * book->camera_count + 1, sizeof *registrar->devices);
    assert(registrar->views && registrar->devices);
    for (size_t i = 0; i < book->camera_count; i++) {
        add_view(registrar, &book->cameras[i], false);
        add_view(registrar, &book->cameras[i], true);
    }
    qsort(registrar->views, registrar->view_count, sizeof *registrar->views, compare_views);
    add_devices(registrar);
}

void registrar_close(struct registrar *registrar)
{
    for (size_t i = 0; i < registrar->count; i++)
        catalog_finish(&registrar->devices[i].catalog);
    free(registrar->devices);
    free(registrar->views);
    *registrar = (struct registrar){ 0 };
}

struct gb_device *registrar_find(const struct registrar *registrar, const char *id)
{
    struct gb_device wanted;
    if (!gb_is_id(id))
        return NULL;
    memcpy(wanted.id, id, sizeof wanted.id);
    return bsearch(&wanted, registrar->devices, registrar->count, sizeof wanted, compare);
}

/* ---- challenges ---- */

static void write_nonce(const struct registrar *registrar, const char *device, int64_t made_mono_ms,
                        char out[NONCE_SIZE])
{
    char time[NONCE_TIME_DIGITS + 1], hex[HASH_HEX];
    snprintf(time, sizeof time, "%016" PRIx64, (uint64_t)made_mono_ms);
    struct hash sign = hmac_sha256((struct bytes){ registrar->secret.bytes, sizeof registrar->secret.bytes },
                                   (struct bytes){ (const uint8_t *)time, NONCE_TIME_DIGITS },
                                   (struct bytes){ (const uint8_t *)device, strlen(device) });
    snprintf(out, NONCE_SIZE, "%s%.*s", time, NONCE_SIGN_DIGITS, hash_hex(hex, &sign));
}

/* When it was made; -1: not by us for that device, or too long ago, or it was used. */
static int64_t read_nonce(const struct registrar *registrar, const struct gb_device *device, const char *nonce,
                          int64_t now_mono_ms)
{
    char ours[NONCE_SIZE], time[NONCE_TIME_DIGITS + 1];
    if (strlen(nonce) != NONCE_SIZE - 1)
        return -1;
    snprintf(time, sizeof time, "%s", nonce);
    int64_t made_mono_ms = (int64_t)strtoull(time, NULL, 16);
    write_nonce(registrar, device->id, made_mono_ms, ours);
    bool good = strcmp(nonce, ours) == 0 && made_mono_ms > device->answered_mono_ms &&
                now_mono_ms - made_mono_ms < CHALLENGE_MS && made_mono_ms <= now_mono_ms;
    return good ? made_mono_ms : -1;
}

static bool digest_fits(const struct registrar *registrar, const struct sip_authorization *given, const char *password)
{
    struct rtsp_challenge challenge = { .scheme = RTSP_SCHEME_MD5, .qop = *given->qop != '\0' };
    struct rtsp_identity identity = { given->user, password };
    char wanted[RTSP_DIGEST_HEX];
    snprintf(challenge.realm, sizeof challenge.realm, "%s", registrar->realm);
    snprintf(challenge.nonce, sizeof challenge.nonce, "%s", given->nonce);
    rtsp_digest_response(wanted, &challenge, &identity, "REGISTER", given->uri, given->cnonce,
                         (uint32_t)strtoul(given->count, NULL, 16));
    return strcasecmp(wanted, given->response) == 0;
}

/* ---- REGISTER ---- */

static struct registrar_reply challenge(const struct registrar *registrar, const struct gb_device *device, bool stale,
                                        int64_t now_mono_ms)
{
    struct registrar_reply reply = { .status = 401 };
    char nonce[NONCE_SIZE];
    write_nonce(registrar, device->id, now_mono_ms, nonce);
    snprintf(reply.more, sizeof reply.more, "WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\", algorithm=MD5%s\r\n",
             registrar->realm, nonce, stale ? ", stale=true" : "");
    return reply;
}

static void leave(struct registrar *registrar, struct gb_device *device, const char *reason)
{
    if (!device->online)
        return;
    device->online = false;
    device->ask_mono_ms = INT64_MAX;
    registrar->online--;
    registrar->options.changed(registrar->options.context, device, reason);
}

/* Devices set their clocks by our Date, which has the district's time and no zone (9.10). */
static struct registrar_reply welcome(struct registrar *registrar, struct gb_device *device, int64_t expires_s,
                                      const struct sip_place *from, int64_t now_ms, int64_t now_mono_ms)
{
    struct registrar_reply reply = { .status = 200 };
    const struct zone *zone = registrar->options.book->zone;
    char date[TIMESTAMP_TEXT];
    int64_t local_ms = zone ? zone_to_local_ms(zone, now_ms) : now_ms;
    timestamp_format(date, local_ms / 1000 * 1000, 0);
    snprintf(reply.more, sizeof reply.more, "Expires: %" PRId64 "\r\nDate: %.19s.%03d\r\n", expires_s, date,
             (int)(local_ms % 1000));
    bool came = !device->online;
    device->place = *from;
    device->heard_mono_ms = now_mono_ms;
    device->expires_mono_ms = now_mono_ms + expires_s * 1000;
    device->online = true;
    registrar->online += came;
    if (came)
        registrar->options.changed(registrar->options.context, device, "");
    return reply;
}

static struct registrar_reply refuse(struct fault *fault, const char *id, const struct sip_place *from, const char *why)
{
    fault_set(fault, -EACCES, "device %.32s at %s: %s", id, from->host, why);
    return (struct registrar_reply){ .status = 403 };
}

struct registrar_reply registrar_register(struct registrar *registrar, const struct sip_message *request,
                                          const struct sip_place *from, int64_t now_ms, int64_t now_mono_ms,
                                          struct fault *fault)
{
    struct gb_device *device = registrar_find(registrar, request->from);
    struct sip_authorization given;
    struct buffer password = { 0 };
    if (!device)
        return refuse(fault, request->from, from, "the book has no camera of it");
    if (!sip_authorization(request, &given))
        return challenge(registrar, device, false, now_mono_ms);
    int64_t made_mono_ms = read_nonce(registrar, device, given.nonce, now_mono_ms);
    if (made_mono_ms < 0)
        return challenge(registrar, device, true, now_mono_ms);
    int result = registrar->options.password(registrar->options.context, device->id, &password, fault);
    bool fits = result == 0 && digest_fits(registrar, &given, buffer_string(&password));
    if (password.size)
        crypto_wipe(password.bytes, password.size);
    buffer_finish(&password);
    if (result < 0)
        return (struct registrar_reply){ .status = 403 };
    if (!fits)
        return refuse(fault, device->id, from, "a wrong password");
    device->answered_mono_ms = made_mono_ms;
    if (request->expires == 0) {
        leave(registrar, device, "it has said goodbye");
        return (struct registrar_reply){ .status = 200 };
    }
    int64_t expires_s = request->expires < 0 || request->expires > 86400 ? REGISTRAR_EXPIRES_S : request->expires;
    if (expires_s < REGISTRAR_EXPIRES_LEAST_S)
        expires_s = REGISTRAR_EXPIRES_LEAST_S;
    return welcome(registrar, device, expires_s, from, now_ms, now_mono_ms);
}

/* ---- afterwards ---- */

struct gb_device *registrar_hear(struct registrar *registrar, const char *id, const struct sip_place *from,
                                 int64_t now_mono_ms)
{
    struct gb_device *device = registrar_find(registrar, id);
    if (!device || !device->online || strcmp(device->place.host, from->host) != 0)
        return NULL;
    device->place.port = from->port; /* routers on the way change it now and then */
    device->heard_mono_ms = now_mono_ms;
    return device;
}

void registrar_tick(struct registrar *registrar, int64_t now_mono_ms)
{
    int64_t silent_ms = REGISTRAR_KEEPALIVES * 1000 * registrar->options.book->gb28181.keepalive_seconds;
    for (size_t i = 0; i < registrar->count; i++) {
        struct gb_device *device = &registrar->devices[i];
        if (device->online && now_mono_ms - device->heard_mono_ms >= silent_ms)
            leave(registrar, device, "three keep-alives have not come");
        else if (device->online && now_mono_ms >= device->expires_mono_ms)
            leave(registrar, device, "its registration is over");
    }
}
