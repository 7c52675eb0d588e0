/* A viewer: somebody who keeps four cameras open on the wall's live stream. */
#pragma once

#include "tools/citysim/city.h"

enum { VIEWER_CAMERAS = 4 };

struct viewer {
    struct city *city;
    struct http_stream *stream;
    struct loop_timer again;
    struct buffer waiting; /* a record that is not whole yet */
    char *token;
    int64_t picture_mono_ms[VIEWER_CAMERAS];
};

void viewer_start(struct viewer *viewer, struct city *city);
/* Cameras with a picture in the last 3 s. */
int64_t viewer_tiles_live(const struct viewer *viewer);
void viewer_stop(struct viewer *viewer); /* safe on a zeroed struct */
