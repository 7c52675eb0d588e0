#include "proto/book/source.h"

#include <stdlib.h>
#include <string.h>

static yaml_node_t *node_at(const struct source *source, int id)
{
    return yaml_document_get_node((yaml_document_t *)&source->document, id);
}

void source_finish(struct source *source)
{
    if (source->has_document)
        yaml_document_delete(&source->document);
    buffer_finish(&source->bytes);
}

struct spot spot_root(const struct source *source)
{
    return (struct spot){ source, source->has_document ? node_at(source, 1) : NULL };
}

bool spot_pair(struct spot spot, size_t index, struct spot *key, struct spot *value)
{
    if (!spot.node || spot.node->type != YAML_MAPPING_NODE)
        return false;
    const yaml_node_pair_t *pair = spot.node->data.mapping.pairs.start + index;
    if (pair >= spot.node->data.mapping.pairs.top)
        return false;
    *key = (struct spot){ spot.source, node_at(spot.source, pair->key) };
    *value = (struct spot){ spot.source, node_at(spot.source, pair->value) };
    return true;
}

struct spot spot_key(struct spot spot, const char *key)
{
    struct spot name, value;
    for (size_t i = 0; spot_pair(spot, i, &name, &value); i++)
        if (strcmp(spot_text(name), key) == 0)
            return value;
    return spot;
}

bool spot_has(struct spot spot, const char *key)
{
    return spot_key(spot, key).node != spot.node;
}

struct spot spot_item(struct spot spot, size_t index)
{
    if (!spot.node || spot.node->type != YAML_SEQUENCE_NODE)
        return spot;
    const yaml_node_item_t *item = spot.node->data.sequence.items.start + index;
    if (item >= spot.node->data.sequence.items.top)
        return spot;
    return (struct spot){ spot.source, node_at(spot.source, *item) };
}

struct spot spot_entry(struct spot spot, const char *key, size_t index)
{
    return spot_item(spot_key(spot, key), index);
}

const char *spot_text(struct spot spot)
{
    return spot.node && spot.node->type == YAML_SCALAR_NODE ? (const char *)spot.node->data.scalar.value : "";
}

int64_t spot_int(struct spot spot)
{
    return strtoll(spot_text(spot), NULL, 10);
}

size_t spot_line(struct spot spot)
{
    return spot.node ? spot.node->start_mark.line + 1 : 0;
}

size_t spot_column(struct spot spot)
{
    return spot.node ? spot.node->start_mark.column + 1 : 0;
}
