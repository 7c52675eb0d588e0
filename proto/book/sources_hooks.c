/* Webhooks and tables: what other systems send, signed, as JSON or as comma-separated values. */
#include "proto/book/sources_inside.h"

#define RAW struct raw_hook
static const cyaml_schema_field_t hook_fields[] = { RAW_CODE(name),
                                                    RAW_INT_OR_DEFAULT(per_minute),
                                                    RAW_INT_OR_DEFAULT(window_seconds),
                                                    RAW_INT_OR_DEFAULT(body_bytes),
                                                    CYAML_FIELD_MAPPING("event", CYAML_FLAG_DEFAULT, RAW, event,
                                                                        mapping_fields),
                                                    CYAML_FIELD_END };
const cyaml_schema_value_t hook_schema = RAW_ENTRY(hook_fields);
#undef RAW

static void take_hook(struct loader *loader, struct spot spot, const struct raw_hook *raw, struct book_hook *hook)
{
    *hook = (struct book_hook){
        .name = loader_text(loader, raw->name),
        .per_minute = loader_number(loader, spot, "per_minute", 600, 1, 10000000),
        .window_ms = 1000 * loader_number(loader, spot, "window_seconds", 300, 10, 86400),
        .body_bytes = loader_number(loader, spot, "body_bytes", 64 << 10, 256, 16 << 20),
    };
    sources_check_name(loader, spot_key(spot, "name"), hook->name);
    sources_take_mapping(loader, spot_key(spot, "event"), &raw->event, sources_is_pointer,
                         "a JSON pointer in braces, such as {/call/id}", &hook->event);
}

void sources_take_hooks(struct loader *loader, struct spot root, const struct raw_sources *raw)
{
    struct book_hook *hooks = loader_array(loader, raw->webhooks_count, sizeof *hooks);
    struct spot list = spot_key(root, "webhooks");
    struct lookup names;
    for (size_t i = 0; i < raw->webhooks_count; i++)
        take_hook(loader, spot_item(list, i), &raw->webhooks[i], &hooks[i]);
    loader_index(loader, &names, hooks, raw->webhooks_count, sizeof *hooks, list, "name");
    loader->loaded->sources.hooks = hooks;
    loader->loaded->sources.hook_count = raw->webhooks_count;
}

/* ---- tables ---- */

#define RAW struct raw_table
static const cyaml_schema_field_t table_fields[] = { RAW_CODE(name),
                                                     RAW_INT_OR_DEFAULT(rows),
                                                     RAW_INT_OR_DEFAULT(file_bytes),
                                                     RAW_INT_OR_DEFAULT(window_seconds),
                                                     CYAML_FIELD_MAPPING("event", CYAML_FLAG_DEFAULT, RAW, event,
                                                                         mapping_fields),
                                                     CYAML_FIELD_END };
const cyaml_schema_value_t table_schema = RAW_ENTRY(table_fields);
#undef RAW

/* Which columns a file has, it says itself. */
static bool is_column(const void *context, const char *name)
{
    (void)context;
    return *name;
}

static void take_table(struct loader *loader, struct spot spot, const struct raw_table *raw, struct book_table *table)
{
    *table = (struct book_table){
        .name = loader_text(loader, raw->name),
        .rows = loader_number(loader, spot, "rows", 10000, 1, 1000000),
        .file_bytes = loader_number(loader, spot, "file_bytes", 16 << 20, 1 << 10, 256 << 20),
        .window_ms = 1000 * loader_number(loader, spot, "window_seconds", 300, 10, 86400),
    };
    sources_check_name(loader, spot_key(spot, "name"), table->name);
    sources_take_mapping(loader, spot_key(spot, "event"), &raw->event, is_column, "a column in braces", &table->event);
}

void sources_take_tables(struct loader *loader, struct spot root, const struct raw_sources *raw)
{
    struct book_table *tables = loader_array(loader, raw->tables_count, sizeof *tables);
    struct spot list = spot_key(root, "tables");
    struct lookup names;
    for (size_t i = 0; i < raw->tables_count; i++)
        take_table(loader, spot_item(list, i), &raw->tables[i], &tables[i]);
    loader_index(loader, &names, tables, raw->tables_count, sizeof *tables, list, "name");
    loader->loaded->sources.tables = tables;
    loader->loaded->sources.table_count = raw->tables_count;
}
