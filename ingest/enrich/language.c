#include "ingest/enrich/language.h"

#include <string.h>
#include <strings.h>

#include "proto/base/metrics.h"

static struct metric urgent = METRIC_COUNTER("drumtower_ingest_urgent_total", "Reports that say an urgent word of the "
                                                                              "book.");
static struct metric written[] = {
    [LANGUAGE_NONE] = METRIC_COUNTER("drumtower_ingest_written_total{language=\"none\"}", "Reports by the language "
                                                                                          "that they are written in."),
    [LANGUAGE_ZH] = METRIC_COUNTER("drumtower_ingest_written_total{language=\"zh\"}", "Reports by the language that "
                                                                                      "they are written in."),
    [LANGUAGE_EN] = METRIC_COUNTER("drumtower_ingest_written_total{language=\"en\"}", "Reports by the language that "
                                                                                      "they are written in."),
    [LANGUAGE_OTHER] = METRIC_COUNTER("drumtower_ingest_written_total{language=\"other\"}", "Reports by the language "
                                                                                            "that they are written "
                                                                                            "in."),
};

/* ---- scripts ---- */

enum script { SCRIPT_NONE, SCRIPT_HAN, SCRIPT_LATIN, SCRIPT_LATIN_MARKED, SCRIPT_EAST, SCRIPT_FOREIGN, SCRIPT_COUNT };

/* Unicode's blocks (Blocks.txt) as far as they hold letters, in their order; what is in none of the rows is no letter. */
static const struct {
    uint32_t first, last;
    enum script script;
} blocks[] = {
    { 'A', 'Z', SCRIPT_LATIN },
    { 'a', 'z', SCRIPT_LATIN },
    { 0xc0, 0x24f, SCRIPT_LATIN_MARKED },
    { 0x370, 0x10ff, SCRIPT_FOREIGN },  /* Greek to Georgian */
    { 0x1100, 0x11ff, SCRIPT_EAST },    /* Hangul, as parts */
    { 0x1200, 0x1dff, SCRIPT_FOREIGN }, /* Ethiopic to the phonetic extensions */
    { 0x1e00, 0x1eff, SCRIPT_LATIN_MARKED },
    { 0x1f00, 0x1fff, SCRIPT_FOREIGN }, /* Greek */
    { 0x2c00, 0x2dff, SCRIPT_FOREIGN },
    { 0x3041, 0x30ff, SCRIPT_EAST }, /* kana */
    { 0x3400, 0x4dbf, SCRIPT_HAN },
    { 0x4e00, 0x9fff, SCRIPT_HAN },
    { 0xa000, 0xabff, SCRIPT_FOREIGN },
    { 0xac00, 0xd7af, SCRIPT_EAST }, /* Hangul */
    { 0xf900, 0xfaff, SCRIPT_HAN },
    { 0xfb1d, 0xfdff, SCRIPT_FOREIGN }, /* Hebrew and Arabic forms */
    { 0xfe70, 0xfefe, SCRIPT_FOREIGN },
    { 0xff21, 0xff3a, SCRIPT_LATIN },
    { 0xff41, 0xff5a, SCRIPT_LATIN },
    { 0xff66, 0xff9d, SCRIPT_EAST }, /* kana of half width */
    { 0x20000, 0x3ffff, SCRIPT_HAN },
};

static enum script script_of(uint32_t letter)
{
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks && letter >= blocks[i].first; i++)
        if (letter <= blocks[i].last)
            return blocks[i].script;
    return SCRIPT_NONE;
}

/* The letter at `*at`, of which it is known that it is UTF-8. */
static uint32_t next_letter(const char **at)
{
    const uint8_t *bytes = (const uint8_t *)*at;
    size_t size = bytes[0] < 0x80 ? 1 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
    uint32_t letter = size == 1 ? bytes[0] : bytes[0] & (0xffu >> (size + 1));
    for (size_t i = 1; i < size; i++)
        letter = letter << 6 | (bytes[i] & 0x3f);
    *at += size;
    return letter;
}

static bool is_plain_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Of the letter at `*at`; most are plain, or of U+5000 to U+9FFF. */
static enum script next_script(const char **at)
{
    uint8_t byte = (uint8_t) * *at;
    if (byte >= 0xe5 && byte <= 0xe9) {
        *at += 3;
        return SCRIPT_HAN;
    }
    if (byte >= 0x80)
        return script_of(next_letter(at));
    return is_plain_letter(*(*at)++) ? SCRIPT_LATIN : SCRIPT_NONE;
}

/* Of these every sign counts, of the others every word. */
static bool counts_by_sign(enum script script)
{
    return script == SCRIPT_HAN || script == SCRIPT_EAST;
}

