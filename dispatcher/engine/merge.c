#include "dispatcher/engine/merge.h"

#include <inttypes.h>
#include <string.h>

#include "dispatcher/engine/clocks.h"
#include "dispatcher/engine/routing.h"
#include "proto/base/geo.h"
#include "proto/base/timestamp.h"
#include "proto/store/case_index.h"

/* A square of 222 m from south to north. */
#define MERGE_CELL_DEG 0.002
enum { LOOKED_AT_MAX = 200 };

/* ---- by place ---- */

static int64_t cell_of(double degrees)
{
    double cells = degrees / MERGE_CELL_DEG;
    int64_t whole = (int64_t)cells;
    return whole - (cells < (double)whole);
}

static const char *cell_name(const struct scope *in, const char *service, int64_t lat_cell, int64_t lon_cell)
{
    return arena_format(in->arena, "%s/%" PRId64 ",%" PRId64, service, lat_cell, lon_cell);
}

void merge_set_cell(struct draft *draft)
{
    struct case_file *record = &draft->record;
    bool by_place = draft->service && draft->service->merge.radius_m > 0 && place_is_known(&record->place);
    record->cell =
        by_place ? cell_name(draft->in, record->service, cell_of(record->place.lat), cell_of(record->place.lon)) : "";
}

struct looking {
    const struct scope *in;
    const struct event *event;
    int64_t radius_m, looked_at;
    int64_t best_id, best_m;
    struct fault *fault;
};

/* The nearest, of equals the older. */
static int look_at(void *context, int64_t order, int64_t id)
{
    struct looking *looking = context;
    const struct place *place = &looking->event->place;
    struct case_file record;
    (void)order;
    if (looking->looked_at++ >= LOOKED_AT_MAX)
        return 1;
    int result = case_get(looking->in->txn, id, looking->in->arena, &record, looking->fault);
    if (result)
        return result < 0 ? result
                          : fault_set(looking->fault, -EBADMSG, "list 'near' names case %" PRId64 ", which is not", id);
    int64_t way_m = geo_distance_m(place->lat, place->lon, record.place.lat, record.place.lon);
    bool nearer = !looking->best_id || way_m < looking->best_m || (way_m == looking->best_m && id < looking->best_id);
    if (way_m <= looking->radius_m && nearer) {
        looking->best_id = id;
        looking->best_m = way_m;
    }
    return 0;
}

/* How many cells the radius reaches over, from the middle one. */
static int64_t reach(double lat, int64_t radius_m, bool to_the_east)
{
    int64_t cell_m =
        to_the_east ? geo_distance_m(lat, 0, lat, MERGE_CELL_DEG) : geo_distance_m(0, 0, MERGE_CELL_DEG, 0);
    int64_t cells = cell_m ? radius_m / cell_m + 1 : 1;
    return cells < 8 ? cells : 8; /* near a pole: so far north there is no district */
}

int merge_find(const struct scope *in, const struct event *event, int64_t *id, struct fault *fault)
{
    const struct book_service *service = *event->service ? book_service(in->book, event->service) : NULL;
    const struct place *place = &event->place;
    if (!service || !service->merge.radius_m || !place_is_known(place) || event->kind == EVENT_RATING)
        return 1;
    struct looking looking = { .in = in, .event = event, .radius_m = service->merge.radius_m, .fault = fault };
    int64_t north = reach(place->lat, looking.radius_m, false), east = reach(place->lat, looking.radius_m, true);
    int64_t since_ms = in->now_ms - service->merge.hours * MS_PER_HOUR;
    int result = 0;
    for (int64_t y = -north; result >= 0 && y <= north; y++)
        for (int64_t x = -east; result >= 0 && x <= east; x++) {
            const char *cell = cell_name(in, service->code, cell_of(place->lat) + y, cell_of(place->lon) + x);
            result = index_visit(in->txn, arena_format(in->arena, "near/%s", cell), since_ms > 0 ? since_ms : 1, 0,
                                 false, look_at, &looking);
        }
    *id = looking.best_id;
    return result < 0 ? result : !looking.best_id;
}

bool merge_raise(struct draft *draft)
{
    struct case_file *record = &draft->record;
    int64_t at = draft->service ? draft->service->merge.raise_at : 0;
    if (at <= 0 || at != (int64_t)case_reports(record))
        return false;
    record->priority -= record->priority > 1;
    return true;
}

/* ---- by hand ---- */

static int open_other(struct draft *draft, struct act *act, int64_t id, struct fault *fault)
{
    act->other = arena_alloc(draft->in->arena, sizeof *act->other);
    return draft_open(act->other, draft->in, id, fault);
}

struct refusal merge_resolve(struct draft *draft, struct act *act, struct fault *fault)
{
    struct arena *arena = draft->in->arena;
    int64_t id;
    int result = case_find_number(draft->in->txn, act->to_case, &id);
    if (!result && id == draft->record.id)
        return refuse(ANSWER_INVALID, "a case cannot be merged into itself");
    if (!result)
        result = open_other(draft, act, id, fault);
    if (result)
        return refuse(result < 0 ? ANSWER_BUSY : ANSWER_INVALID, arena_format(arena, "no case '%s'", act->to_case));
    const struct case_file *other = &act->other->record;
    if (!case_state_is_open(other->state))
        return refuse(ANSWER_CONFLICT, arena_format(arena, "case %s is %s: merge into one that is open", other->number,
                                                    enum_name(&case_state_desc, (int)other->state)));
    if (other->voices.count + draft->record.voices.count > DRAFT_VOICES_MAX)
        return refuse(ANSWER_CONFLICT,
                      arena_format(arena, "case %s would have more than %d reports", other->number, DRAFT_VOICES_MAX));
    return agree();
}

