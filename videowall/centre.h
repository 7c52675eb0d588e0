/* The command centre's process: its door with the pages of wall and desk, the cases for reading, the cameras, the native wall. */
#pragma once

#include "proto/base/daemon.h"
#include "proto/book/book.h"
#include "proto/door/case_api.h"
#include "proto/door/door.h"
#include "proto/door/session.h"
#include "videowall/case_popup.h"
#include "videowall/feed/feed.h"
#include "videowall/health/camera_api.h"
#include "videowall/live/evidence.h"
#include "videowall/live/live.h"
#include "videowall/live/move.h"
#include "videowall/metrics/indicator_api.h"
#include "videowall/metrics/wall_api.h"
#include "videowall/wall/wall.h"
#include "videowall/wall_control.h"

struct centre_options {
    struct daemon_options daemon;
    const char *bus_users;
    const char *output;  /* of the native wall, see wall.h */
    const char *scene;   /* of the book, at start; NULL = its first */
    const char *cameras; /* of its tiles: ids with commas; NULL = the book's first */
};

struct centre {
    struct loop *loop;
    struct door *door;
    struct accounts *accounts;
    struct case_api *cases;
    struct feeds *feeds;
    struct checkup *checkup;
    struct camera_api camera_api;
    struct live *live;
    struct evidence evidence;
    struct moves moves;
    struct wall *wall;
    struct case_popups *popups;
    struct wall_control *wall_control;
    struct wall_api *wall_api;
    struct indicator_api indicators;
    struct loop_timer minute;
};

/* `book` and `loop` outlive it. On an error what was opened is closed by centre_close(). */
int centre_open(struct centre *centre, struct loop *loop, const struct book *book, const struct centre_options *options,
                struct fault *fault);
void centre_close(struct centre *centre); /* safe on a zeroed struct */
