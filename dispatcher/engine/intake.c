#include "dispatcher/engine/intake.h"

#include <inttypes.h>
#include <string.h>

#include "dispatcher/engine/clocks.h"
#include "dispatcher/engine/merge.h"
#include "dispatcher/engine/notices.h"
#include "dispatcher/engine/routing.h"
#include "dispatcher/engine/transition.h"
#include "proto/book/sources.h"

enum { TITLE_BYTES = 200, PRIORITY_DEFAULT = 3 };

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

/* What the report names, or what was suggested for it with the confidence that the book wants. */
static const char *service_of(const struct book *book, const struct event *event)
{
    bool sure = event->suggestion_confidence * 100 >= (double)book->rules.suggest_percent;
    return *event->service || !sure ? event->service : event->suggested_service;
}

/* The sender's own number leads to the report that came with it first, and so to the case that has that report now. */
static const char *external_key(const struct scope *in, const struct event *event)
{
    return arena_format(in->arena, "external/%s/%s", event->external_source, event->external_id);
}

static int find_by_receipt(const struct scope *in, const struct event *event, int64_t *id, struct fault *fault)
{
    (void)fault;
    return event->about_seq > 0 ? case_find_receipt(in->txn, (uint64_t)event->about_seq, id) : 1;
}

static int find_by_external_id(const struct scope *in, const struct event *event, int64_t *id, struct fault *fault)
{
    (void)fault;
    int64_t first_seq = *event->external_id ? meta_get(in->txn, external_key(in, event)) : 0;
    return first_seq ? case_find_receipt(in->txn, (uint64_t)first_seq, id) : 1;
}

/* The same trouble, reported by the neighbours. What a worker has fixed already is no part of what is still to be done; a superior's
 * order is filed as what it is. */
static int find_by_place(const struct scope *in, const struct event *event, int64_t *id, struct fault *fault)
{
    bool reports = event->kind == EVENT_REPORT || event->kind == EVENT_PATROL || event->kind == EVENT_ALARM ||
                   event->kind == EVENT_CAMERA;
    bool apart = event->disposed || event->source == SOURCE_ORDER;
    return reports && !apart ? merge_find(in, service_of(in->book, event), &event->place, id, fault) : 1;
}

/* How an event finds the case that it belongs to, in this order. */
static int (*const matchers[])(const struct scope *in, const struct event *event, int64_t *id, struct fault *fault) = {
    find_by_receipt,
    find_by_external_id,
    find_by_place,
};

/* *by_place: it is somebody else's, of the same trouble. */
static int find_case(const struct scope *in, const struct event *event, int64_t *id, bool *by_place,
                     struct fault *fault)
{
    int result = 1;
    for (size_t i = 0; result == 1 && i < sizeof matchers / sizeof *matchers; i++) {
        result = matchers[i](in, event, id, fault);
        *by_place = matchers[i] == find_by_place;
    }
    return result;
}

/* ---- a new case ---- */

static bool is_priority(int64_t priority)
{
    return priority >= 1 && priority <= DRAFT_PRIORITY_LOWEST;
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
    const char *service = service_of(draft->in->book, event);
    record->service = record->condition = "";
    if (!*service)
        return NULL;
    draft->service = book_service(draft->in->book, service);
    if (!draft->service)
        return arena_format(draft->in->arena, "no service '%s' in the book", service);
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
        return draft_cut(draft->in, event->text, DRAFT_TITLE_BYTES);
    return draft->service ? draft_cut(draft->in, draft->service->name.zh, TITLE_BYTES) : "";
}

static void add_voice(struct draft *draft, const struct event *event, int64_t at_ms, bool again)
{
    draft_add_voice(draft, &(struct voice){ .seq = event->seq,
                                            .reporter = event->reporter,
                                            .at_ms = at_ms,
                                            .source = event->source,
                                            .step = draft->record.steps,
                                            .home = "",
                                            .again = again,
                                            .answer_by_ms = draft->is_new ? event->answer_by_ms : 0 });
    draft_add_media(draft, &draft->record.media, &event->media);
    draft->record.heard_at_ms = draft->in->now_ms;
    bool opens = draft->record.voices.count == 1; /* also where the case that it belonged to is full */
    if (*event->external_id && (opens || !meta_get(draft->in->txn, external_key(draft->in, event))))
        meta_set(draft->in->txn, external_key(draft->in, event), event->seq);
}

