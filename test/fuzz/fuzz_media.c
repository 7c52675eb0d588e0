/* Photos from outside, without the confined process around them: the answer always holds together, and what is kept is a picture that has
 * nothing beside it.
 *
 * Input: the file; the checksums of a PNG are put right by the target (no mutation would ever hit one). */
#include <assert.h>
#include <string.h>
#include <zlib.h>

#include "proto/photo/develop.h"
#include "proto/record/media_type.h"
#include "test/fuzz/fuzz.h"

enum { PNG_HEAD = 8, CHUNK_LENGTH = 4, CHUNK_TYPE = 4, CHUNK_SUM = 4 };
static const struct photo_limits limits = { .pixels = 1 << 16, .edge_px = 96, .small_px = 24, .seconds = 5 };

static uint32_t read_be(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void write_be(uint8_t *bytes, uint32_t value)
{
    for (int i = 0; i < CHUNK_SUM; i++)
        bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Of every chunk that is whole (PNG 1.2, 3.2). */
static void put_sums_right(struct buffer *file)
{
    size_t at = PNG_HEAD;
    while (file->size - at >= CHUNK_LENGTH + CHUNK_TYPE + CHUNK_SUM) {
        size_t length = read_be(file->bytes + at), rest = file->size - at - CHUNK_LENGTH - CHUNK_TYPE - CHUNK_SUM;
        if (length > rest)
            return;
        uint8_t *type = file->bytes + at + CHUNK_LENGTH;
        write_be(type + CHUNK_TYPE + length, (uint32_t)crc32(0, type, (uInt)(CHUNK_TYPE + length)));
        at += CHUNK_LENGTH + CHUNK_TYPE + length + CHUNK_SUM;
    }
}

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
    int result = photo_answer_read(buffer_view(&developed->answer), &developed->arena, &developed->photo, &fault);
    assert(result == 0);
}

static void forget(struct developed *developed)
{
    buffer_finish(&developed->answer);
    arena_finish(&developed->arena);
}

/* A photo of ours is one that anybody takes, and tells nothing of camera, time or place. */
static void check_kept(struct bytes picture, int64_t edge_px)
{
    struct developed again;
    develop_file(&again, picture);
    const struct photo_facts *facts = &again.photo.facts;
    assert(!*facts->fault && !*facts->taken && !facts->has_place);
    assert(facts->width > 0 && facts->height > 0 && facts->width <= edge_px && facts->height <= edge_px);
    forget(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer file = { 0 };
    struct developed developed;
    buffer_append(&file, data, size);
    const char *type = media_type_of(buffer_view(&file));
    if (type && strcmp(type, "image/png") == 0)
        put_sums_right(&file);
    develop_file(&developed, buffer_view(&file));
    const struct photo *photo = &developed.photo;
    assert(type || *photo->facts.fault);
    if (*photo->facts.fault) {
        assert(!photo->picture.size && !photo->small.size);
    } else {
        check_kept(photo->picture, limits.edge_px);
        check_kept(photo->small, limits.small_px);
    }
    forget(&developed);
    buffer_finish(&file);
    return 0;
}
