/* drumctl indicators: how well the district handles its cases, and the cases behind each figure. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/book/zone.h"
#include "proto/door/indicator_report.h"
#include "proto/store/case_store.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/rate.h"
#include "tools/drumctl/subcommands.h"

enum { DAYS = 30, LIMIT = 100 };

struct asking {
    const char *data, *book_folder, *by, *period, *from, *to, *indicator, *key, *part;
    int64_t limit;
    bool json;
    struct book *book;
    struct store *cases;
    struct zone *zone;
    struct report_question question;
    struct report_cases drill;
    int64_t shown;
};

/* ---- for a person: the name last, it may be of any width ---- */

enum { KEY_WIDTH = 14, PERIOD_WIDTH = 10, COLUMN_WIDTH = 11, COLUMNS_MAX = 9, WORDS_MAX = 3 };

/* What a leader looks at first; --indicator shows another one. */
static const enum indicator principal[COLUMNS_MAX] = {
    INDICATOR_ACCEPTED_ON_TIME, INDICATOR_DISPATCHED_RIGHT, INDICATOR_RECEIVED_ON_TIME,
    INDICATOR_DISPOSED,         INDICATOR_DISPOSED_ON_TIME, INDICATOR_REWORK,
    INDICATOR_CLOSED,           INDICATOR_ANSWERED_ON_TIME, INDICATOR_SATISFIED,
};

static void print_rate(const char *title, int width, const struct rate *rate, const char *name)
{
    printf("%-*s %9" PRId64 " %9" PRId64 " %8s  %-6s  %s\n", width, title, rate->part, rate->of, rate->text,
           rate->grade ? enum_name(&grade_desc, (int)rate->grade) : "", name);
}

/* One group: an indicator a line. */
static void print_group(const struct report_group *group)
{
    printf("%-20s %9s %9s %8s\n", group->en, "part", "of", "rate");
    for (int i = 0; i < INDICATOR_COUNT; i++) {
        struct rate rate = rate_of(group->counts, (enum indicator)i);
        print_rate(enum_name(&indicator_desc, i), 20, &rate, "");
    }
    printf("%" PRId64 " cases reported, %" PRId64 " closed\n", group->counts[MEASURE_REPORTED],
           group->counts[MEASURE_CLOSED]);
}

/* One indicator: a group a line. */
static void print_indicator(const struct report *report, enum indicator indicator)
{
    printf("%-*s %9s %9s %8s\n", KEY_WIDTH + PERIOD_WIDTH + 1, enum_name(&indicator_desc, (int)indicator), "part", "of",
           "rate");
    for (size_t i = 0; i < report->count; i++) {
        const struct report_group *group = &report->groups[i];
        char title[64];
        struct rate rate = rate_of(group->counts, indicator);
        snprintf(title, sizeof title, "%-*.*s %s", KEY_WIDTH, KEY_WIDTH, *group->key ? group->key : "-", group->period);
        print_rate(title, KEY_WIDTH + PERIOD_WIDTH + 1, &rate, group->en);
    }
}

struct columns {
    enum indicator of[COLUMNS_MAX];
    int count;
};

/* Of the principal ones those that there is a rate of: the desk's are no department's. */
static struct columns choose_columns(const struct report *report)
{
    struct columns columns = { .count = 0 };
    for (int i = 0; i < COLUMNS_MAX; i++) {
        int64_t of = 0;
        for (size_t group = 0; group < report->count; group++)
            of += report->groups[group].counts[indicators[principal[i]].of];
        if (of)
            columns.of[columns.count++] = principal[i];
    }
    return columns;
}

/* Their names, one word a line, standing on the last. */
static void print_head(const struct columns *columns)
{
    for (int line = 0; line < WORDS_MAX; line++) {
        printf("%-*s %9s", KEY_WIDTH + PERIOD_WIDTH + 1, "", line == WORDS_MAX - 1 ? "reported" : "");
        for (int i = 0; i < columns->count; i++) {
            const char *at = enum_name(&indicator_desc, (int)columns->of[i]);
            int words = 1;
            for (const char *other = at; *other; other++)
                words += *other == '_';
            for (int skip = line - (WORDS_MAX - words); skip > 0; skip--)
                at = strchr(at, '_') + 1;
            printf(" %*.*s", COLUMN_WIDTH, line < WORDS_MAX - words ? 0 : (int)strcspn(at, "_"), at);
        }
        putchar('\n');
    }
}

