/* Counters and gauges, declared with their sentence beside the code that counts, printed for Prometheus.
 *
 *     static struct metric refused = METRIC_COUNTER("drumtower_door_refused_total", "Requests that the lint refused.");
 *     metric_add(&refused, 1);
 * A metric joins the list at its first use or by metric_register(); it lives as long as the process. Safe from any thread.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/base/buffer.h"

enum metric_kind { METRIC_KIND_COUNTER, METRIC_KIND_GAUGE };

struct metric {
    const char *name; /* with labels where there are any: name{reason="lint"} */
    const char *help; /* one sentence, with the unit */
    enum metric_kind kind;
    _Atomic int64_t value;
    _Atomic bool listed;
    struct metric *next;
};

#define METRIC_COUNTER(name_, help_) \
    { \
        .name = (name_), .help = (help_), .kind = METRIC_KIND_COUNTER \
    }
#define METRIC_GAUGE(name_, help_) \
    { \
        .name = (name_), .help = (help_), .kind = METRIC_KIND_GAUGE \
    }

void metric_register(struct metric *metric);
void metric_add(struct metric *metric, int64_t more);
void metric_set(struct metric *metric, int64_t value);
/* Prometheus text format 0.0.4, sorted by name. */
void metrics_print(struct buffer *out);
