/* The pictures of a form: counted, measured and recognised first; when all the rest of the report is right, developed (proto/photo) one after
 * the other, so that one sender takes one place of the darkroom, and stored.
 *
 * What the camera wrote beside a picture becomes data of the event: when and where it was taken, with a mark where that is far from the
 * report's place or long before its time (photos: in district.yaml). The picture that is kept has nothing of it.
 */
#pragma once

#include "ingest/enrich/complaint.h"
#include "proto/book/book.h"
#include "proto/door/door.h"
#include "proto/photo/darkroom.h"
#include "proto/record/event.h"

/* Complains about files that are no pictures, too large or too many. An empty file field (nothing chosen) is no picture. */
void photos_check(const struct book_door_limits *limits, const struct form *form, struct arena *arena,
                  struct complaints *complaints);
bool photos_any(const struct form *form);

enum { PHOTOS_STORED = 0, PHOTOS_BUSY = 1 };
/* PHOTOS_STORED: durable, or there are complaints, then no more than those before were stored. PHOTOS_BUSY: too many at this moment.
 * <0: could not be stored. */
typedef void photos_done(void *context, int result, const struct fault *fault);

/* All that is pointed to lives until `done` was called. */
struct photos_order {
    const struct book *book;
    const char *data_folder;
    struct darkroom *darkroom;
    const struct form *form;
    struct arena *arena;
    struct event *event; /* its media get the pictures; there is room for all files of the form */
    struct complaints *complaints;
    photos_done *done;
    void *context;
    size_t next; /* field of the form, 0 at first */
};
/* `done` is called once: now, where there is none, else later. */
void photos_store(struct photos_order *order);

/* What the camera said of a picture, as the event has it. */
void photos_take_facts(const struct book *book, const struct photo_facts *facts, const struct event *event,
                       struct media *media);
