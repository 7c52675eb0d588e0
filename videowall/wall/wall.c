#include "videowall/wall/wall.h"

#include <assert.h>
#include <glib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/loop.h"
#include "proto/base/metrics.h"
#include "proto/book/book.h"
#include "videowall/media/media.h"
#include "videowall/wall/broadcast.h"
#include "videowall/wall/composer.h"
#include "videowall/wall/decoders.h"
#include "videowall/wall/mosaic.h"
#include "videowall/wall/output.h"
#include "videowall/wall/popup.h"
#include "videowall/wall/words.h"

enum {
    TILES_DEFAULT = 4,
    PNG_KEEP_DEFAULT = 10,
    TICK_MS = 200,
    AHEAD_MS = 2500 /* a group of pictures, and the way here */
};

static struct metric live_tiles = METRIC_GAUGE("drumtower_wall_live_tiles", "Tiles of the native wall that are live.");
static struct metric pages_shown = METRIC_COUNTER("drumtower_wall_pages_total", "Pages of scenes that were shown.");

/* One page of a scene. */
struct page_at {
    const struct book_scene *scene;
    size_t page;
    struct mosaic *mosaic;
};

struct wall {
    struct wall_options options;
    bool english, web;
    struct decoders *decoders;
    const struct book_camera **named; /* by the command line, in the scene below */
    struct book_scene start;
    struct composer *composer;
    struct page_at now;   /* the mosaic is the composer's */
    struct page_at next;  /* mosaic NULL: none; else ours */
    bool next_is_tours;   /* nobody asked for it by hand */
    int64_t next_mono_ms; /* when it is to be shown */
    int64_t turn_mono_ms; /* when the tour's page has stood long enough */
    bool held;
    struct popup popup;
    struct loop_timer tick;
};

/* ---- pages ---- */

/* A scene with panels of its own making keeps the shape that fits its cameras. */
static struct wall_shape shape_of(const struct wall *wall, const struct book_scene *scene)
{
    if (scene == &wall->start)
        return wall_shape_of(scene->camera_count);
    return (struct wall_shape){ .columns = scene->columns,
                                .rows = scene->rows,
                                .large = scene->large,
                                .panels = scene->panels,
                                .map = scene->map };
}

static size_t pages_of(const struct wall *wall, const struct book_scene *scene)
{
    struct wall_shape shape = shape_of(wall, scene);
    size_t tiles = wall_shape_tiles(&shape);
    return scene->camera_count > tiles ? (scene->camera_count + tiles - 1) / tiles : 1;
}

static struct mosaic_options mosaic_options_of(const struct wall *wall)
{
    return (struct mosaic_options){
        .feeds = wall->options.feeds, .decoders = wall->decoders, .book = wall->options.book, .english = wall->english
    };
}

/* The cameras of a page, in the order of its tiles. */
static const struct book_camera *const *cameras_of(const struct wall *wall, const struct page_at *at, size_t *count)
{
    struct wall_shape shape = shape_of(wall, at->scene);
    size_t tiles = wall_shape_tiles(&shape), first = at->page * tiles, rest = at->scene->camera_count - first;
    *count = rest < tiles ? rest : tiles;
    return at->scene->cameras + first;
}

static void open_page(const struct wall *wall, struct page_at *at)
{
    struct mosaic_options options = mosaic_options_of(wall);
    options.shape = shape_of(wall, at->scene);
    options.cameras = cameras_of(wall, at, &options.camera_count);
    at->mosaic = mosaic_open(&options);
}

static void drop_next(struct wall *wall)
{
    mosaic_close(wall->next.mosaic);
    wall->next.mosaic = NULL;
}

static void prepare(struct wall *wall, const struct book_scene *scene, size_t page, int64_t mono_ms)
{
    drop_next(wall);
    wall->next = (struct page_at){ scene, page, NULL };
    wall->next_is_tours = false;
    wall->next_mono_ms = mono_ms;
    open_page(wall, &wall->next);
}

static void show_next(struct wall *wall, int64_t mono_ms)
{
    composer_show(wall->composer, COMPOSER_PAGE, wall->next.mosaic);
    wall->now = wall->next;
    wall->next.mosaic = NULL;
    wall->turn_mono_ms = mono_ms + wall->now.scene->dwell_s * 1000;
    metric_add(&pages_shown, 1);
}

static size_t page_after(const struct wall *wall, const struct page_at *at, int pages)
{
    int64_t count = (int64_t)pages_of(wall, at->scene);
    return (size_t)((((int64_t)at->page + pages) % count + count) % count);
}

