#include "proto/door/case_api_command.h"

#include <string.h>

#include "proto/door/json.h"

enum { BODY_BYTES = 16 * 1024 };

/* What the session and the path say of a command; the rest is the device's. */
static const char *const not_the_devices[] = { "actor", "role", "department", "case_number", "verb" };

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
    X(INVALID, 422, "Correct it and send it with a new id.")

static const struct {
    int http;
    const char *next;
} replies[] = {
#define ANSWER_REPLY_ROW(status, http_, next_) [ANSWER_##status] = { http_, next_ },
    ANSWER_REPLIES(ANSWER_REPLY_ROW)
#undef ANSWER_REPLY_ROW
};

/* ---- the answer ---- */

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
        case_reply_busy(request, code, answer->message);
        return;
    case ANSWER_NONE:
        case_reply_busy(request, "no_answer", "The dispatcher did not say what became of it.");
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
        case_reply_busy(asking->request, "timeout",
                        "The dispatcher has not answered; perhaps it was done, perhaps not.");
    else if (record_decode(&answer_desc, bytes, request_arena(asking->request), &answer, &fault))
        case_reply_fault(asking->request, &fault);
    else
        reply_answer(asking, &answer);
}

/* ---- the command ---- */

static int check_members(const json_t *body, struct fault *fault)
{
    for (size_t i = 0; i < sizeof not_the_devices / sizeof *not_the_devices; i++)
        if (json_object_get(body, not_the_devices[i]))
            return fault_set(fault, -EINVAL, "'%s' is not the device's to say", not_the_devices[i]);
    return 0;
}

static int read_command(const struct asking *asking, const json_t *body, struct command *command, struct fault *fault)
{
    const struct viewer *viewer = &asking->viewer;
    int result = check_members(body, fault);
    if (!result)
        result = case_body_read(asking->api, asking->request, body, &command_desc, command, &command->media, fault);
    if (!result && !*command->id)
        result = fault_set(fault, -EINVAL, "command.id: missing; make one on the device and keep it for repeats");
    if (result)
        return result;
    command->actor = viewer->login;
    command->role = viewer->role;
    command->department = viewer->department;
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
        case_reply_busy(asking->request, "busy", "Too many commands are under way.");
    else
        request_defer(asking->request);
}

/* `number` "": of no case. */
static void take(struct request *request, struct case_api *api, const char *number, enum verb verb)
{
    struct asking *asking = arena_alloc(request_arena(request), sizeof *asking);
    *asking = (struct asking){ api, request, case_viewer(api, request) };
    struct command command;
    struct fault fault = { "" };
    const json_t *body = request_json(request, &fault);
    if (!body) {
        reply_error(request, 400, "bad_json", fault.text, "Send a JSON object.");
        return;
    }
    if (read_command(asking, body, &command, &fault)) {
        reply_error(request, 422, "invalid", fault.text, replies[ANSWER_INVALID].next);
        return;
    }
    command.case_number = number;
    command.verb = verb;
    send_command(asking, &command);
}

static void take_command(struct request *request, void *context)
{
    int verb = enum_value(&verb_desc, request_param(request, "verb"));
    if (verb <= VERB_NONE || verb_is_of_no_case((enum verb)verb))
        reply_error(request, 404, "no_such_verb", "No verb of a case is called like that.",
                    "Take one of the case's \"verbs\".");
    else
        take(request, context, request_param(request, "number"), (enum verb)verb);
}

static void take_here(struct request *request, void *context)
{
    take(request, context, "", VERB_HERE);
}

static void take_away(struct request *request, void *context)
{
    take(request, context, "", VERB_AWAY);
}

static void take_moved(struct request *request, void *context)
{
    take(request, context, "", VERB_MOVED);
}

int case_command_open(struct case_api *api, struct fault *fault)
{
    static const struct case_route routes[] = {
        { "POST", "/api/cases/{number}/{verb}", ~ROLE_BIT(ROLE_DEVICE), BODY_BYTES, take_command },
        { "POST", "/api/here", ROLE_BIT(ROLE_WORKER), BODY_BYTES, take_here },
        { "POST", "/api/away", ROLE_BIT(ROLE_WORKER), BODY_BYTES, take_away },
        { "POST", "/api/moved", ROLE_BIT(ROLE_WORKER), BODY_BYTES, take_moved },
    };
    return case_routes_add(api, routes, sizeof routes / sizeof *routes, fault);
}
