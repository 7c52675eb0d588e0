/* Stage limits, wherever a book says them: `stages` of district.yaml, `limits` of services.yaml and departments.yaml. Inside proto/book
 * only.
 *
 *   accept: 10 clock_minute      # desk: from the report (kinds of clocks: proto/record/case.h)
 *   check: none                  # no clock, although a farther place sets one
 *   calendar: china              # for those in working time; left out: the book's first
 *   community:                   # the same keys, where a department of this tier has the case
 *     receive: 2 working_hour
 */
#pragma once

#include "proto/book/loader.h"

/* X(key, clock, has_department): whether a department has the case when the clock begins, so that it and its tier can have limits. The
 * dispose clock is the filing condition's; that of a suspension ends on its own day. */
#define STAGES(X) \
    X(verify, VERIFY, false) \
    X(accept, ACCEPT, false) \
    X(dispatch, DISPATCH, false) \
    X(receive, RECEIVE, true) \
    X(take, TAKE, true) \
    X(respond, RESPOND, true) \
    X(tier, TIER, true) \
    X(supervise, SUPERVISE, true) \
    X(check, CHECK, true) \
    X(close, CLOSE, true) \
    X(answer, ANSWER, false)

/* What libcyaml makes of it: looked at no further, as its values are read when the calendars are there. */
struct raw_stage_texts {
    char *calendar;
#define STAGE_MEMBER(key, clock, has_department) char *key;
    STAGES(STAGE_MEMBER)
#undef STAGE_MEMBER
};
struct raw_stages {
    struct raw_stage_texts any;
    struct raw_stage_texts *district, *street, *community, *grid;
};

extern const cyaml_schema_field_t stages_fields[];      /* of struct raw_stages */
extern const cyaml_schema_field_t stage_texts_fields[]; /* of struct raw_stage_texts: without tiers */

/* Reads the mapping at the spot: the limits of each tier, by TIER_…; those of TIER_NONE hold for all. `of_department`: it says the limits of
 * one department. */
const struct book_stages *stages_take(struct loader *loader, struct spot spot, bool of_department);
