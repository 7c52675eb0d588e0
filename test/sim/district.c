#include "test/sim/district.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "test/sim/chance.h"

enum { STREETS = 2, COMMUNITIES = 4, GRIDS = 8, OPERATORS = 3, LEADERS = 2, WORKERS = 5, CALENDAR_DAYS = 30 };

/* Zones and a day in or near their week that is worth a visit: a change of the clocks by an hour, by half of one, at midnight, none. */
static const struct {
    const char *zone;
    struct civil_date days[4];
} places[] = {
    { "Asia/Shanghai", { { 2026, 1, 1 }, { 2026, 2, 12 }, { 2026, 9, 18 }, { 2026, 9, 30 } } },
    { "Asia/Shanghai", { { 2026, 3, 2 }, { 2026, 12, 28 }, { 2026, 5, 1 }, { 2026, 6, 8 } } },
    { "America/New_York", { { 2026, 3, 5 }, { 2026, 10, 29 }, { 2026, 7, 1 }, { 2026, 11, 24 } } },
    { "Europe/Berlin", { { 2026, 3, 26 }, { 2026, 10, 22 }, { 2026, 12, 22 }, { 2026, 4, 2 } } },
    { "Australia/Lord_Howe", { { 2026, 4, 2 }, { 2026, 10, 1 }, { 2026, 1, 24 }, { 2026, 6, 5 } } },
    { "America/Asuncion", { { 2024, 3, 21 }, { 2024, 10, 3 }, { 2023, 9, 28 }, { 2023, 3, 23 } } },
    { "America/St_Johns", { { 2026, 3, 6 }, { 2026, 10, 30 }, { 2026, 2, 2 }, { 2026, 8, 1 } } },
    { "Africa/Casablanca", { { 2026, 2, 12 }, { 2026, 3, 20 }, { 2026, 5, 4 }, { 2026, 11, 2 } } },
};

static const char *const shanghai = "Asia/Shanghai";

static int pick(struct dice *dice, int sides)
{
    return (int)dice_roll(dice, (uint64_t)sides);
}

/* ---- calendars ---- */

static void invent_periods(struct timetable *table, struct dice *dice)
{
    static const struct {
        int count;
        struct span periods[3];
    } offices[] = {
        { 2, { { 480, 720 }, { 840, 1080 } } },
        { 1, { { 360, 1320 } } },
        { 3, { { 450, 690 }, { 780, 990 }, { 1020, 1110 } } },
        { 2, { { 0, 150 }, { 600, 1440 } } },
        { 1, { { 540, 1020 } } },
        { 1, { { 0, 1440 } } },
    };
    int office = pick(dice, sizeof offices / sizeof *offices);
    table->period_count = offices[office].count;
    memcpy(table->periods, offices[office].periods, sizeof table->periods);
}

static bool is_free(const struct timetable *table, int64_t day)
{
    bool holiday = false;
    for (int i = 0; i < table->holiday_count; i++)
        holiday |= day >= table->holidays[i].from && day <= table->holidays[i].to;
    return holiday || table->weekend >> civil_weekday(day) & 1;
}

/* Make-up days are given to days that would be free, in one order and each once. */
static void invent_days(struct timetable *table, int64_t first_day, struct dice *dice)
{
    static const unsigned weekends[] = { 1 << 5 | 1 << 6, 1 << 5 | 1 << 6, 1 << 6, 1 << 4 | 1 << 5, 0 };
    table->weekend = weekends[pick(dice, sizeof weekends / sizeof *weekends)];
    table->holiday_count = pick(dice, 4);
    for (int i = 0; i < table->holiday_count; i++) {
        table->holidays[i].from = first_day + between(dice, -2, CALENDAR_DAYS);
        table->holidays[i].to = table->holidays[i].from + pick(dice, 5);
    }
    table->make_up_count = 0;
    for (int64_t day = first_day; day < first_day + CALENDAR_DAYS && table->make_up_count < 3; day++)
        if (is_free(table, day) && chance(dice, 200))
            table->make_up[table->make_up_count++] = day;
}

static void invent_table(struct timetable *table, int number, const char *zone, int64_t first_day, struct dice *dice)
{
    snprintf(table->code, sizeof table->code, "cal%d", number);
    table->zone = zone;
    invent_periods(table, dice);
    invent_days(table, first_day, dice);
    table->next_open = chance(dice, 500);
    table->opens_first = chance(dice, 500);
    table->until_close = chance(dice, 300);
    table->cut_off = table->cut_off_becomes = -1;
    if (chance(dice, 400)) {
        table->cut_off = 15 * (int)between(dice, 60, 95);
        table->cut_off_becomes = 15 * (int)between(dice, 24, 44);
    }
}

/* ---- limits ---- */

struct limit_range {
    enum limit_unit unit;
    int low, high;
};

