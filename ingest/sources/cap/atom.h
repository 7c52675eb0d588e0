/* Atom feeds (RFC 4287) of alerts: an index whose entries link to them, or hold them. */
#pragma once

#include <stdbool.h>

#include "ingest/sources/xml_tree.h"

struct atom_entry {
    const char *id, *updated;
    const char *link;                /* where the alert is, as the feed has it; "" */
    const struct xml_element *alert; /* or itself, inside of the entry's content; NULL */
};

struct atom {
    const struct atom_entry *entries;
    size_t count;
};

enum { ATOM_ENTRIES_MAX = 2000 };

/* Is it a feed, by name and namespace? */
bool atom_is_feed(const struct xml_element *root);
/* Its entries in the order of the feed; -EINVAL, -EMSGSIZE: an entry without id, or too many. */
int atom_read(const struct xml_element *root, struct arena *arena, struct atom *atom, struct fault *fault);
