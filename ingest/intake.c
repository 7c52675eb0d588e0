#include "ingest/intake.h"

#include <inttypes.h>
#include <stdlib.h>

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
static struct metric refused = METRIC_COUNTER("drumtower_ingest_refused_total", "Events refused because the queue of a "
                                                                                "round was full.");
static struct metric largest = METRIC_GAUGE("drumtower_ingest_batch_largest", "Events of the largest group commit.");

/* Who waits for the answer to the batch's event of the same index. */
struct waiting {
    struct request *request; /* NULL: no request does */
    intake_answer *answer;
    void *context;
};

struct intake {
    struct event_log *log;
    struct bus_publisher *doorbell;
    struct loop *loop;
    struct loop_hook commit;
    struct suggester *suggester;
    const struct book *book;
    size_t queue, count, most;
    struct event_append *batch; /* `queue` of them */
    struct waiting *waiting;    /* and as many */
};

static void count_commit(struct intake *intake, const struct event_append *batch, size_t count, int64_t took_us)
{
    metric_add(&commits, 1);
    metric_add(&commit_us, took_us);
    for (size_t i = 0; i < count; i++) {
        metric_add(&events, batch[i].event != NULL);
        if (batch[i].repeated)
            metric_add(&repeats, 1);
    }
    if (count > intake->most) {
        intake->most = count;
        metric_set(&largest, (int64_t)count);
    }
}

static int commit(struct intake *intake, struct event_append *batch, size_t count)
{
    int64_t started_us = clock_mono_us();
    struct fault fault = { "" };
    int result = event_log_append(intake->log, batch, count, &fault);
    if (result) {
        log_error("the event log took no more; nothing of this round was answered", "events=%zu reason=\"%s\"", count,
                  fault.text);
        return result < 0 ? result : -EIO;
    }
    count_commit(intake, batch, count, clock_mono_us() - started_us);
    doorbell_ring(intake->doorbell, DOORBELL_EVENTS_TOPIC, event_log_last(intake->log));
    return 0;
}

static int commit_round(void *context)
{
    struct intake *intake = context;
    size_t count = intake->count;
    int result = count ? commit(intake, intake->batch, count) : 0;
    if (result)
        return result;
    intake->count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct waiting *waiting = &intake->waiting[i];
        if (waiting->answer)
            waiting->answer(waiting->request, &intake->batch[i], waiting->context);
    }
    return 0;
}

/* What the words tell, whatever way they came. */
static void enrich(struct intake *intake, const struct event_append *append)
{
    if (!append->event)
        return;
    if (intake->suggester)
        suggester_event(intake->suggester, append->event);
    language_mark(intake->book, append->event);
}

int intake_append(struct intake *intake, struct event_append *batch, size_t count)
{
    for (size_t i = 0; i < count; i++)
        enrich(intake, &batch[i]);
    int result = commit(intake, batch, count);
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
        .batch = calloc((size_t)options->queue, sizeof *intake->batch),
        .waiting = calloc((size_t)options->queue, sizeof *intake->waiting),
    };
    *out = intake;
    if (!intake->batch || !intake->waiting)
        return fault_set(fault, -ENOMEM, "intake: no memory for a queue of %" PRId64, options->queue);
    loop_add_hook(intake->loop, &intake->commit);
    metric_register(&refused);
    return 0;
}

void intake_close(struct intake *intake)
{
    if (!intake)
        return;
    free(intake->batch);
    free(intake->waiting);
    free(intake);
}

static int take(struct intake *intake, const struct event_append *append, const struct waiting *waiting)
{
    if (intake->count == intake->queue) {
        metric_add(&refused, 1);
        return INTAKE_FULL;
    }
    enrich(intake, append);
    intake->batch[intake->count] = *append;
    intake->waiting[intake->count++] = *waiting;
    return INTAKE_TAKEN;
}

int intake_submit(struct intake *intake, struct request *request, const struct event_append *append,
                  intake_answer *answer, void *context)
{
    int result = take(intake, append, &(struct waiting){ request, answer, context });
    if (result == INTAKE_TAKEN)
        request_defer(request);
    return result;
}

int intake_add(struct intake *intake, const struct event_append *append, intake_answer *answer, void *context)
{
    return take(intake, append, &(struct waiting){ NULL, answer, context });
}

size_t intake_room(const struct intake *intake)
{
    return intake->queue - intake->count;
}
