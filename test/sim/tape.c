#include "test/sim/tape.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/door/json.h"
#include "proto/record/command.h"
#include "proto/record/event.h"
#include "tools/benches/grow.h"

static const char *const kind_names[] = {
#define TAPE_NAME(name, text) [TAPE_##name] = text,
    TAPE_KINDS(TAPE_NAME)
};
static const char *const end_names[] = { TAPE_ENDS(TAPE_NAME) };
#undef TAPE_NAME

struct tape_entry *tape_add(struct tape *tape, struct tape_entry entry)
{
    tape->entries = grow(tape->entries, tape->count, &tape->room, sizeof *tape->entries);
    if (entry.bytes.size)
        entry.bytes.data = (const uint8_t *)arena_text(&tape->arena, (const char *)entry.bytes.data, entry.bytes.size);
    tape->entries[tape->count] = entry;
    return &tape->entries[tape->count++];
}

void tape_finish(struct tape *tape)
{
    free(tape->entries);
    arena_finish(&tape->arena);
    *tape = (struct tape){ 0 };
}

/* ---- writing ---- */

static void set_birth(json_t *line, const char *key, struct birth birth)
{
    if (birth.seq)
        json_object_set_new(line, key, json_pack("[II]", (json_int_t)birth.seq, (json_int_t)birth.nth));
}

/* Without what holds its default: a tape is read by people. */
static json_t *record_line(const struct record_desc *desc, struct bytes bytes, struct arena *arena)
{
    struct {
        union {
            struct event event;
            struct command command;
        };
    } record;
    arena_reset(arena);
    if (record_decode(desc, bytes, arena, &record, NULL) < 0)
        return json_null();
    json_t *json = record_to_json(desc, &record), *value;
    const char *key;
    void *next;
    json_object_foreach_safe(json, next, key, value)
    {
        bool is_default = (json_is_string(value) && !json_string_length(value)) ||
                          (json_is_number(value) && json_number_value(value) == 0) || json_is_false(value) ||
                          (json_is_array(value) && !json_array_size(value)) ||
                          (json_is_string(value) && strcmp(json_string_value(value), "none") == 0);
        if (is_default)
            json_object_del(json, key);
    }
    return json;
}

static json_t *entry_line(const struct tape_entry *entry, struct arena *arena)
{
    char moment[TIMESTAMP_TEXT];
    json_t *line = json_pack("{ss}", "kind", kind_names[entry->kind]);
    switch (entry->kind) {
    case TAPE_TURN:
        json_object_set_new(line, "now_ms", json_integer(entry->now_ms));
        json_object_set_new(line, "utc", json_string(timestamp_format(moment, entry->now_ms, 0)));
        json_object_set_new(line, "end", json_string(end_names[entry->end]));
        json_object_set_new(line, "restart", json_boolean(entry->restart));
        json_object_set_new(line, "book", json_integer(entry->book));
        break;
    case TAPE_AGAIN:
        json_object_set_new(line, "count", json_integer(entry->count));
        break;
    case TAPE_EVENT:
        json_object_set_new(line, "event", record_line(&event_desc, entry->bytes, arena));
        break;
    case TAPE_COMMAND:
        set_birth(line, "about", entry->about);
        set_birth(line, "to", entry->to);
        json_object_set_new(line, "command", record_line(&command_desc, entry->bytes, arena));
        break;
    case TAPE_KIND_COUNT:
        break;
    }
    return line;
}

static bool write_line(json_t *line, FILE *file)
{
    bool written = json_dumpf(line, file, JSON_COMPACT) == 0 && fputc('\n', file) != EOF;
    json_decref(line);
    return written;
}

bool tape_write(const struct tape *tape, const bool *keep, FILE *file)
{
    const struct plan *plan = &tape->plan;
    struct arena arena = { 0 };
    bool written =
        write_line(json_pack("{sI sI sI sI}", "seed", (json_int_t)plan->seed, "days", (json_int_t)plan->days, "reports",
                             (json_int_t)plan->reports_per_day, "faults", (json_int_t)plan->faults),
                   file);
    for (size_t i = 0; written && i < tape->count; i++)
        if (!keep || keep[i])
            written = write_line(entry_line(&tape->entries[i], &arena), file);
    arena_finish(&arena);
    return written;
}

