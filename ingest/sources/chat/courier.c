#include "ingest/sources/chat/courier.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/sources/chat/memory.h"
#include "ingest/sources/signature.h"
#include "ingest/sources/source_metric.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/timestamp.h"

enum {
    LOOK_MS = 1000,    /* from one look at what is owed to the next */
    FULL_MS = 500,     /* until an intake that was full is asked again */
    ANSWER_MS = 10000, /* for the bridge's receipt */
    ANSWER_BYTES = 64 << 10,
    RETRY_MS = 1000, /* after the first failure; then twice as long each time */
    RETRY_MOST_MS = 5 * MS_PER_MINUTE,
    DEBTS_MAX = 64,       /* taken up in one look */
    DONE_MS = MS_PER_DAY, /* so long the same message again is known to be answered */
    SWEEP_MS = 10 * MS_PER_MINUTE,
    SWEEP_MAX = 256,
};

static const int64_t TALK_MS = 30 * (int64_t)MS_PER_DAY; /* so long "my last report" is known */

#define COURIER_OUTCOMES(X) \
    X(COURIER, DELIVERED, "delivered") \
    X(COURIER, REFUSED, "refused") \
    X(COURIER, FAILED, "failed")     /* tried again */ \
    X(COURIER, GIVEN_UP, "given_up") /* too old */
ENUM_DECLARE(courier_outcome, COURIER_OUTCOMES)
ENUM_DEFINE(courier_outcome, COURIER_OUTCOMES)

struct courier {
    struct courier_options options;
    struct loop_timer timer;
    struct arena arena; /* of one look */
    struct chat_debt debts[DEBTS_MAX];
    size_t count, next; /* of debts; next == count: it looks again */
    bool is_busy;       /* a call, or the commit after it, is under way */
    bool has_all;       /* the last look saw no more than it took up */
    int failures;       /* in a row */
    int64_t sweep_at_ms;
    struct metric **outcomes, *owed;
    struct event_memo memos[SWEEP_MAX];
};

static void arm(struct courier *courier, int64_t delay_ms)
{
    loop_timer_arm(courier->options.loop, &courier->timer, delay_ms);
}

/* ---- after an answer ---- */

static void settled(struct request *request, const struct event_append *done, void *context)
{
    (void)request, (void)done;
    struct courier *courier = context;
    courier->is_busy = false;
    courier->next++;
    arm(courier, 0);
}

/* It is owed no longer, and for a while known to be done. */
static void settle(struct courier *courier, enum courier_outcome outcome)
{
    const char *chat = courier->options.chat->name, *key = courier->debts[courier->next].key;
    courier->memos[0] = chat_memo_forget(chat, CHAT_OWED, key, &courier->arena);
    courier->memos[1] = chat_memo_done(chat, key, clock_now_ms() + DONE_MS, &courier->arena);
    struct event_append append = { .memos = courier->memos, .memo_count = 2 };
    if (intake_add(courier->options.intake, &append, settled, courier) == INTAKE_FULL) {
        courier->is_busy = false; /* it is brought again: the bridge knows it by its id */
        arm(courier, FULL_MS);
        return;
    }
    metric_add(courier->outcomes[outcome], 1);
    courier->is_busy = true;
}

static void fail(struct courier *courier, const char *reason)
{
    int doublings = courier->failures < 12 ? courier->failures : 12;
    int64_t delay_ms = (int64_t)RETRY_MS << doublings;
    if (!courier->failures++)
        log_warn("answers cannot be brought to a chat now; it is tried again", "chat=%s reason=\"%s\"",
                 courier->options.chat->name, reason);
    metric_add(courier->outcomes[COURIER_FAILED], 1);
    arm(courier, delay_ms < RETRY_MOST_MS ? delay_ms : RETRY_MOST_MS);
}

static bool is_final(int status)
{
    return status == 400 || status == 410 || status == 413 || status == 422;
}

static void answered(void *context, int status, struct bytes body)
{
    struct courier *courier = context;
    courier->is_busy = false;
    if (status >= 200 && status < 300) {
        if (courier->failures)
            log_info("answers can be brought to the chat again", "chat=%s", courier->options.chat->name);
        courier->failures = 0;
        settle(courier, COURIER_DELIVERED);
    } else if (is_final(status)) {
        log_warn("a chat refused an answer", "chat=%s status=%d", courier->options.chat->name, status);
        settle(courier, COURIER_REFUSED);
    } else {
        const char *words = status ? "" : arena_text(&courier->arena, (const char *)body.data, body.size);
        fail(courier, arena_format(&courier->arena, "HTTP status %d %s", status, words));
    }
}

/* ---- an answer ---- */

