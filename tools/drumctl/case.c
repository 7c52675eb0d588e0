/* drumctl case show | explain: one case as it stands, and why it stands so. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/book/book.h"
#include "proto/book/calendar.h"
#include "proto/book/zone.h"
#include "proto/door/json.h"
#include "proto/store/case_store.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/subcommands.h"

struct look_at_case {
    const char *data, *book_folder;
    bool json;
    struct zone *zone;
    struct book *book; /* NULL without --book */
    struct arena arena;
    struct case_file record;
    struct step_list steps;
};

static int read_case(struct look_at_case *look, struct store *store, const char *number, struct fault *fault)
{
    int64_t id = 0;
    struct txn *txn = txn_begin_read(store);
    int result = case_find_number(txn, number, &id);
    if (!result)
        result = case_get(txn, id, &look->arena, &look->record, fault);
    if (!result)
        result = step_list_of(txn, id, &look->arena, &look->steps, fault);
    if (result > 0)
        result = fault_set(fault, -ENOENT, "no case '%s' in %s", number, look->data);
    else if (result < 0 && txn_error(txn, NULL))
        txn_error(txn, fault);
    txn_abort(txn);
    return result;
}

/* ---- show ---- */

static void print_steps(const struct look_at_case *look)
{
    char at[TIMESTAMP_TEXT];
    puts("history");
    for (size_t i = 0; i < look->steps.count; i++) {
        const struct step *step = &look->steps.items[i];
        printf("  %3zu  %s  %-14s %s", i, look_time(at, look->zone, step->at_ms), enum_name(&verb_desc, step->verb),
               enum_name(&case_state_desc, step->from));
        if (step->to != step->from)
            printf(" → %s", enum_name(&case_state_desc, step->to));
        printf("  by %s (%s)", *step->actor ? step->actor : "-", enum_name(&role_desc, step->role));
        if (step->clock)
            printf("  clock %s", enum_name(&clock_kind_desc, step->clock));
        if (*step->department || *step->worker)
            printf("  to %s %s", step->department, step->worker);
        printf("%s%s\n", *step->note ? "  " : "", step->note);
    }
}

static void show(const struct look_at_case *look)
{
    printf("case %s\n", look->record.number);
    look_print_record(&case_file_desc, &look->record, look->zone, 2);
    print_steps(look);
}

static void show_json(const struct look_at_case *look)
{
    json_t *json = record_to_json(&case_file_desc, &look->record), *steps = json_array();
    for (size_t i = 0; i < look->steps.count; i++)
        json_array_append_new(steps, record_to_json(&step_desc, &look->steps.items[i]));
    json_object_set_new(json, "history", steps);
    look_print_json(json, 2);
}

/* ---- explain ---- */

static void explain_route(const struct look_at_case *look)
{
    const struct case_file *record = &look->record;
    const struct book_department *department = look->book ? book_department(look->book, record->department) : NULL;
    printf("route\n");
    if (record->no_rule)
        puts("  no routing rule matched: the desk's triage queue decides");
    if (*record->route_rule) {
        printf("  rule        ");
        look_print_rule(look->book_folder, record->route_rule);
        putchar('\n');
    }
    if (*record->department)
        printf("  department  %s %s\n", record->department, department ? department->name.zh : "");
    else
        puts("  department  none yet");
}

/* What became of the clock, in a sentence. */
static void explain_end(const struct look_at_case *look, const struct clock *clock)
{
    char fired[TIMESTAMP_TEXT], stopped[TIMESTAMP_TEXT], warns[TIMESTAMP_TEXT];
    look_time(fired, look->zone, clock->fired_at_ms);
    look_time(stopped, look->zone, clock->stopped_at_ms);
    look_time(warns, look->zone, clock->warn_at_ms);
    switch (clock->state) {
    case CLOCK_STATE_RUNNING:
        printf("    runs%s%s\n", clock->warn_at_ms ? "; it will warn at " : "", clock->warn_at_ms ? warns : "");
        break;
    case CLOCK_STATE_STOPPED:
        printf("    stopped in time at %s\n", stopped);
        break;
    case CLOCK_STATE_FIRED:
        printf("    fired at %s and still waits for its end\n", fired);
        break;
    case CLOCK_STATE_STOPPED_LATE:
        printf("    fired at %s, stopped late at %s\n", fired, stopped);
        break;
    case CLOCK_STATE_PAUSED:
        puts("    stands still: the case is suspended");
        break;
    case CLOCK_STATE_NONE:
        puts("    not armed");
        break;
    }
}

