/* Cameras between processes: a lease is the reason to pull a camera; its status says how it does.
 *
 * BUS_CAMERAS (REQ/REP): a camera_lease, answered by a camera_grant. A lease ends after `seconds` unless it is asked for again; so does a move,
 * so that no camera turns for ever because whoever turned it is gone.
 * A request of the verb "keep" names who wants it as its holder and is answered when the picture is durable.
 * BUS_FRAMES: topic "frame/<id>" see frame.h; topic "camera/<id>": camera_status, on each change and every second while pulled. A camera may have
 * two streams, each pulled by itself: the sub-stream, and the main one for those who show it large, whose topics are "frame/<id>/main" and
 * "camera/<id>/main". Topic "position/<id>": camera_position, whenever a mobile camera says where it is, and every ten seconds.
 */
#pragma once

#include "proto/record/codec.h"

enum { CAMERA_LEASE_SECONDS = 10, CAMERA_SILENCE_MS = 2000, CAMERA_MOVE_SECONDS = 2, CAMERA_SPEED_MAX = 100 };
enum { CAMERA_WORDS_BYTES = 200 }; /* of a reason or message; see text.h for what devices say */

#define CAMERA_STATES(X) \
    X(CAMERA, NONE, "none") \
    X(CAMERA, IDLE, "idle")       /* nobody has leased it: not pulled */ \
    X(CAMERA, OPENING, "opening") /* pulled, no picture yet */ \
    X(CAMERA, LIVE, "live") \
    X(CAMERA, FROZEN, "frozen") /* connected, but no access unit for CAMERA_SILENCE_MS */ \
    X(CAMERA, LOST, "lost")     /* the connection failed or ended; tried again */
ENUM_DECLARE(camera_state, CAMERA_STATES)

/* How a camera was when the health round visited it last. */
#define CAMERA_CONDITIONS(X) \
    X(CAMERA_IS, UNKNOWN, "unknown") /* not visited yet */ \
    X(CAMERA_IS, WELL, "well") \
    X(CAMERA_IS, LOST, "lost")       /* no picture to be had */ \
    X(CAMERA_IS, BLACK, "black")     /* no light, or no sensor */ \
    X(CAMERA_IS, COVERED, "covered") /* one surface before the lens */ \
    X(CAMERA_IS, BLURRED, "blurred") /* no edge is sharp */ \
    X(CAMERA_IS, FROZEN, "frozen")   /* the same picture as at the visits before */ \
    X(CAMERA_IS, WRONG_TIME, "wrong_time")
ENUM_DECLARE(camera_condition, CAMERA_CONDITIONS)

#define CAMERA_VERBS(X) \
    X(CAMERA_VERB, NONE, "none") \
    X(CAMERA_VERB, LEASE, "lease") /* also renews */ \
    X(CAMERA_VERB, RELEASE, "release") \
    X(CAMERA_VERB, MOVE, "move") /* turns it and zooms (PTZ), until the next move or the end of its seconds */ \
    X(CAMERA_VERB, KEEP, "keep") /* evidence: its picture of now and a clip around now, for a case */
ENUM_DECLARE(camera_verb, CAMERA_VERBS)

#define CAMERA_RESULTS(X) \
    X(CAMERA_RESULT, NONE, "none") \
    X(CAMERA_RESULT, OK, "ok") \
    X(CAMERA_RESULT, UNKNOWN, "unknown") /* the book has no such camera */ \
    X(CAMERA_RESULT, LIMIT, "limit")     /* as many are pulled, or hold this one, as may be */ \
    X(CAMERA_RESULT, INVALID, "invalid") /* the request is malformed */ \
    X(CAMERA_RESULT, UNABLE, "unable")   /* it cannot be moved, or not now */ \
    X(CAMERA_RESULT, NO_PICTURE, \
      "no_picture") /* keep: the camera gave none, or it cannot be kept; the message says why */
ENUM_DECLARE(camera_result, CAMERA_RESULTS)

#define CAMERA_LEASE_FIELDS(X) \
    X(1, ENUM, verb, camera_verb) \
    X(2, TEXT, camera, 64) \
    X(3, TEXT, holder, 64) /* made by the asking process, the same at each renewal */ \
    X(4, INT, seconds, 0)  /* 1 to 60; 0 = CAMERA_LEASE_SECONDS, CAMERA_MOVE_SECONDS */ \
    X(5, BOOL, shown, \
      0) /* somebody looks at it: a lost camera is tried again every second, otherwise with back-off */ \
    X(6, INT, wide_px, \
      0) /* in how many pixels it is shown: wider than its sub-stream gives the main stream, where it has one */ \
    X(7, BOOL, armed, 0)     /* kept ready: its last seconds are kept, nothing is sent */ \
    X(8, INT, pan, 0)        /* move: speed from -CAMERA_SPEED_MAX (left) to CAMERA_SPEED_MAX; all three 0: stop */ \
    X(9, INT, tilt, 0)       /* down is negative */ \
    X(10, INT, zoom, 0)      /* out is negative */ \
    X(11, TEXT, id, 64)      /* keep: made on the device; the same id again keeps nothing twice */ \
    X(12, INT, about_seq, 0) /* keep: a report of the case */
RECORD_DECLARE(camera_lease, CAMERA_LEASE_FIELDS)

#define CAMERA_STATUS_FIELDS(X) \
    X(1, TEXT, camera, 64) \
    X(2, ENUM, state, camera_state) \
    X(3, ENUM, before, camera_state)       /* the state that it left last */ \
    X(4, INT, since_ms, 0)                 /* when it entered its state */ \
    X(5, INT, picture_at_ms, 0)            /* capture time of the newest access unit; 0 = none yet */ \
    X(6, TEXT, reason, CAMERA_WORDS_BYTES) /* why it is lost or frozen, for a person */ \
    X(7, INT, width, 0)                    /* 0 = not known */ \
    X(8, INT, height, 0) \
    X(9, BOOL, main, 0) /* of the main stream: its topics end in "/main" */
RECORD_DECLARE(camera_status, CAMERA_STATUS_FIELDS)

#define CAMERA_GRANT_FIELDS(X) \
    X(1, ENUM, result, camera_result) \
    X(2, TEXT, message, CAMERA_WORDS_BYTES) /* for a person, where the result is not ok */ \
    X(3, RECORD, status, camera_status) \
    X(4, INT, seq, 0) /* keep: the event that has the picture, durable; the clip follows in another one */
RECORD_DECLARE(camera_grant, CAMERA_GRANT_FIELDS)

#define CAMERA_POSITION_FIELDS(X) \
    X(1, TEXT, camera, 64) \
    X(2, REAL, lat, 0) \
    X(3, REAL, lon, 0) \
    X(4, INT, at_ms, 0) /* when it was heard */
RECORD_DECLARE(camera_position, CAMERA_POSITION_FIELDS)

#define CAMERA_HEALTH_FIELDS(X) \
    X(1, TEXT, camera, 64) \
    X(2, ENUM, condition, camera_condition) \
    X(3, INT, since_ms, 0)                 /* when it was found so first */ \
    X(4, INT, visited_at_ms, 0)            /* the last visit */ \
    X(5, INT, visits, 0)                   /* so many in a row found it so */ \
    X(6, TEXT, reason, CAMERA_WORDS_BYTES) /* why it is lost, for a person */ \
    X(7, BOOL, told, 0)                    /* an event says so, and none yet that it is over */ \
    X(8, INT, told_since_ms, 0)            /* since when the trouble was that was told */ \
    X(9, ENUM, told_condition, camera_condition)
RECORD_DECLARE(camera_health, CAMERA_HEALTH_FIELDS)
