#include "proto/book/icalendar.h"

#include <stdlib.h>
#include <string.h>

#include "proto/book/icalendar_event.h"
#include "proto/book/icalendar_lines.h"

enum { EVENT_LINES_MAX = 400 };

struct reader {
    struct icalendar_problems problems;
    const struct icalendar_pick *pick;
    struct arena scratch;
    struct icalendar_lines lines;
    struct icalendar_event *events;
    size_t event_count;
    struct icalendar_event_line kept[EVENT_LINES_MAX]; /* of the open event, until its END */
    size_t kept_count;
    int64_t steps_left;
    struct buffer spans;
    /* the event whose days are given */
    const struct icalendar_event *event;
    int64_t *without; /* in order */
    size_t without_count;
};

/* ---- events ---- */

static void begin_event(struct reader *reader)
{
    reader->kept_count = 0;
    if (reader->event_count == ICALENDAR_EVENTS_MAX)
        ICALENDAR_STOP(&reader->problems, reader->lines.line, "more than %d events in the file", ICALENDAR_EVENTS_MAX);
    else
        reader->events[reader->event_count++] = (struct icalendar_event){ .line = reader->lines.line };
}

static void keep_line(struct reader *reader)
{
    const char *text = buffer_string(&reader->lines.text);
    struct icalendar_event_line line = { reader->lines.line, icalendar_property(reader->lines.name), text };
    if (!line.property || !icalendar_line_ok(&reader->problems, &line))
        return;
    line.text = arena_text(&reader->scratch, text, strlen(text));
    if (reader->kept_count == EVENT_LINES_MAX)
        ICALENDAR_STOP(&reader->problems, line.line, "more than %d lines in the event", EVENT_LINES_MAX);
    else
        reader->kept[reader->kept_count++] = line;
}

static void read_lines(struct reader *reader)
{
    enum icalendar_line_kind kind;
    while (icalendar_goes_on(&reader->problems) && icalendar_lines_next(&reader->lines, &kind)) {
        bool inside = icalendar_lines_inside(&reader->lines, "VEVENT");
        if (kind == ICALENDAR_WRONG)
            ICALENDAR_STOP(&reader->problems, reader->lines.line, "%s", reader->lines.problem);
        else if (kind == ICALENDAR_BEGIN && inside)
            begin_event(reader);
        else if (kind == ICALENDAR_PROPERTY && inside)
            keep_line(reader);
        else if (kind == ICALENDAR_END && icalendar_lines_closed(&reader->lines, "VEVENT"))
            icalendar_event_take(&reader->events[reader->event_count - 1], reader->kept, reader->kept_count,
                                 reader->pick, &reader->scratch, &reader->problems);
    }
}

/* An instance that was moved or cancelled is no day of its series any more. */
static void remove_instances(struct reader *reader)
{
    for (size_t i = 0; i < reader->event_count; i++) {
        const struct icalendar_event *instance = &reader->events[i];
        for (size_t j = 0; instance->is_instance && j < reader->event_count; j++)
            if (!reader->events[j].is_instance && strcmp(reader->events[j].uid, instance->uid) == 0)
                icalendar_event_without(&reader->events[j], &reader->scratch, instance->instance_of);
    }
}

/* ---- their days ---- */

static int compare_days(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static void order_without(struct reader *reader)
{
    size_t count = 0;
    for (const struct icalendar_day *node = reader->event->without; node; node = node->next)
        count++;
    reader->without_count = count;
    reader->without = arena_array(&reader->scratch, count ? count : 1, sizeof *reader->without);
    for (const struct icalendar_day *node = reader->event->without; node; node = node->next)
        reader->without[--count] = node->day;
    qsort(reader->without, reader->without_count, sizeof *reader->without, compare_days);
}

static void give_day(void *context, int64_t day)
{
    struct reader *reader = context;
    const struct calendar_days *window = &reader->pick->window;
    struct icalendar_span span = { { day, day + reader->event->days - 1 }, reader->event->line };
    if (span.days.to < window->from || span.days.from > window->to ||
        bsearch(&day, reader->without, reader->without_count, sizeof day, compare_days))
        return;
    if (reader->spans.size / sizeof span == ICALENDAR_DAYS_MAX)
        ICALENDAR_STOP(&reader->problems, span.line,
                       "the events give more than %d days; expected fewer years, or ends of the rules",
                       ICALENDAR_DAYS_MAX);
    else
        buffer_append(&reader->spans, &span, sizeof span);
}

static void give_days(struct reader *reader, const struct icalendar_event *event)
{
    reader->event = event;
    order_without(reader);
    if (event->rule)
        icalendar_rule_run(event, &reader->pick->window, &reader->steps_left, &reader->problems, give_day, reader);
    else
        give_day(reader, event->first);
    for (const struct icalendar_day *node = event->more; node && icalendar_goes_on(&reader->problems);
         node = node->next)
        give_day(reader, node->day);
}

/* ---- the file ---- */

static void read_file(struct reader *reader)
{
    size_t counted = 0;
    read_lines(reader);
    if (!reader->problems.count)
        remove_instances(reader);
    for (size_t i = 0; i < reader->event_count && !reader->problems.count; i++)
        counted += reader->events[i].counts;
    for (size_t i = 0; i < reader->event_count && counted && icalendar_goes_on(&reader->problems); i++)
        if (reader->events[i].counts)
            give_days(reader, &reader->events[i]);
    if (!counted && !reader->problems.count)
        ICALENDAR_STOP(&reader->problems, 0, "none of its %zu events counts%s", reader->event_count,
                       reader->pick->category_count || reader->pick->summary ? "; expected some of these categories or "
                                                                               "this "
                                                                               "summary"
                                                                             : "; expected some");
}

void icalendar_read(struct loader *loader, const char *name, struct bytes file, const struct icalendar_pick *pick,
                    struct icalendar *out)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        abort();
    reader->problems = (struct icalendar_problems){ loader, name, 0 };
    reader->pick = pick;
    reader->lines.rest = file;
    reader->steps_left = ICALENDAR_STEPS_MAX;
    reader->events = arena_array(&reader->scratch, ICALENDAR_EVENTS_MAX, sizeof *reader->events);
    if (file.size > ICALENDAR_BYTES_MAX)
        ICALENDAR_STOP(&reader->problems, 0, "%zu bytes; expected at most %d", file.size, ICALENDAR_BYTES_MAX);
    else
        read_file(reader);
    *out = (struct icalendar){ 0 };
    if (!reader->problems.count) {
        out->count = reader->spans.size / sizeof *out->spans;
        out->spans = loader_array(loader, out->count, sizeof *out->spans);
        if (out->count)
            memcpy(out->spans, reader->spans.bytes, reader->spans.size);
    }
    buffer_finish(&reader->spans);
    icalendar_lines_finish(&reader->lines);
    arena_finish(&reader->scratch);
    free(reader);
}
