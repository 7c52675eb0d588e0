#include "proto/book/template.h"

#include <string.h>

#include "proto/base/buffer.h"

/* The next piece from *text on, which moves behind it; NULL: a brace that does not end, or nothing in it. */
static const char *next_piece(const char **text, struct arena *arena, bool *is_name)
{
    const char *at = *text;
    *is_name = *at == '{' && at[1] != '{';
    if (!*is_name) {
        size_t length = strcspn(at + (*at == '{' ? 2 : 0), "{") + (*at == '{' ? 2 : 0);
        *text = at + length;
        return *at == '{' ? arena_text(arena, at + 1, length - 1) : arena_text(arena, at, length);
    }
    size_t length = strcspn(at + 1, "{}");
    if (length == 0 || at[1 + length] != '}')
        return NULL;
    *text = at + length + 2;
    return arena_text(arena, at + 1, length);
}

bool template_parse(const char *text, struct arena *arena, struct book_template *out)
{
    struct book_piece *pieces = arena_array(arena, strlen(text) + 1, sizeof *pieces);
    *out = (struct book_template){ .pieces = pieces };
    while (*text) {
        struct book_piece *piece = &pieces[out->count];
        piece->text = next_piece(&text, arena, &piece->is_name);
        if (!piece->text)
            return false;
        out->count++;
    }
    return true;
}

const char *template_fill(const struct book_template *filled, const char *(*value)(void *context, const char *name),
                          void *context, struct arena *arena)
{
    struct buffer text = { 0 };
    for (size_t i = 0; i < filled->count; i++) {
        const struct book_piece *piece = &filled->pieces[i];
        const char *words = piece->is_name ? value(context, piece->text) : piece->text;
        if (words)
            buffer_text(&text, words);
    }
    const char *kept = arena_text(arena, buffer_string(&text), text.size);
    buffer_finish(&text);
    return kept;
}
