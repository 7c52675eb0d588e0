#include "ingest/intake.h"

#include <stdlib.h>

#include "ingest/committer.h"
#include "ingest/enrich/language.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/bus/doorbell.h"

static struct metric events = METRIC_COUNTER("drumtower_ingest_events_total", "Events made durable.");
static struct metric repeats = METRIC_COUNTER("drumtower_ingest_repeated_total", "Events that were in the log already "
                                                                                 "and were not added again.");
static struct metric commits = METRIC_COUNTER("drumtower_ingest_commits_total", "Group commits of the event log.");
static struct metric commit_us = METRIC_COUNTER("drumtower_ingest_commit_microseconds_total", "Time spent in commits "
                                                                                              "of the event log, "
                                                                                              "microseconds.");
#define REFUSED(limit) \
    METRIC_COUNTER("drumtower_ingest_refused_total{limit=\"" limit "\"}", "Events refused because the log did not " \
                                                                          "keep up, " \
                                                                          "by the limit of the book.")
static struct metric refused_many = REFUSED("reports_waiting"), refused_slow = REFUSED("log_seconds");
static struct metric unfit = METRIC_COUNTER("drumtower_ingest_unfit_total", "Events that were refused or left out "
                                                                            "because "
                                                                            "the log could not keep them.");
static struct metric waits = METRIC_GAUGE("drumtower_ingest_reports_waiting", "Events that wait for their commit and "
                                                                              "their "
                                                                              "answer.");
static struct metric largest = METRIC_GAUGE("drumtower_ingest_batch_largest", "Events of the largest group commit.");

struct intake {
    struct event_log *log;
    struct bus_publisher *doorbell;
    struct loop *loop;
    struct loop_hook commit;
    struct suggester *suggester;
    const struct book *book;
    struct committer *committer;
    size_t queue, most;
    int64_t patience_us;
    bool at_once; /* some of what was added lives no longer than the loop's round */
    void (*hears)(void *context, const struct event *event);
    void *hears_context;
    int failed; /* the log took no more, and it was said */
};

/* A batch that is durable. */
static void commit_ended(struct intake *intake, const struct event_append *appends, size_t count, int64_t took_us)
{
    metric_add(&commits, 1);
    metric_add(&commit_us, took_us);
    uint64_t last = 0;
    for (size_t i = 0; i < count; i++) {
        metric_add(&events, appends[i].event != NULL);
        if (appends[i].repeated)
            metric_add(&repeats, 1);
        if (appends[i].event && appends[i].seq > last)
            last = appends[i].seq;
    }
    if (count > intake->most) {
        intake->most = count;
        metric_set(&largest, (int64_t)count);
    }
    doorbell_ring(intake->doorbell, DOORBELL_EVENTS_TOPIC, last);
}

static int commit_failed(struct intake *intake, int result, const struct fault *fault)
{
    log_error("the event log took no more; nothing of this batch was answered", "reason=\"%s\"", fault->text);
    return intake->failed = result < 0 ? result : -EIO;
}

static void tell_durable(const struct intake *intake, const struct event_append *append)
{
    if (intake->hears && append->event && !append->repeated)
        intake->hears(intake->hears_context, append->event);
}

/* Answers what is durable. */
static int answer_durable(void *context)
{
    struct intake *intake = context;
    struct commit_batch *batch;
    struct fault fault;
    int result;
    while ((result = committer_take(intake->committer, &batch, &fault)) > 0) {
        commit_ended(intake, batch->appends, batch->count, batch->took_us);
        for (size_t i = 0; i < batch->count; i++) {
            const struct commit_waiting *waiting = &batch->waiting[i];
            tell_durable(intake, &batch->appends[i]);
            if (waiting->answer)
                waiting->answer(waiting->request, &batch->appends[i], waiting->context);
        }
        committer_release(intake->committer);
        metric_set(&waits, (int64_t)committer_count(intake->committer));
    }
    return result ? commit_failed(intake, result, &fault) : 0;
}

void intake_on_durable(struct intake *intake, void (*hears)(void *context, const struct event *event), void *context)
{
    intake->hears = hears;
    intake->hears_context = context;
}

int intake_settle(struct intake *intake)
{
    while (intake && !intake->failed && committer_count(intake->committer)) {
        committer_wait(intake->committer);
        answer_durable(intake);
    }
    return intake ? intake->failed : 0;
}

static int commit_round(void *context)
{
    struct intake *intake = context;
    bool at_once = intake->at_once;
    intake->at_once = false;
    if (at_once)
        return intake_settle(intake);
    committer_start(intake->committer);
    return 0;
}

