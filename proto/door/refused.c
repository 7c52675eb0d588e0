#include "proto/door/refused.h"

#include "proto/base/metrics.h"

#define REFUSED_METRIC(name, text) METRIC_COUNTER(text, "Requests and connections that a limit or a check refused."),
static struct metric counters[] = { REFUSED_REASONS(REFUSED_METRIC) };

void refused_count(enum refused_reason reason)
{
    metric_add(&counters[reason], 1);
}
