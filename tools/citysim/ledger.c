#include "tools/citysim/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

size_t ledger_sent(struct ledger *ledger, int64_t now_mono_ms)
{
    if (ledger->count == ledger->capacity) {
        ledger->capacity = ledger->capacity ? ledger->capacity * 2 : 256;
        ledger->reports = realloc(ledger->reports, ledger->capacity * sizeof *ledger->reports);
        if (!ledger->reports)
            abort();
    }
    ledger->reports[ledger->count] = (struct ledger_report){ .sent_mono_ms = now_mono_ms };
    return ledger->count++;
}

static struct ledger_report *find(struct ledger *ledger, int64_t receipt)
{
    for (size_t i = ledger->count; i-- > 0;) /* the newest are asked for most */
        if (ledger->reports[i].receipt == receipt)
            return &ledger->reports[i];
    return NULL;
}

void ledger_answered(struct ledger *ledger, size_t report, int64_t receipt)
{
    if (find(ledger, receipt))
        ledger->receipts_doubled++;
    ledger->reports[report].receipt = receipt;
    ledger->answered++;
}

void ledger_dispatched(struct ledger *ledger, int64_t receipt)
{
    struct ledger_report *report = find(ledger, receipt);
    if (report && !report->dispatched) {
        report->dispatched = true;
        ledger->dispatched++;
    }
}

void ledger_delivered(struct ledger *ledger, int64_t receipt, int64_t now_mono_ms)
{
    struct ledger_report *report = find(ledger, receipt);
    if (!report || report->handset_mono_ms)
        return;
    ledger_dispatched(ledger, receipt);
    report->handset_mono_ms = now_mono_ms;
    ledger->delivered++;
    int64_t took = now_mono_ms - report->sent_mono_ms;
    if (took > ledger->worst_report_to_handset_ms)
        ledger->worst_report_to_handset_ms = took;
}

void ledger_closed(struct ledger *ledger, int64_t receipt, int64_t now_mono_ms)
{
    struct ledger_report *report = find(ledger, receipt);
    if (report && !report->closed_mono_ms) {
        report->closed_mono_ms = now_mono_ms;
        ledger->closed++;
    }
}

size_t ledger_list_begun(struct ledger *ledger, const char *topic, uint64_t after)
{
    ledger->lists = realloc(ledger->lists, (ledger->list_count + 1) * sizeof *ledger->lists);
    if (!ledger->lists)
        abort();
    struct ledger_list *list = &ledger->lists[ledger->list_count];
    *list = (struct ledger_list){ .begun_after = after, .last = after };
    snprintf(list->topic, sizeof list->topic, "%s", topic);
    return ledger->list_count++;
}

bool ledger_notice(struct ledger *ledger, size_t list, uint64_t seq)
{
    struct ledger_list *heard = &ledger->lists[list];
    if (seq <= heard->last) {
        ledger->notices_doubled++;
        return false;
    }
    heard->last = seq;
    heard->heard++;
    ledger->notices++;
    return true;
}

bool ledger_at_rest(const struct ledger *ledger)
{
    return ledger->answered + ledger->refused == (int64_t)ledger->count && ledger->closed == ledger->answered;
}

void ledger_print(const struct ledger *ledger, struct buffer *out)
{
    int64_t unanswered = (int64_t)ledger->count - ledger->answered - ledger->refused;
    buffer_format(out,
                  "{\"sent\": %zu, \"answered\": %" PRId64 ", \"refused\": %" PRId64 ", \"dispatched\": %" PRId64
                  ", \"delivered\": %" PRId64 ", \"closed\": %" PRId64 ", \"tiles_live\": %" PRId64
                  ", \"worst_report_to_handset_ms\": %" PRId64 ", \"notices\": %" PRId64 ", \"commands\": %" PRId64
                  ", \"lost\": %" PRId64 ", \"doubled\": %" PRId64 ", \"lists\": [",
                  ledger->count, ledger->answered, ledger->refused, ledger->dispatched, ledger->delivered,
                  ledger->closed, ledger->tiles_live, ledger->worst_report_to_handset_ms, ledger->notices,
                  ledger->commands, unanswered + ledger->commands_lost,
                  ledger->notices_doubled + ledger->receipts_doubled);
    for (size_t i = 0; i < ledger->list_count; i++)
        buffer_format(out, "%s{\"topic\": \"%s\", \"after\": %" PRIu64 ", \"heard\": %" PRId64 "}", i ? ", " : "",
                      ledger->lists[i].topic, ledger->lists[i].begun_after, ledger->lists[i].heard);
    buffer_text(out, "]}");
}

void ledger_finish(struct ledger *ledger)
{
    free(ledger->reports);
    free(ledger->lists);
    *ledger = (struct ledger){ 0 };
}
