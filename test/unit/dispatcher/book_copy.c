#include "test/unit/dispatcher/book_copy.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "test/unit/dispatcher/town.h"

static bool read_text(const char *path, struct buffer *text)
{
    char bytes[4096];
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    for (size_t got; (got = fread(bytes, 1, sizeof bytes, file)) > 0;)
        buffer_append(text, bytes, got);
    return fclose(file) == 0;
}

static bool write_text(const char *path, struct bytes text)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return false;
    bool written = fwrite(text.data, 1, text.size, file) == text.size;
    return fclose(file) == 0 && written;
}

static bool copy_file(const char *folder, const char *copy, const char *name)
{
    char from[PATH_MAX], to[PATH_MAX];
    struct buffer text = { 0 };
    snprintf(from, sizeof from, "%s/%s", folder, name);
    snprintf(to, sizeof to, "%s/%s", copy, name);
    bool copied = read_text(from, &text) && write_text(to, buffer_view(&text));
    buffer_finish(&text);
    return copied;
}

bool book_copy_make(const char *folder, char out[64])
{
    DIR *dir = opendir(folder);
    bool copied = dir && town_make_folder(out, "book");
    for (struct dirent *entry; copied && (entry = readdir(dir));)
        if (entry->d_name[0] != '.')
            copied = copy_file(folder, out, entry->d_name);
    if (dir)
        closedir(dir);
    return copied;
}

bool book_copy_change(const char *copy, const char *file, const char *before, const char *after)
{
    char path[PATH_MAX];
    struct buffer text = { 0 }, changed = { 0 };
    snprintf(path, sizeof path, "%s/%s", copy, file);
    const char *at = read_text(path, &text) ? strstr(buffer_string(&text), before) : NULL;
    if (at) {
        buffer_append(&changed, text.bytes, (size_t)(at - (const char *)text.bytes));
        buffer_text(&changed, after);
        buffer_text(&changed, at + strlen(before));
    }
    bool done = at && write_text(path, buffer_view(&changed));
    buffer_finish(&text);
    buffer_finish(&changed);
    return done;
}
