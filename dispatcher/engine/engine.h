/* The engine: from one input and the store's state to the next state and the notices. Deterministic: it reads no clock, opens nothing,
 * prints nothing, draws no random number. Time comes in with the input.
 *
 * Time inside never goes back: the engine's time of an input is max(last time, input's own). A command's and a pulse's own time is the
 * turn's `now`, an event's its received_at_ms (never later than the turn's `now`: a sender's fast clock must not fire other people's
 * clocks); a book has none, it comes between two inputs. Before an input is applied, every clock whose moment lies before its time fires, in order of moment, case, clock, and at that
 * moment: a deadline is the last millisecond that is still in time. So the state depends on the order of inputs alone, not on how turns
 * group them, and a replay of the journal gives the same bytes.
 */
#pragma once

#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/fault.h"
#include "proto/book/book.h"
#include "proto/record/command.h"
#include "proto/record/event.h"
#include "proto/record/notice.h"
#include "proto/store/case_index.h"
#include "proto/store/store.h"

struct engine {
    const struct book *book;
};

struct engine_input {
    enum input_kind kind;
    int64_t now_ms;                /* the turn's; at a replay the journal entry's */
    const struct event *event;     /* INPUT_EVENT; as decoded: no text is NULL */
    const struct command *command; /* INPUT_COMMAND; the same */
};

/* Applies one input inside the turn's transaction: fires what is due, then acts, and appends notices to the outbox.
 * *answer is set for a command, and for an event says what became of it (texts in the arena, or the input's own). Returns how
 * many clocks fired or warned on the way (≥ 0). A store error is sticky in the txn; <0 only for what must stop the process (a record
 * in the store that does not decode). A bad event or command is an outcome, never an error. */
int engine_step(const struct engine *engine, struct txn *txn, const struct engine_input *input, struct arena *arena,
                struct answer *answer, struct fault *fault);

/* The first moment at which a clock has to fire or warn; ORDER_NONE where there is none. Past moments mean: at once. */
int64_t engine_next_due_ms(struct txn *txn);

/* The engine's time of the last input; 0 before the first. The journal keeps it with each entry. */
int64_t engine_time_ms(struct txn *txn);
