/* Open311: jurisdictions, the clients that have a key, and what the discovery tells. */
#include <string.h>

#include "proto/book/sources_inside.h"

#define RAW struct raw_open311_key
static const cyaml_schema_field_t key_fields[] = { RAW_CODE(name), RAW_INT_OR_DEFAULT(per_minute),
                                                   RAW_BOOL_OPTIONAL(updates), CYAML_FIELD_END };
static const cyaml_schema_value_t key_schema = RAW_ENTRY(key_fields);
#undef RAW
#define RAW struct raw_open311
const cyaml_schema_field_t open311_fields[] = { RAW_LIST_OPTIONAL(jurisdictions, &schema_text),
                                                RAW_BOOL_OPTIONAL(jurisdiction_required),
                                                RAW_BOOL_OPTIONAL(key_required),
                                                RAW_BOOL_OPTIONAL(test),
                                                RAW_TEXT_OPTIONAL(contact),
                                                RAW_TEXT_OPTIONAL(contact_en),
                                                RAW_TEXT_OPTIONAL(key_service),
                                                RAW_TEXT_OPTIONAL(key_service_en),
                                                RAW_LIST_OPTIONAL(keys, &key_schema),
                                                CYAML_FIELD_END };
#undef RAW

static void take_keys(struct loader *loader, struct spot list, const struct raw_open311 *raw,
                      struct book_open311 *open311)
{
    struct book_open311_key *keys = loader_array(loader, raw->keys_count, sizeof *keys);
    struct lookup names;
    for (size_t i = 0; i < raw->keys_count; i++) {
        struct spot spot = spot_item(list, i);
        keys[i] = (struct book_open311_key){
            .name = loader_text(loader, raw->keys[i].name),
            .per_minute = loader_number(loader, spot, "per_minute", 600, 1, 10000000),
            .updates = raw->keys[i].updates,
        };
        sources_check_name(loader, spot_key(spot, "name"), keys[i].name);
    }
    loader_index(loader, &names, keys, raw->keys_count, sizeof *keys, list, "name");
    open311->keys = keys;
    open311->key_count = raw->keys_count;
}

void sources_take_open311(struct loader *loader, struct spot root, const struct raw_sources *file)
{
    static const struct raw_open311 nothing;
    const struct raw_open311 *raw = file->open311 ? file->open311 : &nothing;
    struct spot spot = spot_key(root, "open311");
    struct book_open311 *open311 = &loader->loaded->sources.open311;
    *open311 = (struct book_open311){
        .jurisdictions = sources_texts(loader, raw->jurisdictions, raw->jurisdictions_count),
        .jurisdiction_count = raw->jurisdictions_count,
        .jurisdiction_required = raw->jurisdiction_required,
        .key_required = raw->key_required,
        .is_test = raw->test,
        .contact = loader_name(loader, raw->contact, raw->contact_en),
        .key_service = loader_name(loader, raw->key_service, raw->key_service_en),
    };
    take_keys(loader, spot_key(spot, "keys"), raw, open311);
    if (raw->jurisdiction_required && !raw->jurisdictions_count)
        problem(loader, spot_key(spot, "jurisdiction_required"),
                "a jurisdiction_id is required, but no jurisdiction is named; expected jurisdictions");
    if (raw->key_required && !raw->keys_count)
        problem(loader, spot_key(spot, "key_required"),
                "a key is required, but nobody has one; expected keys: [{name: …}]");
}
