#include "proto/book/lint.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void lint_value(struct loader *loader, struct spot spot, const cyaml_schema_value_t *schema, const char *key);

static const char *const expected_kind[] = {
    [CYAML_INT] = "a whole number", [CYAML_BOOL] = "true or false", [CYAML_ENUM] = "a word",
    [CYAML_FLAGS] = "a list",       [CYAML_FLOAT] = "a number",     [CYAML_STRING] = "text",
    [CYAML_MAPPING] = "keys",       [CYAML_SEQUENCE] = "a list",
};

static const char *found_kind(struct spot spot)
{
    return spot.node->type == YAML_SEQUENCE_NODE ? "a list" : spot.node->type == YAML_MAPPING_NODE ? "keys" : "text";
}

static yaml_node_type_t node_type(const cyaml_schema_value_t *schema)
{
    if (schema->type == CYAML_MAPPING)
        return YAML_MAPPING_NODE;
    return schema->type == CYAML_SEQUENCE || schema->type == CYAML_FLAGS ? YAML_SEQUENCE_NODE : YAML_SCALAR_NODE;
}

static bool is_whole_number(const char *text)
{
    const char *digits = text + (*text == '-');
    if (!isdigit((unsigned char)*digits) || (digits[0] == '0' && digits[1]))
        return false;
    errno = 0;
    char *end;
    strtoll(text, &end, 10);
    return !*end && !errno;
}

static bool is_number(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    return end != text && !*end && isfinite(value);
}

static void lint_word(struct loader *loader, struct spot spot, const cyaml_schema_value_t *schema, const char *key)
{
    const char *text = spot_text(spot);
    struct suggestion suggestion;
    suggestion_start(&suggestion, text);
    char all[400] = "", hint[100];
    for (uint32_t i = 0; i < schema->enumeration.count; i++) {
        const char *word = schema->enumeration.strings[i].str;
        if (strcmp(word, text) == 0)
            return;
        suggestion_offer(&suggestion, word);
        size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", used ? ", " : "", word);
    }
    problem(loader, spot, "%s: '%s' is not one of %s%s", key, text, all,
            suggestion_text(&suggestion, hint, sizeof hint));
}

static void lint_text(struct loader *loader, struct spot spot, const cyaml_schema_value_t *schema, const char *key)
{
    size_t length = strlen(spot_text(spot));
    if (length < schema->string.min)
        problem(loader, spot, "%s: expected text, found nothing", key);
    else if (length > schema->string.max)
        problem(loader, spot, "%s: %zu bytes of text, expected at most %u", key, length, schema->string.max);
}

static void lint_scalar(struct loader *loader, struct spot spot, const cyaml_schema_value_t *schema, const char *key)
{
    const char *text = spot_text(spot);
    bool good = true;
    if (schema->type == CYAML_INT)
        good = is_whole_number(text);
    else if (schema->type == CYAML_FLOAT)
        good = is_number(text);
    else if (schema->type == CYAML_BOOL)
        good = strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
    if (!good)
        problem(loader, spot, "%s: '%s' is not %s", key, text, expected_kind[schema->type]);
    else if (schema->type == CYAML_ENUM)
        lint_word(loader, spot, schema, key);
    else if (schema->type == CYAML_STRING)
        lint_text(loader, spot, schema, key);
}

static const cyaml_schema_field_t *find_field(const cyaml_schema_field_t *fields, const char *key)
{
    for (; fields->key; fields++)
        if (strcmp(fields->key, key) == 0)
            return fields;
    return NULL;
}

static void unknown_key(struct loader *loader, struct spot spot, const cyaml_schema_field_t *fields)
{
    struct suggestion suggestion;
    suggestion_start(&suggestion, spot_text(spot));
    char all[400] = "", hint[100];
    for (; fields->key; fields++) {
        suggestion_offer(&suggestion, fields->key);
        size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", used ? ", " : "", fields->key);
    }
    problem(loader, spot, "unknown key '%s'%s; expected are %s", spot_text(spot),
            suggestion_text(&suggestion, hint, sizeof hint), all);
}

static void lint_mapping(struct loader *loader, struct spot spot, const cyaml_schema_field_t *fields)
{
    struct spot key, value, other, ignored;
    for (size_t i = 0; spot_pair(spot, i, &key, &value); i++) {
        const cyaml_schema_field_t *field = find_field(fields, spot_text(key));
        if (!field)
            unknown_key(loader, key, fields);
        else if (field->value.type != CYAML_IGNORE)
            lint_value(loader, value, &field->value, field->key);
        for (size_t j = 0; j < i && spot_pair(spot, j, &other, &ignored); j++)
            if (strcmp(spot_text(other), spot_text(key)) == 0)
                problem(loader, key, "key '%s' is here a second time; the first is at line %zu", spot_text(key),
                        spot_line(other));
    }
    for (; fields->key; fields++)
        if (!(fields->value.flags & CYAML_FLAG_OPTIONAL) && spot_key(spot, fields->key).node == spot.node)
            problem(loader, spot, "key '%s' is missing", fields->key);
}

static void lint_value(struct loader *loader, struct spot spot, const cyaml_schema_value_t *schema, const char *key)
{
    if (spot.node->type != node_type(schema)) {
        problem(loader, spot, "%s: expected %s, found %s%s%s%s", key, expected_kind[schema->type], found_kind(spot),
                *spot_text(spot) ? " '" : "", spot_text(spot), *spot_text(spot) ? "'" : "");
        return;
    }
    if (schema->type == CYAML_MAPPING) {
        lint_mapping(loader, spot, schema->mapping.fields);
    } else if (schema->type == CYAML_SEQUENCE || schema->type == CYAML_FLAGS) {
        for (size_t i = 0; spot_item(spot, i).node != spot.node; i++)
            if (schema->type == CYAML_FLAGS)
                lint_word(loader, spot_item(spot, i), schema, key);
            else
                lint_value(loader, spot_item(spot, i), schema->sequence.entry, key);
    } else {
        lint_scalar(loader, spot, schema, key);
    }
}

bool lint(struct loader *loader, struct spot spot, const cyaml_schema_value_t *schema, const char *what)
{
    size_t before = loader->problem_count;
    lint_value(loader, spot, schema, what);
    return loader->problem_count == before;
}
