/* The indicators of some days, summed up as they are asked for: by whom and by which period; and the cases behind any of the figures.
 * For drumctl and the centre's door. The figures are those of store/indicator.h; what the book knows is how departments make up a tier and
 * areas one above the other, and what they are called.
 */
#pragma once

#include <jansson.h>

#include "proto/book/book.h"
#include "proto/door/indicator_period.h"
#include "proto/store/indicator_count.h"

#define REPORT_BYS(X) \
    X(REPORT_BY, ALL, "all") /* the district: one group, its key is "" */ \
    X(REPORT_BY, DEPARTMENT, "dept") \
    X(REPORT_BY, SERVICE, "service") \
    X(REPORT_BY, WORKER, "worker") \
    X(REPORT_BY, SOURCE, "source") \
    X(REPORT_BY, TIER, "tier") /* enum tier: the sum of its departments */ \
    X(REPORT_BY, AREA, "area") /* with all areas below it */
ENUM_DECLARE(report_by, REPORT_BYS)

struct report_question {
    enum report_by by;
    enum period period;
    struct days days;
    int64_t groups_max; /* 0: REPORT_GROUPS_MAX */
};
/* The value of a name; NULL or "": it stays as it is. -EINVAL: "what: 'text' is none of …". */
int report_take(const struct enum_desc *desc, const char *what, const char *text, int *value, struct fault *fault);
/* The same for each of these. */
int report_parse(const char *by, const char *period, const char *from, const char *to, struct report_question *question,
                 struct fault *fault);

struct report_group {
    char period[PERIOD_TEXT];
    struct days days;      /* of the period, as far as they are asked for */
    const char *key;       /* code of the department, service …; "": none, or the district */
    const char *zh, *en;   /* as the book calls it; the key where it does not know it */
    const int64_t *counts; /* by enum measure */
    int64_t rank;          /* its place in the book */
};
/* In order of period, then as in the book, then of key; only groups with a case. */
struct report {
    struct report_group *groups;
    size_t count;
};

/* What the counters of store/indicator.h have it by. */
enum dimension report_dimension(enum report_by by);

enum { REPORT_GROUPS_MAX = 20000 };
/* What is read lives in the arena and the book. -E2BIG: more groups than the question allows. */
int report_read(struct txn *txn, const struct book *book, const struct report_question *question, struct arena *arena,
                struct report *report, struct fault *fault);
/* {"by", "period", "from", "to", "groups": [{"period", "from", "to", "key", "name": {"zh", "en"}, "measures": {NAME: n …}, "indicators":
 * {NAME: {"part", "of", "grade"} …}}]}; without measures that are 0, and without indicators that have no case. */
json_t *report_json(const struct report_question *question, const struct report *report);
/* [{"name", "part", "of", "better": "more" | "less", "green", "yellow"} …]: what the indicators are made of. */
json_t *report_indicators_json(void);

/* ---- the cases behind a figure ---- */

#define REPORT_PARTS(X) \
    X(REPORT_PART, WHOLE, "of")  /* all that the rate is of */ \
    X(REPORT_PART, PART, "part") /* those that make its part */ \
    X(REPORT_PART, REST, "rest") /* the others */
ENUM_DECLARE(report_part, REPORT_PARTS)

struct report_cases {
    enum indicator indicator;
    enum report_part part;
    enum report_by by;
    const char *key;
    struct days days;
    int64_t after_order, after_id; /* 0, 0: from the newest on; then where to go on */
    int64_t look_at;               /* see indicator_cases.h */
    bool more;
};
struct report_case {
    const struct case_file *record;
    const char *name; /* of the department, worker or area that it counts under */
    int64_t at_ms;    /* when it counts, see store/indicator.h */
    bool is_part;
};
/* As indicator_visit_cases(): so many calls as the group's figure says. */
int report_visit_cases(struct txn *txn, const struct book *book, struct report_cases *cases, struct arena *arena,
                       int (*visit)(void *context, const struct report_case *found), void *context,
                       struct fault *fault);
