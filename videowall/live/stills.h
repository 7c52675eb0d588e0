/* Stills: cameras as JPEGs, for pages whose browser cannot decode what they send. Each camera is decoded once, however many pages look, and only
 * while one does. All in the loop's thread but for GStreamer's own. */
#pragma once

#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

struct feeds;
struct loop;
struct still;
struct stills;

enum { STILL_EVERY_MS = 200 }; /* not more often: to encode costs more than to decode */

int stills_open(struct loop *loop, struct feeds *feeds, struct stills **stills, struct fault *fault);
void stills_close(struct stills *stills); /* takes NULL; nobody looks any more */

/* Somebody who looks. In the caller's memory, zeroed before first use, removed before it goes. */
struct still_viewer {
    void (*picture)(void *context, int64_t capture_ms, struct bytes jpeg); /* takes no viewer away */
    void *context;
    struct still *still;
    struct still_viewer *next;
};

/* `picture` is called for each that is made from now on. 1: the book has no such camera. */
int still_add_viewer(struct stills *stills, const char *camera, struct still_viewer *viewer);
void still_remove_viewer(struct still_viewer *viewer); /* safe on a zeroed struct */
