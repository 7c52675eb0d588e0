/* Reading records: one pass over their bytes, checked as it goes. msgpack-c would first build a tree of objects of the whole, and
 * the engine reads a case at every step. */
#include <math.h>
#include <string.h>

#include "proto/record/any_list.h"
#include "proto/record/scan.h"

struct reading {
    struct scan scan;
    struct arena *arena;
    struct fault *fault;
};

/* Into memory that is zeroed. */
static int read_record(struct reading *reading, const struct record_desc *desc, void *record);

/* The bytes are no msgpack that is taken. */
static int broken(const struct reading *reading, const struct record_desc *desc)
{
    return fault_prefix(reading->fault, scan_fault(&reading->scan, reading->fault), "%s", desc->name);
}

static int wrong(struct reading *reading, const struct record_desc *desc, const struct field_desc *field,
                 const char *expected)
{
    return fault_set(reading->fault, -EINVAL, "%s.%s: expected %s", desc->name, field->name, expected);
}

static int too_many(struct reading *reading, const struct record_desc *desc, const struct field_desc *field,
                    size_t count, const char *of_what)
{
    return fault_set(reading->fault, -EINVAL, "%s.%s: %zu %s, at most %zu", desc->name, field->name, count, of_what,
                     field->limit);
}

static int read_list(struct reading *reading, const struct field_desc *field, size_t count, void *at)
{
    struct any_list list = { arena_array(reading->arena, count ? count : 1, field->record->size), count };
    for (size_t i = 0; i < count; i++) {
        int result = read_record(reading, field->record, (char *)list.items + i * field->record->size);
        if (result)
            return result;
    }
    memcpy(at, &list, sizeof list);
    return 0;
}

static int read_real(struct reading *reading, const struct record_desc *desc, const struct field_desc *field,
                     const struct head *head, double *at)
{
    if (head->kind != HEAD_REAL && !(head->kind == HEAD_WHOLE && head->fits))
        return wrong(reading, desc, field, "a number");
    *at = head->kind == HEAD_REAL ? head->real : (double)head->whole;
    return isfinite(*at) ? 0 : wrong(reading, desc, field, "a finite number");
}

static int read_enum(struct reading *reading, const struct record_desc *desc, const struct field_desc *field,
                     const struct head *head, int *at)
{
    bool named = head->kind == HEAD_WHOLE && head->fits && head->whole >= 0 &&
                 (size_t)head->whole < field->names->count && field->names->names[head->whole];
    if (!named)
        return wrong(reading, desc, field, field->names->name);
    *at = (int)head->whole;
    return 0;
}

/* A whole number or a short text as it should be, which most fields are. false: anything else; nothing was taken. */
static inline bool read_plain(struct reading *reading, const struct field_desc *field, void *at)
{
    const uint8_t *before = reading->scan.at;
    int64_t whole;
    struct bytes text;
    if (field->kind == FIELD_INT)
        return scan_whole(&reading->scan, at);
    if (field->kind == FIELD_ENUM && scan_whole(&reading->scan, &whole) && (size_t)whole < field->names->count &&
        field->names->names[whole]) {
        *(int *)at = (int)whole;
        return true;
    }
    if (field->kind == FIELD_TEXT && scan_text(&reading->scan, &text) && text.size <= field->limit) {
        *(const char **)at = arena_text(reading->arena, (const char *)text.data, text.size);
        return true;
    }
    reading->scan.at = before;
    return false;
}

static int read_field(struct reading *reading, const struct record_desc *desc, const struct field_desc *field, void *at)
{
    struct head head;
    if (read_plain(reading, field, at))
        return 0;
    if (field->kind == FIELD_RECORD)
        return read_record(reading, field->record, at);
    if (!scan_head(&reading->scan, &head))
        return broken(reading, desc);
    switch (field->kind) {
    case FIELD_INT:
        *(int64_t *)at = head.whole;
        return head.kind == HEAD_WHOLE && head.fits ? 0 : wrong(reading, desc, field, "a whole number");
    case FIELD_REAL:
        return read_real(reading, desc, field, &head, at);
    case FIELD_BOOL:
        *(bool *)at = head.whole;
        return head.kind == HEAD_BOOL ? 0 : wrong(reading, desc, field, "true or false");
    case FIELD_ENUM:
        return read_enum(reading, desc, field, &head, at);
    case FIELD_TEXT:
        if (head.kind != HEAD_TEXT)
            return wrong(reading, desc, field, "text");
        if (head.count > field->limit)
            return too_many(reading, desc, field, head.count, "bytes");
        *(const char **)at = arena_text(reading->arena, (const char *)head.at, head.count);
        return 0;
    case FIELD_LIST:
        if (head.kind != HEAD_ARRAY)
            return wrong(reading, desc, field, "a list");
        if (head.count > field->limit)
            return too_many(reading, desc, field, head.count, "items");
        return read_list(reading, field, head.count, at);
    case FIELD_RECORD:
        break;
    }
    return -EINVAL;
}

