#include "ingest/sources/chat/words.h"

#include <stdarg.h>
#include <string.h>

#include "proto/base/buffer.h"

static const char *const words[][2] = {
#define CHAT_WORD_ROW(word, zh, en) [TALK_##word] = { zh, en },
    CHAT_WORDS(CHAT_WORD_ROW)
#undef CHAT_WORD_ROW
};

const char *chat_say(bool english, struct arena *arena, enum chat_word word, ...)
{
    struct buffer out = { 0 };
    const char *text = words[word][english];
    va_list values;
    va_start(values, word);
    for (const char *hole = strstr(text, "%s"); hole; hole = strstr(text, "%s")) {
        buffer_append(&out, text, (size_t)(hole - text));
        buffer_text(&out, va_arg(values, const char *));
        text = hole + 2;
    }
    va_end(values);
    buffer_text(&out, text);
    const char *said = arena_text(arena, (const char *)out.bytes, out.size);
    buffer_finish(&out);
    return said;
}
