#include "ingest/sources/cap/item.h"

#include <string.h>

#include "ingest/sources/cap/alert.h"
#include "ingest/sources/cap/atom.h"
#include "ingest/sources/cap/folder.h"
#include "proto/client/http.h"

/* May an entry of this host be asked for? The feed's own, or one that the book names (with or without a port). */
static bool is_allowed(const struct book_feed *feed, const char *host)
{
    struct buffer url = { 0 }, own = { 0 };
    bool allowed = http_resolve(feed->url, "", &url, &own, NULL) == 0 && strcmp(buffer_string(&own), host) == 0;
    for (size_t i = 0; i < feed->host_count; i++) {
        size_t length = strlen(feed->hosts[i]);
        allowed |= strncmp(host, feed->hosts[i], length) == 0 && (host[length] == ':' || !host[length]);
    }
    buffer_finish(&url);
    buffer_finish(&own);
    return allowed;
}

/* The entry's address in item->from. */
static int find_address(const struct book_feed *feed, const struct atom_entry *entry, struct arena *arena,
                        struct item *item, struct fault *fault)
{
    struct buffer url = { 0 }, host = { 0 };
    int result = http_resolve(feed->url, entry->link, &url, &host, fault);
    if (!result)
        item->from = arena_text(arena, buffer_string(&url), url.size);
    if (!result && !is_allowed(feed, buffer_string(&host)))
        result = fault_set(fault, -EPERM, "its host %s is neither the feed's own nor named in `hosts`",
                           buffer_string(&host));
    buffer_finish(&url);
    buffer_finish(&host);
    return result;
}

static void take_entry(const struct book_feed *feed, const struct atom_entry *entry, struct arena *arena,
                       struct item_list *list)
{
    struct item *item = &list->items[list->count];
    struct fault fault = { "" };
    *item = (struct item){
        .version = hash_of_two(entry->id, strlen(entry->id) + 1, entry->updated, strlen(entry->updated)),
        .from = entry->id,
        .alert = entry->alert,
    };
    if (entry->alert || find_address(feed, entry, arena, item, &fault) == 0) {
        list->count++;
        return;
    }
    list->left_out = item->from;
    list->reason = arena_text(arena, fault.text, strlen(fault.text));
}

int item_list_of_index(const struct book_feed *feed, struct bytes body, struct arena *arena, struct item_list *list,
                       struct fault *fault)
{
    struct xml_element *root;
    struct atom atom;
    *list = (struct item_list){ .items = NULL };
    int result = xml_parse(body, arena, &root, fault);
    if (result < 0)
        return result;
    if (cap_is_alert(root)) { /* no index: the alert itself */
        list->items = arena_alloc(arena, sizeof *list->items);
        list->items[list->count++] =
            (struct item){ .version = hash_of(body.data, body.size), .from = feed->url, .alert = root };
        return 0;
    }
    if (!atom_is_feed(root))
        return fault_set(fault, -EINVAL, "<%s> of '%s'; expected an Atom feed or an alert", root->name, root->space);
    result = atom_read(root, arena, &atom, fault);
    if (result < 0)
        return result;
    list->items = arena_array(arena, atom.count + 1, sizeof *list->items);
    for (size_t i = atom.count; i-- > 0;) /* publishers have the newest in front */
        take_entry(feed, &atom.entries[i], arena, list);
    return 0;
}

int item_list_of_folder(const struct book_feed *feed, struct arena *arena, struct item_list *list, struct fault *fault)
{
    struct folder_file *files;
    size_t count;
    *list = (struct item_list){ .items = NULL };
    int result = folder_list(feed->folder, arena, &files, &count, fault);
    if (result < 0)
        return result;
    list->items = arena_array(arena, count + 1, sizeof *list->items);
    for (; list->count < count; list->count++) {
        const struct folder_file *file = &files[list->count];
        list->items[list->count] =
            (struct item){ .version = hash_of(file->version, strlen(file->version)), .from = file->path };
    }
    return 0;
}
