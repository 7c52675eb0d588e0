#include "videowall/wall/wall.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/book/book.h"
#include "videowall/media/media.h"
#include "videowall/wall/layout.h"
#include "videowall/wall/output.h"
#include "videowall/wall/panel.h"
#include "videowall/wall/theme.h"
#include "videowall/wall/tile.h"
#include "videowall/wall/words.h"

enum { OUTPUTS_MAX = 8, PERIOD_US = 40000, TILES_DEFAULT = 4, PNG_KEEP_DEFAULT = 10 };

static struct metric pictures = METRIC_COUNTER("drumtower_wall_pictures_total", "Pictures that the wall composed.");
static struct metric late = METRIC_COUNTER("drumtower_wall_late_total", "Beats of the wall's clock that were missed.");
static struct metric live_tiles = METRIC_GAUGE("drumtower_wall_live_tiles", "Tiles of the native wall that are live.");

struct wall {
    struct wall_layout layout;
    struct tile *tiles[WALL_TILES_MAX];
    size_t tile_count;
    struct output *outputs[OUTPUTS_MAX];
    size_t output_count;
    struct canvas stage; /* what is on the wall now; the thread's, like the panel and the pool */
    struct panel panel;
    GstBufferPool *pool;
    GThread *thread;
    GMutex lock; /* of the two below */
    GCond wake;
    bool stop;
    struct wall_numbers numbers;
};

/* ---- the wall's thread ---- */

static void draw(struct wall *wall, const struct wall_numbers *numbers)
{
    int64_t mono_ms = clock_mono_ms();
    for (size_t i = 0; i < wall->tile_count; i++)
        tile_draw(wall->tiles[i], &wall->stage, mono_ms);
    panel_draw(&wall->panel, &wall->stage, numbers, clock_now_ms());
    metric_set(&live_tiles, (int64_t)wall_live_tiles(wall));
}

static GstBuffer *copy_stage(struct wall *wall)
{
    GstBuffer *buffer = NULL;
    if (gst_buffer_pool_acquire_buffer(wall->pool, &buffer, NULL) != GST_FLOW_OK)
        return NULL;
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_WRITE)) {
        gst_buffer_unref(buffer);
        return NULL;
    }
    struct canvas copy = canvas_of_bytes(map.data, WALL_WIDTH, WALL_HEIGHT);
    canvas_copy(&copy, &wall->stage);
    gst_buffer_unmap(buffer, &map);
    return buffer;
}

/* Nothing is drawn while no output wants a picture. */
static void beat(struct wall *wall, const struct wall_numbers *numbers)
{
    bool wants[OUTPUTS_MAX], any = false;
    int64_t mono_ms = clock_mono_ms();
    for (size_t i = 0; i < wall->output_count; i++)
        any |= wants[i] = output_wants(wall->outputs[i], mono_ms);
    if (!any)
        return;
    draw(wall, numbers);
    GstBuffer *picture = copy_stage(wall);
    if (!picture)
        return;
    for (size_t i = 0; i < wall->output_count; i++)
        if (wants[i])
            output_push(wall->outputs[i], picture);
    gst_buffer_unref(picture);
    metric_add(&pictures, 1);
}

static gpointer run(gpointer argument)
{
    struct wall *wall = argument;
    int64_t due_us = g_get_monotonic_time();
    g_mutex_lock(&wall->lock);
    while (!wall->stop) {
        struct wall_numbers numbers = wall->numbers;
        g_mutex_unlock(&wall->lock);
        beat(wall, &numbers);
        due_us += PERIOD_US;
        int64_t now_us = g_get_monotonic_time();
        if (due_us < now_us) {
            metric_add(&late, (now_us - due_us) / PERIOD_US + 1);
            due_us = now_us;
        }
        g_mutex_lock(&wall->lock);
        while (!wall->stop && g_cond_wait_until(&wall->wake, &wall->lock, due_us))
            ;
    }
    g_mutex_unlock(&wall->lock);
    return NULL;
}

/* ---- start and end, in the loop's thread ---- */

static bool is_none(const char *output)
{
    return !output || !*output || strcmp(output, "none") == 0;
}

int wall_check_output(const char *output, struct fault *fault)
{
    if (is_none(output))
        return 0;
    char **parts = g_strsplit(output, ",", -1);
    int result = 0;
    for (size_t i = 0; parts[i] && result == 0; i++)
        result = i < OUTPUTS_MAX ? output_check(parts[i], fault)
                                 : fault_set(fault, -EINVAL, "wall: more than %d outputs", OUTPUTS_MAX);
    g_strfreev(parts);
    return result;
}

static int open_outputs(struct wall *wall, const struct wall_options *options, struct fault *fault)
{
    struct output_options each = { .png_keep = options->png_keep ? options->png_keep : PNG_KEEP_DEFAULT };
    char **parts = g_strsplit(options->output, ",", -1);
    int result = 0;
    for (size_t i = 0; parts[i] && result == 0; i++) {
        result = output_open(parts[i], &each, &wall->outputs[i], fault);
        wall->output_count += result == 0;
    }
    g_strfreev(parts);
    return result;
}

