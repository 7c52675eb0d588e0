#include "ingest/sources/chat/chat.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/enrich/locate.h"
#include "ingest/enrich/photos.h"
#include "ingest/quota.h"
#include "ingest/sources/chat/courier.h"
#include "ingest/sources/chat/decide.h"
#include "ingest/sources/chat/teller.h"
#include "ingest/sources/external.h"
#include "ingest/sources/rate.h"
#include "ingest/sources/signature.h"
#include "ingest/sources/source_metric.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/timestamp.h"

#define CHAT_FATES(X) \
    X(FATE, REPORTED, "reported") \
    X(FATE, TOLD, "told")         /* further words, a rating, a wish to have it taken up again */ \
    X(FATE, ANSWERED, "answered") /* by words alone */ \
    X(FATE, SILENT, "silent") \
    X(FATE, OVER_SHARE, "over_share") /* the sender's */ \
    X(FATE, REPEATED, "repeated") \
    X(FATE, UNSIGNED, "unsigned") \
    X(FATE, NO_KEY, "no_key") \
    X(FATE, TOO_MANY, "too_many") /* the bridge's share */ \
    X(FATE, INVALID, "invalid") \
    X(FATE, NO_GROUP, "no_group") \
    X(FATE, FULL, "full") \
    X(FATE, FAILED, "failed")
ENUM_DECLARE(chat_fate, CHAT_FATES)
ENUM_DEFINE(chat_fate, CHAT_FATES)

struct chat {
    const struct chats *chats;
    const struct book_chat *book;
    const char *source; /* "chat/NAME" */
    struct rate rate;
    struct quota senders;
    struct courier *courier; /* NULL while another process leads */
    struct metric **fates;
};

struct chats {
    struct chats_options options;
    struct arena arena;
    struct http *http;
    struct teller *teller;
    struct chat *items;
    size_t count;
};

/* A message until it is answered; in the request's arena. */
struct turn {
    struct chat *chat;
    struct request *request;
    struct chat_message message;
    struct chat_ground ground;
    struct chat_plan plan;
    const char *key; /* of the message */
    struct report report;
    struct complaints complaints;
    struct photos_order photos;
    enum chat_fate fate;
};

/* ---- replies ---- */

static const struct refusal {
    int status;
    const char *code, *next;
} refusals[] = {
    [FATE_UNSIGNED] = { 401, "unauthorized", "Sign the timestamp, a dot and the body with the key of this chat." },
    [FATE_NO_KEY] = { 503, "no_key", "Ask the district's administrator." },
    [FATE_TOO_MANY] = { 429, "over_share", "Send the message again after the seconds of Retry-After." },
    [FATE_INVALID] = { 400, "invalid", "Mend what is named; nothing was stored." },
    [FATE_NO_GROUP] = { 404, "no_group", "Have the group added to the district's book." },
    [FATE_FULL] = { 503, "full", "Send the message again after the seconds of Retry-After." },
    [FATE_FAILED] = { 503, "unavailable", "Send the message again later." },
};

static void refuse(struct chat *chat, struct request *request, enum chat_fate fate, const char *message)
{
    metric_add(chat->fates[fate], 1);
    if (fate == FATE_FULL)
        reply_header(request, "Retry-After", INTAKE_RETRY_AFTER);
    reply_error(request, refusals[fate].status, refusals[fate].code, message, refusals[fate].next);
}

static void fail(struct turn *turn, const struct fault *fault)
{
    log_error("a message of a chat could not be taken", "chat=%s reason=\"%s\"", turn->chat->book->name, fault->text);
    refuse(turn->chat, turn->request, FATE_FAILED, "The message cannot be taken now; nothing was stored.");
}

/* It counts for nobody's share, as it is asked to be sent again. */
static void refuse_full(struct turn *turn, const char *message)
{
    rate_give_back(&turn->chat->rate, 1);
    if (turn->plan.kind)
        quota_give_back(&turn->chat->senders, turn->ground.reporter, clock_mono_ms());
    refuse(turn->chat, turn->request, FATE_FULL, message);
}

static void reply(struct turn *turn, enum chat_fate fate, bool repeated)
{
    metric_add(turn->chat->fates[repeated ? FATE_REPEATED : fate], 1);
    reply_json(turn->request, fate == FATE_REPORTED && !repeated ? 201 : 200,
               json_pack("{s:s, s:s, s:b}", "id", turn->key, "outcome", enum_name(&chat_fate_desc, (int)fate),
                         "repeated", repeated));
}

