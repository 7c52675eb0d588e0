#include "ingest/sources/cap/atom.h"

#include <string.h>

#include "ingest/sources/cap/alert.h"

bool atom_is_feed(const struct xml_element *root)
{
    return strcmp(root->name, "feed") == 0 && strcmp(root->space, "http://www.w3.org/2005/Atom") == 0;
}

/* The link that says it leads to an alert, else the first that does not lead elsewhere (RFC 4287, 4.2.7.2: none says "alternate"). */
static const char *find_link(const struct xml_element *entry)
{
    const char *found = "";
    for (const struct xml_element *at = xml_child(entry, "link"); at; at = xml_next(at->next, "link")) {
        const char *href = xml_attribute(at, "href"), *type = xml_attribute(at, "type"),
                   *rel = xml_attribute(at, "rel");
        if (!href)
            continue;
        if (type && strcmp(type, "application/cap+xml") == 0)
            return href;
        bool leads_there = (!rel || strcmp(rel, "alternate") == 0) && (!type || strstr(type, "xml"));
        if (leads_there && !*found)
            found = href;
    }
    return found;
}

int atom_read(const struct xml_element *root, struct arena *arena, struct atom *atom, struct fault *fault)
{
    size_t count = 0;
    for (const struct xml_element *at = xml_child(root, "entry"); at; at = xml_next(at->next, "entry"))
        count++;
    if (count > ATOM_ENTRIES_MAX)
        return fault_set(fault, -EMSGSIZE, "%zu entries, at most %d", count, ATOM_ENTRIES_MAX);
    struct atom_entry *entries = arena_array(arena, count + 1, sizeof *entries);
    *atom = (struct atom){ .entries = entries };
    for (const struct xml_element *at = xml_child(root, "entry"); at; at = xml_next(at->next, "entry")) {
        const struct xml_element *content = xml_child(at, "content");
        struct atom_entry *entry = &entries[atom->count++];
        *entry = (struct atom_entry){ .id = xml_child_text(at, "id"),
                                      .updated = xml_child_text(at, "updated"),
                                      .link = find_link(at) };
        if (content && content->first && cap_is_alert(content->first))
            entry->alert = content->first;
        if (!*entry->id || (!*entry->link && !entry->alert))
            return fault_set(fault, -EINVAL, "line %zu: an entry without id, or without link and alert", at->line);
    }
    return 0;
}
