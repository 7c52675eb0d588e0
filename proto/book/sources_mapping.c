/* What an event is made of, in the words of its sender: templates over JSON pointers or columns. */
#include <string.h>

#include "proto/book/sources_inside.h"

enum { ATTRIBUTES_MAX = 32 };

static const cyaml_strval_t kind_strings[] = { { "report", MAPPING_REPORT }, { "alarm", MAPPING_ALARM } };
static const cyaml_strval_t source_strings[] = { EVENT_SOURCES(ENUM_STRING) };

#define RAW struct raw_mapping_matter
static const cyaml_schema_field_t matter_fields[] = { RAW_TEXT_OPTIONAL(value), RAW_TEXT(service),
                                                      RAW_TEXT_OPTIONAL(condition), RAW_INT_OR_DEFAULT(priority),
                                                      CYAML_FIELD_END };
static const cyaml_schema_value_t matter_schema = RAW_ENTRY(matter_fields);
#undef RAW
#define RAW struct raw_mapping_attribute
static const cyaml_schema_field_t attribute_fields[] = { RAW_CODE(code), RAW_TEXT(value), CYAML_FIELD_END };
static const cyaml_schema_value_t attribute_schema = RAW_ENTRY(attribute_fields);
#undef RAW
#define RAW struct raw_mapping
#define MAPPING_FIELD(member) RAW_TEXT_OPTIONAL(member),
const cyaml_schema_field_t mapping_fields[] = { RAW_ENUM(kind, kind_strings), RAW_ENUM(source, source_strings),
                                                MAPPING_TEXTS(MAPPING_FIELD) RAW_LIST_OPTIONAL(matters, &matter_schema),
                                                RAW_LIST_OPTIONAL(attributes, &attribute_schema), CYAML_FIELD_END };
#undef RAW

static void take_matters(struct loader *loader, struct spot list, const struct raw_mapping *raw,
                         struct book_mapping *mapping)
{
    struct book_mapping_matter *matters = loader_array(loader, raw->matters_count, sizeof *matters);
    for (size_t i = 0; i < raw->matters_count; i++) {
        const struct raw_mapping_matter *row = &raw->matters[i];
        struct spot spot = spot_item(list, i);
        struct matter matter = sources_matter(loader, spot, &(struct raw_matter){ row->service, row->condition });
        matters[i] = (struct book_mapping_matter){ row->value ? loader_text(loader, row->value) : NULL, matter.service,
                                                   matter.condition, matter.priority };
        if (row->value && !raw->matter)
            problem(loader, spot_key(spot, "value"), "there is no `matter` that could be '%s'; expected one",
                    row->value);
        if (!row->value && i + 1 < raw->matters_count)
            problem(loader, spot, "a row without a value is for all that no other row names; expected it last");
    }
    mapping->matters = matters;
    mapping->matter_count = raw->matters_count;
}

static void take_attributes(struct loader *loader, struct spot list, const struct raw_mapping *raw,
                            bool (*known)(const void *context, const char *name), const char *names,
                            struct book_mapping *mapping)
{
    struct book_mapping_attribute *attributes = loader_array(loader, raw->attributes_count, sizeof *attributes);
    if (raw->attributes_count > ATTRIBUTES_MAX)
        problem(loader, list, "%u attributes; expected at most %d", raw->attributes_count, ATTRIBUTES_MAX);
    for (size_t i = 0; i < raw->attributes_count; i++) {
        attributes[i].code = loader_text(loader, raw->attributes[i].code);
        attributes[i].value = sources_template(loader, spot_key(spot_item(list, i), "value"), raw->attributes[i].value,
                                               known, NULL, names);
    }
    mapping->attributes = attributes;
    mapping->attribute_count = raw->attributes_count;
}

void sources_take_mapping(struct loader *loader, struct spot spot, const struct raw_mapping *raw,
                          bool (*known)(const void *context, const char *name), const char *names,
                          struct book_mapping *mapping)
{
    mapping->is_report = raw->kind == MAPPING_REPORT;
    mapping->source = raw->source;
#define TAKE_TEMPLATE(member) \
    mapping->member = sources_template(loader, spot_key(spot, #member), raw->member, known, NULL, names);
    MAPPING_TEXTS(TAKE_TEMPLATE)
#undef TAKE_TEMPLATE
    take_matters(loader, spot_key(spot, "matters"), raw, mapping);
    take_attributes(loader, spot_key(spot, "attributes"), raw, known, names, mapping);
    if (!raw->id)
        problem(loader, spot, "key 'id' is missing: by it an event that is sent again is known");
    if (!raw->title && !raw->text)
        problem(loader, spot, "key 'title' or 'text' is missing; expected one of the two");
    if (!raw->lat != !raw->lon)
        problem(loader, spot_key(spot, raw->lat ? "lat" : "lon"), "lat and lon go together; expected both");
}
