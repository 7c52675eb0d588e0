#include "proto/door/indicator_report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/store/tally.h"

ENUM_DEFINE(report_by, REPORT_BYS)
ENUM_DEFINE(report_part, REPORT_PARTS)

/* ---- what is asked ---- */

int report_take(const struct enum_desc *desc, const char *what, const char *text, int *value, struct fault *fault)
{
    if (!text || !*text)
        return 0;
    int found = enum_value(desc, text);
    if (found >= 0) {
        *value = found;
        return 0;
    }
    struct buffer names = { 0 };
    for (size_t i = 0; i < desc->count; i++)
        buffer_format(&names, "%s%s", i ? ", " : "", desc->names[i]);
    fault_set(fault, -EINVAL, "%s: '%s' is none of %s", what, text, buffer_string(&names));
    buffer_finish(&names);
    return -EINVAL;
}

int report_parse(const char *by, const char *period, const char *from, const char *to, struct report_question *question,
                 struct fault *fault)
{
    int by_value = (int)question->by, period_value = (int)question->period;
    int result = report_take(&report_by_desc, "by", by, &by_value, fault);
    if (!result)
        result = report_take(&period_desc, "period", period, &period_value, fault);
    if (!result)
        result = days_parse(from, to, &question->days, fault);
    question->by = (enum report_by)by_value;
    question->period = (enum period)period_value;
    return result;
}

/* ---- groups ---- */

/* Behind the measures: a day of the group's period. */
enum { DAY_SLOT = MEASURE_COUNT, WIDTH };

struct reading {
    const struct book *book;
    const struct report_question *question;
    struct tally groups; /* PERIOD/KEY */
    struct fault *fault;
};

enum dimension report_dimension(enum report_by by)
{
    static const enum dimension dimensions[] = {
        [REPORT_BY_ALL] = DIMENSION_ALL,         [REPORT_BY_DEPARTMENT] = DIMENSION_DEPARTMENT,
        [REPORT_BY_SERVICE] = DIMENSION_SERVICE, [REPORT_BY_WORKER] = DIMENSION_WORKER,
        [REPORT_BY_SOURCE] = DIMENSION_SOURCE,   [REPORT_BY_TIER] = DIMENSION_DEPARTMENT,
        [REPORT_BY_AREA] = DIMENSION_AREA,
    };
    return dimensions[by];
}

static const char *tier_of(const struct book *book, const char *code)
{
    const struct book_department *department = book_department(book, code);
    return enum_name(&tier_desc, department ? (int)department->tier : TIER_NONE);
}

static int add_to(struct reading *reading, const char *day, const char *key, const struct indicator_counts *counts)
{
    char period[PERIOD_TEXT], name[PERIOD_TEXT + CASE_INDEX_NAME];
    struct civil_date date;
    period_name(period, reading->question->period, day);
    snprintf(name, sizeof name, "%s/%s", period, key);
    int64_t *sums = tally_sums(&reading->groups, name);
    for (int measure = 0; measure < MEASURE_COUNT; measure++)
        sums[measure] += counts->of[measure];
    if (!sums[DAY_SLOT] && civil_date_parse(day, &date) == 0)
        sums[DAY_SLOT] = civil_to_days(date);
    const int64_t max = reading->question->groups_max ? reading->question->groups_max : REPORT_GROUPS_MAX;
    return (int64_t)reading->groups.count <= max
               ? 0
               : fault_set(reading->fault, -E2BIG,
                           "these would be more than %lld rows: ask for longer periods or fewer days", (long long)max);
}

static int add_row(void *context, const char *day, const char *name, const struct indicator_counts *counts)
{
    struct reading *reading = context;
    if (reading->question->by == REPORT_BY_TIER)
        return add_to(reading, day, tier_of(reading->book, name), counts);
    const struct book_area *area = reading->question->by == REPORT_BY_AREA ? book_area(reading->book, name) : NULL;
    int result = add_to(reading, day, name, counts);
    while (!result && area && (area = area->parent))
        result = add_to(reading, day, area->code, counts);
    return result;
}

/* ---- names and order ---- */

static void call(struct report_group *group, const struct book_text *name, ptrdiff_t place)
{
    group->zh = name->zh;
    group->en = name->en;
    group->rank = place;
}

static void call_tier(struct report_group *group)
{
    int tier = enum_value(&tier_desc, group->key);
    if (tier > TIER_NONE)
        group->rank = tier;
}

static void call_person(const struct book *book, struct report_group *group)
{
    const struct book_person *person = book_person(book, group->key);
    if (person)
        call(group, &(struct book_text){ person->name, person->name }, person - book->people);
}

/* As the book has it; what it does not know comes last, by its code. */
static void look_up(const struct book *book, enum report_by by, struct report_group *group)
{
    const struct book_department *department = by == REPORT_BY_DEPARTMENT ? book_department(book, group->key) : NULL;
    const struct book_service *service = by == REPORT_BY_SERVICE ? book_service(book, group->key) : NULL;
    const struct book_area *area = by == REPORT_BY_AREA ? book_area(book, group->key) : NULL;
    group->zh = group->en = group->key;
    group->rank = INT64_MAX;
    if (by == REPORT_BY_ALL)
        call(group, &book->name, 0);
    else if (department)
        call(group, &department->name, department - book->departments);
    else if (service)
        call(group, &service->name, service - book->services);
    else if (area)
        call(group, &area->name, area - book->areas);
    else if (by == REPORT_BY_SOURCE)
        group->rank = enum_value(&event_source_desc, group->key);
    else if (by == REPORT_BY_TIER)
        call_tier(group);
    else if (by == REPORT_BY_WORKER)
        call_person(book, group);
}

static int compare_groups(const void *left, const void *right)
{
    const struct report_group *a = left, *b = right;
    int order = strcmp(a->period, b->period);
    if (order)
        return order;
    return a->rank != b->rank ? a->rank < b->rank ? -1 : 1 : strcmp(a->key, b->key);
}

static void fill_group(const struct reading *reading, const struct tally_entry *entry, struct arena *arena,
                       struct report_group *group)
{
    char day[CASE_DAY_TEXT];
    size_t length = strcspn(entry->name, "/");
    day_text(day, entry->sums[DAY_SLOT]);
    memcpy(group->period, entry->name, length);
    group->days = period_days(reading->question->period, day, &reading->question->days);
    group->key = arena_text(arena, entry->name + length + 1, strlen(entry->name + length + 1));
    int64_t *counts = arena_array(arena, MEASURE_COUNT, sizeof *counts);
    memcpy(counts, entry->sums, MEASURE_COUNT * sizeof *counts);
    group->counts = counts;
    look_up(reading->book, reading->question->by, group);
}

int report_read(struct txn *txn, const struct book *book, const struct report_question *question, struct arena *arena,
                struct report *report, struct fault *fault)
{
    struct reading reading = { .book = book, .question = question, .groups.width = WIDTH, .fault = fault };
    int result =
        indicator_visit(txn, report_dimension(question->by), question->days.from, question->days.to, add_row, &reading);
    *report = (struct report){ .groups = arena_array(arena, reading.groups.count + 1, sizeof *report->groups),
                               .count = reading.groups.count };
    for (size_t i = 0; i < report->count; i++)
        fill_group(&reading, &reading.groups.entries[i], arena, &report->groups[i]);
    qsort(report->groups, report->count, sizeof *report->groups, compare_groups);
    tally_finish(&reading.groups);
    return result == -E2BIG ? result : txn_error(txn, fault);
}
