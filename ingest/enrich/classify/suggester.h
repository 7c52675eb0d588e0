/* Suggester: what ingest has of the classifier. Reports that name no service get the one that the model finds most likely, with its
 * confidence; whether that is enough is the book's (suggest_automatic) and the engine's to say.
 *
 * The model is a file that drumctl train puts there; it is read again when it changes. Without one there is no suggestion: told once in
 * the log, and by the metric drumtower_ingest_suggest_services. A damaged one is told in the log, and the one before it stays in use.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "ingest/enrich/classify/classifier.h"

#define SUGGESTER_FILE "suggest.model" /* where it is looked for, in the data folder */

struct suggester {
    const struct book *book;
    const char *path;
    struct classifier model; /* label_count 0: there is none */
    struct features features;
    struct arena arena;
    struct stat seen; /* of the file that was looked at last; all 0: there was none */
};

/* Book and path must outlive the suggester. */
void suggester_open(struct suggester *suggester, const struct book *book, const char *path);
void suggester_close(struct suggester *suggester); /* safe on a zeroed struct */
/* Reads the file if it is another one than before. To be called every few seconds. */
void suggester_check(struct suggester *suggester);

/* What the model finds of an event's words and marks. */
struct suggester_view {
    const struct book_service *service; /* NULL: it knows nothing of it, or the book has no such service */
    double confidence;                  /* that this is the right one, if the words are a report at all */
    double
        score; /* how much they speak for it: 1 is what the model was taught to keep between the right service and every other */
};
/* False where there is no model. */
bool suggester_look(struct suggester *suggester, const struct event *event, struct suggester_view *view);

/* Sets the suggestion of a report or patrol that names no service; the text is the book's. */
void suggester_event(struct suggester *suggester, struct event *event);