/* The book may have changed since the clock was armed: then its deadline stays what was promised. */
static void explain_by_book(const struct look_at_case *look, const struct clock *clock)
{
    char deadline[TIMESTAMP_TEXT];
    const struct calendar *calendar = book_calendar(look->book, clock->calendar);
    if (!calendar) {
        printf("    the book has no calendar '%s' any more\n", clock->calendar);
        return;
    }
    int64_t now = calendar_deadline(calendar, clock->armed_at_ms, clock->unit, clock->amount);
    if (now == clock->deadline_ms)
        puts("    the book gives the same deadline");
    else
        printf("    the book now gives %s: it has changed since\n", look_time(deadline, look->zone, now));
}

static void explain_clock(const struct look_at_case *look, const struct clock *clock)
{
    char armed[TIMESTAMP_TEXT], deadline[TIMESTAMP_TEXT];
    printf("  clock %" PRId64 "  %s, %s\n", clock->id, enum_name(&clock_kind_desc, clock->kind),
           enum_name(&clock_state_desc, clock->state));
    printf("    limit     %" PRId64 " %s by calendar %s\n", clock->amount, enum_name(&limit_unit_desc, clock->unit),
           *clock->calendar ? clock->calendar : "-");
    printf("    rule      ");
    look_print_rule(look->book_folder, clock->rule);
    printf("\n    armed     %s\n    deadline  %s\n", look_time(armed, look->zone, clock->armed_at_ms),
           look_time(deadline, look->zone, clock->deadline_ms));
    explain_end(look, clock);
    if (look->book && *clock->calendar)
        explain_by_book(look, clock);
}

static void explain(const struct look_at_case *look)
{
    const struct case_file *record = &look->record;
    printf("case %s is %s%s\n", record->number, enum_name(&case_state_desc, record->state),
           record->overdue ? ", overdue" : "");
    explain_route(look);
    puts(record->clocks.count ? "clocks" : "clocks\n  none");
    for (size_t i = 0; i < record->clocks.count; i++)
        explain_clock(look, &record->clocks.items[i]);
    print_steps(look);
}

/* ---- the command ---- */

static int look_at(struct look_at_case *look, char **operands, struct fault *fault)
{
    struct store *store = NULL;
    int result = case_store_open(look->data, STORE_READ_ONLY, &store, fault);
    if (!result)
        result = look_zone(store, &look->zone, fault);
    if (!result)
        result = read_case(look, store, operands[1], fault);
    if (!result && look->book_folder)
        result = book_load(look->book_folder, &look->book, NULL, NULL, fault);
    if (!result)
        (strcmp(operands[0], "explain") == 0 ? explain : look->json ? show_json : show)(look);
    store_close(store);
    return result;
}

int drumctl_case(int argc, char **argv)
{
    struct look_at_case look = { 0 };
    const struct arg args[] = {
        { "data", ARG_TEXT, &look.data, "DIR", "data folder", 0, 0 },
        { "book", ARG_TEXT, &look.book_folder, "DIR", "explain: names and rules from this district book", 0, 0 },
        { "json", ARG_FLAG, &look.json, NULL, "show: as JSON", 0, 0 },
    };
    const struct arg_program program = {
        .name = "drumctl case",
        .usage = "show|explain NUMBER --data DIR [--book DIR] [--json]",
        .summary = "show prints the case with its tasks, clocks and history. explain says which rule sent it where, "
                   "and "
                   "for each clock\nwhen it was armed, by which limit, calendar and rule, its deadline, and what "
                   "became "
                   "of it.",
        .args = args,
        .arg_count = sizeof args / sizeof *args,
        .min_operands = 2,
        .max_operands = 2,
    };
    struct fault fault = { "" };
    int operands, status = look_parse(&program, argc, argv, &operands, &look.data);
    if (status != LOOK_GO_ON)
        return status;
    if (strcmp(argv[0], "show") != 0 && strcmp(argv[0], "explain") != 0) {
        fault_set(&fault, -EINVAL, "'%s': expected show or explain", argv[0]);
        return look_fail(&program, 2, &fault);
    }
    int result = look_at(&look, argv, &fault);
    book_destroy(look.book);
    zone_destroy(look.zone);
    arena_finish(&look.arena);
    return result ? look_fail(&program, 1, &fault) : 0;
}
