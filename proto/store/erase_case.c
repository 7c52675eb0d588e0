/* Where the engine puts the words of an input, and how they are taken out again. Each place is found by structure alone. */
#include <string.h>

#include "proto/store/case_store.h"
#include "proto/store/erase.h"
#include "proto/store/key.h"

/* What one input left in one case. */
struct trace {
    struct txn *txn;
    struct arena *arena;
    struct fault *fault;
    int64_t at_ms;              /* the engine's time of the input */
    const char *actor;          /* who stands at its steps */
    enum verb verbs[2];         /* of its steps and notices: those whose words are the input's */
    const struct event *opened; /* what is left of the event that opened the case; NULL: it did not */
    struct case_file record;
};

static bool has_verb(const struct trace *trace, enum verb verb)
{
    return verb == trace->verbs[0] || verb == trace->verbs[1];
}

/* ---- the history ---- */

static bool is_its_step(const struct trace *trace, const struct step *step)
{
    return step->at_ms == trace->at_ms && has_verb(trace, step->verb) && *step->note &&
           strcmp(step->actor, trace->actor) == 0;
}

/* How many: a command that was refused left none. */
static size_t mark_steps(const struct trace *trace, const struct step_list *steps)
{
    size_t count = 0;
    for (size_t i = 0; i < steps->count; i++)
        if (is_its_step(trace, &steps->items[i])) {
            struct step step = steps->items[i];
            step.note = ERASED_MARK;
            step_append(trace->txn, trace->record.id, (int64_t)i, &step);
            count++;
        }
    return count;
}

/* ---- the case ---- */

static const struct task *next_lead(const struct task_list *tasks, size_t after)
{
    for (size_t i = after + 1; i < tasks->count; i++)
        if (tasks->items[i].role == TASK_ROLE_LEAD)
            return &tasks->items[i];
    return NULL;
}

static bool leaves_note(enum verb verb)
{
    return verb == VERB_DISPOSE || verb == VERB_RETURN;
}

static bool has_note_between(const struct step_list *steps, int64_t after_ms, int64_t before_ms)
{
    for (size_t i = 0; i < steps->count; i++) {
        const struct step *step = &steps->items[i];
        if (step->at_ms > after_ms && step->at_ms < before_ms && *step->note && leaves_note(step->verb))
            return true;
    }
    return false;
}

/* A disposal's or a return's note stays in the lead task of its round, until a later one of that round. Of several things at one moment
 * it cannot be told which came first: then the note is taken for the input's. */
static bool mark_tasks(struct trace *trace, const struct step_list *steps)
{
    struct task_list *tasks = &trace->record.tasks;
    bool any = false;
    for (size_t i = 0; i < tasks->count && leaves_note(trace->verbs[0]); i++) {
        struct task *task = &tasks->items[i];
        const struct task *next = next_lead(tasks, i);
        int64_t until_ms = next ? next->offered_at_ms : INT64_MAX;
        bool in_round = task->offered_at_ms <= trace->at_ms && trace->at_ms <= until_ms;
        if (task->role != TASK_ROLE_LEAD || !*task->note || !in_round ||
            has_note_between(steps, trace->at_ms, until_ms))
            continue;
        task->note = ERASED_MARK;
        any = true;
    }
    return any;
}

/* As the engine would have it from what is left: a title of its own, else the beginning of the text, else the service's name. */
static bool mark_case(struct trace *trace)
{
    const struct event *event = trace->opened;
    struct case_file *record = &trace->record;
    if (!event)
        return false;
    if (*event->title || *event->text)
        record->title = *event->title ? event->title : event->text;
    record->text = event->text;
    record->place.address = event->place.address;
    return true;
}

/* ---- notices ---- */

static bool mark_notice(const struct trace *trace, struct notice *notice)
{
    bool any = false;
    if (trace->opened && strcmp(notice->title, trace->record.title) != 0) {
        notice->title = trace->record.title;
        any = true;
    }
    if (notice->at_ms == trace->at_ms && has_verb(trace, notice->verb) && *notice->text) {
        notice->text = ERASED_MARK;
        any = true;
    }
    return any;
}

