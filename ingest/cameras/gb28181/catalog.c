#include "ingest/cameras/gb28181/catalog.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void catalog_ask(struct catalog *catalog, int64_t serial, int64_t now_mono_ms)
{
    assert(serial > 0);
    catalog->serial = serial;
    catalog->heard_mono_ms = now_mono_ms;
    catalog->coming_count = 0;
    catalog->announced = 0;
}

void catalog_finish(struct catalog *catalog)
{
    free(catalog->channels);
    free(catalog->coming);
    *catalog = (struct catalog){ 0 };
}

/* Where the id stands, or would. */
static size_t place_of(const struct catalog_channel *channels, size_t count, const char *id)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(channels[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct catalog_channel *channels, size_t count, size_t at, const char *id)
{
    return at < count && strcmp(channels[at].id, id) == 0;
}

/* A character that does not fit whole is left out. */
static void copy_name(char out[CATALOG_NAME_SIZE], const char *name)
{
    size_t size = strnlen(name, CATALOG_NAME_SIZE);
    if (size == CATALOG_NAME_SIZE)
        for (size--; size > 0 && (name[size] & 0xc0) == 0x80; size--)
            ;
    memcpy(out, name, size);
    out[size] = '\0';
}

/* Room for twice as many each time. */
static struct catalog_channel *make_room(struct catalog *catalog)
{
    size_t count = catalog->coming_count;
    if ((count & (count - 1)) != 0)
        return catalog->coming;
    struct catalog_channel *more = realloc(catalog->coming, (count ? 2 * count : 1) * sizeof *more);
    assert(more);
    return more;
}

static int add(struct catalog *catalog, const struct manscdp_channel *channel)
{
    if (!gb_is_id(channel->id))
        return 0; /* a district, a building: no channel of ours */
    size_t count = catalog->coming_count, at = place_of(catalog->coming, count, channel->id);
    if (!is_at(catalog->coming, count, at, channel->id)) {
        if (count == CATALOG_CHANNELS_MAX)
            return -EMSGSIZE;
        catalog->coming = make_room(catalog);
        memmove(&catalog->coming[at + 1], &catalog->coming[at], (count - at) * sizeof *catalog->coming);
        catalog->coming_count++;
    }
    struct catalog_channel *place = &catalog->coming[at];
    *place = (struct catalog_channel){ .off = channel->off };
    memcpy(place->id, channel->id, sizeof place->id);
    copy_name(place->name, channel->name);
    return 0;
}

static void complete(struct catalog *catalog)
{
    free(catalog->channels);
    catalog->channels = catalog->coming;
    catalog->count = catalog->coming_count;
    catalog->coming = NULL;
    catalog->coming_count = 0;
    catalog->known = true;
}

int catalog_take(struct catalog *catalog, const struct manscdp *document, int64_t now_mono_ms)
{
    const struct xml_element *item = NULL;
    struct manscdp_channel channel;
    if (!catalog->serial || document->serial != catalog->serial)
        return -EINVAL;
    catalog->heard_mono_ms = now_mono_ms;
    while (manscdp_next_channel(document, &item, &channel))
        if (add(catalog, &channel) < 0)
            return -EMSGSIZE;
    catalog->announced = manscdp_channel_sum(document);
    return 0;
}

bool catalog_tick(struct catalog *catalog, int64_t now_mono_ms)
{
    bool more = (int64_t)catalog->coming_count < catalog->announced || catalog->coming_count == 0;
    if (!catalog->serial || now_mono_ms - catalog->heard_mono_ms < (more ? CATALOG_LATE_MS : CATALOG_QUIET_MS))
        return false;
    bool came = catalog->coming_count > 0;
    if (came)
        complete(catalog);
    catalog->serial = 0; /* of a query that nothing answers, too: it may be asked again */
    return came;
}

const struct catalog_channel *catalog_find(const struct catalog *catalog, const char *id)
{
    size_t at = place_of(catalog->channels, catalog->count, id);
    return is_at(catalog->channels, catalog->count, at, id) ? &catalog->channels[at] : NULL;
}
