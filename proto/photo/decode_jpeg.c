#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>

#include <jerror.h>
#include <jpeglib.h>

#include "proto/photo/decode.h"

enum { SCANS_MAX = 200, EXIF_MARKER = JPEG_APP0 + 1, EXIF_BYTES = 65533 };

/* A decoder with the way out of it: libjpeg does not return from an error. */
struct work {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    struct fault *fault;
    jmp_buf out;
};

static _Noreturn void give_up(j_common_ptr jpeg)
{
    char words[JMSG_LENGTH_MAX];
    struct work *work = jpeg->client_data;
    jpeg->err->format_message(jpeg, words);
    fault_set(work->fault, -EINVAL, "JPEG: %s", words);
    longjmp(work->out, 1);
}

/* Warnings (level -1) are bytes that libjpeg had to guess at, but for those that cameras of the street are known to cause. */
static void hear(j_common_ptr jpeg, int level)
{
    int code = jpeg->err->msg_code;
    bool harmless = code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR;
    if (level < 0 && !harmless)
        give_up(jpeg);
}

/* A progressive picture may come in so many scans, each of which costs as much as a whole one. */
static void count_scans(j_common_ptr jpeg)
{
    struct work *work = jpeg->client_data;
    if (work->jpeg.input_scan_number <= SCANS_MAX)
        return;
    fault_set(work->fault, -EINVAL, "JPEG: more than %d scans", SCANS_MAX);
    longjmp(work->out, 1);
}

static void start(struct work *work, struct bytes file)
{
    work->jpeg.err = jpeg_std_error(&work->errors);
    work->errors.error_exit = give_up;
    work->errors.emit_message = hear;
    work->jpeg.client_data = work;
    jpeg_create_decompress(&work->jpeg);
    work->progress.progress_monitor = count_scans;
    work->jpeg.progress = &work->progress;
    jpeg_save_markers(&work->jpeg, EXIF_MARKER, EXIF_BYTES);
    jpeg_mem_src(&work->jpeg, file.data, file.size);
    jpeg_read_header(&work->jpeg, TRUE);
}

/* The inverse transform gives a half, a quarter or an eighth at the price of that: the least that is as large as what is kept. */
static void choose_scale(struct jpeg_decompress_struct *jpeg, int64_t edge_px)
{
    int64_t longer = jpeg->image_width > jpeg->image_height ? jpeg->image_width : jpeg->image_height;
    jpeg->scale_num = 1;
    jpeg->scale_denom = 1;
    while (jpeg->scale_denom < 8 && longer / (jpeg->scale_denom * 2) >= edge_px)
        jpeg->scale_denom *= 2;
}

static int read_rows(struct work *work, struct picture *picture)
{
    struct jpeg_decompress_struct *jpeg = &work->jpeg;
    jpeg_calc_output_dimensions(jpeg);
    int result = picture_make(picture, jpeg->output_width, jpeg->output_height, work->fault);
    if (result)
        return result;
    jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = picture->pixels + (size_t)jpeg->output_scanline * (size_t)picture->width * (size_t)PICTURE_PIXEL;
        jpeg_read_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_decompress(jpeg);
    return 0;
}

static int decode(struct work *work, const struct photo_limits *limits, struct picture *picture, struct buffer *exif)
{
    struct jpeg_decompress_struct *jpeg = &work->jpeg;
    int result = decode_check_size(jpeg->image_width, jpeg->image_height, limits, "JPEG", work->fault);
    if (result)
        return result;
    if (jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK)
        return fault_set(work->fault, -EINVAL, "JPEG: in the colours of a printer; expected those of a screen");
    if (jpeg->marker_list)
        buffer_append(exif, jpeg->marker_list->data, jpeg->marker_list->data_length);
    choose_scale(jpeg, limits->edge_px);
    jpeg->out_color_space = JCS_EXT_BGRA;
    return read_rows(work, picture);
}

int decode_jpeg(struct bytes file, const struct photo_limits *limits, struct picture *picture, struct buffer *exif,
                struct fault *fault)
{
    struct work work = { .fault = fault };
    volatile int result = -EINVAL; /* where libjpeg jumped out, the fault is set */
    if (!setjmp(work.out)) {
        start(&work, file);
        result = decode(&work, limits, picture, exif);
    }
    jpeg_destroy_decompress(&work.jpeg);
    return result;
}