/* Notices of one case are found by its number in their bytes: decoding all of the outbox would hold up the turn ten times longer. */
static void find_notices(const struct trace *trace, struct buffer *keys)
{
    struct txn_walk walk;
    const char *number = trace->record.number;
    walk_open(trace->txn, &walk, TABLE_OUTBOX, (struct bytes){ NULL, 0 }, 0);
    while (walk_next(&walk))
        if (walk.key.size == 8 && memmem(walk.value.data, walk.value.size, number, strlen(number)))
            buffer_append(keys, walk.key.data, walk.key.size);
    walk_close(&walk);
}

static int mark_notice_row(const struct trace *trace, struct bytes key)
{
    struct outbox_row row;
    struct bytes value;
    if (!txn_get(trace->txn, TABLE_OUTBOX, key, &value))
        return txn_error(trace->txn, trace->fault);
    int result = record_decode(&outbox_row_desc, value, trace->arena, &row, trace->fault);
    if (result || row.notice.case_id != trace->record.id || !mark_notice(trace, &row.notice))
        return result;
    struct buffer *bytes = txn_scratch(trace->txn, 0);
    record_encode(&outbox_row_desc, &row, bytes);
    txn_put(trace->txn, TABLE_OUTBOX, key, buffer_view(bytes));
    return 0;
}

static int mark_notices(const struct trace *trace)
{
    struct buffer keys = { 0 };
    int result = 0;
    find_notices(trace, &keys);
    for (size_t at = 0; at < keys.size && !result; at += 8)
        result = mark_notice_row(trace, (struct bytes){ keys.bytes + at, 8 });
    buffer_finish(&keys);
    return result;
}

/* ---- one case ---- */

static int mark_all(struct trace *trace, int64_t case_id, int64_t event_seq, const struct event *event)
{
    struct case_file old;
    struct step_list steps;
    int result = case_get(trace->txn, case_id, trace->arena, &old, trace->fault);
    if (!result)
        result = case_get(trace->txn, case_id, trace->arena, &trace->record, trace->fault);
    if (!result)
        result = step_list_of(trace->txn, case_id, trace->arena, &steps, trace->fault);
    if (result)
        return result < 0 ? result : 0;
    if (event && old.voices.count && old.voices.items[0].seq == event_seq)
        trace->opened = event;
    bool changed = mark_case(trace);
    if (mark_steps(trace, &steps))
        changed |= mark_tasks(trace, &steps);
    if (changed)
        case_put(trace->txn, &old, &trace->record);
    return mark_notices(trace);
}

static int in_event(struct trace *trace, struct bytes left)
{
    struct event event;
    int64_t id;
    int result = record_decode(&event_desc, left, trace->arena, &event, trace->fault);
    if (result)
        return result;
    trace->actor = event.reporter;
    trace->verbs[0] = VERB_ATTACH;
    trace->verbs[1] = VERB_RATE;
    result = case_find_receipt(trace->txn, (uint64_t)event.seq, &id);
    if (result == 1 && event.about_seq > 0)
        result = case_find_receipt(trace->txn, (uint64_t)event.about_seq, &id);
    if (result) /* of no case: nothing was made of its words */
        return result < 0 ? txn_error(trace->txn, trace->fault) : 0;
    return mark_all(trace, id, event.seq, &event);
}

static int in_command(struct trace *trace, struct bytes left)
{
    struct command command;
    int64_t id;
    int result = record_decode(&command_desc, left, trace->arena, &command, trace->fault);
    if (result)
        return result;
    trace->actor = command.actor;
    trace->verbs[0] = trace->verbs[1] = command.verb;
    result = case_find_number(trace->txn, command.case_number, &id);
    if (result)
        return result < 0 ? txn_error(trace->txn, trace->fault) : 0;
    return mark_all(trace, id, 0, NULL);
}

int erase_in_case(struct txn *txn, enum input_kind kind, int64_t at_ms, struct bytes left, struct arena *arena,
                  struct fault *fault)
{
    struct trace trace = { .txn = txn, .arena = arena, .fault = fault, .at_ms = at_ms };
    int result = kind == INPUT_EVENT ? in_event(&trace, left) : kind == INPUT_COMMAND ? in_command(&trace, left) : 0;
    return result ? result : txn_error(txn, fault);
}
