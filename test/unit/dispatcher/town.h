/* A town: book, store and turns in one test's process, without sockets. Each input is a turn of its own and passes as bytes, as it does
 * in the service; at the end the journal is replayed and the lists and counters are recounted.
 */
#pragma once

#include "dispatcher/replay.h"
#include "dispatcher/turn.h"

/* Where the next input's turn ends too early; the input is then given once more, as a door and the log would. */
enum town_crash {
    TOWN_NO_CRASH,
    TOWN_BEFORE_COMMIT, /* nothing of it may stay */
    TOWN_BEFORE_ANSWER, /* all of it must stay, once */
};

enum { TOWN_BOOKS = 4 };

struct town {
    char folder[64]; /* the data */
    struct book *book;
    struct book *books[TOWN_BOOKS]; /* all that it had, for the replay */
    size_t book_count;
    struct store *store;
    struct turn turn;
    struct arena arena; /* what town_*() gives lives until the town closes */
    struct buffer bytes;
    int64_t now_ms;
    int64_t last_seq, last_command;
    enum town_crash crash;
    struct answer answer; /* to the last command */
    uint64_t heard;       /* last notice before the last input */
    struct fault fault;
};

/* False: the fault says why. */
bool town_open(struct town *town, const char *book_folder, int64_t now_ms);
void town_close(struct town *town); /* removes the data */
/* The process ends and starts again. */
bool town_restart(struct town *town);
/* The same, with another book. */
bool town_restart_with(struct town *town, const char *book_folder);

/* The two halves of a restart: what lies in between finds the data closed. */
void town_stop(struct town *town);
bool town_start(struct town *town);

/* One turn of as many inputs as `take` gives to town->turn, at town->now_ms; the pulse comes last, as in the service. Without `commit` it ends
 * short of that, and nothing of it stays. take: 0, <0: the turn is not committed. */
bool town_turn(struct town *town, int (*take)(struct town *town, void *context), void *context, bool commit);

/* Lets time come to that moment, as the pulse would. */
bool town_wait_until(struct town *town, int64_t now_ms);
/* Fills seq, id and received_at_ms where they are 0. Returns the sequence number; 0: it failed. */
int64_t town_event(struct town *town, struct event event);
/* Fills an id where there is none. town->answer is the answer. */
bool town_command(struct town *town, struct command command);

/* The case that the event is a voice of; false: none. */
bool town_case(struct town *town, int64_t seq, struct case_file *record);
bool town_numbered(struct town *town, const char *number, struct case_file *record);
bool town_history(struct town *town, const struct case_file *record, struct step_list *steps);

/* Do lists and counters agree with the cases? Otherwise what differs, in `out`. */
bool town_recount(struct town *town, struct buffer *out);
/* Does a replay with turns of so many inputs give the same bytes? Otherwise what differs, in `out`. */
bool town_replay(struct town *town, size_t inputs, struct buffer *out);
/* Both, the replay in one turn and in one of an input each. 0: all agrees. */
int town_check(struct town *town, struct buffer *out);

/* Fixtures for cmocka: a town with the book that main() named, on Monday 2026-01-05 at nine. */
#define TOWN_MONDAY_NINE INT64_C(1767574800000)
void town_of_all_tests(const char *book_folder);
int town_set_up(void **state);
int town_tear_down(void **state);

/* A fresh folder, made from `name` and random letters; and its removal with all in it. */
bool town_make_folder(char out[64], const char *name);
void town_remove_folder(const char *folder);
