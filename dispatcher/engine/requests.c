#include "dispatcher/engine/requests.h"

#include <inttypes.h>

#include "dispatcher/engine/clocks.h"
#include "proto/base/timestamp.h"

void request_ask(struct draft *draft, const struct act *act)
{
    draft->record.request = (struct request){ .verb = act->verb,
                                              .by = act->actor,
                                              .at_ms = draft->in->now_ms,
                                              .until_ms = act->verb == VERB_SUSPEND ? act->until_ms : 0,
                                              .note = act->note };
}

void request_drop(struct draft *draft)
{
    draft->record.request = (struct request){ .by = "", .note = "" };
}

struct refusal suspension_check(const struct draft *draft, int64_t until_ms)
{
    const struct scope *in = draft->in;
    int64_t days = in->book->rules.suspension_days;
    if (until_ms <= in->now_ms)
        return refuse(ANSWER_INVALID, "the date is past: name a day to come");
    if (until_ms > in->now_ms + days * MS_PER_DAY)
        return refuse(ANSWER_INVALID,
                      arena_format(in->arena, "a suspension ends within %" PRId64 " days: name an earlier day", days));
    return agree();
}

void extension_grant(struct draft *draft)
{
    clocks_extend(draft, case_open_clock(&draft->record, CLOCK_DISPOSE)); /* it runs: else it was not permitted */
    draft->record.extended++;
    request_drop(draft);
}

void suspension_grant(struct draft *draft)
{
    struct case_file *record = &draft->record;
    record->former = record->state;
    record->suspended++;
    record->suspended_until_ms = record->request.until_ms;
    request_drop(draft);
    clocks_pause(draft);
    clocks_start_until(draft, CLOCK_RESUME, record->suspended_until_ms);
}

void suspension_end(struct draft *draft)
{
    clocks_resume(draft);
    draft->record.state = draft->record.former;
    draft->record.former = CASE_NONE;
    draft->record.suspended_until_ms = 0;
}
