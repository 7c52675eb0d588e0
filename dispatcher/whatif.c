#include "dispatcher/whatif.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "proto/book/permit.h"

struct running {
    const struct whatif *whatif;
    struct whatif_outcome *outcome;
    struct txn *then; /* on what was recorded */
    bool begun;       /* the other book is in force */
};

/* ---- nothing is journaled: what is made up is no past ---- */

static int forget(struct journal_log *log, struct txn *txn, uint64_t expected_last, const struct journal_entry *entries,
                  size_t count, struct fault *fault)
{
    (void)log, (void)txn, (void)expected_last, (void)entries, (void)count, (void)fault;
    return 0;
}

static uint64_t no_last(struct journal_log *log, struct txn *txn)
{
    (void)log, (void)txn;
    return 0;
}

static const struct journal_ops no_journal = { .append = forget, .last = no_last };

/* ---- people ---- */

/* Whom is looked for. */
struct wanted {
    const struct book *book;
    const struct case_file *record;
    enum role role;
    enum verb verb;
    const char *department; /* NULL: any in which it may be done */
};

static bool fits(const struct wanted *wanted, const struct book_person *person)
{
    const char *department = person->department ? person->department->code : "";
    const struct permit_person asked = { person->role, person->id, department };
    if (person->role != wanted->role)
        return false;
    return wanted->department ? strcmp(department, wanted->department) == 0 &&
                                    permit_serves(wanted->book, person, wanted->record->place.area)
                              : permit_ask(wanted->book, &asked, wanted->record, wanted->verb) == PERMIT_GIVEN;
}

/* Who is on duty before who is not; NULL: nobody fits. */
static const struct book_person *find_person(const struct wanted *wanted, int64_t at_ms)
{
    const struct book_person *off_duty = NULL;
    for (size_t i = 0; i < wanted->book->person_count; i++) {
        const struct book_person *person = &wanted->book->people[i];
        if (!fits(wanted, person))
            continue;
        if (book_on_duty(wanted->book, person, at_ms))
            return person;
        off_duty = off_duty ? off_duty : person;
    }
    return off_duty;
}

/* What was said of a department that had the case then is not said of the one that has it now. */
static bool is_said_of_department(enum verb verb)
{
    return verb == VERB_RETURN || verb == VERB_HAND_UP;
}

/* True where somebody else does it now: where the case itself stands against it, nobody may. */
static bool stand_in(const struct book *book, const struct case_file *record, int64_t at_ms, struct command *command)
{
    const struct permit_person asked = { command->role, command->actor, command->department };
    const struct wanted wanted = { book, record, command->role, command->verb, NULL };
    enum permit permit = permit_ask(book, &asked, record, command->verb);
    if (permit == PERMIT_GIVEN || permit_is_conflict(permit) || is_said_of_department(command->verb))
        return false;
    const struct book_person *person = find_person(&wanted, at_ms);
    if (!person)
        return false;
    command->actor = person->id;
    command->department = person->department ? person->department->code : "";
    return true;
}

/* ---- what a command names ---- */

static bool is_worker_of(const struct book *book, const char *id, const char *department)
{
    const struct book_person *person = book_person(book, id);
    return person && person->role == ROLE_WORKER && person->department &&
           strcmp(person->department->code, department) == 0;
}

/* A worker whom the department that has the case now does not have: another one of it. */
static void fit_assigned(const struct book *book, const struct case_file *record, int64_t at_ms,
                         struct command *command)
{
    const struct permit_person asked = { command->role, command->actor, command->department };
    const struct task *task = permit_task(&asked, record, VERB_ASSIGN);
    if (!task || is_worker_of(book, command->to_worker, task->department))
        return;
    const struct wanted wanted = { book, record, ROLE_WORKER, VERB_NONE, task->department };
    const struct book_person *person = find_person(&wanted, at_ms);
    if (person)
        command->to_worker = person->id;
}

static void fit_sent(const struct book *book, const struct case_file *record, int64_t at_ms, struct command *command)
{
    const struct book_department *target = book_department(book, command->to_department);
    if (!*command->to_department)
        book_route(book, record, at_ms, &target);
    if (!target || !is_worker_of(book, command->to_worker, target->code))
        command->to_worker = "";
}

