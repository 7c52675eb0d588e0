/* The pictures of a form, through the real program into the media store, and what their cameras said. */
#include "ingest/enrich/photos.h"

#include "test/unit/ingest/fixture.h"

#include <unistd.h>

#include "proto/base/timestamp.h"
#include "proto/store/media_store.h"
#include "test/unit/photo/samples.h"

static const int64_t NOW_MS = INT64_C(1767573000000); /* 2026-01-05T00:30:00Z, 08:30 in the district */

/* One report with its photos; the loop ends when they are stored. */
struct counter {
    const struct book *book;
    struct loop *loop;
    struct darkroom *darkroom;
    struct arena arena;
    char data[64];
    struct event event;
    struct complaints complaints;
    int result, calls;
};

static void counter_open(struct counter *counter, const struct book *book, int64_t waiting)
{
    struct fault fault = { "" };
    *counter = (struct counter){ .book = book };
    strcpy(counter->data, "/tmp/drumtower-photos-XXXXXX");
    assert_non_null(mkdtemp(counter->data));
    assert_int_equal(loop_create(&counter->loop, &fault), 0);
    const struct darkroom_options options = {
        .loop = counter->loop,
        .limits = { book->photo.pixels, book->photo.edge_px, book->photo.small_px, book->photo.seconds },
        .workers = 1,
        .waiting = waiting,
    };
    if (darkroom_open(&options, &counter->darkroom, &fault))
        fail_msg("%s", fault.text);
    counter->event = (struct event){ .received_at_ms = NOW_MS, .place = { .lat = 39.94, .lon = 116.39 } };
    counter->event.media.items = arena_array(&counter->arena, 8, sizeof *counter->event.media.items);
}

static void counter_close(struct counter *counter)
{
    char command[128];
    darkroom_close(counter->darkroom);
    loop_destroy(counter->loop);
    arena_finish(&counter->arena);
    snprintf(command, sizeof command, "rm -r '%s'", counter->data);
    assert_int_equal(system(command), 0);
}

static void stored(void *context, int result, const struct fault *fault)
{
    (void)fault;
    struct counter *counter = context;
    counter->result = result;
    counter->calls++;
    loop_stop(counter->loop, 0);
}

static void hand_in(struct counter *counter, const struct form *form)
{
    struct photos_order order = { .book = counter->book,
                                  .data_folder = counter->data,
                                  .darkroom = counter->darkroom,
                                  .form = form,
                                  .arena = &counter->arena,
                                  .event = &counter->event,
                                  .complaints = &counter->complaints,
                                  .done = stored,
                                  .context = counter };
    photos_store(&order);
    if (!counter->calls)
        assert_int_equal(loop_run(counter->loop), 0);
    assert_int_equal(counter->calls, 1);
}

static struct form_field photo_field(const struct buffer *file)
{
    return (struct form_field){ .name = "photo", .file_name = "a.jpg", .bytes = buffer_view(file) };
}

static void photos_are_stored_in_their_order(void **state)
{
    struct counter counter;
    struct buffer exif = { 0 }, jpeg = { 0 }, png = { 0 }, file = { 0 };
    const char *type;
    struct fault fault = { "" };
    counter_open(&counter, *state, 1);
    sample_jpeg(100, 50, &exif, &jpeg);
    sample_png(60, 90, &exif, &png);
    const struct form_field text = { .name = "description", .value = "x" }, none = { .file_name = "" };
    hand_in(&counter, &(struct form){ (struct form_field[]){ text, photo_field(&png), none, photo_field(&jpeg) }, 4 });
    assert_int_equal(counter.result, PHOTOS_STORED);
    assert_int_equal(counter.complaints.count, 0);
    assert_int_equal(counter.event.media.count, 2);
    for (int i = 0; i < 2; i++) {
        const struct media *media = &counter.event.media.items[i];
        buffer_clear(&file);
        assert_int_equal(media_store_get(counter.data, media->hash, &file, &type, &fault), 0);
        assert_string_equal(media->type, "image/jpeg");
        assert_int_equal(sample_look(buffer_view(&file), 20, 50).width, i ? 100 : 60);
        assert_int_equal(media->taken_at_ms, 0);
        assert_int_equal(media->marks, 0);
    }
    buffer_finish(&file);
    buffer_finish(&jpeg);
    buffer_finish(&png);
    counter_close(&counter);
}

static void a_form_without_photos_is_done_at_once(void **state)
{
    struct counter counter;
    counter_open(&counter, *state, 1);
    const struct form_field text = { .name = "description", .value = "x" };
    const struct form form = { &text, 1 };
    assert_false(photos_any(&form));
    hand_in(&counter, &form);
    assert_int_equal(counter.result, PHOTOS_STORED);
    counter_close(&counter);
}

