/* Who turns which camera (PTZ): whoever pressed last. Pure; it is told the time.
 *
 * A press is a control that is held: an id made by the page for it, and orders that say how the camera is to move from now on, numbered from 1;
 * the last one is a stop. While it is held they are renewed. What the network brings late says nothing any more: of a press only an order with a
 * higher number than the newest one, and of two presses the one that began later. So no move undoes the stop that was sent after it, and whoever
 * was taken over from hears it at the next renewal instead of turning the camera back.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { TURNS_MAX = 64 /* cameras that are remembered */, TURNS_PRESS_MAX = 64, TURNS_NAME_SIZE = 65 };

struct turn_order {
    const char *camera, *login, *name; /* name: whom others are told of; both texts at most 64 bytes */
    const char *press;
    int64_t serial;
    int pan, tilt, zoom; /* camera.h; all 0: stop */
};

struct turn {
    char camera[65], login[65], name[TURNS_NAME_SIZE], press[TURNS_PRESS_MAX + 1];
    int64_t serial, until_mono_ms;
    int pan, tilt, zoom;
};
struct turns {
    struct turn turns[TURNS_MAX]; /* until_mono_ms 0: not in use */
};

enum turn_word {
    TURN_OBEY,  /* a renewal, or a stop */
    TURN_BEGIN, /* the camera is to move otherwise than before: worth recording */
    TURN_STALE, /* a newer order of its press is known */
    TURN_TAKEN  /* somebody pressed later */
};

/* What is to be done with an order; turns counts it as done. `other`: who has the camera now (taken), or somebody else who had it till now
 * (begin); "" otherwise. */
enum turn_word turns_take(struct turns *turns, const struct turn_order *order, int64_t now_mono_ms,
                          char other[TURNS_NAME_SIZE]);
/* The camera was not told, or did not obey: that press does not have it. */
void turns_forget(struct turns *turns, const char *camera, const char *press);
