#include "ingest/sources/source_metric.h"

#include <stdlib.h>

static struct metric *add(enum metric_kind kind, const char *family, const char *help, const char *label,
                          const char *value, const char *label_too, const char *value_too)
{
    struct buffer name = { 0 };
    struct metric *metric = calloc(1, sizeof *metric);
    if (!metric)
        abort();
    buffer_format(&name, "%s{%s=\"%s\"", family, label, value);
    if (label_too)
        buffer_format(&name, ",%s=\"%s\"", label_too, value_too);
    buffer_text(&name, "}");
    metric->name = buffer_string(&name); /* the buffer's bytes are the metric's from here on */
    metric->help = help;
    metric->kind = kind;
    metric_register(metric);
    return metric;
}

struct metric *source_counter(const char *family, const char *help, const char *label, const char *value,
                              const char *label_too, const char *value_too)
{
    return add(METRIC_KIND_COUNTER, family, help, label, value, label_too, value_too);
}

struct metric *source_gauge(const char *family, const char *help, const char *label, const char *value)
{
    return add(METRIC_KIND_GAUGE, family, help, label, value, NULL, NULL);
}

struct metric **source_counters(const char *family, const char *help, const char *label, const char *value,
                                const char *label_too, const struct enum_desc *desc)
{
    struct metric **metrics = calloc(desc->count, sizeof(struct metric *));
    if (!metrics)
        abort();
    for (size_t i = 0; i < desc->count; i++)
        metrics[i] = source_counter(family, help, label, value, label_too, desc->names[i]);
    return metrics;
}
