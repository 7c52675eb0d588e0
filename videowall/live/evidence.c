#include "videowall/live/evidence.h"

#include <string.h>

#include "proto/book/book.h"
#include "proto/door/door.h"
#include "proto/door/json.h"
#include "proto/door/session_gate.h"
#include "proto/record/camera.h"
#include "proto/store/case_store.h"
#include "videowall/feed/feed.h"
#include "videowall/live/grant.h"

enum { BODY_BYTES = 1024, TIMEOUT_MS = 15000 };

/* One that waits for ingest; in the request's arena. */
struct asking {
    struct evidence *evidence;
    struct request *request;
};

static void answered(void *context, int status, struct bytes bytes)
{
    struct asking *asking = context;
    struct camera_grant grant;
    if (grant_take(asking->request, status, bytes, &grant))
        reply_json(asking->request, 201,
                   json_pack("{s:I, s:I}", "seq", (json_int_t)grant.seq, "clip_s",
                             (json_int_t)asking->evidence->options.book->camera_evidence.after_s));
}

/* A report of the case; 1: there is no such case. */
static int report_of(const struct evidence *evidence, const char *number, struct arena *arena, int64_t *seq,
                     struct fault *fault)
{
    struct case_file record;
    int64_t id;
    struct txn *txn = txn_begin_read(evidence->options.cases);
    int result = case_find_number(txn, number, &id);
    if (!result)
        result = case_get(txn, id, arena, &record, fault);
    txn_abort(txn);
    *seq = !result && record.voices.count ? record.voices.items[0].seq : 0;
    return result < 0 ? result : !*seq;
}

static void keep(struct request *request, void *context)
{
    struct evidence *evidence = context;
    struct fault fault = { "" };
    const json_t *body = request_json(request, &fault);
    const char *id = json_string_value(json_object_get(body, "id"));
    const char *camera = json_string_value(json_object_get(body, "camera"));
    const char *number = json_string_value(json_object_get(body, "case"));
    struct camera_lease wish = { .verb = CAMERA_VERB_KEEP, .camera = camera, .id = id };
    wish.holder = request_session(request)->login;
    if (!id || !*id || strlen(id) > 64 || !camera || !number) {
        reply_error(request, 422, "invalid", body ? "id, camera and case must be texts" : fault.text,
                    "Send {\"id\": …, \"camera\": …, \"case\": …}.");
        return;
    }
    int result = book_camera(evidence->options.book, camera)
                     ? report_of(evidence, number, request_arena(request), &wish.about_seq, &fault)
                     : 1;
    if (result) {
        reply_error(request, result < 0 ? 500 : 404, result < 0 ? "internal" : "not_found",
                    result < 0 ? fault.text : "There is no such case, or no such camera.", "Look at the case again.");
        return;
    }
    struct asking *asking = arena_alloc(request_arena(request), sizeof *asking);
    *asking = (struct asking){ evidence, request };
    if (feeds_ask(evidence->options.feeds, &wish, TIMEOUT_MS, answered, asking) < 0)
        grant_reply_away(request);
    else
        request_defer(request);
}

int evidence_open(struct evidence *evidence, struct fault *fault)
{
    return door_route(evidence->options.door, "POST", "/api/evidence", evidence->options.roles, BODY_BYTES, keep,
                      evidence, fault);
}
