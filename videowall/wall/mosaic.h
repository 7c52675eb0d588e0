/* A mosaic: one page of a scene, its tiles and the panels beside them. Opened and closed in the loop's thread, drawn in the wall's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "videowall/wall/label.h"
#include "videowall/wall/layout.h"

struct book;
struct book_camera;
struct decoders;
struct feeds;
struct mosaic;

struct mosaic_options {
    struct feeds *feeds;
    struct decoders *decoders;
    const struct book *book;
    struct wall_shape shape;
    const struct book_camera *const *cameras; /* in the order of the tiles, at most wall_shape_tiles() */
    size_t camera_count;
    const char *banner; /* a line above its tiles (POPUP_BANNER); NULL: none */
    bool english;
};

/* Leases the cameras: what is opened before it is shown has its pictures when it is. */
struct mosaic *mosaic_open(const struct mosaic_options *options);
/* Takes NULL. Nobody draws it any more. */
void mosaic_close(struct mosaic *mosaic);

/* In the wall's thread. The first time it draws all of the stage, later what changed. */
void mosaic_draw(struct mosaic *mosaic, const struct canvas *stage, const struct wall_numbers *numbers);

/* How much of the stage it takes: all of the wall's, or a pop-up's own. */
int mosaic_height(const struct mosaic *mosaic);
/* How the banner looks: what the wall draws, and what a test looks for in its picture. */
struct label_style mosaic_banner_style(void);

/* From any thread. */
size_t mosaic_tiles(const struct mosaic *mosaic);
size_t mosaic_live_tiles(const struct mosaic *mosaic);
/* Each tile has a picture, or is known to get none soon. */
bool mosaic_is_settled(const struct mosaic *mosaic);
