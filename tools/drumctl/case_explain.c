/* drumctl case explain: why a case stands as it does. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/drumctl/case.h"

static void explain_books(struct look_at_case *look)
{
    char hex[HASH_HEX];
    puts("book");
    if (!look->book)
        puts("  none is given: with --book DIR names, rules and deadlines are explained");
    else if (!look->acting || strcmp(look->acting, hash_hex(hex, &look->book->hash)) == 0)
        printf("  %s is what the dispatcher acts by\n", look->book_folder);
    else
        printf("  %s is another book than the one that the dispatcher acts by (%.12s…): what follows is by %s\n",
               look->book_folder, look->acting, look->book_folder);
    for (size_t i = 0; i < look->change_count; i++)
        printf("  since %s it is %.12s… (journal entry %" PRIu64 ")\n", case_time(look, look->changes[i].at_ms),
               hash_hex(hex, &look->changes[i].hash), look->changes[i].n);
}

static const char *department_name(const struct look_at_case *look, const char *code)
{
    const struct book_department *department = look->book ? book_department(look->book, code) : NULL;
    return department ? department->name.zh : "";
}

static void explain_route(struct look_at_case *look)
{
    const struct case_file *record = &look->record;
    puts("route");
    if (record->no_rule)
        puts("  no routing rule matched: the desk's triage queue decides");
    if (*record->route_rule) {
        printf("  rule        ");
        look_print_rule(look->book_folder, record->route_rule);
        putchar('\n');
    }
    if (*record->department)
        printf("  department  %s %s\n", record->department, department_name(look, record->department));
    else
        puts("  department  none yet");
}

/* ---- tasks ---- */

static void tell_moment(struct look_at_case *look, const char *what, int64_t at_ms, const char *by)
{
    if (at_ms)
        printf("    %-9s %s%s%s\n", what, case_time(look, at_ms), *by ? " by " : "", by);
}

static void tell_note(const char *before, const char *note)
{
    printf("%s", before);
    look_puts(note, LOOK_ALL);
}

static void explain_task(struct look_at_case *look, const struct task *task)
{
    printf("  task %" PRId64 "  %s, %s, at %s %s\n", task->id, enum_name(&task_role_desc, (int)task->role),
           enum_name(&task_state_desc, (int)task->state), task->department, department_name(look, task->department));
    if (*task->rule) {
        printf("    rule      ");
        look_print_rule(look->book_folder, task->rule);
        putchar('\n');
    }
    tell_moment(look, "given", task->offered_at_ms, "");
    for (size_t i = 0; i < task->offers.count; i++) {
        const struct offer *offer = &task->offers.items[i];
        printf("    asked     %s %s%s%s\n", offer->worker, case_time(look, offer->at_ms),
               offer->ended_at_ms ? " to " : ", still is",
               offer->ended_at_ms ? case_time(look, offer->ended_at_ms) : "");
    }
    if (*task->worker)
        printf("    worker    %s\n", task->worker);
    tell_moment(look, "received", task->received_at_ms, "");
    tell_moment(look, "taken", task->taken_at_ms, "");
    tell_moment(look, "arrived", task->arrived_at_ms, "");
    tell_moment(look, "done", task->done_at_ms, task->done_by);
    if (*task->note)
        tell_note("    note      ", task->note);
}

static void explain_tasks(struct look_at_case *look)
{
    const struct task_list *tasks = &look->record.tasks;
    puts(tasks->count ? "tasks" : "tasks\n  none");
    for (size_t i = 0; i < tasks->count; i++)
        explain_task(look, &tasks->items[i]);
}

static void explain_request(struct look_at_case *look)
{
    const struct request *request = &look->record.request;
    if (!request->verb)
        return;
    printf("request\n  %s, asked by %s at %s; the shift leader decides\n", enum_name(&verb_desc, (int)request->verb),
           request->by, case_time(look, request->at_ms));
    if (request->until_ms)
        printf("  until       %s\n", case_time(look, request->until_ms));
    if (*request->note)
        tell_note("  note        ", request->note);
}

/* ---- other cases ---- */

static void explain_others(struct look_at_case *look)
{
    const struct case_file *record = &look->record;
    const char *heading = "other cases\n";
    if (*record->merged_into) {
        printf("%s  its reports are with %s\n", heading, record->merged_into);
        heading = "";
    }
    if (*record->split_from) {
        printf("%s  it was split off from %s\n", heading, record->split_from);
        heading = "";
    }
    for (size_t i = 0; i < look->steps.count; i++) {
        const struct step *step = &look->steps.items[i];
        if (!*step->other)
            continue;
        printf("%s  %s  %-8s %s by %s\n", heading, case_time(look, step->at_ms), enum_name(&verb_desc, (int)step->verb),
               step->other, step->actor);
        heading = "";
    }
    for (size_t i = 0; i < record->voices.count; i++)
        if (*record->voices.items[i].home)
            printf("  report %" PRId64 " was with %s first\n", record->voices.items[i].seq,
                   record->voices.items[i].home);
}

void case_explain(struct look_at_case *look)
{
    const struct case_file *record = &look->record;
    printf("case %s is %s%s\n", record->number, enum_name(&case_state_desc, (int)record->state),
           record->overdue ? ", overdue" : "");
    explain_books(look);
    explain_route(look);
    explain_tasks(look);
    explain_request(look);
    explain_others(look);
    case_explain_clocks(look);
    case_print_history(look);
}