static const struct book_camera *camera_of(const struct wall_options *options, size_t place)
{
    return options->camera_count ? book_camera(options->book, options->cameras[place]) : &options->book->cameras[place];
}

static int open_tiles(struct wall *wall, const struct wall_options *options, size_t count, struct fault *fault)
{
    for (size_t i = 0; i < count; i++) {
        struct tile_options each = {
            .feeds = options->feeds,
            .camera = camera_of(options, i),
            .picture = wall->layout.pictures[i],
            .caption = wall->layout.captions[i],
            .english = wall->panel.english,
        };
        if (!each.camera)
            return fault_set(fault, -EINVAL, "wall: the book has no camera '%s'", options->cameras[i]);
        int result = tile_open(&each, &wall->tiles[i], fault);
        if (result < 0)
            return result;
        wall->tile_count++;
    }
    return 0;
}

static int make_pool(struct wall *wall, struct fault *fault)
{
    wall->pool = gst_buffer_pool_new();
    GstStructure *config = gst_buffer_pool_get_config(wall->pool);
    GstCaps *caps = gst_caps_from_string(OUTPUT_CAPS);
    gst_buffer_pool_config_set_params(config, caps, (guint)canvas_bytes(WALL_WIDTH, WALL_HEIGHT), 2, 0);
    gst_caps_unref(caps);
    if (!gst_buffer_pool_set_config(wall->pool, config) || !gst_buffer_pool_set_active(wall->pool, TRUE))
        return fault_set(fault, -ENOMEM, "wall: no memory for its pictures");
    return 0;
}

static void prepare(struct wall *wall, const struct wall_options *options, size_t tiles)
{
    const struct book *book = options->book;
    const char *language = options->language ? options->language : book->language_count > 0 ? book->languages[0] : NULL;
    g_mutex_init(&wall->lock);
    g_cond_init(&wall->wake);
    wall_layout_make(tiles, &wall->layout);
    wall->stage = canvas_create(WALL_WIDTH, WALL_HEIGHT);
    canvas_fill(&wall->stage, THEME_GROUND);
    wall->panel = (struct panel){ .english = words_are_english(language), .zone = book->zone, .layout = &wall->layout };
    wall->panel.title = wall->panel.english ? book->name.en : book->name.zh;
    metric_register(&pictures);
    metric_register(&late);
}

static size_t tiles_wanted(const struct wall_options *options)
{
    if (options->camera_count)
        return options->camera_count;
    return options->book->camera_count < TILES_DEFAULT ? options->book->camera_count : TILES_DEFAULT;
}

int wall_open(const struct wall_options *options, struct wall **out, struct fault *fault)
{
    *out = NULL;
    if (is_none(options->output))
        return 0;
    size_t tiles = tiles_wanted(options);
    if (tiles > WALL_TILES_MAX)
        return fault_set(fault, -EINVAL, "wall: %zu cameras, expected at most %d", tiles, WALL_TILES_MAX);
    int result = wall_check_output(options->output, fault);
    if (result < 0)
        return result;
    if ((result = media_init(fault)) < 0)
        return result;
    struct wall *wall = g_new0(struct wall, 1);
    prepare(wall, options, tiles);
    result = make_pool(wall, fault);
    if (result == 0)
        result = open_tiles(wall, options, tiles, fault);
    if (result == 0)
        result = open_outputs(wall, options, fault);
    if (result < 0) {
        wall_close(wall);
        return result;
    }
    wall->thread = g_thread_new("wall", run, wall);
    *out = wall;
    return 0;
}

void wall_set_numbers(struct wall *wall, const struct wall_numbers *numbers)
{
    if (!wall)
        return;
    assert(numbers->department_count <= WALL_DEPARTMENTS_MAX);
    g_mutex_lock(&wall->lock);
    wall->numbers = *numbers;
    g_mutex_unlock(&wall->lock);
}

size_t wall_live_tiles(const struct wall *wall)
{
    size_t live = 0;
    for (size_t i = 0; wall && i < wall->tile_count; i++)
        live += tile_is_live(wall->tiles[i]);
    return live;
}

void wall_close(struct wall *wall)
{
    if (!wall)
        return;
    if (wall->thread) {
        g_mutex_lock(&wall->lock);
        wall->stop = true;
        g_cond_signal(&wall->wake);
        g_mutex_unlock(&wall->lock);
        g_thread_join(wall->thread);
    }
    for (size_t i = 0; i < wall->output_count; i++)
        output_close(wall->outputs[i]);
    for (size_t i = 0; i < wall->tile_count; i++)
        tile_close(wall->tiles[i]);
    panel_finish(&wall->panel);
    canvas_destroy(&wall->stage);
    if (wall->pool)
        gst_buffer_pool_set_active(wall->pool, FALSE);
    g_clear_object(&wall->pool);
    g_mutex_clear(&wall->lock);
    g_cond_clear(&wall->wake);
    g_free(wall);
}
