/* A report, or further words on one, as somebody posts it at a door: its form read and checked, its photos stored; then the door says what came
 * of it. */
#pragma once

#include "ingest/enrich/photos.h"
#include "ingest/enrich/report.h"

struct post;
/* Once: now, or later where there are photos (the request is deferred then). */
typedef void post_ready(struct post *post);

struct post {
    struct request *request;
    void *context;    /* the door's own */
    struct form form; /* where it is readable */
    bool readable;
    struct complaints complaints; /* any: the report is not for use */
    int result;                   /* PHOTOS_BUSY: too many at this moment; <0: the photos could not be stored */
    struct fault fault;
    struct report report;
    /* the post's own */
    struct photos_order photos;
    post_ready *ready;
};

/* Reads the form, whose unreadability is a complaint, and takes nothing yet: first the door may ask who sends. The post lives in the request's
 * arena. */
struct post *post_read(struct request *request, post_ready *ready, void *context);
/* Complaints that the door has found already stay. language: of the page or the program that sends it. */
void post_take(struct post *post, const struct report_desk *desk, report_maker *make, const char *language,
               int64_t now_ms);
