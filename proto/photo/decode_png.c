#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "proto/photo/decode.h"

enum { CHUNK_BYTES = 8 << 20 };

struct work {
    png_structp png;
    png_infop info;
    png_bytep *volatile rows;
    struct bytes rest;
    struct fault *fault;
};

static _Noreturn void give_up(png_structp png, png_const_charp words)
{
    struct work *work = png_get_error_ptr(png);
    fault_set(work->fault, -EINVAL, "PNG: %s", words);
    png_longjmp(png, 1);
}

/* What libpng only warns of (a text that is odd, a colour profile that it does not know) is not kept. */
static void ignore(png_structp png, png_const_charp words)
{
    (void)png;
    (void)words;
}

static void read_bytes(png_structp png, png_bytep out, size_t size)
{
    struct work *work = png_get_io_ptr(png);
    if (size > work->rest.size)
        png_error(png, "cut short");
    memcpy(out, work->rest.data, size);
    work->rest = (struct bytes){ work->rest.data + size, work->rest.size - size };
}

/* Whatever it is made of: blue, green, red, alpha of eight bits each. */
static void ask_for_pixels(png_structp png)
{
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
    png_set_bgr(png);
    png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
    png_set_interlace_handling(png);
}

/* What a chunk says that it holds has to be there before libpng takes memory for it: that of Debian 12 (1.6.39) does not hold an eXIf to
 * CHUNK_BYTES. (PNG 1.2, 3.2: length, type, so many bytes, a sum.) */
static void check_chunks(struct work *work)
{
    enum { HEAD = 8, LENGTH = 4, TYPE = 4, AROUND = 12 };
    struct bytes rest = work->rest;
    for (size_t step = HEAD; rest.size > step + LENGTH + TYPE;) {
        rest = (struct bytes){ rest.data + step, rest.size - step };
        size_t length = png_get_uint_32(rest.data);
        if (length > rest.size) {
            fault_set(work->fault, -EINVAL, "PNG: cut short: a chunk of %zu bytes, of which %zu are there", length,
                      rest.size);
            png_longjmp(work->png, 1);
        }
        if (memcmp(rest.data + LENGTH, "IEND", TYPE) == 0)
            return; /* what some programs leave behind it is nobody's */
        step = length + AROUND;
    }
}

static int read_head(struct work *work, const struct photo_limits *limits)
{
    png_set_user_limits(work->png, 1 << 20, 1 << 20);
    png_set_chunk_malloc_max(work->png, CHUNK_BYTES);
    png_set_read_fn(work->png, work, read_bytes);
    check_chunks(work);
    png_read_info(work->png, work->info);
    return decode_check_size(png_get_image_width(work->png, work->info), png_get_image_height(work->png, work->info),
                             limits, "PNG", work->fault);
}

static int read_rows(struct work *work, struct picture *picture)
{
    int64_t width = png_get_image_width(work->png, work->info), height = png_get_image_height(work->png, work->info);
    ask_for_pixels(work->png);
    png_read_update_info(work->png, work->info);
    int result = picture_make(picture, width, height, work->fault);
    if (result)
        return result;
    if (png_get_rowbytes(work->png, work->info) != (size_t)width * PICTURE_PIXEL)
        png_error(work->png, "pixels of an unknown kind");
    work->rows = calloc((size_t)height, sizeof *work->rows);
    if (!work->rows)
        return fault_set(work->fault, -ENOMEM, "PNG: %lld rows", (long long)height);
    for (int64_t y = 0; y < height; y++)
        work->rows[y] = picture->pixels + (size_t)(y * width) * PICTURE_PIXEL;
    png_read_image(work->png, work->rows);
    png_read_end(work->png, work->info);
    return 0;
}

static void take_exif(struct work *work, struct buffer *exif)
{
    png_uint_32 size;
    png_bytep bytes;
    if (png_get_eXIf_1(work->png, work->info, &size, &bytes))
        buffer_append(exif, bytes, size);
}

static int decode(struct work *work, const struct photo_limits *limits, struct picture *picture, struct buffer *exif)
{
    if (setjmp(png_jmpbuf(work->png))) /* the fault is set */
        return -EINVAL;
    int result = read_head(work, limits);
    if (!result)
        result = read_rows(work, picture);
    if (!result)
        take_exif(work, exif);
    return result;
}

int decode_png(struct bytes file, const struct photo_limits *limits, struct picture *picture, struct buffer *exif,
               struct fault *fault)
{
    struct work work = { .rest = file, .fault = fault };
    work.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &work, give_up, ignore);
    work.info = work.png ? png_create_info_struct(work.png) : NULL;
    int result = work.info ? decode(&work, limits, picture, exif) : fault_set(fault, -ENOMEM, "PNG: out of memory");
    free(work.rows);
    png_destroy_read_struct(&work.png, &work.info, NULL);
    return result;
}
