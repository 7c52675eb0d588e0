#include "proto/record/codec.h"

#include <assert.h>
#include <math.h>
#include <msgpack.h>
#include <string.h>

/* Every list struct has this shape; the codec sees them only as this, by memcpy. */
struct any_list {
    void *items;
    size_t count;
};

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

/* msgpack-c writes a byte or two at a time: where there is room they go straight in. */
static int append_bytes(void *context, const char *bytes, size_t size)
{
    struct buffer *out = context;
    if (out->capacity - out->size < size)
        buffer_reserve(out, size);
    memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
    return 0;
}

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

static void pack_record(msgpack_packer *packer, const struct record_desc *desc, const void *record);

static void pack_field(msgpack_packer *packer, const struct field_desc *field, const void *at)
{
    msgpack_pack_uint8(packer, field->tag);
    switch (field->kind) {
    case FIELD_INT:
        msgpack_pack_int64(packer, *(const int64_t *)at);
        break;
    case FIELD_REAL:
        msgpack_pack_double(packer, *(const double *)at);
        break;
    case FIELD_BOOL:
        msgpack_pack_true(packer);
        break;
    case FIELD_ENUM:
        msgpack_pack_int64(packer, *(const int *)at);
        break;
    case FIELD_TEXT: {
        const char *text = *(const char *const *)at;
        msgpack_pack_str_with_body(packer, text, strlen(text));
        break;
    }
    case FIELD_RECORD:
        pack_record(packer, field->record, at);
        break;
    case FIELD_LIST: {
        struct any_list list;
        memcpy(&list, at, sizeof list);
        assert(list.count <= field->limit);
        msgpack_pack_array(packer, list.count);
        for (size_t i = 0; i < list.count; i++)
            pack_record(packer, field->record, (const char *)list.items + i * field->record->size);
        break;
    }
    }
}

static void pack_record(msgpack_packer *packer, const struct record_desc *desc, const void *record)
{
    const struct record_extra *extra = (const void *)((const char *)record + desc->extra_offset);
    size_t pairs = 1 + extra->pairs;
    for (size_t i = 0; i < desc->field_count; i++)
        pairs += !field_is_default(&desc->fields[i], (const char *)record + desc->fields[i].offset);
    msgpack_pack_map(packer, pairs);
    msgpack_pack_uint8(packer, 0);
    msgpack_pack_uint8(packer, desc->version);
    for (size_t i = 0; i < desc->field_count; i++) {
        const void *at = (const char *)record + desc->fields[i].offset;
        if (!field_is_default(&desc->fields[i], at))
            pack_field(packer, &desc->fields[i], at);
    }
    if (extra->size)
        buffer_append(packer->data, extra->bytes, extra->size);
}

void record_encode(const struct record_desc *desc, const void *record, struct buffer *out)
{
    msgpack_packer packer;
    msgpack_packer_init(&packer, out, append_bytes);
    pack_record(&packer, desc, record);
}

/* ---- reading ---- */

struct reading {
    struct arena *arena;
    struct fault *fault;
};

static int read_record(struct reading *reading, const struct record_desc *desc, const msgpack_object *object,
                       void *record);

static int wrong(struct reading *reading, const struct record_desc *desc, const struct field_desc *field,
                 const char *expected)
{
    return fault_set(reading->fault, -EINVAL, "%s.%s: expected %s", desc->name, field->name, expected);
}

static bool object_int(const msgpack_object *object, int64_t *value)
{
    if (object->type == MSGPACK_OBJECT_NEGATIVE_INTEGER) {
        *value = object->via.i64;
        return true;
    }
    if (object->type == MSGPACK_OBJECT_POSITIVE_INTEGER && object->via.u64 <= INT64_MAX) {
        *value = (int64_t)object->via.u64;
        return true;
    }
    return false;
}

static int read_list(struct reading *reading, const struct record_desc *desc, const struct field_desc *field,
                     const msgpack_object *object, void *at)
{
    if (object->type != MSGPACK_OBJECT_ARRAY)
        return wrong(reading, desc, field, "a list");
    if (object->via.array.size > field->limit)
        return fault_set(reading->fault, -EINVAL, "%s.%s: %u items, at most %zu", desc->name, field->name,
                         object->via.array.size, field->limit);
    struct any_list list = { .count = object->via.array.size };
    list.items = arena_array(reading->arena, list.count ? list.count : 1, field->record->size);
    for (size_t i = 0; i < list.count; i++) {
        int result = read_record(reading, field->record, &object->via.array.ptr[i],
                                 (char *)list.items + i * field->record->size);
        if (result)
            return result;
    }
    memcpy(at, &list, sizeof list);
    return 0;
}

