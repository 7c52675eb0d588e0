#include "test/sim/power_cut.h"

#include <stdio.h>
#include <string.h>

#include "test/sim/sim.h"

enum { PAGE = 4096, SECTOR = 512, META_PAGES = 2 };

static bool read_image(const char *path, struct buffer *image)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    buffer_clear(image);
    for (size_t got = 1; got > 0;) {
        got = fread(buffer_reserve(image, 1 << 16), 1, 1 << 16, file);
        image->size += got;
    }
    return fclose(file) == 0;
}

static bool write_image(const char *path, const struct buffer *image)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return false;
    bool written = fwrite(image->bytes, 1, image->size, file) == image->size;
    return fclose(file) == 0 && written;
}

static void extend(struct buffer *image, size_t size)
{
    if (image->size >= size)
        return;
    memset(buffer_reserve(image, size - image->size), 0, size - image->size);
    image->size = size;
}

/* `image` is as before the commit, `after` as behind it. */
static void tear(struct buffer *image, const struct buffer *after, struct dice *dice)
{
    unsigned written = (unsigned)between(dice, 0, 1000);
    for (size_t at = META_PAGES * PAGE; at + PAGE <= after->size; at += PAGE) {
        bool same = at + PAGE <= image->size && memcmp(image->bytes + at, after->bytes + at, PAGE) == 0;
        if (same || !chance(dice, written))
            continue;
        extend(image, at + PAGE);
        bool torn = chance(dice, 200);
        for (size_t sector = at; sector < at + PAGE; sector += SECTOR)
            if (!torn || chance(dice, 500))
                memcpy(image->bytes + sector, after->bytes + sector, SECTOR);
    }
}

bool power_cut_in_turn(struct sim *sim, int (*take)(struct town *town, void *context))
{
    struct town *town = &sim->station.town;
    struct dice dice = chance_begin(sim->plan.seed, (uint64_t)sim->station.turns + 100);
    struct buffer before = { 0 }, after = { 0 };
    char path[128];
    snprintf(path, sizeof path, "%s/cases/data.mdb", town->folder);
    town_stop(town);
    bool done = read_image(path, &before) && town_start(town) && town_turn(town, take, &sim->station, true);
    town_stop(town);
    done = done && read_image(path, &after);
    tear(&before, &after, &dice);
    done = done && write_image(path, &before) && town_start(town);
    buffer_finish(&before);
    buffer_finish(&after);
    sim->station.restarts++;
    return done;
}
