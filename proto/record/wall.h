/* What the native wall is told to show (BUS_WALL, REQ/REP): a wall_order, answered by a wall_view. */
#pragma once

#include "proto/record/codec.h"

#define WALL_VERBS(X) \
    X(WALL_VERB, NONE, "none") \
    X(WALL_VERB, LOOK, "look") /* changes nothing */ \
    X(WALL_VERB, SHOW, "show") /* a scene, from its first page */ \
    X(WALL_VERB, NEXT, "next") \
    X(WALL_VERB, BACK, "back") \
    X(WALL_VERB, HOLD, "hold")   /* a tour stays on its page */ \
    X(WALL_VERB, GO, "go")       /* and goes on */ \
    X(WALL_VERB, POP, "pop")     /* the cameras near a case, over what is shown */ \
    X(WALL_VERB, CLEAR, "clear") /* takes them away */
ENUM_DECLARE(wall_verb, WALL_VERBS)

#define WALL_RESULTS(X) \
    X(WALL_RESULT, NONE, "none") \
    X(WALL_RESULT, OK, "ok") \
    X(WALL_RESULT, NO_WALL, "no_wall") /* the process has no native wall */ \
    X(WALL_RESULT, UNKNOWN, "unknown") /* the book has no such scene, or there is no such case or no camera near it */ \
    X(WALL_RESULT, FAILED, "failed")   /* its pages cannot be opened */ \
    X(WALL_RESULT, INVALID, "invalid") /* the order is malformed */
ENUM_DECLARE(wall_result, WALL_RESULTS)

#define WALL_ORDER_FIELDS(X) \
    X(1, ENUM, verb, wall_verb) \
    X(2, TEXT, scene, 64)  /* of show */ \
    X(3, TEXT, number, 64) /* of pop: the case's */
RECORD_DECLARE(wall_order, WALL_ORDER_FIELDS)

/* What is on the wall when the order arrives: a scene that was asked for follows once it has its pictures. */
#define WALL_VIEW_FIELDS(X) \
    X(1, ENUM, result, wall_result) \
    X(2, TEXT, message, 500) /* for a person, where the result is not ok */ \
    X(3, TEXT, scene, 64)    /* its id; "": cameras of the command line */ \
    X(4, INT, page, 0)       /* from 1 */ \
    X(5, INT, pages, 0) \
    X(6, INT, tiles, 0) /* of the page */ \
    X(7, INT, live, 0)  /* of these */ \
    X(8, BOOL, held, 0) \
    X(9, TEXT, popup, 64) /* number of the case whose cameras stand over it; "": none do */
RECORD_DECLARE(wall_view, WALL_VIEW_FIELDS)
