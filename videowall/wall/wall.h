/* The native wall: a GStreamer mosaic of cameras with the district's numbers, at 1920x1080 and 25 pictures a second.
 *
 * Outputs (--output, several with commas):
 *   png:FOLDER   a picture each second, wall-<milliseconds>.png, written aside and renamed; the last png_keep stay
 *   rtsp:PORT    H.264 at rtsp://127.0.0.1:PORT/wall, encoded while somebody watches
 *   web          H.264 for pages, as a camera of the id BROADCAST_FEED (broadcast.h), encoded once and while some page shows it
 *   window       on the desktop
 *   kms          on a screen, where there is no desktop
 *   none         no wall at all
 * The wall has threads of its own (one that composes, those that decode, GStreamer's); what is called here never waits for them. A camera that is lost or
 * sends garbage greys its own tile and nothing else. What stands on it is a scene of the book (wall.yaml).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/fault.h"

struct book;
struct book_area;
struct feeds;
struct loop;
struct wall;

enum { WALL_DEPARTMENTS_MAX = 12, WALL_TILES_MAX = 144, WALL_AREAS_MAX = 256, WALL_PINS_MAX = 200 };

/* A figure of the wall is a count of cases; `known` false shows a dash, never 0. */
struct wall_department {
    char name[64]; /* UTF-8 */
    int64_t open, due_soon, overdue;
};
/* An area with open cases. */
struct wall_area {
    const struct book_area *area;
    int64_t open, due_soon, overdue;
};
/* A case that stands out, where it is. */
struct wall_pin {
    double lat, lon;
    int64_t overdue; /* 0: it is due soon */
};
struct wall_numbers {
    bool known;
    int64_t counted_at_ms; /* when the store was read: older than 5 s is shown with its age */
    int64_t open, due_soon, overdue, closed_today;
    struct wall_department departments[WALL_DEPARTMENTS_MAX];
    size_t department_count;
    struct wall_area areas[WALL_AREAS_MAX]; /* no bytes between its members: they are compared as they lie */
    size_t area_count;
    struct wall_pin pins[WALL_PINS_MAX]; /* compared as they lie, too; the worst first */
    size_t pin_count;
};

struct wall_options {
    struct loop *loop;
    struct feeds *feeds; /* videowall/feed/feed.h */
    const struct book *book;
    const char *output; /* see above; NULL or "none": no wall */
    const char *scene;  /* of the book, shown at start; NULL: the first one where no cameras are named */
    const char *const
        *cameras; /* ids, up to WALL_TILES_MAX, in the order of the tiles, beside the panels; none, and no scene
                                 * in the book = the book's first four */
    size_t camera_count;
    const char *language; /* "zh" or "en"; NULL = the book's first */
    int64_t png_keep;     /* 0 = 10 */
};

/* *wall stays NULL (and 0 is returned) for output "none"; all functions take that NULL. The first picture does not wait for any camera. */
int wall_open(const struct wall_options *options, struct wall **wall, struct fault *fault);
void wall_close(struct wall *wall);

/* From the loop's thread, about every second. Copies. */
void wall_set_numbers(struct wall *wall, const struct wall_numbers *numbers);

/* "wall: one output of …" where the text names an output that is not there; for the check of the command line. */
int wall_check_output(const char *output, struct fault *fault);

/* ---- scenes, from the loop's thread ----
 * What is asked for is shown once its cameras have their pictures, within 2.5 s in any case; until then the wall stays as it is. The pages
 * of a tour follow each other by themselves, each opened 2.5 s ahead. */

/* From its first page. -ENOENT: the fault names those that there are. */
int wall_show_scene(struct wall *wall, const char *scene, struct fault *fault);
/* So many pages on, or back; round the end. A tour goes on from there. */
void wall_turn(struct wall *wall, int pages);
/* A tour stays on its page. */
void wall_hold(struct wall *wall, bool hold);

/* The cameras near a case, over a part of what is shown, until their time is over or something else pops up. Tours stand still meanwhile. */
struct wall_popup {
    const char *number;                       /* of the case */
    const char *title;                        /* one line for a person */
    const struct book_camera *const *cameras; /* the best one first */
    size_t camera_count;                      /* 1 to POPUP_CAMERAS_MAX of the book */
    int64_t dwell_s;
};
/* At once; what it names is copied. */
void wall_pop_up(struct wall *wall, const struct wall_popup *popup);
void wall_clear(struct wall *wall); /* takes the pop-up away */

struct wall_shown {
    const char *scene;  /* its id; "" where the command line named the cameras */
    size_t page, pages; /* from 1 */
    size_t tiles, live; /* of the page */
    bool held;
    const char *popup; /* number of its case; "": none */
};
struct wall_shown wall_shown(const struct wall *wall);
/* The id of the feed with the wall's picture; "": the output web is not among its outputs. */
const char *wall_web_feed(const struct wall *wall);
/* Where a camera stands on the page that is shown, with its caption, in pixels of the picture. */
struct wall_place {
    const struct book_camera *camera;
    int x, y, width, height;
};
/* So many; none while something has popped up over them. */
size_t wall_places(const struct wall *wall, struct wall_place places[WALL_TILES_MAX]);
/* Tiles whose camera is live now; for /healthz and the quickstart. */
size_t wall_live_tiles(const struct wall *wall);
