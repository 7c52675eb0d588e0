#include "videowall/wall/canvas.h"

#include <assert.h>
#include <libyuv.h>
#include <stdlib.h>
#include <string.h>

int64_t canvas_bytes(int width, int height)
{
    return (int64_t)width * height * 3 / 2;
}

struct canvas canvas_of_bytes(uint8_t *bytes, int width, int height)
{
    assert(width > 0 && height > 0 && width % 2 == 0 && height % 2 == 0);
    return (struct canvas){
        .width = width,
        .height = height,
        .y = bytes,
        .u = bytes + width * height,
        .v = bytes + width * height + (width / 2) * (height / 2),
        .y_stride = width,
        .uv_stride = width / 2,
    };
}

struct canvas canvas_create(int width, int height)
{
    uint8_t *bytes = malloc((size_t)canvas_bytes(width, height));
    assert(bytes);
    struct canvas canvas = canvas_of_bytes(bytes, width, height);
    canvas_fill(&canvas, 0);
    return canvas;
}

void canvas_destroy(struct canvas *canvas)
{
    free(canvas->y);
    *canvas = (struct canvas){ 0 };
}

struct canvas canvas_part(const struct canvas *canvas, struct rect part)
{
    assert(part.x >= 0 && part.y >= 0 && part.x + part.width <= canvas->width &&
           part.y + part.height <= canvas->height);
    assert((part.x | part.y | part.width | part.height) % 2 == 0);
    struct canvas view = *canvas;
    int uv_at = part.y / 2 * canvas->uv_stride + part.x / 2;
    view.width = part.width;
    view.height = part.height;
    view.y += part.y * canvas->y_stride + part.x;
    view.u += uv_at;
    view.v += uv_at;
    return view;
}

/* ITU-R BT.601-7, studio range, in 1/256. */
static int luma(int red, int green, int blue)
{
    return (66 * red + 129 * green + 25 * blue + 128 + (16 << 8)) >> 8;
}

static int chroma_blue(int red, int green, int blue)
{
    return (-38 * red - 74 * green + 112 * blue + 128 + (128 << 8)) >> 8;
}

static int chroma_red(int red, int green, int blue)
{
    return (112 * red - 94 * green - 18 * blue + 128 + (128 << 8)) >> 8;
}

void canvas_fill(const struct canvas *canvas, uint32_t rgb)
{
    int red = rgb >> 16 & 255, green = rgb >> 8 & 255, blue = rgb & 255;
    I420Rect(canvas->y, canvas->y_stride, canvas->u, canvas->uv_stride, canvas->v, canvas->uv_stride, 0, 0,
             canvas->width, canvas->height, luma(red, green, blue), chroma_blue(red, green, blue),
             chroma_red(red, green, blue));
}

void canvas_copy(const struct canvas *to, const struct canvas *from)
{
    assert(to->width == from->width && to->height == from->height);
    I420Copy(from->y, from->y_stride, from->u, from->uv_stride, from->v, from->uv_stride, to->y, to->y_stride, to->u,
             to->uv_stride, to->v, to->uv_stride, to->width, to->height);
}

void canvas_scale(const struct canvas *to, const struct canvas *from)
{
    I420Scale(from->y, from->y_stride, from->u, from->uv_stride, from->v, from->uv_stride, from->width, from->height,
              to->y, to->y_stride, to->u, to->uv_stride, to->v, to->uv_stride, to->width, to->height, kFilterBilinear);
}

void canvas_grey(const struct canvas *canvas)
{
    for (int row = 0; row < canvas->height; row++) {
        uint8_t *y = canvas->y + row * canvas->y_stride;
        for (int column = 0; column < canvas->width; column++)
            y[column] = (uint8_t)(y[column] / 2 + 32);
    }
    for (int row = 0; row < canvas->height / 2; row++) {
        memset(canvas->u + row * canvas->uv_stride, 128, (size_t)canvas->width / 2);
        memset(canvas->v + row * canvas->uv_stride, 128, (size_t)canvas->width / 2);
    }
}
