/* Speech: days in a town in which everybody says something that nobody else says, with every verb of the lifecycle that a person has. Whoever
 * looks for words afterwards knows whose they are.
 */
#pragma once

#include "test/unit/dispatcher/town.h"
#include "test/unit/store/dice.h"

enum { SPEECH_INPUTS_MAX = 5000, SPEECH_VERBS = 64 };

struct speech {
    struct dice dice;
    struct town *town;
    int inputs;
    int said[SPEECH_VERBS]; /* how often with words */
    struct buffer problem;
};

/* Takes cases on all ways through the lifecycle; the book is that of test/unit/dispatcher/book. False: the problem says why. */
bool speech_tour(struct speech *speech);
/* A verb of the lifecycle that a person has, and with which nothing was said; VERB_NONE: there is none. */
enum verb speech_missing(const struct speech *speech);
/* Any input of anybody. */
bool speech_chat(struct speech *speech);

/* By its id: the receipts of a merged one lead to another. False: none. */
bool speech_case(struct speech *speech, int64_t id, struct case_file *record);

/* The words of an input begin with "words 000017."; -1 where the bytes have none. *bytes moves behind what was found. */
int speech_next_words(struct bytes *bytes);
