/* Streams: server-sent events and other endless bodies. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/door/request.h"

struct stream;
/* Answers 200 with `type` and leaves the body open. `closed` is called once, when the peer has gone, stream_end() was called, the
 * session that opened it has ended, or the door closes; never from inside of a call of these functions. The stream is gone then.
 * A reader that lets more than `buffer_bytes` wait is cut off (stream_write returns false and `closed` follows). */
struct stream *reply_stream(struct request *request, const char *type, size_t buffer_bytes,
                            void (*closed)(void *context), void *context);
bool stream_write(struct stream *stream, struct bytes bytes);
/* "id: …\nevent: …\ndata: …\n\n"; data without line breaks. A comment line goes out by itself every 15 s. */
bool stream_event(struct stream *stream, uint64_t id, const char *event, const char *data);
size_t stream_waiting(const struct stream *stream); /* bytes not yet taken by the peer */
void stream_end(struct stream *stream);
