/* Play: a scenario under way. Each line either acts or expects; README.md here has the language. */
#pragma once

#include "test/scenario/words.h"
#include "test/unit/dispatcher/town.h"

enum { PLAY_NAMES = 256 };

struct play {
    const char *root; /* of the sources */
    char book_folder[512];
    char book_copy[64]; /* "" or a changed copy, to be removed */
    bool book_changed;  /* the next restart is with it */
    struct town town;
    bool open; /* from the first "at" on */
    struct {
        char name[32];
        int64_t seq;
    } names[PLAY_NAMES];
    int name_count;
    struct command command; /* the last one, for "again" */
    struct buffer problem;  /* why the line failed */
};

/* False: the line cannot be, or what it expects is not so; the problem says why. */
bool play_act(struct play *play, struct words *words);
bool play_expect(struct play *play, struct words *words);
/* Of these: what people send. `word` is the first one. */
bool play_input(struct play *play, const char *word, struct words *words);
/* Of these: what is expected of a case, a task. */
bool play_expect_case(struct play *play, struct words *words);
bool play_expect_task(struct play *play, struct words *words);

bool play_fail(struct play *play, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The report's sequence number; 0 and a problem: no such name. */
int64_t play_seq(struct play *play, const char *name);
/* By the name of one of its reports, or by its number. */
bool play_case(struct play *play, const char *name, struct case_file *record);
/* Takes a date and a time of day of the district. */
bool play_moment(struct play *play, struct words *words, int64_t *at_ms);
bool play_number(struct play *play, const char *word, int64_t *number);
/* Passes on what went wrong in the town. */
bool play_of_town(struct play *play, bool done);

/* True where they are the same; else the problem says what is. */
bool play_same_text(struct play *play, const char *what, const char *expected, const char *found);
/* Takes what is expected: a number; a moment, or `none`. */
bool play_same_number(struct play *play, const char *what, struct words *words, int64_t found);
bool play_same_moment(struct play *play, const char *what, struct words *words, int64_t found_ms);
