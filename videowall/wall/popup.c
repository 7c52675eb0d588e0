#include "videowall/wall/popup.h"

#include <stdio.h>

/* Two stand beside each other and need half of the height; three and four in two rows. */
static struct wall_shape shape_of(size_t cameras)
{
    int height = POPUP_HEIGHT - POPUP_BANNER;
    return (struct wall_shape){ .columns = cameras > 1 ? 2 : 1,
                                .rows = cameras > 2 ? 2 : 1,
                                .large = 1,
                                .within = { 0, POPUP_BANNER, POPUP_WIDTH, cameras == 2 ? height / 2 : height } };
}

void popup_show(struct popup *popup, const struct mosaic_options *from, const struct wall_popup *what, int64_t mono_ms)
{
    struct mosaic_options options = *from;
    options.shape = shape_of(what->camera_count);
    options.cameras = what->cameras;
    options.camera_count = what->camera_count;
    options.banner = what->title;
    composer_show(popup->composer, COMPOSER_POPUP, mosaic_open(&options));
    snprintf(popup->number, sizeof popup->number, "%s", what->number);
    popup->until_mono_ms = mono_ms + what->dwell_s * 1000;
}

bool popup_end(struct popup *popup)
{
    bool stood = popup_stands(popup);
    if (stood)
        composer_show(popup->composer, COMPOSER_POPUP, NULL);
    *popup->number = '\0';
    return stood;
}

bool popup_tick(struct popup *popup, int64_t mono_ms)
{
    return popup_stands(popup) && mono_ms >= popup->until_mono_ms && popup_end(popup);
}
