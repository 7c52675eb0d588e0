#include "ingest/cameras/look.h"

#include <stdlib.h>
#include <string.h>

enum { HALF = LOOK_BLOCK_PX / 2, HALVES = LOOK_WIDTH / HALF, COLUMNS = LOOK_WIDTH / LOOK_BLOCK_PX, QUARTERS = 4 };

/* Some rows, column by column: simple loops over a row, of which the compiler makes the processor's own for many bytes at a time. */
struct columns {
    uint16_t sum[LOOK_WIDTH];
    uint8_t low[LOOK_WIDTH], high[LOOK_WIDTH], step[LOOK_WIDTH]; /* step: the largest between two neighbours */
};

static uint8_t larger(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

static uint8_t apart(uint8_t a, uint8_t b)
{
    return (uint8_t)(a > b ? a - b : b - a);
}

static void take_row(struct columns *columns, const uint8_t *restrict row, const uint8_t *restrict below)
{
    for (int x = 0; x < LOOK_WIDTH; x++) {
        columns->sum[x] = (uint16_t)(columns->sum[x] + row[x]);
        columns->low[x] = columns->low[x] < row[x] ? columns->low[x] : row[x];
        columns->high[x] = larger(columns->high[x], row[x]);
        columns->step[x] = larger(columns->step[x], apart(row[x], below[x]));
    }
    for (int x = 0; x < LOOK_WIDTH - 1; x++)
        columns->step[x] = larger(columns->step[x], apart(row[x], row[x + 1]));
}

/* Some columns as one. */
struct extent {
    int sum;
    uint8_t low, high, step;
};

static struct extent gather(const struct columns *columns, int x, int count)
{
    struct extent extent = { .low = 255 };
    for (int at = x; at < x + count; at++) {
        extent.sum += columns->sum[at];
        extent.low = columns->low[at] < extent.low ? columns->low[at] : extent.low;
        extent.high = larger(extent.high, columns->high[at]);
        extent.step = larger(extent.step, columns->step[at]);
    }
    return extent;
}

static void begin(struct columns *columns)
{
    memset(columns, 0, sizeof *columns);
    memset(columns->low, 255, sizeof columns->low);
}

static void keep_means(const uint16_t sums[LOOK_WIDTH], uint16_t *means)
{
    for (int half = 0; half < HALVES; half++) {
        int sum = 0;
        for (int x = half * HALF; x < (half + 1) * HALF; x++)
            sum += sums[x];
        means[half] = (uint16_t)(sum * QUARTERS / (HALF * HALF));
    }
}

void look_at(const uint8_t *luma, int stride, struct look *look)
{
    int dark = 0, flat = 0, soft = 0;
    struct columns columns;
    uint16_t upper[LOOK_WIDTH] = { 0 }, lower[LOOK_WIDTH];
    for (int y = 0; y < LOOK_HEIGHT; y += LOOK_BLOCK_PX) {
        begin(&columns);
        for (int row = y; row < y + LOOK_BLOCK_PX; row++) {
            const uint8_t *at = luma + row * stride;
            take_row(&columns, at, row < LOOK_HEIGHT - 1 ? at + stride : at);
            if (row == y + HALF - 1)
                memcpy(upper, columns.sum, sizeof upper);
        }
        for (int x = 0; x < LOOK_WIDTH; x++)
            lower[x] = (uint16_t)(columns.sum[x] - upper[x]);
        keep_means(upper, &look->print.means[y / HALF * HALVES]);
        keep_means(lower, &look->print.means[(y / HALF + 1) * HALVES]);
        for (int column = 0; column < COLUMNS; column++) {
            struct extent block = gather(&columns, column * LOOK_BLOCK_PX, LOOK_BLOCK_PX);
            dark += block.sum < LOOK_DARK * LOOK_BLOCK_PX * LOOK_BLOCK_PX;
            flat += block.high - block.low < LOOK_FLAT;
            soft += block.step < LOOK_SHARP;
        }
    }
    look->dark_percent = dark * 100 / LOOK_BLOCKS;
    look->flat_percent = flat * 100 / LOOK_BLOCKS;
    look->soft_percent = soft * 100 / LOOK_BLOCKS;
}

enum camera_condition look_condition(const struct look *look)
{
    if (look->dark_percent >= LOOK_MOST_PERCENT && look->flat_percent >= LOOK_MOST_PERCENT)
        return CAMERA_IS_BLACK;
    if (look->flat_percent >= LOOK_MOST_PERCENT)
        return CAMERA_IS_COVERED;
    return look->soft_percent >= LOOK_MOST_PERCENT ? CAMERA_IS_BLURRED : CAMERA_IS_WELL;
}

bool look_same(const struct look_print *a, const struct look_print *b)
{
    for (size_t i = 0; i < sizeof a->means / sizeof *a->means; i++)
        if (abs((int)a->means[i] - (int)b->means[i]) > QUARTERS)
            return false;
    return true;
}
