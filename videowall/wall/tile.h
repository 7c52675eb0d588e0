/* A tile: one camera's picture with its caption. Frames and status come in the loop's thread, pictures in the decoder's, and the wall's own
 * thread draws; none waits for another longer than a copy of the tile.
 *
 * What a tile shows: the picture while it is live; the last one greyed, with its age, when the camera is frozen or lost; words where there is
 * no picture yet. Never nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/record/camera.h"
#include "videowall/wall/canvas.h"
#include "videowall/wall/label.h"
#include "videowall/wall/words.h"

struct book_camera;
struct decoders;
struct feeds;
struct tile;

struct tile_options {
    struct feeds *feeds;
    struct decoders *decoders;
    const struct book_camera *camera;
    struct rect picture, caption; /* on the stage */
    bool english;
};

struct tile *tile_open(const struct tile_options *options);
/* Takes NULL. The wall's thread draws it no more. */
void tile_close(struct tile *tile);

/* In the wall's thread: brings the tile's part of the stage up to now. */
void tile_draw(struct tile *tile, const struct canvas *stage, int64_t mono_ms);

/* From any thread. */
bool tile_is_live(struct tile *tile);
/* It has a picture, or is known to get none soon. */
bool tile_is_settled(struct tile *tile);

/* Of when the picture is that a tile shows, by the monotonic clock; 0: there is none. A camera that is frozen or lost has its last picture decoded
 * whenever a tile of it is opened, so its age is what its status tells. told_mono_ms 0: nothing is told. */
int64_t tile_picture_mono_ms(enum camera_state state, int64_t decoded_mono_ms, int64_t told_mono_ms);

/* How the caption looks and what it says in a state: what the wall draws, and what a test looks for in its picture. */
struct label_style tile_caption_style(struct rect caption, enum wall_word state);
void tile_caption_text(char out[256], const struct book_camera *camera, enum wall_word state, bool english);
