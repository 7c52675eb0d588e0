#include "dispatcher/engine/draft.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/book/zone.h"

enum { ROOM = 4, STEP_NOTE_BYTES = 1000 };

/* A copy of `count` items with room for `room` in all: lists from the store are exactly as long as they are. */
static void *with_room(struct arena *arena, const void *items, size_t count, size_t room, size_t size)
{
    void *copy = arena_array(arena, room, size);
    if (count)
        memcpy(copy, items, count * size);
    return copy;
}

/* The same items, or a copy of them with twice the room where one more would not fit. */
static void *room_for_one(struct arena *arena, void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    *room *= 2;
    return with_room(arena, items, count, *room, size);
}

static void find_in_book(struct draft *draft)
{
    draft->service = *draft->record.service ? book_service(draft->in->book, draft->record.service) : NULL;
    draft->condition = draft->service ? book_condition(draft->service, draft->record.condition) : NULL;
    if (draft->service && !draft->condition) /* the book has changed since: its first one is the default */
        draft->condition = book_condition(draft->service, NULL);
}

int draft_open(struct draft *draft, const struct scope *in, int64_t id, struct fault *fault)
{
    *draft = (struct draft){ .in = in };
    int result = case_get(in->txn, id, in->arena, &draft->old, fault);
    if (result)
        return result;
    struct case_file *record = &draft->record;
    *record = draft->old;
    draft->task_room = record->tasks.count + ROOM;
    draft->clock_room = record->clocks.count + ROOM;
    record->tasks.items =
        with_room(in->arena, record->tasks.items, record->tasks.count, draft->task_room, sizeof(struct task));
    record->clocks.items =
        with_room(in->arena, record->clocks.items, record->clocks.count, draft->clock_room, sizeof(struct clock));
    find_in_book(draft);
    return 0;
}

/* <book code>-<local day>-<serial of that day> */
static const char *next_number(const struct scope *in, int64_t reported_at_ms)
{
    int64_t local_ms = zone_to_local_ms(in->book->zone, reported_at_ms);
    int64_t day = local_ms / MS_PER_DAY - (local_ms % MS_PER_DAY < 0);
    struct civil_date date = civil_from_days(day);
    const char *name = arena_format(in->arena, "serial/%04d%02d%02d", date.year, date.month, date.day);
    return arena_format(in->arena, "%s-%s-%04" PRId64, in->book->code, name + strlen("serial/"),
                        meta_next(in->txn, name));
}

void draft_start(struct draft *draft, const struct scope *in, int64_t reported_at_ms)
{
    *draft = (struct draft){ .in = in, .is_new = true, .task_room = ROOM, .clock_room = ROOM };
    draft->record = (struct case_file){
        .id = meta_next(in->txn, META_CASE_ID),
        .number = next_number(in, reported_at_ms),
        .service = "",
        .condition = "",
        .title = "",
        .text = "",
        .department = "",
        .reported_at_ms = reported_at_ms,
        .filed_by = "",
        .checked_by = "",
        .closed_by = "",
        .route_rule = "",
        .request = { .by = "", .note = "" },
        .supervised_by = "",
        .verified_by = "",
        .merged_into = "",
        .split_from = "",
        .cell = "",
        .tasks.items = arena_array(in->arena, ROOM, sizeof(struct task)),
        .clocks.items = arena_array(in->arena, ROOM, sizeof(struct clock)),
    };
}

void draft_put(struct draft *draft)
{
    case_put(draft->in->txn, draft->is_new ? NULL : &draft->old, &draft->record);
}

void draft_add_voice(struct draft *draft, const struct voice *voice)
{
    struct voice_list *list = &draft->record.voices;
    assert(list->count < DRAFT_VOICES_MAX);
    list->items = with_room(draft->in->arena, list->items, list->count, list->count + 1, sizeof *list->items);
    list->items[list->count++] = *voice;
}

struct task *draft_add_task(struct draft *draft, const struct task *task)
{
    struct task_list *list = &draft->record.tasks;
    list->items = room_for_one(draft->in->arena, list->items, list->count, &draft->task_room, sizeof *list->items);
    struct task *added = &list->items[list->count++];
    *added = *task;
    added->id = (int64_t)list->count;
    return added;
}

struct clock *draft_add_clock(struct draft *draft, const struct clock *clock)
{
    struct clock_list *list = &draft->record.clocks;
    list->items = room_for_one(draft->in->arena, list->items, list->count, &draft->clock_room, sizeof *list->items);
    struct clock *added = &list->items[list->count++];
    *added = *clock;
    added->id = (int64_t)list->count;
    return added;
}

void draft_add_media(struct draft *draft, struct media_list *list, const struct media_list *more)
{
    size_t count = list->count < DRAFT_MEDIA_MAX ? DRAFT_MEDIA_MAX - list->count : 0;
    count = more->count < count ? more->count : count;
    if (!count)
        return;
    list->items = with_room(draft->in->arena, list->items, list->count, list->count + count, sizeof *list->items);
    for (size_t i = 0; i < count; i++) {
        list->items[list->count] = more->items[i];
        list->items[list->count++].extra = (struct record_extra){ 0 }; /* of unknown size: not into the case */
    }
}

static bool asks_too_many(const struct draft *draft)
{
    for (size_t i = 0; i < draft->record.tasks.count; i++)
        if (draft->record.tasks.items[i].offers.count >= DRAFT_OFFERS_MAX)
            return true;
    return false;
}

bool draft_has_room(const struct draft *draft)
{
    const struct case_file *record = &draft->record;
    if (record->tasks.count >= DRAFT_TASKS_MAX || record->clocks.count >= DRAFT_CLOCKS_MAX || asks_too_many(draft))
        return false;
    struct buffer bytes = { 0 };
    record_encode(&case_file_desc, record, &bytes);
    bool has_room = bytes.size < DRAFT_BYTES_MAX;
    buffer_finish(&bytes);
    return has_room;
}

struct step_list draft_steps(const struct draft *draft)
{
    const struct scope *in = draft->in;
    struct step_list steps = { 0 };
    struct fault fault;
    int result = step_list_of(in->txn, &draft->record, in->arena, &steps, &fault);
    if (result < 0)
        txn_fail(in->txn, result, "%s", fault.text);
    return result < 0 ? (struct step_list){ 0 } : steps;
}

void draft_add_step(struct draft *draft, const struct step *step)
{
    struct case_file *record = &draft->record;
    struct step line = *step;
    line.at_ms = draft->in->now_ms;
    line.note = line.note ? draft_cut(draft->in, line.note, STEP_NOTE_BYTES) : "";
    step_append(draft->in->txn, record, &line);
    record->revision++;
    assert(record->revision == record->steps);
}

const char *draft_cut(const struct scope *in, const char *text, size_t limit)
{
    size_t length = strnlen(text, limit + 1);
    if (length <= limit)
        return text;
    length = limit;
    while (length && ((unsigned char)text[length] & 0xc0) == 0x80) /* not inside a character */
        length--;
    return arena_text(in->arena, text, length);
}
