/* What the tests of the native wall share: a wall on the cameras of the video stage, its pictures as files, and what can be measured in them. */
#pragma once

#include <cairo.h>

#include "test/e2e/video_stage.h"
#include "videowall/wall/label.h"
#include "videowall/wall/layout.h"
#include "videowall/wall/wall.h"

enum { OPEN_COUNT = 37 }; /* cases, in the numbers on each wall */

/* What GStreamer's quick conversion to RGB leaves between a label and itself, in steps of brightness (measured: 2.9); another text of the same
 * size is unlike by 8 and more. */
#define LABEL_UNLIKE 5.0

/* A wall with its folder of pictures. */
struct shown {
    struct video_stage *stage;
    struct wall *wall;
    char folder[64];
    const char *cameras[SIMULATED];
    const char *language;
    struct wall_layout layout;
    char newest[64];
    size_t live_wanted;
    int64_t rtsp_port; /* 0: no RTSP output, and none for pages */
};

void open_wall(struct shown *shown);
void close_wall(struct shown *shown);
void wait_live(struct shown *shown, size_t tiles);

/* The name of the newest picture, "" if there is none; *count of all of them. */
void find_newest(const struct shown *shown, char name[64], size_t *count);
/* The next picture that the wall writes; what it shows was composed after the call. */
cairo_surface_t *next_picture(struct shown *shown);
/* Mean difference of two equally large parts, in steps of 0 to 255 a channel. */
double difference(cairo_surface_t *a, struct rect of_a, cairo_surface_t *b, struct rect of_b);
/* How much of the part has a colour, 0 to 1. */
double colourful(cairo_surface_t *picture, struct rect part);
/* Mean difference in brightness between a part of the picture and a label drawn here as the wall draws it. */
double unlike_label(cairo_surface_t *picture, struct rect part, const struct label_style *style, const char *text);
