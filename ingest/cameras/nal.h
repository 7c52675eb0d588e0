/* Units of H.264 (ITU-T H.264, 7.3.1) and H.265 (ITU-T H.265, 7.3.1): what one is by its header, and what a sequence parameter set says. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/record/frame.h"

enum nal_kind {
    NAL_BROKEN,       /* no such unit */
    NAL_SLICE,        /* part of a picture */
    NAL_KEY,          /* part of one that needs no other */
    NAL_VIDEO_SET,    /* VPS, of H.265 */
    NAL_SEQUENCE_SET, /* SPS */
    NAL_PICTURE_SET,  /* PPS */
    NAL_OTHER,        /* nothing that a decoder needs: delimiters, filler, messages */
};

/* Bytes of a unit's header: 1 or 2. */
size_t nal_head_bytes(enum frame_codec codec);
/* `nal` is without start code. */
enum nal_kind nal_kind(enum frame_codec codec, struct bytes nal);
static inline bool nal_is_set(enum nal_kind kind)
{
    return kind == NAL_VIDEO_SET || kind == NAL_SEQUENCE_SET || kind == NAL_PICTURE_SET;
}

/* Its number among the sets of its kind; -1: the set is broken. */
int nal_set_id(enum frame_codec codec, struct bytes nal);
/* The size of the pictures that a sequence parameter set announces. False: it is broken, or no size that a camera has. */
bool nal_picture_size(enum frame_codec codec, struct bytes nal, uint16_t *width, uint16_t *height);
