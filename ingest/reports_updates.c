/* What reporters were told, read from the outbox: its rows are in the order of time. */
#include <stdlib.h>
#include <string.h>

#include "ingest/reports_inside.h"
#include "ingest/stage.h"

enum { UPDATES_CHUNK = 256, WALK_IS_OVER = 1 };
static const char topic_prefix[] = "receipt/";

struct updating {
    struct reports *reports;
    const struct reports_updates_query *query;
    struct txn *txn;
    struct arena *arena;
    void (*visit)(void *context, const struct report_update *update);
    void *context;
    struct fault *fault;
    uint64_t last; /* notice that was looked at */
    size_t scanned, matched, given;
};

/* Not what the reporter has said, or is told to have been received. */
static bool is_update(enum verb verb)
{
    return verb != VERB_REPORT && verb != VERB_ATTACH && verb != VERB_RATE && stage_step_words(verb);
}

/* 1: it is no report of the public, or none that is wanted. */
static int find_report(struct updating *updating, int64_t seq)
{
    struct reports *reports = updating->reports;
    struct report_view view;
    arena_reset(&reports->case_scratch);
    int result = reports_get(reports, (uint64_t)seq, &reports->case_scratch, &view, updating->fault);
    if (result || !updating->query->wants)
        return result;
    return !updating->query->wants(updating->query->wants_context, &view);
}

static bool is_full(const struct updating *updating, const struct notice *notice)
{
    bool goes_on = updating->query->after && updating->last == (uint64_t)notice->seq;
    return updating->given >= updating->query->take && !goes_on;
}

static int take_notice(void *context, const struct notice *notice)
{
    struct updating *updating = context;
    const struct reports_updates_query *query = updating->query;
    if (notice->at_ms > query->to_ms || is_full(updating, notice))
        return WALK_IS_OVER;
    updating->last = (uint64_t)notice->seq;
    updating->scanned++;
    if (notice->at_ms < query->from_ms || strncmp(notice->topic, topic_prefix, sizeof topic_prefix - 1) != 0 ||
        !is_update(notice->verb))
        return 0;
    int64_t seq = strtoll(notice->topic + sizeof topic_prefix - 1, NULL, 10);
    int result = find_report(updating, seq);
    if (result || updating->matched++ < query->skip)
        return result < 0 ? result : 0;
    updating->given++;
    updating->visit(updating->context,
                    &(struct report_update){
                        .notice = notice->seq,
                        .report = seq,
                        .at_ms = notice->at_ms,
                        .verb = notice->verb,
                        .state = notice->state,
                        .words = stage_step_is_for_reporters(notice->verb)
                                     ? arena_text(updating->arena, notice->text, strlen(notice->text))
                                     : "",
                    });
    return 0;
}

static int note_time(void *context, const struct notice *notice)
{
    *(int64_t *)context = notice->at_ms;
    return 0;
}

/* The first notice at or after a moment: the engine's time never goes back along the outbox. */
static int first_notice(struct updating *updating, uint64_t *seq)
{
    uint64_t low = 1, high = outbox_last(updating->txn) + 1;
    int result = 0;
    while (!result && low < high) {
        uint64_t middle = low + (high - low) / 2;
        int64_t at_ms = INT64_MAX;
        arena_reset(&updating->reports->scratch);
        result = outbox_read(updating->txn, NULL, middle - 1, 1, &updating->reports->scratch, note_time, &at_ms,
                             updating->fault);
        if (at_ms >= updating->query->from_ms)
            high = middle;
        else
            low = middle + 1;
    }
    *seq = low;
    return result;
}

/* topic NULL: all there are. */
static int walk(struct updating *updating, const char *topic, uint64_t first)
{
    uint64_t before;
    updating->last = first - 1;
    do {
        before = updating->last;
        arena_reset(&updating->reports->scratch);
        int result = outbox_read(updating->txn, topic, before, UPDATES_CHUNK, &updating->reports->scratch, take_notice,
                                 updating, updating->fault);
        if (result)
            return result < 0 ? result : 0;
        if (updating->scanned > updating->reports->list_events)
            return reports_too_wide();
    } while (updating->last != before);
    return 0;
}

static int walk_all(struct updating *updating)
{
    const struct reports_updates_query *query = updating->query;
    uint64_t first;
    int result = first_notice(updating, &first);
    if (query->after && *query->after >= first)
        first = *query->after + 1;
    if (!query->report_count)
        result = result ? result : walk(updating, NULL, first);
    if (query->after && result >= 0)
        *query->after = updating->last;
    for (size_t i = 0; !result && i < query->report_count; i++) {
        const char *topic =
            arena_format(updating->arena, "%s%llu", topic_prefix, (unsigned long long)query->reports[i]);
        result = walk(updating, topic, first);
    }
    return result;
}

int reports_updates(struct reports *reports, const struct reports_updates_query *query, struct arena *arena,
                    void (*visit)(void *context, const struct report_update *update), void *context,
                    struct fault *fault)
{
    int result = reports_open_cases(reports, fault);
    if (result)
        return result < 0 ? result : 0;
    struct updating updating = { .reports = reports,
                                 .query = query,
                                 .txn = txn_begin_read(reports->cases),
                                 .arena = arena,
                                 .visit = visit,
                                 .context = context,
                                 .fault = fault };
    result = walk_all(&updating);
    txn_abort(updating.txn);
    return result;
}