static void print_groups(const struct report *report)
{
    struct columns columns = choose_columns(report);
    print_head(&columns);
    for (size_t i = 0; i < report->count; i++) {
        const struct report_group *group = &report->groups[i];
        printf("%-*.*s %-*s %9" PRId64, KEY_WIDTH, KEY_WIDTH, *group->key ? group->key : "-", PERIOD_WIDTH,
               group->period, group->counts[MEASURE_REPORTED]);
        for (int column = 0; column < columns.count; column++) {
            struct rate rate = rate_of(group->counts, columns.of[column]);
            printf(" %*s %c", COLUMN_WIDTH - 2, rate.text, rate_mark(rate.grade));
        }
        printf("  %s\n", group->en);
    }
    puts("G green, Y yellow, R red, - no case to judge by; --indicator NAME shows one of all, --json all of them");
}

static int show(struct asking *asking, struct txn *txn, struct fault *fault)
{
    struct arena arena = { 0 };
    struct report report;
    int result = report_read(txn, asking->book, &asking->question, &arena, &report, fault);
    if (!result && asking->json)
        look_print_json(report_json(&asking->question, &report), 0);
    else if (!result) {
        printf("%s to %s\n", asking->question.days.from, asking->question.days.to);
        if (asking->indicator)
            print_indicator(&report, asking->drill.indicator);
        else if (report.count == 1)
            print_group(&report.groups[0]);
        else if (report.count)
            print_groups(&report);
        else
            puts("no case in these days");
    }
    arena_finish(&arena);
    return result;
}

/* ---- the cases behind a figure ---- */

static int print_case(void *context, const struct report_case *found)
{
    struct asking *asking = context;
    const struct case_file *record = found->record;
    const char *state = enum_name(&case_state_desc, (int)record->state);
    char at[TIMESTAMP_TEXT];
    if (asking->shown++ == asking->limit)
        return 1;
    if (asking->json)
        look_print_json(json_pack("{ss ss ss ss ss sI sb}", "case", record->number, "name", found->name, "state", state,
                                  "department", record->department, "title", record->title, "at_ms",
                                  (json_int_t)found->at_ms, "part", found->is_part),
                        0);
    else {
        printf("%s  %-22s %-4s %-12s %-12s ", look_time(at, asking->zone, found->at_ms), record->number,
               found->is_part ? "part" : "rest", state, record->department);
        look_puts(record->title, LOOK_ALL);
    }
    return 0;
}

static int show_cases(struct asking *asking, struct txn *txn, struct fault *fault)
{
    struct arena arena = { 0 };
    int result = report_visit_cases(txn, asking->book, &asking->drill, &arena, print_case, asking, fault);
    arena_finish(&arena);
    if (result > 0)
        fprintf(stderr, "drumctl indicators: there are more than %" PRId64 " cases: --limit shows more\n",
                asking->limit);
    return result < 0 ? result : 0;
}

/* ---- what is asked ---- */

static int parse(struct asking *asking, bool wants_cases, struct fault *fault)
{
    int indicator = 0, part = REPORT_PART_WHOLE;
    int result = report_parse(asking->by, asking->period, asking->from, asking->to, &asking->question, fault);
    if (!result)
        result = report_take(&indicator_desc, "indicator", asking->indicator, &indicator, fault);
    if (!result)
        result = report_take(&report_part_desc, "part", asking->part, &part, fault);
    if (!result && wants_cases && !asking->indicator)
        result = fault_set(fault, -EINVAL, "--indicator NAME is missing: whose cases");
    asking->drill = (struct report_cases){ .indicator = (enum indicator)indicator,
                                           .part = (enum report_part)part,
                                           .by = asking->question.by,
                                           .key = asking->key,
                                           .days = asking->question.days };
    return result;
}

