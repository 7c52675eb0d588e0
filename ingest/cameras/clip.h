/* Clips: kept access units (packed frames, frame.h) as files: a picture as a JPEG, a film as an MP4 that holds the units as the camera sent them. Each
 * is made by a thread of its own; all else is called in the loop's thread. */
#pragma once

#include "proto/base/buffer.h"
#include "proto/base/fault.h"
#include "proto/base/loop.h"

struct clip_maker;

enum clip_kind {
    CLIP_PICTURE, /* the newest one that can be decoded */
    CLIP_FILM     /* from the first key frame to the end, or to where codec or size change */
};

int clip_maker_open(struct loop *loop, struct clip_maker **maker, struct fault *fault);
/* Takes NULL. Waits for what is under way; its `done` is not called. */
void clip_maker_close(struct clip_maker *maker);

/* `done` is called once; size 0: there was nothing to make it of, or it cannot be decoded. The file lives during the call. */
void clip_make(struct clip_maker *maker, enum clip_kind kind, struct bytes packed,
               void (*done)(void *context, struct bytes file), void *context);
