#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/book/book.h"
#include "proto/book/calendar.h"
#include "proto/book/loader.h"
#include "proto/book/zone.h"

enum { MOMENTS_MAX = 16, MOMENT_DAYS = 14, WEEK_HOURS = 7 * 24 };

struct adviser {
    const struct book *book;
    int64_t now_ms, midnight_ms; /* the second: of the district's day that now is in */
    void (*report)(void *context, const char *advice);
    void *context;
    size_t count;
    int64_t moments[MOMENTS_MAX]; /* that differ in what works then, as far as rules ask for it */
    size_t moment_count;
};

__attribute__((format(printf, 3, 4))) static void advise(struct adviser *adviser, const char *at, const char *format,
                                                         ...)
{
    char text[1000];
    va_list args;
    int used = snprintf(text, sizeof text, "%s: warning: ", at);
    va_start(args, format);
    vsnprintf(text + used, sizeof text - (size_t)used, format, args);
    va_end(args);
    adviser->count++;
    adviser->report(adviser->context, text);
}

static const char *local_text(const struct adviser *adviser, char out[TIMESTAMP_TEXT], int64_t at_ms)
{
    timestamp_format(out, at_ms, zone_offset_minutes(adviser->book->zone, at_ms));
    out[10] = ' ';
    out[16] = '\0'; /* "2026-03-02 19:00" */
    return out;
}

/* ---- services that no rule has ---- */

/* For which of the rules' calendars it is working time, a bit each. */
static uint64_t working_at(const struct book *book, int64_t at_ms)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < book->route_count; i++)
        if (book->routes[i].in_hours_of && calendar_is_working_time(book->routes[i].in_hours_of, at_ms))
            bits |= UINT64_C(1) << i % 64;
    return bits;
}

static void find_moments(struct adviser *adviser)
{
    uint64_t known[MOMENTS_MAX];
    for (int hour = 0; hour < MOMENT_DAYS * 24 && adviser->moment_count < MOMENTS_MAX; hour++) {
        int64_t at_ms = adviser->midnight_ms + hour * (int64_t)MS_PER_HOUR;
        uint64_t bits = working_at(adviser->book, at_ms);
        size_t i = 0;
        while (i < adviser->moment_count && known[i] != bits)
            i++;
        if (i < adviser->moment_count)
            continue;
        known[i] = bits;
        adviser->moments[adviser->moment_count++] = at_ms;
    }
}

static bool is_leaf(const struct book *book, const struct book_area *area)
{
    for (size_t i = 0; i < book->area_count; i++)
        if (book->areas[i].parent == area)
            return false;
    return true;
}

/* The kinds of cases that a service can have, as far as rules tell them apart: by condition, area, source and moment. */
struct kinds {
    size_t all, without;
    struct case_file first; /* of those without a rule */
    int64_t first_at_ms;
};

static void try_kind(const struct adviser *adviser, const struct case_file *record, struct kinds *kinds)
{
    const struct book_department *department;
    for (size_t i = 0; i < adviser->moment_count; i++) {
        kinds->all++;
        if (book_route(adviser->book, record, adviser->moments[i], &department) || kinds->without++)
            continue;
        kinds->first = *record;
        kinds->first_at_ms = adviser->moments[i];
    }
}

static void try_service(const struct adviser *adviser, const struct book_service *service,
                        const struct book_area *const *leaves, size_t leaf_count, struct kinds *kinds)
{
    for (size_t i = 0; i < service->condition_count * leaf_count; i++) {
        const struct book_condition *condition = &service->conditions[i / leaf_count];
        struct case_file record = { .service = service->code,
                                    .condition = condition->code,
                                    .place = { .area = leaves[i % leaf_count]->code },
                                    .priority = book_priority(service, condition),
                                    .source = SOURCE_WORKER };
        try_kind(adviser, &record, kinds);
        record.source = SOURCE_RESIDENT;
        if (service->is_public)
            try_kind(adviser, &record, kinds);
    }
}

static void advise_on_service(struct adviser *adviser, const struct book_service *service, const struct kinds *kinds)
{
    char at[TIMESTAMP_TEXT];
    if (service->is_for_triage && kinds->without < kinds->all)
        advise(adviser, service->at, "service %s %s is for triage, but rules have %zu of %zu kinds of its cases",
               service->code, service->name.zh, kinds->all - kinds->without, kinds->all);
    if (service->is_for_triage || !kinds->without)
        return;
    if (kinds->without == kinds->all)
        advise(adviser, service->at,
               "no rule has service %s %s: its cases wait in the triage queue; if that is meant, say triage: true",
               service->code, service->name.zh);
    else
        advise(adviser, service->at,
               "no rule has %zu of %zu kinds of cases of service %s %s, such as --condition %s --area %s --source %s "
               "--time '%s'",
               kinds->without, kinds->all, service->code, service->name.zh, kinds->first.condition,
               kinds->first.place.area, enum_name(&event_source_desc, (int)kinds->first.source),
               local_text(adviser, at, kinds->first_at_ms));
}

