#include "ingest/sources/webhook/hook.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/sources/json_pointer.h"
#include "ingest/sources/mapping.h"
#include "ingest/sources/rate.h"
#include "ingest/sources/signature.h"
#include "ingest/sources/source_metric.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"

#define HOOK_FATES(X) \
    X(HOOK, TAKEN, "taken") \
    X(HOOK, REPEATED, "repeated") /* the log had it */ \
    X(HOOK, UNSIGNED, "unsigned") /* or signed wrongly, or too old */ \
    X(HOOK, NO_KEY, "no_key") \
    X(HOOK, OVER_SHARE, "over_share") \
    X(HOOK, MALFORMED, "malformed") /* no JSON */ \
    X(HOOK, INVALID, "invalid")     /* not what the book expects */ \
    X(HOOK, FULL, "full")           /* the intake was */
ENUM_DECLARE(hook_fate, HOOK_FATES)
ENUM_DEFINE(hook_fate, HOOK_FATES)

struct hook {
    const struct hooks *hooks;
    const struct book_hook *book;
    const char *source; /* "hook/NAME" */
    struct rate rate;
    struct metric **fates;
};

struct hooks {
    struct hooks_options options;
    struct arena arena;
    struct hook *items;
    size_t count;
};

/* How each refusal is told. */
static const struct {
    int status;
    const char *code, *next;
} refusals[] = {
    [HOOK_UNSIGNED] = { 401, "unauthorized", "Sign the timestamp, a dot and the body with the key of this hook." },
    [HOOK_NO_KEY] = { 503, "no_key", "Ask the district's administrator." },
    [HOOK_OVER_SHARE] = { 429, "over_share", "Send the message again after the seconds of Retry-After." },
    [HOOK_MALFORMED] = { 400, "malformed", "Send one JSON object." },
    [HOOK_INVALID] = { 422, "invalid", "Mend what is named; nothing was stored." },
    [HOOK_FULL] = { 503, "full", "Send the message again after the seconds of Retry-After." },
};

static void refuse(const struct hook *hook, struct request *request, enum hook_fate fate, const char *message)
{
    metric_add(hook->fates[fate], 1);
    reply_error(request, refusals[fate].status, refusals[fate].code, message, refusals[fate].next);
}

/* ---- the answer ---- */

/* A message until it is durable. */
struct delivery {
    struct hook *hook;
    struct mapped mapped;
};

static void taken(struct request *request, const struct event_append *done, void *context)
{
    const struct delivery *delivery = context;
    metric_add(delivery->hook->fates[done->repeated ? HOOK_REPEATED : HOOK_TAKEN], 1);
    reply_json(request, done->repeated ? 200 : 201,
               json_pack("{s:I, s:s, s:b}", "seq", (json_int_t)done->seq, "id", delivery->mapped.event.id, "repeated",
                         done->repeated));
}

static void submit(struct hook *hook, struct request *request, struct delivery *delivery)
{
    struct mapped *mapped = &delivery->mapped;
    struct event_append append = { .event = &mapped->event, .contact = mapped->has_contact ? &mapped->contact : NULL };
    struct fault fault;
    int result = intake_submit(hook->hooks->options.intake, request, &append, taken, delivery, &fault);
    if (result == INTAKE_FULL) {
        rate_give_back(&hook->rate, 1);
        reply_header(request, "Retry-After", INTAKE_RETRY_AFTER);
        refuse(hook, request, HOOK_FULL, "The log cannot take more at this moment; nothing was stored.");
    } else if (result == INTAKE_UNFIT) {
        refuse(hook, request, HOOK_INVALID, fault.text);
    }
}

/* ---- the message ---- */

struct message {
    json_t *json;
    struct arena *arena;
};

static const char *pointed(void *context, const char *name)
{
    const struct message *message = context;
    return json_to_words(json_pointer(message->json, name), message->arena);
}

static const char *all_complaints(const struct mapping_complaints *complaints, struct arena *arena)
{
    const char *all = complaints->items[0];
    for (size_t i = 1; i < complaints->count; i++)
        all = arena_format(arena, "%s; %s", all, complaints->items[i]);
    return all;
}

static void take_message(struct hook *hook, struct request *request)
{
    struct arena *arena = request_arena(request);
    struct fault fault = { "" };
    struct message message = { request_json(request, &fault), arena };
    if (!message.json) {
        refuse(hook, request, HOOK_MALFORMED, fault.text);
        return;
    }
    struct delivery *delivery = arena_alloc(arena, sizeof *delivery);
    struct mapping_complaints complaints = { .count = 0 };
    delivery->hook = hook;
    mapping_event(hook->hooks->options.desk, &hook->book->event, hook->source,
                  &(struct mapping_values){ pointed, &message }, clock_now_ms(), arena, &delivery->mapped, &complaints);
    if (complaints.count)
        refuse(hook, request, HOOK_INVALID, all_complaints(&complaints, arena));
    else
        submit(hook, request, delivery);
}

/* Signed first: who has no key cannot use up the share of who has. */
static void post_message(struct request *request, void *context)
{
    struct hook *hook = context;
    const struct book_hook *book = hook->book;
    struct fault fault = { "" };
    int64_t now_ms = clock_mono_ms();
    enum signature_verdict verdict =
        signature_check(request, hook->hooks->options.keys, book->name, book->window_ms, clock_now_ms(), &fault);
    if (verdict == SIGNATURE_NO_KEY) {
        log_warn("a webhook has no key", "hook=%s reason=\"%s\"", book->name, fault.text);
        refuse(hook, request, HOOK_NO_KEY, "This hook has no key here yet.");
    } else if (verdict != SIGNATURE_GOOD) {
        refuse(hook, request, HOOK_UNSIGNED, fault.text);
    } else if (!rate_take(&hook->rate, 1, now_ms)) {
        reply_header(request, "Retry-After",
                     arena_format(request_arena(request), "%" PRId64, rate_wait_seconds(&hook->rate, 1)));
        refuse(hook, request, HOOK_OVER_SHARE, "More messages than this hook may send; nothing was stored.");
    } else {
        take_message(hook, request);
    }
}

int hooks_open(const struct hooks_options *options, struct hooks **out, struct fault *fault)
{
    const struct book_sources *sources = book_sources(options->desk->book);
    *out = NULL;
    if (!sources->hook_count)
        return 0;
    struct hooks *hooks = calloc(1, sizeof *hooks);
    if (!hooks || !(hooks->items = calloc(sources->hook_count, sizeof *hooks->items)))
        abort();
    *out = hooks;
    hooks->options = *options;
    int result = 0;
    for (; !result && hooks->count < sources->hook_count; hooks->count++) {
        const struct book_hook *book = &sources->hooks[hooks->count];
        struct hook *hook = &hooks->items[hooks->count];
        *hook = (struct hook){
            .hooks = hooks,
            .book = book,
            .source = arena_format(&hooks->arena, "hook/%s", book->name),
            .rate = { .per_minute = book->per_minute },
            .fates =
                source_counters("drumtower_webhook_messages_total", "Messages of webhooks, by what became of them.",
                                "hook", book->name, "fate", &hook_fate_desc),
        };
        result = door_route(options->door, "POST", arena_format(&hooks->arena, "/hooks/%s", book->name), 0,
                            book->body_bytes, post_message, hook, fault);
    }
    return result;
}

void hooks_close(struct hooks *hooks)
{
    if (!hooks)
        return;
    for (size_t i = 0; i < hooks->count; i++)
        free(hooks->items[i].fates);
    arena_finish(&hooks->arena);
    free(hooks->items);
    free(hooks);
}