static struct limit_plan limit_in(struct dice *dice, const struct limit_range *ranges, int count)
{
    int kind = pick(dice, count);
    return (struct limit_plan){ .unit = ranges[kind].unit,
                                .amount = between(dice, ranges[kind].low, ranges[kind].high),
                                .table = pick(dice, DISTRICT_TABLES) };
}

static struct limit_plan short_limit(struct dice *dice)
{
    static const struct limit_range ranges[] = { { UNIT_CLOCK_MINUTE, 5, 120 },
                                                 { UNIT_CLOCK_MINUTE, 60, 300 },
                                                 { UNIT_WORKING_HOUR, 1, 4 },
                                                 { UNIT_CLOCK_HOUR, 1, 6 } };
    return limit_in(dice, ranges, 4);
}

static struct limit_plan long_limit(struct dice *dice)
{
    static const struct limit_range ranges[] = { { UNIT_CLOCK_HOUR, 1, 30 },
                                                 { UNIT_WORKING_HOUR, 1, 20 },
                                                 { UNIT_WORKING_DAY, 1, 5 },
                                                 { UNIT_CALENDAR_DAY, 1, 3 } };
    return limit_in(dice, ranges, 4);
}

/* One calendar a place: the file says it once. */
static void invent_limit(struct limit_plan *limits, enum clock_kind kind, int table, unsigned per_mille,
                         struct dice *dice)
{
    limits[kind] = (struct limit_plan){ 0 };
    if (!chance(dice, per_mille))
        return;
    limits[kind] = short_limit(dice);
    limits[kind].table = table;
    limits[kind].none = per_mille < 1000 && chance(dice, 100);
}

/* per_mille 1000: as often as the district sets one; else that often. */
static void invent_stages(struct limit_plan *limits, unsigned per_mille, bool of_department, struct dice *dice)
{
    int table = pick(dice, DISTRICT_TABLES);
#define INVENT_STAGE(name, text, has_department, often) \
    if (!of_department || has_department) \
        invent_limit(limits, CLOCK_##name, table, per_mille == 1000 ? often : per_mille, dice);
    DISTRICT_STAGES(INVENT_STAGE)
#undef INVENT_STAGE
}

static void invent_warnings(struct district *district, struct dice *dice)
{
    static const int counts[] = { 0, 0, 0, 1, 1, 1, 1, 1, 2, DISTRICT_WARNINGS };
    district->warn_count = counts[pick(dice, sizeof counts / sizeof *counts)];
    for (int i = 0; i < district->warn_count; i++)
        district->warn_percents[i] = 33 * i + (int)between(dice, 5, 32);
}

/* The steps of one clock come one after the other. */
static void invent_escalations(struct district *district, struct dice *dice)
{
    static const enum clock_kind kinds[] = { CLOCK_VERIFY,  CLOCK_ACCEPT,  CLOCK_RECEIVE,   CLOCK_TAKE,
                                             CLOCK_RESPOND, CLOCK_DISPOSE, CLOCK_SUPERVISE, CLOCK_CHECK };
    district->escalation_count = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct limit_plan after = short_limit(dice);
        bool has_department = kinds[i] != CLOCK_VERIFY && kinds[i] != CLOCK_ACCEPT;
        for (int step = pick(dice, 3); step > 0 && district->escalation_count < DISTRICT_ESCALATIONS; step--) {
            const char *const tos[] = { "leader", "desk", "department", "next_tier" };
            district->escalations[district->escalation_count++] =
                (struct escalation_plan){ kinds[i], after, tos[pick(dice, has_department ? 4 : 2)] };
            after.amount += between(dice, 0, 3);
        }
    }
}

static void invent_numbers(struct district *district, struct dice *dice)
{
    district->extensions = (int)between(dice, 0, 2);
    district->suspension_days = (int)between(dice, 1, 10);
    district->reopen_days = (int)between(dice, 1, 4);
    district->offer_to = (int)between(dice, 1, 4);
    district->position_minutes = (int)between(dice, 30, 300);
    district->load_m = 250 * (int)between(dice, 0, 4);
}

/* ---- services, departments, areas, people, rules ---- */

static void invent_condition(struct condition_plan *condition, int number, struct dice *dice)
{
    snprintf(condition->code, sizeof condition->code, "k%d", number);
    condition->link_count = chance(dice, 200) ? (int)between(dice, 2, DISTRICT_LINKS) : 1;
    condition->links[0] = long_limit(dice);
    for (int i = 1; i < condition->link_count; i++) { /* one calendar for the chain */
        condition->links[i] = long_limit(dice);
        condition->links[i].table = condition->links[0].table;
    }
    condition->department = chance(dice, 150) ? pick(dice, DISTRICT_DEPARTMENTS) : -1;
    condition->priority = chance(dice, 300) ? (int)between(dice, 1, 5) : 0;
}

