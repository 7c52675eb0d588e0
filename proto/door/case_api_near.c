#include "proto/door/case_api_near.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/geo.h"
#include "proto/door/json.h"

enum { LOOKED_THROUGH = 500, SHOWN = 20 };

struct neighbour {
    int64_t distance_m; /* NEAR_UNKNOWN: one of the two has no place that may be measured from */
    struct case_file record;
};
static const int64_t NEAR_UNKNOWN = INT64_MAX;

struct search {
    struct txn *txn;
    struct arena *arena;
    const struct case_file *of;
    struct neighbour found[SHOWN + 1];
    size_t count, looked_at;
    struct fault fault;
};

static int64_t distance_between(const struct place *a, const struct place *b)
{
    if (!place_is_known(a) || !place_is_known(b))
        return NEAR_UNKNOWN;
    return geo_distance_m(a->lat, a->lon, b->lat, b->lon);
}

/* By insertion, the nearest first, of equals the one that was found first; the farthest falls off the end. */
static void keep(struct search *search, const struct case_file *record)
{
    int64_t distance_m = distance_between(&search->of->place, &record->place);
    size_t at = search->count;
    for (; at > 0 && search->found[at - 1].distance_m > distance_m; at--)
        search->found[at] = search->found[at - 1];
    search->found[at] = (struct neighbour){ distance_m, *record };
    if (search->count < SHOWN)
        search->count++;
}

static int look_at(void *context, int64_t order, int64_t id)
{
    (void)order;
    struct search *search = context;
    struct case_file record;
    if (search->looked_at++ == LOOKED_THROUGH)
        return 1;
    int result = case_get(search->txn, id, search->arena, &record, &search->fault);
    if (result)
        return result < 0 ? result : fault_set(&search->fault, -EBADMSG, "a list names a case that is not there");
    if (record.id != search->of->id && strcmp(record.service, search->of->service) == 0)
        keep(search, &record);
    return 0;
}

static json_t *neighbour_json(const struct neighbour *neighbour)
{
    const struct case_file *record = &neighbour->record;
    json_t *distance =
        neighbour->distance_m == NEAR_UNKNOWN ? json_null() : json_integer((json_int_t)neighbour->distance_m);
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:o}", "number", record->number, "title", record->title, "state",
                     enum_name(&case_state_desc, (int)record->state), "address", record->place.address,
                     "reported_at_ms", (json_int_t)record->reported_at_ms, "voices", (json_int_t)record->voices.count,
                     "distance_m", distance);
}

static void reply_found(struct request *request, const struct search *search)
{
    json_t *cases = json_array();
    for (size_t i = 0; i < search->count; i++)
        json_array_append_new(cases, neighbour_json(&search->found[i]));
    reply_json(request, 200, json_pack("{s:o}", "cases", cases));
}

static void list_near(struct request *request, void *context)
{
    struct case_api *api = context;
    struct viewer viewer = case_viewer(api, request);
    struct arena *arena = request_arena(request);
    struct search *search = arena_alloc(arena, sizeof *search);
    struct case_file of;
    *search = (struct search){ .txn = txn_begin_read(api->store), .arena = arena, .of = &of };
    int result = case_find(&viewer, request_param(request, "number"), search->txn, arena, &of, &search->fault);
    bool there = result == 0;
    if (there && *of.place.area)
        result = index_visit(search->txn, arena_format(arena, "area/%s", of.place.area), 0, 0, false, look_at, search);
    if (result < 0)
        txn_error(search->txn, &search->fault);
    txn_abort(search->txn);
    if (result < 0)
        case_reply_fault(request, &search->fault);
    else if (!there)
        reply_error(request, 404, "not_found", "There is no such case.", "Look at your list.");
    else
        reply_found(request, search);
}

int case_near_open(struct case_api *api, struct fault *fault)
{
    static const struct case_route routes[] = {
        { "GET", "/api/cases/{number}/near", ACCESS_DESK, 0, list_near },
    };
    return case_routes_add(api, routes, sizeof routes / sizeof *routes, fault);
}
