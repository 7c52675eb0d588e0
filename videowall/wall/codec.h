/* One camera's access units to pictures, by libavcodec in the calling thread. Without GStreamer's elements around it, whose pool holds pictures beside
 * those of the codec and whose every stream has a thread: on a wall of 64 cameras they were a third of its memory.
 */
#pragma once

#include "proto/record/frame.h"
#include "videowall/wall/canvas.h"

struct codec;

bool codec_is_there(enum frame_codec kind);
/* NULL: libavcodec has no memory. */
struct codec *codec_open(enum frame_codec kind);
void codec_close(struct codec *codec); /* takes NULL */

/* `picture` is called with each picture that is whole now; its planes live during the call. Bytes that are none of a stream cost their pictures only:
 * false is a codec that can go on no more. */
bool codec_decode(struct codec *codec, struct bytes unit, void (*picture)(void *context, const struct canvas *picture),
                  void *context);
