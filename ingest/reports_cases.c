/* Our own cases, as who hands them on sees them. */
#include <stdlib.h>

#include "ingest/reports_inside.h"

struct visiting {
    struct reports *reports;
    struct txn *txn;
    int (*visit)(void *context, const struct case_file *record);
    void *context;
    struct fault *fault;
};

static int visit_one(void *context, int64_t order, int64_t id)
{
    struct visiting *visiting = context;
    struct case_file record;
    (void)order;
    arena_reset(&visiting->reports->case_scratch);
    int result = case_get(visiting->txn, id, &visiting->reports->case_scratch, &record, visiting->fault);
    return result ? result : visiting->visit(visiting->context, &record);
}

int reports_visit_department(struct reports *reports, const char *department,
                             int (*visit)(void *context, const struct case_file *record), void *context,
                             struct fault *fault)
{
    int result = reports_open_cases(reports, fault);
    if (result)
        return result;
    struct visiting visiting = { reports, txn_begin_read(reports->cases), visit, context, fault };
    arena_reset(&reports->scratch);
    const char *name = arena_format(&reports->scratch, "dept/%s", department);
    result = index_visit(visiting.txn, name, 0, 0, false, visit_one, &visiting);
    if (!result)
        result = txn_error(visiting.txn, fault);
    txn_abort(visiting.txn);
    return result;
}

int reports_case(struct reports *reports, int64_t id, struct arena *arena, struct case_file *record,
                 struct fault *fault)
{
    int result = reports_open_cases(reports, fault);
    if (result)
        return result;
    struct txn *txn = txn_begin_read(reports->cases);
    result = case_get(txn, id, arena, record, fault);
    txn_abort(txn);
    return result;
}
