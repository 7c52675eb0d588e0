/* A key frame to a JPEG: appsrc ! parser ! decoder ! jpegenc ! appsink, made for one picture and gone with it (about 3 ms). */
#pragma once

#include "proto/base/buffer.h"
#include "proto/base/fault.h"
#include "proto/base/loop.h"
#include "proto/record/frame.h"

struct jpeg_maker;

int jpeg_maker_open(struct loop *loop, struct jpeg_maker **maker, struct fault *fault);
/* Takes NULL. What is under way is given up; its `done` is not called. */
void jpeg_maker_close(struct jpeg_maker *maker);

/* Decodes in GStreamer's threads; `done` is called once in the loop's thread, size 0: it could not be decoded. */
int jpeg_make(struct jpeg_maker *maker, enum frame_codec codec, struct bytes unit,
              void (*done)(void *context, struct bytes jpeg), void *context, struct fault *fault);
