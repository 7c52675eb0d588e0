/* A request as its handler sees it, without a door: for what reads bodies and headers. (A file that sees the door's own struct request cannot
 * see the record of that name, hence the two sides.) */
#pragma once

#include "proto/base/buffer.h"
#include "proto/door/request.h"

/* The body is not copied. */
struct request *made_request(struct bytes body);
void made_request_header(struct request *request, const char *name, const char *value); /* texts that live as long */
void made_request_destroy(struct request *request);
