/* Who switches the native wall: `drumctl wall` over the bus (BUS_WALL, proto/record/wall.h), the desk over the door.
 *
 *   GET  /api/wall/view   what is on the native wall: the fields of wall_view, "scenes" [{"id", "name": {"zh", "en"}}], "web": the id under which
 *                         GET /live has its picture, "" where that is no output of it, and "places" [{"id", "name", "name_en", "turns", "x", "y",
 *                         "width", "height"}]: its cameras where they stand, in pixels of 1920x1080; none under a pop-up
 *   POST /api/wall/view   {"verb": "show"|"next"|"back"|"hold"|"go"|"pop"|"clear", "scene" of show, "case" of pop: its number}: the same answer;
 *                         404 for a scene or case that is not there, or a case that no camera is near,
 *                         409 where there is no native wall
 */
#pragma once

#include "proto/base/loop.h"
#include "proto/book/book.h"
#include "proto/door/door.h"

struct wall;
struct case_popups;

struct wall_control_options {
    struct loop *loop;
    struct door *door;
    const struct book *book;
    int64_t bus_port;
    unsigned look_roles, switch_roles; /* ROLE_BIT()s */
    struct wall *wall;                 /* NULL: no native wall, and that is the answer */
    struct case_popups *popups;
};

struct wall_control;
int wall_control_open(const struct wall_control_options *options, struct wall_control **control, struct fault *fault);
/* Takes NULL. The bus ends with the process: after the loop has ended. */
void wall_control_close(struct wall_control *control);
