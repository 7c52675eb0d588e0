/* Where the wall's pictures go: PNG files, RTSP, pages, a window, a screen (see wall.h). All functions but open, mend and close are the wall's thread's. */
#pragma once

#include <gst/gst.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/base/fault.h"

struct feeds;
struct loop;
struct output;

struct output_options {
    int64_t png_keep;
    struct loop *loop;
    struct feeds *feeds;
};

/* One output, as "png:FOLDER". -EINVAL: there is no such output; others: it cannot be opened, the fault says what to do. */
int output_open(const char *text, const struct output_options *options, struct output **output, struct fault *fault);
/* The form alone; opens nothing. */
int output_check(const char *text, struct fault *fault);
/* Does it want a picture now? One that nobody watches costs nothing. */
bool output_wants(struct output *output, int64_t mono_ms);
/* Keeps a reference as long as it needs; never waits: a slow output misses pictures. due_us: the beat that the picture is of, by the monotonic
 * clock; readers get it as its time, however late it was drawn. */
void output_push(struct output *output, GstBuffer *picture, int64_t due_us);
/* In the loop's thread, some times a second: begins one anew that has broken (its window was closed, its encoder failed), after a second, then ever
 * more slowly while it does not last. */
void output_mend(struct output *output, int64_t mono_ms);
void output_close(struct output *output); /* takes NULL */

enum { OUTPUT_MEND_MS = 1000, OUTPUT_MEND_LONGEST_MS = 60000 };

/* What all pictures are: 1920x1080 I420, 25 a second. */
#define OUTPUT_CAPS \
    "video/x-raw,format=I420,width=1920,height=1080,framerate=25/1,colorimetry=bt601,pixel-aspect-ratio=1/1"
