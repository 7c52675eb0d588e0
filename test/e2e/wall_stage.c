#include "test/e2e/wall_stage.h"

#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct wall_numbers numbers = { .known = true,
                                             .counted_at_ms = INT64_MAX / 2, /* never stale */
                                             .open = OPEN_COUNT,
                                             .due_soon = 5,
                                             .overdue = 2,
                                             .closed_today = 118,
                                             .departments = { { "环卫所", 12, 1, 0 }, { "市政所", 25, 4, 2 } },
                                             .department_count = 2 };

void open_wall(struct shown *shown)
{
    strcpy(shown->folder, "/tmp/drumtower-wall-XXXXXX");
    assert_non_null(mkdtemp(shown->folder));
    char output[120];
    snprintf(output, sizeof output, "png:%s", shown->folder);
    if (shown->rtsp_port)
        snprintf(output, sizeof output, "png:%s,rtsp:%" PRId64 ",web", shown->folder, shown->rtsp_port);
    struct wall_options options = { .loop = shown->stage->harness->loop,
                                    .feeds = shown->stage->feeds,
                                    .book = shown->stage->book,
                                    .output = output,
                                    .cameras = shown->cameras,
                                    .camera_count = SIMULATED,
                                    .language = shown->language,
                                    .png_keep = 3 };
    struct fault fault = { "" };
    if (wall_open(&options, &shown->wall, &fault) < 0)
        fail_msg("%s", fault.text);
    wall_set_numbers(shown->wall, &numbers);
    struct wall_shape shape = wall_shape_of(SIMULATED);
    wall_layout_make(&shape, SIMULATED, &shown->layout);
}

static void remove_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir)
        closedir(dir);
    rmdir(folder);
}

void close_wall(struct shown *shown)
{
    wall_close(shown->wall);
    remove_folder(shown->folder);
}

/* ---- pictures ---- */

void find_newest(const struct shown *shown, char name[64], size_t *count)
{
    DIR *dir = opendir(shown->folder);
    assert_non_null(dir);
    *name = '\0';
    *count = 0;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (strncmp(entry->d_name, "wall-", 5) == 0) {
            ++*count;
            if (strcmp(entry->d_name, name) > 0)
                snprintf(name, 64, "%s", entry->d_name);
        }
    closedir(dir);
}

static bool has_newer(void *context)
{
    const struct shown *shown = context;
    char name[64];
    size_t count;
    find_newest(shown, name, &count);
    return strcmp(name, shown->newest) > 0;
}

cairo_surface_t *next_picture(struct shown *shown)
{
    size_t count;
    for (int i = 0; i < 2; i++) { /* the first may have been under way */
        find_newest(shown, shown->newest, &count);
        assert_true(harness_run(shown->stage->harness, has_newer, NULL, shown));
    }
    find_newest(shown, shown->newest, &count);
    char path[160];
    snprintf(path, sizeof path, "%s/%s", shown->folder, shown->newest);
    cairo_surface_t *picture = cairo_image_surface_create_from_png(path);
    assert_int_equal(cairo_surface_status(picture), CAIRO_STATUS_SUCCESS);
    assert_int_equal(cairo_image_surface_get_width(picture), WALL_WIDTH);
    assert_int_equal(cairo_image_surface_get_height(picture), WALL_HEIGHT);
    return picture;
}

static uint32_t pixel(cairo_surface_t *picture, int x, int y)
{
    const uint8_t *row = cairo_image_surface_get_data(picture) + y * cairo_image_surface_get_stride(picture);
    uint32_t argb;
    memcpy(&argb, row + 4 * x, sizeof argb);
    return argb;
}

static int channel(uint32_t argb, int which)
{
    return argb >> (8 * which) & 255;
}

/* ITU-R BT.601, studio range. */
static double luma(uint32_t argb)
{
    return 16 + (65.738 * channel(argb, 2) + 129.057 * channel(argb, 1) + 25.064 * channel(argb, 0)) / 256;
}

double difference(cairo_surface_t *a, struct rect of_a, cairo_surface_t *b, struct rect of_b)
{
    double sum = 0;
    for (int y = 0; y < of_a.height; y++)
        for (int x = 0; x < of_a.width; x++)
            for (int i = 0; i < 3; i++)
                sum += abs(channel(pixel(a, of_a.x + x, of_a.y + y), i) - channel(pixel(b, of_b.x + x, of_b.y + y), i));
    return sum / (3.0 * of_a.width * of_a.height);
}

double colourful(cairo_surface_t *picture, struct rect part)
{
    int count = 0;
    for (int y = 0; y < part.height; y++)
        for (int x = 0; x < part.width; x++) {
            uint32_t argb = pixel(picture, part.x + x, part.y + y);
            count += abs(channel(argb, 0) - channel(argb, 2)) > 16 || abs(channel(argb, 1) - channel(argb, 2)) > 16;
        }
    return (double)count / (part.width * part.height);
}

double unlike_label(cairo_surface_t *picture, struct rect part, const struct label_style *style, const char *text)
{
    struct label label = { 0 };
    label_set(&label, style, text);
    double sum = 0;
    for (int y = 0; y < part.height; y++)
        for (int x = 0; x < part.width; x++)
            sum += fabs(luma(pixel(picture, part.x + x, part.y + y)) - label.picture.y[y * label.picture.y_stride + x]);
    label_finish(&label);
    return sum / (part.width * part.height);
}

/* ---- what is waited for ---- */

static bool tiles_are_live(void *context)
{
    const struct shown *shown = context;
    return wall_live_tiles(shown->wall) == shown->live_wanted;
}

void wait_live(struct shown *shown, size_t tiles)
{
    shown->live_wanted = tiles;
    if (!harness_run(shown->stage->harness, tiles_are_live, NULL, shown))
        fail_msg("%zu tiles live, expected %zu", wall_live_tiles(shown->wall), tiles);
}
