/* Person: one of the staff, between the live list that it hears (staff.c) and the hands that act (errand.c). */
#pragma once

#include <jansson.h>

#include "proto/base/crypto.h"
#include "proto/record/lifecycle.h"
#include "tools/citysim/city.h"
#include "tools/client/events.h"

enum { PERSON_RETRY_MS = 300 };

/* A case that a person has heard of and has not yet done with. */
struct job {
    char number[64];
    int64_t heard_mono_ms; /* 0: from the list at sign-in */
    bool delivered;        /* heard as a dispatch or assignment, on a handset */
    bool again;            /* heard of once more while it was being worked on */
    struct job *next;
};

/* A command on its way: the same id at every try. */
struct order {
    char id[33];
    char number[64];
    enum verb verb;
    struct buffer body;
    int tries;
    json_t *record;
};

struct person {
    struct staff *staff;
    const struct book_person *book;
    const char *door;
    char *token;
    struct event_reader reader;
    char topic[80];
    bool listening; /* the list was opened once: `list` is its place in the ledger */
    size_t list;
    struct http_stream *stream;
    struct loop_timer again; /* sign in, listen, try again */
    struct loop_timer think; /* the next look at the first job */
    struct job *jobs;        /* in the order of hearing; the first one is being worked on when `busy` */
    bool busy;
    struct order order;
    char photo_hash[HASH_HEX];
    size_t share, of; /* operators share the cases by their numbers */
};

struct staff {
    struct city *city;
    struct bytes photo;
    struct person *people;
    size_t count;
};

/* A call to the person's door with the person's session; `done` gets the person. The path is a format. */
void person_call(struct person *person, const char *method, const char *type, struct bytes body, http_done *done,
                 const char *path_format, ...) __attribute__((format(printf, 6, 7)));
/* No answer, or one that says "later". */
bool person_should_retry(int status);

/* ---- errand.c: from hearing of a case to having done with it ---- */

/* The case waits in line; what is in hand is looked at once more when it is done. */
struct job *errand_hear(struct person *person, const char *number);
/* Takes the first of the line, after a moment of thought, unless something is in hand. */
void errand_next(struct person *person);
void errand_finish(struct person *person);

/* ---- habits.c: what a person of a role would do ---- */

bool habits_has(enum role role);
/* The first thing that the door offers (`offered`: its "verbs") and the person would do; VERB_NONE: nothing. */
enum verb habits_choose(struct person *person, json_t *record, json_t *offered);
/* A worker of the own department on duty now; NULL where there is none. */
const struct book_person *habits_pick_worker(struct person *person);
