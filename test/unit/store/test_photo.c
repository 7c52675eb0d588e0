/* Photos made by hand from segments: what has to go and what has to stay. */
#include "proto/store/photo.h"

#include "support.h"

static struct fault fault;

/* String literals as bytes, NULs included. */
#define BYTES(text) ((struct bytes){ (const uint8_t *)(text), sizeof(text) - 1 })

#define SOI "\xff\xd8"
#define EOI "\xff\xd9"
#define JFIF "\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
#define JFIF_WITH_PICTURE "\xff\xe0\0\x13JFIF\0\1\1\0\0\1\0\1\1\1rgb"
#define EXIF \
    "\xff\xe1\0\x11" \
    "Exif\0\0GPS here!"
#define XMP "\xff\xe1\0\x1bhttp://ns.adobe.com/xap/1"
#define IPTC "\xff\xed\0\x0dPhotoshop 3"
#define MPF "\xff\xe2\0\x08MPF\0ab"
#define ICC "\xff\xe2\0\x12ICC_PROFILE\0\1\1ab"
#define ADOBE \
    "\xff\xee\0\x0e" \
    "Adobe\0\x64\0\0\0\0\1"
#define COMMENT "\xff\xfe\0\x07hello"
#define TABLES "\xff\xdb\0\5qqq\xff\xc4\0\4hh"
#define FRAME "\xff\xc0\0\6ffff"
#define PROGRESSIVE "\xff\xc2\0\6ffff"
#define SCAN \
    "\xff\xda\0\4ss" \
    "data\xff\0more\xff\xd0restart"

static void assert_stripped_to(struct bytes in, struct bytes expected)
{
    struct buffer out = { 0 };
    assert_ok(photo_strip(in, &out, &fault), &fault);
    assert_int_equal(out.size, expected.size);
    assert_memory_equal(out.bytes, expected.data, expected.size);
    buffer_finish(&out);
}

static void a_jpeg_keeps_its_picture_and_loses_the_rest(void **state)
{
    (void)state;
    assert_stripped_to(BYTES(SOI JFIF EXIF XMP IPTC COMMENT TABLES FRAME SCAN EOI),
                       BYTES(SOI JFIF TABLES FRAME SCAN EOI));
    assert_stripped_to(BYTES(SOI EXIF MPF ICC ADOBE TABLES FRAME SCAN EOI), BYTES(SOI ICC ADOBE TABLES FRAME SCAN EOI));
    assert_stripped_to(BYTES(SOI JFIF_WITH_PICTURE FRAME SCAN EOI), BYTES(SOI FRAME SCAN EOI));
}

static void a_comment_between_scans_goes_too(void **state)
{
    (void)state;
    assert_stripped_to(BYTES(SOI PROGRESSIVE SCAN COMMENT TABLES SCAN EOI),
                       BYTES(SOI PROGRESSIVE SCAN TABLES SCAN EOI));
}

static void what_follows_the_end_is_cut(void **state)
{
    (void)state;
    assert_stripped_to(BYTES(SOI FRAME SCAN EOI SOI EXIF "a second, uncut picture"), BYTES(SOI FRAME SCAN EOI));
}

static void fill_bytes_before_a_marker_are_allowed(void **state)
{
    (void)state;
    assert_stripped_to(BYTES(SOI "\xff\xff" FRAME SCAN "\xff\xff" EOI), BYTES(SOI FRAME SCAN EOI));
}

static void a_photo_cut_anywhere_is_refused(void **state)
{
    (void)state;
    static const char jpeg[] = SOI JFIF EXIF TABLES FRAME SCAN EOI;
    for (size_t size = 0; size < sizeof jpeg - 1; size++) {
        struct buffer out = { 0 };
        int result = photo_strip((struct bytes){ (const uint8_t *)jpeg, size }, &out, &fault);
        if (result != -EINVAL)
            fail_msg("%zu of %zu bytes: %d", size, sizeof jpeg - 1, result);
        buffer_finish(&out);
    }
}

