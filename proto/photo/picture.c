#include "proto/photo/picture.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <libyuv.h>

enum { QUALITY = 85 };

int picture_make(struct picture *picture, int64_t width, int64_t height, struct fault *fault)
{
    *picture = (struct picture){ malloc((size_t)(width * height) * PICTURE_PIXEL), (int)width, (int)height };
    return picture->pixels ? 0
                           : fault_set(fault, -ENOMEM, "%d x %d pixels: too large to be decoded here", picture->width,
                                       picture->height);
}

void picture_finish(struct picture *picture)
{
    free(picture->pixels);
    *picture = (struct picture){ 0 };
}

static int stride_of(const struct picture *picture)
{
    return picture->width * PICTURE_PIXEL;
}

void picture_on_white(struct picture *picture)
{
    size_t count = (size_t)picture->width * (size_t)picture->height;
    for (uint8_t *pixel = picture->pixels, *end = pixel + count * PICTURE_PIXEL; pixel < end; pixel += PICTURE_PIXEL) {
        unsigned alpha = pixel[3];
        if (alpha == 255)
            continue;
        for (int i = 0; i < 3; i++)
            pixel[i] = (uint8_t)((pixel[i] * alpha + 255 * (255 - alpha) + 127) / 255);
        pixel[3] = 255;
    }
}

int picture_scale(const struct picture *picture, int64_t edge_px, struct picture *out, struct fault *fault)
{
    int64_t width = picture->width, height = picture->height, longer = width > height ? width : height;
    if (longer > edge_px) {
        width = width * edge_px / longer;
        height = height * edge_px / longer;
    }
    int result = picture_make(out, width ? width : 1, height ? height : 1, fault);
    if (!result)
        ARGBScale(picture->pixels, stride_of(picture), picture->width, picture->height, out->pixels, stride_of(out),
                  out->width, out->height, kFilterBox);
    return result;
}

/* By orientation: mirrored from left to right first, then turned clockwise. */
static const struct {
    bool mirror;
    enum RotationMode turn;
} turns[] = {
    [2] = { true, kRotate0 },   [3] = { false, kRotate180 }, [4] = { true, kRotate180 },  [5] = { true, kRotate270 },
    [6] = { false, kRotate90 }, [7] = { true, kRotate90 },   [8] = { false, kRotate270 },
};

/* Takes the place of `picture`. */
static void replace(struct picture *picture, struct picture *with)
{
    picture_finish(picture);
    *picture = *with;
}

static int mirror(struct picture *picture, struct fault *fault)
{
    struct picture out;
    int result = picture_make(&out, picture->width, picture->height, fault);
    if (result)
        return result;
    ARGBMirror(picture->pixels, stride_of(picture), out.pixels, stride_of(&out), out.width, out.height);
    replace(picture, &out);
    return 0;
}

static int turn(struct picture *picture, enum RotationMode mode, struct fault *fault)
{
    bool aside = mode == kRotate90 || mode == kRotate270;
    struct picture out;
    int result =
        picture_make(&out, aside ? picture->height : picture->width, aside ? picture->width : picture->height, fault);
    if (result)
        return result;
    ARGBRotate(picture->pixels, stride_of(picture), out.pixels, stride_of(&out), picture->width, picture->height, mode);
    replace(picture, &out);
    return 0;
}

int picture_upright(struct picture *picture, int orientation, struct fault *fault)
{
    if (orientation < 2 || (size_t)orientation >= sizeof turns / sizeof *turns)
        return 0;
    int result = turns[orientation].mirror ? mirror(picture, fault) : 0;
    if (!result && turns[orientation].turn != kRotate0)
        result = turn(picture, turns[orientation].turn, fault);
    return result;
}

/* What libjpeg cannot do with pixels of ours is a mistake of ours: it ends the program (error_exit's default), and its caller says so. */
int picture_jpeg(const struct picture *picture, struct buffer *out, struct fault *fault)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &size);
    jpeg.image_width = (JDIMENSION)picture->width;
    jpeg.image_height = (JDIMENSION)picture->height;
    jpeg.input_components = PICTURE_PIXEL;
    jpeg.in_color_space = JCS_EXT_BGRX;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, QUALITY, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        JSAMPROW row = picture->pixels + (size_t)jpeg.next_scanline * (size_t)stride_of(picture);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    buffer_append(out, bytes, size);
    free(bytes);
    return size ? 0 : fault_set(fault, -EIO, "the picture could not be written");
}
