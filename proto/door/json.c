#include "proto/door/json.h"

#include <math.h>
#include <string.h>

#include "proto/record/any_list.h"

static json_t *field_to_json(const struct field_desc *field, const void *at)
{
    struct any_list list;
    const char *text;
    json_t *array;
    switch (field->kind) {
    case FIELD_INT:
        return json_integer(*(const int64_t *)at);
    case FIELD_REAL:
        return json_real(*(const double *)at);
    case FIELD_BOOL:
        return json_boolean(*(const bool *)at);
    case FIELD_TEXT:
        text = *(const char *const *)at;
        return json_string(text ? text : "");
    case FIELD_ENUM:
        return json_string(enum_name(field->names, *(const int *)at));
    case FIELD_RECORD:
        return record_to_json(field->record, at);
    case FIELD_LIST:
        memcpy(&list, at, sizeof list);
        array = json_array();
        for (size_t i = 0; i < list.count; i++)
            json_array_append_new(array,
                                  record_to_json(field->record, (const char *)list.items + i * field->record->size));
        return array;
    }
    return NULL;
}

json_t *record_to_json(const struct record_desc *desc, const void *record)
{
    json_t *object = json_object();
    for (size_t i = 0; i < desc->field_count; i++)
        json_object_set_new(object, desc->fields[i].name,
                            field_to_json(&desc->fields[i], (const char *)record + desc->fields[i].offset));
    return object;
}

struct reading {
    struct arena *arena;
    struct fault *fault;
};

static int read_record(struct reading *reading, const struct record_desc *desc, const json_t *json, void *record);

static int wrong(struct reading *reading, const struct record_desc *desc, const struct field_desc *field,
                 const char *expected)
{
    return fault_set(reading->fault, -EINVAL, "%s.%s: expected %s", desc->name, field->name, expected);
}

static int read_text(struct reading *reading, const struct record_desc *desc, const struct field_desc *field,
                     const json_t *json, const char **text)
{
    if (!json_is_string(json) || strlen(json_string_value(json)) != json_string_length(json))
        return wrong(reading, desc, field, "text without NUL");
    if (json_string_length(json) > field->limit)
        return fault_set(reading->fault, -EINVAL, "%s.%s: %zu bytes, at most %zu", desc->name, field->name,
                         json_string_length(json), field->limit);
    *text = arena_text(reading->arena, json_string_value(json), json_string_length(json));
    return 0;
}

static int read_list(struct reading *reading, const struct record_desc *desc, const struct field_desc *field,
                     const json_t *json, void *at)
{
    struct any_list list = { .count = json_array_size(json) };
    if (!json_is_array(json) || list.count > field->limit)
        return fault_set(reading->fault, -EINVAL, "%s.%s: expected a list of at most %zu", desc->name, field->name,
                         field->limit);
    list.items = arena_array(reading->arena, list.count ? list.count : 1, field->record->size);
    for (size_t i = 0; i < list.count; i++) {
        int result =
            read_record(reading, field->record, json_array_get(json, i), (char *)list.items + i * field->record->size);
        if (result)
            return result;
    }
    memcpy(at, &list, sizeof list);
    return 0;
}

static int read_field(struct reading *reading, const struct record_desc *desc, const struct field_desc *field,
                      const json_t *json, void *at)
{
    int value;
    switch (field->kind) {
    case FIELD_INT:
        if (!json_is_integer(json))
            return wrong(reading, desc, field, "a whole number");
        *(int64_t *)at = json_integer_value(json);
        return 0;
    case FIELD_REAL:
        if (!json_is_number(json) || !isfinite(json_number_value(json)))
            return wrong(reading, desc, field, "a number");
        *(double *)at = json_number_value(json);
        return 0;
    case FIELD_BOOL:
        if (!json_is_boolean(json))
            return wrong(reading, desc, field, "true or false");
        *(bool *)at = json_is_true(json);
        return 0;
    case FIELD_TEXT:
        return read_text(reading, desc, field, json, at);
    case FIELD_ENUM:
        value = json_is_string(json) ? enum_value(field->names, json_string_value(json)) : -1;
        if (value < 0)
            return fault_set(reading->fault, -EINVAL, "%s.%s: '%.60s' is no %s", desc->name, field->name,
                             json_is_string(json) ? json_string_value(json) : "", field->names->name);
        *(int *)at = value;
        return 0;
    case FIELD_RECORD:
        return read_record(reading, field->record, json, at);
    case FIELD_LIST:
        return read_list(reading, desc, field, json, at);
    }
    return -EINVAL;
}

static const struct field_desc *field_named(const struct record_desc *desc, const char *name)
{
    for (size_t i = 0; i < desc->field_count; i++)
        if (strcmp(desc->fields[i].name, name) == 0)
            return &desc->fields[i];
    return NULL;
}

/* All zero, with texts that are never NULL, inside records too. */
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

static int read_record(struct reading *reading, const struct record_desc *desc, const json_t *json, void *record)
{
    if (!json_is_object(json))
        return fault_set(reading->fault, -EINVAL, "%s: expected an object", desc->name);
    memset(record, 0, desc->size);
    set_defaults(desc, record);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)json, name, value)
    {
        const struct field_desc *field = field_named(desc, name);
        if (!field)
            return fault_set(reading->fault, -EINVAL, "%s: no field is called '%.60s'", desc->name, name);
        int result = read_field(reading, desc, field, value, (char *)record + field->offset);
        if (result)
            return result;
    }
    return 0;
}

int record_from_json(const struct record_desc *desc, const json_t *json, struct arena *arena, void *record,
                     struct fault *fault)
{
    return read_record(&(struct reading){ arena, fault }, desc, json, record);
}
