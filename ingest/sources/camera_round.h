/* What the health round over the cameras tells, as events: a trouble that a rule of the book names, and its end, which goes to the same case. What
 * was told is a memo in the commit of its event, so that neither a restart nor a second look makes a second case. */
#pragma once

#include "ingest/cameras/cameras.h"
#include "ingest/intake.h"

struct camera_round;

struct camera_round_options {
    struct loop *loop;
    const struct book *book;
    const char *data_folder; /* thumbnails go to cameras/ in it */
    struct event_log *log;
    struct intake *intake;
    struct cameras *cameras;
};

/* NULL in *out where the book has no round. */
int camera_round_open(const struct camera_round_options *options, struct camera_round **out, struct fault *fault);
void camera_round_close(
    struct camera_round *round); /* takes NULL; the loop must not run any more; after the intake's end */

/* The event of a trouble (news->health->told) or of its end. */
struct event *camera_round_event(const struct book *book, const struct health_news *news, int64_t now_ms,
                                 struct arena *arena);
