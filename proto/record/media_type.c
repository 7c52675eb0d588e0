#include "proto/record/media_type.h"

#include <stdbool.h>
#include <string.h>

static const struct magic {
    const char *type;
    struct mark {
        size_t at, size;
        const char *bytes;
    } marks[2];
} magics[] = {
    { "image/jpeg", { { 0, 3, "\xff\xd8\xff" } } },
    { "image/png", { { 0, 8, "\x89PNG\r\n\x1a\n" } } },
    { "image/webp", { { 0, 4, "RIFF" }, { 8, 4, "WEBP" } } },
    { "video/mp4", { { 4, 4, "ftyp" } } },
};

static bool has(struct bytes file, const struct mark *mark)
{
    return file.size >= mark->at + mark->size &&
           (!mark->size || memcmp(file.data + mark->at, mark->bytes, mark->size) == 0);
}

const char *media_type_of(struct bytes file)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (has(file, &magics[i].marks[0]) && has(file, &magics[i].marks[1]))
            return magics[i].type;
    return NULL;
}
