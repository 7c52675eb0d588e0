#include "test/fuzz/made_request.h"

#include <stdlib.h>

#include "proto/door/request_inside.h"

struct request *made_request(struct bytes body)
{
    struct request *request = calloc(1, sizeof *request);
    if (!request)
        abort();
    request->body = (struct buffer){ (uint8_t *)body.data, body.size, body.size };
    return request;
}

void made_request_header(struct request *request, const char *name, const char *value)
{
    pairs_add(&request->arena, &request->headers, name, value);
}

void made_request_destroy(struct request *request)
{
    json_decref(request->json);
    arena_finish(&request->arena);
    free(request);
}
