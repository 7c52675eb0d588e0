#include "proto/book/permit.h"

#include <string.h>

ENUM_DEFINE(permit, PERMITS)

static bool is(const char *a, const char *b)
{
    return *a && strcmp(a, b) == 0;
}

static bool supervises(enum verb verb)
{
    return verb == VERB_CHECK || verb == VERB_REWORK || verb == VERB_CLOSE;
}

bool permit_took_part(const struct case_file *record, const char *account)
{
    for (size_t i = 0; i < record->tasks.count; i++) {
        const struct task *task = &record->tasks.items[i];
        if (task_is_disposal(task) && (is(task->done_by, account) || (task->done_at_ms && is(task->worker, account))))
            return true;
    }
    return false;
}

bool permit_serves(const struct book *book, const struct book_person *person, const char *area_code)
{
    if (!person->area_count)
        return true;
    const struct book_area *area = *area_code ? book_area(book, area_code) : NULL;
    for (size_t i = 0; area && i < person->area_count; i++)
        if (book_area_within(area, person->areas[i]))
            return true;
    return false;
}

bool permit_account_serves(const struct book *book, const char *account, const char *area_code)
{
    const struct book_person *person = book_person(book, account);
    return person && permit_serves(book, person, area_code);
}

/* ---- which task ---- */

static bool is_about_task(enum verb verb)
{
    switch (verb) {
    case VERB_RECEIVE:
    case VERB_ASSIGN:
    case VERB_TAKE:
    case VERB_ARRIVE:
    case VERB_DISPOSE:
    case VERB_ADVANCE:
    case VERB_RETURN:
    case VERB_CONFIRM:
    case VERB_UNFOUNDED:
        return true;
    default:
        return false;
    }
}

/* How near a disposal task is to a worker; the nearest is meant. */
enum nearness { FAR, OWN_DONE, DEPARTMENTS, OFFERED, OWN };

static enum nearness nearness_of(const struct permit_person *person, const struct case_file *record,
                                 const struct task *task)
{
    if (!task_is_disposal(task) || !case_has_task_now(record, task))
        return FAR;
    if (*task->worker)
        return !is(task->worker, person->account) ? FAR : task->state == TASK_DONE ? OWN_DONE : OWN;
    if (task_is_offered_to(task, person->account))
        return OFFERED;
    return is(task->department, person->department) && !task_has_open_offers(task) ? DEPARTMENTS : FAR;
}

static struct task *task_of_worker(const struct permit_person *person, const struct case_file *record)
{
    struct task *best = NULL;
    enum nearness nearest = FAR;
    for (size_t i = record->tasks.count; i-- > 0;) {
        enum nearness nearness = nearness_of(person, record, &record->tasks.items[i]);
        if (nearness > nearest) {
            nearest = nearness;
            best = &record->tasks.items[i];
        }
    }
    return best;
}

struct task *permit_task(const struct permit_person *person, const struct case_file *record, enum verb verb)
{
    if (!is_about_task(verb))
        return NULL;
    if (record->state == CASE_VERIFYING)
        return case_verify_task(record);
    if (person->role == ROLE_WORKER)
        return task_of_worker(person, record);
    struct task *lead = case_lead_task(record);
    return lead && is(lead->department, person->department) ? lead : case_assist_task(record, person->department);
}

/* ---- whose ---- */

static enum permit ask_verifier(const struct permit_person *person, const struct case_file *record)
{
    const struct task *task = case_verify_task(record);
    return task && is(task->worker, person->account) ? PERMIT_GIVEN : PERMIT_OTHER_WORKER;
}

/* Why a worker has no task here. */
static enum permit why_none(const struct permit_person *person, const struct case_file *record)
{
    const struct task *lead = case_lead_task(record);
    if (lead && *lead->worker)
        return PERMIT_OTHER_WORKER;
    if (lead && is(lead->department, person->department) && task_has_open_offers(lead))
        return PERMIT_NOT_OFFERED;
    return PERMIT_NOT_DEPARTMENTS_TASK;
}

static enum permit ask_worker(const struct book *book, const struct permit_person *person,
                              const struct case_file *record, enum verb verb)
{
    bool serves = permit_account_serves(book, person->account, record->place.area);
    if (supervises(verb))
        return serves ? PERMIT_GIVEN : PERMIT_OTHER_AREA_CHECKS;
    if (record->state == CASE_VERIFYING)
        return ask_verifier(person, record);
    if (verb == VERB_SELF_DISPOSE) /* there is no task yet: it is what was found on patrol, wherever that was */
        return PERMIT_GIVEN;
    const struct task *task = task_of_worker(person, record);
    if (!task)
        return why_none(person, record);
    return *task->worker || task_is_offered_to(task, person->account) || serves ? PERMIT_GIVEN : PERMIT_OTHER_AREA;
}

