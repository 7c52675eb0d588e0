#include "tools/replay/timeline.h"
#include "tools/client/open311.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/timestamp.h"

enum {
    FLIGHT_MAX = 16,       /* calls of one moment */
    BESIDE_MAX = 8,        /* receipts beside them */
    LOOK_AGAIN_MS = 5,     /* the dispatcher had not come to it yet */
    CLOSE_WAIT_MS = 20000, /* a case that never gets to its department */
    TRIES_MAX = 50,
    TRY_AGAIN_MS = 100,
};

enum action_kind { ACTION_OPEN, ACTION_CLOSE };

struct action {
    int64_t at_ms;
    enum action_kind kind;
    size_t row;
};

struct desk {
    const char *department;
    char login[64];
    char *token;
    bool signing_in;
};

/* One call under way, with what it needs to be made again. */
struct call {
    struct timeline *timeline;
    struct row *row;
    struct desk *desk; /* receive, dispose, sign in */
    const char *verb;  /* receive, dispose */
    bool gates;        /* the clock waits for it */
    int tries;
    struct loop_timer again;
};

static void pump(struct timeline *timeline);
static void send_verb(struct call *call);
static void send_report(struct call *call);

static void tell_refusal(const struct row *row, const char *what, int status, struct bytes answer)
{
    fprintf(stderr, "line %zu: %s: status %d: %.*s\n", row->line, what, status,
            answer.size > 300 ? 300 : (int)answer.size, (const char *)answer.data);
}

static struct call *call_new(struct timeline *timeline, struct row *row, bool gates)
{
    struct call *call = calloc(1, sizeof *call);
    if (!call)
        abort();
    *call = (struct call){ .timeline = timeline, .row = row, .gates = gates };
    timeline->gating += gates;
    timeline->beside += !gates;
    return call;
}

static void call_end(struct call *call)
{
    struct timeline *timeline = call->timeline;
    timeline->gating -= call->gates;
    timeline->beside -= !call->gates;
    free(call);
    pump(timeline);
}

/* No answer, or one that asks for patience: the same call with the same id again. False: enough of it. */
static bool try_again(struct call *call, int status, int (*fire)(void *call))
{
    bool passing = status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
    if (!passing || ++call->tries > TRIES_MAX)
        return false;
    call->again = (struct loop_timer){ .fire = fire, .context = call };
    loop_timer_arm(call->timeline->loop, &call->again, TRY_AGAIN_MS);
    return true;
}

/* A close that waited holds the clock; true: it did. */
static bool stop_waiting(struct timeline *timeline, struct row *row)
{
    bool waited = row->close_waits;
    row->close_waits = false;
    timeline->gating -= waited;
    timeline->closes_waiting -= waited;
    return waited;
}

/* ---- a report ---- */

static int report_again(void *context)
{
    send_report(context);
    return 0;
}

static void report_answered(void *context, int status, struct bytes answer)
{
    struct call *call = context;
    struct timeline *timeline = call->timeline;
    if (try_again(call, status, report_again))
        return;
    if (status == 201)
        call->row->receipt = (uint64_t)open311_receipt(answer);
    if (call->row->receipt) {
        timeline->accepted++;
        if (call->row->closed_ms)
            timeline->unknown[timeline->unknown_count++] = call->row;
    } else {
        timeline->refused++;
        call->row->refused = true;
        stop_waiting(timeline, call->row);
        tell_refusal(call->row, "refused by the server", status, answer);
    }
    call_end(call);
}

/* The service that a type names; what the book does not know is general. */
static const char *service_of(const struct book *book, const char *type)
{
    if (book_service(book, type))
        return type;
    for (size_t i = 0; i < book->service_count; i++)
        if (strcmp(book->services[i].name.en, type) == 0)
            return book->services[i].code;
    return "general";
}

static void send_report(struct call *call)
{
    const struct row *row = call->row;
    struct timeline *timeline = call->timeline;
    struct buffer form = { 0 }, url = { 0 };
    char key[96];
    form_append(&form, "service_code", service_of(timeline->book, row->type));
    form_append(&form, "description", *row->title ? row->title : row->type);
    if (*row->latitude && *row->longitude) {
        form_append(&form, "lat", row->latitude);
        form_append(&form, "long", row->longitude);
    }
    if (*row->location)
        form_append(&form, "address_string", row->location);
    buffer_format(&url, "%s/open311/v2/requests.json", timeline->daemons->ingest_url);
    snprintf(key, sizeof key, "Idempotency-Key: replay311-line-%010zu", row->line);
    http_send(timeline->http,
              &(struct http_call){ .method = "POST",
                                   .url = buffer_string(&url),
                                   .content_type = "application/x-www-form-urlencoded",
                                   .body = buffer_view(&form),
                                   .header = key },
              report_answered, call);
    buffer_finish(&form);
    buffer_finish(&url);
}

