/* Where the engine puts the words of an input, and how they are taken out again. Each place is found by structure alone.
 *
 * A command's words stay with its case: in steps, in the notes of tasks, in a request. A report's go where it went: into the case that it
 * opened, or into a step of the case that it joined; from there into a case that was split off; and its receipt may lead elsewhere since, for
 * cases are merged and come apart again. So of a report all cases are looked at that ever exchanged reports with the one of its receipt.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/store/case_store.h"
#include "proto/store/erase.h"
#include "proto/store/key.h"

/* A case in which an input's words may be. */
struct place_of_words {
    struct case_file old, record;
    struct step_list steps;
    bool in_title, in_address; /* also where it has them from the case that it was split off */
    bool touched;
};

struct trace {
    struct txn *txn;
    struct arena *arena;
    struct fault *fault;
    int64_t at_ms;          /* the engine's time of the input */
    const char *actor;      /* who stands at its steps */
    const enum verb *verbs; /* of its steps and notices: those whose words are the input's */
    size_t verb_count;
    const struct event *event; /* what is left of it; NULL: a command */
    struct place_of_words *places;
    size_t count, room;
};

static bool has_verb(const struct trace *trace, enum verb verb)
{
    for (size_t i = 0; i < trace->verb_count; i++)
        if (trace->verbs[i] == verb)
            return true;
    return false;
}

/* ---- which cases ---- */

static bool is_known(const struct trace *trace, int64_t id)
{
    for (size_t i = 0; i < trace->count; i++)
        if (trace->places[i].record.id == id)
            return true;
    return false;
}

static struct place_of_words *new_place(struct trace *trace)
{
    if (trace->count == trace->room) {
        size_t room = trace->room ? 2 * trace->room : 4;
        struct place_of_words *places = arena_array(trace->arena, room, sizeof *places);
        if (trace->count)
            memcpy(places, trace->places, trace->count * sizeof *places);
        trace->places = places;
        trace->room = room;
    }
    trace->places[trace->count] = (struct place_of_words){ 0 };
    return &trace->places[trace->count];
}

/* Read twice: what is there and what is to be share no list. */
static int add_case(struct trace *trace, int64_t id)
{
    if (is_known(trace, id))
        return 0;
    struct place_of_words *place = new_place(trace);
    int result = case_get(trace->txn, id, trace->arena, &place->old, trace->fault);
    if (!result)
        result = case_get(trace->txn, id, trace->arena, &place->record, trace->fault);
    if (!result)
        result = step_list_of(trace->txn, &place->old, trace->arena, &place->steps, trace->fault);
    trace->count += !result;
    return result < 0 ? result : 0;
}

static int add_number(struct trace *trace, const char *number)
{
    int64_t id;
    int result = case_find_number(trace->txn, number, &id);
    return result ? (result < 0 ? txn_error(trace->txn, trace->fault) : 0) : add_case(trace, id);
}

static int add_receipt(struct trace *trace, int64_t seq)
{
    int64_t id;
    int result = case_find_receipt(trace->txn, (uint64_t)seq, &id);
    return result ? (result < 0 ? txn_error(trace->txn, trace->fault) : 0) : add_case(trace, id);
}

/* Those that exchanged reports with one that is known, as long as there are more of them. */
static int add_others(struct trace *trace)
{
    int result = 0;
    for (size_t i = 0; !result && i < trace->count; i++) {
        const struct step_list steps = trace->places[i].steps;
        for (size_t k = 0; !result && k < steps.count; k++)
            if (*steps.items[k].other)
                result = add_number(trace, steps.items[k].other);
    }
    return result;
}

static int by_id(const void *a, const void *b)
{
    const struct place_of_words *first = a, *second = b;
    return (first->record.id > second->record.id) - (first->record.id < second->record.id);
}

/* ---- one case ---- */

static bool take_out(const char **words)
{
    if (!**words)
        return false;
    *words = ERASED_MARK;
    return true;
}

