#include "proto/door/case_api_media.h"

#include <string.h>

#include "proto/store/media_store.h"

static void store_photo(struct request *request, void *context)
{
    const struct case_api *api = context;
    struct bytes file = request_body(request);
    struct fault fault = { "" };
    char hash[HASH_HEX];
    const char *type = media_type_of(file);
    int result = type ? media_store_put(api->options.data_folder, file, hash, &fault) : 0;
    if (!type)
        reply_error(request, 422, "not_a_photo", "This is neither JPEG, PNG nor WebP.",
                    "Send the photo's bytes alone.");
    else if (result == -EINVAL)
        reply_error(request, 422, "not_a_photo", fault.text, "Take the photo again.");
    else if (result)
        case_reply_fault(request, &fault);
    else
        reply_json(request, 201, json_pack("{s:s, s:s}", "hash", hash, "type", type));
}

static void show_photo(struct request *request, void *context)
{
    const struct case_api *api = context;
    struct buffer file = { 0 };
    struct fault fault = { "" };
    const char *type = NULL;
    int result = media_store_get(api->options.data_folder, request_param(request, "hash"), &file, &type, &fault);
    if (result < 0) {
        case_reply_fault(request, &fault);
    } else if (result) {
        reply_error(request, 404, "not_found", "There is no such photo.", "Look at the case again.");
    } else {
        reply_header(request, "Cache-Control", "private, max-age=31536000, immutable");
        reply_bytes(request, 200, type, buffer_view(&file));
    }
    buffer_finish(&file);
}

int case_media_open(struct case_api *api, struct fault *fault)
{
    const struct case_route routes[] = {
        { "POST", "/api/media", ~ROLE_BIT(ROLE_DEVICE), api->options.book->door.photo_bytes, store_photo },
        { "GET", "/api/media/{hash}", ~ROLE_BIT(ROLE_DEVICE), 0, show_photo },
    };
    return case_routes_add(api, routes, sizeof routes / sizeof *routes, fault);
}
