/* Assembly: units (NAL) of H.264 and H.265 to access units in byte stream (Annex B), whatever they came in. Pure.
 *
 * An access unit is handed on whole or not at all: one that is damaged costs the others up to the next key frame.
 * Parameter sets are kept as they come, in the stream or out of band, the newest of each id; each key frame has all of them before it.
 * What decoders do not need (delimiters, filler, supplemental messages) is left out.
 */
#pragma once

#include "ingest/cameras/nal.h"
#include "ingest/cameras/source.h"

enum { ASSEMBLY_SETS_MAX = 24, ASSEMBLY_SET_BYTES_MAX = 1024 };

struct assembly_set {
    uint8_t kind, id;
    uint16_t size;
    uint8_t *bytes;
};

struct assembly {
    enum frame_codec codec;
    void (*unit)(void *context, const struct source_unit *unit); /* capture_ms is left to the listener */
    void *context;
    struct assembly_set sets[ASSEMBLY_SETS_MAX]; /* by kind and id */
    size_t set_count;
    uint16_t width, height; /* of the newest sequence parameter set; 0: none yet */
    /* the unit under way */
    struct buffer bytes;
    bool begun, damaged, key;
    bool need_key;
    int64_t units, units_dropped;
};

/* On a zeroed struct. */
void assembly_begin(struct assembly *assembly, enum frame_codec codec,
                    void (*unit)(void *context, const struct source_unit *unit), void *context);
/* Parameter sets out of band: base64, with ',' between several; what is none is left out. */
void assembly_take_sprop(struct assembly *assembly, const char *sprop);
/* The next unit, without start code. False: it is broken, and so is the access unit. */
bool assembly_add(struct assembly *assembly, struct bytes nal);
/* A slice that comes in pieces: its head, then assembly_append(). False: no part of a picture, of which nothing may be appended. */
bool assembly_begin_slice(struct assembly *assembly, struct bytes head);
void assembly_append(struct assembly *assembly, struct bytes part);
/* The access unit under way is whole, or as far as it came. */
void assembly_end(struct assembly *assembly);
/* Something is missing before the next access unit. */
void assembly_need_key(struct assembly *assembly);
void assembly_finish(struct assembly *assembly); /* safe on a zeroed struct */
