/* One request, as its handler sees it: all texts live until it is answered and the handler has returned. */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "proto/base/arena.h"
#include "proto/base/buffer.h"
#include "proto/base/fault.h"

struct request;
typedef void door_handler(struct request *request, void *context);

const char *request_method(const struct request *request);
const char *request_path(const struct request *request);
const char *request_param(const struct request *request, const char *name); /* of the route's path; "" if none */
const char *request_query(const struct request *request, const char *name); /* NULL if absent; first one wins */
/* All values of that name, with commas between them; NULL if absent. */
const char *request_query_all(struct request *request, const char *name);
const char *request_header(const struct request *request, const char *name); /* NULL if absent */
const char *request_address(const struct request *request);                  /* of the peer: "127.0.0.1" */
struct bytes request_body(const struct request *request);
struct arena *request_arena(struct request *request);
/* The body as a JSON object; NULL with a fault that names line and column. Freed with the request. */
json_t *request_json(struct request *request, struct fault *fault);

/* The first language of Accept-Language or ?lang= that is in the list; the list's first otherwise. */
const char *request_language(const struct request *request, const char *const *languages, size_t count);

/* The handler returns without an answer; the connection waits (not for longer than the door's total time: 504 then). Whoever
 * holds it (and may defer it once more: it stays as it is) still answers once, also after that and when the peer has left (it goes nowhere then), but not after door_close(). */
void request_defer(struct request *request);
