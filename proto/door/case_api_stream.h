/* GET /api/stream: the outbox as server-sent events.
 *
 * One reader of the outbox for all streams of the process: when the doorbell rings it reads the notices after api->told once and
 * gives each to the live watchers of its topic. A watcher that begins with an old number, or whose reader takes the bytes slower than
 * they come, is not live: it stands in the line of those that miss something and is brought up to api->told in pages of its own, as
 * fast as it takes them; then it is live again. Both happen in the loop's thread, so between "up to told" and "after told" nothing
 * falls out and nothing comes twice.
 */
#pragma once

#include "proto/door/case_api_share.h"

int case_stream_open(struct case_api *api, struct fault *fault);
void case_stream_close(struct case_api *api);
/* The doorbell rang: there may be notices beyond api->told. */
void case_stream_ring(struct case_api *api);