/* ---- what the liaison does ---- */

static struct desk *desk_of(struct timeline *timeline, const char *department)
{
    for (size_t i = 0; i < timeline->book->department_count; i++)
        if (strcmp(timeline->desks[i].department, department) == 0)
            return &timeline->desks[i];
    return NULL;
}

static void give_up_closing(struct timeline *timeline, struct row *row, const char *why)
{
    fprintf(stderr, "line %zu: request %" PRIu64 " was not disposed: %s\n", row->line, row->receipt, why);
    timeline->problems++;
    row->lost = true;
    stop_waiting(timeline, row);
}

static int verb_again(void *context)
{
    send_verb(context);
    return 0;
}

static void dispose(struct timeline *timeline, struct row *row)
{
    struct call *call = call_new(timeline, row, true);
    call->desk = desk_of(timeline, row->department);
    call->verb = "dispose";
    send_verb(call);
}

static void verb_done(struct call *call)
{
    struct timeline *timeline = call->timeline;
    struct row *row = call->row;
    if (strcmp(call->verb, "dispose") == 0) {
        row->disposed = true;
        timeline->disposed++;
    } else {
        row->received = true;
        if (stop_waiting(timeline, row))
            dispose(timeline, row);
    }
}

static void verb_failed(struct call *call, int status, struct bytes answer)
{
    tell_refusal(call->row, call->verb, status, answer);
    give_up_closing(call->timeline, call->row, "the field door refused");
}

static void verb_answered(void *context, int status, struct bytes answer)
{
    struct call *call = context;
    if (status == 401 && ++call->tries <= TRIES_MAX) {
        free(call->desk->token); /* in virtual time a session soon grows old */
        call->desk->token = NULL;
        send_verb(call);
        return;
    }
    if (try_again(call, status, verb_again))
        return;
    if (status == 200)
        verb_done(call);
    else
        verb_failed(call, status, answer);
    call_end(call);
}

static void signed_in(void *context, int status, struct bytes answer)
{
    struct call *call = context;
    json_t *body = status == 200 ? json_loadb((const char *)answer.data, answer.size, 0, NULL) : NULL;
    const char *token = json_string_value(json_object_get(body, "token"));
    if (token && !call->desk->token)
        call->desk->token = strdup(token);
    json_decref(body);
    if (call->desk->token) {
        send_verb(call);
    } else if (!try_again(call, status, verb_again)) {
        verb_failed(call, status, answer);
        call_end(call);
    }
}

static void sign_in(struct call *call)
{
    const struct daemons *daemons = call->timeline->daemons;
    struct buffer url = { 0 }, body = { 0 };
    buffer_format(&url, "%s/api/session", daemons->field_url);
    buffer_format(&body, "{\"login\":\"%s\",\"password\":\"%s\"}", call->desk->login, daemons->password);
    http_send(call->timeline->http,
              &(struct http_call){ .method = "POST",
                                   .url = buffer_string(&url),
                                   .content_type = "application/json",
                                   .body = buffer_view(&body) },
              signed_in, call);
    buffer_finish(&url);
    buffer_finish(&body);
}

static void send_verb(struct call *call)
{
    if (!call->desk->token) {
        sign_in(call);
        return;
    }
    struct buffer url = { 0 }, body = { 0 };
    buffer_format(&url, "%s/api/cases/%s/%s", call->timeline->daemons->field_url, call->row->number, call->verb);
    buffer_format(&body, "{\"id\":\"replay311-%s-%zu\"}", call->verb, call->row->line);
    http_send(call->timeline->http,
              &(struct http_call){ .method = "POST",
                                   .url = buffer_string(&url),
                                   .content_type = "application/json",
                                   .body = buffer_view(&body),
                                   .token = call->desk->token },
              verb_answered, call);
    buffer_finish(&url);
    buffer_finish(&body);
}

/* ---- which case a report became ---- */

static void receive(struct timeline *timeline, struct row *row)
{
    struct desk *desk = desk_of(timeline, row->department);
    if (!desk) {
        give_up_closing(timeline, row, "its case has no department of the book");
        return;
    }
    struct call *call = call_new(timeline, row, false);
    call->desk = desk;
    call->verb = "receive";
    send_verb(call);
}

