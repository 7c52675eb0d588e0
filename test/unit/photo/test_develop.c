/* From files as phones send them, and as attackers do, to the photo that is kept. */
#include "proto/photo/develop.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/unit/photo/samples.h"

static const struct photo_limits limits = { .pixels = 200000, .edge_px = 200, .small_px = 32, .seconds = 5 };

struct developed {
    struct buffer answer;
    struct arena arena;
    struct photo photo;
};

static void develop_file(struct developed *developed, struct bytes file)
{
    struct fault fault = { "" };
    *developed = (struct developed){ 0 };
    develop(file, &limits, &developed->answer);
    if (photo_answer_read(buffer_view(&developed->answer), &developed->arena, &developed->photo, &fault))
        fail_msg("%s", fault.text);
}

static void forget(struct developed *developed)
{
    buffer_finish(&developed->answer);
    arena_finish(&developed->arena);
}

static void assert_refused(struct bytes file, const char *words)
{
    struct developed developed;
    develop_file(&developed, file);
    if (!strstr(developed.photo.facts.fault, words))
        fail_msg("expected '%s' in '%s'", words, developed.photo.facts.fault);
    assert_int_equal(developed.photo.picture.size + developed.photo.small.size, 0);
    forget(&developed);
}

static const struct kind {
    const char *name;
    void (*make)(int width, int height, const struct buffer *exif, struct buffer *out);
} kinds[] = { { "JPEG", sample_jpeg }, { "PNG", sample_png }, { "WebP", sample_webp } };
enum { KINDS = sizeof kinds / sizeof *kinds };

static void every_kind_becomes_a_jpeg_with_a_small_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct buffer file = { 0 };
        struct developed developed;
        kinds[i].make(160, 90, &(struct buffer){ 0 }, &file);
        develop_file(&developed, buffer_view(&file));
        assert_string_equal(developed.photo.facts.fault, "");
        assert_int_equal(developed.photo.facts.width, 160);
        assert_int_equal(developed.photo.facts.height, 90);
        struct sample_look left = sample_look(developed.photo.picture, 20, 50);
        assert_int_equal(left.width, 160);
        assert_int_equal(left.height, 90);
        assert_string_equal(left.colour, "red");
        assert_string_equal(sample_look(developed.photo.picture, 80, 50).colour, "blue");
        struct sample_look small = sample_look(developed.photo.small, 20, 50);
        assert_int_equal(small.width, 32);
        assert_int_equal(small.height, 18);
        assert_string_equal(small.colour, "red");
        forget(&developed);
        buffer_finish(&file);
    }
}

static void what_the_camera_wrote_is_read_and_not_kept(void **state)
{
    (void)state;
    struct buffer exif = { 0 };
    sample_exif(&(struct sample_exif){ 1, "2026:01:05 08:30:00", "+08:00", "39.94N", "116.39E" }, &exif);
    for (size_t i = 0; i < KINDS; i++) {
        struct buffer file = { 0 };
        struct developed developed;
        kinds[i].make(40, 30, &exif, &file);
        assert_non_null(memmem(file.bytes, file.size, "The Phone's Maker", 17));
        develop_file(&developed, buffer_view(&file));
        const struct photo *photo = &developed.photo;
        assert_string_equal(photo->facts.taken, "2026-01-05T08:30:00+08:00");
        assert_true(photo->facts.has_place);
        assert_true(fabs(photo->facts.lat - 39.94) < 1e-6 && fabs(photo->facts.lon - 116.39) < 1e-6);
        assert_null(memmem(photo->picture.data, photo->picture.size, "Phone", 5));
        assert_null(memmem(photo->picture.data, photo->picture.size, "Exif", 4));
        assert_null(memmem(photo->small.data, photo->small.size, "Exif", 4));
        forget(&developed);
        buffer_finish(&file);
    }
    buffer_finish(&exif);
}

