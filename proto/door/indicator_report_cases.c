#include <string.h>

#include "proto/door/indicator_report.h"
#include "proto/store/indicator_cases.h"

struct finding {
    const struct book *book;
    const struct report_cases *cases;
    int (*visit)(void *context, const struct report_case *found);
    void *context;
};

static bool has_name(void *context, const char *name)
{
    const struct finding *finding = context;
    const char *key = finding->cases->key;
    const struct book_department *department;
    const struct book_area *area, *outer;
    switch (finding->cases->by) {
    case REPORT_BY_ALL:
        return true;
    case REPORT_BY_TIER:
        department = book_department(finding->book, name);
        return strcmp(enum_name(&tier_desc, department ? (int)department->tier : TIER_NONE), key) == 0;
    case REPORT_BY_AREA:
        area = book_area(finding->book, name);
        outer = book_area(finding->book, key);
        return area && outer ? book_area_within(area, outer) : strcmp(name, key) == 0;
    default:
        return strcmp(name, key) == 0;
    }
}

static int find_case(void *context, const struct case_file *record, const char *name, int64_t at_ms, uint64_t measures)
{
    const struct finding *finding = context;
    const struct indicator_row *row = &indicators[finding->cases->indicator];
    return finding->visit(finding->context, &(struct report_case){ .record = record,
                                                                   .name = name,
                                                                   .at_ms = at_ms,
                                                                   .is_part = measures & MEASURE_BIT(row->part) });
}

int report_visit_cases(struct txn *txn, const struct book *book, struct report_cases *cases, struct arena *arena,
                       int (*visit)(void *context, const struct report_case *found), void *context, struct fault *fault)
{
    const struct indicator_row *row = &indicators[cases->indicator];
    struct finding finding = { book, cases, visit, context };
    struct indicator_cases behind = {
        .with = MEASURE_BIT(row->of) | (cases->part == REPORT_PART_PART ? MEASURE_BIT(row->part) : 0),
        .without = cases->part == REPORT_PART_REST ? MEASURE_BIT(row->part) : 0,
        .dimension = report_dimension(cases->by),
        .has = has_name,
        .context = &finding,
        .after_order = cases->after_order,
        .after_id = cases->after_id,
        .look_at = cases->look_at,
    };
    strcpy(behind.from_day, cases->days.from);
    strcpy(behind.to_day, cases->days.to);
    int result = indicator_visit_cases(txn, &behind, arena, find_case, &finding, fault);
    cases->after_order = behind.after_order;
    cases->after_id = behind.after_id;
    cases->more = behind.more;
    return result;
}
