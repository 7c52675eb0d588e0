/* The district's own history as lessons: what was reported, and the service that its case had in the end. */
#pragma once

#include "ingest/enrich/classify/learn.h"

/* Documents and labels live in the history's arena. */
struct history_report {
    int64_t seq;
    const char *service;
    struct document document;
};

/* In the order of the log. */
struct history {
    struct history_report *items;
    size_t count, capacity;
    struct arena arena;
};

/* The newest `most` reports and patrols whose case was disposed of, so that a department has confirmed its service; the desk's corrections
 * are in it. Left out: what has no words of its own (any more), and services that the book (may be NULL) does not have. */
int history_read(const char *data_folder, const struct book *book, size_t most, struct history *history,
                 struct fault *fault);
void history_finish(struct history *history); /* safe on a zeroed struct */