/* True where the case has reached its department. */
static bool learn_case(struct timeline *timeline, struct row *row, const json_t *request)
{
    const json_t *extension = json_object_get(request, "drumtower");
    const char *number = json_string_value(json_object_get(extension, "case_number"));
    const char *state = json_string_value(json_object_get(extension, "state"));
    const char *department = json_string_value(json_object_get(extension, "department"));
    if (!number || !state || !department || strcmp(state, "dispatched") != 0)
        return false;
    row->number = arena_text(&timeline->rows->arena, number, strlen(number));
    row->department = arena_text(&timeline->rows->arena, department, strlen(department));
    return true;
}

static const json_t *find_request(const json_t *list, uint64_t receipt)
{
    size_t i;
    json_t *request;
    json_array_foreach(list, i, request)
    {
        const char *id = json_string_value(json_object_get(request, "service_request_id"));
        if (id && strtoull(id, NULL, 10) == receipt)
            return request;
    }
    return NULL;
}

static void look(struct timeline *timeline);

static int look_again(void *context)
{
    look(context);
    return 0;
}

/* A row whose case does not come stays in the list while there is hope for it. */
static bool is_hopeless(struct timeline *timeline, struct row *row)
{
    if (!row->close_waits || clock_mono_ms() - row->waits_since_ms < CLOSE_WAIT_MS)
        return false;
    give_up_closing(timeline, row, "its case did not reach a department");
    return true;
}

/* Takes those off the list whose case is known or given up. */
static void forget_known(struct timeline *timeline)
{
    size_t kept = 0;
    for (size_t i = 0; i < timeline->unknown_count; i++)
        if (!timeline->unknown[i]->number && !timeline->unknown[i]->lost)
            timeline->unknown[kept++] = timeline->unknown[i];
    timeline->unknown_count = kept;
}

static void looked(void *context, int status, struct bytes answer)
{
    struct timeline *timeline = context;
    json_t *list = status == 200 ? json_loadb((const char *)answer.data, answer.size, 0, NULL) : NULL;
    bool waits = false;
    timeline->looking = false;
    for (size_t i = 0; i < timeline->asked_count; i++) {
        struct row *row = timeline->asked[i];
        const json_t *request = find_request(list, row->receipt);
        if (request && learn_case(timeline, row, request))
            receive(timeline, row);
        else
            waits |= !is_hopeless(timeline, row);
    }
    json_decref(list);
    forget_known(timeline);
    if (waits)
        loop_timer_arm(timeline->loop, &timeline->look_again, LOOK_AGAIN_MS);
    pump(timeline);
}

/* Those that the clock waits for go alone: the others would only stand in their way. */
static void choose_asked(struct timeline *timeline)
{
    timeline->asked_count = 0;
    for (size_t i = 0; i < timeline->unknown_count && timeline->asked_count < TIMELINE_LOOK_ROWS; i++)
        if (timeline->unknown[i]->close_waits || !timeline->closes_waiting)
            timeline->asked[timeline->asked_count++] = timeline->unknown[i];
}

static void look(struct timeline *timeline)
{
    bool last = timeline->next == timeline->action_count;
    size_t wanted = timeline->closes_waiting || last ? 1 : TIMELINE_LOOK_ROWS;
    if (timeline->looking || timeline->look_again.armed || timeline->unknown_count < wanted ||
        (timeline->beside >= BESIDE_MAX && !timeline->closes_waiting))
        return;
    choose_asked(timeline);
    if (!timeline->asked_count)
        return; /* what is waited for is known, and being received */
    struct buffer url = { 0 };
    buffer_format(&url,
                  "%s/open311/v2/requests.json?extensions=true&service_request_id=", timeline->daemons->ingest_url);
    for (size_t i = 0; i < timeline->asked_count; i++)
        buffer_format(&url, "%s%" PRIu64, i ? "," : "", timeline->asked[i]->receipt);
    timeline->looking = true;
    http_send(timeline->http, &(struct http_call){ .method = "GET", .url = buffer_string(&url) }, looked, timeline);
    buffer_finish(&url);
}

/* ---- the order of time ---- */

static void close_row(struct timeline *timeline, struct row *row)
{
    if (row->refused || row->lost)
        return; /* told and counted before */
    if (row->received) {
        dispose(timeline, row);
        return;
    }
    row->close_waits = true;
    row->waits_since_ms = clock_mono_ms();
    timeline->closes_waiting++;
    timeline->gating++;
}