/* ---- into the log ---- */

static void taken(struct request *request, const struct event_append *done, void *context)
{
    (void)request;
    struct turn *turn = context;
    courier_wake(turn->chat->courier);
    reply(turn, turn->fate, done->event && done->repeated);
}

static const char *event_id(const struct turn *turn)
{
    return external_event_id("chat", turn->chat->source, turn->plan.number, turn->ground.arena);
}

/* What is remembered with it: the answer, the talk, that it was urged. */
static size_t make_memos(struct turn *turn, struct event_memo *memos)
{
    const struct chat_plan *plan = &turn->plan;
    const struct chat_message *message = &turn->message;
    const char *chat = turn->chat->book->name;
    struct arena *arena = turn->ground.arena;
    int64_t now_ms = turn->ground.now_ms;
    size_t count = 0;
    const struct chat_owed owed = { .at_ms = now_ms,
                                    .group = message->group->id,
                                    .to = message->sender,
                                    .reply_to = message->id,
                                    .event = plan->kind == EVENT_REPORT ? event_id(turn) : "",
                                    .text = plan->answer };
    if (plan->answer)
        memos[count++] = chat_memo_owed(chat, turn->key, &owed, arena);
    if (plan->keeps_talk)
        memos[count++] = chat_memo_talk(chat, turn->ground.sender_key, &plan->talk, arena);
    if (plan->urge_key)
        memos[count++] = chat_memo_done(chat, plan->urge_key, now_ms + turn->chat->book->urge_ms, arena);
    return count;
}

static void submit(struct turn *turn)
{
    enum { MEMOS_MAX = 3 };
    bool has_event = turn->plan.kind != EVENT_NONE;
    struct event_memo *memos = arena_array(turn->ground.arena, MEMOS_MAX, sizeof *memos);
    struct event_append append = { .memos = memos, .memo_count = make_memos(turn, memos) };
    if (has_event) {
        append.event = &turn->report.event;
        append.contact = turn->report.has_contact ? &turn->report.contact : NULL;
    }
    if (!has_event && !append.memo_count) {
        reply(turn, turn->fate, false);
        return;
    }
    struct fault fault;
    int result = intake_submit(turn->chat->chats->options.intake, turn->request, &append, taken, turn, &fault);
    if (result == INTAKE_FULL)
        refuse_full(turn, "The log cannot take more at this moment; nothing was stored.");
    else if (result == INTAKE_UNFIT)
        refuse(turn->chat, turn->request, FATE_INVALID, fault.text);
}

/* ---- the event ---- */

/* Beside its own pictures those that it had when it was asked about. */
static void take_media(struct event *event, const struct media_list *asked, size_t room, struct arena *arena)
{
    struct media *items = arena_array(arena, asked->count + room + 1, sizeof *items);
    for (size_t i = 0; i < asked->count; i++)
        items[i] = asked->items[i];
    for (size_t i = 0; i < event->media.count; i++)
        items[asked->count + i] = event->media.items[i];
    event->media = (struct media_list){ items, asked->count + event->media.count };
}

static void make_event(struct turn *turn)
{
    const struct chat_ground *ground = &turn->ground;
    const struct chat_plan *plan = &turn->plan;
    const struct report_desk *desk = ground->desk;
    struct event *event = &turn->report.event;
    struct attribute *group = arena_alloc(ground->arena, sizeof *group);
    *group = (struct attribute){ .code = CHAT_GROUP_ATTRIBUTE, .value = turn->message.group->id };
    report_update_from_form(desk, &turn->message.form, turn->message.group->is_english ? "en" : "zh", ground->now_ms,
                            ground->arena, &turn->report, &turn->complaints);
    take_media(event, &plan->media, turn->message.form.count, ground->arena);
    event->kind = plan->kind;
    event->service = "";
    event->text = plan->text;
    event->about_seq = (int64_t)plan->about;
    event->score = plan->score;
    event->solved = plan->solved;
    event->happened_at_ms = turn->message.at_ms;
    event->attributes = (struct attribute_list){ group, 1 };
    if (plan->kind != EVENT_REPORT)
        return;
    chat_place(ground, &event->place);
    locate_time(event->happened_at_ms, event->received_at_ms, &event->place);
    event->title = report_title(event->text, NULL, ground->arena);
}

