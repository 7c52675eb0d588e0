#include "proto/record/codec.h"

#include <assert.h>
#include <string.h>

#include "proto/record/any_list.h"

/* ---- msgpack-c's packing, straight into memory that is there already: through its callback each number costs a call ---- */

static inline void append(uint8_t **at, const void *bytes, size_t size)
{
    memcpy(*at, bytes, size);
    *at += size;
}
#define msgpack_pack_inline_func(name) static inline void msgpack_pack##name
#define msgpack_pack_inline_func_cint(name) static inline void msgpack_pack##name
#define msgpack_pack_user uint8_t **
#define msgpack_pack_append_buffer(user, bytes, size) append(user, bytes, size)
#include <msgpack/timestamp.h>
/* in this order */
#include <msgpack/pack_define.h>
#include <msgpack/pack_template.h>

enum { HEAD_BYTES = 9, TAG_BYTES = 1, MAP_BYTES = 5 }; /* the most that each takes */

/* Where the next bytes go; there is room for `size` of them. */
static inline uint8_t *room(struct buffer *out, size_t size)
{
    return out->capacity - out->size < size ? buffer_reserve(out, size) : out->bytes + out->size;
}

static inline void taken(struct buffer *out, const uint8_t *at)
{
    out->size = (size_t)(at - out->bytes);
}

const char *enum_name(const struct enum_desc *desc, int value)
{
    return value >= 0 && (size_t)value < desc->count && desc->names[value] ? desc->names[value] : "unknown";
}

int enum_value(const struct enum_desc *desc, const char *name)
{
    for (size_t i = 0; i < desc->count; i++)
        if (desc->names[i] && strcmp(desc->names[i], name) == 0)
            return (int)i;
    return -1;
}

/* ---- writing ---- */

static bool field_is_default(const struct field_desc *field, const void *at)
{
    struct any_list list;
    switch (field->kind) {
    case FIELD_INT:
        return *(const int64_t *)at == 0;
    case FIELD_REAL:
        return *(const double *)at == 0;
    case FIELD_BOOL:
        return !*(const bool *)at;
    case FIELD_TEXT:
        return !*(const char *const *)at || !**(const char *const *)at;
    case FIELD_ENUM:
        return *(const int *)at == 0;
    case FIELD_RECORD:
        return false;
    case FIELD_LIST:
        memcpy(&list, at, sizeof list);
        return list.count == 0;
    }
    return false;
}

static void pack_record(struct buffer *out, const struct record_desc *desc, const void *record);

static void pack_text(struct buffer *out, uint8_t tag, const char *text)
{
    size_t length = strlen(text);
    uint8_t *at = room(out, TAG_BYTES + HEAD_BYTES + length);
    *at++ = tag;
    msgpack_pack_str(&at, length);
    append(&at, text, length);
    taken(out, at);
}

static void pack_list(struct buffer *out, const struct field_desc *field, const void *at)
{
    struct any_list list;
    memcpy(&list, at, sizeof list);
    assert(list.count <= field->limit);
    uint8_t *head = room(out, TAG_BYTES + HEAD_BYTES);
    *head++ = field->tag;
    msgpack_pack_array(&head, list.count);
    taken(out, head);
    for (size_t i = 0; i < list.count; i++)
        pack_record(out, field->record, (const char *)list.items + i * field->record->size);
}

/* What is no text, list or record. */
static inline void pack_number(struct buffer *out, const struct field_desc *field, const void *value)
{
    uint8_t *at = room(out, TAG_BYTES + HEAD_BYTES);
    *at++ = field->tag;
    if (field->kind == FIELD_INT)
        msgpack_pack_int64(&at, *(const int64_t *)value);
    else if (field->kind == FIELD_ENUM)
        msgpack_pack_int64(&at, *(const int *)value);
    else if (field->kind == FIELD_REAL)
        msgpack_pack_double(&at, *(const double *)value);
    else
        msgpack_pack_true(&at);
    taken(out, at);
}

static void pack_field(struct buffer *out, const struct field_desc *field, const void *at)
{
    switch (field->kind) {
    case FIELD_TEXT:
        pack_text(out, field->tag, *(const char *const *)at);
        break;
    case FIELD_RECORD:
        *room(out, TAG_BYTES) = field->tag;
        out->size += TAG_BYTES;
        pack_record(out, field->record, at);
        break;
    case FIELD_LIST:
        pack_list(out, field, at);
        break;
    default:
        pack_number(out, field, at);
        break;
    }
}

/* The head of a map stands before its pairs, and says how many there are: one byte is left for it, and what follows moves on where they are too many for that. */
static void put_map_head(struct buffer *out, size_t start, size_t pairs)
{
    uint8_t head[MAP_BYTES], *end = head;
    msgpack_pack_map(&end, pairs);
    size_t more = (size_t)(end - head) - 1;
    if (more) {
        room(out, more);
        memmove(out->bytes + start + 1 + more, out->bytes + start + 1, out->size - start - 1);
        out->size += more;
    }
    memcpy(out->bytes + start, head, 1 + more);
}

static void pack_record(struct buffer *out, const struct record_desc *desc, const void *record)
{
    const struct record_extra *extra = (const void *)((const char *)record + desc->extra_offset);
    size_t start = out->size, pairs = 1 + extra->pairs;
    uint8_t *at = room(out, 1 + TAG_BYTES + HEAD_BYTES) + 1;
    *at++ = 0;
    msgpack_pack_uint8(&at, desc->version);
    taken(out, at);
    for (const struct field_desc *field = desc->fields, *end = field + desc->field_count; field < end; field++) {
        const void *value = (const char *)record + field->offset;
        if (field_is_default(field, value))
            continue;
        pack_field(out, field, value);
        pairs++;
    }
    if (extra->size)
        buffer_append(out, extra->bytes, extra->size);
    put_map_head(out, start, pairs);
}

void record_encode(const struct record_desc *desc, const void *record, struct buffer *out)
{
    pack_record(out, desc, record);
}