static void one_that_begins_like_a_picture_and_is_none_is_named(void **state)
{
    struct counter counter;
    struct buffer half = { 0 };
    counter_open(&counter, *state, 1);
    sample_png(60, 90, &(struct buffer){ 0 }, &half);
    half.size /= 2;
    const struct form_field damaged = photo_field(&half);
    hand_in(&counter, &(struct form){ &damaged, 1 });
    assert_int_equal(counter.complaints.count, 1);
    const char *words = complaint_words(&counter.complaints.items[0], COMPLAINT_FOR_PROGRAMS, &counter.arena);
    assert_ptr_equal(strstr(words, "picture 'a.jpg': PNG: cut short: a chunk of"), words);
    assert_int_equal(counter.event.media.count, 0);
    buffer_finish(&half);
    counter_close(&counter);
}

static void ignore(void *context, int result, const struct photo *photo, const struct fault *fault)
{
    (void)context;
    (void)result;
    (void)photo;
    (void)fault;
}

static void too_many_at_a_moment_are_told_so(void **state)
{
    struct counter counter;
    struct buffer jpeg = { 0 };
    counter_open(&counter, *state, 1);
    sample_jpeg(100, 50, &(struct buffer){ 0 }, &jpeg);
    assert_int_equal(darkroom_develop(counter.darkroom, buffer_view(&jpeg), ignore, NULL), DARKROOM_TAKEN);
    const struct form_field field = photo_field(&jpeg);
    hand_in(&counter, &(struct form){ &field, 1 });
    assert_int_equal(counter.result, PHOTOS_BUSY);
    counter_close(&counter);
    buffer_finish(&jpeg);
}

/* 500 m and 24 h are the book's own; the report is of 39.94, 116.39 at 08:30 in the district. */
static void when_and_where_a_photo_was_taken_becomes_data_of_the_event(void **state)
{
    static const struct {
        struct photo_facts said;
        int64_t place_marks, happened_at_ms; /* of the report */
        int64_t taken_at_ms;
        double lat, lon;
        int64_t marks;
    } rows[] = {
        { { .taken = "" }, 0, 0, 0, 0, 0, 0 },
        { { .taken = "2026-01-05T08:00:00" }, 0, 0, NOW_MS - 30 * MS_PER_MINUTE, 0, 0, 0 },
        { { .taken = "2026-01-05T00:00:00+00:00" }, 0, 0, NOW_MS - 30 * MS_PER_MINUTE, 0, 0, 0 },
        { { .taken = "2026-13-05T00:00:00" }, 0, 0, 0, 0, 0, 0 },
        { { .taken = "2026-01-04T08:30:00" }, 0, 0, NOW_MS - MS_PER_DAY, 0, 0, 0 },
        { { .taken = "2026-01-04T08:29:00" }, 0, 0, NOW_MS - MS_PER_DAY - MS_PER_MINUTE, 0, 0, 1 << PHOTO_OLD },
        { { .taken = "2026-01-04T08:29:00" }, 0, NOW_MS - MS_PER_HOUR, NOW_MS - MS_PER_DAY - MS_PER_MINUTE, 0, 0, 0 },
        { { .taken = "", .has_place = true, .lat = 39.9444, .lon = 116.39 }, 0, 0, 0, 39.9444, 116.39, 0 },
        { { .taken = "", .has_place = true, .lat = 39.9446, .lon = 116.39 }, 0, 0, 0, 39.9446, 116.39, 1 << PHOTO_FAR },
        { { .taken = "", .has_place = true, .lat = 1, .lon = 2 }, 1 << MARK_NO_POSITION, 0, 0, 1, 2, 0 },
        { { .taken = "", .has_place = true, .lat = 1, .lon = 2 }, 1 << MARK_FAILED_GEOCODE, 0, 0, 1, 2, 0 },
        { { .taken = "", .has_place = true, .lat = 1, .lon = 2 }, 1 << MARK_OUTSIDE, 0, 0, 1, 2, 1 << PHOTO_FAR },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct event event = { .received_at_ms = NOW_MS,
                                     .happened_at_ms = rows[i].happened_at_ms,
                                     .place = { .lat = 39.94, .lon = 116.39, .marks = rows[i].place_marks } };
        struct media media = { .url = "" };
        photos_take_facts(*state, &rows[i].said, &event, &media);
        if (media.taken_at_ms != rows[i].taken_at_ms || media.lat != rows[i].lat || media.lon != rows[i].lon ||
            media.marks != rows[i].marks)
            fail_msg("row %zu: taken %lld at %g, %g, marks %lld", i, (long long)media.taken_at_ms, media.lat, media.lon,
                     (long long)media.marks);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(photos_are_stored_in_their_order),
        cmocka_unit_test(a_form_without_photos_is_done_at_once),
        cmocka_unit_test(one_that_begins_like_a_picture_and_is_none_is_named),
        cmocka_unit_test(too_many_at_a_moment_are_told_so),
        cmocka_unit_test(when_and_where_a_photo_was_taken_becomes_data_of_the_event),
    };
    return cmocka_run_group_tests(tests, load_test_book, free_test_book);
}
