/* A pop-up: the cameras near a case, over a part of whatever the wall shows, for a while. In the loop's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "videowall/wall/composer.h"
#include "videowall/wall/mosaic.h"
#include "videowall/wall/wall.h"

struct popup {
    struct composer *composer;
    char number[65]; /* of the case; "": none stands */
    int64_t until_mono_ms;
};

/* At once, in place of the one before; the cameras' pictures follow as they come. `from`: what is the wall's own. */
void popup_show(struct popup *popup, const struct mosaic_options *from, const struct wall_popup *what, int64_t mono_ms);
/* Takes it away when its time is over; true: it just did. */
bool popup_tick(struct popup *popup, int64_t mono_ms);
bool popup_end(struct popup *popup); /* false: there was none */

static inline bool popup_stands(const struct popup *popup)
{
    return *popup->number;
}
