#include "dispatcher/engine/intake.h"

#include <inttypes.h>
#include <string.h>

#include "dispatcher/engine/clocks.h"
#include "dispatcher/engine/notices.h"
#include "dispatcher/engine/routing.h"
#include "dispatcher/engine/transition.h"

enum { TITLE_BYTES = 200, TITLE_FROM_TEXT_BYTES = 60, PRIORITY_DEFAULT = 3, PRIORITY_LOWEST = 5 };

static enum role role_of(const struct event *event)
{
    static const enum role roles[] = {
        [EVENT_PATROL] = ROLE_WORKER,
        [EVENT_ALARM] = ROLE_DEVICE,
        [EVENT_CAMERA] = ROLE_DEVICE,
    };
    enum role role = (size_t)event->kind < sizeof roles / sizeof *roles ? roles[event->kind] : ROLE_NONE;
    return role ? role : ROLE_RESIDENT;
}

/* ---- which case an event belongs to ---- */

static const char *external_key(const struct scope *in, const struct event *event)
{
    return arena_format(in->arena, "external/%s/%s", event->external_source, event->external_id);
}

static int find_by_receipt(const struct scope *in, const struct event *event, int64_t *id)
{
    return event->about_seq > 0 ? case_find_receipt(in->txn, (uint64_t)event->about_seq, id) : 1;
}

static int find_by_external_id(const struct scope *in, const struct event *event, int64_t *id)
{
    *id = *event->external_id ? meta_get(in->txn, external_key(in, event)) : 0;
    return *id ? 0 : 1;
}

/* How an event finds the case that it belongs to, in this order. Merging by place and time (the same trouble, reported by
 * the neighbours) will be a third row; it must skip places that bear a mark. */
static int (*const matchers[])(const struct scope *in, const struct event *event, int64_t *id) = {
    find_by_receipt,
    find_by_external_id,
};

static int find_case(const struct scope *in, const struct event *event, int64_t *id)
{
    int result = 1;
    for (size_t i = 0; result == 1 && i < sizeof matchers / sizeof *matchers; i++)
        result = matchers[i](in, event, id);
    return result;
}

/* ---- a new case ---- */

static bool is_priority(int64_t priority)
{
    return priority >= 1 && priority <= PRIORITY_LOWEST;
}

static int64_t priority_of(const struct draft *draft, const struct event *event)
{
    if (is_priority(event->priority))
        return event->priority;
    if (draft->condition && is_priority(draft->condition->priority))
        return draft->condition->priority;
    return draft->service && is_priority(draft->service->priority) ? draft->service->priority : PRIORITY_DEFAULT;
}

/* Sets service and condition; a note where the report named what the book does not have, else NULL. */
static const char *find_service(struct draft *draft, const struct event *event)
{
    struct case_file *record = &draft->record;
    record->service = record->condition = "";
    if (!*event->service)
        return NULL;
    draft->service = book_service(draft->in->book, event->service);
    if (!draft->service)
        return arena_format(draft->in->arena, "no service '%s' in the book", event->service);
    draft->condition = book_condition(draft->service, event->condition);
    const char *note = NULL;
    if (!draft->condition) {
        note = arena_format(draft->in->arena, "no filing condition '%s' in service '%s'", event->condition,
                            event->service);
        draft->condition = book_condition(draft->service, NULL);
    }
    record->service = draft->service->code;
    record->condition = draft->condition ? draft->condition->code : "";
    return note;
}

static const char *title_of(const struct draft *draft, const struct event *event)
{
    if (*event->title)
        return draft_cut(draft->in, event->title, TITLE_BYTES);
    if (*event->text)
        return draft_cut(draft->in, event->text, TITLE_FROM_TEXT_BYTES);
    return draft->service ? draft_cut(draft->in, draft->service->name.zh, TITLE_BYTES) : "";
}