static void fit_worker(const struct book *book, const struct case_file *record, int64_t at_ms, struct command *command)
{
    const struct book_person *person = book_person(book, command->to_worker);
    if (command->verb == VERB_ASSIGN)
        fit_assigned(book, record, at_ms, command);
    else if (command->verb == VERB_VERIFY && (!person || person->role != ROLE_WORKER))
        command->to_worker = "";
    else if (command->verb != VERB_VERIFY && *command->to_worker)
        fit_sent(book, record, at_ms, command);
}

static void fit_class(const struct book *book, const struct case_file *record, struct command *command)
{
    const struct book_service *service =
        book_service(book, *command->to_service ? command->to_service : record->service);
    if (!service)
        command->to_service = "";
    if (!service || !book_condition(service, command->to_condition))
        command->to_condition = "";
}

static void fit_names(const struct book *book, const struct case_file *record, int64_t at_ms, struct command *command)
{
    if (*command->to_department && !book_department(book, command->to_department))
        command->to_department = "";
    if (*command->to_person && !book_person(book, command->to_person))
        command->to_person = "";
    fit_class(book, record, command);
    fit_worker(book, record, at_ms, command);
}

/* ---- which case ---- */

static int get_by_number(struct replay *replay, struct txn *txn, const char *number, struct case_file *record)
{
    int64_t id;
    int result = case_find_number(txn, number, &id);
    return result ? result : case_get(txn, id, &replay->arena, record, replay->fault);
}

/* The number of the case in which the report came first, where that was merged into this one; "": in this one. */
static const char *home_of(const struct case_file *record, int64_t seq)
{
    for (size_t i = 0; i < record->voices.count; i++)
        if (record->voices.items[i].seq == seq)
            return record->voices.items[i].home;
    return "";
}

/* The case of then, by the report that opened it: whoever has that now; or, to be taken out again, the one that had it first. 1: none. */
static int find_case(struct replay *replay, const char *number, enum verb verb, struct case_file *record)
{
    const struct running *running = replay->context;
    struct txn *now = replay->to->txn;
    struct case_file then;
    int64_t id;
    int result = get_by_number(replay, running->then, number, &then);
    if (result)
        return result;
    int64_t seq = then.voices.items[0].seq;
    result = case_find_receipt(now, (uint64_t)seq, &id);
    if (!result)
        result = case_get(now, id, &replay->arena, record, replay->fault);
    if (!result && verb == VERB_UNMERGE && *home_of(record, seq))
        result = get_by_number(replay, now, home_of(record, seq), record);
    return result;
}

/* ---- one command ---- */

/* As it is given now: *stood_in, where by somebody else. */
static int fit_command(struct replay *replay, bool was_done, struct command *command, bool *stood_in)
{
    const struct book *book = replay->to->engine.book;
    struct case_file record, other;
    int64_t at_ms = replay->to->now_ms;
    int result = *command->case_number ? find_case(replay, command->case_number, command->verb, &record) : 1;
    if (result)
        return result < 0 ? result : 0;
    command->case_number = record.number;
    if (*command->to_case) {
        result = find_case(replay, command->to_case, VERB_MERGE, &other);
        command->to_case = result ? command->to_case : other.number;
    }
    if (!was_done || result < 0)
        return result < 0 ? result : 0;
    command->revision = 0;
    *stood_in = stand_in(book, &record, at_ms, command);
    fit_names(book, &record, at_ms, command);
    return 0;
}

static void note_answer(struct whatif_outcome *outcome, const struct command *command, bool was_done, bool stood_in,
                        bool is_done)
{
    assert((size_t)command->verb < WHATIF_VERBS);
    outcome->commands++;
    outcome->refused_then += !was_done;
    outcome->done_now += is_done && !was_done;
    outcome->stood_in += is_done && stood_in;
    outcome->refused_now[command->verb] += was_done && !is_done;
}

static int take_command(struct replay *replay, const struct journal_entry *entry)
{
    const struct running *running = replay->context;
    struct command command;
    struct answer then, now;
    struct bytes bytes;
    bool stood_in = false;
    int result = record_decode(&command_desc, entry->payload, &replay->arena, &command, replay->fault);
    if (!result)
        result = answer_get(running->then, &command, &replay->arena, &then, replay->fault);
    bool was_done = !result && then.status == ANSWER_OK;
    if (result >= 0)
        result = fit_command(replay, was_done, &command, &stood_in);
    if (stood_in) /* ids are their senders' own */
        command.id = arena_format(&replay->arena, "whatif-%" PRIu64, entry->n);
    if (!result)
        result = turn_command(replay->to, &command, entry->payload, &bytes, replay->fault);
    if (!result)
        result = record_decode(&answer_desc, bytes, &replay->arena, &now, replay->fault);
    if (!result)
        note_answer(running->outcome, &command, was_done, stood_in, now.status == ANSWER_OK);
    return result;
}

