#include "test/unit/photo/samples.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>
#include <webp/encode.h>
#include <webp/mux.h>

static const uint8_t red[4] = { 255, 0, 0, 255 }, blue[4] = { 0, 0, 255, 255 };

/* Red, green, blue, alpha. */
static uint8_t *paint(int width, int height)
{
    uint8_t *pixels = malloc((size_t)width * (size_t)height * 4);
    assert(pixels);
    for (int i = 0; i < width * height; i++)
        memcpy(pixels + i * 4, i % width < width / 2 ? red : blue, 4);
    return pixels;
}

/* ---- EXIF ---- */

static void le16(struct buffer *out, unsigned value)
{
    buffer_append(out, (const uint8_t[]){ (uint8_t)value, (uint8_t)(value >> 8) }, 2);
}

static void le32(struct buffer *out, unsigned value)
{
    le16(out, value & 0xffff);
    le16(out, value >> 16);
}

enum { SHORT = 3, ASCII = 2, LONG = 4, RATIONAL = 5, HEAD = 8, ENTRY = 12 };

/* A directory under way: its entries, and the values that do not fit into them, which stand behind it. */
struct directory {
    struct buffer entries, values;
    unsigned count, at, planned;
};

static void add(struct directory *directory, unsigned tag, unsigned kind, unsigned count, const void *value,
                size_t size)
{
    uint8_t inside[4] = { 0 };
    le16(&directory->entries, tag);
    le16(&directory->entries, kind);
    le32(&directory->entries, count);
    if (size <= sizeof inside) {
        memcpy(inside, value, size);
        buffer_append(&directory->entries, inside, sizeof inside);
    } else {
        le32(&directory->entries,
             directory->at + 2 + directory->planned * ENTRY + 4 + (unsigned)directory->values.size);
        buffer_append(&directory->values, value, size);
    }
    directory->count++;
}

static void add_text(struct directory *directory, unsigned tag, const char *text)
{
    add(directory, tag, ASCII, (unsigned)strlen(text) + 1, text, strlen(text) + 1);
}

static void add_degrees(struct directory *directory, unsigned tag, const char *text)
{
    char *half;
    unsigned hundredths = (unsigned)(strtod(text, &half) * 100 + 0.5);
    struct buffer rationals = { 0 };
    const unsigned parts[] = { hundredths / 100, 1, hundredths % 100 * 60, 100, 0, 1 };
    for (size_t i = 0; i < 6; i++)
        le32(&rationals, parts[i]);
    add_text(directory, tag - 1, half);
    add(directory, tag, RATIONAL, 3, rationals.bytes, rationals.size);
    buffer_finish(&rationals);
}

static void add_place_of(struct directory *directory, unsigned tag, unsigned where)
{
    add(directory, tag, LONG, 1, (const uint8_t[]){ (uint8_t)where, (uint8_t)(where >> 8), 0, 0 }, 4);
}

static void end(struct directory *directory, struct buffer *out)
{
    assert(directory->count == directory->planned);
    le16(out, directory->count);
    buffer_append(out, directory->entries.bytes, directory->entries.size);
    le32(out, 0);
    buffer_append(out, directory->values.bytes, directory->values.size);
    buffer_finish(&directory->entries);
    buffer_finish(&directory->values);
}

void sample_exif(const struct sample_exif *said, struct buffer *out)
{
    enum { EXIF_AT = 200, GPS_AT = 400 };
    size_t start = out->size;
    struct directory first = { .at = HEAD, .planned = 2 + (said->orientation != 0) + (said->lat != NULL) };
    struct directory detail = { .at = EXIF_AT, .planned = (said->taken != NULL) + (said->offset != NULL) };
    struct directory gps = { .at = GPS_AT, .planned = 4 };
    buffer_append(out, "II*\0\10\0\0", 8);
    add_text(&first, 0x10f, "The Phone's Maker");
    if (said->orientation)
        add(&first, 0x112, SHORT, 1, (const uint8_t[]){ (uint8_t)said->orientation, 0 }, 2);
    add_place_of(&first, 0x8769, EXIF_AT);
    if (said->lat)
        add_place_of(&first, 0x8825, GPS_AT);
    end(&first, out);
    buffer_reserve(out, EXIF_AT);
    memset(out->bytes + out->size, 0, start + EXIF_AT - out->size);
    out->size = start + EXIF_AT;
    if (said->taken)
        add_text(&detail, 0x9003, said->taken);
    if (said->offset)
        add_text(&detail, 0x9011, said->offset);
    end(&detail, out);
    if (!said->lat)
        return;
    buffer_reserve(out, GPS_AT);
    memset(out->bytes + out->size, 0, start + GPS_AT - out->size);
    out->size = start + GPS_AT;
    add_degrees(&gps, 2, said->lat);
    add_degrees(&gps, 4, said->lon);
    end(&gps, out);
}