static void invent_service(struct service_plan *service, int number, struct dice *dice)
{
    snprintf(service->code, sizeof service->code, "%02d01", number + 1);
    service->priority = (int)between(dice, 1, 5);
    service->auto_accept = chance(dice, 500);
    service->auto_dispatch = chance(dice, 500);
    service->auto_check = chance(dice, 250);
    service->limit_from_report = chance(dice, 300);
    service->verify = chance(dice, 200);
    service->check_task = chance(dice, 250);
    service->merge_radius_m = chance(dice, 400) ? (int)between(dice, 20, 300) : 0;
    service->merge_hours = (int)between(dice, 1, 48);
    service->merge_raise_at = chance(dice, 500) ? (int)between(dice, 2, 6) : 0;
    invent_stages(service->limits, 100, false, dice);
    service->condition_count = (int)between(dice, 1, DISTRICT_CONDITIONS);
    for (int i = 0; i < service->condition_count; i++)
        invent_condition(&service->conditions[i], i, dice);
}

/* The last ones are stations of communities, who hand up what is beyond them. */
static void invent_departments(struct district *district, struct dice *dice)
{
    static const char *const assignments[] = { "liaison", "assign", "offer", "broadcast" };
    for (int i = 0; i < DISTRICT_DEPARTMENTS; i++) {
        struct department_plan *department = &district->departments[i];
        bool station = i >= DISTRICT_STATION;
        snprintf(department->code, sizeof department->code, "d%d", i);
        department->tier = station ? "community" : "district";
        department->assignment = assignments[i < 2 ? i : pick(dice, 4)];
        department->worker_reports = station || chance(dice, 500);
        department->hand_up_to = station && chance(dice, 700) ? pick(dice, DISTRICT_STATION) : -1;
        invent_stages(department->limits, 200, true, dice);
        if (station && chance(dice, 700)) {
            department->limits[CLOCK_TIER] = short_limit(dice);
            department->limits[CLOCK_TIER].table = department->limits[CLOCK_RECEIVE].table;
            for (enum clock_kind kind = CLOCK_NONE; kind < CLOCK_KIND_COUNT; kind++)
                if (department->limits[kind].unit != UNIT_NONE)
                    department->limits[CLOCK_TIER].table = department->limits[kind].table;
        }
    }
}

static void add_area(struct district *district, const char *tier, const char *letter, int number, int parent)
{
    struct area_plan *area = &district->areas[district->area_count++];
    *area = (struct area_plan){ .tier = tier, .parent = parent, .department = -1 };
    snprintf(area->code, sizeof area->code, "%s%d", letter, number);
}

/* A district, streets, communities, grids: each list behind the one that it hangs on. */
static void invent_areas(struct district *district, struct dice *dice)
{
    add_area(district, "district", "town", 0, -1);
    for (int i = 0; i < STREETS; i++)
        add_area(district, "street", "s", i, 0);
    for (int i = 0; i < COMMUNITIES; i++) {
        add_area(district, "community", "c", i, 1 + i % STREETS);
        if (chance(dice, 600))
            district->areas[district->area_count - 1].department = DISTRICT_DEPARTMENTS - 1 - i % 2;
    }
    for (int i = 0; i < GRIDS; i++)
        add_area(district, "grid", "g", i, 1 + STREETS + i % COMMUNITIES);
}

static void add_person(struct district *district, const char *letter, enum role role, int department, int area,
                       int shift)
{
    struct person_plan *person = &district->people[district->person_count];
    *person = (struct person_plan){ .role = role, .department = department, .area = area, .shift = shift };
    snprintf(person->id, sizeof person->id, "%s-%02d", letter, ++district->person_count);
}

static void invent_people(struct district *district, struct dice *dice)
{
    static const struct shift_plan shifts[DISTRICT_SHIFTS] = {
        { "day", 420, 1140, -1 }, { "night", 1140, 420, -1 }, { "late", 840, 60, -1 }, { "office", 480, 1080, 0 }
    };
    memcpy(district->shifts, shifts, sizeof shifts);
    for (int i = 0; i < OPERATORS; i++)
        add_person(district, "o", ROLE_OPERATOR, -1, -1, -1);
    for (int i = 0; i < LEADERS; i++)
        add_person(district, "v", ROLE_LEADER, -1, -1, -1);
    for (int i = 0; i < DISTRICT_DEPARTMENTS; i++)
        add_person(district, "l", ROLE_LIAISON, i, -1, chance(dice, 400) ? DISTRICT_SHIFTS - 1 : -1);
    for (int i = 0; i < DISTRICT_DEPARTMENTS * WORKERS; i++) {
        int area = chance(dice, 300) ? -1 : (int)between(dice, 1, district->area_count - 1);
        int shift = i < DISTRICT_DEPARTMENTS ? -1 : (int)between(dice, -1, DISTRICT_SHIFTS - 1);
        /* somebody of every department is always there, so that everything can come to rest */
        add_person(district, "w", ROLE_WORKER, i % DISTRICT_DEPARTMENTS, i < DISTRICT_DEPARTMENTS ? -1 : area, shift);
    }
}