/* 自行处置: reported and disposed in one step; the worker's department is the book's, not what the sender says. */
static void dispose_at_once(struct draft *draft, const struct event *event)
{
    const struct book_person *worker = book_person(draft->in->book, event->reporter);
    if (event->kind != EVENT_PATROL || !event->disposed || !worker || worker->role != ROLE_WORKER ||
        !worker->department)
        return;
    struct act act = act_of(VERB_SELF_DISPOSE, ROLE_WORKER, worker->id);
    act.department = worker->department->code;
    act.media = event->media;
    transition_try(draft, &act, NULL); /* a refusal leaves it as a report */
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
    record->urgent = event->urgent;
    record->written = event->written;
    record->answer_by_ms = event->answer_by_ms;
    record->department = "";
    add_voice(&draft, event, at_ms, false);
    merge_set_cell(&draft);
    routing_mark(&draft);
    clocks_follow(&draft, &(struct act){ .verb = VERB_REPORT });
    if (record->no_rule && !note)
        note = "no routing rule matches: triage";
    draft_add_step(
        &draft,
        &(struct step){
            .actor = event->reporter, .role = role_of(event), .verb = VERB_REPORT, .to = CASE_REPORTED, .note = note });
    notices_tell(&draft, VERB_REPORT, &(struct telling){ .text = note });
    dispose_at_once(&draft, event);
    transition_follow(&draft);
    draft_put(&draft);
    transition_answer(&draft, agree(), answer);
}

/* ---- into a case that is there ---- */

/* What was said, as a line of the history. */
static const char *add_words(struct draft *draft, const struct event *event)
{
    const char *words = *event->text ? event->text : event->title;
    draft_add_step(draft, &(struct step){ .actor = event->reporter,
                                          .role = role_of(event),
                                          .verb = VERB_ATTACH,
                                          .from = draft->record.state,
                                          .to = draft->record.state,
                                          .note = words,
                                          .media = event->media });
    return words;
}

static void attach(struct draft *draft, const struct event *event, bool by_place, struct answer *answer)
{
    struct case_file *record = &draft->record;
    size_t before = case_reports(record);
    bool raises = is_priority(event->priority) && event->priority < record->priority;
    bool urgent = raises || (event->urgent && !record->urgent);
    record->urgent |= event->urgent;
    if (raises)
        record->priority = event->priority;
    add_voice(draft, event, draft->in->now_ms, !by_place);
    clocks_follow_voices(draft);
    if (by_place)
        merge_take_place(draft, &event->place);
    bool raised = by_place && merge_raise(draft, before);
    const char *words = add_words(draft, event);
    notices_tell(draft, VERB_ATTACH,
                 &(struct telling){ .text = words, .voice_seq = event->seq, .quiet = by_place && !urgent && !raised });
    draft_put(draft);
    transition_answer(draft, agree(), answer);
}

/* Further words on a case that is full: whoever adds them has a voice there already. */
static void attach_words_alone(struct draft *draft, const struct event *event, struct answer *answer)
{
    const char *words = add_words(draft, event);
    notices_tell(draft, VERB_ATTACH, &(struct telling){ .text = words, .voice_seq = event->about_seq });
    draft_put(draft);
    transition_answer(draft, agree(), answer);
}

/* What a reporter does with a report that is there: rate it, have it reopened. */
static void act_on_own(struct draft *draft, const struct event *event, enum verb verb, struct answer *answer)
{
    struct act act = act_of(verb, ROLE_RESIDENT, event->reporter);
    act.note = *event->text || verb == VERB_RATE ? event->text : "the reporter says that it is not solved";
    act.media = event->media;
    act.score = event->score;
    act.solved = event->solved;
    struct refusal refusal = transition_try(draft, &act, NULL);
    if (!refusal.status) {
        transition_follow(draft);
        draft_put(draft);
    }
    transition_answer(draft, refusal, answer);
}

/* Another city, for which a department stands, speaks as that department's liaison would: of a case that it has, and of no other. */
static struct refusal try_partner(struct draft *draft, const struct event *event)
{
    static const enum verb verbs[] = { VERB_RECEIVE, VERB_DISPOSE, VERB_RETURN };
    const struct book_city *city = book_city(draft->in->book, event->external_source);
    const char *department = city && city->department ? city->department->code : "";
    struct refusal refusal = refuse(ANSWER_FORBIDDEN, "the case is not with this city, or it may not do that");
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (verbs[i] == event->verb && *department && strcmp(draft->record.department, department) == 0) {
            struct act act = act_of(event->verb, ROLE_LIAISON, event->external_source);
            act.department = department;
            act.note = event->text;
            refusal = transition_try(draft, &act, NULL);
        }
    return refusal;
}