static void advise_on_services(struct adviser *adviser)
{
    const struct book *book = adviser->book;
    struct arena scratch = { 0 };
    const struct book_area **leaves = arena_array(&scratch, book->area_count, sizeof *leaves);
    size_t leaf_count = 0;
    find_moments(adviser);
    for (size_t i = 0; i < book->area_count; i++)
        if (is_leaf(book, &book->areas[i]))
            leaves[leaf_count++] = &book->areas[i];
    for (size_t i = 0; i < book->service_count; i++) {
        struct kinds kinds = { 0 };
        try_service(adviser, &book->services[i], leaves, leaf_count, &kinds);
        advise_on_service(adviser, &book->services[i], &kinds);
    }
    arena_finish(&scratch);
}

/* ---- grids without a worker ---- */

/* A worker of the whole district is nobody's grid worker. */
static bool is_grid_worker(const struct book_person *person, const struct book_area *grid)
{
    bool serves = false;
    for (size_t i = 0; i < person->area_count && !serves; i++)
        serves = book_area_within(grid, person->areas[i]);
    return serves && person->role == ROLE_WORKER;
}

static bool somebody_on_duty(const struct book *book, const struct book_person *const *workers, size_t count,
                             int64_t at_ms)
{
    for (size_t i = 0; i < count; i++)
        if (book_on_duty(book, workers[i], at_ms))
            return true;
    return false;
}

static void advise_on_grid(struct adviser *adviser, const struct book_area *grid, const struct book_person **workers)
{
    const struct book *book = adviser->book;
    char at[TIMESTAMP_TEXT] = "";
    size_t count = 0;
    int missing = 0;
    for (size_t i = 0; i < book->person_count; i++)
        if (is_grid_worker(&book->people[i], grid))
            workers[count++] = &book->people[i];
    for (int hour = 0; hour < WEEK_HOURS; hour++) {
        int64_t at_ms = adviser->midnight_ms + hour * (int64_t)MS_PER_HOUR;
        if (!somebody_on_duty(book, workers, count, at_ms) && !missing++)
            local_text(adviser, at, at_ms);
    }
    if (!count)
        advise(adviser, grid->at, "grid %s %s has no worker", grid->code, grid->name.zh);
    else if (missing)
        advise(adviser, grid->at, "grid %s %s has no worker on duty at %d of the %d hours of a week, first at %s",
               grid->code, grid->name.zh, missing, WEEK_HOURS, at);
}

/* Not asked of a district that has no grid workers at all. */
static void advise_on_grids(struct adviser *adviser)
{
    const struct book *book = adviser->book;
    struct arena scratch = { 0 };
    const struct book_person **workers = arena_array(&scratch, book->person_count + 1, sizeof *workers);
    bool by_grid = false;
    for (size_t i = 0; i < book->person_count; i++)
        by_grid = by_grid || (book->people[i].role == ROLE_WORKER && book->people[i].area_count);
    for (size_t i = 0; i < book->area_count && by_grid; i++)
        if (book->areas[i].tier == TIER_GRID)
            advise_on_grid(adviser, &book->areas[i], workers);
    arena_finish(&scratch);
}

/* ---- calendars, departments ---- */

static void advise_on_calendars(struct adviser *adviser)
{
    const struct loaded *loaded = (const struct loaded *)adviser->book;
    for (size_t i = 0; i < adviser->book->calendar_count; i++) {
        const struct calendar *calendar = adviser->book->calendars[i];
        const struct calendar_entry *entry = lookup_find(&loaded->calendars, calendar_code(calendar));
        int64_t last = calendar_last_named_day(calendar);
        int64_t local_ms = zone_to_local_ms(calendar_zone(calendar), adviser->now_ms);
        const struct civil_date date = civil_from_days(last == INT64_MIN ? 0 : last);
        if (last != INT64_MIN && last < local_ms / MS_PER_DAY + BOOK_DAYS_AHEAD)
            advise(adviser, entry->at,
                   "calendar %s names no holiday or make-up day after %04d-%02d-%02d: enter those of the time that "
                   "limits reach into",
                   calendar_code(calendar), date.year, date.month, date.day);
    }
}

static bool gets_cases(const struct book *book, const struct book_department *department)
{
    bool by_area = false;
    for (size_t i = 0; i < book->route_count; i++) {
        if (book->routes[i].department == department)
            return true;
        by_area = by_area || book->routes[i].to_area_department;
    }
    for (size_t i = 0; i < book->area_count && by_area; i++)
        if (book->areas[i].department == department)
            return true;
    for (size_t i = 0; i < book->service_count; i++)
        for (size_t j = 0; j < book->services[i].condition_count; j++)
            if (book->services[i].conditions[j].department == department)
                return true;
    return false;
}

static void advise_on_departments(struct adviser *adviser)
{
    for (size_t i = 0; i < adviser->book->department_count; i++) {
        const struct book_department *department = &adviser->book->departments[i];
        if (!gets_cases(adviser->book, department))
            advise(adviser, department->at, "department %s %s gets no case: no rule, filing condition or area names it",
                   department->code, department->name.zh);
    }
}

size_t book_advise(const struct book *book, int64_t now_ms, void (*report)(void *context, const char *advice),
                   void *context)
{
    struct adviser adviser = { .book = book, .now_ms = now_ms, .report = report, .context = context };
    int64_t local_ms = zone_to_local_ms(book->zone, now_ms);
    adviser.midnight_ms = zone_from_local_ms(book->zone, local_ms - local_ms % MS_PER_DAY);
    advise_on_calendars(&adviser);
    advise_on_departments(&adviser);
    advise_on_grids(&adviser);
    advise_on_services(&adviser);
    return adviser.count;
}
