#include "proto/door/indicator_report.h"

static json_t *measures_json(const int64_t *counts)
{
    json_t *object = json_object();
    for (int measure = 0; measure < MEASURE_COUNT; measure++)
        if (counts[measure])
            json_object_set_new(object, enum_name(&measure_desc, measure), json_integer(counts[measure]));
    return object;
}

static json_t *rates_json(const int64_t *counts)
{
    json_t *object = json_object();
    for (int i = 0; i < INDICATOR_COUNT; i++) {
        int64_t part = counts[indicators[i].part], of = counts[indicators[i].of];
        const char *grade = enum_name(&grade_desc, (int)indicator_grade((enum indicator)i, part, of));
        if (of)
            json_object_set_new(
                object, enum_name(&indicator_desc, i),
                json_pack("{sI sI ss}", "part", (json_int_t)part, "of", (json_int_t)of, "grade", grade));
    }
    return object;
}

static json_t *group_json(const struct report_group *group)
{
    return json_pack("{ss ss ss ss s{ss ss} so so}", "period", group->period, "from", group->days.from, "to",
                     group->days.to, "key", group->key, "name", "zh", group->zh, "en", group->en, "measures",
                     measures_json(group->counts), "indicators", rates_json(group->counts));
}

json_t *report_json(const struct report_question *question, const struct report *report)
{
    json_t *groups = json_array();
    for (size_t i = 0; i < report->count; i++)
        json_array_append_new(groups, group_json(&report->groups[i]));
    return json_pack("{ss ss ss ss so}", "by", enum_name(&report_by_desc, (int)question->by), "period",
                     enum_name(&period_desc, (int)question->period), "from", question->days.from, "to",
                     question->days.to, "groups", groups);
}

json_t *report_indicators_json(void)
{
    json_t *list = json_array();
    for (int i = 0; i < INDICATOR_COUNT; i++) {
        const struct indicator_row *row = &indicators[i];
        json_array_append_new(list, json_pack("{ss ss ss ss si si}", "name", enum_name(&indicator_desc, i), "part",
                                              enum_name(&measure_desc, (int)row->part), "of",
                                              enum_name(&measure_desc, (int)row->of), "better",
                                              row->more_is_better ? "more" : "less", "green", row->green, "yellow",
                                              row->yellow));
    }
    return list;
}
