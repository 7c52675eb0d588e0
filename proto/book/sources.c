/* sources.yaml: the ways in beside the doors' own. */
#include <string.h>

#include "proto/book/sources_inside.h"

#define RAW struct raw_sources
static const cyaml_schema_field_t file_fields[] = { RAW_MAPPING_OPTIONAL(open311, open311_fields),
                                                    RAW_LIST_OPTIONAL(chats, &chat_schema),
                                                    RAW_LIST_OPTIONAL(cities, &city_schema),
                                                    RAW_LIST_OPTIONAL(mqtt, &broker_schema),
                                                    RAW_LIST_OPTIONAL(feeds, &feed_schema),
                                                    RAW_LIST_OPTIONAL(webhooks, &hook_schema),
                                                    RAW_LIST_OPTIONAL(tables, &table_schema),
                                                    RAW_LIST_OPTIONAL(sensors, &sensor_schema),
                                                    RAW_TEXT_OPTIONAL(sensor_table),
                                                    RAW_LIST_OPTIONAL(sensor_rules, &sensor_rule_schema),
                                                    CYAML_FIELD_END };
static const cyaml_schema_value_t file_schema = RAW_FILE(file_fields);
#undef RAW

bool book_is_source_name(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return strspn(name, allowed) == strlen(name) && strlen(name) <= SOURCE_NAME_BYTES;
}

void sources_check_name(struct loader *loader, struct spot spot, const char *name)
{
    if (!book_is_source_name(name))
        problem(loader, spot, "name '%s'; expected 1 to %d of A-Z a-z 0-9 - _", name, SOURCE_NAME_BYTES);
}

struct book_template sources_template(struct loader *loader, struct spot spot, const char *text,
                                      bool (*known)(const void *context, const char *name), const void *context,
                                      const char *names)
{
    struct book_template template = { NULL, 0 };
    if (text && !template_parse(text, loader->arena, &template)) {
        problem(loader, spot, "'%s': expected a name and } behind each {", text);
        return (struct book_template){ NULL, 0 };
    }
    for (size_t i = 0; i < template.count; i++)
        if (template.pieces[i].is_name && !known(context, template.pieces[i].text))
            problem(loader, spot, "no name '%s'; expected %s", template.pieces[i].text, names);
    return template;
}

bool sources_is_pointer(const void *context, const char *text)
{
    (void)context;
    bool good = *text == '/';
    for (const char *tilde = strchr(text, '~'); good && tilde; tilde = strchr(tilde + 1, '~'))
        good = tilde[1] == '0' || tilde[1] == '1';
    return good;
}

const char *sources_pointer(struct loader *loader, struct spot spot, const char *text)
{
    if (!text)
        return "";
    if (!sources_is_pointer(NULL, text))
        problem(loader, spot, "'%s' is not a JSON pointer; expected one such as /data/level (RFC 6901)", text);
    return loader_text(loader, text);
}

const char *sources_url(struct loader *loader, struct spot spot, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    if (text && strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0)
        problem(loader, spot, "'%s'; expected http://… or https://…", text);
    while (length && text[length - 1] == '/')
        length--;
    return arena_text(loader->arena, text ? text : "", length);
}

const char *const *sources_texts(struct loader *loader, char *const *texts, size_t count)
{
    const char **copies = loader_array(loader, count, sizeof *copies);
    for (size_t i = 0; i < count; i++)
        copies[i] = loader_text(loader, texts[i]);
    return copies;
}

struct matter sources_matter(struct loader *loader, struct spot spot, const struct raw_matter *raw)
{
    struct matter matter = {
        .service = loader_refer(loader, &loader->loaded->services, spot_key(spot, "service"), "service", raw->service),
        .priority = loader_number(loader, spot, "priority", 0, 1, 5),
    };
    if (matter.service)
        matter.condition = book_condition(matter.service, raw->condition);
    if (matter.service && !matter.condition) {
        struct suggestion suggestion;
        char hint[100];
        suggestion_start(&suggestion, raw->condition);
        for (size_t i = 0; i < matter.service->condition_count; i++)
            suggestion_offer(&suggestion, matter.service->conditions[i].code);
        problem(loader, spot_key(spot, "condition"), "no condition '%s' in service '%s'%s", raw->condition,
                raw->service, suggestion_text(&suggestion, hint, sizeof hint));
    } else if (raw->condition && !raw->service) {
        problem(loader, spot_key(spot, "condition"), "a condition without its service; expected both");
    }
    return matter;
}

void sources_load(struct loader *loader)
{
    struct raw_sources *raw = NULL;
    loader->loaded->sources.open311 = (struct book_open311){ .contact = { "", "" }, .key_service = { "", "" } };
    if (loader_is_there(loader, BOOK_FILE_SOURCES))
        raw = loader_open(loader, BOOK_FILE_SOURCES, &file_schema);
    if (!raw)
        return;
    struct spot root = loader_spot(loader, BOOK_FILE_SOURCES);
    sources_take_open311(loader, root, raw);
    sources_take_chats(loader, root, raw);
    sources_take_cities(loader, root, raw);
    sources_take_tables(loader, root, raw);
    sources_take_hooks(loader, root, raw);
    sources_take_feeds(loader, root, raw);
    sources_take_brokers(loader, root, raw);
    sources_take_sensors(loader, root, raw);
    sources_take_sensor_rules(loader, root, raw);
    loader_close(&file_schema, raw);
}