static void what_the_camera_cannot_mean_counts_as_not_said(void **state)
{
    (void)state;
    static const struct {
        struct sample_exif said;
        const char *taken;
        bool has_place;
        double lat, lon;
    } rows[] = {
        { { 0, NULL, NULL, NULL, NULL }, "", false, 0, 0 },
        { { 0, "2026:01:05 08:30:00", NULL, NULL, NULL }, "2026-01-05T08:30:00", false, 0, 0 },
        { { 0, "    :  :     :  :  ", NULL, NULL, NULL }, "", false, 0, 0 },
        { { 0, "2026:01:05 08:30:00", "CST+8:", NULL, NULL }, "2026-01-05T08:30:00", false, 0, 0 },
        { { 0, NULL, NULL, "0.00N", "0.00E" }, "", false, 0, 0 },
        { { 0, NULL, NULL, "95.00N", "10.00E" }, "", false, 0, 0 },
        { { 0, NULL, NULL, "33.45S", "70.66W" }, "", true, -33.45, -70.66 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer exif = { 0 }, file = { 0 };
        struct developed developed;
        sample_exif(&rows[i].said, &exif);
        sample_jpeg(40, 30, &exif, &file);
        develop_file(&developed, buffer_view(&file));
        const struct photo_facts *facts = &developed.photo.facts;
        if (strcmp(facts->taken, rows[i].taken) != 0 || facts->has_place != rows[i].has_place ||
            fabs(facts->lat - rows[i].lat) > 1e-6 || fabs(facts->lon - rows[i].lon) > 1e-6)
            fail_msg("row %zu: taken '%s' at %g, %g", i, facts->taken, facts->lat, facts->lon);
        forget(&developed);
        buffer_finish(&exif);
        buffer_finish(&file);
    }
}

/* Where the red half is, by CIPA DC-008's table of orientations, for a picture whose left half is red. */
static void a_picture_that_was_held_askew_is_turned_upright(void **state)
{
    (void)state;
    static const struct {
        int x, y; /* a point that is red, in percent */
        bool aside;
    } rows[] = {
        [1] = { 20, 50, false }, [2] = { 80, 50, false }, [3] = { 80, 50, false }, [4] = { 20, 50, false },
        [5] = { 50, 20, true },  [6] = { 50, 20, true },  [7] = { 50, 80, true },  [8] = { 50, 80, true },
    };
    for (int orientation = 1; orientation <= 8; orientation++) {
        struct buffer exif = { 0 }, file = { 0 };
        struct developed developed;
        sample_exif(&(struct sample_exif){ .orientation = orientation }, &exif);
        sample_jpeg(80, 40, &exif, &file);
        develop_file(&developed, buffer_view(&file));
        struct sample_look look = sample_look(developed.photo.picture, rows[orientation].x, rows[orientation].y);
        if (strcmp(look.colour, "red") != 0 || look.width != (rows[orientation].aside ? 40 : 80))
            fail_msg("orientation %d: %s, %d x %d", orientation, look.colour, look.width, look.height);
        forget(&developed);
        buffer_finish(&exif);
        buffer_finish(&file);
    }
}

static void a_large_picture_is_made_smaller_and_one_beyond_the_limit_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct buffer large = { 0 }, beyond = { 0 };
        struct developed developed;
        kinds[i].make(500, 400, &(struct buffer){ 0 }, &large);
        develop_file(&developed, buffer_view(&large));
        struct sample_look look = sample_look(developed.photo.picture, 20, 50);
        assert_int_equal(look.width, 200);
        assert_int_equal(look.height, 160);
        assert_string_equal(look.colour, "red");
        forget(&developed);
        kinds[i].make(501, 400, &(struct buffer){ 0 }, &beyond);
        assert_refused(buffer_view(&beyond), "501 x 400 pixels, at most 200000");
        buffer_finish(&large);
        buffer_finish(&beyond);
    }
}

static void the_thinnest_picture_keeps_a_pixel(void **state)
{
    (void)state;
    struct buffer file = { 0 };
    struct developed developed;
    sample_png(5000, 2, &(struct buffer){ 0 }, &file);
    develop_file(&developed, buffer_view(&file));
    assert_string_equal(developed.photo.facts.fault, "");
    assert_int_equal(developed.photo.facts.height, 1);
    forget(&developed);
    buffer_finish(&file);
}

static void what_lets_light_through_stands_on_white(void **state)
{
    (void)state;
    struct buffer file = { 0 };
    struct developed developed;
    sample_clear_png(20, 20, &file);
    develop_file(&developed, buffer_view(&file));
    assert_string_equal(sample_look(developed.photo.picture, 50, 50).colour, "white");
    forget(&developed);
    buffer_finish(&file);
}

/* Every prefix: none is taken for a picture but where only what comes after the picture is missing, and none is read beyond its end. */
static void what_is_cut_short_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct buffer file = { 0 };
        kinds[i].make(48, 48, &(struct buffer){ 0 }, &file);
        for (size_t size = 0; size + 16 < file.size; size += 1 + size / 40) {
            uint8_t *cut = malloc(size ? size : 1);
            memcpy(cut, file.bytes, size);
            struct developed developed;
            develop_file(&developed, (struct bytes){ cut, size });
            assert_true(*developed.photo.facts.fault);
            forget(&developed);
            free(cut);
        }
        buffer_finish(&file);
    }
}

