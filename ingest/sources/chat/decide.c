#include "ingest/sources/chat/decide.h"

#include <inttypes.h>
#include <string.h>

#include "ingest/enrich/clip.h"
#include "ingest/enrich/language.h"
#include "ingest/enrich/locate.h"
#include "ingest/sources/chat/judge.h"
#include "ingest/sources/chat/words.h"
#include "ingest/sources/external.h"
#include "ingest/stage.h"
#include "proto/base/timestamp.h"
#include "proto/book/zone.h"

enum { QUOTED_BYTES = 120, REASON_BYTES = 1000 };

/* A message while it is decided upon. */
struct work {
    const struct chat_ground *ground;
    struct chat_command command;
    struct chat_plan *plan;
    struct fault *fault;
};

#define WORDS(work, ...) chat_say((work)->ground->message->group->is_english, (work)->ground->arena, __VA_ARGS__)
#define SAY(work, ...) ((work)->plan->answer = WORDS(work, __VA_ARGS__))

/* ---- the group's place, and whose a report is ---- */

void chat_place(const struct chat_ground *ground, struct place *place)
{
    const struct chat_message *message = ground->message;
    const struct book_chat_group *group = message->group;
    bool said = message->has_position;
    bool has_position = said || (group->has_position && !*message->address);
    *place = (struct place){ .lat = said ? message->lat : group->lat,
                             .lon = said ? message->lon : group->lon,
                             .address = *message->address || said ? message->address : group->address,
                             .area = "" };
    locate_place(ground->desk->book, has_position, place);
    if (!has_position && group->area)
        place->area = group->area->code;
}

const char *chat_group_of(const struct event *event, const char *source)
{
    if (!event->external_source || strcmp(event->external_source, source) != 0)
        return NULL;
    for (size_t i = 0; i < event->attributes.count; i++)
        if (strcmp(event->attributes.items[i].code, CHAT_GROUP_ATTRIBUTE) == 0)
            return event->attributes.items[i].value;
    return NULL;
}

static const char *number_of(const struct work *work, const struct report_view *view)
{
    return arena_format(work->ground->arena, "%" PRId64, view->event.seq);
}

/* The report that the command names, or the sender's last. 1: none, and that is the answer. */
static int find_report(struct work *work, struct report_view *view)
{
    const struct chat_ground *ground = work->ground;
    uint64_t number = work->command.number;
    const char *last = work->plan->talk.event;
    if (!number && !*last) {
        SAY(work, TALK_SAY_NUMBER);
        return 1;
    }
    int result = number ? reports_get(ground->reports, number, ground->arena, view, work->fault)
                        : reports_find(ground->reports, last, ground->arena, view, work->fault);
    const char *group = result == 0 ? chat_group_of(&view->event, ground->source) : NULL;
    if (result < 0 || (group && strcmp(group, ground->message->group->id) == 0))
        return result;
    SAY(work, TALK_NOT_FOUND, arena_format(ground->arena, "%" PRIu64, number));
    return 1;
}

/* The same, of the sender's own. */
static int find_own(struct work *work, struct report_view *view)
{
    int result = find_report(work, view);
    if (result || strcmp(view->event.reporter, work->ground->reporter) == 0)
        return result;
    SAY(work, TALK_NOT_YOURS, number_of(work, view));
    return 1;
}

/* ---- events ---- */

static void plan_report(struct work *work, const char *number, const char *text)
{
    struct chat_plan *plan = work->plan;
    const struct chat_ground *ground = work->ground;
    bool urgent = urgent_word_in(ground->desk->book, text);
    plan->kind = EVENT_REPORT;
    plan->number = number;
    plan->text = text;
    plan->takes_pictures = true;
    plan->talk = (struct chat_talk){ .asked_about = "",
                                     .text = "",
                                     .event = external_event_id("chat", ground->source, number, ground->arena),
                                     .event_at_ms = ground->now_ms };
    plan->keeps_talk = true;
    if (urgent)
        SAY(work, TALK_RECEIVED_URGENT);
    else
        SAY(work, TALK_RECEIVED);
}

static void plan_about(struct work *work, enum event_kind kind, const struct report_view *view, const char *text)
{
    struct chat_plan *plan = work->plan;
    plan->kind = kind;
    plan->number = work->ground->message->id;
    plan->about = (uint64_t)view->event.seq;
    plan->text = text;
    plan->takes_pictures = true;
}

/* What was asked is a report now. */
static void plan_asked(struct work *work)
{
    struct chat_talk asked = work->plan->talk;
    plan_report(work, asked.asked_about, asked.text);
    work->plan->media = asked.media;
}

