/* District: an invented one, its book as plain numbers. What the engine gets is the book's YAML, written from here (district_yaml.c); what the
 * checkers compute with is this. So that they share nothing with proto/book but the words of its files.
 */
#pragma once

#include "proto/record/case.h"
#include "test/unit/store/dice.h"

enum {
    DISTRICT_TABLES = 3,
    DISTRICT_DEPARTMENTS = 6,
    DISTRICT_STATION = 4, /* the first of those who serve communities and hand up what is beyond them */
    DISTRICT_SERVICES = 10,
    DISTRICT_CONDITIONS = 3,
    DISTRICT_AREAS = 16,
    DISTRICT_PEOPLE = 48,
    DISTRICT_SHIFTS = 4,
    DISTRICT_RULES = 16,
    DISTRICT_ESCALATIONS = 16,
    DISTRICT_WARNINGS = 3,
    DISTRICT_LINKS = 3,
    DISTRICT_CODE = 8,
};

/* A working calendar. Days are counted from 1970-01-01, minutes from local midnight. */
struct timetable {
    char code[DISTRICT_CODE];
    const char *zone;
    unsigned weekend; /* bit 0 = Monday */
    struct span {
        int from, to;
    } periods[3];
    int period_count;
    struct {
        int64_t from, to;
    } holidays[3];
    int holiday_count;
    int64_t make_up[3];
    int make_up_count;
    bool
        next_open; /* a day that does not work: its reports count from the next one's opening, else from its same time */
    int cut_off, cut_off_becomes; /* -1: none */
    bool opens_first;             /* before opening becomes opening */
    bool until_close;             /* limits in working days end at the close */
};

struct limit_plan {
    enum limit_unit unit; /* UNIT_NONE: not said */
    int64_t amount;
    int table;
    bool none; /* said: no clock */
};

/* X(clock, key, whether a department has the case by then, how often the district sets one, per mille): the stages that have limits. */
#define DISTRICT_STAGES(X) \
    X(VERIFY, "verify", false, 900) \
    X(ACCEPT, "accept", false, 600) \
    X(DISPATCH, "dispatch", false, 500) \
    X(RECEIVE, "receive", true, 600) \
    X(TAKE, "take", true, 500) \
    X(RESPOND, "respond", true, 200) \
    X(TIER, "tier", true, 0) \
    X(SUPERVISE, "supervise", true, 700) \
    X(CHECK, "check", true, 500) \
    X(CLOSE, "close", true, 300) \
    X(ANSWER, "answer", false, 300)

struct department_plan {
    char code[DISTRICT_CODE];
    const char *tier, *assignment;
    bool worker_reports;
    int hand_up_to; /* -1: by the rules */
    struct limit_plan limits[CLOCK_KIND_COUNT];
};

struct condition_plan {
    char code[DISTRICT_CODE];
    struct limit_plan links[DISTRICT_LINKS]; /* a chain of limits, or one */
    int link_count;
    int department; /* -1: by the rules */
    int priority;   /* 0: the service's */
};

struct service_plan {
    char code[DISTRICT_CODE];
    int priority;
    bool auto_accept, auto_dispatch, auto_check, limit_from_report, verify, check_task;
    int merge_radius_m, merge_hours, merge_raise_at; /* radius 0: never */
    struct limit_plan limits[CLOCK_KIND_COUNT];
    struct condition_plan conditions[DISTRICT_CONDITIONS];
    int condition_count;
};

struct area_plan {
    char code[DISTRICT_CODE];
    const char *tier;
    int parent;     /* -1: the district */
    int department; /* -1: none */
};

struct shift_plan {
    char code[DISTRICT_CODE];
    int from, to; /* to < from: over midnight, and belongs to the day on which it begins */
    int table;    /* only on its working days; -1: every day */
};

struct person_plan {
    char id[DISTRICT_CODE];
    enum role role;
    int department; /* -1: the centre */
    int area;       /* workers: -1: all of the district */
    int shift;      /* -1: always */
};

struct rule_plan {
    int service;      /* -1: any */
    int area;         /* -1: any */
    int out_of_hours; /* of that table; -1: at any time */
    int department;   /* -1: the area's */
};

struct escalation_plan {
    enum clock_kind clock;
    struct limit_plan after; /* UNIT_NONE: at once */
    const char *to;
};

struct district {
    const char *zone;
    int64_t first_day; /* of the simulated time */
    int warn_percents[DISTRICT_WARNINGS], warn_count;
    struct escalation_plan escalations[DISTRICT_ESCALATIONS];
    int escalation_count;
    int extensions, suspension_days, reopen_days, offer_to, position_minutes, load_m;
    struct timetable tables[DISTRICT_TABLES];
    struct department_plan departments[DISTRICT_DEPARTMENTS];
    struct service_plan services[DISTRICT_SERVICES];
    struct area_plan areas[DISTRICT_AREAS];
    int area_count;
    struct shift_plan shifts[DISTRICT_SHIFTS];
    struct person_plan people[DISTRICT_PEOPLE];
    int person_count;
    struct rule_plan rules[DISTRICT_RULES];
    int rule_count;
    struct limit_plan stages[CLOCK_KIND_COUNT]; /* of district.yaml */
};

void district_invent(struct district *district, uint64_t seed, int64_t days);
/* The same people and departments under another book: other limits, calendars and switches. */
void district_change(struct district *district, struct dice *dice);
/* Writes the book's files into a folder that is there. */
bool district_write(const struct district *district, const char *folder);

/* The limit that the book sets; UNIT_NONE: no clock. `service`, `condition`, `department` may be -1; `link`: of a chain. */
const struct limit_plan *district_limit(const struct district *district, int service, int condition, int department,
                                        enum clock_kind kind, int64_t link);
/* -1: no such code. */
int district_department(const struct district *district, const char *code);
int district_service(const struct district *district, const char *code);
/* The service's first where it has none such. */
int district_condition(const struct district *district, int service, const char *code);
int district_person(const struct district *district, const char *id);
const struct timetable *district_table(const struct district *district, const char *code);
