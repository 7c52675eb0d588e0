#include "ingest/sources/chat/teller.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/sources/chat/decide.h"
#include "ingest/sources/chat/words.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/book/sources.h"

enum {
    LOOK_MS = 1000,
    FAULT_MS = 30 * 1000, /* until it looks again after a fault */
    TOLD_MAX = 64,        /* of one commit */
    NUMBERS_MAX = 8,      /* that one answer names */
    SKIPPED_MAX = 10000,  /* of the outbox, before what concerns no chat is remembered too */
};
static const char cursor_key[] = "chats/told";

/* What one group hears of one thing. */
struct told {
    const struct book_chat *chat;
    const struct book_chat_group *group;
    int64_t notice;
    enum verb verb;
    const char *to, *number, *numbers, *words;
    size_t count; /* of reports */
};

struct teller {
    struct teller_options options;
    struct loop_timer timer;
    struct arena arena;         /* of one look */
    uint64_t after, remembered; /* of the outbox */
    struct told *told;          /* of one look: `count` of `room` */
    size_t count, room;
};

static void arm(struct teller *teller, int64_t delay_ms)
{
    loop_timer_arm(teller->options.loop, &teller->timer, delay_ms);
}

/* ---- what is told ---- */

static const enum chat_word *word_for(enum verb verb)
{
    static const struct {
        enum verb verb;
        enum chat_word word;
    } rows[] = {
        { VERB_REPLY, TALK_TOLD_REPLY },
        { VERB_REFUSE, TALK_TOLD_REFUSED },
        { VERB_CANCEL, TALK_TOLD_CANCELLED },
        { VERB_CLOSE, TALK_TOLD_CLOSED },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].verb == verb)
            return &rows[i].word;
    return NULL;
}

static const struct book_chat *chat_of(const struct book *book, const struct event *event)
{
    const struct book_sources *sources = book_sources(book);
    bool is_chat = event->external_source && strncmp(event->external_source, "chat/", 5) == 0;
    for (size_t i = 0; is_chat && i < sources->chat_count; i++)
        if (strcmp(sources->chats[i].name, event->external_source + 5) == 0)
            return &sources->chats[i];
    return NULL;
}

static bool is_of_a_chat(const void *context, const struct report_view *view)
{
    return chat_of(context, &view->event);
}

/* ---- collecting ---- */

static struct told *find(struct teller *teller, int64_t notice, const struct book_chat_group *group)
{
    for (size_t i = 0; i < teller->count; i++)
        if (teller->told[i].notice == notice && teller->told[i].group == group)
            return &teller->told[i];
    return NULL;
}

static struct told *add(struct teller *teller)
{
    if (teller->count == teller->room) {
        teller->room = teller->room ? 2 * teller->room : TOLD_MAX;
        teller->told = realloc(teller->told, teller->room * sizeof *teller->told);
        if (!teller->told)
            abort();
    }
    return &teller->told[teller->count++];
}

/* The group where a report was said, and by whom; false: nobody is to be told. */
static bool find_reporter(struct teller *teller, int64_t seq, struct told *told)
{
    struct event event;
    struct contact contact;
    struct fault fault = { "" };
    struct event_log *log = teller->options.log;
    if (event_log_get(log, (uint64_t)seq, &teller->arena, &event, &fault) ||
        event_log_contact(log, (uint64_t)seq, &teller->arena, &contact, &fault))
        return false;
    told->chat = chat_of(teller->options.book, &event);
    const char *id = told->chat ? chat_group_of(&event, event.external_source) : NULL;
    told->group = id ? book_chat_group(told->chat, id) : NULL;
    told->to = contact.device;
    return told->group;
}

static void collect(void *context, const struct report_update *update)
{
    struct teller *teller = context;
    struct told told = { .notice = update->notice, .verb = update->verb, .words = update->words };
    if (!word_for(update->verb) || !find_reporter(teller, update->report, &told))
        return;
    const char *number = arena_format(&teller->arena, "%" PRId64, update->report);
    struct told *known = find(teller, told.notice, told.group);
    if (!known) {
        told.number = told.numbers = number;
        told.count = 1;
        *add(teller) = told;
    } else if (known->count++ < NUMBERS_MAX) {
        known->numbers = arena_format(&teller->arena, "%s, %s", known->numbers, number);
    } else if (known->count == NUMBERS_MAX + 1) {
        known->numbers = arena_format(&teller->arena, "%s …", known->numbers);
    }
}