/* With the number that its event has been given; false: it has none. */
static bool fill_number(struct courier *courier, const struct chat_owed *owed, const char **text, const char **number,
                        struct fault *fault)
{
    static const char hole[] = "{number}";
    struct event event;
    struct buffer out = { 0 };
    *text = owed->text;
    *number = "";
    if (!*owed->event)
        return true;
    if (event_log_find(courier->options.log, owed->event, &courier->arena, &event, fault))
        return false;
    *number = arena_format(&courier->arena, "%" PRId64, event.seq);
    const char *from = owed->text;
    for (const char *at = strstr(from, hole); at; at = strstr(from, hole)) {
        buffer_append(&out, from, (size_t)(at - from));
        buffer_text(&out, *number);
        from = at + sizeof hole - 1;
    }
    buffer_text(&out, from);
    *text = arena_text(&courier->arena, (const char *)out.bytes, out.size);
    buffer_finish(&out);
    return true;
}

static void send(struct courier *courier, const char *body)
{
    struct signature_lines lines;
    struct fault fault = { "" };
    const struct courier_options *options = &courier->options;
    struct bytes bytes = { (const uint8_t *)body, strlen(body) };
    if (signature_make(options->keys, options->chat->name, bytes, clock_now_ms(), &lines, &fault) < 0) {
        fail(courier, fault.text);
        return;
    }
    courier->is_busy = true;
    http_send(options->http,
              &(struct http_call){ .method = "POST",
                                   .url = options->chat->callback,
                                   .content_type = "application/json",
                                   .body = bytes,
                                   .header = lines.timestamp,
                                   .header_too = lines.signature,
                                   .answer_bytes = ANSWER_BYTES,
                                   .timeout_ms = ANSWER_MS },
              answered, courier);
}

static void bring(struct courier *courier, const struct chat_debt *debt)
{
    const struct chat_owed *owed = &debt->owed;
    const char *text, *number;
    struct fault fault = { "" };
    if (owed->at_ms + courier->options.chat->give_up_ms <= clock_now_ms()) {
        log_warn("an answer to a chat is too old by now", "chat=%s group=%s", courier->options.chat->name, owed->group);
        settle(courier, COURIER_GIVEN_UP);
    } else if (!fill_number(courier, owed, &text, &number, &fault)) {
        fail(courier, fault.text);
    } else {
        json_t *json =
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", debt->key, "chat", courier->options.chat->name,
                      "group", owed->group, "to", owed->to, "reply_to", owed->reply_to, "report", number, "text", text);
        char *body = json_dumps(json, JSON_COMPACT);
        if (!body)
            abort();
        send(courier, body);
        free(body);
        json_decref(json);
    }
}

/* ---- the look ---- */

/* Forgets what nobody will ask for any more; true: a commit is under way. */
static bool sweep(struct courier *courier, struct fault *fault)
{
    size_t count;
    if (clock_mono_ms() < courier->sweep_at_ms)
        return false;
    courier->sweep_at_ms = clock_mono_ms() + SWEEP_MS;
    if (chat_recall_over(courier->options.log, courier->options.chat->name, clock_now_ms(), TALK_MS, SWEEP_MAX,
                         &courier->arena, courier->memos, &count, fault) < 0 ||
        !count)
        return false;
    if (count == SWEEP_MAX)
        courier->sweep_at_ms = 0; /* there may be more */
    struct event_append append = { .memos = courier->memos, .memo_count = count };
    courier->is_busy = intake_add(courier->options.intake, &append, settled, courier) == INTAKE_TAKEN;
    courier->next = courier->count = 0;
    return courier->is_busy;
}

static void look(struct courier *courier)
{
    size_t all = 0;
    struct fault fault = { "" };
    arena_reset(&courier->arena);
    courier->next = 0;
    int result = chat_recall_owed(courier->options.log, courier->options.chat->name, DEBTS_MAX, &courier->arena,
                                  courier->debts, &courier->count, &all, &fault);
    metric_set(courier->owed, (int64_t)all);
    if (result < 0)
        fail(courier, fault.text);
    else if (courier->count)
        bring(courier, &courier->debts[0]);
    else if (!sweep(courier, &fault))
        arm(courier, LOOK_MS);
}

static int go_on(void *context)
{
    struct courier *courier = context;
    if (courier->is_busy)
        return 0;
    if (courier->next < courier->count)
        bring(courier, &courier->debts[courier->next]);
    else
        look(courier);
    return 0;
}

void courier_wake(struct courier *courier)
{
    if (courier && !courier->is_busy && !courier->failures && courier->next == courier->count)
        arm(courier, 0);
}

struct courier *courier_open(const struct courier_options *options)
{
    struct courier *courier = calloc(1, sizeof *courier);
    if (!courier)
        abort();
    const char *name = options->chat->name;
    *courier = (struct courier){
        .options = *options,
        .timer = { .fire = go_on, .context = courier },
        .outcomes = source_counters("drumtower_chat_answers_total", "Answers to chats, by what became of them.", "chat",
                                    name, "outcome", &courier_outcome_desc),
        .owed =
            source_gauge("drumtower_chat_answers_owed", "Answers to chats that were not delivered yet.", "chat", name),
    };
    arm(courier, 0);
    return courier;
}

void courier_close(struct courier *courier)
{
    if (!courier)
        return;
    loop_timer_disarm(courier->options.loop, &courier->timer);
    arena_finish(&courier->arena);
    free(courier->outcomes);
    free(courier);
}