static void note_words(struct draft *draft, const struct event *event)
{
    draft_add_step(draft, &(struct step){ .actor = event->external_source,
                                          .role = ROLE_SYSTEM,
                                          .verb = VERB_NOTE,
                                          .from = draft->record.state,
                                          .to = draft->record.state,
                                          .note = event->text });
    notices_tell(draft, VERB_NOTE, &(struct telling){ .text = event->text });
}

/* What it wants and may not is heard as words. */
static void act_as_partner(struct draft *draft, const struct event *event, struct answer *answer)
{
    struct refusal refusal = try_partner(draft, event);
    if (refusal.status && *event->text) {
        note_words(draft, event);
        refusal = agree();
    }
    if (!refusal.status) {
        transition_follow(draft);
        draft_put(draft);
    }
    transition_answer(draft, refusal, answer);
}

/* A camera's pictures: a line of the history that holds them. */
static void keep_evidence(struct draft *draft, const struct event *event, struct answer *answer)
{
    const struct book_person *person = book_person(draft->in->book, event->reporter);
    draft_add_step(draft, &(struct step){ .actor = event->reporter,
                                          .role = person ? person->role : ROLE_SYSTEM,
                                          .verb = VERB_EVIDENCE,
                                          .from = draft->record.state,
                                          .to = draft->record.state,
                                          .note = event->text,
                                          .media = event->media });
    notices_tell(draft, VERB_EVIDENCE, &(struct telling){ .text = event->text });
    draft_put(draft);
    transition_answer(draft, agree(), answer);
}

static bool may_be_asked_again(const struct event *event, const struct case_file *record)
{
    return !case_state_is_open(record->state) &&
           (!event->happened_at_ms || event->happened_at_ms >= case_updated_at_ms(record));
}

/* Of a case that is open still, or again, that it is not solved is a further word; as is what was said before it was closed and comes only
 * now: it knows nothing of what was done since. */
static enum verb verb_of_reporter(const struct event *event, const struct draft *found)
{
    if (event->kind == EVENT_REOPEN)
        return found && !may_be_asked_again(event, &found->record) ? VERB_NONE : VERB_REOPEN;
    if (event->kind == EVENT_PARTNER)
        return VERB_NOTE;
    if (event->kind == EVENT_EVIDENCE)
        return VERB_EVIDENCE;
    return event->kind == EVENT_RATING ? VERB_RATE : VERB_NONE;
}

/* Where and when a photo was taken stays with the event: of a case many people read. */
static struct event without_cameras(const struct scope *in, const struct event *event)
{
    struct event copy = *event;
    copy.media.items = arena_array(in->arena, event->media.count + 1, sizeof *copy.media.items);
    for (size_t i = 0; i < event->media.count; i++) {
        copy.media.items[i] = event->media.items[i];
        copy.media.items[i].taken_at_ms = 0;
        copy.media.items[i].lat = copy.media.items[i].lon = 0;
    }
    return copy;
}

int intake_event(const struct scope *in, const struct event *reported, struct answer *answer, struct fault *fault)
{
    const struct event copy = without_cameras(in, reported), *event = &copy;
    int64_t id = 0;
    struct draft draft;
    bool by_place = false;
    int result = find_case(in, event, &id, &by_place, fault);
    if (result == 0)
        result = draft_open(&draft, in, id, fault);
    if (result < 0)
        return result;
    bool found = result == 0;
    enum verb verb = verb_of_reporter(event, found ? &draft : NULL);
    if (event->kind == EVENT_PARTNER && found)
        act_as_partner(&draft, event, answer);
    else if (event->kind == EVENT_EVIDENCE && found)
        keep_evidence(&draft, event, answer);
    else if (verb && found)
        act_on_own(&draft, event, verb, answer);
    else if (verb)
        *answer = (struct answer){ .status = ANSWER_NOT_FOUND,
                                   .message = arena_format(in->arena, "no report %" PRId64 " to %s", event->about_seq,
                                                           enum_name(&verb_desc, (int)verb)) };
    else if (found && draft.record.voices.count < DRAFT_VOICES_MAX)
        attach(&draft, event, by_place, answer);
    else if (found && (event->kind == EVENT_FOLLOW_UP || event->kind == EVENT_REOPEN))
        attach_words_alone(&draft, event, answer);
    else
        open_case(in, event, answer);
    return 0;
}
