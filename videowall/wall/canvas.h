/* Pictures in I420 (BT.601, studio range), and what the wall does with them (libyuv). Places and sizes are even numbers of pixels. */
#pragma once

#include <stdint.h>

struct rect {
    int x, y, width, height;
};

/* A view of planes that somebody owns. */
struct canvas {
    int width, height;
    uint8_t *y, *u, *v;
    int y_stride, uv_stride;
};

/* A picture with memory of its own: packed planes, y then u then v, as GStreamer lays out I420 with even sizes that are multiples of 8. */
struct canvas canvas_create(int width, int height);
void canvas_destroy(struct canvas *canvas); /* safe on a zeroed struct; only for what canvas_create() made */
/* The packed planes in `bytes` as a canvas. */
struct canvas canvas_of_bytes(uint8_t *bytes, int width, int height);
int64_t canvas_bytes(int width, int height);

/* A part as a canvas of its own; `part` lies inside. */
struct canvas canvas_part(const struct canvas *canvas, struct rect part);

void canvas_fill(const struct canvas *canvas, uint32_t rgb);
/* Sizes are equal. */
void canvas_copy(const struct canvas *to, const struct canvas *from);
void canvas_scale(const struct canvas *to, const struct canvas *from);
/* Takes the colour out and half of the contrast: what was seen last is not what is there now. */
void canvas_grey(const struct canvas *canvas);
