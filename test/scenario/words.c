#include "test/scenario/words.h"

#include <string.h>

bool words_split(struct words *words, char *line)
{
    *words = (struct words){ 0 };
    for (char *at = line;;) {
        at += strspn(at, " \t\n");
        if (!*at || *at == '#')
            return true;
        if (words->count == WORDS_MAX)
            return false;
        bool quoted = *at == '"';
        char *word = at + quoted;
        char *end = quoted ? strchr(word, '"') : word + strcspn(word, " \t\n");
        if (!end)
            return false;
        at = *end ? end + 1 : end;
        *end = 0;
        words->word[words->count++] = word;
    }
}

const char *words_take(struct words *words)
{
    return words->next < words->count ? words->word[words->next++] : "";
}

bool words_take_if(struct words *words, const char *word)
{
    if (words->next >= words->count || strcmp(words->word[words->next], word) != 0)
        return false;
    words->next++;
    return true;
}