static int read_field(struct reading *reading, const struct record_desc *desc, const struct field_desc *field,
                      const msgpack_object *object, void *at)
{
    int64_t number;
    switch (field->kind) {
    case FIELD_INT:
        return object_int(object, at) ? 0 : wrong(reading, desc, field, "a whole number");
    case FIELD_REAL:
        if (object->type == MSGPACK_OBJECT_FLOAT64 || object->type == MSGPACK_OBJECT_FLOAT32)
            *(double *)at = object->via.f64;
        else if (object_int(object, &number))
            *(double *)at = (double)number;
        else
            return wrong(reading, desc, field, "a number");
        return isfinite(*(double *)at) ? 0 : wrong(reading, desc, field, "a finite number");
    case FIELD_BOOL:
        if (object->type != MSGPACK_OBJECT_BOOLEAN)
            return wrong(reading, desc, field, "true or false");
        *(bool *)at = object->via.boolean;
        return 0;
    case FIELD_ENUM:
        if (!object_int(object, &number) || number < 0 || (size_t)number >= field->names->count ||
            !field->names->names[number])
            return wrong(reading, desc, field, field->names->name);
        *(int *)at = (int)number;
        return 0;
    case FIELD_TEXT:
        if (object->type != MSGPACK_OBJECT_STR)
            return wrong(reading, desc, field, "text");
        if (object->via.str.size > field->limit)
            return fault_set(reading->fault, -EINVAL, "%s.%s: %u bytes, at most %zu", desc->name, field->name,
                             object->via.str.size, field->limit);
        *(const char **)at = arena_text(reading->arena, object->via.str.ptr, object->via.str.size);
        return 0;
    case FIELD_RECORD:
        return read_record(reading, field->record, object, at);
    case FIELD_LIST:
        return read_list(reading, desc, field, object, at);
    }
    return -EINVAL;
}

/* What absent fields hold: 0 by the caller's memset, but a text is "" and never NULL, in nested records too. */
static void set_defaults(const struct record_desc *desc, void *record)
{
    for (size_t i = 0; i < desc->field_count; i++) {
        void *at = (char *)record + desc->fields[i].offset;
        if (desc->fields[i].kind == FIELD_TEXT)
            *(const char **)at = "";
        else if (desc->fields[i].kind == FIELD_RECORD)
            set_defaults(desc->fields[i].record, at);
    }
}

static const struct field_desc *find_field(const struct record_desc *desc, uint64_t tag, size_t hint)
{
    for (size_t i = 0; i < desc->field_count; i++) {
        size_t at = (hint + i) % desc->field_count; /* fields come in the table's order */
        if (desc->fields[at].tag == tag)
            return &desc->fields[at];
    }
    return NULL;
}

static void keep_unknown(struct reading *reading, struct record_extra *extra, const msgpack_object_kv *pair)
{
    struct buffer kept = { 0 };
    buffer_append(&kept, extra->bytes, extra->size);
    msgpack_packer packer;
    msgpack_packer_init(&packer, &kept, append_bytes);
    msgpack_pack_object(&packer, pair->key);
    msgpack_pack_object(&packer, pair->val);
    extra->bytes = (const uint8_t *)arena_text(reading->arena, (const char *)kept.bytes, kept.size);
    extra->size = kept.size;
    extra->pairs++;
    buffer_finish(&kept);
}

static int read_record(struct reading *reading, const struct record_desc *desc, const msgpack_object *object,
                       void *record)
{
    memset(record, 0, desc->size);
    set_defaults(desc, record);
    if (object->type != MSGPACK_OBJECT_MAP || object->via.map.size == 0)
        return fault_set(reading->fault, -EINVAL, "%s: expected a map with its version", desc->name);
    uint64_t seen[2] = { 0 };
    size_t hint = 0;
    for (uint32_t i = 0; i < object->via.map.size; i++) {
        const msgpack_object_kv *pair = &object->via.map.ptr[i];
        int64_t version;
        if (pair->key.type != MSGPACK_OBJECT_POSITIVE_INTEGER || pair->key.via.u64 > 127)
            return fault_set(reading->fault, -EINVAL, "%s: a key that is not a tag of 0 to 127", desc->name);
        uint64_t tag = pair->key.via.u64;
        if (seen[tag / 64] & UINT64_C(1) << tag % 64)
            return fault_set(reading->fault, -EINVAL, "%s: tag %u twice", desc->name, (unsigned)tag);
        seen[tag / 64] |= UINT64_C(1) << tag % 64;
        if (tag == 0) {
            if (!object_int(&pair->val, &version) || version < 1)
                return fault_set(reading->fault, -EINVAL, "%s: version is not a positive number", desc->name);
            continue;
        }
        const struct field_desc *field = find_field(desc, tag, hint);
        if (!field) {
            keep_unknown(reading, (struct record_extra *)((char *)record + desc->extra_offset), pair);
            continue;
        }
        hint = (size_t)(field - desc->fields) + 1;
        int result = read_field(reading, desc, field, &pair->val, (char *)record + field->offset);
        if (result)
            return result;
    }
    if (!(seen[0] & 1))
        return fault_set(reading->fault, -EINVAL, "%s: no version", desc->name);
    return 0;
}

int record_decode(const struct record_desc *desc, struct bytes in, struct arena *arena, void *record,
                  struct fault *fault)
{
    int result = record_scan(in, fault);
    if (result)
        return fault_prefix(fault, result, "%s", desc->name);
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    size_t offset = 0;
    msgpack_unpack_return got = msgpack_unpack_next(&unpacked, (const char *)in.data, in.size, &offset);
    if (got != MSGPACK_UNPACK_SUCCESS || offset != in.size) {
        result = fault_set(fault, -EINVAL, "%s: not msgpack", desc->name);
    } else {
        struct reading reading = { arena, fault };
        result = read_record(&reading, desc, &unpacked.data, record);
    }
    msgpack_unpacked_destroy(&unpacked);
    return result;
}
