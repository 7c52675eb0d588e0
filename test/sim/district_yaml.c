/* The book of an invented district, as its YAML files. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "test/sim/district.h"

static void write_minute(FILE *file, const char *key, int minute)
{
    fprintf(file, "%s: \"%02d:%02d\"", key, minute / 60, minute % 60);
}

static void write_day(FILE *file, int64_t day)
{
    struct civil_date date = civil_from_days(day);
    fprintf(file, "%04d-%02d-%02d", date.year, date.month, date.day);
}

static const char *unit_text(enum limit_unit unit)
{
    return enum_name(&limit_unit_desc, (int)unit);
}

/* ---- calendars.yaml ---- */

static void write_weekend(FILE *file, unsigned weekend)
{
    static const char *const names[] = { "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday" };
    const char *before = "    weekend: [";
    for (int i = 0; i < 7; i++)
        if (weekend >> i & 1) {
            fprintf(file, "%s%s", before, names[i]);
            before = ", ";
        }
    if (weekend)
        fputs("]\n", file);
}

static void write_days(FILE *file, const struct timetable *table)
{
    if (table->holiday_count)
        fputs("    holidays:\n", file);
    for (int i = 0; i < table->holiday_count; i++) {
        fputs("      - {from: ", file);
        write_day(file, table->holidays[i].from);
        fputs(", to: ", file);
        write_day(file, table->holidays[i].to);
        fputs("}\n", file);
    }
    if (table->make_up_count)
        fputs("    make_up:\n", file);
    for (int i = 0; i < table->make_up_count; i++) {
        fputs("      - ", file);
        write_day(file, table->make_up[i]);
        fputs("\n", file);
    }
}

static void write_start(FILE *file, const struct timetable *table)
{
    fprintf(file, "    start:\n      non_working_day: %s\n      before_open: %s\n      day_end: %s\n",
            table->next_open ? "next_open" : "next_same_time", table->opens_first ? "open" : "keep",
            table->until_close ? "close" : "same_time");
    if (table->cut_off < 0)
        return;
    fputs("      ", file);
    write_minute(file, "cut_off", table->cut_off);
    fputs("\n      ", file);
    write_minute(file, "cut_off_becomes", table->cut_off_becomes);
    fputs("\n", file);
}

static void write_calendars(FILE *file, const struct district *district)
{
    fputs("calendars:\n", file);
    for (int i = 0; i < DISTRICT_TABLES; i++) {
        const struct timetable *table = &district->tables[i];
        fprintf(file, "  - code: %s\n    time_zone: %s\n", table->code, table->zone);
        write_weekend(file, table->weekend);
        fputs("    periods:\n", file);
        for (int j = 0; j < table->period_count; j++) {
            fputs("      - {", file);
            write_minute(file, "from", table->periods[j].from);
            fputs(", ", file);
            write_minute(file, "to", table->periods[j].to);
            fputs("}\n", file);
        }
        write_days(file, table);
        write_start(file, table);
    }
}

/* ---- limits ---- */

/* As a flow mapping: {calendar: cal0, accept: 10 clock_minute}; nothing where nothing is said. */
static void write_limits(FILE *file, const char *before, const struct district *district,
                         const struct limit_plan *limits, const char *after)
{
    static const struct {
        enum clock_kind kind;
        const char *key;
    } stages[] = {
#define STAGE_ROW(name, text, has_department, often) { CLOCK_##name, text },
        DISTRICT_STAGES(STAGE_ROW)
    };
    bool any = false;
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        const struct limit_plan *limit = &limits[stages[i].kind];
        if (limit->unit == UNIT_NONE)
            continue;
        if (!any)
            fprintf(file, "%s{calendar: %s", before, district->tables[limit->table].code);
        if (limit->none)
            fprintf(file, ", %s: none", stages[i].key);
        else
            fprintf(file, ", %s: %d %s", stages[i].key, (int)limit->amount, unit_text(limit->unit));
        any = true;
    }
    if (any)
        fprintf(file, "}%s", after);
}

