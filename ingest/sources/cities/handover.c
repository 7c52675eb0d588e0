#include "ingest/sources/cities/handover.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ENUM_DEFINE(handover_state, HANDOVER_STATES)

static const char *memo_prefix(const char *city, struct arena *arena)
{
    return arena_format(arena, "city/%s/", city);
}

const char *handover_next_event(struct handover *handover, struct arena *arena)
{
    return arena_format(arena, "%s event %" PRId64, handover->name, ++handover->told);
}

struct event_memo handover_memo(const struct handover *handover, const char *city, bool forget, struct arena *arena)
{
    const char *key = arena_format(arena, "%s%s", memo_prefix(city, arena), handover->name);
    const char *value =
        arena_format(arena, "%s\n%" PRId64 "\n%s\n%s\n%" PRId64, enum_name(&handover_state_desc, (int)handover->state),
                     handover->report, handover->number, handover->said, handover->told);
    return (struct event_memo){ key, { (const uint8_t *)value, forget ? 0 : strlen(value) } };
}

/* ---- in memory ---- */

struct handover *handovers_find(const struct handovers *handovers, const char *name)
{
    for (size_t i = 0; i < handovers->count; i++)
        if (strcmp(handovers->items[i].name, name) == 0)
            return &handovers->items[i];
    return NULL;
}

struct handover *handovers_add(struct handovers *handovers, const struct handover *handover)
{
    if (handovers->count == handovers->room) {
        handovers->room = handovers->room ? 2 * handovers->room : 16;
        handovers->items = realloc(handovers->items, handovers->room * sizeof *handovers->items);
        if (!handovers->items)
            abort();
    }
    handovers->items[handovers->count] = *handover;
    return &handovers->items[handovers->count++];
}

void handovers_remove(struct handovers *handovers, struct handover *handover)
{
    *handover = handovers->items[--handovers->count];
}

void handovers_finish(struct handovers *handovers)
{
    free(handovers->items);
    *handovers = (struct handovers){ 0 };
}

/* ---- from the log ---- */

/* Takes the text up to the next line's end; false where it does not fit. */
static bool take_line(const char **at, char *out, size_t room)
{
    size_t length = strcspn(*at, "\n");
    if (length >= room)
        return false;
    memcpy(out, *at, length);
    out[length] = '\0';
    *at += length + ((*at)[length] == '\n');
    return true;
}

static bool read_memo(const char *text, struct handover *handover)
{
    char state[16], report[24], told[24]; /* told: "" in what was remembered before it was counted */
    if (!take_line(&text, state, sizeof state) || !take_line(&text, report, sizeof report) ||
        !take_line(&text, handover->number, sizeof handover->number) ||
        !take_line(&text, handover->said, sizeof handover->said) || !take_line(&text, told, sizeof told))
        return false;
    int value = enum_value(&handover_state_desc, state);
    handover->state = (enum handover_state)value;
    handover->report = strtoll(report, NULL, 10);
    handover->told = strtoll(told, NULL, 10);
    return value >= 0 && handover->report > 0;
}

struct recalling {
    struct handovers *handovers;
    size_t prefix_size;
    struct arena arena;
    struct fault *fault;
};

static int recall_one(void *context, struct bytes key, struct bytes value)
{
    struct recalling *recalling = context;
    struct handover handover = { 0 };
    const char *name = arena_text(&recalling->arena, (const char *)key.data, key.size);
    const char *text = arena_text(&recalling->arena, (const char *)value.data, value.size);
    size_t length = strlen(name + recalling->prefix_size);
    if (length >= sizeof handover.name || !read_memo(text, &handover))
        return fault_set(recalling->fault, -EBADMSG, "memo '%s': '%s' is no handover", name, text);
    memcpy(handover.name, name + recalling->prefix_size, length + 1);
    handovers_add(recalling->handovers, &handover);
    return 0;
}

int handovers_recall(struct handovers *handovers, struct event_log *log, const char *city, struct fault *fault)
{
    struct recalling recalling = { .handovers = handovers, .fault = fault };
    const char *prefix = memo_prefix(city, &recalling.arena);
    recalling.prefix_size = strlen(prefix);
    int result = event_log_memos(log, prefix, recall_one, &recalling, fault);
    arena_finish(&recalling.arena);
    return result;
}

bool handover_name(const struct case_file *record, char out[HANDOVER_NAME])
{
    const struct task *lead = case_lead_task(record);
    return lead && task_is_open(lead) &&
           snprintf(out, HANDOVER_NAME, "%s/%" PRId64, record->number, lead->id) < HANDOVER_NAME;
}
