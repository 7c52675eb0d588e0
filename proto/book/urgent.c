#include "proto/book/urgent.h"

#include <ctype.h>
#include <string.h>

#include "proto/book/schema.h"

enum { WORD_BYTES = 64 };

#define RAW struct raw_urgent
#define URGENT_FIELD(key, language) RAW_LIST_OPTIONAL(key, &schema_text),
const cyaml_schema_field_t urgent_fields[] = { RAW_INT_OR_DEFAULT(priority),
                                               URGENT_LISTS(URGENT_FIELD) CYAML_FIELD_END };
#undef RAW

static struct book_words take_words(struct loader *loader, struct spot spot, const char *key, char *const *texts,
                                    size_t count)
{
    const char **words = loader_array(loader, count, sizeof *words);
    for (size_t i = 0; i < count; i++) {
        words[i] = loader_text(loader, texts[i]);
        size_t length = strlen(words[i]);
        if (strspn(words[i], " ") == length || length > WORD_BYTES)
            problem(loader, spot_entry(spot, key, i), "'%s' is no word to look for; expected 1 to %d bytes", words[i],
                    WORD_BYTES);
    }
    return (struct book_words){ words, count };
}

static bool is_same(int byte, uint8_t of_word)
{
    return tolower(byte) == tolower(of_word);
}

/* Hardly any two bytes of a text begin one of the words. After a word of a single byte anything may stand. */
static void note_beginning(struct book_urgent *urgent, const char *word, uint8_t language)
{
    uint8_t first = (uint8_t)word[0], second = (uint8_t)word[1];
    for (int i = 0; i <= UINT8_MAX; i++)
        for (int j = 0; j <= UINT8_MAX && is_same(i, first); j++)
            if (!second || is_same(j, second))
                urgent->begun_by[i][j] |= language;
}

static void note_beginnings(struct book_urgent *urgent)
{
    for (size_t language = 0; language < TEXT_LANGUAGE_COUNT; language++)
        for (size_t i = 0; i < urgent->words[language].count; i++)
            note_beginning(urgent, urgent->words[language].items[i], (uint8_t)(1 << language));
}

void urgent_take(struct loader *loader, struct spot spot, const struct raw_urgent *raw)
{
    static const struct raw_urgent none;
    struct book_urgent *urgent = &loader->book->urgent;
    if (!raw)
        raw = &none;
    urgent->priority = loader_number(loader, spot, "priority", 1, 1, 5);
#define URGENT_TAKE(key, language) urgent->words[language] = take_words(loader, spot, #key, raw->key, raw->key##_count);
    URGENT_LISTS(URGENT_TAKE)
#undef URGENT_TAKE
    note_beginnings(urgent);
}
