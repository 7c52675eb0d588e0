/* Cameras near a case, brought up when they are wanted: by a case that wall.yaml of the book says is urgent, by the desk, by `drumctl wall`. On the
 * native wall over what it shows; at the desks by what they ask.
 *
 *   GET /api/cases/{number}/cameras   {"urgent": wall.yaml says so, "cameras": [{"id", "name", "name_en", "lat", "lon", "away_m", "looks": it looks
 *                                     at the place}]}, the best one first
 *   GET /api/popup                    {"popup": null, or what stands now: {"number", "title", "priority", "at_ms", "until_ms"}}
 */
#pragma once

#include "proto/base/loop.h"
#include "proto/book/book.h"
#include "proto/door/door.h"
#include "proto/store/store.h"

struct camera_places;
struct case_popups;
struct wall;

struct case_popup_options {
    struct loop *loop;
    struct door *door;
    const struct book *book;
    const struct camera_places *places;
    struct store *cases; /* read-only */
    struct wall *wall;   /* NULL: no native wall; desks are told all the same */
    unsigned roles;      /* ROLE_BIT()s that may look */
};

/* From now on; what was reported before pops up no more by itself. */
int case_popups_open(const struct case_popup_options *options, struct case_popups **popups, struct fault *fault);
void case_popups_close(
    struct case_popups *popups); /* takes NULL; before the loop, the door, the store and the wall go */

/* By hand. -ENOENT: there is no such case, or no camera near it. */
int case_popups_show(struct case_popups *popups, const char *number, struct fault *fault);
void case_popups_clear(struct case_popups *popups);
