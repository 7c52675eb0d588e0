#include "ingest/intake.h"

#include <inttypes.h>
#include <stdlib.h>

#include "ingest/committer.h"
#include "ingest/enrich/language.h"
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
static struct metric refused = METRIC_COUNTER("drumtower_ingest_refused_total", "Events refused because the log did "
                                                                                "not keep up.");
static struct metric largest = METRIC_GAUGE("drumtower_ingest_batch_largest", "Events of the largest group commit.");

/* Who waits for the answer to the batch's event of the same index. */
struct waiting {
    struct request *request; /* NULL: no request does */
    intake_answer *answer;
    void *context;
};

/* What goes into one commit. */
struct round {
    struct event_append *batch; /* room for `queue` of them */
    struct waiting *waiting;    /* and as many */
    size_t count;
    bool at_once; /* some of it lives no longer than the loop's round */
};

struct intake {
    struct event_log *log;
    struct bus_publisher *doorbell;
    struct loop *loop;
    struct loop_hook commit;
    struct suggester *suggester;
    const struct book *book;
    struct committer *committer;
    size_t queue, most;
    struct round rounds[2], *filling; /* the other one is the committer's, or empty */
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

/* Waits for the batch under way. */
static int commit_ended(struct intake *intake, const struct event_append *batch, size_t count)
{
    int64_t took_us;
    struct fault fault = { "" };
    int result = committer_take(intake->committer, &took_us, &fault);
    if (result) {
        log_error("the event log took no more; nothing of this round was answered", "events=%zu reason=\"%s\"", count,
                  fault.text);
        return result < 0 ? result : -EIO;
    }
    count_commit(intake, batch, count, took_us);
    doorbell_ring(intake->doorbell, DOORBELL_EVENTS_TOPIC, event_log_last(intake->log));
    return 0;
}

/* The one that is not being filled. */
static struct round *other_round(struct intake *intake)
{
    return intake->filling == intake->rounds ? intake->rounds + 1 : intake->rounds;
}

/* Waits for the round under way, if there is one, and answers it. */
static int settle(void *context)
{
    struct intake *intake = context;
    struct round *round = other_round(intake);
    size_t count = round->count;
    round->count = 0; /* also where it fails: nobody of it may be answered, not even later */
    round->at_once = false;
    int result = count ? commit_ended(intake, round->batch, count) : 0;
    if (result)
        return result;
    for (size_t i = 0; i < count; i++) {
        const struct waiting *waiting = &round->waiting[i];
        if (waiting->answer)
            waiting->answer(waiting->request, &round->batch[i], waiting->context);
    }
    return 0;
}

static int commit_round(void *context)
{
    struct intake *intake = context;
    struct round *round = intake->filling;
    int result = round->at_once ? settle(intake) : 0;
    if (result || !round->count || committer_since_us(intake->committer))
        return result;
    intake->filling = other_round(intake);
    committer_start(intake->committer, round->batch, round->count);
    return round->at_once ? settle(intake) : 0;
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
    if (!count)
        return 0;
    for (size_t i = 0; i < count; i++)
        enrich(intake, &batch[i]);
    int result = settle(intake);
    if (!result) {
        committer_start(intake->committer, batch, count);
        result = commit_ended(intake, batch, count);
    }
    if (result)
        loop_stop(intake->loop, result);
    return result;
}

static bool round_open(struct round *round, size_t queue)
{
    round->batch = calloc(queue, sizeof *round->batch);
    round->waiting = calloc(queue, sizeof *round->waiting);
    return round->batch && round->waiting;
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
        .filling = intake->rounds,
    };
    *out = intake;
    if (!round_open(&intake->rounds[0], intake->queue) || !round_open(&intake->rounds[1], intake->queue))
        return fault_set(fault, -ENOMEM, "intake: no memory for a queue of %" PRId64, options->queue);
    int result = committer_open(intake->loop, intake->log, settle, intake, &intake->committer, fault);
    if (result)
        return result;
    loop_add_hook(intake->loop, &intake->commit);
    metric_register(&refused);
    return 0;
}

int intake_settle(struct intake *intake)
{
    return intake ? settle(intake) : 0;
}

void intake_close(struct intake *intake)
{
    if (!intake)
        return;
    committer_close(intake->committer);
    for (size_t i = 0; i < sizeof intake->rounds / sizeof *intake->rounds; i++) {
        free(intake->rounds[i].batch);
        free(intake->rounds[i].waiting);
    }
    free(intake);
}

static int take(struct intake *intake, const struct event_append *append, const struct waiting *waiting)
{
    struct round *round = intake->filling;
    if (round->count == intake->queue) {
        metric_add(&refused, 1);
        return INTAKE_FULL;
    }
    enrich(intake, append);
    round->batch[round->count] = *append;
    round->waiting[round->count++] = *waiting;
    round->at_once |= !waiting->answer;
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
    return intake->queue - intake->filling->count;
}
