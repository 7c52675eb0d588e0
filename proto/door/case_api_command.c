#include "proto/door/case_api_command.h"

#include <string.h>

#include "proto/door/json.h"
#include "proto/store/media_store.h"

enum { BODY_BYTES = 16 * 1024 };

/* What the device may say; the rest of a command is the session's and the path's. */
static const char *const members[] = { "id",        "revision", "reason", "to_department",
                                       "to_worker", "media",    "score",  "happened_at_ms" };

/* One command that waits for its answer; in the request's arena. */
struct asking {
    struct case_api *api;
    struct request *request;
    struct viewer viewer;
};

/* X(status of the answer, status of HTTP, what to do) */
#define ANSWER_REPLIES(X) \
    X(CONFLICT, 409, "Look at the case as it is now, then decide again.") \
    X(NOT_FOUND, 404, "Look at your list.") \
    X(FORBIDDEN, 403, "Somebody else has to do this.") \
    X(INVALID, 422, "Correct it and send it with a new id.") \
    X(BUSY, 503, "Send it again with the same id.")

static const struct {
    int http;
    const char *next;
} replies[] = {
#define ANSWER_REPLY_ROW(status, http_, next_) [ANSWER_##status] = { http_, next_ },
    ANSWER_REPLIES(ANSWER_REPLY_ROW)
#undef ANSWER_REPLY_ROW
};

/* ---- the answer ---- */

static void reply_busy(struct request *request, const char *code, const char *message)
{
    reply_header(request, "Retry-After", "1");
    reply_error(request, 503, code, message, replies[ANSWER_BUSY].next);
}

/* The case as it is now goes with a conflict, so that the page need not ask again. */
static void reply_conflict(struct asking *asking, const struct answer *answer)
{
    struct request *request = asking->request;
    struct case_file record;
    struct fault fault = { "" };
    struct txn *txn = txn_begin_read(asking->api->store);
    int result = case_find(&asking->viewer, answer->case_number, txn, request_arena(request), &record, &fault);
    txn_abort(txn);
    if (result < 0) {
        case_reply_fault(request, &fault);
        return;
    }
    json_t *body = json_pack("{s:{s:s, s:s, s:s}}", "error", "code", "conflict", "message", answer->message, "next",
                             replies[ANSWER_CONFLICT].next);
    if (!result) {
        json_object_set_new(body, "case", case_json(&asking->viewer, &record));
        json_object_set_new(body, "verbs", case_verbs_json(&asking->viewer, &record));
    }
    reply_json(request, 409, body);
}

static void reply_answer(struct asking *asking, const struct answer *answer)
{
    struct request *request = asking->request;
    const char *code = enum_name(&answer_status_desc, (int)answer->status);
    switch (answer->status) {
    case ANSWER_OK:
        reply_json(request, 200, record_to_json(&answer_desc, answer));
        return;
    case ANSWER_CONFLICT:
        reply_conflict(asking, answer);
        return;
    case ANSWER_BUSY:
        reply_busy(request, code, answer->message);
        return;
    case ANSWER_NONE:
        reply_busy(request, "no_answer", "The dispatcher did not say what became of it.");
        return;
    default:
        reply_error(request, replies[answer->status].http, code, answer->message, replies[answer->status].next);
    }
}

static void answered(void *context, int status, struct bytes bytes)
{
    struct asking *asking = context;
    struct answer answer;
    struct fault fault = { "" };
    if (status)
        reply_busy(asking->request, "timeout", "The dispatcher has not answered; perhaps it was done, perhaps not.");
    else if (record_decode(&answer_desc, bytes, request_arena(asking->request), &answer, &fault))
        case_reply_fault(asking->request, &fault);
    else
        reply_answer(asking, &answer);
}

/* ---- the command ---- */

static int check_members(const json_t *body, struct fault *fault)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)body, name, value)
    {
        size_t i = 0;
        while (i < sizeof members / sizeof *members && strcmp(members[i], name) != 0)
            i++;
        if (i == sizeof members / sizeof *members)
            return fault_set(fault, -EINVAL, "no member is called '%.60s'", name);
    }
    return 0;
}

/* The hash of each photo becomes its media record; it must have been stored before. */
static int find_media(const struct case_api *api, const json_t *hashes, struct arena *arena, struct command *command,
                      struct fault *fault)
{
    size_t count = json_array_size(hashes);
    if (hashes && !json_is_array(hashes))
        return fault_set(fault, -EINVAL, "media: expected a list of hashes");
    if (count > (size_t)api->options.book->door.photos)
        return fault_set(fault, -EINVAL, "media: %zu photos, at most %lld", count,
                         (long long)api->options.book->door.photos);
    command->media = (struct media_list){ arena_array(arena, count ? count : 1, sizeof *command->media.items), count };
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
        command->media.items[i] = (struct media){ .hash = arena_text(arena, hash, strlen(hash)), .type = type };
    }
    return 0;
}

static int read_command(const struct asking *asking, const json_t *body, struct command *command, struct fault *fault)
{
    struct request *request = asking->request;
    struct arena *arena = request_arena(request);
    const struct viewer *viewer = &asking->viewer;
    int result = check_members(body, fault);
    json_t *plain = result ? NULL : json_copy((json_t *)(uintptr_t)body);
    if (plain) {
        json_object_del(plain, "media");
        result = record_from_json(&command_desc, plain, arena, command, fault);
        json_decref(plain);
    }
    if (!result && !*command->id)
        result = fault_set(fault, -EINVAL, "command.id: missing; make one on the device and keep it for repeats");
    if (!result)
        result = find_media(asking->api, json_object_get(body, "media"), arena, command, fault);
    if (result)
        return result;
    command->actor = viewer->login;
    command->role = viewer->role;
    command->department = viewer->department;
    command->case_number = request_param(request, "number");
    command->verb = (enum verb)enum_value(&verb_desc, request_param(request, "verb"));
    return 0;
}

static void send_command(struct asking *asking, const struct command *command)
{
    struct buffer bytes = { 0 };
    record_encode(&command_desc, command, &bytes);
    int result =
        bus_ask(asking->api->commands, buffer_view(&bytes), asking->api->options.command_timeout_ms, answered, asking);
    buffer_finish(&bytes);
    if (result)
        reply_busy(asking->request, "busy", "Too many commands are under way.");
    else
        request_defer(asking->request);
}

static void take_command(struct request *request, void *context)
{
    struct asking *asking = arena_alloc(request_arena(request), sizeof *asking);
    *asking = (struct asking){ context, request, case_viewer(context, request) };
    struct command command;
    struct fault fault = { "" };
    const json_t *body = request_json(request, &fault);
    if (enum_value(&verb_desc, request_param(request, "verb")) <= VERB_NONE)
        reply_error(request, 404, "no_such_verb", "No verb of a case is called like that.",
                    "Take one of the case's \"verbs\".");
    else if (!body)
        reply_error(request, 400, "bad_json", fault.text, "Send a JSON object.");
    else if (read_command(asking, body, &command, &fault))
        reply_error(request, 422, "invalid", fault.text, replies[ANSWER_INVALID].next);
    else
        send_command(asking, &command);
}

int case_command_open(struct case_api *api, struct fault *fault)
{
    static const struct case_route routes[] = {
        { "POST", "/api/cases/{number}/{verb}", ~ROLE_BIT(ROLE_DEVICE), BODY_BYTES, take_command },
    };
    return case_routes_add(api, routes, sizeof routes / sizeof *routes, fault);
}