static void ask(struct work *work, const char *text)
{
    struct chat_plan *plan = work->plan;
    const struct chat_ground *ground = work->ground;
    plan->talk.asked_at_ms = ground->now_ms;
    plan->talk.asked_about = ground->message->id;
    plan->talk.text = text;
    plan->talk.media = (struct media_list){ NULL, 0 };
    plan->keeps_talk = true;
    plan->takes_pictures = true;
    bool cut = clip_utf8(text, QUOTED_BYTES) < strlen(text);
    SAY(work, TALK_ASK,
        arena_format(ground->arena, "%.*s%s", (int)clip_utf8(text, QUOTED_BYTES), text, cut ? "…" : ""));
}

static bool is_asked(const struct work *work)
{
    const struct chat_talk *talk = &work->plan->talk;
    return talk->asked_at_ms && work->ground->now_ms - talk->asked_at_ms <= work->ground->chat->together_ms;
}

/* ---- commands ---- */

static int do_help(struct work *work)
{
    SAY(work, TALK_HELP);
    return 0;
}

static int do_report(struct work *work)
{
    if (*work->command.words)
        plan_report(work, work->ground->message->id, work->command.words);
    else if (is_asked(work))
        plan_asked(work);
    else
        SAY(work, TALK_SAY_WHAT);
    return 0;
}

static const char *in_words(const struct work *work, const struct book_text *text)
{
    return work->ground->message->group->is_english ? text->en : text->zh;
}

static const char *moment(const struct work *work, int64_t at_ms)
{
    char text[TIMESTAMP_TEXT];
    timestamp_format(text, at_ms - at_ms % MS_PER_SECOND, zone_offset_minutes(work->ground->desk->book->zone, at_ms));
    text[10] = ' ';
    return arena_text(work->ground->arena, text, 16);
}

/* As on the page of the report: its stage, the department, what was promised, how many more have said it. */
static const char *stage_of(struct work *work, const struct report_view *view)
{
    struct arena *arena = work->ground->arena;
    const struct case_file *record = &view->record;
    enum case_state state = view->has_case ? record->state : CASE_NONE;
    const char *words = WORDS(work, TALK_STAGE, number_of(work, view), in_words(work, stage_words(state)));
    const struct book_department *department =
        view->has_case ? book_department(work->ground->desk->book, record->department) : NULL;
    if (department)
        words = arena_format(arena, "%s%s", words, WORDS(work, TALK_DEPARTMENT, in_words(work, &department->name)));
    if (view->has_case && record->deadline_ms)
        words = arena_format(arena, "%s%s", words,
                             WORDS(work, TALK_DEADLINE, moment(work, record->deadline_ms),
                                   record->overdue ? WORDS(work, TALK_OVERDUE) : ""));
    if (view->has_case && case_reports(record) > 1)
        words = arena_format(arena, "%s%s", words,
                             WORDS(work, TALK_NEIGHBOURS, arena_format(arena, "%zu", case_reports(record) - 1)));
    return words;
}

static int do_status(struct work *work)
{
    struct report_view view;
    int result = find_report(work, &view);
    if (result)
        return result < 0 ? result : 0;
    work->plan->answer = stage_of(work, &view);
    return 0;
}

static int do_add(struct work *work)
{
    struct report_view view;
    int result = find_own(work, &view);
    if (result)
        return result < 0 ? result : 0;
    if (*work->command.words || work->ground->message->has_picture) {
        plan_about(work, EVENT_FOLLOW_UP, &view, work->command.words);
        SAY(work, TALK_ADDED, number_of(work, &view));
    } else {
        SAY(work, TALK_SAY_WHAT);
    }
    return 0;
}

static int urge(struct work *work, const struct report_view *view)
{
    const struct chat_ground *ground = work->ground;
    const char *number = number_of(work, view);
    const char *key = chat_key(ground->chat->name, "urge", number, ground->arena);
    int result = chat_recall_done(ground->log, ground->chat->name, key, ground->now_ms, ground->arena, work->fault);
    if (result == 0)
        SAY(work, TALK_URGED_BEFORE, number);
    if (result <= 0)
        return result;
    const char *words = work->command.words, *urged = ground->message->group->is_english ? "urged" : "催办";
    plan_about(work, EVENT_FOLLOW_UP, view, *words ? arena_format(ground->arena, "%s: %s", urged, words) : urged);
    work->plan->urge_key = key;
    SAY(work, TALK_URGED, number);
    return 0;
}

static int do_urge(struct work *work)
{
    struct report_view view;
    int result = find_own(work, &view);
    if (result)
        return result < 0 ? result : 0;
    if (report_is_open(&view))
        return urge(work, &view);
    SAY(work, TALK_OVER, number_of(work, &view), number_of(work, &view));
    return 0;
}

