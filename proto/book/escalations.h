/* Whom a clock that ran out is taken to, step by step: `escalations` of district.yaml. Inside proto/book only.
 *
 *   - clock: dispose               # kinds of clocks: proto/record/case.h
 *     after: 2 working_hour        # counted from the moment at which it ran out; left out: at once
 *     calendar: china              # of an `after` in working time; left out: the book's first
 *     to: person                   # desk, leader, department (has the case), next_tier (gets it if handed up), person
 *     person: leader-01            # of people.yaml
 *     priority_at_most: 2          # only cases of this priority or a higher one; left out: all
 */
#pragma once

#include "proto/book/loader.h"

/* What libcyaml makes of it: looked at no further, as its values are read when calendars and people are there. */
struct raw_escalation {
    enum clock_kind clock;
    char *after, *calendar, *person;
    enum escalate_to to;
    int64_t *priority_at_most;
};

extern const cyaml_schema_value_t escalation_schema;