/* A gigabyte for an EXIF block that is not there. */
static void what_a_chunk_promises_and_has_not_takes_no_memory(void **state)
{
    (void)state;
    static const uint8_t exif[] = { 0x4d, 0x46, 0x00, 0x0a, 'e', 'X', 'I', 'f', 'I', 'I', '*', 0 };
    enum { HEAD_BYTES = 33 }; /* signature and IHDR */
    struct buffer file = { 0 }, hostile = { 0 };
    sample_png(20, 20, &(struct buffer){ 0 }, &file);
    buffer_append(&hostile, file.bytes, HEAD_BYTES);
    buffer_append(&hostile, exif, sizeof exif);
    assert_refused(buffer_view(&hostile), "a chunk of 1296433162 bytes, of which 12 are there");
    buffer_text(&file, "left behind the end");
    struct developed developed;
    develop_file(&developed, buffer_view(&file));
    assert_string_equal(developed.photo.facts.fault, "");
    forget(&developed);
    buffer_finish(&file);
    buffer_finish(&hostile);
}

/* Flipped bytes: a picture or a refusal, and the answer is sound either way. */
static void what_is_damaged_gives_a_sound_answer(void **state)
{
    (void)state;
    uint32_t dice = 2026;
    for (size_t i = 0; i < KINDS; i++) {
        struct buffer exif = { 0 }, file = { 0 };
        sample_exif(&(struct sample_exif){ 6, "2026:01:05 08:30:00", "+08:00", "39.94N", "116.39E" }, &exif);
        kinds[i].make(48, 48, &exif, &file);
        for (int round = 0; round < 300; round++) {
            dice = dice * 1664525 + 1013904223;
            size_t at = dice % file.size;
            uint8_t before = file.bytes[at];
            struct developed developed;
            file.bytes[at] ^= (uint8_t)(1 << (dice >> 24 & 7));
            develop_file(&developed, buffer_view(&file));
            forget(&developed);
            file.bytes[at] = before;
        }
        buffer_finish(&exif);
        buffer_finish(&file);
    }
}

static void what_only_begins_like_a_photo_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *words;
    } rows[] = {
        { "", 0, "no photo: expected JPEG, PNG or WebP" },
        { "<svg onload=alert(1)>", 21, "no photo: expected JPEG, PNG or WebP" },
        { "GIF89a\1\0\1\0", 10, "no photo: expected JPEG, PNG or WebP" },
        { "\xff\xd8\xff\xe0\0\x10xxxxxxxxx", 15, "JPEG: " },
        { "\x89PNG\r\n\x1a\n", 8, "PNG: cut short" },
        { "RIFF\4\0\0\0WEBP", 12, "WebP: " },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_refused((struct bytes){ (const uint8_t *)rows[i].bytes, rows[i].size }, rows[i].words);
}

static void an_answer_that_does_not_hold_together_is_not_believed(void **state)
{
    (void)state;
    struct buffer file = { 0 }, answer = { 0 };
    struct arena arena = { 0 };
    struct photo photo;
    struct fault fault = { "" };
    sample_jpeg(20, 20, &(struct buffer){ 0 }, &file);
    develop(buffer_view(&file), &limits, &answer);
    for (size_t size = 0; size < answer.size; size += 7)
        assert_int_equal(photo_answer_read((struct bytes){ answer.bytes, size }, &arena, &photo, &fault), -EINVAL);
    struct photo markup = { .picture = { (const uint8_t *)"<svg>", 5 }, .small = { (const uint8_t *)"<svg>", 5 } };
    buffer_clear(&answer);
    photo_answer_write(&markup, &answer);
    assert_int_equal(photo_answer_read(buffer_view(&answer), &arena, &photo, &fault), -EINVAL);
    buffer_finish(&file);
    buffer_finish(&answer);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_becomes_a_jpeg_with_a_small_one),
        cmocka_unit_test(what_the_camera_wrote_is_read_and_not_kept),
        cmocka_unit_test(what_the_camera_cannot_mean_counts_as_not_said),
        cmocka_unit_test(a_picture_that_was_held_askew_is_turned_upright),
        cmocka_unit_test(a_large_picture_is_made_smaller_and_one_beyond_the_limit_refused),
        cmocka_unit_test(the_thinnest_picture_keeps_a_pixel),
        cmocka_unit_test(what_lets_light_through_stands_on_white),
        cmocka_unit_test(what_is_cut_short_is_refused),
        cmocka_unit_test(what_a_chunk_promises_and_has_not_takes_no_memory),
        cmocka_unit_test(what_is_damaged_gives_a_sound_answer),
        cmocka_unit_test(what_only_begins_like_a_photo_is_refused),
        cmocka_unit_test(an_answer_that_does_not_hold_together_is_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