static void invent_rules(struct district *district, struct dice *dice)
{
    for (int service = 0; service < DISTRICT_SERVICES - 1; service++) { /* the last one waits for triage */
        int department = pick(dice, DISTRICT_STATION);
        if (chance(dice, 300) && district->rule_count < DISTRICT_RULES - DISTRICT_SERVICES)
            district->rules[district->rule_count++] =
                (struct rule_plan){ service, chance(dice, 300) ? 3 + pick(dice, COMMUNITIES) : -1, -1, -1 };
        district->rules[district->rule_count++] =
            (struct rule_plan){ service, -1, chance(dice, 100) ? pick(dice, DISTRICT_TABLES) : -1, department };
    }
}

void district_invent(struct district *district, uint64_t seed, int64_t days)
{
    struct dice dice = chance_begin(seed, 1);
    int place = pick(&dice, sizeof places / sizeof *places);
    *district = (struct district){ .zone = places[place].zone };
    district->first_day = civil_to_days(places[place].days[pick(&dice, 4)]) - (days < 4 ? 0 : between(&dice, 0, 2));
    for (int i = 0; i < DISTRICT_TABLES; i++)
        invent_table(&district->tables[i], i, i == 2 && chance(&dice, 300) ? shanghai : district->zone,
                     district->first_day, &dice);
    invent_departments(district, &dice);
    for (int i = 0; i < DISTRICT_SERVICES; i++)
        invent_service(&district->services[i], i, &dice);
    invent_areas(district, &dice);
    invent_people(district, &dice);
    invent_rules(district, &dice);
    invent_stages(district->stages, 1000, false, &dice);
    invent_warnings(district, &dice);
    invent_escalations(district, &dice);
    invent_numbers(district, &dice);
}

void district_change(struct district *district, struct dice *dice)
{
    invent_warnings(district, dice);
    invent_escalations(district, dice);
    invent_numbers(district, dice);
    for (int i = 0; i < DISTRICT_TABLES; i++)
        invent_table(&district->tables[i], i, district->tables[i].zone, district->first_day, dice);
    for (int i = 0; i < DISTRICT_SERVICES; i++)
        if (chance(dice, 600))
            invent_service(&district->services[i], i, dice);
    invent_stages(district->stages, 1000, false, dice);
}

/* ---- look-up ---- */

static bool is_said(const struct limit_plan *limit)
{
    return limit->unit != UNIT_NONE || limit->none;
}

const struct limit_plan *district_limit(const struct district *district, int service, int condition, int department,
                                        enum clock_kind kind, int64_t link)
{
    static const struct limit_plan nothing = { 0 };
    const struct limit_plan *limit = &district->stages[kind];
    if (kind == CLOCK_DISPOSE) {
        const struct condition_plan *filed = service < 0 ? NULL : &district->services[service].conditions[condition];
        return !filed ? &nothing : &filed->links[link < filed->link_count ? link : 0];
    }
    if (service >= 0 && is_said(&district->services[service].limits[kind]))
        limit = &district->services[service].limits[kind];
    else if (department >= 0 && is_said(&district->departments[department].limits[kind]))
        limit = &district->departments[department].limits[kind];
    return limit->none ? &nothing : limit;
}

int district_department(const struct district *district, const char *code)
{
    for (int i = 0; i < DISTRICT_DEPARTMENTS; i++)
        if (strcmp(district->departments[i].code, code) == 0)
            return i;
    return -1;
}

int district_service(const struct district *district, const char *code)
{
    for (int i = 0; i < DISTRICT_SERVICES; i++)
        if (strcmp(district->services[i].code, code) == 0)
            return i;
    return -1;
}

int district_condition(const struct district *district, int service, const char *code)
{
    for (int i = 0; service >= 0 && i < district->services[service].condition_count; i++)
        if (strcmp(district->services[service].conditions[i].code, code) == 0)
            return i;
    return 0;
}

int district_person(const struct district *district, const char *id)
{
    for (int i = 0; i < district->person_count; i++)
        if (strcmp(district->people[i].id, id) == 0)
            return i;
    return -1;
}

const struct timetable *district_table(const struct district *district, const char *code)
{
    for (int i = 0; i < DISTRICT_TABLES; i++)
        if (strcmp(district->tables[i].code, code) == 0)
            return &district->tables[i];
    return NULL;
}
