#include "dispatcher/shelf.h"

#include <dirent.h>
#include <string.h>

int shelf_load(struct shelf *shelf, const struct book *now, const char *folder, struct fault *fault)
{
    *shelf = (struct shelf){ .now = now };
    DIR *dir = folder ? opendir(folder) : NULL;
    if (!folder)
        return 0;
    if (!dir)
        return fault_set(fault, -errno, "%s: %s", folder, strerror(errno));
    struct buffer path = { 0 };
    int result = 0;
    for (struct dirent *entry; !result && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        if (shelf->count == SHELF_OLDER_MAX) {
            result = fault_set(fault, -E2BIG, "%s: more than %d books: name a folder of those that the journal names",
                               folder, SHELF_OLDER_MAX);
            break;
        }
        buffer_clear(&path);
        buffer_format(&path, "%s/%s", folder, entry->d_name);
        result = book_load(buffer_string(&path), &shelf->older[shelf->count], NULL, NULL, fault);
        shelf->count += !result;
    }
    buffer_finish(&path);
    closedir(dir);
    return result;
}

void shelf_finish(struct shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++)
        book_destroy(shelf->older[i]);
    *shelf = (struct shelf){ 0 };
}

static const struct book *find(void *context, const struct hash *hash)
{
    const struct shelf *shelf = context;
    if (hash_equal(&shelf->now->hash, hash))
        return shelf->now;
    for (size_t i = 0; i < shelf->count; i++)
        if (hash_equal(&shelf->older[i]->hash, hash))
            return shelf->older[i];
    return NULL;
}

struct replay_books shelf_books(const struct shelf *shelf)
{
    return (struct replay_books){ find, (void *)shelf };
}
