#include "videowall/wall/tile.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/book/book.h"
#include "videowall/feed/feed.h"
#include "videowall/wall/decoders.h"
#include "videowall/wall/layout.h"
#include "videowall/wall/theme.h"

enum { MESSAGE_HEIGHT_MAX = 56 };

/* What the three threads share. */
struct tile_now {
    enum camera_state state;
    uint64_t picture_count;
    int64_t picture_mono_ms; /* when the last one was decoded; 0 = none yet */
    int64_t told_mono_ms;    /* of when the camera's last one is, by its status; 0 = unknown */
};

struct tile {
    struct tile_options options;
    struct decoder *decoder;
    struct feed_viewer viewer;
    GMutex lock; /* of the two below */
    struct tile_now now;
    struct canvas picture;
    /* of the wall's thread only */
    uint64_t drawn_count;
    bool drawn_stale, drawn_once;
    struct label caption, message;
};

/* ---- in the loop's thread ---- */

static void frame_came(void *context, const struct frame *frame)
{
    struct tile *tile = context;
    decoder_push(tile->decoder, frame);
}

static void status_came(void *context, const struct camera_status *status)
{
    struct tile *tile = context;
    int64_t told_mono_ms = status->picture_at_ms ? clock_mono_ms() - (clock_now_ms() - status->picture_at_ms) : 0;
    g_mutex_lock(&tile->lock);
    tile->now.state = status->state;
    tile->now.told_mono_ms = told_mono_ms;
    g_mutex_unlock(&tile->lock);
}

/* ---- in the decoder's thread ---- */

static void picture_came(void *context, const struct canvas *picture)
{
    struct tile *tile = context;
    g_mutex_lock(&tile->lock);
    struct rect fit = layout_fit(tile->picture.width, tile->picture.height, picture->width, picture->height);
    if (fit.width != tile->picture.width || fit.height != tile->picture.height)
        canvas_fill(&tile->picture, THEME_PICTURE_GROUND); /* bars beside a picture of another shape */
    struct canvas part = canvas_part(&tile->picture, fit);
    canvas_scale(&part, picture);
    tile->now.picture_count++;
    tile->now.picture_mono_ms = clock_mono_ms();
    g_mutex_unlock(&tile->lock);
}

/* ---- in the wall's thread ---- */

static bool is_stale(const struct tile_now *now, int64_t mono_ms)
{
    return now->state != CAMERA_LIVE || mono_ms - now->picture_mono_ms >= CAMERA_SILENCE_MS;
}

static const enum wall_word state_words[] = {
    [CAMERA_NONE] = WORD_IDLE, [CAMERA_IDLE] = WORD_IDLE,     [CAMERA_OPENING] = WORD_OPENING,
    [CAMERA_LIVE] = WORD_LIVE, [CAMERA_FROZEN] = WORD_FROZEN, [CAMERA_LOST] = WORD_LOST,
};

static enum wall_word word_of(const struct tile_now *now, bool stale)
{
    if (now->state == CAMERA_LIVE && stale)
        return now->picture_mono_ms ? WORD_FROZEN : WORD_OPENING;
    return state_words[now->state];
}

static bool is_bad(enum wall_word state)
{
    return state == WORD_FROZEN || state == WORD_LOST;
}

struct label_style tile_caption_style(struct rect caption, enum wall_word state)
{
    return (struct label_style){ .width = caption.width,
                                 .height = caption.height,
                                 .size_px = caption.height * 6 / 10,
                                 .text_argb = is_bad(state) ? THEME_BAD : THEME_TEXT,
                                 .ground_argb = THEME_GROUND };
}

/* Each state has a sign and a word beside its colour. */
void tile_caption_text(char out[256], const struct book_camera *camera, enum wall_word state, bool english)
{
    snprintf(out, 256, "%s  %s · %s",
             state == WORD_LIVE ? "▶"
             : is_bad(state)    ? "✕"
                                : "…",
             english ? camera->name.en : camera->name.zh, wall_word(english, state));
}

static bool set_caption(struct tile *tile, enum wall_word state)
{
    struct label_style style = tile_caption_style(tile->options.caption, state);
    char text[256];
    tile_caption_text(text, tile->options.camera, state, tile->options.english);
    return label_set(&tile->caption, &style, text);
}

static int message_height(const struct tile *tile)
{
    int third = tile->options.picture.height / 3 & ~1;
    return third < MESSAGE_HEIGHT_MAX ? third : MESSAGE_HEIGHT_MAX;
}