static void add_voice(struct draft *draft, const struct event *event, int64_t at_ms)
{
    draft_add_voice(
        draft,
        &(struct voice){ .seq = event->seq, .reporter = event->reporter, .at_ms = at_ms, .source = event->source });
    draft_add_media(draft, &draft->record.media, &event->media);
}

static void open_case(const struct scope *in, const struct event *event, struct answer *answer)
{
    /* what the resident was promised counts from the receipt, even if the engine came to it later */
    int64_t at_ms =
        event->received_at_ms > 0 && event->received_at_ms < in->now_ms ? event->received_at_ms : in->now_ms;
    struct draft draft;
    draft_start(&draft, in, at_ms);
    struct case_file *record = &draft.record;
    record->state = CASE_REPORTED;
    const char *note = find_service(&draft, event);
    record->title = title_of(&draft, event);
    record->text = event->text;
    record->place = event->place;
    record->place.extra = (struct record_extra){ 0 };
    record->priority = priority_of(&draft, event);
    record->source = event->source;
    record->department = "";
    add_voice(&draft, event, at_ms);
    routing_mark(&draft);
    clocks_follow(&draft, VERB_REPORT);
    if (record->no_rule && !note)
        note = "no routing rule matches: triage";
    draft_add_step(
        &draft,
        &(struct step){
            .actor = event->reporter, .role = role_of(event), .verb = VERB_REPORT, .to = CASE_REPORTED, .note = note });
    notices_tell(&draft, VERB_REPORT, &(struct telling){ .text = note });
    transition_follow(&draft);
    draft_put(&draft);
    if (*event->external_id)
        meta_set(in->txn, external_key(in, event), record->id);
    transition_answer(&draft, agree(), answer);
}

/* ---- into a case that is there ---- */

static void attach(struct draft *draft, const struct event *event, struct answer *answer)
{
    struct case_file *record = &draft->record;
    if (is_priority(event->priority) && event->priority < record->priority)
        record->priority = event->priority;
    add_voice(draft, event, draft->in->now_ms);
    const char *words = *event->text ? event->text : event->title;
    draft_add_step(draft, &(struct step){ .actor = event->reporter,
                                          .role = role_of(event),
                                          .verb = VERB_ATTACH,
                                          .from = record->state,
                                          .to = record->state,
                                          .note = words,
                                          .media = event->media });
    notices_tell(draft, VERB_ATTACH, &(struct telling){ .text = words, .voice_seq = event->seq });
    draft_put(draft);
    transition_answer(draft, agree(), answer);
}

static void rate(struct draft *draft, const struct event *event, struct answer *answer)
{
    struct act act = { .verb = VERB_RATE,
                       .role = ROLE_RESIDENT,
                       .actor = event->reporter,
                       .department = "",
                       .note = event->text,
                       .to_department = "",
                       .to_worker = "",
                       .to_service = "",
                       .to_condition = "",
                       .to_case = "",
                       .to_person = "",
                       .media = event->media,
                       .score = event->score,
                       .solved = event->solved };
    struct refusal refusal = transition_try(draft, &act);
    if (!refusal.status)
        draft_put(draft);
    transition_answer(draft, refusal, answer);
}

int intake_event(const struct scope *in, const struct event *event, struct answer *answer, struct fault *fault)
{
    int64_t id = 0;
    struct draft draft;
    int result = find_case(in, event, &id);
    if (result == 0)
        result = draft_open(&draft, in, id, fault);
    if (result < 0)
        return result;
    bool found = result == 0;
    if (event->kind == EVENT_RATING && found)
        rate(&draft, event, answer);
    else if (event->kind == EVENT_RATING)
        *answer =
            (struct answer){ .status = ANSWER_NOT_FOUND,
                             .message = arena_format(in->arena, "no report %" PRId64 " to rate", event->about_seq) };
    else if (found && draft.record.voices.count < DRAFT_VOICES_MAX)
        attach(&draft, event, answer);
    else
        open_case(in, event, answer);
    return 0;
}