/* ---- owing ---- */

static const char *text_of(struct teller *teller, const struct told *told)
{
    enum chat_word word = *word_for(told->verb);
    bool english = told->group->is_english;
    if (word == TALK_TOLD_CLOSED)
        return chat_say(english, &teller->arena, word, told->numbers, told->number, told->number);
    return chat_say(english, &teller->arena, word, told->numbers, told->words);
}

static struct event_memo memo_of(struct teller *teller, const struct told *told)
{
    struct arena *arena = &teller->arena;
    const char *key =
        chat_key(told->chat->name, told->group->id, arena_format(arena, "told/%" PRId64, told->notice), arena);
    const struct chat_owed owed = {
        .at_ms = clock_now_ms(), .group = told->group->id, .to = told->to, .text = text_of(teller, told)
    };
    return chat_memo_owed(told->chat->name, key, &owed, arena);
}

static void committed(struct request *request, const struct event_append *done, void *context)
{
    (void)request, (void)done;
    struct teller *teller = context;
    teller->remembered = teller->after;
    teller->options.owing(teller->options.context);
    arm(teller, 0);
}

/* Owes what was collected, and remembers how far it looked. */
static void submit(struct teller *teller)
{
    struct arena *arena = &teller->arena;
    struct event_memo *memos = arena_array(arena, teller->count + 1, sizeof *memos);
    const char *cursor = arena_format(arena, "%" PRIu64, teller->after);
    for (size_t i = 0; i < teller->count; i++)
        memos[i] = memo_of(teller, &teller->told[i]);
    memos[teller->count] = (struct event_memo){ cursor_key, { (const uint8_t *)cursor, strlen(cursor) } };
    struct event_append append = { .memos = memos, .memo_count = teller->count + 1 };
    if (intake_add(teller->options.intake, &append, committed, teller) == INTAKE_TAKEN)
        return;
    teller->after = teller->remembered; /* later, from there */
    arm(teller, LOOK_MS);
}

static int look(void *context)
{
    struct teller *teller = context;
    struct fault fault = { "" };
    arena_reset(&teller->arena);
    teller->count = 0;
    const struct reports_updates_query query = { .to_ms = INT64_MAX,
                                                 .wants = is_of_a_chat,
                                                 .wants_context = teller->options.book,
                                                 .take = TOLD_MAX,
                                                 .after = &teller->after };
    if (reports_updates(teller->options.reports, &query, &teller->arena, collect, teller, &fault) < 0) {
        log_error("chats cannot be told what became of reports", "reason=\"%s\"", fault.text);
        teller->after = teller->remembered;
        arm(teller, FAULT_MS);
    } else if (teller->count || teller->after - teller->remembered > SKIPPED_MAX) {
        submit(teller);
    } else {
        arm(teller, LOOK_MS);
    }
    return 0;
}

/* ---- opening ---- */

/* Who never looked begins with what comes from now on. */
static int recall(struct teller *teller, struct fault *fault)
{
    struct bytes value;
    int result = event_log_memo(teller->options.log, cursor_key, &teller->arena, &value, fault);
    if (result == 0)
        teller->after = strtoull(arena_text(&teller->arena, (const char *)value.data, value.size), NULL, 10);
    if (result == 1)
        result = reports_updates(
            teller->options.reports,
            &(struct reports_updates_query){ .from_ms = clock_now_ms(), .to_ms = INT64_MAX, .after = &teller->after },
            &teller->arena, collect, teller, fault);
    teller->remembered = teller->after;
    return result < 0 ? result : 0;
}

int teller_open(const struct teller_options *options, struct teller **out, struct fault *fault)
{
    struct teller *teller = calloc(1, sizeof *teller);
    if (!teller)
        abort();
    *out = teller;
    *teller = (struct teller){ .options = *options, .timer = { .fire = look, .context = teller } };
    int result = recall(teller, fault);
    if (!result)
        arm(teller, 0);
    return result;
}

void teller_close(struct teller *teller)
{
    if (!teller)
        return;
    loop_timer_disarm(teller->options.loop, &teller->timer);
    arena_finish(&teller->arena);
    free(teller->told);
    free(teller);
}
