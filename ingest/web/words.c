#include "ingest/web/words.h"

static const char *const words[][2] = {
#define WORD_ROW(word, zh, en) [WORD_##word] = { zh, en },
    WORDS(WORD_ROW)
#undef WORD_ROW
};

const char *word(enum page_language language, enum word name)
{
    return words[name][language];
}
