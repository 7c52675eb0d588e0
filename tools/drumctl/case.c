/* drumctl case show | explain: one case as it stands, and why it stands so. */
#include <stdio.h>
#include <string.h>

#include "proto/book/zone.h"
#include "proto/door/json.h"
#include "tools/drumctl/case.h"
#include "tools/drumctl/subcommands.h"

const char *case_time(struct look_at_case *look, int64_t at_ms)
{
    char text[TIMESTAMP_TEXT];
    return arena_format(&look->arena, "%s", look_time(text, look->zone, at_ms));
}

static int read_case(struct look_at_case *look, struct store *store, const char *number, struct fault *fault)
{
    int64_t id = 0;
    struct txn *txn = txn_begin_read(store);
    int result = case_find_number(txn, number, &id);
    if (!result)
        result = case_get(txn, id, &look->arena, &look->record, fault);
    if (!result)
        result = step_list_of(txn, &look->record, &look->arena, &look->steps, fault);
    if (!result)
        result = case_read_books(look, txn, fault);
    if (result > 0)
        result = fault_set(fault, -ENOENT, "no case '%s' in %s", number, look->data);
    else if (result < 0 && txn_error(txn, NULL))
        txn_error(txn, fault);
    txn_abort(txn);
    return result;
}

/* ---- show ---- */

void case_print_history(struct look_at_case *look)
{
    puts("history");
    for (size_t i = 0; i < look->steps.count; i++) {
        const struct step *step = &look->steps.items[i];
        printf("  %3zu  %s  %-14s %s", i, case_time(look, step->at_ms), enum_name(&verb_desc, (int)step->verb),
               enum_name(&case_state_desc, (int)step->from));
        if (step->to != step->from)
            printf(" → %s", enum_name(&case_state_desc, (int)step->to));
        printf("  by %s (%s)", *step->actor ? step->actor : "-", enum_name(&role_desc, (int)step->role));
        if (step->clock)
            printf("  clock %s", enum_name(&clock_kind_desc, (int)step->clock));
        if (*step->department || *step->worker)
            printf("  to %s %s", step->department, step->worker);
        printf("%s", *step->note ? "  " : "");
        look_puts(step->note, LOOK_ALL);
    }
}

static void show(struct look_at_case *look)
{
    printf("case %s\n", look->record.number);
    look_print_record(&case_file_desc, &look->record, look->zone, 2);
    case_print_history(look);
}

static void show_json(struct look_at_case *look)
{
    json_t *json = record_to_json(&case_file_desc, &look->record), *steps = json_array();
    for (size_t i = 0; i < look->steps.count; i++)
        json_array_append_new(steps, record_to_json(&step_desc, &look->steps.items[i]));
    json_object_set_new(json, "history", steps);
    look_print_json(json, 2);
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
        (strcmp(operands[0], "explain") == 0 ? case_explain : look->json ? show_json : show)(look);
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
                   "who was asked to do what,\nwhich cases it was merged with or split from, and of each clock when it "
                   "was armed, by which limit, calendar and rule,\nits pauses, extensions, warnings and escalations, "
                   "and what became of it. With --book it also counts each deadline\nanew, day by day, and says where "
                   "the book has changed since.",
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