static bool is_latin(enum script script)
{
    return script == SCRIPT_LATIN || script == SCRIPT_LATIN_MARKED;
}

/* A word is Latin until one of its letters has a mark. */
static void count(const char *text, int64_t counts[SCRIPT_COUNT])
{
    enum script word = SCRIPT_NONE;
    while (*text) {
        enum script script = next_script(&text);
        if (counts_by_sign(script) || (script && script != word && !(is_latin(script) && is_latin(word))))
            counts[script]++;
        if (word == SCRIPT_LATIN && script == SCRIPT_LATIN_MARKED) {
            counts[SCRIPT_LATIN]--;
            counts[SCRIPT_LATIN_MARKED]++;
        }
        bool is_same_word = word == SCRIPT_LATIN_MARKED && script == SCRIPT_LATIN;
        word = is_same_word ? word : script;
    }
}

enum text_language language_of(const char *text)
{
    int64_t counts[SCRIPT_COUNT] = { 0 };
    count(text, counts);
    int64_t han = counts[SCRIPT_HAN], east = counts[SCRIPT_EAST], foreign = counts[SCRIPT_FOREIGN];
    int64_t marked = counts[SCRIPT_LATIN_MARKED], latin = counts[SCRIPT_LATIN] + marked;
    if (han + east + foreign + latin == 0)
        return LANGUAGE_NONE;
    if (east && east * 10 >= han + east)
        return LANGUAGE_OTHER;
    if (han && han >= latin + foreign)
        return LANGUAGE_ZH;
    return latin > foreign && marked * 10 < latin ? LANGUAGE_EN : LANGUAGE_OTHER;
}

/* ---- urgent words ---- */

/* Does the byte go on with a letter, as UTF-8 has it? */
static bool goes_on(char byte)
{
    return ((uint8_t)byte & 0xc0) == 0x80;
}

static bool is_letter_before(const char *text, const char *at)
{
    while (at > text && goes_on(*--at))
        ;
    return next_script(&at) != SCRIPT_NONE;
}

static bool is_letter_at(const char *at)
{
    return *at && next_script(&at) != SCRIPT_NONE;
}

/* The words of zh stand anywhere, all others alone. */
enum { ANYWHERE = 1 << LANGUAGE_ZH };

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool stands_at(const char *at, const char *word, bool anywhere)
{
    if (small(*at) != small(*word))
        return false;
    size_t length = strlen(word);
    return anywhere ? strncmp(at, word, length) == 0 : strncasecmp(at, word, length) == 0 && !is_letter_at(at + length);
}

/* Of the languages whose bit is set. */
static const char *word_at(const struct book *book, const char *at, unsigned languages)
{
    for (unsigned language = 0; languages >> language; language++) {
        const struct book_words *words = &book->urgent.words[language];
        for (size_t i = 0; languages >> language & 1 && i < words->count; i++)
            if (stands_at(at, words->items[i], ANYWHERE >> language & 1))
                return words->items[i];
    }
    return NULL;
}

const char *urgent_word_in(const struct book *book, const char *text)
{
    for (const char *at = text; *at; at++) {
        if (goes_on(*at))
            continue;
        unsigned languages = book->urgent.begun_by[(uint8_t)at[0]][(uint8_t)at[1]];
        if (languages & ~ANYWHERE && at > text && is_letter_before(text, at))
            languages &= ANYWHERE;
        const char *word = languages ? word_at(book, at, languages) : NULL;
        if (word)
            return word;
    }
    return NULL;
}

/* ---- what becomes of them ---- */

static bool is_written_by_people(const struct event *event)
{
    return event->kind == EVENT_REPORT || event->kind == EVENT_PATROL || event->kind == EVENT_FOLLOW_UP;
}

static void raise(const struct book *book, struct event *event)
{
    const struct book_service *service = event->service && *event->service ? book_service(book, event->service) : NULL;
    const struct book_condition *condition = service ? book_condition(service, event->condition) : NULL;
    int64_t own = event->priority ? event->priority : service ? book_priority(service, condition) : 0;
    event->urgent = true;
    if (!own || book->urgent.priority < own)
        event->priority = book->urgent.priority;
    metric_add(&urgent, 1);
}

void language_mark(const struct book *book, struct event *event)
{
    if (!is_written_by_people(event))
        return;
    const char *title = event->title ? event->title : "", *text = event->text ? event->text : "";
    event->written = language_of(*text ? text : title);
    metric_add(&written[event->written], 1);
    bool apart = strncmp(text, title, strlen(title)) != 0; /* it is the beginning of the text else */
    if ((apart && urgent_word_in(book, title)) || urgent_word_in(book, text))
        raise(book, event);
}