static void damaged_segments_are_refused_with_the_place(void **state)
{
    (void)state;
    static const struct {
        struct bytes file;
        const char *reason;
    } rows[] = {
        { { (const uint8_t *)SOI "\xff\xe1\0\1", 6 }, "a segment of 1 bytes at byte 4" },
        { { (const uint8_t *)SOI "\xff\xe1\xff\xff"
                                 "x",
            7 },
          "a segment of 65535 bytes" },
        { { (const uint8_t *)SOI "\xff\xd8\0\2\0\0", 8 }, "marker d8 at byte 3" },
        { { (const uint8_t *)SOI "\xff\xd9xxxx", 8 }, "marker d9 at byte 3" }, /* no picture before the end */
        { { (const uint8_t *)SOI "\xff\x01xxxx", 8 }, "marker 01" },
        { { (const uint8_t *)SOI "\xff\xdb\0\2x\xff\xd9", 9 }, "damaged at byte 6" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer out = { 0 };
        assert_int_equal(photo_strip(rows[i].file, &out, &fault), -EINVAL);
        if (!strstr(fault.text, rows[i].reason))
            fail_msg("row %zu: expected '%s' in '%s'", i, rows[i].reason, fault.text);
        buffer_finish(&out);
    }
}

#define PNG "\x89PNG\r\n\x1a\n"
#define IHDR "\0\0\0\2IHDRwhCRC1"
#define IDAT "\0\0\0\3IDATpixCRC2"
#define IEND "\0\0\0\0IENDCRC3"
#define TEXT "\0\0\0\5tEXtAdaYYCRC4"
#define EXIF_CHUNK "\0\0\0\3eXIfgpsCRC5"
#define GAMMA "\0\0\0\1gAMAgCRC6"

static void a_png_loses_its_texts(void **state)
{
    (void)state;
    assert_stripped_to(BYTES(PNG IHDR TEXT GAMMA EXIF_CHUNK IDAT TEXT IEND "behind"), BYTES(PNG IHDR GAMMA IDAT IEND));
    struct buffer out = { 0 };
    assert_int_equal(photo_strip(BYTES(PNG IHDR IEND), &out, &fault), -EINVAL);
    assert_int_equal(photo_strip(BYTES(PNG IHDR IDAT), &out, &fault), -EINVAL);
    assert_int_equal(photo_strip(BYTES(PNG "\xff\xff\xff\xffIDATpixCRC2"), &out, &fault), -EINVAL);
    assert_int_equal(photo_strip(BYTES(PNG), &out, &fault), -EINVAL);
    buffer_finish(&out);
}

#define VP8X "VP8X\x0a\0\0\0\x3c\0\0\0abcdef"
#define VP8X_BARE "VP8X\x0a\0\0\0\x30\0\0\0abcdef"
#define VP8 "VP8 \3\0\0\0pix\0"
#define WEBP_EXIF "EXIF\4\0\0\0gps!"
#define WEBP_XMP "XMP \2\0\0\0xx"

static void a_webp_loses_exif_and_its_flag(void **state)
{
    (void)state;
    assert_stripped_to(BYTES("RIFF\x34\0\0\0WEBP" VP8X VP8 WEBP_EXIF WEBP_XMP "behind"), BYTES("RIFF\x22\0\0\0WEB"
                                                                                               "P" VP8X_BARE VP8));
    struct buffer out = { 0 };
    static const struct bytes wrong[] = {
        { (const uint8_t *)"RIFF\x00\0\0\0WEBP", 12 },                /* ends before it begins */
        { (const uint8_t *)"RIFF\x20\0\0\0WEBPVP8 \3\0\0\0pix", 23 }, /* cut short */
        { (const uint8_t *)"RIFF\x0c\0\0\0WEBPXMP \0\0\0\0", 20 },    /* no picture */
        { (const uint8_t *)"RIFF\x0c\0\0\0WEBPVP8 \xff\xff\xff\xff", 20 },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(photo_strip(wrong[i], &out, &fault), -EINVAL);
    buffer_finish(&out);
}

static void the_type_is_told_by_the_first_bytes(void **state)
{
    (void)state;
    assert_string_equal(photo_type(BYTES(SOI JFIF)), "image/jpeg");
    assert_string_equal(photo_type(BYTES(PNG)), "image/png");
    assert_string_equal(photo_type(BYTES("RIFF....WEBP")), "image/webp");
    static const char *const others[] = {
        "", "GIF89a", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "RIFF....WAVE", "BM", "%PDF-1.7", "\xff\xd8"
    };
    struct buffer out = { 0 };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_null(photo_type(as_bytes(others[i])));
        assert_int_equal(photo_strip(as_bytes(others[i]), &out, &fault), -EINVAL);
        assert_non_null(strstr(fault.text, "expected JPEG, PNG or WebP"));
    }
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jpeg_keeps_its_picture_and_loses_the_rest),
        cmocka_unit_test(a_comment_between_scans_goes_too),
        cmocka_unit_test(what_follows_the_end_is_cut),
        cmocka_unit_test(fill_bytes_before_a_marker_are_allowed),
        cmocka_unit_test(a_photo_cut_anywhere_is_refused),
        cmocka_unit_test(damaged_segments_are_refused_with_the_place),
        cmocka_unit_test(a_png_loses_its_texts),
        cmocka_unit_test(a_webp_loses_exif_and_its_flag),
        cmocka_unit_test(the_type_is_told_by_the_first_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