/* The last days before the engine's own time: an old folder has figures, too. */
static void default_days(struct asking *asking, struct txn *txn)
{
    char day[CASE_DAY_TEXT];
    case_local_day(day, meta_get(txn, META_TIME));
    asking->question.days = days_until(day, DAYS);
}

static int answer(struct asking *asking, bool wants_cases, struct fault *fault)
{
    int result = book_load(asking->book_folder, &asking->book, NULL, NULL, fault);
    if (!result)
        result = case_store_open(asking->data, STORE_READ_ONLY, &asking->cases, fault);
    if (!result)
        result = look_zone(asking->cases, &asking->zone, fault);
    if (result)
        return result;
    struct txn *txn = txn_begin_read(asking->cases);
    default_days(asking, txn);
    result = parse(asking, wants_cases, fault);
    if (!result)
        result = wants_cases ? show_cases(asking, txn, fault) : show(asking, txn, fault);
    txn_abort(txn);
    return result;
}

int drumctl_indicators(int argc, char **argv)
{
    struct asking asking = { .key = "", .limit = LIMIT };
    const struct arg args[] = {
        { "data", ARG_TEXT, &asking.data, "DIR", "data folder", 0, 0 },
        { "book", ARG_TEXT, &asking.book_folder, "DIR", "the district book: names, tiers and areas", 0, 0 },
        { "by", ARG_TEXT, &asking.by, "WHAT", "dept, service, worker, source, tier or area; default the district", 0,
          0 },
        { "period", ARG_TEXT, &asking.period, "SPAN", "day, week, month, quarter or year; default all days together", 0,
          0 },
        { "from", ARG_TEXT, &asking.from, "DAY", "first local day, as 2026-01-05; default 30 days", 0, 0 },
        { "to", ARG_TEXT, &asking.to, "DAY", "last local day; default the engine's", 0, 0 },
        { "indicator", ARG_TEXT, &asking.indicator, "NAME", "only this one", 0, 0 },
        { "key", ARG_TEXT, &asking.key, "CODE", "cases: of this department, service … only", 0, 0 },
        { "part", ARG_TEXT, &asking.part, "PART", "cases: of (all), part (those that count) or rest (the others)", 0,
          0 },
        { "limit", ARG_INT, &asking.limit, "N", "cases: how many at most", 1, INT64_MAX },
        { "json", ARG_FLAG, &asking.json, NULL, "one JSON object; cases: one a line", 0, 0 },
    };
    const struct arg_program program = {
        .name = "drumctl indicators",
        .usage = "[cases] --data DIR --book DIR [--by WHAT] [--period SPAN] [--from DAY] [--to DAY] [--indicator NAME] "
                 "[--json]",
        .summary = "Prints how well the district handles its cases: accepted, dispatched, disposed, closed on time and "
                   "so on,\n"
                   "with the colour of each rate. With `cases` it lists those behind one figure, newest first:\n"
                   "  drumctl indicators cases … --by dept --key water --indicator disposed_on_time --part rest",
        .args = args,
        .arg_count = sizeof args / sizeof *args,
        .max_operands = 1,
    };
    struct fault fault = { "" };
    int operands, code = look_parse(&program, argc, argv, &operands, &asking.data);
    if (code != LOOK_GO_ON)
        return code;
    bool wants_cases = operands == 1 && strcmp(argv[0], "cases") == 0;
    if (operands == 1 && !wants_cases)
        return look_fail(&program, 2, (fault_set(&fault, 0, "'%s' is not `cases`", argv[0]), &fault));
    if (!asking.book_folder)
        return look_fail(&program, 2, (fault_set(&fault, 0, "--book DIR is missing"), &fault));
    int result = answer(&asking, wants_cases, &fault);
    zone_destroy(asking.zone);
    store_close(asking.cases);
    book_destroy(asking.book);
    return result == -EINVAL ? look_fail(&program, 2, &fault) : result ? look_fail(&program, 1, &fault) : 0;
}
