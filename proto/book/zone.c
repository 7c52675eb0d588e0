#include "proto/book/zone.h"

#include <glib.h>
#include <stdlib.h>

#include "proto/base/timestamp.h"

struct zone {
    GTimeZone *table;
    char *name;
};

int zone_open(const char *name, struct zone **zone, struct fault *fault)
{
    GTimeZone *table = *name ? g_time_zone_new_identifier(name) : NULL;
    if (!table)
        return fault_set(fault, -EINVAL,
                         "no time zone '%s' on this machine; expected a name of the tz database, such as Asia/Shanghai",
                         name);
    *zone = g_new0(struct zone, 1);
    **zone = (struct zone){ .table = table, .name = g_strdup(name) };
    return 0;
}

void zone_destroy(struct zone *zone)
{
    if (!zone)
        return;
    g_time_zone_unref(zone->table);
    g_free(zone->name);
    g_free(zone);
}

const char *zone_name(const struct zone *zone)
{
    return zone->name;
}

static int64_t offset_ms(const struct zone *zone, int64_t at_ms)
{
    int64_t second = at_ms / MS_PER_SECOND - (at_ms % MS_PER_SECOND < 0);
    gint interval = g_time_zone_find_interval(zone->table, G_TIME_TYPE_UNIVERSAL, second);
    return (int64_t)g_time_zone_get_offset(zone->table, interval) * MS_PER_SECOND;
}

int zone_offset_minutes(const struct zone *zone, int64_t at_ms)
{
    return (int)(offset_ms(zone, at_ms) / MS_PER_MINUTE);
}

int64_t zone_to_local_ms(const struct zone *zone, int64_t at_ms)
{
    return at_ms + offset_ms(zone, at_ms);
}

/* The first moment in (low, high] with the offset that holds at high. */
static int64_t change_between(const struct zone *zone, int64_t low, int64_t high)
{
    int64_t after = offset_ms(zone, high);
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (offset_ms(zone, middle) == after)
            high = middle;
        else
            low = middle;
    }
    return high;
}

int64_t zone_from_local_ms(const struct zone *zone, int64_t local_ms)
{
    /* A day on either side lies beyond any offset, so the two offsets around the wall-clock time are both seen. */
    int64_t one = local_ms - offset_ms(zone, local_ms - MS_PER_DAY);
    int64_t other = local_ms - offset_ms(zone, local_ms + MS_PER_DAY);
    int64_t earlier = one < other ? one : other;
    int64_t later = one < other ? other : one;
    if (zone_to_local_ms(zone, earlier) == local_ms)
        return earlier;
    if (zone_to_local_ms(zone, later) == local_ms)
        return later;
    return change_between(zone, earlier, later);
}

int zone_parse(const struct zone *zone, const char *text, int64_t *at_ms)
{
    int64_t other;
    if (timestamp_parse(text, 0, at_ms) < 0 || timestamp_parse(text, 60, &other) < 0)
        return -EINVAL;
    if (*at_ms != other) /* it has no offset of its own */
        *at_ms = zone_from_local_ms(zone, *at_ms);
    return 0;
}
