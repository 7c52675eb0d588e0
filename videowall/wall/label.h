/* A label: one line of text in a box, drawn once by Pango and Cairo and kept as I420 with an alpha plane; then only blended. */
#pragma once

#include <pango/pangocairo.h>
#include <stdbool.h>
#include <stdint.h>

#include "videowall/wall/canvas.h"

enum label_align { LABEL_LEFT, LABEL_CENTER, LABEL_RIGHT };

struct label_style {
    int width, height; /* of the box, even; a text that is too long ends in "…" */
    int size_px;       /* of the type: its em */
    bool bold;
    enum label_align align;
    uint32_t text_argb, ground_argb; /* ground with alpha 255: the box covers what is under it */
};

/* Zeroed before first use. */
struct label {
    struct label_style style;
    char *text;
    struct canvas picture; /* memory of its own */
    uint8_t *alpha;        /* width × height */
};

/* The wall's face: one line at that size, to be shown in whatever colour; the caller unrefs it. For those who draw with Cairo themselves. */
PangoLayout *label_layout(cairo_t *cairo, int size_px, bool bold, const char *text);
void label_set_source(cairo_t *cairo, uint32_t argb);

/* Draws anew where text or style differ from what is kept; true: it did. */
bool label_set(struct label *label, const struct label_style *style, const char *text);
/* Nothing is drawn where no text was set. The box lies inside the canvas; x and y are even. */
void label_blend(const struct label *label, const struct canvas *canvas, int x, int y);
void label_finish(struct label *label); /* safe on a zeroed struct */
