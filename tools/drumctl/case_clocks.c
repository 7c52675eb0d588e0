/* The life of each clock: armed, paused, extended, warned, run out, escalated, acknowledged, stopped. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/drumctl/case.h"

/* ---- what the history says of a clock ---- */

/* The history names the kind; which of several it was is told by time and by whose task it is. */
static bool is_of_clock(const struct look_at_case *look, const struct clock *clock, const struct step *step,
                        enum verb verb)
{
    const struct task *task = case_task(&look->record, clock->task);
    return step->verb == verb && step->clock == clock->kind && step->at_ms >= clock->armed_at_ms &&
           (!clock->stopped_at_ms || step->at_ms <= clock->stopped_at_ms) &&
           strcmp(step->department, task ? task->department : "") == 0;
}

static void tell_warnings(struct look_at_case *look, const struct clock *clock)
{
    const char *before = "    warned    ";
    for (size_t i = 0; i < look->steps.count; i++)
        if (is_of_clock(look, clock, &look->steps.items[i], VERB_WARN)) {
            printf("%s%s", before, case_time(look, look->steps.items[i].at_ms));
            before = ", ";
        }
    if (clock->warn_at_ms)
        printf("%s%s to come", before, case_time(look, clock->warn_at_ms));
    if (*before == ',' || clock->warn_at_ms)
        putchar('\n');
}

/* ---- escalation ---- */

static const struct book_escalation *escalation_at(const struct book *book, const char *rule)
{
    for (size_t i = 0; book && i < book->escalation_count; i++)
        if (strcmp(book->escalations[i].rule, rule) == 0)
            return &book->escalations[i];
    return NULL;
}

/* Counted as the engine does: the level is a place in the chain of that kind. */
static const struct book_escalation *escalation_to_come(const struct look_at_case *look, const struct clock *clock)
{
    int64_t level = 0;
    for (size_t i = 0; look->book && i < look->book->escalation_count; i++) {
        const struct book_escalation *step = &look->book->escalations[i];
        bool meant = !step->priority_at_most || look->record.priority <= step->priority_at_most;
        if (step->clock == clock->kind && ++level > clock->level && meant)
            return step;
    }
    return NULL;
}

static void tell_to_whom(struct look_at_case *look, const struct book_escalation *to, const char *rule)
{
    if (to)
        printf(" to %s", to->to == ESCALATE_TO_PERSON ? to->person->id : enum_name(&escalate_to_desc, (int)to->to));
    printf(" by ");
    look_print_rule(look->book_folder, rule);
    putchar('\n');
}

static void tell_escalations(struct look_at_case *look, const struct clock *clock)
{
    for (size_t i = 0; i < look->steps.count; i++) {
        const struct step *step = &look->steps.items[i];
        if (!is_of_clock(look, clock, step, VERB_ESCALATE))
            continue;
        printf("    escalated %s", case_time(look, step->at_ms));
        tell_to_whom(look, escalation_at(look->book, step->note), step->note);
    }
    if (clock->escalate_at_ms) {
        const struct book_escalation *next = escalation_to_come(look, clock);
        printf("    escalates %s, if nobody acknowledges it", case_time(look, clock->escalate_at_ms));
        tell_to_whom(look, next, next ? next->rule : "the book");
    }
    if (clock->acknowledged_at_ms)
        printf("    acknowledged %s by %s\n", case_time(look, clock->acknowledged_at_ms), clock->acknowledged_by);
}

/* ---- its end ---- */

/* What became of the clock, in a sentence. */
static void tell_end(struct look_at_case *look, const struct clock *clock)
{
    const char *fired = case_time(look, clock->fired_at_ms), *stopped = case_time(look, clock->stopped_at_ms);
    switch (clock->state) {
    case CLOCK_STATE_RUNNING:
        puts("    runs");
        break;
    case CLOCK_STATE_STOPPED:
        printf("    stopped in time at %s\n", stopped);
        break;
    case CLOCK_STATE_FIRED:
        printf("    fired at %s and still waits for its end\n", fired);
        break;
    case CLOCK_STATE_STOPPED_LATE:
        printf("    fired at %s, stopped late at %s%s\n", fired, stopped,
               clock->excused ? "; an appeal was granted, no statistics count it" : "");
        break;
    case CLOCK_STATE_PAUSED:
        puts("    stands still: the case is suspended");
        break;
    case CLOCK_STATE_NONE:
        puts("    not armed");
        break;
    }
}

