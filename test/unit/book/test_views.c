/* Which cameras see a place best: a scan of ten thousand against a slow and plain answer, and the rules by hand. */
#include <math.h>
#include <stdlib.h>

#include "proto/book/views.h"
#include "support.h"

enum { MANY = 10000, ASKED = 200, BEST = 4 };

static struct book_camera cameras[MANY];
static const struct book book = { .cameras = cameras, .camera_count = MANY };

static double random_between(double low, double high)
{
    return low + (high - low) * (double)random() / RAND_MAX;
}

/* North of the place by metres, and east. */
static struct book_camera camera_at(double north_m, double east_m)
{
    return (struct book_camera){ .lat = 39.94 + north_m / 111195,
                                 .lon = 116.39 + east_m / (111195 * cos(39.94 * M_PI / 180)) };
}

/* Where no camera has said that it moved. */
static size_t views_of(const struct book *of, double lat, double lon, double within_m, struct book_view *views,
                       size_t max)
{
    struct camera_places places;
    places_open(&places, of);
    size_t count = book_views(&places, 0, lat, lon, within_m, views, max);
    places_close(&places);
    return count;
}

static struct book_camera looking(struct book_camera camera, double bearing_deg)
{
    camera.bearing_deg = bearing_deg;
    camera.has_bearing = true;
    return camera;
}

static void the_nearest_that_look_at_the_place_come_first(void **state)
{
    (void)state;
    struct book_camera few[] = {
        looking(camera_at(100, 0), 0),    /* away from it: as if 200 m away */
        looking(camera_at(150, 0), 180),  /* at it */
        camera_at(0, 160),                /* all around */
        looking(camera_at(0, -120), 180), /* aside: as if 180 m away */
        camera_at(900, 0),
    };
    struct book small = { .cameras = few, .camera_count = 5 };
    struct book_view views[5];
    assert_int_equal(views_of(&small, 39.94, 116.39, 800, views, 5), 4);
    assert_ptr_equal(views[0].camera, &few[1]);
    assert_ptr_equal(views[1].camera, &few[2]);
    assert_ptr_equal(views[2].camera, &few[3]);
    assert_ptr_equal(views[3].camera, &few[0]);
    assert_true(fabs(views[0].away_m - 150) < 1 && fabs(views[3].score_m - 200) < 1);
    assert_int_equal(views_of(&small, 39.94, 116.39, 130, views, 5), 2);
    assert_int_equal(views_of(&small, 39.94, 116.39, 800, views, 0), 0);
    assert_int_equal(views_of(&small, 10, 10, 800, views, 5), 0);
}

static void a_mobile_camera_is_where_it_said_for_a_while(void **state)
{
    (void)state;
    enum { NOW_MS = 1000000000 };
    struct book_camera few[] = { camera_at(300, 0), camera_at(10, 0) }, seen = camera_at(200, 0);
    few[1].mobile = true;
    struct book small = { .cameras = few, .camera_count = 2 };
    struct book_view views[2];
    struct camera_places places;
    places_open(&places, &small);
    assert_int_equal(book_views(&places, NOW_MS, 39.94, 116.39, 800, views, 2), 1); /* it may be anywhere */
    assert_ptr_equal(views[0].camera, &few[0]);
    places_take(&places, &few[1], seen.lat, seen.lon, NOW_MS);
    assert_int_equal(book_views(&places, NOW_MS + PLACES_FRESH_MS, 39.94, 116.39, 800, views, 2), 2);
    assert_ptr_equal(views[0].camera, &few[1]);
    assert_true(fabs(views[0].away_m - 200) < 1 && views[0].lat == seen.lat);
    assert_int_equal(book_views(&places, NOW_MS + PLACES_FRESH_MS + 1, 39.94, 116.39, 800, views, 2), 1);
    places_close(&places);
}

static int by_score(const void *a, const void *b)
{
    const struct book_view *one = a, *other = b;
    if (one->score_m != other->score_m)
        return one->score_m < other->score_m ? -1 : 1;
    return one->camera < other->camera ? -1 : 1;
}

static void of_ten_thousand_none_better_is_left_out(void **state)
{
    (void)state;
    static struct book_view all[MANY];
    srandom(5);
    for (size_t i = 0; i < MANY; i++) {
        cameras[i] = camera_at(random_between(-5000, 5000), random_between(-5000, 5000));
        if (random() % 3)
            cameras[i] = looking(cameras[i], random_between(0, 359));
    }
    for (int asked = 0; asked < ASKED; asked++) {
        struct book_camera at = camera_at(random_between(-5500, 5500), random_between(-5500, 5500));
        struct book_view best[BEST];
        size_t count = views_of(&book, at.lat, at.lon, 300, best, BEST), all_count = 0;
        for (size_t i = 0; i < MANY; i++) { /* each by itself, without any other to beat */
            struct book one = { .cameras = &cameras[i], .camera_count = 1 };
            all_count += views_of(&one, at.lat, at.lon, 300, &all[all_count], 1);
        }
        qsort(all, all_count, sizeof *all, by_score);
        assert_int_equal(count, all_count < BEST ? all_count : BEST);
        for (size_t i = 0; i < count; i++)
            assert_ptr_equal(best[i].camera, all[i].camera);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_that_look_at_the_place_come_first),
        cmocka_unit_test(a_mobile_camera_is_where_it_said_for_a_while),
        cmocka_unit_test(of_ten_thousand_none_better_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
