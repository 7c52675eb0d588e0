/* Which cases of which service no rule has, or nobody above a lower tier. */
#include <stdio.h>

#include "proto/book/advice.h"
#include "proto/book/calendar.h"
#include "proto/book/loader.h"
#include "proto/book/zone.h"

enum { MOMENT_DAYS = 14 };

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
    uint64_t known[ADVICE_MOMENTS_MAX];
    for (int hour = 0; hour < MOMENT_DAYS * 24 && adviser->moment_count < ADVICE_MOMENTS_MAX; hour++) {
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

/* Kinds of cases that have something in common: how many, and one of them. */
struct found {
    size_t count;
    struct case_file first;
    int64_t first_at_ms;
};

static void find(struct found *found, const struct case_file *record, int64_t at_ms)
{
    if (found->count++)
        return;
    found->first = *record;
    found->first_at_ms = at_ms;
}

/* The kinds of cases that a service can have, as far as rules tell them apart: by condition, area, source and moment. */
struct kinds {
    size_t all;
    struct found without_rule, without_top;
    const struct book_department *top; /* from where the first of the latter goes no higher */
};

/* Goes up from the department as long as a clock would. */
static void try_tiers(const struct adviser *adviser, const struct case_file *record, int64_t at_ms,
                      const struct book_department *department, struct kinds *kinds)
{
    const struct book *book = adviser->book;
    const struct book_service *service = book_service(book, record->service);
    const char *rule;
    while (department && department->tier > TIER_DISTRICT &&
           book_stage_limit(book, service, NULL, department, CLOCK_TIER)->unit != UNIT_NONE) {
        const struct book_department *next = book_hand_up(book, record, at_ms, department, &rule);
        if (!next && !kinds->without_top.count)
            kinds->top = department;
        if (!next)
            find(&kinds->without_top, record, at_ms);
        department = next;
    }
}

static void try_kind(const struct adviser *adviser, const struct case_file *record, struct kinds *kinds)
{
    for (size_t i = 0; i < adviser->moment_count; i++) {
        const struct book_department *department;
        kinds->all++;
        if (book_route(adviser->book, record, adviser->moments[i], &department))
            try_tiers(adviser, record, adviser->moments[i], department, kinds);
        else
            find(&kinds->without_rule, record, adviser->moments[i]);
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

/* Of some of a service's kinds of cases, with the words of `drumctl route explain` for one of them. */
static void advise_on_found(struct adviser *adviser, const struct book_service *service, const struct kinds *kinds,
                            const struct found *found, const char *what)
{
    char at[TIMESTAMP_TEXT];
    advise(adviser, service->at,
           "%s %zu of %zu kinds of cases of service %s %s, such as --condition %s --area %s --source %s --time '%s'",
           what, found->count, kinds->all, service->code, service->name.zh, found->first.condition,
           found->first.place.area, enum_name(&event_source_desc, (int)found->first.source),
           advice_time(adviser, at, found->first_at_ms));
}

static void advise_on_service(struct adviser *adviser, const struct book_service *service, const struct kinds *kinds)
{
    size_t without = kinds->without_rule.count;
    if (service->auto_check && service->check_task)
        advise(adviser, service->at, "service %s %s has auto_check: there is no check that check_task could give away",
               service->code, service->name.zh);
    if (kinds->without_top.count) {
        char what[200];
        snprintf(what, sizeof what, "nobody above %s (clock tier; if that is meant, say tier: none) takes over",
                 kinds->top->code);
        advise_on_found(adviser, service, kinds, &kinds->without_top, what);
    }
    if (service->is_for_triage && without < kinds->all)
        advise(adviser, service->at, "service %s %s is for triage, but rules have %zu of %zu kinds of its cases",
               service->code, service->name.zh, kinds->all - without, kinds->all);
    if (service->is_for_triage || !without)
        return;
    if (without == kinds->all)
        advise(adviser, service->at,
               "no rule has service %s %s: its cases wait in the triage queue; if that is meant, say triage: true",
               service->code, service->name.zh);
    else
        advise_on_found(adviser, service, kinds, &kinds->without_rule, "no rule has");
}

void advise_on_services(struct adviser *adviser)
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