/* ---- files ---- */

void sample_jpeg(int width, int height, const struct buffer *exif, struct buffer *out)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    uint8_t *pixels = paint(width, height);
    struct buffer marker = { 0 };
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &size);
    jpeg.image_width = (JDIMENSION)width;
    jpeg.image_height = (JDIMENSION)height;
    jpeg.input_components = 4;
    jpeg.in_color_space = JCS_EXT_RGBX;
    jpeg_set_defaults(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    buffer_append(&marker, "Exif\0", 6);
    buffer_append(&marker, exif->bytes, exif->size);
    if (exif->size)
        jpeg_write_marker(&jpeg, JPEG_APP0 + 1, marker.bytes, (unsigned)marker.size);
    while (jpeg.next_scanline < jpeg.image_height) {
        JSAMPROW row = pixels + (size_t)jpeg.next_scanline * (size_t)width * 4;
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    buffer_append(out, bytes, size);
    buffer_finish(&marker);
    free(bytes);
    free(pixels);
}

static void png_append(png_structp png, png_bytep bytes, size_t size)
{
    buffer_append(png_get_io_ptr(png), bytes, size);
}

static void write_png(uint8_t *pixels, int width, int height, const struct buffer *exif, struct buffer *out)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, out, png_append, NULL);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8, PNG_COLOR_TYPE_RGBA, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (exif && exif->size)
        png_set_eXIf_1(png, info, (png_uint_32)exif->size, exif->bytes);
    png_write_info(png, info);
    for (int y = 0; y < height; y++)
        png_write_row(png, pixels + (size_t)(y * width) * 4);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    free(pixels);
}

void sample_png(int width, int height, const struct buffer *exif, struct buffer *out)
{
    write_png(paint(width, height), width, height, exif, out);
}

void sample_clear_png(int width, int height, struct buffer *out)
{
    write_png(calloc((size_t)(width * height), 4), width, height, NULL, out);
}

void sample_webp(int width, int height, const struct buffer *exif, struct buffer *out)
{
    uint8_t *pixels = paint(width, height), *bytes = NULL;
    size_t size = WebPEncodeRGBA(pixels, width, height, width * 4, 90, &bytes);
    WebPData picture = { bytes, size }, data = { exif->bytes, exif->size }, whole;
    WebPMux *mux = WebPMuxNew();
    WebPMuxSetImage(mux, &picture, 1);
    if (exif->size)
        WebPMuxSetChunk(mux, "EXIF", &data, 1);
    WebPMuxError error = WebPMuxAssemble(mux, &whole);
    assert(error == WEBP_MUX_OK);
    buffer_append(out, whole.bytes, whole.size);
    WebPDataClear(&whole);
    WebPMuxDelete(mux);
    WebPFree(bytes);
    free(pixels);
}

static const char *colour_of(const uint8_t *pixel)
{
    bool bright[3];
    for (int i = 0; i < 3; i++)
        bright[i] = pixel[i] > 128;
    if (bright[0] && bright[1] && bright[2])
        return "white";
    if (bright[1] || bright[0] == bright[2])
        return "other";
    return bright[0] ? "red" : "blue";
}

struct sample_look sample_look(struct bytes file, int x_percent, int y_percent)
{
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, file.data, file.size);
    jpeg_read_header(&jpeg, TRUE);
    jpeg.out_color_space = JCS_EXT_RGBX;
    jpeg_start_decompress(&jpeg);
    struct sample_look look = { (int)jpeg.output_width, (int)jpeg.output_height, NULL };
    uint8_t *row = malloc((size_t)look.width * 4);
    while (jpeg.output_scanline < jpeg.output_height) {
        bool wanted = (int)jpeg.output_scanline == look.height * y_percent / 100;
        jpeg_read_scanlines(&jpeg, &row, 1);
        if (wanted)
            look.colour = colour_of(row + look.width * x_percent / 100 * 4);
    }
    jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
    free(row);
    return look;
}
