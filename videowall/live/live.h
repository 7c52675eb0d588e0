/* Live pictures for browsers: routes on the videowall's door.
 *
 *   GET /live?cameras=a,b,c            one endless response for a whole page (type LIVE_TYPE): records of the cameras asked for;
 *                                      &as=jpeg: for a browser that decodes nothing, pictures instead of access units. The native wall's
 *                                      picture is one of them, too, where GET /api/wall/view says "web"
 *   GET /live/cameras                  {"cameras": [{"id", "name", "name_en", "lat", "lon", "bearing", "turns", "area", "state", "since_ms",
 *                                      "picture_at_ms", "reason", "width", "height"}]}, in the book's order; state: see camera.h
 *   GET /live/snapshot/{camera}.jpg    the last key frame as a JPEG; header X-Capture-Time: its capture time in milliseconds.
 *                                      504 where no picture came within 5 s
 *
 * A record of /live, numbers big-endian:
 *      0  u32  length of what follows (LIVE_HEAD_BYTES - 4 + payload)
 *      4  u16  camera: place in the request's list, from 0; LIVE_NO_CAMERA where it is about none
 *      6  u8   kind, see LIVE_KINDS
 *      7  u8   flags: bit 0 key frame (kind unit)
 *      8  u64  time, milliseconds since the epoch: kind unit: capture time; otherwise when it was written
 *     16  …    payload
 * Kinds:
 *   unit    an access unit, H.264 byte stream (Annex B: WebCodecs without `description`); parameter sets before each key frame.
 *           The first unit of a camera, and the first after anything was left out, is a key frame. The first ones may come in a
 *           burst (the group of pictures that is under way): decode all, draw the newest.
 *   config  JSON {"codec": "avc1.42c01e", "width": 640, "height": 360}; before the first unit and whenever it changes: configure a
 *           decoder anew
 *   status  JSON {"camera": "cam-01", "state": "live", "since_ms": …, "picture_at_ms": …, "reason": ""}; at the start, and on each
 *           change: "opening", "live", "frozen", "lost", "idle"; also "unknown" for an id that the book does not have
 *   pulse   no payload, every second: `time` is the server's clock (latency = local clock - capture time - (local - server))
 *   picture a JPEG, at most five a second; `time`: its capture time. Instead of units where the camera sends H.265, which browsers lack, and
 *           where the page asked for it; each camera is decoded once here, however many pages look
 * A reader of a later version skips kinds that it does not know by their length. A page that reads too slowly misses units up to
 * the next key frame: at most the book's doors.live_waiting_bytes wait for it, and nobody else is delayed; a status that did not fit comes with a later pulse, as
 * it is then. No pulse for 5 s: connect anew.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

struct book;
struct door;
struct feeds;
struct loop;

#define LIVE_TYPE "application/vnd.drumtower.live"
enum { LIVE_HEAD_BYTES = 16, LIVE_NO_CAMERA = 0xffff, LIVE_CAMERAS_MAX = 64 };

#define LIVE_KINDS(X) \
    X(UNIT, 1) \
    X(CONFIG, 2) \
    X(STATUS, 3) \
    X(PULSE, 4) \
    X(PICTURE, 5)
#define LIVE_KIND_VALUE(name, value) LIVE_##name = (value),
enum live_kind { LIVE_KINDS(LIVE_KIND_VALUE) };
enum { LIVE_FLAG_KEY = 1 };

struct live_record {
    uint16_t camera;
    enum live_kind kind;
    uint8_t flags;
    int64_t time_ms;
    struct bytes payload;
};

void live_record_put(struct buffer *out, const struct live_record *record);
/* Takes the first record of `rest` and moves `rest` behind it. 1: not all of it is there yet. -EINVAL: this is no record. */
int live_record_take(struct bytes *rest, struct live_record *record);
/* For a reader that gets the response in pieces: appends one to `waiting`, hands on every record that is whole now and keeps the rest. -EINVAL:
 * what comes is no record. */
int live_record_feed(struct buffer *waiting, struct bytes piece,
                     void (*take)(void *context, const struct live_record *record), void *context);

/* "avc1.42c01e" from the sequence parameter set of a key frame; false where there is none. */
bool live_codec_name(struct bytes unit, char name[12]);

struct live_options {
    struct loop *loop;
    struct door *door;
    struct feeds *feeds; /* videowall/feed/feed.h */
    const struct book *book;
    unsigned roles;    /* ROLE_BIT()s that may look; 0 = anybody who reaches the door */
    int64_t viewers;   /* pages at a time; 0 = 64 */
    int64_t snapshots; /* decoded at a time; 0 = 4 */
};

struct live;
int live_open(const struct live_options *options, struct live **live, struct fault *fault);
void live_close(struct live *live); /* takes NULL; the door may still be open, its streams end */
