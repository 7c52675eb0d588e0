#include "videowall/wall/label.h"

#include <assert.h>
#include <libyuv.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

/* The first family that is there and has the letter is used for it. */
#define LABEL_FAMILIES "Noto Sans,Noto Sans CJK SC,sans-serif"

void label_set_source(cairo_t *cairo, uint32_t argb)
{
    cairo_set_source_rgba(cairo, (argb >> 16 & 255) / 255.0, (argb >> 8 & 255) / 255.0, (argb & 255) / 255.0,
                          (argb >> 24) / 255.0);
}

static const PangoAlignment alignments[] = {
    [LABEL_LEFT] = PANGO_ALIGN_LEFT, [LABEL_CENTER] = PANGO_ALIGN_CENTER, [LABEL_RIGHT] = PANGO_ALIGN_RIGHT
};

PangoLayout *label_layout(cairo_t *cairo, int size_px, bool bold, const char *text)
{
    PangoLayout *layout = pango_cairo_create_layout(cairo);
    PangoFontDescription *font = pango_font_description_from_string(LABEL_FAMILIES);
    pango_font_description_set_absolute_size(font, size_px * PANGO_SCALE);
    pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    pango_layout_set_text(layout, text, -1);
    return layout;
}

static void draw_text(cairo_t *cairo, const struct label_style *style, const char *text)
{
    int margin = style->size_px / 3, height;
    PangoLayout *layout = label_layout(cairo, style->size_px, style->bold, text);
    pango_layout_set_width(layout, (style->width - 2 * margin) * PANGO_SCALE);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_alignment(layout, alignments[style->align]);
    pango_layout_get_pixel_size(layout, NULL, &height);
    cairo_move_to(cairo, margin, (style->height - height) / 2.0);
    label_set_source(cairo, style->text_argb);
    pango_cairo_show_layout(cairo, layout);
    g_object_unref(layout);
}

static void draw(struct label *label)
{
    const struct label_style *style = &label->style;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, style->width, style->height);
    cairo_t *cairo = cairo_create(surface);
    label_set_source(cairo, style->ground_argb);
    cairo_paint(cairo);
    draw_text(cairo, style, label->text);
    cairo_destroy(cairo);
    cairo_surface_flush(surface);
    uint8_t *argb = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface);
    struct canvas *picture = &label->picture;
    ARGBExtractAlpha(argb, stride, label->alpha, style->width, style->width, style->height);
    ARGBUnattenuate(argb, stride, argb, stride, style->width, style->height); /* Cairo's colours carry their alpha */
    ARGBToI420(argb, stride, picture->y, picture->y_stride, picture->u, picture->uv_stride, picture->v,
               picture->uv_stride, style->width, style->height);
    cairo_surface_destroy(surface);
}

static bool style_equal(const struct label_style *a, const struct label_style *b)
{
    return a->width == b->width && a->height == b->height && a->size_px == b->size_px && a->bold == b->bold &&
           a->align == b->align && a->text_argb == b->text_argb && a->ground_argb == b->ground_argb;
}

bool label_set(struct label *label, const struct label_style *style, const char *text)
{
    if (label->text && style_equal(&label->style, style) && strcmp(label->text, text) == 0)
        return false;
    if (label->picture.width != style->width || label->picture.height != style->height) {
        label_finish(label);
        label->picture = canvas_create(style->width, style->height);
        label->alpha = malloc((size_t)style->width * (size_t)style->height);
        assert(label->alpha);
    }
    free(label->text);
    label->text = strdup(text);
    assert(label->text);
    label->style = *style;
    draw(label);
    return true;
}

void label_blend(const struct label *label, const struct canvas *canvas, int x, int y)
{
    if (!label->text)
        return;
    const struct canvas *picture = &label->picture;
    struct canvas part = canvas_part(canvas, (struct rect){ x, y, picture->width, picture->height });
    if (label->style.ground_argb >> 24 == 255) {
        canvas_copy(&part, picture);
        return;
    }
    I420Blend(picture->y, picture->y_stride, picture->u, picture->uv_stride, picture->v, picture->uv_stride, part.y,
              part.y_stride, part.u, part.uv_stride, part.v, part.uv_stride, label->alpha, picture->width, part.y,
              part.y_stride, part.u, part.uv_stride, part.v, part.uv_stride, picture->width, picture->height);
}

void label_finish(struct label *label)
{
    free(label->text);
    free(label->alpha);
    canvas_destroy(&label->picture);
    *label = (struct label){ 0 };
}