static void pictures_stored(void *context, int result, const struct fault *fault)
{
    struct turn *turn = context;
    struct chat_plan *plan = &turn->plan;
    if (result < 0)
        fail(turn, fault);
    else if (result == PHOTOS_BUSY)
        refuse_full(turn, "Too many pictures at this moment; nothing was stored.");
    else if (turn->complaints.count)
        refuse(turn->chat, turn->request, FATE_INVALID,
               complaint_words(&turn->complaints.items[0], COMPLAINT_FOR_PROGRAMS, turn->ground.arena));
    else {
        if (plan->kind == EVENT_NONE)
            plan->talk.media = turn->report.event.media;
        submit(turn);
    }
}

/* Pictures of what is no report are not looked at: what people show each other is not ours to keep. */
static void take_pictures(struct turn *turn)
{
    const struct report_desk *desk = turn->ground.desk;
    turn->photos = (struct photos_order){ .book = desk->book,
                                          .data_folder = desk->data_folder,
                                          .darkroom = desk->darkroom,
                                          .form = &turn->message.form,
                                          .arena = turn->ground.arena,
                                          .event = &turn->report.event,
                                          .complaints = &turn->complaints,
                                          .done = pictures_stored,
                                          .context = turn };
    if (turn->complaints.count) {
        pictures_stored(turn, PHOTOS_STORED, &(struct fault){ "" });
        return;
    }
    if (photos_any(&turn->message.form))
        request_defer(turn->request);
    photos_store(&turn->photos);
}

static void carry_out(struct turn *turn)
{
    const struct chat_plan *plan = &turn->plan;
    struct event *event = &turn->report.event;
    turn->fate = plan->kind == EVENT_REPORT ? FATE_REPORTED
                 : plan->kind               ? FATE_TOLD
                 : plan->answer             ? FATE_ANSWERED
                                            : FATE_SILENT;
    if (plan->kind && !quota_take(&turn->chat->senders, turn->ground.reporter, clock_mono_ms())) {
        reply(turn, FATE_OVER_SHARE, false);
        return;
    }
    if (plan->kind || plan->takes_pictures)
        make_event(turn);
    if (plan->kind)
        external_identify(event, "chat", turn->chat->source, plan->number, plan->number, turn->ground.arena);
    event->secret_hash = ""; /* who reported is known by the chat */
    if (plan->takes_pictures)
        take_pictures(turn);
    else
        submit(turn);
}

/* ---- the message ---- */

/* 0: it was taken before. */
static int find_before(struct turn *turn, struct fault *fault)
{
    const struct chat_ground *ground = &turn->ground;
    struct event event;
    int result = chat_recall_done(ground->log, ground->chat->name, turn->key, ground->now_ms, ground->arena, fault);
    return result == 1
               ? event_log_find(ground->log, external_event_id("chat", ground->source, turn->message.id, ground->arena),
                                ground->arena, &event, fault)
               : result;
}

static void lay_ground(struct turn *turn)
{
    struct chat *chat = turn->chat;
    const struct chats_options *options = &chat->chats->options;
    const struct chat_message *message = &turn->message;
    struct arena *arena = request_arena(turn->request);
    const char *name = chat->book->name;
    turn->key = chat_key(name, "message", message->id, arena);
    turn->ground = (struct chat_ground){
        .desk = options->desk,
        .log = options->log,
        .reports = options->reports,
        .suggester = options->suggester,
        .chat = chat->book,
        .source = chat->source,
        .message = message,
        .sender_key = chat_key(name, message->group_id, message->sender, arena),
        .reporter = pseudonym_of(&options->desk->pseudonym, "account", form_value(&message->form, "account_id"), arena),
        .now_ms = clock_now_ms(),
        .arena = arena,
    };
}

static void take_message(struct turn *turn)
{
    struct fault fault = { "" };
    lay_ground(turn);
    int result = find_before(turn, &fault);
    if (result == 0) {
        reply(turn, FATE_SILENT, true);
        return;
    }
    if (result > 0)
        result = chat_decide(&turn->ground, &turn->plan, &fault);
    if (result < 0)
        fail(turn, &fault);
    else
        carry_out(turn);
}