/* ---- the other files ---- */

static void write_escalation(FILE *file, const struct district *district, const struct escalation_plan *escalation)
{
    fprintf(file, "  - {clock: %s, to: %s", enum_name(&clock_kind_desc, (int)escalation->clock), escalation->to);
    if (escalation->after.unit != UNIT_NONE)
        fprintf(file, ", after: %d %s, calendar: %s", (int)escalation->after.amount, unit_text(escalation->after.unit),
                district->tables[escalation->after.table].code);
    fputs("}\n", file);
}

static void write_district(FILE *file, const struct district *district)
{
    fprintf(file, "code: SIM\nname: 模拟区\nname_en: Simulated district\ntime_zone: %s\nlanguages: [zh, en]\n",
            district->zone);
    fputs("warn_percents: [", file);
    for (int i = 0; i < district->warn_count; i++)
        fprintf(file, "%s%d", i ? ", " : "", district->warn_percents[i]);
    fputs("]\n", file);
    write_limits(file, "stages: ", district, district->stages, "\n");
    if (district->escalation_count)
        fputs("escalations:\n", file);
    for (int i = 0; i < district->escalation_count; i++)
        write_escalation(file, district, &district->escalations[i]);
    fprintf(file,
            "rules: {extensions: %d, suspension_days: %d, reopen_days: %d, offer_to: %d, position_minutes: %d, "
            "load_m: %d}\n",
            district->extensions, district->suspension_days, district->reopen_days, district->offer_to,
            district->position_minutes, district->load_m);
}

static void write_areas(FILE *file, const struct district *district)
{
    fputs("areas:\n", file);
    for (int i = 0; i < district->area_count; i++) {
        const struct area_plan *area = &district->areas[i];
        fprintf(file, "  - {code: %s, name: %s, tier: %s", area->code, area->code, area->tier);
        if (area->parent >= 0)
            fprintf(file, ", parent: %s", district->areas[area->parent].code);
        if (area->department >= 0)
            fprintf(file, ", department: %s", district->departments[area->department].code);
        fputs("}\n", file);
    }
}

static void write_departments(FILE *file, const struct district *district)
{
    fputs("departments:\n", file);
    for (int i = 0; i < DISTRICT_DEPARTMENTS; i++) {
        const struct department_plan *department = &district->departments[i];
        fprintf(file, "  - {code: %s, name: %s, tier: %s, assignment: %s, worker_reports: %s", department->code,
                department->code, department->tier, department->assignment,
                department->worker_reports ? "true" : "false");
        if (department->hand_up_to >= 0)
            fprintf(file, ", hand_up_to: %s", district->departments[department->hand_up_to].code);
        write_limits(file, ", limits: ", district, department->limits, "");
        fputs("}\n", file);
    }
}

static void write_switch(FILE *file, const char *key, bool on)
{
    if (on)
        fprintf(file, "    %s: true\n", key);
}

static void write_condition(FILE *file, const struct district *district, const struct condition_plan *condition)
{
    fprintf(file, "      - {code: %s, name: %s, calendar: %s", condition->code, condition->code,
            district->tables[condition->links[0].table].code);
    if (condition->link_count == 1)
        fprintf(file, ", limit: %d %s", (int)condition->links[0].amount, unit_text(condition->links[0].unit));
    for (int i = 0; condition->link_count > 1 && i < condition->link_count; i++)
        fprintf(file, "%s{name: 第%d步, limit: %d %s}", i ? ", " : ", limits: [", i + 1,
                (int)condition->links[i].amount, unit_text(condition->links[i].unit));
    if (condition->link_count > 1)
        fputs("]", file);
    if (condition->department >= 0)
        fprintf(file, ", department: %s", district->departments[condition->department].code);
    if (condition->priority)
        fprintf(file, ", priority: %d", condition->priority);
    fputs("}\n", file);
}

