#include "proto/door/case_api_evidence.h"

#include <string.h>

#include "proto/door/session_gate.h"
#include "proto/store/media_store.h"

static bool has_evidence(const struct step_list *steps, const char *hash)
{
    for (size_t i = 0; i < steps->count; i++)
        for (size_t k = 0; steps->items[i].verb == VERB_EVIDENCE && k < steps->items[i].media.count; k++)
            if (strcmp(steps->items[i].media.items[k].hash, hash) == 0)
                return true;
    return false;
}

/* 0: it is evidence of a case that this account may see; 1: it is not. */
static int find_evidence(const struct case_api *api, struct request *request, const char *hash, struct fault *fault)
{
    struct viewer viewer = case_viewer(api, request);
    struct arena *arena = request_arena(request);
    struct case_file record;
    struct step_list steps = { 0 };
    struct txn *txn = txn_begin_read(api->store);
    int result = case_find(&viewer, request_param(request, "number"), txn, arena, &record, fault);
    if (!result)
        result = step_list_of(txn, &record, arena, &steps, fault);
    txn_abort(txn);
    return result ? result : !has_evidence(&steps, hash);
}

/* Who looks is noted first: a file that cannot be noted is not shown. */
static int note_and_read(const struct case_api *api, struct request *request, const char *hash, struct buffer *file,
                         const char **type, struct fault *fault)
{
    struct arena *arena = request_arena(request);
    const char *what = arena_format(arena, "%s/%s", request_param(request, "number"), hash);
    const char *folder = arena_format(arena, "%s/evidence", api->options.data_folder);
    int result = request_note_view(request, what, fault);
    return result ? result : media_store_get(folder, hash, file, type, fault);
}

static void show_evidence(struct request *request, void *context)
{
    const struct case_api *api = context;
    const char *hash = request_param(request, "hash"), *type = NULL;
    struct buffer file = { 0 };
    struct fault fault = { "" };
    int result = find_evidence(api, request, hash, &fault);
    if (!result)
        result = note_and_read(api, request, hash, &file, &type, &fault);
    if (result < 0) {
        case_reply_fault(request, &fault);
    } else if (result) {
        reply_error(request, 404, "not_found", "There is no such file of this case, or its time is over.",
                    "Look at the case again.");
    } else {
        reply_header(request, "Cache-Control", "no-store"); /* a view that no door hears of would not be noted */
        reply_bytes(request, 200, type, buffer_view(&file));
    }
    buffer_finish(&file);
}

int case_evidence_open(struct case_api *api, struct fault *fault)
{
    static const struct case_route routes[] = {
        { "GET", "/api/cases/{number}/evidence/{hash}", ~ROLE_BIT(ROLE_DEVICE), 0, show_evidence },
    };
    return case_routes_add(api, routes, sizeof routes / sizeof *routes, fault);
}
