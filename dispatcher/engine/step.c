#include "dispatcher/engine/engine.h"

#include <assert.h>

#include "dispatcher/engine/firing.h"
#include "dispatcher/engine/intake.h"
#include "dispatcher/engine/presence.h"
#include "dispatcher/engine/transition.h"

int64_t engine_time_ms(struct txn *txn)
{
    return meta_get(txn, META_TIME);
}

int64_t engine_next_due_ms(struct txn *txn)
{
    return firing_next_ms(txn);
}

static int64_t own_time_ms(const struct engine_input *input)
{
    if (input->kind == INPUT_BOOK || input->kind == INPUT_ERASURE)
        return INT64_MIN;
    bool earlier = input->kind == INPUT_EVENT && input->event->received_at_ms < input->now_ms;
    return earlier ? input->event->received_at_ms : input->now_ms;
}

static int act_on(const struct scope *scope, const struct engine_input *input, struct answer *answer,
                  struct fault *fault)
{
    switch (input->kind) {
    case INPUT_EVENT:
        return intake_event(scope, input->event, answer, fault);
    case INPUT_COMMAND:
        presence_note(scope, input->command);
        if (presence_is_command(input->command))
            return presence_command(scope, input->command, answer);
        return transition_command(scope, input->command, answer, fault);
    case INPUT_PULSE:   /* firing was all */
    case INPUT_BOOK:    /* the engine was given that book; running clocks keep the deadlines that were promised */
    case INPUT_ERASURE: /* words are nothing that it decides by */
    case INPUT_NONE:
        break;
    }
    return 0;
}

int engine_step(const struct engine *engine, struct txn *txn, const struct engine_input *input, struct arena *arena,
                struct answer *answer, struct fault *fault)
{
    assert(engine->book && (input->kind != INPUT_EVENT || input->event) &&
           (input->kind != INPUT_COMMAND || input->command));
    int64_t last_ms = engine_time_ms(txn);
    int64_t own_ms = own_time_ms(input);
    struct scope scope = { engine->book, txn, arena, own_ms > last_ms ? own_ms : last_ms };
    int fired = firing_run(&scope, last_ms, scope.now_ms, fault);
    if (fired < 0)
        return fired;
    if (scope.now_ms != last_ms)
        meta_set(txn, META_TIME, scope.now_ms);
    int result = act_on(&scope, input, answer, fault);
    return result < 0 ? result : fired;
}
