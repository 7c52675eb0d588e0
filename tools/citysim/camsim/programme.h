/* A programme: what a kind of camera sees, drawn and encoded once as a loop of some seconds, shared by all cameras that show it.
 *
 * In the picture: a row of houses, a kite above them that comes and goes, the second of the loop with its tenth as a clock ("07.4"), and the number of the
 * picture in the loop as a row of PROGRAMME_BITS black and white squares at the left bottom (the left one is the highest bit), for programs.
 * Pictures are counted from the epoch, so that the clock in them is the system's; the loop's length is no part of a minute: who looks
 * once a minute sees another picture each time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

enum { PROGRAMME_SECONDS = 14, PROGRAMME_KEY_SECONDS = 2, PROGRAMME_BITS = 10, PROGRAMME_BIT_PX = 16 };

/* X(size, name, width, height, pictures a second, kbit/s) */
#define PROGRAMME_SIZES(X) \
    X(SUB, "sub", 640, 360, 15, 300) \
    X(OTHER, "other", 704, 576, 15, 300) /* what a sub-stream becomes when its parameter sets change */ \
    X(MAIN, "main", 1920, 1080, 25, 4000)

/* X(scene, name): the first eight are places, the others are what is wrong with a camera. */
#define PROGRAMME_SCENES(X) \
    X(PLACE_1, "place-1") \
    X(PLACE_2, "place-2") \
    X(PLACE_3, "place-3") \
    X(PLACE_4, "place-4") \
    X(PLACE_5, "place-5") \
    X(PLACE_6, "place-6") \
    X(PLACE_7, "place-7") \
    X(PLACE_8, "place-8") \
    X(BLACK, "black")     /* no light, or a dead sensor */ \
    X(COVERED, "covered") /* something before the lens */ \
    X(BLURRED, "blurred") /* out of focus */ \
    X(STILL, "still")     /* always the same picture: the camera delivers, its sensor stands */
#define PROGRAMME_CODECS(X) X(H264, "h264") X(H265, "h265")

#define PROGRAMME_SIZE_VALUE(name, ...) PROGRAMME_##name,
#define PROGRAMME_SCENE_VALUE(name, text) PROGRAMME_##name,
enum programme_size { PROGRAMME_SIZES(PROGRAMME_SIZE_VALUE) PROGRAMME_SIZE_COUNT };
enum programme_scene { PROGRAMME_SCENES(PROGRAMME_SCENE_VALUE) PROGRAMME_SCENE_COUNT };
enum programme_codec { PROGRAMME_CODECS(PROGRAMME_SCENE_VALUE) PROGRAMME_CODEC_COUNT };
#define PROGRAMME_PLACES PROGRAMME_BLACK /* so many places */

extern const char *const programme_scene_names[PROGRAMME_SCENE_COUNT];
extern const char *const programme_codec_names[PROGRAMME_CODEC_COUNT];

/* A payload of RTP (RFC 6184, RFC 7798), in `bytes` of its programme. */
struct programme_packet {
    uint32_t at, size;
    bool sets; /* parameter sets and nothing else */
    bool last; /* of its picture */
};

struct programme {
    enum programme_codec codec;
    int width, height, pictures_per_s;
    size_t *
        units; /* the first packet of each picture, and the end; a key frame is every PROGRAMME_KEY_SECONDS, the first one too */
    size_t unit_count;
    struct programme_packet *packets;
    size_t packet_count;
    struct buffer bytes;
    struct buffer sprop;  /* its parameter sets as a=fmtp has them */
    struct buffer stream; /* its pictures as a byte stream, and where each begins, and the end */
    size_t *stream_at;
};

/* Draws and encodes; takes a fifth of a second and more. */
int programme_make(enum programme_scene scene, enum programme_size size, enum programme_codec codec,
                   struct programme *programme, struct fault *fault);
void programme_finish(struct programme *programme); /* safe on a zeroed struct */

/* The number of the picture that is due at a moment, counted from the epoch; in the loop it is that modulo unit_count. */
int64_t programme_unit_at(const struct programme *programme, int64_t now_us);
int64_t programme_unit_due_us(const struct programme *programme, int64_t unit);
bool programme_unit_is_key(const struct programme *programme, int64_t unit);
