#include "proto/base/metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static _Atomic(struct metric *) first_metric;

void metric_register(struct metric *metric)
{
    if (atomic_load(&metric->listed) || atomic_exchange(&metric->listed, true))
        return;
    metric->next = atomic_load(&first_metric);
    while (!atomic_compare_exchange_weak(&first_metric, &metric->next, metric))
        ;
}

void metric_add(struct metric *metric, int64_t more)
{
    metric_register(metric);
    atomic_fetch_add(&metric->value, more);
}

void metric_set(struct metric *metric, int64_t value)
{
    metric_register(metric);
    atomic_store(&metric->value, value);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct metric *const *)a)->name, (*(struct metric *const *)b)->name);
}

void metrics_print(struct buffer *out)
{
    size_t count = 0;
    for (struct metric *at = atomic_load(&first_metric); at; at = at->next)
        count++;
    struct metric **sorted = calloc(count ? count : 1, sizeof *sorted);
    if (!sorted)
        abort();
    size_t filled = 0;
    for (struct metric *at = atomic_load(&first_metric); at && filled < count; at = at->next)
        sorted[filled++] = at;
    qsort(sorted, filled, sizeof *sorted, by_name);
    size_t said = 0; /* length of the base name whose HELP line is out */
    const char *said_name = "";
    for (size_t i = 0; i < filled; i++) {
        size_t base = strcspn(sorted[i]->name, "{");
        if (base != said || strncmp(sorted[i]->name, said_name, base) != 0) {
            said = base;
            said_name = sorted[i]->name;
            buffer_format(out, "# HELP %.*s %s\n# TYPE %.*s %s\n", (int)base, sorted[i]->name, sorted[i]->help,
                          (int)base, sorted[i]->name, sorted[i]->kind == METRIC_KIND_COUNTER ? "counter" : "gauge");
        }
        buffer_format(out, "%s %" PRId64 "\n", sorted[i]->name, atomic_load(&sorted[i]->value));
    }
    free(sorted);
}
