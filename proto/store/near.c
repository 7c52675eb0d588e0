#include "proto/store/near.h"

#include <inttypes.h>

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

struct looking {
    struct txn *txn;
    const struct near_query *query;
    struct arena *arena;
    int64_t looked_at;
    int64_t best_id, best_m;
    struct fault *fault;
};

/* The nearest, of equals the older. */
static int look_at(void *context, int64_t order, int64_t id)
{
    struct looking *looking = context;
    const struct near_query *query = looking->query;
    struct case_file record;
    (void)order;
    if (looking->looked_at++ >= LOOKED_AT_MAX)
        return 1;
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
    int64_t north = reach(query->lat, query->radius_m, false), east = reach(query->lat, query->radius_m, true);
    int64_t since_ms = query->since_ms > 0 ? query->since_ms : 1;
    int result = 0;
    for (int64_t y = -north; result >= 0 && y <= north; y++)
        for (int64_t x = -east; result >= 0 && x <= east; x++) {
            const char *cell = cell_name(arena, query->service, cell_of(query->lat) + y, cell_of(query->lon) + x);
            result = index_visit(txn, arena_format(arena, "near/%s", cell), since_ms, 0, false, look_at, &looking);
        }
    *id = looking.best_id;
    return result < 0 ? result : !looking.best_id;
}