static void act(struct timeline *timeline, const struct action *action)
{
    struct row *row = &timeline->rows->items[action->row];
    if (action->kind == ACTION_OPEN)
        send_report(call_new(timeline, row, true));
    else
        close_row(timeline, row);
}

/* Milliseconds until a moment may come, at the speed that was asked for; 0: now. */
static int64_t pace_ms(const struct timeline *timeline, int64_t at_ms)
{
    if (timeline->speed <= 0)
        return 0;
    double virtual_ms = (double)(at_ms - timeline->actions[0].at_ms);
    double due_ms = (double)timeline->started_mono_ms + virtual_ms / timeline->speed;
    double left_ms = due_ms - (double)clock_mono_ms();
    return left_ms > 0 ? (int64_t)left_ms + 1 : 0;
}

/* May the clock go to this moment? */
static bool advance(struct timeline *timeline, int64_t at_ms)
{
    if (at_ms <= timeline->now_ms)
        return true;
    if (timeline->gating)
        return false;
    int64_t wait_ms = pace_ms(timeline, at_ms);
    if (wait_ms) {
        loop_timer_arm(timeline->loop, &timeline->pace, wait_ms);
        return false;
    }
    timeline->now_ms = at_ms;
    clock_set_virtual_ms(at_ms);
    return true;
}

static void pump(struct timeline *timeline)
{
    while (timeline->next < timeline->action_count && timeline->gating < FLIGHT_MAX &&
           advance(timeline, timeline->actions[timeline->next].at_ms))
        act(timeline, &timeline->actions[timeline->next++]);
    look(timeline);
    if (timeline->next == timeline->action_count && !timeline->gating && !timeline->beside && !timeline->looking &&
        !timeline->done) {
        timeline->done = true;
        timeline->finished(timeline->context);
    }
}

static int paced(void *context)
{
    pump(context);
    return 0;
}

static int by_time(const void *a, const void *b)
{
    const struct action *first = a, *second = b;
    if (first->at_ms != second->at_ms)
        return first->at_ms < second->at_ms ? -1 : 1;
    if (first->kind != second->kind)
        return first->kind == ACTION_OPEN ? -1 : 1;
    return first->row < second->row ? -1 : first->row > second->row;
}

static void plan(struct timeline *timeline)
{
    const struct rows *rows = timeline->rows;
    for (size_t i = 0; i < rows->count; i++) {
        timeline->actions[timeline->action_count++] = (struct action){ rows->items[i].opened_ms, ACTION_OPEN, i };
        if (rows->items[i].closed_ms)
            timeline->actions[timeline->action_count++] = (struct action){ rows->items[i].closed_ms, ACTION_CLOSE, i };
    }
    if (timeline->action_count)
        qsort(timeline->actions, timeline->action_count, sizeof *timeline->actions, by_time);
}

int timeline_start(struct timeline *timeline, struct fault *fault)
{
    size_t departments = timeline->book->department_count;
    timeline->actions = calloc(2 * timeline->rows->count + 1, sizeof *timeline->actions);
    timeline->unknown = calloc(timeline->rows->count + 1, sizeof *timeline->unknown);
    timeline->desks = calloc(departments + 1, sizeof *timeline->desks);
    if (!timeline->actions || !timeline->unknown || !timeline->desks)
        return fault_set(fault, -ENOMEM, "replay: out of memory");
    for (size_t i = 0; i < departments; i++) {
        timeline->desks[i].department = timeline->book->departments[i].code;
        daemons_liaison(timeline->book, timeline->desks[i].department, timeline->desks[i].login);
    }
    timeline->look_again = (struct loop_timer){ .fire = look_again, .context = timeline };
    timeline->pace = (struct loop_timer){ .fire = paced, .context = timeline };
    timeline->started_mono_ms = clock_mono_ms();
    plan(timeline);
    /* the first second is begun from the loop, so that `finished` is never called from here */
    loop_timer_arm(timeline->loop, &timeline->pace, 0);
    return 0;
}

void timeline_finish(struct timeline *timeline)
{
    for (size_t i = 0; timeline->desks && i < timeline->book->department_count; i++)
        free(timeline->desks[i].token);
    free(timeline->desks);
    free(timeline->actions);
    free(timeline->unknown);
    *timeline = (struct timeline){ 0 };
}