/* ---- its beginning ---- */

static void tell_whose(const struct look_at_case *look, const struct clock *clock)
{
    const struct task *task = case_task(&look->record, clock->task);
    if (task)
        printf(", of task %" PRId64 " (%s, %s)", task->id, enum_name(&task_role_desc, (int)task->role),
               task->department);
}

static void tell_link(const struct look_at_case *look, const struct clock *clock)
{
    const struct book_service *service = look->book ? book_service(look->book, look->record.service) : NULL;
    const struct book_condition *condition = service ? book_condition(service, look->record.condition) : NULL;
    if (clock->kind == CLOCK_DISPOSE && condition && (size_t)clock->link < condition->link_count)
        printf(", link %" PRId64 " of %zu: %s", clock->link + 1, condition->link_count,
               condition->links[clock->link].name.zh);
    else if (clock->link)
        printf(", link %" PRId64, clock->link + 1);
}

static void tell_limit(struct look_at_case *look, const struct clock *clock)
{
    printf("    limit     ");
    if (clock->unit)
        printf("%" PRId64 " %s by calendar %s", clock->amount, enum_name(&limit_unit_desc, (int)clock->unit),
               *clock->calendar ? clock->calendar : "-");
    else
        printf("a date that was given");
    tell_link(look, clock);
    if (*clock->rule) {
        printf("\n    rule      ");
        look_print_rule(look->book_folder, clock->rule);
    }
    printf("\n    armed     %s\n", case_time(look, clock->armed_at_ms));
}

static void tell_pauses(struct look_at_case *look, const struct clock *clock)
{
    for (size_t i = 0; i < clock->pauses.count; i++) {
        const struct pause *pause = &clock->pauses.items[i];
        printf("    paused    %s to %s\n", case_time(look, pause->from_ms),
               pause->to_ms ? case_time(look, pause->to_ms) : "now");
    }
}

/* What the dispatcher acted by may be another book since. */
static void tell_changes(struct look_at_case *look, const struct clock *clock)
{
    for (size_t i = 0; i < look->change_count; i++)
        if (look->changes[i].at_ms > clock->armed_at_ms &&
            (!clock->stopped_at_ms || look->changes[i].at_ms < clock->stopped_at_ms))
            printf("    the dispatcher got another book meanwhile, at %s\n", case_time(look, look->changes[i].at_ms));
}

/* ---- all of it ---- */

static void explain_clock(struct look_at_case *look, const struct clock *clock)
{
    printf("  clock %" PRId64 "  %s, %s", clock->id, enum_name(&clock_kind_desc, (int)clock->kind),
           enum_name(&clock_state_desc, (int)clock->state));
    tell_whose(look, clock);
    putchar('\n');
    tell_limit(look, clock);
    tell_pauses(look, clock);
    if (clock->extensions)
        printf("    extended  %" PRId64 " of these more: %" PRId64 " %s\n", clock->extensions,
               clock->amount * (1 + clock->extensions), enum_name(&limit_unit_desc, (int)clock->unit));
    printf("    deadline  %s\n", case_time(look, clock->deadline_ms));
    if (look->book)
        case_explain_deadline(look, clock);
    tell_changes(look, clock);
    tell_warnings(look, clock);
    tell_end(look, clock);
    tell_escalations(look, clock);
}

void case_explain_clocks(struct look_at_case *look)
{
    const struct clock_list *clocks = &look->record.clocks;
    puts(clocks->count ? "clocks" : "clocks\n  none");
    for (size_t i = 0; i < clocks->count; i++)
        explain_clock(look, &clocks->items[i]);
}