static void go_on_touring(struct wall *wall, int64_t mono_ms)
{
    if (wall->held || popup_stands(&wall->popup) || pages_of(wall, wall->now.scene) == 1 ||
        mono_ms < wall->turn_mono_ms - AHEAD_MS)
        return;
    prepare(wall, wall->now.scene, page_after(wall, &wall->now, 1), wall->turn_mono_ms);
    wall->next_is_tours = true;
}

/* What was asked for by hand still comes. */
static void stop_tour(struct wall *wall)
{
    if (wall->next_is_tours)
        drop_next(wall);
}

static void let_tour_go(struct wall *wall, int64_t mono_ms)
{
    if (wall->turn_mono_ms < mono_ms + AHEAD_MS)
        wall->turn_mono_ms = mono_ms + AHEAD_MS;
}

static int tick(void *context)
{
    struct wall *wall = context;
    int64_t mono_ms = clock_mono_ms();
    composer_tidy(wall->composer);
    if (popup_tick(&wall->popup, mono_ms))
        let_tour_go(wall, mono_ms);
    if (!wall->next.mosaic)
        go_on_touring(wall, mono_ms);
    else if (mono_ms >= wall->next_mono_ms + AHEAD_MS ||
             (mono_ms >= wall->next_mono_ms && mosaic_is_settled(wall->next.mosaic)))
        show_next(wall, mono_ms);
    metric_set(&live_tiles, (int64_t)wall_live_tiles(wall));
    loop_timer_arm(wall->options.loop, &wall->tick, TICK_MS);
    return 0;
}

/* ---- what one can ask of it ---- */

static int no_scene(const struct book *book, const char *scene, struct fault *fault)
{
    GString *names = g_string_new(NULL);
    for (size_t i = 0; i < book->scene_count; i++)
        g_string_append_printf(names, "%s%s", i ? ", " : "", book->scenes[i].id);
    int result = fault_set(fault, -ENOENT, "wall: the book has no scene '%s'; expected %s", scene,
                           book->scene_count ? names->str : "some in wall.yaml of the book");
    g_string_free(names, TRUE);
    return result;
}

int wall_show_scene(struct wall *wall, const char *id, struct fault *fault)
{
    const struct book_scene *scene = book_scene(wall->options.book, id);
    if (!scene)
        return no_scene(wall->options.book, id, fault);
    prepare(wall, scene, 0, clock_mono_ms());
    return 0;
}

void wall_turn(struct wall *wall, int pages)
{
    const struct page_at *from = wall->next.mosaic && wall->next.scene != wall->now.scene ? &wall->next : &wall->now;
    prepare(wall, from->scene, page_after(wall, from, pages), clock_mono_ms());
}

void wall_hold(struct wall *wall, bool hold)
{
    wall->held = hold;
    if (hold)
        stop_tour(wall);
    else
        let_tour_go(wall, clock_mono_ms());
}

void wall_pop_up(struct wall *wall, const struct wall_popup *popup)
{
    struct mosaic_options options = mosaic_options_of(wall);
    stop_tour(wall);
    popup_show(&wall->popup, &options, popup, clock_mono_ms());
}

void wall_clear(struct wall *wall)
{
    if (popup_end(&wall->popup))
        let_tour_go(wall, clock_mono_ms());
}

struct wall_shown wall_shown(const struct wall *wall)
{
    const struct page_at *now = &wall->now;
    return (struct wall_shown){ .scene = now->scene->id,
                                .page = now->page + 1,
                                .pages = pages_of(wall, now->scene),
                                .tiles = mosaic_tiles(now->mosaic),
                                .live = mosaic_live_tiles(now->mosaic),
                                .held = wall->held,
                                .popup = wall->popup.number };
}

const char *wall_web_feed(const struct wall *wall)
{
    return wall->web ? BROADCAST_FEED : "";
}

size_t wall_places(const struct wall *wall, struct wall_place places[WALL_TILES_MAX])
{
    size_t count;
    const struct book_camera *const *cameras = cameras_of(wall, &wall->now, &count);
    struct wall_shape shape = shape_of(wall, wall->now.scene);
    struct wall_layout layout;
    if (popup_stands(&wall->popup))
        return 0;
    wall_layout_make(&shape, count, &layout);
    for (size_t i = 0; i < count; i++) {
        const struct rect *picture = &layout.pictures[i], *caption = &layout.captions[i];
        places[i] = (struct wall_place){ cameras[i], picture->x, picture->y, picture->width,
                                         picture->height + caption->height };
    }
    return count;
}

