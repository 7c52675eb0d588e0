/* Photos for tests, made here: a left half that is red and a right half that is blue, with what a camera would write beside it. */
#pragma once

#include "proto/base/buffer.h"

/* A TIFF structure as EXIF has it, without the prefix of JPEG. NULL, 0: left out. */
struct sample_exif {
    int orientation;
    const char *taken;  /* "2026:01:05 08:30:00" */
    const char *offset; /* "+08:00" */
    const char *lat;    /* "39.94N": degrees with two decimals */
    const char *lon;
};
void sample_exif(const struct sample_exif *said, struct buffer *out);

/* Each appends a file; `exif` (a buffer that is empty: none) is put in where the kind has its place for it. */
void sample_jpeg(int width, int height, const struct buffer *exif, struct buffer *out);
void sample_png(int width, int height, const struct buffer *exif, struct buffer *out);
void sample_webp(int width, int height, const struct buffer *exif, struct buffer *out);
/* A PNG that is all there, of pixels that let everything through. */
void sample_clear_png(int width, int height, struct buffer *out);

/* Decodes a JPEG and tells its size and the colour ("red", "blue", "white", "other") at a place of it, in percent of its edges. */
struct sample_look {
    int width, height;
    const char *colour;
};
struct sample_look sample_look(struct bytes jpeg, int x_percent, int y_percent);