static int do_rate(struct work *work)
{
    struct report_view view;
    int result = find_own(work, &view);
    if (result)
        return result < 0 ? result : 0;
    bool closed = view.has_case && (view.record.state == CASE_CLOSED || view.record.state == CASE_RATED);
    if (!closed) {
        SAY(work, TALK_NOT_CLOSED, number_of(work, &view));
    } else if (!work->command.score) {
        SAY(work, TALK_SAY_SCORE, number_of(work, &view));
    } else {
        plan_about(work, EVENT_RATING, &view, work->command.words);
        work->plan->score = work->command.score;
        work->plan->solved = work->command.solved;
        SAY(work, TALK_RATED, number_of(work, &view));
    }
    return 0;
}

static int do_reopen(struct work *work)
{
    struct report_view view;
    int result = find_own(work, &view);
    if (result)
        return result < 0 ? result : 0;
    const char *number = number_of(work, &view), *reason = work->command.words;
    if (!report_may_be_reopened(&view, work->ground->desk->book->rules.reopen_days, work->ground->now_ms)) {
        SAY(work, TALK_NOT_REOPENED, number);
    } else if (!*reason) {
        SAY(work, TALK_SAY_REASON, number);
    } else {
        plan_about(work, EVENT_REOPEN, &view, arena_text(work->ground->arena, reason, clip_utf8(reason, REASON_BYTES)));
        SAY(work, TALK_REOPENED, number);
    }
    return 0;
}

/* ---- plain speech ---- */

/* A picture by itself belongs to what its sender reported, or was asked about, just before; else it is chatter, and is not even stored. */
static int do_picture(struct work *work)
{
    const struct chat_ground *ground = work->ground;
    const struct chat_talk *talk = &work->plan->talk;
    struct report_view view;
    if (!*talk->event || ground->now_ms - talk->event_at_ms > ground->chat->together_ms)
        return 0;
    int result = reports_find(ground->reports, talk->event, ground->arena, &view, work->fault);
    if (result)
        return result < 0 ? result : 0;
    plan_about(work, EVENT_FOLLOW_UP, &view, "");
    SAY(work, TALK_PICTURE_ADDED, number_of(work, &view));
    return 0;
}

/* As the intake will see it. */
static struct suggester_view look_at(const struct chat_ground *ground, const char *text)
{
    struct suggester_view view;
    struct event event = { .kind = EVENT_REPORT, .source = SOURCE_RESIDENT, .text = text, .service = "" };
    event.title = report_title(text, NULL, ground->arena);
    chat_place(ground, &event.place);
    suggester_look(ground->suggester, &event, &view);
    return view;
}

static int do_plain(struct work *work)
{
    const struct chat_ground *ground = work->ground;
    const char *text = work->command.words;
    if (!*text && ground->message->has_picture)
        return do_picture(work);
    if (!*text)
        return work->command.addressed ? do_help(work) : 0;
    struct suggester_view view = look_at(ground, text);
    const struct chat_hint hint = { .text = text,
                                    .addressed = work->command.addressed,
                                    .urgent = urgent_word_in(ground->desk->book, text),
                                    .confidence = view.confidence,
                                    .evidence = view.service ? view.score : 0 };
    enum chat_verdict verdict = chat_judge(ground->chat, &hint);
    if (verdict == CHAT_IS_REPORT)
        plan_report(work, ground->message->id, text);
    else if (verdict == CHAT_MAY_BE_ONE)
        ask(work, text);
    return 0;
}

/* Without a question of ours these are words as others. */
static int do_yes(struct work *work)
{
    if (!is_asked(work))
        return do_plain(work);
    plan_asked(work);
    return 0;
}

static int do_no(struct work *work)
{
    if (!is_asked(work))
        return do_plain(work);
    work->plan->talk.asked_at_ms = 0;
    work->plan->talk.text = work->plan->talk.asked_about = "";
    work->plan->talk.media = (struct media_list){ NULL, 0 };
    work->plan->keeps_talk = true;
    return 0;
}

int chat_decide(const struct chat_ground *ground, struct chat_plan *plan, struct fault *fault)
{
    static int (*const deeds[])(struct work * work) = {
        [CHAT_PLAIN] = do_plain, [CHAT_HELP] = do_help, [CHAT_REPORT] = do_report, [CHAT_STATUS] = do_status,
        [CHAT_ADD] = do_add,     [CHAT_URGE] = do_urge, [CHAT_RATE] = do_rate,     [CHAT_REOPEN] = do_reopen,
        [CHAT_YES] = do_yes,     [CHAT_NO] = do_no,
    };
    struct work work = { .ground = ground, .plan = plan, .fault = fault };
    work.command = chat_command_read(ground->chat, ground->message->text, ground->arena);
    *plan = (struct chat_plan){ .kind = EVENT_NONE };
    int result =
        chat_recall_talk(ground->log, ground->chat->name, ground->sender_key, ground->arena, &plan->talk, fault);
    return result < 0 ? result : deeds[work.command.verb](&work);
}
