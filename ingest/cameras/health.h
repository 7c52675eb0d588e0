/* The health round: every camera is visited within the book's minutes, one picture is looked at, and what is wrong is told. Knows no bus, no
 * GStreamer, no log and no clock of its own.
 *
 * A visit opens the sub-stream, takes the first key frame and leaves. Visits begin evenly over the round, so that their rate is bounded; where
 * more than `at_once` are under way the round takes longer. A trouble is told once, when as many visits in a row as its rule wants have
 * found it, and once more when it is over; one that turns into another is over.
 */
#pragma once

#include "ingest/cameras/look.h"
#include "ingest/cameras/source.h"
#include "proto/book/book.h"
#include "proto/record/health.h"

struct health;

enum { HEALTH_TICK_MS = 100, HEALTH_SAME_VISITS = 3 };

/* A trouble begins or is over. */
struct health_news {
    const struct book_camera *camera;
    const struct book_camera_trouble *rule;
    const struct camera_health *health; /* as it is now: told says which of the two */
    int64_t since_ms;                   /* when the trouble began */
};

struct health_options {
    const struct book *book;
    const struct source_ops *source;
    void *reader;                                                             /* of source->start() */
    void (*look)(void *context, const struct source_unit *unit, void *visit); /* answered by health_seen(), later */
    void *look_context;
    /* Must keep it (health->told is what will be recalled); false: it cannot be kept now, and is told again at the next visit. */
    bool (*tell)(void *context, const struct health_news *news);
    void *tell_context;
    int64_t (*mono_ms)(void);
    int64_t (*now_ms)(void);
};

struct health *health_create(const struct health_options *options);
void health_destroy(struct health *health); /* takes NULL; no picture is looked at any more */

/* Call every HEALTH_TICK_MS. */
void health_tick(struct health *health);
/* What was seen of the picture of a visit; NULL: it could not be decoded. Returns the camera. */
const struct book_camera *health_seen(struct health *health, void *visit, const struct look *look);

/* What was told before a restart. 1: the book has no such camera any more. */
int health_recall(struct health *health, const struct camera_health *kept);
/* How the camera at that place in the book is. Texts live until the next call. */
struct camera_health health_of(const struct health *health, size_t camera);
/* Answers who holds a copy. Lists lie in the arena, texts live until the next call. */
void health_tell(const struct health *health, const struct health_ask *ask, struct arena *arena,
                 struct health_report *report);