/* Whoever has the first of its reports now: the case that it was merged into, or one that this was merged into in its turn. */
struct refusal unmerge_resolve(struct draft *draft, struct act *act, struct fault *fault)
{
    int64_t id;
    int result = case_find_receipt(draft->in->txn, (uint64_t)draft->record.voices.items[0].seq, &id);
    if (!result)
        result = open_other(draft, act, id, fault);
    return result ? refuse(result < 0 ? ANSWER_BUSY : ANSWER_CONFLICT, "the case that has its reports is not there")
                  : agree();
}

struct refusal split_resolve(const struct draft *draft, const struct act *act)
{
    const struct voice_list *voices = &draft->record.voices;
    for (size_t i = 0; i < voices->count; i++)
        if (voices->items[i].seq == act->voice_seq && !*voices->items[i].home)
            return i ? agree() : refuse(ANSWER_INVALID, "this report opened the case: split off the others");
    return refuse(ANSWER_INVALID,
                  arena_format(draft->in->arena, "no report %" PRId64 " that joined this case", act->voice_seq));
}

/* The other case hears of it too, in its history and its people. */
static void tell_other(struct draft *other, const struct act *act, const struct case_file *with, const char *note)
{
    struct telling telling = { .text = note };
    draft_add_step(other, &(struct step){ .actor = act->actor,
                                          .role = act->role,
                                          .verb = act->verb,
                                          .from = other->record.state,
                                          .to = other->record.state,
                                          .department = other->record.department,
                                          .note = note,
                                          .other = with->number });
    notices_tell(other, act->verb, &telling);
}

void merge_apply(struct draft *draft, struct act *act, struct telling *telling)
{
    struct case_file *record = &draft->record, *into = &act->other->record;
    (void)telling;
    record->former = record->accepted_at_ms ? CASE_ACCEPTED : CASE_REPORTED;
    record->merged_into = into->number;
    for (size_t i = 0; i < record->voices.count; i++) {
        struct voice voice = record->voices.items[i];
        voice.home = *voice.home ? voice.home : record->number;
        draft_add_voice(act->other, &voice);
    }
    if (record->heard_at_ms > into->heard_at_ms)
        into->heard_at_ms = record->heard_at_ms;
    if (record->priority < into->priority)
        into->priority = record->priority;
    tell_other(act->other, act, record, arena_format(draft->in->arena, "%s is merged into this case", record->number));
}

static bool has_voice(const struct case_file *record, int64_t seq)
{
    for (size_t i = 0; i < record->voices.count; i++)
        if (record->voices.items[i].seq == seq)
            return true;
    return false;
}

/* Of the list, those that the other case has, or has not. */
static struct voice_list choose_voices(struct arena *arena, const struct voice_list *list,
                                       const struct case_file *other, bool has)
{
    struct voice *items = arena_array(arena, list->count, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (has_voice(other, list->items[i].seq) == has)
            items[count++] = list->items[i];
    return (struct voice_list){ items, count };
}

void unmerge_apply(struct draft *draft, struct act *act, struct telling *telling)
{
    struct case_file *record = &draft->record, *other = &act->other->record;
    (void)telling;
    record->state = record->former;
    record->former = CASE_NONE;
    record->merged_into = "";
    /* not those of a case that was merged into this one and has gone its own way since */
    record->voices = choose_voices(draft->in->arena, &record->voices, other, true);
    other->voices = choose_voices(draft->in->arena, &other->voices, record, false);
    tell_other(act->other, act, record,
               arena_format(draft->in->arena, "%s is a case of its own again", record->number));
}

/* ---- apart ---- */

static struct step find_words(const struct draft *draft, const struct voice *voice)
{
    struct step_list steps = draft_steps(draft);
    return (size_t)voice->step < steps.count ? steps.items[voice->step] : (struct step){ .note = "" };
}

static struct voice take_out(struct draft *draft, int64_t seq)
{
    struct voice_list *list = &draft->record.voices;
    struct voice *items = arena_array(draft->in->arena, list->count, sizeof *items), out = { 0 };
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].seq == seq)
            out = list->items[i];
        else
            items[count++] = list->items[i];
    *list = (struct voice_list){ items, count };
    return out;
}

void split_apply(struct draft *draft, struct act *act, struct telling *telling)
{
    const struct scope *in = draft->in;
    const struct case_file *from = &draft->record;
    struct voice voice = take_out(draft, act->voice_seq);
    struct step words = find_words(draft, &voice);
    struct draft *apart = act->other = arena_alloc(in->arena, sizeof *apart);
    draft_start(apart, in, voice.at_ms);
    struct case_file *record = &apart->record;
    record->state = CASE_REPORTED;
    record->service = from->service;
    record->condition = from->condition;
    record->title = *words.note ? draft_cut(in, words.note, DRAFT_TITLE_BYTES) : from->title;
    record->text = words.note;
    record->place = from->place;
    record->priority = from->priority;
    record->source = voice.source;
    record->split_from = from->number;
    record->heard_at_ms = voice.at_ms;
    apart->service = draft->service;
    apart->condition = draft->condition;
    voice.step = 0;
    voice.again = false;
    if (voice.at_ms <= from->answered_at_ms)
        record->answered_at_ms = from->answered_at_ms;
    draft_add_voice(apart, &voice);
    draft_add_media(apart, &record->media, &words.media);
    routing_mark(apart);
    clocks_follow(apart, &(struct act){ .verb = VERB_REPORT });
    tell_other(apart, act, from, arena_format(in->arena, "split off from %s", from->number));
    telling->text = arena_format(in->arena, "a report is a case of its own now: %s", record->number);
}
