/* Load: many conversations at once, each of which asks, waits for the whole answer and asks again, over one epoll set in this thread. What is
 * measured is the time from the question to its whole answer, at the client.
 */
#pragma once

#include "proto/base/fault.h"
#include "tools/benches/samples.h"

enum { LOAD_CONVERSATIONS_MAX = 256 };

/* Who is asked, over `count` sockets that are connected already. */
struct load_peer {
    int fds[LOAD_CONVERSATIONS_MAX];
    size_t count;
    /* Sends the next question of conversation i. */
    int (*ask)(void *context, size_t i, struct fault *fault);
    /* Reads what has come. 1: the answer is whole, and is the one that was hoped for; 0: more of it has to come. */
    int (*hear)(void *context, size_t i, struct fault *fault);
    void *context;
};

struct load {
    struct samples answer_us;
    int64_t took_us; /* from the first question to the last answer */
};
/* Answers that came in a second. */
double load_rate(const struct load *load);
void load_finish(struct load *load); /* safe on a zeroed struct */

/* Asks for so long, and waits for the answers that are under way then. */
int load_run(const struct load_peer *peer, int64_t duration_us, struct load *load, struct fault *fault);