int64_t tile_picture_mono_ms(enum camera_state state, int64_t decoded_mono_ms, int64_t told_mono_ms)
{
    bool ended = state == CAMERA_FROZEN || state == CAMERA_LOST;
    return ended && told_mono_ms && told_mono_ms < decoded_mono_ms ? told_mono_ms : decoded_mono_ms;
}

/* Over a picture that is not of now: what is wrong, and how old it is. */
static bool set_message(struct tile *tile, const struct tile_now *now, enum wall_word word, int64_t mono_ms)
{
    bool english = tile->options.english;
    char text[256], age[48];
    if (now->picture_mono_ms) {
        wall_age(age, sizeof age, english,
                 mono_ms - tile_picture_mono_ms(now->state, now->picture_mono_ms, now->told_mono_ms));
        snprintf(text, sizeof text, "%s · %s", wall_word(english, word), age);
    } else {
        snprintf(text, sizeof text, "%s · %s", wall_word(english, WORD_NO_PICTURE), wall_word(english, word));
    }
    struct label_style style = { .width = tile->options.picture.width,
                                 .height = message_height(tile),
                                 .size_px = message_height(tile) / 2,
                                 .bold = true,
                                 .align = LABEL_CENTER,
                                 .text_argb = THEME_TEXT,
                                 .ground_argb = THEME_VEIL };
    return label_set(&tile->message, &style, text);
}

static void draw_picture(struct tile *tile, const struct canvas *part)
{
    g_mutex_lock(&tile->lock);
    canvas_copy(part, &tile->picture);
    g_mutex_unlock(&tile->lock);
}

static void draw_stale(struct tile *tile, const struct canvas *part, bool has_picture)
{
    if (has_picture) {
        draw_picture(tile, part);
        canvas_grey(part);
    } else {
        canvas_fill(part, THEME_PICTURE_GROUND);
    }
    label_blend(&tile->message, part, 0, (part->height - message_height(tile)) / 4 * 2);
}

static struct tile_now now_of(struct tile *tile)
{
    g_mutex_lock(&tile->lock);
    struct tile_now now = tile->now;
    g_mutex_unlock(&tile->lock);
    return now;
}

void tile_draw(struct tile *tile, const struct canvas *stage, int64_t mono_ms)
{
    struct tile_now now = now_of(tile);
    const struct tile_options *options = &tile->options;
    struct canvas part = canvas_part(stage, options->picture);
    bool stale = is_stale(&now, mono_ms);
    enum wall_word word = word_of(&now, stale);
    bool changed = !tile->drawn_once || stale != tile->drawn_stale || now.picture_count != tile->drawn_count;
    if (stale && (set_message(tile, &now, word, mono_ms) || changed))
        draw_stale(tile, &part, now.picture_mono_ms != 0);
    else if (!stale && changed)
        draw_picture(tile, &part);
    if (set_caption(tile, word) || !tile->drawn_once)
        label_blend(&tile->caption, stage, options->caption.x, options->caption.y);
    tile->drawn_count = now.picture_count;
    tile->drawn_stale = stale;
    tile->drawn_once = true;
}

bool tile_is_live(struct tile *tile)
{
    struct tile_now now = now_of(tile);
    return now.picture_mono_ms && !is_stale(&now, clock_mono_ms());
}

bool tile_is_settled(struct tile *tile)
{
    struct tile_now now = now_of(tile);
    return now.picture_mono_ms || now.state == CAMERA_FROZEN || now.state == CAMERA_LOST;
}

/* ---- start and end, in the loop's thread ---- */

struct tile *tile_open(const struct tile_options *options)
{
    struct tile *tile = g_new0(struct tile, 1);
    tile->options = *options;
    tile->picture = canvas_create(options->picture.width, options->picture.height);
    g_mutex_init(&tile->lock);
    tile->viewer = (struct feed_viewer){
        .frame = frame_came, .status = status_came, .context = tile, .wide_px = options->picture.width
    };
    tile->decoder = decoder_open(options->decoders, picture_came, tile);
    feed_add_viewer(options->feeds, options->camera->id, &tile->viewer);
    return tile;
}

void tile_close(struct tile *tile)
{
    if (!tile)
        return;
    feed_remove_viewer(&tile->viewer);
    decoder_close(tile->decoder);
    label_finish(&tile->caption);
    label_finish(&tile->message);
    canvas_destroy(&tile->picture);
    g_mutex_clear(&tile->lock);
    g_free(tile);
}
