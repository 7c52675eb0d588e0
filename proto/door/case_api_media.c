#include "proto/door/case_api_media.h"

#include <string.h>

#include "proto/door/daemon_door.h"
#include "proto/record/media_type.h"
#include "proto/store/media_store.h"

/* One photo under way. */
struct upload {
    const struct case_api *api;
    struct request *request;
};

static void not_a_photo(struct request *request, const char *why, const char *next)
{
    reply_error(request, 422, "not_a_photo", why, next);
}

static void developed(void *context, int result, const struct photo *photo, const struct fault *why)
{
    struct upload *upload = context;
    struct request *request = upload->request;
    struct fault fault = *why;
    char hash[HASH_HEX];
    if (result == -EINVAL) {
        not_a_photo(request, fault.text, "Take the photo again.");
        return;
    }
    if (!result)
        result = media_store_put(upload->api->options.data_folder, photo->picture, photo->small, hash, &fault);
    if (result)
        case_reply_fault(request, &fault);
    else
        reply_json(request, 201, json_pack("{s:s, s:s}", "hash", hash, "type", media_type_of(photo->picture)));
}

static void store_photo(struct request *request, void *context)
{
    const struct case_api *api = context;
    struct bytes file = request_body(request);
    if (!media_type_of(file)) {
        not_a_photo(request, "This is neither JPEG, PNG nor WebP.", "Send the photo's bytes alone.");
        return;
    }
    struct upload *upload = arena_alloc(request_arena(request), sizeof *upload);
    *upload = (struct upload){ api, request };
    if (darkroom_develop(api->darkroom, file, developed, upload) == DARKROOM_TAKEN)
        request_defer(request);
    else
        case_reply_busy(request, "busy", "Too many photos at this moment; it was not stored.");
}

static void show_photo(struct request *request, void *context)
{
    const struct case_api *api = context;
    const char *hash = request_param(request, "hash"), *size = request_query(request, "size"), *type = NULL;
    struct buffer file = { 0 };
    struct fault fault = { "" };
    bool small = size && strcmp(size, "small") == 0;
    int result =
        (small ? media_store_get_small : media_store_get)(api->options.data_folder, hash, &file, &type, &fault);
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
    int result = daemon_door_darkroom(api->options.loop, api->options.book, &api->darkroom, fault);
    return result ? result : case_routes_add(api, routes, sizeof routes / sizeof *routes, fault);
}
