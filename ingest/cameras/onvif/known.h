/* What is known of one address of the book. Inside this folder only. */
#pragma once

#include "ingest/cameras/onvif/inquiry.h"
#include "ingest/cameras/onvif/onvif.h"
#include "ingest/cameras/refusals.h"

struct turn;

struct known {
    struct http *http;
    struct refusals *refusals;
    char *url;               /* of the book */
    char *stream;            /* NULL: it must be asked for */
    char *ptz, *mover;       /* NULL: it was never asked; "": it cannot be moved */
    int64_t ahead_ms;        /* the device's clock before ours, when it was asked */
    bool digest;             /* it wants HTTP's Digest */
    bool no_timeout;         /* it takes an order to move only without its end */
    struct source_move last; /* what it was told last */
    struct inquiry *inquiry; /* NULL: none is under way */
    struct onvif_question *waiting;
    struct turn *turn; /* NULL: no order is under way */
};

/* Begins an inquiry where none is under way. */
void known_ask(struct known *known);

/* ---- turn.c: an order to move on its way ---- */
int turn_order(struct known *known, const struct source_move *move, struct fault *fault);
/* An inquiry has ended. */
void turn_go_on(struct known *known, int code, const struct fault *fault);
void turn_free(struct turn *turn); /* after the HTTP client's end; takes NULL */
