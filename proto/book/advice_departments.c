/* Departments without cases or people, lower tiers without an end, escalations that reach nobody. */
#include "proto/book/advice.h"

static bool gets_cases(const struct book *book, const struct book_department *department)
{
    bool by_area = false;
    for (size_t i = 0; i < book->route_count; i++) {
        if (book->routes[i].department == department)
            return true;
        by_area = by_area || book->routes[i].to_area_department;
    }
    for (size_t i = 0; i < book->area_count && by_area; i++)
        if (book->areas[i].department == department)
            return true;
    for (size_t i = 0; i < book->department_count; i++)
        if (book->departments[i].hand_up_to == department)
            return true;
    for (size_t i = 0; i < book->service_count; i++)
        for (size_t j = 0; j < book->services[i].condition_count; j++)
            if (book->services[i].conditions[j].department == department)
                return true;
    return false;
}

/* `department` NULL: of the centre or any. */
static bool has(const struct book *book, const struct book_department *department, enum role role)
{
    for (size_t i = 0; i < book->person_count; i++)
        if (book->people[i].role == role && (!department || book->people[i].department == department))
            return true;
    return false;
}

/* Whether the book says a limit, or that there is none, for the department's stage. */
static bool is_said(const struct book *book, const struct book_department *department, enum clock_kind stage)
{
    return *book_stage_limit(book, NULL, NULL, department, stage)->rule;
}

static void advise_on_tasks(struct adviser *adviser, const struct book_department *department)
{
    const char *assignment = enum_name(&assignment_desc, (int)department->assignment);
    bool passes_on = department->assignment == ASSIGNMENT_ASSIGN || department->assignment == ASSIGNMENT_OFFER;
    if (department->assignment == ASSIGNMENT_LIAISON) {
        if (!has(adviser->book, department, ROLE_LIAISON))
            advise(adviser, department->at, "department %s %s has no liaison: nobody receives and assigns its tasks",
                   department->code, department->name.zh);
    } else if (!has(adviser->book, department, ROLE_WORKER)) {
        advise(adviser, department->at, "department %s %s has no worker who could get its tasks (assignment: %s)",
               department->code, department->name.zh, assignment);
    } else if (passes_on && !is_said(adviser->book, department, CLOCK_TAKE)) {
        advise(adviser, department->at,
               "department %s %s has no limit `take`: a worker who is silent keeps the task (assignment: %s); if that "
               "is meant, say take: none",
               department->code, department->name.zh, assignment);
    }
}

void advise_on_departments(struct adviser *adviser)
{
    for (size_t i = 0; i < adviser->book->department_count; i++) {
        const struct book_department *department = &adviser->book->departments[i];
        if (!gets_cases(adviser->book, department)) {
            advise(adviser, department->at, "department %s %s gets no case: no rule, filing condition or area names it",
                   department->code, department->name.zh);
            continue;
        }
        advise_on_tasks(adviser, department);
        if (department->tier > TIER_DISTRICT && !is_said(adviser->book, department, CLOCK_TIER))
            advise(adviser, department->at,
                   "department %s %s is of tier %s and has no limit `tier`: what it leaves undone never goes up by "
                   "itself; if that is meant, say tier: none",
                   department->code, department->name.zh, enum_name(&tier_desc, (int)department->tier));
    }
}

/* ---- escalations ---- */

static bool starts(const struct book_stages *stages, enum clock_kind kind)
{
    for (int tier = TIER_NONE; stages && tier <= TIER_GRID; tier++)
        if (stages[tier].limits[kind].unit != UNIT_NONE)
            return true;
    return false;
}

static bool is_ever_started(const struct book *book, enum clock_kind kind)
{
    bool started = starts(book->stages, kind) || starts(book->service_stages, kind);
    for (size_t i = 0; i < book->department_count && !started; i++)
        started = starts(book->departments[i].stages, kind);
    for (size_t i = 0; i < book->service_count && !started; i++) {
        const struct book_service *service = &book->services[i];
        started = starts(service->stages, kind);
        for (size_t j = 0; j < service->condition_count && kind == CLOCK_DISPOSE; j++)
            started = started || service->conditions[j].limit.unit != UNIT_NONE;
    }
    return started;
}

void advise_on_escalations(struct adviser *adviser)
{
    const struct book *book = adviser->book;
    for (size_t i = 0; i < book->escalation_count; i++) {
        const struct book_escalation *step = &book->escalations[i];
        const char *clock = enum_name(&clock_kind_desc, (int)step->clock);
        bool leader = has(book, NULL, ROLE_LEADER), desk = leader || has(book, NULL, ROLE_OPERATOR);
        if ((step->to == ESCALATE_TO_LEADER && !leader) || (step->to == ESCALATE_TO_DESK && !desk))
            advise(adviser, step->rule,
                   "an escalation of the clock %s goes to the %s, and people.yaml has nobody there", clock,
                   enum_name(&escalate_to_desc, (int)step->to));
        if (!is_ever_started(book, step->clock))
            advise(adviser, step->rule, "an escalation of the clock %s, and the book has no such limit: it never comes",
                   clock);
    }
}