/* What the words tell, whatever way they came: the service and department that they suggest, and then their marks. */
static void suggest(struct intake *intake, const struct event_append *append)
{
    if (append->event && intake->suggester)
        suggester_event(intake->suggester, append->event);
}

/* Needs nothing but the book: the committer does it, beside the loop. */
static void mark(void *context, const struct event_append *append)
{
    const struct intake *intake = context;
    if (append->event)
        language_mark(intake->book, append->event);
}

/* In the loop's thread: the committer has nothing to do. */
static int append_now(struct intake *intake, struct event_append *batch, size_t count)
{
    struct fault fault = { "" };
    int64_t began_us = clock_mono_us();
    int result = event_log_append(intake->log, batch, count, &fault);
    if (result)
        return commit_failed(intake, result, &fault);
    commit_ended(intake, batch, count, clock_mono_us() - began_us);
    return 0;
}

int intake_append(struct intake *intake, struct event_append *batch, size_t count)
{
    if (!count)
        return 0;
    for (size_t i = 0; i < count; i++) {
        suggest(intake, &batch[i]);
        mark(intake, &batch[i]);
    }
    int result = intake_settle(intake);
    if (!result)
        result = append_now(intake, batch, count);
    if (result)
        loop_stop(intake->loop, result);
    return result;
}

int intake_open(const struct intake_options *options, struct intake **out, struct fault *fault)
{
    struct intake *intake = calloc(1, sizeof *intake);
    if (!intake)
        return fault_set(fault, -ENOMEM, "intake: out of memory");
    *intake = (struct intake){
        .log = options->log,
        .doorbell = options->doorbell,
        .loop = options->loop,
        .commit = { .run = commit_round, .context = intake },
        .suggester = options->suggester,
        .book = options->book,
        .queue = (size_t)options->queue,
        .patience_us = options->patience_ms * 1000,
    };
    *out = intake;
    struct committer_options committer = { intake->loop, intake->log, intake->queue, intake, mark, answer_durable };
    int result = committer_open(&committer, &intake->committer, fault);
    if (result)
        return result;
    loop_add_hook(intake->loop, &intake->commit);
    metric_register(&refused_many);
    metric_register(&refused_slow);
    metric_register(&unfit);
    metric_register(&waits);
    return 0;
}

void intake_close(struct intake *intake)
{
    if (!intake)
        return;
    committer_close(intake->committer);
    free(intake);
}

/* The oldest waits for so long that whoever would wait behind it is better told so. */
static bool is_behind(const struct intake *intake)
{
    int64_t since_us = committer_since_us(intake->committer);
    return since_us && clock_mono_us() - since_us > intake->patience_us;
}

/* What nobody waits for has asked for room, and waits as long as it must. */
static bool is_admitted(const struct intake *intake, const struct commit_waiting *waiting)
{
    struct metric *over = !intake_room(intake)                   ? &refused_many
                          : waiting->answer && is_behind(intake) ? &refused_slow
                                                                 : NULL;
    if (over)
        metric_add(over, 1);
    return !over;
}

static int take(struct intake *intake, const struct event_append *append, const struct commit_waiting *waiting)
{
    if (!is_admitted(intake, waiting))
        return INTAKE_FULL;
    suggest(intake, append);
    committer_add(intake->committer, append, waiting);
    metric_set(&waits, (int64_t)committer_count(intake->committer));
    intake->at_once |= !waiting->answer;
    return INTAKE_TAKEN;
}

static bool is_fit(const struct event_append *append, struct fault *fault)
{
    bool fit = event_append_check(append, fault) == 0;
    metric_add(&unfit, !fit);
    return fit;
}

int intake_submit(struct intake *intake, struct request *request, const struct event_append *append,
                  intake_answer *answer, void *context, struct fault *fault)
{
    if (!is_fit(append, fault))
        return INTAKE_UNFIT;
    int result = take(intake, append, &(struct commit_waiting){ request, answer, context });
    if (result == INTAKE_TAKEN && request)
        request_defer(request);
    return result;
}

int intake_add(struct intake *intake, const struct event_append *append, intake_answer *answer, void *context)
{
    struct event_append kept = *append;
    struct fault fault;
    if (!is_fit(append, &fault)) {
        log_error("the log cannot keep an event; it is left out", "id=%s reason=\"%s\"", append->event->id, fault.text);
        kept.event = NULL;
    }
    return take(intake, &kept, &(struct commit_waiting){ NULL, answer, context });
}

size_t intake_room(const struct intake *intake)
{
    return intake->queue - committer_count(intake->committer);
}
