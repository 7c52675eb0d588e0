#include "proto/record/codec.h"

#include <assert.h>
#include <string.h>

#include "proto/record/any_list.h"

/* ---- msgpack-c's packing, straight into a buffer: through its callback each number costs a call ---- */

static inline void append(struct buffer *out, const void *bytes, size_t size)
{
    if (!size)
        return;
    if (out->capacity - out->size < size)
        buffer_reserve(out, size);
    memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
}
#define msgpack_pack_inline_func(name) static inline void msgpack_pack##name
#define msgpack_pack_inline_func_cint(name) static inline void msgpack_pack##name
#define msgpack_pack_user struct buffer *
#define msgpack_pack_append_buffer(user, bytes, size) append(user, bytes, size)
#include <msgpack/timestamp.h>
/* in this order */
#include <msgpack/pack_define.h>
#include <msgpack/pack_template.h>

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

static void pack_field(struct buffer *out, const struct field_desc *field, const void *at)
{
    msgpack_pack_uint8(out, field->tag);
    switch (field->kind) {
    case FIELD_INT:
        msgpack_pack_int64(out, *(const int64_t *)at);
        break;
    case FIELD_REAL:
        msgpack_pack_double(out, *(const double *)at);
        break;
    case FIELD_BOOL:
        msgpack_pack_true(out);
        break;
    case FIELD_ENUM:
        msgpack_pack_int64(out, *(const int *)at);
        break;
    case FIELD_TEXT: {
        const char *text = *(const char *const *)at;
        size_t length = strlen(text);
        msgpack_pack_str(out, length);
        append(out, text, length);
        break;
    }
    case FIELD_RECORD:
        pack_record(out, field->record, at);
        break;
    case FIELD_LIST: {
        struct any_list list;
        memcpy(&list, at, sizeof list);
        assert(list.count <= field->limit);
        msgpack_pack_array(out, list.count);
        for (size_t i = 0; i < list.count; i++)
            pack_record(out, field->record, (const char *)list.items + i * field->record->size);
        break;
    }
    }
}

static void pack_record(struct buffer *out, const struct record_desc *desc, const void *record)
{
    const struct record_extra *extra = (const void *)((const char *)record + desc->extra_offset);
    uint64_t given[2] = { 0 }; /* a bit a field: tags are up to 127 */
    size_t pairs = 1 + extra->pairs;
    for (size_t i = 0; i < desc->field_count; i++)
        if (!field_is_default(&desc->fields[i], (const char *)record + desc->fields[i].offset)) {
            given[i / 64] |= UINT64_C(1) << i % 64;
            pairs++;
        }
    msgpack_pack_map(out, pairs);
    msgpack_pack_uint8(out, 0);
    msgpack_pack_uint8(out, desc->version);
    for (size_t i = 0; i < desc->field_count; i++)
        if (given[i / 64] >> i % 64 & 1)
            pack_field(out, &desc->fields[i], (const char *)record + desc->fields[i].offset);
    append(out, extra->bytes, extra->size);
}

void record_encode(const struct record_desc *desc, const void *record, struct buffer *out)
{
    pack_record(out, desc, record);
}
