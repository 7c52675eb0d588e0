/* What drumctl whatif found, for a person: names last, they may be of any width. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/drumctl/rate.h"
#include "tools/drumctl/whatif.h"

static const json_t *member(const json_t *object, const char *side, const char *name)
{
    return json_object_get(json_object_get(object, side), name);
}

static long long number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static const char *text(const json_t *object, const char *side, const char *name)
{
    const char *value = json_string_value(member(object, side, name));
    return value && *value ? value : "-";
}

/* ---- what was replayed ---- */

static void print_refused(const json_t *refused)
{
    const char *verb, *comma = ": ";
    json_t *count;
    json_object_foreach((json_t *)refused, verb, count)
    {
        printf("%s%s %" JSON_INTEGER_FORMAT, comma, verb, json_integer_value(count));
        comma = ", ";
    }
    putchar('\n');
}

static void print_inputs(const json_t *inputs)
{
    long long again = number(inputs, "refused_then") - number(inputs, "done_now");
    printf("inputs  %lld events and %lld commands, to journal entry %lld\n", number(inputs, "events"),
           number(inputs, "commands"), number(inputs, "entries"));
    if (number(inputs, "stood_in"))
        printf("  %lld commands are done by somebody else than then: whoever has the case now\n", number(inputs, "stood"
                                                                                                                 "_i"
                                                                                                                 "n"));
    if (number(inputs, "refused"))
        printf("  %lld commands that were done then are refused now", number(inputs, "refused"));
    if (number(inputs, "refused"))
        print_refused(json_object_get(inputs, "refused_now"));
    if (number(inputs, "refused_then"))
        printf("  %lld commands that were refused then are done now, %lld are refused again\n",
               number(inputs, "done_now"), again);
    if (number(inputs, "erased"))
        printf("  %lld inputs were replayed without their words: these were erased\n", number(inputs, "erased"));
}

/* ---- indicators ---- */

static double print_rate(const json_t *rate)
{
    long long part = number(rate, "part"), of = number(rate, "of");
    double percent = of ? 100.0 * (double)part / (double)of : 0;
    char share[24], rounded[16] = "-";
    snprintf(share, sizeof share, "%lld/%lld", part, of);
    if (of)
        snprintf(rounded, sizeof rounded, "%.1f%%", percent);
    int grade = enum_value(&grade_desc, json_string_value(json_object_get(rate, "grade")));
    printf(" %11s %7s %c", share, rounded, rate_mark((enum grade)grade));
    return percent;
}

static void print_indicators(const json_t *rates)
{
    const char *name;
    json_t *pair;
    printf("%-20s %21s %21s %8s\n", "indicators", "recorded", "what if", "change");
    json_object_foreach((json_t *)rates, name, pair)
    {
        const json_t *then = json_object_get(pair, "recorded"), *now = json_object_get(pair, "what_if");
        printf("  %-18s", name);
        double was = print_rate(then), is = print_rate(now);
        if (number(then, "of") && number(now, "of"))
            printf(" %+8.1f", is - was);
        putchar('\n');
    }
}

/* ---- departments ---- */

static void print_pair(const json_t *department, const char *name)
{
    printf(" %6" JSON_INTEGER_FORMAT " → %-6" JSON_INTEGER_FORMAT,
           json_integer_value(member(department, "recorded", name)),
           json_integer_value(member(department, "what_if", name)));
}

static void print_departments(const json_t *departments)
{
    size_t i;
    json_t *department;
    printf("%-14s %15s %15s %15s %15s\n", "departments", "due", "overdue", "in time", "open now");
    json_array_foreach((json_t *)departments, i, department)
    {
        printf("  %-12s", json_string_value(json_object_get(department, "key")));
        print_pair(department, "due");
        print_pair(department, "overdue");
        print_pair(department, "disposed_in_time");
        print_pair(department, "open");
        printf("  %s\n", text(department, "name", "zh"));
    }
}

/* ---- cases ---- */

static void print_case(const json_t *found, const struct zone *zone)
{
    char then[TIMESTAMP_TEXT], now[TIMESTAMP_TEXT];
    const char *number_then = text(found, "recorded", "case"), *number_now = text(found, "what_if", "case");
    printf("  %-22s %-8s %-7s → %-7s  %s → %s  %s → %s", number_then,
           json_string_value(json_object_get(found, "service")), text(found, "recorded", "timing"),
           text(found, "what_if", "timing"), text(found, "recorded", "department"),
           text(found, "what_if", "department"),
           look_time(then, zone, json_integer_value(member(found, "recorded", "deadline_ms"))),
           look_time(now, zone, json_integer_value(member(found, "what_if", "deadline_ms"))));
    if (strcmp(number_then, number_now) != 0)
        printf("  there %s", number_now);
    putchar('\n');
}

static void print_cases(const json_t *root, const struct zone *zone)
{
    size_t i;
    json_t *row, *cases = json_object_get(root, "cases");
    long long differing = number(root, "cases_differing");
    printf("cases  %lld differ in whether they are in time\n", differing);
    json_array_foreach(json_object_get(root, "timings"), i, row)
        printf("  %lld: %s → %s\n", number(row, "cases"), json_string_value(json_object_get(row, "recorded")),
               json_string_value(json_object_get(row, "what_if")));
    json_array_foreach(cases, i, row) print_case(row, zone);
    if (differing > (long long)json_array_size(cases))
        printf("  and %lld more: --limit N shows them\n", differing - (long long)json_array_size(cases));
}

void whatif_print(const json_t *root, const struct zone *zone)
{
    const json_t *days = json_object_get(root, "days");
    printf("from %s to %s\n", json_string_value(json_object_get(days, "from")),
           json_string_value(json_object_get(days, "to")));
    print_inputs(json_object_get(root, "inputs"));
    print_indicators(json_object_get(root, "indicators"));
    print_departments(json_object_get(root, "departments"));
    print_cases(root, zone);
}
