#include "proto/store/near.h"

#include <inttypes.h>
#include <string.h>

#include "proto/base/geo.h"

#define CELL_DEG 0.002
enum { LOOKED_AT_MAX = 200, REACH_MAX = 8 /* near a pole: so far north there is no district */ };

static int64_t cell_of(double degrees)
{
    double cells = degrees / CELL_DEG;
    int64_t whole = (int64_t)cells;
    return whole - (cells < (double)whole);
}

static const char *cell_name(struct arena *arena, const char *service, int64_t lat_cell, int64_t lon_cell)
{
    return arena_format(arena, "%s/%" PRId64 ",%" PRId64, service, lat_cell, lon_cell);
}

const char *near_cell(struct arena *arena, const char *service, double lat, double lon)
{
    return cell_name(arena, service, cell_of(lat), cell_of(lon));
}

void near_middle(const struct case_file *record, double *lat, double *lon)
{
    *lat = record->middle_of ? record->middle_lat : record->place.lat;
    *lon = record->middle_of ? record->middle_lon : record->place.lon;
}

/* The newest of all the cells around, the newest first: in a flood a report's own trouble is among them. */
struct newest {
    int64_t since_ms;
    size_t count;
    struct heard {
        int64_t at_ms, id;
    } items[LOOKED_AT_MAX];
};

/* The lists are walked from their end: 1 where nothing of this one comes in any more. */
static int collect(void *context, int64_t order, int64_t id)
{
    struct newest *newest = context;
    size_t at = newest->count;
    while (at && newest->items[at - 1].at_ms < order)
        at--;
    if (order < newest->since_ms || at == LOOKED_AT_MAX)
        return 1;
    newest->count += newest->count < LOOKED_AT_MAX;
    memmove(&newest->items[at + 1], &newest->items[at], (newest->count - at - 1) * sizeof *newest->items);
    newest->items[at] = (struct heard){ order, id };
    return 0;
}

struct looking {
    struct txn *txn;
    const struct near_query *query;
    struct arena *arena;
    int64_t best_id, best_m;
    struct fault *fault;
};

/* The nearest, of equals the older. */
static int look_at(struct looking *looking, int64_t id)
{
    const struct near_query *query = looking->query;
    struct case_file record;
    int result = case_get(looking->txn, id, looking->arena, &record, looking->fault);
    if (result)
        return result < 0 ? result
                          : fault_set(looking->fault, -EBADMSG, "list 'near' names case %" PRId64 ", which is not", id);
    double lat, lon;
    near_middle(&record, &lat, &lon);
    int64_t way_m = geo_distance_m(query->lat, query->lon, lat, lon);
    bool is_full = record.voices.count >= NEAR_VOICES_MAX;
    bool nearer = !looking->best_id || way_m < looking->best_m || (way_m == looking->best_m && id < looking->best_id);
    if (way_m <= query->radius_m && nearer && !is_full) {
        looking->best_id = id;
        looking->best_m = way_m;
    }
    return 0;
}

/* How many cells the radius reaches over, from the middle one. */
static int64_t reach(double lat, int64_t radius_m, bool to_the_east)
{
    int64_t cell_m = to_the_east ? geo_distance_m(lat, 0, lat, CELL_DEG) : geo_distance_m(0, 0, CELL_DEG, 0);
    int64_t cells = cell_m ? radius_m / cell_m + 1 : 1;
    return cells < REACH_MAX ? cells : REACH_MAX;
}

int near_find(struct txn *txn, const struct near_query *query, struct arena *arena, int64_t *id, struct fault *fault)
{
    struct looking looking = { .txn = txn, .query = query, .arena = arena, .fault = fault };
    struct newest newest = { .since_ms = query->since_ms };
    int64_t north = reach(query->lat, query->radius_m, false), east = reach(query->lat, query->radius_m, true);
    int result = 0;
    for (int64_t y = -north; result >= 0 && y <= north; y++)
        for (int64_t x = -east; result >= 0 && x <= east; x++) {
            const char *cell = cell_name(arena, query->service, cell_of(query->lat) + y, cell_of(query->lon) + x);
            result = index_visit(txn, arena_format(arena, "near/%s", cell), 0, 0, true, collect, &newest);
        }
    for (size_t i = 0; result >= 0 && i < newest.count; i++)
        result = look_at(&looking, newest.items[i].id);
    *id = looking.best_id;
    return result < 0 ? result : !looking.best_id;
}