static bool is_its_step(const struct trace *trace, const struct step *step)
{
    return step->at_ms == trace->at_ms && has_verb(trace, step->verb) && *step->note &&
           strcmp(step->actor, trace->actor) == 0;
}

static void mark_steps(const struct trace *trace, struct place_of_words *place)
{
    for (size_t i = 0; i < place->steps.count; i++) {
        struct step step = place->steps.items[i];
        if (!is_its_step(trace, &step))
            continue;
        step.note = ERASED_MARK;
        step_rewrite(trace->txn, &step);
        place->touched = true;
    }
}

static void mark_tasks(const struct trace *trace, struct place_of_words *place)
{
    for (size_t i = 0; i < place->record.tasks.count; i++) {
        struct task *task = &place->record.tasks.items[i];
        size_t step = (size_t)task->note_step;
        if (step < place->steps.count && is_its_step(trace, &place->steps.items[step]))
            place->touched |= take_out(&task->note);
    }
}

static void mark_request(const struct trace *trace, struct place_of_words *place)
{
    struct request *request = &place->record.request;
    if (request->at_ms == trace->at_ms && has_verb(trace, request->verb) && strcmp(request->by, trace->actor) == 0)
        place->touched |= take_out(&request->note);
}

/* It was opened by the event, as a report or, split off, with what the event said when it joined another case. */
static bool is_opened(const struct trace *trace, const struct case_file *record)
{
    return trace->event && record->voices.count && record->voices.items[0].seq == trace->event->seq;
}

static const struct place_of_words *split_from(const struct trace *trace, const struct case_file *record)
{
    for (size_t i = 0; *record->split_from && i < trace->count; i++)
        if (strcmp(trace->places[i].record.number, record->split_from) == 0)
            return &trace->places[i];
    return NULL;
}

/* A case that was split off has the other's address, and its title where the report that it was split off with had no words. A title that
 * is the service's name stands. */
static void mark_case(const struct trace *trace, struct place_of_words *place)
{
    struct case_file *record = &place->record;
    const struct place_of_words *from = split_from(trace, record);
    bool opened = is_opened(trace, record);
    bool has_words = opened && (*trace->event->title || *trace->event->text);
    place->in_title = has_words || (from && from->in_title && !*record->text);
    place->in_address = from ? from->in_address : opened;
    if (place->in_title)
        place->touched |= take_out(&record->title);
    if (has_words)
        place->touched |= take_out(&record->text);
    if (place->in_address)
        place->touched |= take_out(&record->place.address);
}

/* ---- notices ---- */

static bool mark_notice(const struct trace *trace, const struct place_of_words *place, struct notice *notice)
{
    bool any = place->in_title && take_out(&notice->title);
    if (notice->at_ms == trace->at_ms && has_verb(trace, notice->verb))
        any |= take_out(&notice->text);
    return any;
}

static bool names_one(const struct trace *trace, struct bytes row)
{
    for (size_t i = 0; i < trace->count; i++) {
        const char *number = trace->places[i].record.number;
        if (trace->places[i].touched && memmem(row.data, row.size, number, strlen(number)))
            return true;
    }
    return false;
}

static int64_t first_reported_ms(const struct trace *trace)
{
    int64_t first_ms = INT64_MAX;
    for (size_t i = 0; i < trace->count; i++)
        if (trace->places[i].touched && trace->places[i].record.reported_at_ms < first_ms)
            first_ms = trace->places[i].record.reported_at_ms;
    return first_ms;
}

static int64_t notice_ms(const struct trace *trace, uint64_t seq)
{
    struct outbox_row row;
    struct bytes value;
    struct key key;
    key_start(&key);
    key_be64(&key, seq);
    bool is_read = txn_get(trace->txn, TABLE_OUTBOX, key_view(&key), &value) &&
                   record_decode(&outbox_row_desc, value, trace->arena, &row, NULL) == 0;
    return is_read ? row.notice.at_ms : INT64_MAX; /* too early a start misses nothing */
}

