#include "videowall/wall/composer.h"

#include <glib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/metrics.h"
#include "videowall/wall/layout.h"
#include "videowall/wall/mosaic.h"
#include "videowall/wall/output.h"
#include "videowall/wall/theme.h"

enum { OUTPUTS_MAX = 8, PERIOD_US = 40000 };

static struct metric pictures = METRIC_COUNTER("drumtower_wall_pictures_total", "Pictures that the wall composed.");
static struct metric late = METRIC_COUNTER("drumtower_wall_late_total", "Beats of the wall's clock that were missed.");

/* gone: NULL or drawn no more. */
struct layer {
    struct mosaic *shown, *next, *gone;
    bool turns;          /* next, or nothing, is to be shown */
    struct canvas stage; /* what it shows now; the thread's */
};

struct composer {
    struct output *outputs[OUTPUTS_MAX];
    size_t output_count;
    GstBufferPool *pool;
    GThread *thread;
    GMutex lock; /* of what follows */
    GCond wake;
    bool stop;
    struct layer layers[COMPOSER_LAYERS];
    struct wall_numbers numbers;
};

/* ---- the composer's thread ---- */

static void copy_popup(const struct composer *composer, const struct canvas *picture, const struct mosaic *popup)
{
    struct rect size = { 0, 0, POPUP_WIDTH, mosaic_height(popup) }, place = size;
    place.x = POPUP_X;
    place.y = POPUP_Y;
    struct canvas from = canvas_part(&composer->layers[COMPOSER_POPUP].stage, size), to = canvas_part(picture, place);
    canvas_copy(&to, &from);
}

/* The page, and over it the pop-up where there is one. */
static GstBuffer *copy_stages(struct composer *composer, const struct mosaic *popup)
{
    GstBuffer *buffer = NULL;
    if (gst_buffer_pool_acquire_buffer(composer->pool, &buffer, NULL) != GST_FLOW_OK)
        return NULL;
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_WRITE)) {
        gst_buffer_unref(buffer);
        return NULL;
    }
    struct canvas copy = canvas_of_bytes(map.data, WALL_WIDTH, WALL_HEIGHT);
    canvas_copy(&copy, &composer->layers[COMPOSER_PAGE].stage);
    if (popup)
        copy_popup(composer, &copy, popup);
    gst_buffer_unmap(buffer, &map);
    return buffer;
}

/* Under the lock. The one before is drawn no more once this returns; it is not closed here, as that takes its time. */
static void turn(struct layer *layer)
{
    if (!layer->turns || layer->gone)
        return;
    layer->gone = layer->shown;
    layer->shown = layer->next;
    layer->next = NULL;
    layer->turns = false;
}

/* Nothing is drawn while no output wants a picture. */
static void beat(struct composer *composer, int64_t due_us, struct mosaic *const shown[COMPOSER_LAYERS],
                 const struct wall_numbers *numbers)
{
    bool wants[OUTPUTS_MAX], any = false;
    int64_t mono_ms = clock_mono_ms();
    for (size_t i = 0; i < composer->output_count; i++)
        any |= wants[i] = output_wants(composer->outputs[i], mono_ms);
    if (!any)
        return;
    for (int i = 0; i < COMPOSER_LAYERS; i++)
        if (shown[i])
            mosaic_draw(shown[i], &composer->layers[i].stage, numbers);
    GstBuffer *picture = copy_stages(composer, shown[COMPOSER_POPUP]);
    if (!picture)
        return;
    for (size_t i = 0; i < composer->output_count; i++)
        if (wants[i])
            output_push(composer->outputs[i], picture, due_us);
    gst_buffer_unref(picture);
    metric_add(&pictures, 1);
}

/* The beats do not move: after one that was late the next comes at its own time, or at once; whole ones that went by are left out. */
static int64_t next_beat(int64_t due_us)
{
    int64_t missed = (g_get_monotonic_time() - due_us) / PERIOD_US - 1;
    if (missed > 0) {
        metric_add(&late, missed);
        due_us += missed * PERIOD_US;
    }
    return due_us + PERIOD_US;
}

static gpointer run(gpointer argument)
{
    struct composer *composer = argument;
    int64_t due_us = g_get_monotonic_time();
    g_mutex_lock(&composer->lock);
    while (!composer->stop) {
        struct mosaic *shown[COMPOSER_LAYERS];
        for (int i = 0; i < COMPOSER_LAYERS; i++) {
            turn(&composer->layers[i]);
            shown[i] = composer->layers[i].shown;
        }
        struct wall_numbers numbers = composer->numbers;
        g_mutex_unlock(&composer->lock);
        beat(composer, due_us, shown, &numbers);
        due_us = next_beat(due_us);
        g_mutex_lock(&composer->lock);
        while (!composer->stop && g_cond_wait_until(&composer->wake, &composer->lock, due_us))
            ;
    }
    g_mutex_unlock(&composer->lock);
    return NULL;
}

