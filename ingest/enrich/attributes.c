#include "ingest/enrich/attributes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"

enum { VALUE_BYTES = 1000 }; /* as the record takes it */

/* attribute[CODE] or attribute[CODE][]: the code and its length; NULL for any other field. */
static const char *code_of(const struct form_field *field, size_t *length)
{
    static const char prefix[] = "attribute[";
    if (strncmp(field->name, prefix, sizeof prefix - 1) != 0)
        return NULL;
    const char *code = field->name + sizeof prefix - 1;
    *length = strcspn(code, "]");
    const char *rest = code + *length;
    return strcmp(rest, "]") == 0 || strcmp(rest, "][]") == 0 ? code : NULL;
}

static bool is_about(const struct form_field *field, const char *code)
{
    size_t length;
    const char *named = code_of(field, &length);
    return named && !field->file_name && strlen(code) == length && memcmp(code, named, length) == 0;
}

static const struct book_attribute *find(const struct book_service *service, const char *code, size_t length)
{
    for (size_t i = 0; i < service->attribute_count; i++)
        if (strlen(service->attributes[i].code) == length && memcmp(service->attributes[i].code, code, length) == 0)
            return &service->attributes[i];
    return NULL;
}

static bool is_listed(const struct book_attribute *attribute, const char *value)
{
    for (size_t i = 0; i < attribute->value_count; i++)
        if (strcmp(attribute->values[i].key, value) == 0)
            return true;
    return false;
}

static bool is_number(const char *value)
{
    char *end;
    double number = strtod(value, &end);
    return *value && !*end && isfinite(number) && !strpbrk(value, "xX");
}

/* What a value of this type has to be, where this one is not; NULL where it is fine. */
static const char *mismatch(const struct book_attribute *attribute, const char *value)
{
    int64_t moment;
    switch (attribute->type) {
    case ATTRIBUTE_STRING:
        return strpbrk(value, "\r\n") ? "a text without line breaks" : NULL;
    case ATTRIBUTE_NUMBER:
        return is_number(value) ? NULL : "a number";
    case ATTRIBUTE_DATETIME:
        return timestamp_parse(value, 0, &moment) == 0 ? NULL : "a date and time by ISO 8601";
    case ATTRIBUTE_TEXT:
        return NULL;
    case ATTRIBUTE_SINGLEVALUELIST:
    case ATTRIBUTE_MULTIVALUELIST:
        return is_listed(attribute, value) ? NULL : "one of the keys of its definition";
    }
    return NULL;
}

static void complain(struct complaints *complaints, struct arena *arena, const struct book_attribute *attribute,
                     const char *value, const char *expected)
{
    complaint_add(complaints, arena, COMPLAINT_ATTRIBUTE_VALUE,
                  arena_format(arena, "%s]: expected %s, not '%s'", attribute->code, expected, value));
}

/* Takes all values of one attribute of the definition. */
static void take(const struct book_attribute *attribute, const struct form *form, struct arena *arena,
                 struct attribute_list *out, struct complaints *complaints)
{
    size_t taken = 0;
    for (size_t i = 0; i < form->count; i++) {
        const char *value = form->fields[i].value;
        if (!is_about(&form->fields[i], attribute->code) || !value || !*value)
            continue;
        const char *expected = strlen(value) > VALUE_BYTES ? "at most 1000 bytes" : mismatch(attribute, value);
        if (!expected && taken && attribute->type != ATTRIBUTE_MULTIVALUELIST)
            expected = "one value only";
        if (expected)
            complain(complaints, arena, attribute, value, expected);
        else
            out->items[out->count++] = (struct attribute){ .code = attribute->code, .value = value };
        taken++;
    }
    if (attribute->required && taken == 0)
        complaint_add(complaints, arena, COMPLAINT_NO_ATTRIBUTE, attribute->code);
}

void attributes_take(const struct book_service *service, const struct form *form, struct arena *arena,
                     struct attribute_list *attributes, struct complaints *complaints)
{
    attributes->items = arena_array(arena, form->count + 1, sizeof *attributes->items);
    attributes->count = 0;
    for (size_t i = 0; i < service->attribute_count; i++)
        if (!service->attributes[i].is_only_shown)
            take(&service->attributes[i], form, arena, attributes, complaints);
    for (size_t i = 0; i < form->count; i++) {
        size_t length;
        const char *code = code_of(&form->fields[i], &length), *value = form->fields[i].value;
        if (code && value && *value && !find(service, code, length))
            complaint_add(complaints, arena, COMPLAINT_UNKNOWN_ATTRIBUTE,
                          arena_format(arena, "%.*s", length > 64 ? 64 : (int)length, code));
    }
}