/* ---- the other inputs ---- */

static int take_event(struct replay *replay, const struct journal_entry *entry)
{
    const struct running *running = replay->context;
    const struct book *book = replay->to->engine.book;
    struct event event;
    int result = record_decode(&event_desc, entry->payload, &replay->arena, &event, replay->fault);
    if (result)
        return result;
    if (*event.place.area && !book_area(book, event.place.area)) {
        const struct book_area *area =
            place_is_known(&event.place) ? book_locate(book, event.place.lat, event.place.lon) : NULL;
        event.place.area = area ? area->code : "";
    }
    running->outcome->events++;
    return turn_event(replay->to, &event, entry->payload, replay->fault);
}

static int take_under_other(struct replay *replay, const struct journal_entry *entry)
{
    switch (entry->kind) {
    case INPUT_EVENT:
        return take_event(replay, entry);
    case INPUT_COMMAND:
        return take_command(replay, entry);
    case INPUT_PULSE:
        return turn_pulse(replay->to, replay->fault);
    default: /* the books of then, and erasures: see the header */
        return 0;
    }
}

static int take(struct replay *replay, const struct journal_entry *entry)
{
    struct running *running = replay->context;
    const struct whatif *whatif = running->whatif;
    running->outcome->erased += entry->erased_by != 0;
    if (!running->begun && entry->at_ms < whatif->from_ms)
        return entry->kind == INPUT_ERASURE ? 0 : replay_entry(replay, entry);
    int result = running->begun ? 0 : turn_book(replay->to, whatif->book, replay->fault);
    running->begun = true;
    return result ? result : take_under_other(replay, entry);
}

/* ---- all of them ---- */

static int check_zone(const struct whatif *whatif, struct txn *then, struct fault *fault)
{
    struct arena arena = { 0 };
    const char *zone = meta_get_text(then, META_TIME_ZONE, &arena);
    int result = 0;
    if (zone && strcmp(zone, whatif->book->time_zone) != 0)
        result = fault_set(fault, -EINVAL, "the other book's time zone is %s, the recorded days are those of %s",
                           whatif->book->time_zone, zone);
    arena_finish(&arena);
    return result;
}

/* What falls due until then without an input. */
static int pass_time(const struct whatif *whatif, struct turn *to, struct fault *fault)
{
    struct txn *then = txn_begin_read(whatif->recorded);
    int64_t last_ms = meta_get(then, META_TIME);
    txn_abort(then);
    turn_begin(to, whatif->until_ms && whatif->until_ms <= last_ms ? whatif->until_ms - 1 : last_ms);
    int result = turn_pulse(to, fault);
    if (!result)
        return turn_commit(to, fault);
    turn_abort(to);
    return result;
}

int whatif_run(const struct whatif *whatif, struct turn *to, struct whatif_outcome *outcome, struct fault *fault)
{
    *outcome = (struct whatif_outcome){ 0 };
    struct running running = { .whatif = whatif, .outcome = outcome, .then = txn_begin_read(whatif->recorded) };
    struct replay replay = { .to = to,
                             .books = whatif->books,
                             .inputs = whatif->inputs,
                             .until_ms = whatif->until_ms,
                             .take = take,
                             .context = &running,
                             .progress = whatif->progress,
                             .progress_context = whatif->progress_context };
    to->journal = (struct journal){ &no_journal, NULL };
    int result = check_zone(whatif, running.then, fault);
    if (!result)
        result = replay_run(&replay, whatif->recorded, fault);
    txn_abort(running.then);
    outcome->entries = replay.n;
    return result ? result : pass_time(whatif, to, fault);
}

int whatif_run_recorded(const struct whatif *whatif, struct turn *to, struct fault *fault)
{
    struct replay replay = { .to = to,
                             .books = whatif->books,
                             .inputs = whatif->inputs,
                             .until_ms = whatif->until_ms,
                             .progress = whatif->progress,
                             .progress_context = whatif->progress_context };
    int result = replay_run(&replay, whatif->recorded, fault);
    return result ? result : pass_time(whatif, to, fault);
}
