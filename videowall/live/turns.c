#include "videowall/live/turns.h"

#include <stdio.h>
#include <string.h>

#include "proto/record/camera.h"

static struct turn *find(struct turns *turns, const char *camera)
{
    for (struct turn *turn = turns->turns; turn < turns->turns + TURNS_MAX; turn++)
        if (turn->until_mono_ms && strcmp(turn->camera, camera) == 0)
            return turn;
    return NULL;
}

/* A place that is free, or that of the camera whose turning is over longest. */
static struct turn *make(struct turns *turns)
{
    struct turn *oldest = turns->turns;
    for (struct turn *turn = turns->turns; turn < turns->turns + TURNS_MAX; turn++)
        if (turn->until_mono_ms < oldest->until_mono_ms)
            oldest = turn;
    *oldest = (struct turn){ 0 };
    return oldest;
}

static bool stops(const struct turn_order *order)
{
    return !order->pan && !order->tilt && !order->zoom;
}

static void note(struct turn *turn, const struct turn_order *order, int64_t now_mono_ms)
{
    snprintf(turn->camera, sizeof turn->camera, "%s", order->camera);
    snprintf(turn->login, sizeof turn->login, "%s", order->login);
    snprintf(turn->name, sizeof turn->name, "%s", order->name);
    snprintf(turn->press, sizeof turn->press, "%s", order->press);
    turn->serial = order->serial;
    turn->pan = order->pan;
    turn->tilt = order->tilt;
    turn->zoom = order->zoom;
    turn->until_mono_ms = now_mono_ms + (stops(order) ? 0 : CAMERA_MOVE_SECONDS * 1000);
}

enum turn_word turns_take(struct turns *turns, const struct turn_order *order, int64_t now_mono_ms,
                          char other[TURNS_NAME_SIZE])
{
    struct turn *turn = find(turns, order->camera);
    bool turning = turn && turn->until_mono_ms > now_mono_ms;
    bool same = turn && strcmp(turn->press, order->press) == 0;
    *other = '\0';
    if (same && order->serial <= turn->serial)
        return TURN_STALE;
    if (turning && !same && order->serial > 1) {
        strcpy(other, turn->name);
        return TURN_TAKEN;
    }
    bool renews = turning && same && turn->pan == order->pan && turn->tilt == order->tilt && turn->zoom == order->zoom;
    if (turning && !stops(order) && strcmp(turn->login, order->login) != 0)
        strcpy(other, turn->name);
    note(turn ? turn : make(turns), order, now_mono_ms);
    return stops(order) || renews ? TURN_OBEY : TURN_BEGIN;
}

void turns_forget(struct turns *turns, const char *camera, const char *press)
{
    struct turn *turn = find(turns, camera);
    if (turn && strcmp(turn->press, press) == 0)
        turn->until_mono_ms = 0;
}