/* What absent fields hold: 0, but a text is "" and never NULL, in nested records too. */
static void set_texts(const struct record_desc *desc, void *record)
{
    for (size_t i = 0; i < desc->text_count; i++) {
        const struct text_place *place = &desc->texts[i];
        if (place->record)
            set_texts(place->record, (char *)record + place->offset);
        else
            *(const char **)((char *)record + place->offset) = "";
    }
}

static const struct field_desc *find_field(const struct record_desc *desc, int64_t tag, size_t hint)
{
    for (size_t i = 0; i < desc->field_count; i++, hint++) { /* fields come in the table's order */
        hint = hint < desc->field_count ? hint : 0;
        if (desc->fields[hint].tag == tag)
            return &desc->fields[hint];
    }
    return NULL;
}

/* The pair that begins at `key`, as it is: an older process must not cut what a newer one wrote. */
static int keep_unknown(struct reading *reading, const struct record_desc *desc, void *record, const uint8_t *key)
{
    struct record_extra *extra = (struct record_extra *)((char *)record + desc->extra_offset);
    if (!scan_skip(&reading->scan))
        return broken(reading, desc);
    size_t size = (size_t)(reading->scan.at - key);
    uint8_t *kept = arena_alloc(reading->arena, extra->size + size);
    if (extra->size)
        memcpy(kept, extra->bytes, extra->size);
    memcpy(kept + extra->size, key, size);
    *extra = (struct record_extra){ kept, extra->size + size, extra->pairs + 1 };
    return 0;
}

static int read_version(struct reading *reading, const struct record_desc *desc)
{
    struct head head;
    if (!scan_head(&reading->scan, &head))
        return broken(reading, desc);
    return head.kind == HEAD_WHOLE && head.fits && head.whole > 0
               ? 0
               : fault_set(reading->fault, -EINVAL, "%s: version is not a positive number", desc->name);
}

static int read_tag(struct reading *reading, const struct record_desc *desc, uint64_t seen[2], int64_t *tag)
{
    struct head key = { .kind = HEAD_WHOLE, .fits = true };
    if (!scan_whole(&reading->scan, &key.whole) && !scan_head(&reading->scan, &key))
        return broken(reading, desc);
    if (key.kind != HEAD_WHOLE || !key.fits || key.whole < 0 || key.whole > 127)
        return fault_set(reading->fault, -EINVAL, "%s: a key that is not a tag of 0 to 127", desc->name);
    uint64_t bit = UINT64_C(1) << key.whole % 64;
    if (seen[key.whole / 64] & bit)
        return fault_set(reading->fault, -EINVAL, "%s: tag %d twice", desc->name, (int)key.whole);
    seen[key.whole / 64] |= bit;
    *tag = key.whole;
    return 0;
}

static int read_pair(struct reading *reading, const struct record_desc *desc, void *record, uint64_t seen[2],
                     size_t *hint)
{
    const uint8_t *key = reading->scan.at;
    int64_t tag = 0;
    int result = read_tag(reading, desc, seen, &tag);
    if (result)
        return result;
    if (tag == 0)
        return read_version(reading, desc);
    const struct field_desc *field = find_field(desc, tag, *hint);
    if (!field)
        return keep_unknown(reading, desc, record, key);
    *hint = (size_t)(field - desc->fields) + 1;
    return read_field(reading, desc, field, (char *)record + field->offset);
}

static int read_record(struct reading *reading, const struct record_desc *desc, void *record)
{
    struct head map;
    if (!scan_head(&reading->scan, &map))
        return broken(reading, desc);
    if (map.kind != HEAD_MAP || map.count == 0)
        return fault_set(reading->fault, -EINVAL, "%s: expected a map with its version", desc->name);
    uint64_t seen[2] = { 0 };
    size_t hint = 0;
    set_texts(desc, record);
    for (size_t i = 0; i < map.count; i++) {
        int result = read_pair(reading, desc, record, seen, &hint);
        if (result)
            return result;
    }
    return seen[0] & 1 ? 0 : fault_set(reading->fault, -EINVAL, "%s: no version", desc->name);
}

int record_decode(const struct record_desc *desc, struct bytes in, struct arena *arena, void *record,
                  struct fault *fault)
{
    if (in.size > RECORD_BYTES_MAX)
        return fault_set(fault, -EMSGSIZE, "%s: %zu bytes, at most %d", desc->name, in.size, RECORD_BYTES_MAX);
    struct reading reading = { scan_of(in), arena, fault };
    memset(record, 0, desc->size);
    int result = read_record(&reading, desc, record);
    if (result == 0 && reading.scan.at != reading.scan.end)
        result =
            fault_set(fault, -EINVAL, "%s: %td bytes after the end", desc->name, reading.scan.end - reading.scan.at);
    return result;
}