/* The first one that may be of one of the cases: notices are in the order of time, and none is older than its case. */
static uint64_t first_notice(const struct trace *trace)
{
    int64_t from_ms = first_reported_ms(trace);
    uint64_t low = 1, high = outbox_last(trace->txn) + 1;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (notice_ms(trace, middle) >= from_ms)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Notices of a case are found by its number in their bytes: decoding all of the outbox would hold up the turn ten times longer. */
static void find_notices(const struct trace *trace, struct buffer *keys)
{
    struct txn_walk walk;
    struct key from;
    key_start(&from);
    key_be64(&from, first_notice(trace));
    walk_open(trace->txn, &walk, TABLE_OUTBOX, key_view(&from), 0);
    while (walk_next(&walk))
        if (walk.key.size == 8 && names_one(trace, walk.value))
            buffer_append(keys, walk.key.data, walk.key.size);
    walk_close(&walk);
}

static int mark_notice_row(const struct trace *trace, struct bytes key)
{
    struct outbox_row row;
    struct bytes value;
    bool any = false;
    if (!txn_get(trace->txn, TABLE_OUTBOX, key, &value))
        return txn_error(trace->txn, trace->fault);
    int result = record_decode(&outbox_row_desc, value, trace->arena, &row, trace->fault);
    for (size_t i = 0; !result && i < trace->count; i++)
        if (trace->places[i].record.id == row.notice.case_id)
            any = mark_notice(trace, &trace->places[i], &row.notice);
    if (result || !any)
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

/* ---- all of them ---- */

/* In the order in which they were opened: so a case is marked before those that were split off from it. */
static int mark_all(struct trace *trace)
{
    bool any = false;
    if (trace->count)
        qsort(trace->places, trace->count, sizeof *trace->places, by_id);
    for (size_t i = 0; i < trace->count; i++) {
        struct place_of_words *place = &trace->places[i];
        mark_steps(trace, place);
        mark_tasks(trace, place);
        mark_request(trace, place);
        mark_case(trace, place);
        if (place->touched)
            case_put(trace->txn, &place->old, &place->record);
        any |= place->touched;
    }
    return any ? mark_notices(trace) : 0;
}

/* As whom, and by which verbs, an event speaks: as the engine's intake has it. */
static void speak_as(struct trace *trace, const struct event *event)
{
    static const enum verb reporters[] = { VERB_ATTACH, VERB_RATE, VERB_REOPEN, VERB_EVIDENCE };
    static const enum verb partners[] = { VERB_NOTE, VERB_RECEIVE, VERB_DISPOSE, VERB_RETURN };
    bool is_partner = event->kind == EVENT_PARTNER;
    trace->event = event;
    trace->actor = is_partner ? event->external_source : event->reporter;
    trace->verbs = is_partner ? partners : reporters;
    trace->verb_count = is_partner ? sizeof partners / sizeof *partners : sizeof reporters / sizeof *reporters;
}

static int in_event(struct trace *trace, struct bytes left)
{
    struct event event;
    int result = record_decode(&event_desc, left, trace->arena, &event, trace->fault);
    if (result)
        return result;
    speak_as(trace, &event);
    result = add_receipt(trace, event.seq);
    if (!result && event.about_seq > 0)
        result = add_receipt(trace, event.about_seq);
    if (!result)
        result = add_others(trace);
    return result ? result : mark_all(trace);
}

static int in_command(struct trace *trace, struct bytes left)
{
    struct command command;
    int result = record_decode(&command_desc, left, trace->arena, &command, trace->fault);
    if (result)
        return result;
    trace->actor = command.actor;
    trace->verbs = &command.verb;
    trace->verb_count = 1;
    result = add_number(trace, command.case_number);
    return result ? result : mark_all(trace);
}

int erase_in_case(struct txn *txn, enum input_kind kind, int64_t at_ms, struct bytes left, struct arena *arena,
                  struct fault *fault)
{
    struct trace trace = { .txn = txn, .arena = arena, .fault = fault, .at_ms = at_ms };
    int result = kind == INPUT_EVENT ? in_event(&trace, left) : kind == INPUT_COMMAND ? in_command(&trace, left) : 0;
    return result ? result : txn_error(txn, fault);
}