bool tape_write_entries(const struct tape *tape, size_t first, size_t count, FILE *file)
{
    struct arena arena = { 0 };
    bool written = true;
    for (size_t i = first; written && i < first + count; i++)
        written = write_line(entry_line(&tape->entries[i], &arena), file);
    arena_finish(&arena);
    return fflush(file) == 0 && written;
}

/* ---- reading ---- */

static int name_index(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; name && i < count; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -1;
}

static struct birth get_birth(const json_t *line, const char *key)
{
    const json_t *birth = json_object_get(line, key);
    return (struct birth){ json_integer_value(json_array_get(birth, 0)), json_integer_value(json_array_get(birth, 1)) };
}

/* A record's members that the line leaves out hold their defaults. */
static int read_record(struct tape *tape, const json_t *line, struct tape_entry *entry, struct fault *fault)
{
    bool is_event = entry->kind == TAPE_EVENT;
    const struct record_desc *desc = is_event ? &event_desc : &command_desc;
    struct event event = { 0 };
    struct command command = { 0 };
    void *record = is_event ? (void *)&event : (void *)&command;
    struct buffer bytes = { 0 };
    int result = record_from_json(desc, json_object_get(line, kind_names[entry->kind]), &tape->arena, record, fault);
    if (result == 0) {
        record_encode(desc, record, &bytes);
        entry->bytes = buffer_view(&bytes);
        entry->seq = event.seq;
        tape_add(tape, *entry);
    }
    buffer_finish(&bytes);
    return result;
}

static int read_entry(struct tape *tape, const json_t *line, struct fault *fault)
{
    int kind = name_index(kind_names, TAPE_KIND_COUNT, json_string_value(json_object_get(line, "kind")));
    int end = name_index(end_names, TAPE_END_COUNT, json_string_value(json_object_get(line, "end")));
    if (kind < 0 || (kind == TAPE_TURN && end < 0))
        return fault_set(fault, -EINVAL, "no entry of a tape; expected a kind: turn, event, again or command");
    struct tape_entry entry = {
        .kind = (enum tape_kind)kind,
        .now_ms = json_integer_value(json_object_get(line, "now_ms")),
        .end = end < 0 ? TAPE_COMMITTED : (enum tape_end)end,
        .restart = json_is_true(json_object_get(line, "restart")),
        .book = json_integer_value(json_object_get(line, "book")),
        .count = json_integer_value(json_object_get(line, "count")),
        .about = get_birth(line, "about"),
        .to = get_birth(line, "to"),
    };
    if (kind == TAPE_EVENT || kind == TAPE_COMMAND)
        return read_record(tape, line, &entry, fault);
    tape_add(tape, entry);
    return 0;
}

static void read_plan(struct tape *tape, const json_t *line)
{
    tape->plan = plan_of_seed((uint64_t)json_integer_value(json_object_get(line, "seed")),
                              json_integer_value(json_object_get(line, "days")),
                              json_integer_value(json_object_get(line, "reports")));
    tape->plan.faults = (uint32_t)json_integer_value(json_object_get(line, "faults"));
}

int tape_read(struct tape *tape, FILE *file, struct fault *fault)
{
    json_error_t error;
    int result = 0;
    bool first = true;
    for (int number = 1; result == 0; number++) {
        json_t *line = json_loadf(file, JSON_DISABLE_EOF_CHECK, &error);
        if (!line && feof(file) && !first)
            break;
        if (!line)
            return fault_set(fault, -EINVAL, "value %d: %s", number, error.text);
        if (first)
            read_plan(tape, line);
        else
            result = read_entry(tape, line, fault);
        json_decref(line);
        first = false;
    }
    return result;
}
