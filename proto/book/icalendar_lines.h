/* The content lines of an iCalendar file (RFC 5545, 3.1), each with its place, and the components around them. Inside proto/book only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/buffer.h"

enum { ICALENDAR_DEPTH_MAX = 8, ICALENDAR_NAME_BYTES = 32 };

enum icalendar_line_kind {
    ICALENDAR_PROPERTY,
    ICALENDAR_BEGIN, /* the component is the innermost one from this line on … */
    ICALENDAR_END,   /* … to this one */
    ICALENDAR_WRONG, /* problem says why; nothing can be read behind it */
};

/* Zeroed but for `rest` it stands before the first line. */
struct icalendar_lines {
    struct bytes rest;
    size_t next_line;
    char components[ICALENDAR_DEPTH_MAX][ICALENDAR_NAME_BYTES]; /* open ones, the innermost last */
    size_t begins[ICALENDAR_DEPTH_MAX];
    size_t depth;
    struct buffer text; /* the unfolded line */
    /* of the line read last */
    size_t line;                     /* where it begins, from 1 */
    char name[ICALENDAR_NAME_BYTES]; /* in capitals; "" where it is longer */
    const char *problem;
};

/* False after the last line. icalendar_lines_finish() is due in any case. */
bool icalendar_lines_next(struct icalendar_lines *lines, enum icalendar_line_kind *kind);
/* True directly inside VCALENDAR / component. */
bool icalendar_lines_inside(const struct icalendar_lines *lines, const char *component);
/* True behind the END of a component directly inside VCALENDAR. */
bool icalendar_lines_closed(const struct icalendar_lines *lines, const char *component);
void icalendar_lines_finish(struct icalendar_lines *lines);
