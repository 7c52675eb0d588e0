/* Both sets of indicators, and what each department has to do. */
#include <string.h>

#include "proto/store/case_store.h"
#include "tools/drumctl/whatif.h"

static const int64_t nothing[MEASURE_COUNT];

/* One report of both. */
struct reports {
    struct report then, now;
};

static int read_both(const struct whatif_comparison *comparison, enum report_by by, struct arena *arena,
                     struct reports *reports, struct fault *fault)
{
    const struct report_question question = { .by = by, .period = PERIOD_WHOLE, .days = comparison->days };
    int result = report_read(comparison->then, comparison->book, &question, arena, &reports->then, fault);
    return result ? result : report_read(comparison->now, comparison->book, &question, arena, &reports->now, fault);
}

static const int64_t *counts_of(const struct report *report, const char *key)
{
    for (size_t i = 0; i < report->count; i++)
        if (strcmp(report->groups[i].key, key) == 0)
            return report->groups[i].counts;
    return nothing;
}

/* ---- the district ---- */

static json_t *rate_json(const int64_t *counts, enum indicator indicator)
{
    int64_t part = counts[indicators[indicator].part], of = counts[indicators[indicator].of];
    return json_pack("{sI sI ss}", "part", (json_int_t)part, "of", (json_int_t)of, "grade",
                     enum_name(&grade_desc, (int)indicator_grade(indicator, part, of)));
}

static json_t *indicators_json(const struct reports *reports)
{
    const int64_t *then = counts_of(&reports->then, ""), *now = counts_of(&reports->now, "");
    json_t *rates = json_object();
    for (int i = 0; i < INDICATOR_COUNT; i++)
        if (then[indicators[i].of] || now[indicators[i].of])
            json_object_set_new(rates, enum_name(&indicator_desc, i),
                                json_pack("{so so}", "recorded", rate_json(then, (enum indicator)i), "what_if",
                                          rate_json(now, (enum indicator)i)));
    return rates;
}

/* ---- departments ---- */

/* What falls due there, what of it is late, and what is still to be done in the end. */
static json_t *load_json(struct txn *txn, const struct report *report, const char *key)
{
    const int64_t *counts = counts_of(report, key);
    char open[CASE_INDEX_NAME];
    snprintf(open, sizeof open, "open/dept/%s", key);
    return json_pack("{sI sI sI sI}", "due", (json_int_t)counts[MEASURE_DUE], "overdue",
                     (json_int_t)counts[MEASURE_OVERDUE], "disposed_in_time",
                     (json_int_t)counts[MEASURE_DISPOSED_IN_TIME], "open", (json_int_t)counter_get(txn, open));
}

static void add_department(const struct whatif_comparison *comparison, const struct reports *reports,
                           const struct report_group *group, json_t *list)
{
    if (*group->key)
        json_array_append_new(list,
                              json_pack("{ss s{ss ss} so so}", "key", group->key, "name", "zh", group->zh, "en",
                                        group->en, "recorded", load_json(comparison->then, &reports->then, group->key),
                                        "what_if", load_json(comparison->now, &reports->now, group->key)));
}

/* Those of both in the order of the first, then what only the second has. */
static json_t *departments_json(const struct whatif_comparison *comparison, const struct reports *reports)
{
    json_t *list = json_array();
    for (size_t i = 0; i < reports->then.count; i++)
        add_department(comparison, reports, &reports->then.groups[i], list);
    for (size_t i = 0; i < reports->now.count; i++)
        if (counts_of(&reports->then, reports->now.groups[i].key) == nothing)
            add_department(comparison, reports, &reports->now.groups[i], list);
    return list;
}

int whatif_compare_figures(const struct whatif_comparison *comparison, json_t *root, struct fault *fault)
{
    struct arena arena = { 0 };
    struct reports all = { 0 }, departments = { 0 };
    int result = read_both(comparison, REPORT_BY_ALL, &arena, &all, fault);
    if (!result)
        result = read_both(comparison, REPORT_BY_DEPARTMENT, &arena, &departments, fault);
    if (!result) {
        json_object_set_new(root, "indicators", indicators_json(&all));
        json_object_set_new(root, "departments", departments_json(comparison, &departments));
    }
    arena_finish(&arena);
    return result;
}
