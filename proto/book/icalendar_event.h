/* One VEVENT and its recurrence rule, as libical reads them. Inside proto/book/icalendar*.c only: the room of libical. */
#pragma once

#include <libical/ical.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/book/icalendar.h"

enum { ICALENDAR_EVENT_DAYS_MAX = 366 };

/* Where the problems of a file go, and how many there are. */
struct icalendar_problems {
    struct loader *loader;
    const char *file;
    size_t count;
};
#define ICALENDAR_PROBLEM(problems, line, ...) \
    (++(problems)->count, \
     problem_at((problems)->loader, (struct place_in_file){ (problems)->file, line, 0 }, __VA_ARGS__))
/* Past a limit of the file nothing more of it is read. */
#define ICALENDAR_STOP(problems, line, ...) \
    (ICALENDAR_PROBLEM(problems, line, __VA_ARGS__), (problems)->count = ICALENDAR_PROBLEMS_MAX)
static inline bool icalendar_goes_on(const struct icalendar_problems *problems)
{
    return problems->count < ICALENDAR_PROBLEMS_MAX;
}

struct icalendar_day {
    int64_t day;
    struct icalendar_day *next;
};

struct icalendar_event {
    size_t line;
    const char *uid;
    bool counts;
    bool is_instance; /* of the event with the same uid: on the day instance_of */
    int64_t instance_of;
    int64_t first, days;                  /* of an event that counts */
    struct icalendar_rule *rule;          /* NULL: none */
    struct icalendar_day *more, *without; /* RDATE, EXDATE */
};

/* A line of the event that may mean something here. */
struct icalendar_property;
struct icalendar_event_line {
    size_t line;
    const struct icalendar_property *property;
    const char *text;
};

/* NULL: a property that is passed over. */
const struct icalendar_property *icalendar_property(const char *name);
/* False: a line that is not to be given to libical; told. */
bool icalendar_line_ok(struct icalendar_problems *problems, const struct icalendar_event_line *line);
/* Fills the event, whose `line` is set, from its lines. What it points to is in the arena. */
void icalendar_event_take(struct icalendar_event *event, const struct icalendar_event_line *lines, size_t count,
                          const struct icalendar_pick *pick, struct arena *arena, struct icalendar_problems *problems);
void icalendar_event_without(struct icalendar_event *event, struct arena *arena, int64_t day);

/* ---- the rule ---- */

struct icalendar_rule {
    size_t line;
    struct icalrecurrencetype recur; /* without rscale, which is the property's and refused */
};

/* False where the time is no whole day of the years that are taken; told. */
bool icalendar_day_of(struct icalendar_problems *problems, size_t line, const char *name, struct icaltimetype time,
                      int64_t *day);
/* What is not taken of RFC 5545's rules, as a sentence; NULL: all of this one is. */
const char *icalendar_rule_problem(const struct icalrecurrencetype *recur);
/* Visits the first day of each instance that may touch the window, up to the rule's end. *steps_left is what the rules of a file may
 * still take. */
void icalendar_rule_run(const struct icalendar_event *event, const struct calendar_days *window, int64_t *steps_left,
                        struct icalendar_problems *problems, void (*visit)(void *context, int64_t day), void *context);