/* ---- start and end ---- */

static bool is_none(const char *output)
{
    return !output || !*output || strcmp(output, "none") == 0;
}

int wall_check_output(const char *output, struct fault *fault)
{
    return is_none(output) ? 0 : composer_check(output, fault);
}

/* The scene of the cameras that the command line names, or of the book's first ones. */
static int make_start(struct wall *wall, struct fault *fault)
{
    const struct wall_options *options = &wall->options;
    const struct book *book = options->book;
    size_t first = book->camera_count < TILES_DEFAULT ? book->camera_count : TILES_DEFAULT;
    size_t count = options->camera_count ? options->camera_count : first;
    if (count > WALL_TILES_MAX)
        return fault_set(fault, -EINVAL, "wall: %zu cameras, expected at most %d", count, WALL_TILES_MAX);
    wall->named = g_new0(const struct book_camera *, count + 1);
    for (size_t i = 0; i < count; i++) {
        wall->named[i] = options->camera_count ? book_camera(book, options->cameras[i]) : &book->cameras[i];
        if (!wall->named[i])
            return fault_set(fault, -EINVAL, "wall: the book has no camera '%s'", options->cameras[i]);
    }
    wall->start = (struct book_scene){ .id = "", .cameras = wall->named, .camera_count = count };
    return 0;
}

static int choose_first(struct wall *wall, struct fault *fault)
{
    const struct book *book = wall->options.book;
    if (wall->options.scene && wall->options.camera_count)
        return fault_set(fault, -EINVAL, "wall: a scene and cameras; expected one of them");
    if (wall->options.scene) {
        wall->now.scene = book_scene(book, wall->options.scene);
        return wall->now.scene ? 0 : no_scene(book, wall->options.scene, fault);
    }
    wall->now.scene = book->scene_count && !wall->options.camera_count ? &book->scenes[0] : &wall->start;
    return wall->now.scene == &wall->start ? make_start(wall, fault) : 0;
}

static int start(struct wall *wall, struct fault *fault)
{
    const struct wall_options *options = &wall->options;
    int result = composer_check(options->output, fault);
    if (result == 0)
        result = media_init(fault);
    if (result == 0)
        result = choose_first(wall, fault);
    if (result == 0)
        result = decoders_open(&wall->decoders, fault);
    if (result == 0)
        open_page(wall, &wall->now);
    struct output_options each = { options->png_keep ? options->png_keep : PNG_KEEP_DEFAULT, options->loop,
                                   options->feeds };
    if (result == 0)
        result = composer_open(options->output, &each, wall->now.mosaic, &wall->composer, fault);
    wall->web = composer_has(options->output, "web");
    wall->popup.composer = wall->composer;
    return result;
}

int wall_open(const struct wall_options *options, struct wall **out, struct fault *fault)
{
    *out = NULL;
    if (is_none(options->output))
        return 0;
    struct wall *wall = g_new0(struct wall, 1);
    const struct book *book = options->book;
    const char *language = options->language ? options->language : book->language_count > 0 ? book->languages[0] : NULL;
    wall->options = *options;
    wall->english = words_are_english(language);
    wall->tick = (struct loop_timer){ .fire = tick, .context = wall };
    metric_register(&live_tiles);
    metric_register(&pages_shown);
    int result = start(wall, fault);
    if (result < 0) {
        wall_close(wall);
        return result;
    }
    wall->turn_mono_ms = clock_mono_ms() + wall->now.scene->dwell_s * 1000;
    loop_timer_arm(options->loop, &wall->tick, TICK_MS);
    *out = wall;
    return 0;
}

void wall_set_numbers(struct wall *wall, const struct wall_numbers *numbers)
{
    if (!wall)
        return;
    assert(numbers->department_count <= WALL_DEPARTMENTS_MAX);
    composer_set_numbers(wall->composer, numbers);
}

size_t wall_live_tiles(const struct wall *wall)
{
    return wall ? mosaic_live_tiles(wall->now.mosaic) : 0;
}

void wall_close(struct wall *wall)
{
    if (!wall)
        return;
    loop_timer_disarm(wall->options.loop, &wall->tick);
    composer_close(wall->composer);
    drop_next(wall);
    decoders_close(wall->decoders);
    g_free(wall->named);
    g_free(wall);
}
