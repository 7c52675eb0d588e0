/* Verdict: what a bench found, as a table for a person and as one line of JSON for a program: figures, ratios of two of them, and
 * the bars that some of them have to reach. What was not measured reaches no bar.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "proto/base/buffer.h"

/* X(kind, name, heading in the table) */
#define VERDICT_KINDS(X) \
    X(OURS, "ours", "ours") \
    X(LIMIT, "limits", "the limit") \
    X(PEER, "peers", "peer") \
    X(RATIO, "ratios", "ratio") \
    X(WORK, "work", "the work")

enum verdict_kind {
#define VERDICT_KIND(kind, name, heading) VERDICT_##kind,
    VERDICT_KINDS(VERDICT_KIND)
#undef VERDICT_KIND
};

enum verdict_side { VERDICT_AT_LEAST, VERDICT_AT_MOST };

enum { VERDICT_FIGURES = 96, VERDICT_BARS = 12 };

struct verdict {
    const char *bench;
    struct verdict_figure {
        enum verdict_kind kind;
        const char *name;
        double value;
        const char *about; /* unit and meaning, for a person */
    } figures[VERDICT_FIGURES];
    size_t figure_count;
    struct verdict_bar {
        const char *figure;
        enum verdict_side side;
        double limit;
    } bars[VERDICT_BARS];
    size_t bar_count;
};

/* Texts are the caller's and outlive the verdict. */
void verdict_figure(struct verdict *verdict, enum verdict_kind kind, const char *name, double value, const char *about);
/* A figure that is one of two others divided by another; none where one is missing or the divisor is not above 0. */
void verdict_ratio(struct verdict *verdict, const char *name, const char *of, const char *to, const char *about);
/* The best of some figures under a name of its own: a bar is held against the strongest peer. None where none is there. */
void verdict_best(struct verdict *verdict, enum verdict_kind kind, const char *name, const char *const *of,
                  size_t count, const char *about);
void verdict_bar(struct verdict *verdict, const char *figure, enum verdict_side side, double limit);

/* NaN where there is no such figure. */
double verdict_value(const struct verdict *verdict, const char *name);
bool verdict_bar_met(const struct verdict *verdict, const struct verdict_bar *bar);
/* All of them, and there is one at least. */
bool verdict_met(const struct verdict *verdict);

void verdict_print(const struct verdict *verdict, FILE *out);
/* {"bench":…,"ours":{…},"limits":{…},"peers":{…},"ratios":{…},"work":{…},"bar":[{"figure","at_least"|"at_most","value","met"}],"bar_met":…}
 * in one line without its end. A value that is no number is null. */
void verdict_json(const struct verdict *verdict, struct buffer *out);
