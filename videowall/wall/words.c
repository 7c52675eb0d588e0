#include "videowall/wall/words.h"

#include <stdio.h>
#include <string.h>

#define WALL_WORD_TEXTS(name, zh, en) { zh, en },
static const char *const texts[][2] = { WALL_WORDS(WALL_WORD_TEXTS) };

bool words_are_english(const char *language)
{
    return language && strncmp(language, "en", 2) == 0;
}

const char *wall_word(bool english, enum wall_word word)
{
    return texts[word][english];
}

static const struct {
    enum wall_word word;
    int64_t unit_ms, up_to_ms;
} ages[] = {
    { WORD_SECONDS_AGO, 1000, 120 * 1000 },
    { WORD_MINUTES_AGO, 60 * 1000, 120 * 60 * 1000 },
    { WORD_HOURS_AGO, 3600 * 1000, INT64_MAX },
};

void wall_age(char *out, size_t size, bool english, int64_t age_ms)
{
    size_t i = 0;
    while (age_ms >= ages[i].up_to_ms)
        i++;
    snprintf(out, size, wall_word(english, ages[i].word), (long long)(age_ms > 0 ? age_ms / ages[i].unit_ms : 0));
}
