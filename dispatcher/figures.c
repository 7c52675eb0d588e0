#include "dispatcher/figures.h"

/* X(name, kind, what is set, sentence) */
#define COUNTED(X) \
    X(turns_total, COUNTER, counts->turns, "Turns that were committed.") \
    X(events_total, COUNTER, counts->events, "Events that were taken from the log.") \
    X(commands_total, COUNTER, counts->commands, "Commands that were taken.") \
    X(commands_repeated_total, COUNTER, counts->repeated, "Commands that had been answered before.") \
    X(inputs_refused_total, COUNTER, counts->refused, "Events and commands that changed nothing.") \
    X(pulses_total, COUNTER, counts->pulses, "Pulses that made clocks fire.") \
    X(clocks_fired_total, COUNTER, counts->fired, "Clocks that fired or warned.") \
    X(clock_lateness_ms, GAUGE, counts->lateness_ms, "How late the last due clock was looked at, in milliseconds.") \
    X(doorbell_rings_total, COUNTER, figures->doorbell_rings, "Times that an ingest said that there are new events.") \
    X(cursor_lag_events, GAUGE, figures->log_last - figures->cursor, "Events in the log that are not yet taken.") \
    X(cursor, GAUGE, figures->cursor, "Sequence number of the last event that was taken.") \
    X(outbox_seq, GAUGE, figures->outbox_last, "Sequence number of the last notice.") \
    X(next_due_ms, GAUGE, figures->next_due_ms, "When the next clock fires, in milliseconds since 1970.")

#define FIGURE(name, kind, value, help) static struct metric name = METRIC_##kind("drumtower_dispatcher_" #name, help);
COUNTED(FIGURE)

static struct metric commit_us = METRIC_GAUGE("drumtower_dispatcher_commit_us", "The last commit, in microseconds.");
static struct metric commit_us_total = METRIC_COUNTER("drumtower_dispatcher_commit_us_total", "All commits, in "
                                                                                              "microseconds.");
static struct metric store_used_bytes = METRIC_GAUGE("drumtower_dispatcher_store_used_bytes", "Bytes of the cases "
                                                                                              "environment that are in "
                                                                                              "use.");
static struct metric store_map_bytes = METRIC_GAUGE("drumtower_dispatcher_store_map_bytes", "Bytes that the cases "
                                                                                            "environment may grow to.");
static struct metric store_free_bytes = METRIC_GAUGE("drumtower_dispatcher_store_disk_free_bytes", "Free bytes of the "
                                                                                                   "file system of the "
                                                                                                   "cases.");

static struct metric store_readers = METRIC_GAUGE("drumtower_dispatcher_store_readers", "Transactions that read the "
                                                                                        "cases now, of all processes.");
static struct metric store_reader_lag_commits =
    METRIC_GAUGE("drumtower_dispatcher_store_reader_lag_commits", "Commits since the oldest of these began: their "
                                                                  "space is not used again before it ends.");

void figures_commit(int64_t took_us)
{
    metric_set(&commit_us, took_us);
    metric_add(&commit_us_total, took_us);
}

void figures_service(const struct turn_counts *counts, const struct figures *figures)
{
#define SET_FIGURE(name, kind, value, help) metric_set(&name, value);
    COUNTED(SET_FIGURE)
}

void figures_store(struct store *store)
{
    struct store_stat stat;
    if (store_stat(store, &stat) < 0)
        return; /* the figures stay as they were */
    metric_set(&store_used_bytes, stat.used_bytes);
    metric_set(&store_map_bytes, stat.map_bytes);
    metric_set(&store_free_bytes, stat.free_disk_bytes);
    metric_set(&store_readers, stat.readers);
    metric_set(&store_reader_lag_commits, stat.oldest_reader_lag);
}
