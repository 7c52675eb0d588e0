/* The engine: from one input and the store's state to the next state and the notices. Deterministic: it reads no clock, opens nothing,
 * prints nothing, draws no random number. Time comes in with the input.
 *
 * Time inside never goes back: the engine's time of an input is max(last time, input's own). An event's own time is its
 * received_at_ms, a command's and a pulse's is the turn's `now`. Before an input is applied, every clock due up to its time fires,
 * in order of deadline, case, clock. So the state depends on the order of inputs alone, not on how turns group them, and a
 * replay of the journal gives the same bytes.
 */
#pragma once

#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/fault.h"
#include "proto/book/book.h"
#include "proto/record/command.h"
#include "proto/record/event.h"
#include "proto/record/notice.h"
#include "proto/store/store.h"

struct engine {
    const struct book *book;
};

struct engine_input {
    enum input_kind kind;
    int64_t now_ms; /* the turn's */
    const struct event *event;     /* INPUT_EVENT */
    const struct command *command; /* INPUT_COMMAND */
};

/* Applies one input inside the turn's transaction: fires what is due, then acts, and appends notices to the outbox.
 * For a command, *answer is set (texts in the arena). A store error is sticky in the txn; <0 only for what must stop the process
 * (a record in the store that does not decode). A bad event or command is an outcome, never an error. */
int engine_step(const struct engine *engine, struct txn *txn, const struct engine_input *input, struct arena *arena,
                struct answer *answer, struct fault *fault);

/* The next moment at which a clock has to fire or warn; ORDER_NONE where there is none. */
int64_t engine_next_due_ms(struct txn *txn);
