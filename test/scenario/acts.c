/* What happens in a scenario beside what people send (inputs.c): books, time, restarts, crashes. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/timestamp.h"
#include "proto/book/zone.h"
#include "test/scenario/play.h"
#include "test/unit/dispatcher/book_copy.h"

bool play_fail(struct play *play, const char *format, ...)
{
    char text[1000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buffer_text(&play->problem, text);
    return false;
}

int64_t play_seq(struct play *play, const char *name)
{
    for (int i = 0; i < play->name_count; i++)
        if (strcmp(play->names[i].name, name) == 0)
            return play->names[i].seq;
    play_fail(play, "no report is called '%s'", name);
    return 0;
}

bool play_case(struct play *play, const char *name, struct case_file *record)
{
    if (town_numbered(&play->town, name, record))
        return true;
    int64_t seq = play_seq(play, name);
    return seq && (town_case(&play->town, seq, record) || play_fail(play, "'%s' has no case", name));
}

bool play_moment(struct play *play, struct words *words, int64_t *at_ms)
{
    char text[64];
    int64_t local_ms;
    const char *day = words_take(words);
    snprintf(text, sizeof text, "%s %s", day, words_take(words));
    if (timestamp_parse(text, 0, &local_ms) < 0)
        return play_fail(play, "'%s' is no moment; expected one such as 2026-01-05 09:00:00", text);
    *at_ms = zone_from_local_ms(play->town.book->zone, local_ms);
    return true;
}

bool play_number(struct play *play, const char *word, int64_t *number)
{
    char *end;
    *number = strtoll(word, &end, 10);
    return (*word && !*end) || play_fail(play, "'%s' is no number", word);
}

bool play_of_town(struct play *play, bool done)
{
    return done || play_fail(play, "%s", play->town.fault.text);
}

/* ---- the book ---- */

/* The tests' own, else one of the examples. */
static bool act_book(struct play *play, struct words *words)
{
    const char *name = words_take(words), *folders[] = { "test/scenario/books", "examples" };
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(play->book_folder, sizeof play->book_folder, "%s/%s/%s", play->root, folders[i], name);
        if (access(play->book_folder, R_OK) == 0)
            return true;
    }
    return play_fail(play, "no book is called '%s'", name);
}

static bool copy_book(struct play *play)
{
    if (!book_copy_make(play->book_folder, play->book_copy))
        return false;
    snprintf(play->book_folder, sizeof play->book_folder, "%s", play->book_copy);
    return true;
}

/* change FILE "TEXT" "OTHER": the book, before the scenario begins or for the next restart. */
static bool act_change(struct play *play, struct words *words)
{
    const char *name = words_take(words), *before = words_take(words);
    char *after = (char *)words_take(words);
    for (char *mark; (mark = strstr(after, "\\n"));)
        memcpy(mark, " \n", 2); /* a further line, as it is written in the scenario */
    if (!*play->book_copy && !copy_book(play))
        return play_fail(play, "no copy of the book in %s", play->book_folder);
    play->book_changed = play->open;
    return book_copy_change(play->book_folder, name, before, after) ||
           play_fail(play, "%s has no \"%s\"", name, before);
}

/* ---- time ---- */

static bool open_town(struct play *play, struct words *words)
{
    struct words again = *words;
    int64_t at_ms;
    play->open = true; /* also after a failure: so that it is closed */
    if (!*play->book_folder)
        return play_fail(play, "'book' comes first");
    if (!town_open(&play->town, play->book_folder, 0))
        return play_fail(play, "%s", play->town.fault.text);
    if (!play_moment(play, &again, &at_ms))
        return false;
    play->town.now_ms = at_ms;
    return true;
}

static bool act_at(struct play *play, struct words *words)
{
    int64_t at_ms;
    if (!play->open && !open_town(play, words))
        return false;
    return play_moment(play, words, &at_ms) && play_of_town(play, town_wait_until(&play->town, at_ms));
}

static bool act_restart(struct play *play, struct words *words)
{
    (void)words;
    bool with_book = play->book_changed;
    play->book_changed = false;
    return play_of_town(play,
                        with_book ? town_restart_with(&play->town, play->book_folder) : town_restart(&play->town));
}

/* crash before commit | before answer: what the next input meets */
static bool act_crash(struct play *play, struct words *words)
{
    words_take_if(words, "before");
    const char *what = words_take(words);
    if (strcmp(what, "commit") != 0 && strcmp(what, "answer") != 0)
        return play_fail(play, "expected: crash before commit, or: crash before answer");
    play->town.crash = *what == 'c' ? TOWN_BEFORE_COMMIT : TOWN_BEFORE_ANSWER;
    return true;
}

/* ---- all of them ---- */

static const struct {
    const char *word;
    bool (*act)(struct play *play, struct words *words);
    bool any_time; /* also before the first "at" */
} acts[] = {
    { "book", act_book, true },        { "change", act_change, true }, { "at", act_at, true },
    { "restart", act_restart, false }, { "crash", act_crash, false },
};

bool play_act(struct play *play, struct words *words)
{
    const char *word = words_take(words);
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (strcmp(word, acts[i].word) == 0)
            return (play->open || acts[i].any_time) ? acts[i].act(play, words)
                                                    : play_fail(play, "'at' comes before '%s'", word);
    return play->open ? play_input(play, word, words) : play_fail(play, "nobody knows how to '%s'", word);
}