static enum permit ask_liaison(const struct permit_person *person, const struct case_file *record, enum verb verb)
{
    bool of_lead = is(record->department, person->department);
    if (verb == VERB_RECEIVE || verb == VERB_ASSIGN || verb == VERB_DISPOSE || verb == VERB_NOTE ||
        verb == VERB_ACKNOWLEDGE)
        of_lead = of_lead || case_assist_task(record, person->department);
    return of_lead ? PERMIT_GIVEN : PERMIT_NOT_DEPARTMENTS_CASE;
}

/* ---- whether there is something to do ---- */

static bool has_open_assistant(const struct case_file *record)
{
    for (size_t i = 0; i < record->tasks.count; i++)
        if (record->tasks.items[i].role == TASK_ROLE_ASSIST && task_is_open(&record->tasks.items[i]))
            return true;
    return false;
}

/* Before the lead has received its task, only assistants who have theirs go on. */
static enum permit in_hand(const struct case_file *record, const struct task *task)
{
    return record->state == CASE_DISPATCHED && (task->role == TASK_ROLE_LEAD || task->state == TASK_OFFERED)
               ? PERMIT_NOT_RECEIVED
               : PERMIT_GIVEN;
}

static enum permit ask_task(const struct permit_person *person, const struct case_file *record, enum verb verb)
{
    const struct task *task = permit_task(person, record, verb);
    if (!task)
        return is_about_task(verb) ? PERMIT_NOT_DEPARTMENTS_TASK : PERMIT_GIVEN;
    bool done = task->state == TASK_DONE;
    switch (verb) {
    case VERB_RECEIVE:
        return task->state == TASK_OFFERED ? PERMIT_GIVEN : PERMIT_TASK_PAST;
    case VERB_TAKE:
        return task->state == TASK_OFFERED || task->state == TASK_RECEIVED ? PERMIT_GIVEN : PERMIT_TASK_PAST;
    case VERB_ASSIGN:
        return done && task->role == TASK_ROLE_ASSIST ? PERMIT_TASK_PAST : PERMIT_GIVEN;
    case VERB_ARRIVE:
        return done || task->state == TASK_ON_SITE ? PERMIT_TASK_PAST : in_hand(record, task);
    case VERB_DISPOSE:
        if (done && (person->role == ROLE_WORKER || task->role == TASK_ROLE_ASSIST))
            return PERMIT_TASK_PAST;
        return task->role == TASK_ROLE_LEAD && has_open_assistant(record) ? PERMIT_ASSISTANTS_AT_WORK
                                                                          : in_hand(record, task);
    case VERB_RETURN:
    case VERB_ADVANCE:
        return task->role == TASK_ROLE_LEAD ? PERMIT_GIVEN : PERMIT_NOT_LEAD;
    default:
        return PERMIT_GIVEN;
    }
}

static enum permit ask_extension(const struct book *book, const struct case_file *record)
{
    const struct clock *clock = case_open_clock(record, CLOCK_DISPOSE);
    if (record->request.verb)
        return PERMIT_ALREADY_ASKED;
    if (!clock || clock->state != CLOCK_STATE_RUNNING)
        return PERMIT_TOO_LATE;
    return clock->extensions < book->rules.extensions ? PERMIT_GIVEN : PERMIT_EXTENDED_ENOUGH;
}

static enum permit ask_grant(const struct case_file *record)
{
    const struct clock *clock = case_open_clock(record, CLOCK_DISPOSE);
    if (record->request.verb != VERB_EXTEND)
        return PERMIT_NOTHING_ASKED;
    return clock && clock->state == CLOCK_STATE_RUNNING ? PERMIT_GIVEN : PERMIT_DECIDED_LATE;
}

static enum permit ask_link(const struct book *book, const struct case_file *record)
{
    const struct book_service *service = book_service(book, record->service);
    const struct book_condition *condition = service ? book_condition(service, record->condition) : NULL;
    const struct clock *clock = case_open_clock(record, CLOCK_DISPOSE);
    return clock && condition && (size_t)clock->link + 1 < condition->link_count ? PERMIT_GIVEN : PERMIT_LAST_LINK;
}

