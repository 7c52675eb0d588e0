/* What all our GStreamer pipelines have in common: GStreamer itself, and a pipeline with somebody who hears of its end. */
#pragma once

#include <gst/gst.h>

#include "proto/base/fault.h"
#include "proto/record/frame.h"

/* Starts GStreamer in this process; again does nothing. */
int media_init(struct fault *fault);

/* A pipeline in gst-launch's words, not yet playing. `ended` is called in GStreamer's threads, any number of times: error NULL: all of the stream has
 * passed. -ENOENT: an element is missing; the fault names `what` and says what to do. */
int media_launch(const char *what, const char *description, void (*ended)(void *context, const char *error),
                 void *context, GstElement **pipeline, struct fault *fault);
/* The words with which a pipeline begins that decodes a camera: appsrc "source", of access units in byte stream, up to the decoder, to whose
 * properties more may be added. */
const char *media_decoder(enum frame_codec codec);
/* Takes a pointer to NULL. No call to `ended` is under way or follows; waits for the pipeline's threads, not for any network. */
void media_end(GstElement **pipeline);
