/* What the codec would refuse to read is refused before it is written. */
#include <math.h>
#include <string.h>

#include "proto/record/any_list.h"
#include "proto/record/codec.h"

/* The most bytes that a tag, a number or the head of a text or list takes. */
enum { HEAD_BYTES = 11 };

static int wrong(const struct record_desc *desc, const struct field_desc *field, const char *expected,
                 struct fault *fault)
{
    return fault_set(fault, -EINVAL, "%s.%s: expected %s", desc->name, field->name, expected);
}

static int check_record(const struct record_desc *desc, const void *record, size_t *size, struct fault *fault);

static int check_text(const struct record_desc *desc, const struct field_desc *field, const char *text, size_t *size,
                      struct fault *fault)
{
    size_t length = text ? strnlen(text, field->limit + 1) : 0;
    *size += length;
    if (length > field->limit)
        return fault_set(fault, -EINVAL, "%s.%s: more than %zu bytes", desc->name, field->name, field->limit);
    return length == 0 || text_is_utf8(text, length) ? 0 : wrong(desc, field, "UTF-8", fault);
}

static int check_list(const struct record_desc *desc, const struct field_desc *field, const void *at, size_t *size,
                      struct fault *fault)
{
    struct any_list list;
    memcpy(&list, at, sizeof list);
    if (list.count > field->limit)
        return fault_set(fault, -EINVAL, "%s.%s: %zu items, at most %zu", desc->name, field->name, list.count,
                         field->limit);
    int result = 0;
    for (size_t i = 0; i < list.count && !result; i++)
        result = check_record(field->record, (const char *)list.items + i * field->record->size, size, fault);
    return result;
}

static int check_field(const struct record_desc *desc, const struct field_desc *field, const void *at, size_t *size,
                       struct fault *fault)
{
    *size += HEAD_BYTES;
    switch (field->kind) {
    case FIELD_INT:
    case FIELD_BOOL:
        return 0;
    case FIELD_REAL:
        return isfinite(*(const double *)at) ? 0 : wrong(desc, field, "a finite number", fault);
    case FIELD_ENUM: {
        int value = *(const int *)at;
        bool named = value >= 0 && (size_t)value < field->names->count && field->names->names[value];
        return named ? 0 : wrong(desc, field, field->names->name, fault);
    }
    case FIELD_TEXT:
        return check_text(desc, field, *(const char *const *)at, size, fault);
    case FIELD_RECORD:
        return check_record(field->record, at, size, fault);
    case FIELD_LIST:
        return check_list(desc, field, at, size, fault);
    }
    return -EINVAL;
}

static int check_record(const struct record_desc *desc, const void *record, size_t *size, struct fault *fault)
{
    const struct record_extra *extra = (const void *)((const char *)record + desc->extra_offset);
    int result = 0;
    *size += HEAD_BYTES + extra->size;
    for (size_t i = 0; i < desc->field_count && !result; i++)
        result = check_field(desc, &desc->fields[i], (const char *)record + desc->fields[i].offset, size, fault);
    return result;
}

int record_check(const struct record_desc *desc, const void *record, struct fault *fault)
{
    size_t size = 0;
    int result = check_record(desc, record, &size, fault);
    if (!result && size > RECORD_BYTES_MAX)
        result = fault_set(fault, -EMSGSIZE, "%s: may take %zu bytes, at most %d", desc->name, size, RECORD_BYTES_MAX);
    return result;
}
