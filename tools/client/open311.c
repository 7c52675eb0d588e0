#include "tools/client/open311.h"

#include <jansson.h>
#include <stdlib.h>

int64_t open311_receipt(struct bytes answer)
{
    json_t *body = json_loadb((const char *)answer.data, answer.size, 0, NULL);
    const char *id = json_string_value(json_object_get(json_array_get(body, 0), "service_request_id"));
    int64_t receipt = id ? strtoll(id, NULL, 10) : 0;
    json_decref(body);
    return receipt;
}
