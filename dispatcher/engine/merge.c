#include "dispatcher/engine/merge.h"

#include <inttypes.h>
#include <string.h>

#include "dispatcher/engine/clocks.h"
#include "dispatcher/engine/routing.h"
#include "proto/base/timestamp.h"
#include "proto/store/near.h"

/* ---- by place ---- */

void merge_set_cell(struct draft *draft)
{
    struct case_file *record = &draft->record;
    bool by_place = draft->service && draft->service->merge.radius_m > 0 && place_is_known(&record->place);
    double lat, lon;
    near_middle(record, &lat, &lon);
    record->cell = by_place ? near_cell(draft->in->arena, record->service, lat, lon) : "";
}

void merge_take_place(struct draft *draft, const struct place *place)
{
    struct case_file *record = &draft->record;
    double lat, lon;
    if (!*record->cell || !place_is_known(place))
        return;
    near_middle(record, &lat, &lon);
    record->middle_of = record->middle_of ? record->middle_of + 1 : 2;
    record->middle_lat = lat + (place->lat - lat) / (double)record->middle_of;
    record->middle_lon = lon + (place->lon - lon) / (double)record->middle_of;
    merge_set_cell(draft);
}

int merge_find(const struct scope *in, const char *code, const struct place *place, int64_t *id, struct fault *fault)
{
    const struct book_service *service = *code ? book_service(in->book, code) : NULL;
    if (!service || !service->merge.radius_m || !place_is_known(place))
        return 1;
    const struct near_query query = { .service = service->code,
                                      .lat = place->lat,
                                      .lon = place->lon,
                                      .radius_m = service->merge.radius_m,
                                      .since_ms = in->now_ms - service->merge.hours * MS_PER_HOUR };
    return near_find(in->txn, &query, in->arena, id, fault);
}

bool merge_raise(struct draft *draft, size_t before)
{
    struct case_file *record = &draft->record;
    int64_t at = draft->service ? draft->service->merge.raise_at : 0;
    if (at <= 0 || at <= (int64_t)before || at > (int64_t)case_reports(record))
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

/* 0 is no date. */
static int64_t earlier(int64_t one_ms, int64_t other_ms)
{
    return one_ms && (!other_ms || one_ms < other_ms) ? one_ms : other_ms;
}

static int64_t first_date(const struct voice_list *voices)
{
    int64_t first_ms = 0;
    for (size_t i = 0; i < voices->count; i++)
        first_ms = earlier(first_ms, voices->items[i].answer_by_ms);
    return first_ms;
}

/* Its reports are these now. A date that none of them had is of before reports kept theirs: it is the case's own, and stays. */
static void keep_voices(struct case_file *record, struct voice_list voices)
{
    if (record->answer_by_ms == first_date(&record->voices))
        record->answer_by_ms = first_date(&voices);
    record->voices = voices;
}

void merge_apply(struct draft *draft, struct act *act, struct telling *telling)
{
    struct case_file *record = &draft->record, *into = &act->other->record;
    size_t before = case_reports(into);
    (void)telling;
    record->former = record->accepted_at_ms ? CASE_ACCEPTED : CASE_REPORTED;
    record->merged_into = into->number;
    for (size_t i = 0; i < record->voices.count; i++) {
        struct voice voice = record->voices.items[i];
        voice.home = *voice.home ? voice.home : record->number;
        if (record->answered_at_ms)
            voice.answer_by_ms = 0;
        into->answer_by_ms = earlier(into->answer_by_ms, voice.answer_by_ms);
        draft_add_voice(act->other, &voice);
    }
    draft_add_media(act->other, &into->media, &record->media); /* who works on it looks at them there */
    if (record->heard_at_ms > into->heard_at_ms)
        into->heard_at_ms = record->heard_at_ms;
    clocks_follow_voices(act->other);
    into->urgent |= record->urgent;
    if (record->priority < into->priority)
        into->priority = record->priority;
    merge_raise(act->other, before);
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

static bool has_picture(const struct media_list *list, const struct media *media)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].hash, media->hash) == 0 && strcmp(list->items[i].url, media->url) == 0)
            return true;
    return false;
}

static struct media_list media_without(struct arena *arena, const struct media_list *list,
                                       const struct media_list *others)
{
    struct media *items = arena_array(arena, list->count + 1, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (!has_picture(others, &list->items[i]))
            items[count++] = list->items[i];
    return (struct media_list){ items, count };
}

void unmerge_apply(struct draft *draft, struct act *act, struct telling *telling)
{
    struct case_file *record = &draft->record, *other = &act->other->record;
    (void)telling;
    record->state = record->former;
    record->former = CASE_NONE;
    record->merged_into = "";
    /* not those of a case that was merged into this one and has gone its own way since */
    keep_voices(record, choose_voices(draft->in->arena, &record->voices, other, true));
    keep_voices(other, choose_voices(draft->in->arena, &other->voices, record, false));
    other->media = media_without(draft->in->arena, &other->media, &record->media);
    clocks_follow_voices(act->other);
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
    clocks_follow_voices(draft);
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