static void read_message(struct chat *chat, struct request *request)
{
    struct arena *arena = request_arena(request);
    struct turn *turn = arena_alloc(arena, sizeof *turn);
    struct fault fault = { "" };
    turn->chat = chat;
    turn->request = request;
    if (!chat_message_read(request, chat->chats->options.desk->book, chat->book, &turn->message, &turn->complaints,
                           &fault))
        refuse(chat, request, FATE_INVALID, fault.text);
    else if (turn->complaints.count)
        refuse(chat, request, FATE_INVALID, complaint_words(&turn->complaints.items[0], COMPLAINT_FOR_PROGRAMS, arena));
    else if (!turn->message.group)
        refuse(chat, request, FATE_NO_GROUP,
               arena_format(arena, "group '%s': the book has none of this id", turn->message.group_id));
    else
        take_message(turn);
}

/* Signed first: who has no key cannot use up the share of who has. */
static void post_message(struct request *request, void *context)
{
    struct chat *chat = context;
    const struct book_chat *book = chat->book;
    struct fault fault = { "" };
    enum signature_verdict verdict =
        signature_check(request, chat->chats->options.keys, book->name, book->window_ms, clock_now_ms(), &fault);
    if (verdict == SIGNATURE_NO_KEY) {
        log_warn("a chat has no key", "chat=%s reason=\"%s\"", book->name, fault.text);
        refuse(chat, request, FATE_NO_KEY, "This chat has no key here yet.");
    } else if (verdict != SIGNATURE_GOOD) {
        refuse(chat, request, FATE_UNSIGNED, fault.text);
    } else if (!rate_take(&chat->rate, 1, clock_mono_ms())) {
        reply_header(request, "Retry-After",
                     arena_format(request_arena(request), "%" PRId64, rate_wait_seconds(&chat->rate, 1)));
        refuse(chat, request, FATE_TOO_MANY, "More messages than this chat may send; nothing was stored.");
    } else {
        read_message(chat, request);
    }
}

/* ---- opening ---- */

static int open_chat(struct chats *chats, const struct book_chat *book, struct chat *chat, struct fault *fault)
{
    chat->chats = chats;
    chat->book = book;
    chat->source = arena_format(&chats->arena, "chat/%s", book->name);
    chat->rate.per_minute = book->per_minute;
    chat->senders.most = book->sender_per_hour;
    chat->senders.window_ms = MS_PER_HOUR;
    chat->fates = source_counters("drumtower_chat_messages_total", "Messages of chats, by what became of them.", "chat",
                                  book->name, "fate", &chat_fate_desc);
    return door_route(chats->options.door, "POST", arena_format(&chats->arena, "/chats/%s", book->name), 0,
                      book->body_bytes, post_message, chat, fault);
}

int chats_open(const struct chats_options *options, struct chats **out, struct fault *fault)
{
    const struct book_sources *sources = book_sources(options->desk->book);
    *out = NULL;
    if (!sources->chat_count)
        return 0;
    struct chats *chats = calloc(1, sizeof *chats);
    if (!chats || !(chats->items = calloc(sources->chat_count, sizeof *chats->items)))
        abort();
    *out = chats;
    chats->options = *options;
    int result = 0;
    for (; !result && chats->count < sources->chat_count; chats->count++)
        result = open_chat(chats, &sources->chats[chats->count], &chats->items[chats->count], fault);
    return result;
}

static void wake_all(void *context)
{
    struct chats *chats = context;
    for (size_t i = 0; i < chats->count; i++)
        courier_wake(chats->items[i].courier);
}

int chats_lead(struct chats *chats, struct fault *fault)
{
    if (!chats)
        return 0;
    const struct chats_options *options = &chats->options;
    int result = http_create(options->loop, &chats->http, fault);
    for (size_t i = 0; !result && i < chats->count; i++)
        chats->items[i].courier = courier_open(&(struct courier_options){ .loop = options->loop,
                                                                          .log = options->log,
                                                                          .intake = options->intake,
                                                                          .http = chats->http,
                                                                          .chat = chats->items[i].book,
                                                                          .keys = options->keys });
    return result ? result
                  : teller_open(&(struct teller_options){ .loop = options->loop,
                                                          .book = options->desk->book,
                                                          .log = options->log,
                                                          .intake = options->intake,
                                                          .reports = options->reports,
                                                          .owing = wake_all,
                                                          .context = chats },
                                &chats->teller, fault);
}

void chats_close(struct chats *chats)
{
    if (!chats)
        return;
    http_destroy(chats->http);
    teller_close(chats->teller);
    for (size_t i = 0; i < chats->count; i++) {
        courier_close(chats->items[i].courier);
        free(chats->items[i].fates);
    }
    arena_finish(&chats->arena);
    free(chats->items);
    free(chats);
}