/* ---- in the loop's thread ---- */

int composer_check(const char *outputs, struct fault *fault)
{
    char **parts = g_strsplit(outputs, ",", -1);
    int result = 0;
    for (size_t i = 0; parts[i] && result == 0; i++)
        result = i < OUTPUTS_MAX ? output_check(parts[i], fault)
                                 : fault_set(fault, -EINVAL, "wall: more than %d outputs", OUTPUTS_MAX);
    g_strfreev(parts);
    return result;
}

bool composer_has(const char *outputs, const char *output)
{
    char **parts = g_strsplit(outputs, ",", -1);
    bool has = g_strv_contains((const gchar *const *)parts, output);
    g_strfreev(parts);
    return has;
}

static int open_outputs(struct composer *composer, const char *outputs, const struct output_options *options,
                        struct fault *fault)
{
    char **parts = g_strsplit(outputs, ",", -1);
    int result = 0;
    for (size_t i = 0; parts[i] && result == 0; i++) {
        result = output_open(parts[i], options, &composer->outputs[i], fault);
        composer->output_count += result == 0;
    }
    g_strfreev(parts);
    return result;
}

static int make_pool(struct composer *composer, struct fault *fault)
{
    composer->pool = gst_buffer_pool_new();
    GstStructure *config = gst_buffer_pool_get_config(composer->pool);
    GstCaps *caps = gst_caps_from_string(OUTPUT_CAPS);
    gst_buffer_pool_config_set_params(config, caps, (guint)canvas_bytes(WALL_WIDTH, WALL_HEIGHT), 2, 0);
    gst_caps_unref(caps);
    if (!gst_buffer_pool_set_config(composer->pool, config) || !gst_buffer_pool_set_active(composer->pool, TRUE))
        return fault_set(fault, -ENOMEM, "wall: no memory for its pictures");
    return 0;
}

int composer_open(const char *outputs, const struct output_options *options, struct mosaic *first,
                  struct composer **out, struct fault *fault)
{
    struct composer *composer = g_new0(struct composer, 1);
    g_mutex_init(&composer->lock);
    g_cond_init(&composer->wake);
    composer->layers[COMPOSER_PAGE] = (struct layer){ .shown = first, .stage = canvas_create(WALL_WIDTH, WALL_HEIGHT) };
    composer->layers[COMPOSER_POPUP].stage = canvas_create(POPUP_WIDTH, POPUP_HEIGHT);
    canvas_fill(&composer->layers[COMPOSER_PAGE].stage, THEME_GROUND);
    metric_register(&pictures);
    metric_register(&late);
    int result = make_pool(composer, fault);
    if (result == 0)
        result = open_outputs(composer, outputs, options, fault);
    if (result < 0) {
        composer_close(composer);
        return result;
    }
    composer->thread = g_thread_new("wall", run, composer);
    *out = composer;
    return 0;
}

void composer_show(struct composer *composer, enum composer_layer which, struct mosaic *mosaic)
{
    struct layer *layer = &composer->layers[which];
    g_mutex_lock(&composer->lock);
    struct mosaic *never_shown = layer->next;
    layer->next = mosaic;
    layer->turns = true;
    g_mutex_unlock(&composer->lock);
    mosaic_close(never_shown);
}

void composer_tidy(struct composer *composer)
{
    for (size_t i = 0; i < composer->output_count; i++)
        output_mend(composer->outputs[i], clock_mono_ms());
    for (int i = 0; i < COMPOSER_LAYERS; i++) {
        g_mutex_lock(&composer->lock);
        struct mosaic *gone = composer->layers[i].gone;
        composer->layers[i].gone = NULL;
        g_mutex_unlock(&composer->lock);
        mosaic_close(gone);
    }
}

void composer_set_numbers(struct composer *composer, const struct wall_numbers *numbers)
{
    g_mutex_lock(&composer->lock);
    composer->numbers = *numbers;
    g_mutex_unlock(&composer->lock);
}

void composer_close(struct composer *composer)
{
    if (!composer)
        return;
    if (composer->thread) {
        g_mutex_lock(&composer->lock);
        composer->stop = true;
        g_cond_signal(&composer->wake);
        g_mutex_unlock(&composer->lock);
        g_thread_join(composer->thread);
    }
    for (size_t i = 0; i < composer->output_count; i++)
        output_close(composer->outputs[i]);
    for (int i = 0; i < COMPOSER_LAYERS; i++) {
        mosaic_close(composer->layers[i].shown);
        mosaic_close(composer->layers[i].next);
        mosaic_close(composer->layers[i].gone);
        canvas_destroy(&composer->layers[i].stage);
    }
    if (composer->pool)
        gst_buffer_pool_set_active(composer->pool, FALSE);
    g_clear_object(&composer->pool);
    g_mutex_clear(&composer->lock);
    g_cond_clear(&composer->wake);
    g_free(composer);
}
