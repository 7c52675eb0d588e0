/* A line of a scenario as words: separated by blanks, "quoted" ones may hold blanks, # ends the line. */
#pragma once

#include <stdbool.h>

enum { WORDS_MAX = 64 };

struct words {
    char *word[WORDS_MAX + 1]; /* ends with NULL */
    int count;
    int next; /* the first one not yet taken */
};

/* Cuts the line up in place. False: a quote is not closed, or there are too many words. */
bool words_split(struct words *words, char *line);
/* The next word, or "" at the end. */
const char *words_take(struct words *words);
/* Takes the next word if it is this one. */
bool words_take_if(struct words *words, const char *word);