bool permit_acknowledges(const struct permit_person *person, const struct case_file *record, const struct clock *clock)
{
    const struct task *task = case_task(record, clock->task);
    bool is_own = task && task_is_disposal(task) && is(task->department, person->department);
    return clock->state == CLOCK_STATE_FIRED && !clock->acknowledged_at_ms && (is_own || person->role != ROLE_LIAISON);
}

static bool has_unacknowledged(const struct permit_person *person, const struct case_file *record)
{
    for (size_t i = 0; i < record->clocks.count; i++)
        if (permit_acknowledges(person, record, &record->clocks.items[i]))
            return true;
    return false;
}

/* A report that can be split off: neither the one that opened the case nor one of a case that was merged into it. */
static bool has_joined_voice(const struct case_file *record)
{
    for (size_t i = 1; i < record->voices.count; i++)
        if (!*record->voices.items[i].home)
            return true;
    return false;
}

/* A limit of the case ran out that no appeal has excused. */
static bool was_late(const struct case_file *record)
{
    for (size_t i = 0; i < record->clocks.count; i++)
        if (case_is_limit(record, &record->clocks.items[i]) && clock_is_late(&record->clocks.items[i]))
            return true;
    return false;
}

static enum permit given_if(bool given, enum permit otherwise)
{
    return given ? PERMIT_GIVEN : otherwise;
}

static enum permit ask_case(const struct book *book, const struct permit_person *person, const struct case_file *record,
                            enum verb verb)
{
    switch (verb) {
    case VERB_EXTEND:
        return ask_extension(book, record);
    case VERB_GRANT_EXTENSION:
        return ask_grant(record);
    case VERB_DENY_EXTENSION:
        return given_if(record->request.verb == VERB_EXTEND, PERMIT_NOTHING_ASKED);
    case VERB_SUSPEND:
        return record->request.verb ? PERMIT_ALREADY_ASKED
                                    : given_if(record->suspended < book->rules.suspensions, PERMIT_SUSPENDED_ENOUGH);
    case VERB_GRANT_SUSPENSION:
    case VERB_DENY_SUSPENSION:
        return given_if(record->request.verb == VERB_SUSPEND, PERMIT_NOTHING_ASKED);
    case VERB_RELEASE:
        return given_if(has_open_assistant(record), PERMIT_NOBODY_ASSISTS);
    case VERB_ADVANCE:
        return ask_link(book, record);
    case VERB_SUPERVISE:
        return given_if(!*record->supervised_by, PERMIT_SUPERVISED);
    case VERB_END_SUPERVISION:
        return given_if(*record->supervised_by, PERMIT_NOT_SUPERVISED);
    case VERB_ACKNOWLEDGE:
        return given_if(has_unacknowledged(person, record), PERMIT_NOTHING_FIRED);
    case VERB_SPLIT:
        return given_if(has_joined_voice(record), PERMIT_ONE_VOICE);
    case VERB_APPEAL:
        return !was_late(record) ? PERMIT_IN_TIME : given_if(record->appeal == APPEAL_NONE, PERMIT_APPEALED);
    case VERB_GRANT_APPEAL:
    case VERB_DENY_APPEAL:
        return given_if(record->appeal == APPEAL_ASKED, PERMIT_NOTHING_ASKED);
    default:
        return PERMIT_GIVEN;
    }
}

/* Of the lead; who assists goes on. */
static bool has_given_back(const struct permit_person *person, const struct case_file *record, enum verb verb)
{
    return record->state == CASE_RETURNING && is_about_task(verb) && is(person->department, record->department) &&
           !permit_task(person, record, verb);
}

enum permit permit_ask(const struct book *book, const struct permit_person *person, const struct case_file *record,
                       enum verb verb)
{
    enum permit permit = PERMIT_GIVEN;
    if (supervises(verb) && permit_took_part(record, person->account))
        permit = PERMIT_TOOK_PART;
    else if (has_given_back(person, record, verb))
        permit = PERMIT_GIVEN_BACK;
    else if (person->role == ROLE_WORKER)
        permit = ask_worker(book, person, record, verb);
    else if (person->role == ROLE_LIAISON)
        permit = ask_liaison(person, record, verb);
    if (permit == PERMIT_GIVEN)
        permit = ask_task(person, record, verb);
    return permit == PERMIT_GIVEN ? ask_case(book, person, record, verb) : permit;
}
