#include "dispatcher/engine/assign.h"

#include <string.h>

#include "proto/base/geo.h"
#include "proto/base/timestamp.h"
#include "proto/book/permit.h"
#include "proto/store/presence.h"

/* Nobody asks by how much a busy one is busier. */
enum { OPEN_TASKS_MAX = 50 };

struct candidate {
    const struct book_person *person;
    int64_t way_m;
};

static bool was_asked(const struct task *task, const struct book_person *person)
{
    for (size_t i = 0; task && i < task->offers.count; i++)
        if (strcmp(task->offers.items[i].worker, person->id) == 0)
            return true;
    return false;
}

static bool may_have(const struct draft *draft, const struct assign_search *search, const struct book_person *person)
{
    const struct scope *in = draft->in;
    bool of_them = search->department ? person->department == search->department : person->area_count > 0;
    return person->role == ROLE_WORKER && of_them && permit_serves(in->book, person, draft->record.place.area) &&
           book_on_duty(in->book, person, in->now_ms) && !was_asked(search->task, person) &&
           !(search->not_disposers && permit_took_part(&draft->record, person->id));
}

/* Where the worker was last, if that is not too long ago; else a point of the first area that the book names for them. */
static bool position_of(const struct draft *draft, const struct book_person *person, const struct presence *presence,
                        double *lat, double *lon)
{
    const struct scope *in = draft->in;
    int64_t oldest_ms = in->now_ms - in->book->rules.position_minutes * MS_PER_MINUTE;
    const struct book_area *area = person->area_count ? person->areas[0] : NULL;
    if (presence->positioned_at_ms && presence->positioned_at_ms >= oldest_ms) {
        *lat = presence->lat;
        *lon = presence->lon;
        return true;
    }
    *lat = area ? area->lat : 0;
    *lon = area ? area->lon : 0;
    return *lat != 0 || *lon != 0;
}

static int64_t way_to(const struct draft *draft, const struct book_person *person, const struct presence *presence)
{
    const struct scope *in = draft->in;
    const struct place *place = &draft->record.place;
    double lat, lon;
    int64_t tasks =
        index_count(in->txn, arena_format(in->arena, "worker/%s", person->id), 0, INT64_MAX, OPEN_TASKS_MAX);
    int64_t way_m = tasks * in->book->rules.load_m;
    if (place_is_known(place) && position_of(draft, person, presence, &lat, &lon))
        way_m += geo_distance_m(place->lat, place->lon, lat, lon);
    return way_m;
}

static bool goes_before(const struct candidate *a, const struct candidate *b)
{
    return a->way_m < b->way_m || (a->way_m == b->way_m && strcmp(a->person->id, b->person->id) < 0);
}

size_t assign_rank(const struct draft *draft, const struct assign_search *search, const struct book_person **people,
                   size_t max)
{
    const struct book *book = draft->in->book;
    struct candidate *ranked = arena_array(draft->in->arena, max + 1, sizeof *ranked);
    size_t count = 0;
    for (size_t i = 0; max && i < book->person_count; i++) {
        struct candidate candidate = { &book->people[i], 0 };
        struct presence presence;
        if (!may_have(draft, search, candidate.person))
            continue;
        presence_get(draft->in->txn, candidate.person->id, draft->in->arena, &presence);
        if (presence.away)
            continue;
        bool preferred = search->preferred && strcmp(candidate.person->id, search->preferred) == 0;
        candidate.way_m = preferred ? -1 : way_to(draft, candidate.person, &presence);
        size_t at = count < max ? count++ : max; /* by insertion: the lists are short */
        for (; at > 0 && goes_before(&candidate, &ranked[at - 1]); at--)
            ranked[at] = ranked[at - 1];
        ranked[at] = candidate;
    }
    for (size_t i = 0; i < count; i++)
        people[i] = ranked[i].person;
    return count;
}

const struct book_person *assign_best(const struct draft *draft, const struct assign_search *search)
{
    const struct book_person *best = NULL;
    return assign_rank(draft, search, &best, 1) ? best : NULL;
}
