/* One YAML file of a book: its bytes, and its tree with the position of every node. Inside proto/book only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yaml.h>

#include "proto/base/buffer.h"

struct source {
    const char *name; /* inside the book: "services.yaml" */
    struct buffer bytes;
    yaml_document_t document;
    bool has_document;
};

void source_finish(struct source *source); /* safe on a zeroed struct */

/* A node of a source: what an error points at. */
struct spot {
    const struct source *source;
    const yaml_node_t *node; /* NULL: the file as a whole */
};

struct spot spot_root(const struct source *source);
/* The value of a key, or the entry of a list; where it is not there, the spot itself, so that an error has a place. */
struct spot spot_key(struct spot spot, const char *key);
struct spot spot_item(struct spot spot, size_t index);
/* spot_item(spot_key(spot, key), index): "departments[3]" */
struct spot spot_entry(struct spot spot, const char *key, size_t index);
/* The key and value of a mapping's pair, false after the last one. */
bool spot_pair(struct spot spot, size_t index, struct spot *key, struct spot *value);
bool spot_has(struct spot spot, const char *key);
/* The text of a scalar; "" for anything else. */
const char *spot_text(struct spot spot);
int64_t spot_int(struct spot spot); /* of what the lint has found to be a whole number */
/* From 1; 0 where there is no node. */
size_t spot_line(struct spot spot);
size_t spot_column(struct spot spot);