static void write_services(FILE *file, const struct district *district)
{
    fputs("services:\n", file);
    for (int i = 0; i < DISTRICT_SERVICES; i++) {
        const struct service_plan *service = &district->services[i];
        fprintf(file, "  - code: \"%s\"\n    name: 事项%d\n    priority: %d\n", service->code, i, service->priority);
        write_switch(file, "auto_accept", service->auto_accept);
        write_switch(file, "auto_dispatch", service->auto_dispatch);
        write_switch(file, "auto_check", service->auto_check);
        write_switch(file, "limit_from_report", service->limit_from_report);
        write_switch(file, "verify", service->verify);
        write_switch(file, "check_task", service->check_task);
        if (service->merge_radius_m)
            fprintf(file, "    merge: {radius_m: %d, hours: %d, raise_at: %d}\n", service->merge_radius_m,
                    service->merge_hours, service->merge_raise_at);
        write_limits(file, "    limits: ", district, service->limits, "\n");
        fputs("    conditions:\n", file);
        for (int j = 0; j < service->condition_count; j++)
            write_condition(file, district, &service->conditions[j]);
    }
}

static void write_rules(FILE *file, const struct district *district)
{
    fputs("rules:\n", file);
    for (int i = 0; i < district->rule_count; i++) {
        const struct rule_plan *rule = &district->rules[i];
        fprintf(file, "  - {services: [\"%s\"]", district->services[rule->service].code);
        if (rule->area >= 0)
            fprintf(file, ", areas: [%s]", district->areas[rule->area].code);
        if (rule->out_of_hours >= 0)
            fprintf(file, ", out_of_hours_of: %s", district->tables[rule->out_of_hours].code);
        if (rule->department >= 0)
            fprintf(file, ", department: %s}\n", district->departments[rule->department].code);
        else
            fputs(", area_department: true}\n", file);
    }
}

static void write_people(FILE *file, const struct district *district)
{
    fputs("shifts:\n", file);
    for (int i = 0; i < DISTRICT_SHIFTS; i++) {
        const struct shift_plan *shift = &district->shifts[i];
        fprintf(file, "  - {code: %s, ", shift->code);
        write_minute(file, "from", shift->from);
        fputs(", ", file);
        write_minute(file, "to", shift->to);
        if (shift->table >= 0)
            fprintf(file, ", calendar: %s", district->tables[shift->table].code);
        fputs("}\n", file);
    }
    fputs("people:\n", file);
    for (int i = 0; i < district->person_count; i++) {
        const struct person_plan *person = &district->people[i];
        fprintf(file, "  - {id: %s, name: %s, role: %s", person->id, person->id,
                enum_name(&role_desc, (int)person->role));
        if (person->department >= 0)
            fprintf(file, ", department: %s", district->departments[person->department].code);
        if (person->area >= 0)
            fprintf(file, ", areas: [%s]", district->areas[person->area].code);
        if (person->shift >= 0)
            fprintf(file, ", shifts: [%s]", district->shifts[person->shift].code);
        fputs("}\n", file);
    }
}

static void write_cameras(FILE *file, const struct district *district)
{
    (void)district;
    fputs("cameras:\n  - {id: cam-1, name: 一, url: \"rtsp://127.0.0.1:8554/cam-1\", lat: 39.9, lon: 116.4}\n", file);
}

bool district_write(const struct district *district, const char *folder)
{
    static const struct {
        const char *name;
        void (*write)(FILE *file, const struct district *district);
    } files[] = {
        { "district.yaml", write_district },       { "areas.yaml", write_areas },
        { "departments.yaml", write_departments }, { "calendars.yaml", write_calendars },
        { "services.yaml", write_services },       { "routing.yaml", write_rules },
        { "people.yaml", write_people },           { "cameras.yaml", write_cameras },
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s", folder, files[i].name);
        FILE *file = fopen(path, "w");
        if (!file)
            return false;
        files[i].write(file, district);
        bool whole = !ferror(file);
        if (fclose(file) != 0 || !whole)
            return false;
    }
    return true;
}
