#include "proto/door/case_api_share.h"

#include <string.h>

#include "proto/base/log.h"
#include "proto/door/json.h"
#include "proto/door/session.h"
#include "proto/store/media_store.h"

int case_routes_add(struct case_api *api, const struct case_route *routes, size_t count, struct fault *fault)
{
    int result = 0;
    for (size_t i = 0; !result && i < count; i++) {
        const struct case_route *route = &routes[i];
        unsigned roles = route->roles ? api->options.roles & route->roles : api->options.roles;
        if (roles)
            result = door_route(api->options.door, route->method, route->path, roles, route->body_bytes, route->handler,
                                api, fault);
    }
    return result;
}

struct viewer case_viewer(const struct case_api *api, struct request *request)
{
    const struct account_session *session = request_session(request);
    return (struct viewer){ api->options.book, session->login, session->department, session->role };
}

json_t *case_json(const struct viewer *viewer, const struct case_file *record)
{
    json_t *json = record_to_json(&case_file_desc, record), *voice;
    size_t i;
    if (!access_is_desk(viewer))
        json_array_foreach(json_object_get(json, "voices"), i, voice)
            json_object_set_new(voice, "reporter", json_string("")); /* a pseudonym; but who needs it in the field? */
    return json;
}

static json_t *needs_json(unsigned needs)
{
    json_t *names = json_array();
    for (size_t need = 0; need < need_desc.count; need++)
        if (needs >> need & 1)
            json_array_append_new(names, json_string(enum_name(&need_desc, (int)need)));
    return names;
}

static void offer(const struct viewer *viewer, const struct case_file *record, const struct transition *row,
                  json_t *verbs)
{
    if (access_may(viewer, record, row))
        json_array_append_new(verbs, json_pack("{s:s, s:o}", "verb", enum_name(&verb_desc, (int)row->verb), "needs",
                                               needs_json(row->needs)));
}

json_t *case_verbs_json(const struct viewer *viewer, const struct case_file *record)
{
    size_t count;
    json_t *verbs = json_array();
    const struct transition *rows = transitions_of(record->state, &count);
    for (size_t i = 0; i < count; i++)
        offer(viewer, record, &rows[i], verbs);
    offer(viewer, record, &transition_words, verbs);
    return verbs;
}

int case_find(const struct viewer *viewer, const char *number, struct txn *txn, struct arena *arena,
              struct case_file *record, struct fault *fault)
{
    int64_t id;
    int result = case_find_number(txn, number, &id);
    if (!result)
        result = case_get(txn, id, arena, record, fault);
    else if (result < 0)
        txn_error(txn, fault);
    return result ? result : !access_sees(viewer, record);
}

/* The hash of each photo becomes its media record; it must have been stored before. */
static int find_media(const struct case_api *api, const json_t *hashes, struct arena *arena, struct media_list *media,
                      struct fault *fault)
{
    size_t count = json_array_size(hashes);
    if (hashes && !json_is_array(hashes))
        return fault_set(fault, -EINVAL, "media: expected a list of hashes");
    if (count > (size_t)api->options.book->door.photos)
        return fault_set(fault, -EINVAL, "media: %zu photos, at most %lld", count,
                         (long long)api->options.book->door.photos);
    *media = (struct media_list){ arena_array(arena, count ? count : 1, sizeof *media->items), count };
    for (size_t i = 0; i < count; i++) {
        const char *hash = json_string_value(json_array_get(hashes, i)), *type = NULL;
        struct buffer file = { 0 };
        int result = media_store_get(api->options.data_folder, hash ? hash : "", &file, &type, fault);
        buffer_finish(&file);
        if (result)
            return result < 0
                       ? result
                       : fault_set(fault, -EINVAL, "media: no photo '%.64s'; store it with POST /api/media first",
                                   hash ? hash : "");
        media->items[i] = (struct media){ .hash = arena_text(arena, hash, strlen(hash)), .type = type };
    }
    return 0;
}

int case_body_read(const struct case_api *api, struct request *request, const json_t *body,
                   const struct record_desc *desc, void *record, struct media_list *media, struct fault *fault)
{
    struct arena *arena = request_arena(request);
    json_t *plain = json_copy((json_t *)(uintptr_t)body);
    json_object_del(plain, "media");
    int result = record_from_json(desc, plain, arena, record, fault);
    json_decref(plain);
    return result ? result : find_media(api, json_object_get(body, "media"), arena, media, fault);
}

void case_reply_busy(struct request *request, const char *code, const char *message)
{
    reply_header(request, "Retry-After", "1");
    reply_error(request, 503, code, message, "Send it again with the same id.");
}

void case_reply_fault(struct request *request, const struct fault *fault)
{
    log_error("request failed", "path=\"%s\" reason=\"%s\"", request_path(request), fault->text);
    reply_error(request, 500, "internal", "The cases could not be read.",
                "Try again; if it stays, tell the administrator.");
}
