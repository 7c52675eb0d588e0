#include "tools/benches/verdict.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const struct {
    const char *name, *heading;
} kinds[] = {
#define VERDICT_ROW(kind, name, heading) [VERDICT_##kind] = { name, heading },
    VERDICT_KINDS(VERDICT_ROW)
#undef VERDICT_ROW
};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

static const struct verdict_figure *find(const struct verdict *verdict, const char *name)
{
    for (size_t i = 0; i < verdict->figure_count; i++)
        if (strcmp(verdict->figures[i].name, name) == 0)
            return &verdict->figures[i];
    return NULL;
}

void verdict_figure(struct verdict *verdict, enum verdict_kind kind, const char *name, double value, const char *about)
{
    assert(verdict->figure_count < VERDICT_FIGURES && !find(verdict, name));
    verdict->figures[verdict->figure_count++] = (struct verdict_figure){ kind, name, value, about };
}

double verdict_value(const struct verdict *verdict, const char *name)
{
    const struct verdict_figure *figure = find(verdict, name);
    return figure ? figure->value : (double)NAN;
}

void verdict_ratio(struct verdict *verdict, const char *name, const char *of, const char *to, const char *about)
{
    double above = verdict_value(verdict, of), below = verdict_value(verdict, to);
    if (isfinite(above) && isfinite(below) && below > 0)
        verdict_figure(verdict, VERDICT_RATIO, name, above / below, about);
}

void verdict_best(struct verdict *verdict, enum verdict_kind kind, const char *name, const char *const *of,
                  size_t count, const char *about)
{
    double best = (double)NAN;
    for (size_t i = 0; i < count; i++)
        best = fmax(best, verdict_value(verdict, of[i]));
    if (isfinite(best))
        verdict_figure(verdict, kind, name, best, about);
}

/* ---- bars ---- */

void verdict_bar(struct verdict *verdict, const char *figure, enum verdict_side side, double limit)
{
    assert(verdict->bar_count < VERDICT_BARS);
    verdict->bars[verdict->bar_count++] = (struct verdict_bar){ figure, side, limit };
}

bool verdict_bar_met(const struct verdict *verdict, const struct verdict_bar *bar)
{
    double value = verdict_value(verdict, bar->figure); /* NaN compares false either way */
    return bar->side == VERDICT_AT_LEAST ? value >= bar->limit : value <= bar->limit;
}

bool verdict_met(const struct verdict *verdict)
{
    bool met = verdict->bar_count > 0;
    for (size_t i = 0; i < verdict->bar_count; i++)
        met = met && verdict_bar_met(verdict, &verdict->bars[i]);
    return met;
}

/* ---- for a person ---- */

/* Four digits that matter, and no exponent for whole numbers. */
static void print_number(FILE *out, double value)
{
    if (!isfinite(value))
        fprintf(out, "%14s", "-");
    else
        fprintf(out, "%14.*f", fabs(value) >= 1000 || value == rint(value) ? 0 : fabs(value) >= 10 ? 1 : 3, value);
}

void verdict_print(const struct verdict *verdict, FILE *out)
{
    static const enum verdict_kind order[KIND_COUNT] = { VERDICT_WORK, VERDICT_OURS, VERDICT_LIMIT, VERDICT_PEER,
                                                         VERDICT_RATIO };
    fprintf(out, "bench %s\n", verdict->bench);
    for (size_t k = 0; k < KIND_COUNT; k++)
        for (size_t i = 0; i < verdict->figure_count; i++) {
            const struct verdict_figure *figure = &verdict->figures[i];
            if (figure->kind != order[k])
                continue;
            fprintf(out, "  %-10s %-34s", kinds[figure->kind].heading, figure->name);
            print_number(out, figure->value);
            fprintf(out, "  %s\n", figure->about);
        }
    for (size_t i = 0; i < verdict->bar_count; i++) {
        const struct verdict_bar *bar = &verdict->bars[i];
        fprintf(out, "  %-10s %-34s %s %g: %s\n", "bar", bar->figure,
                bar->side == VERDICT_AT_LEAST ? "at least" : "at most", bar->limit,
                verdict_bar_met(verdict, bar) ? "met" : "NOT MET");
    }
}

/* ---- for a program: names are ours, without anything to escape ---- */

static void json_number(struct buffer *out, double value)
{
    if (isfinite(value))
        buffer_format(out, "%.10g", value);
    else
        buffer_text(out, "null");
}

static void json_figures(const struct verdict *verdict, enum verdict_kind kind, struct buffer *out)
{
    const char *comma = "";
    buffer_format(out, ",\"%s\":{", kinds[kind].name);
    for (size_t i = 0; i < verdict->figure_count; i++) {
        const struct verdict_figure *figure = &verdict->figures[i];
        if (figure->kind != kind)
            continue;
        buffer_format(out, "%s\"%s\":", comma, figure->name);
        json_number(out, figure->value);
        comma = ",";
    }
    buffer_text(out, "}");
}

void verdict_json(const struct verdict *verdict, struct buffer *out)
{
    buffer_format(out, "{\"bench\":\"%s\"", verdict->bench);
    for (size_t kind = 0; kind < KIND_COUNT; kind++)
        json_figures(verdict, (enum verdict_kind)kind, out);
    buffer_text(out, ",\"bar\":[");
    for (size_t i = 0; i < verdict->bar_count; i++) {
        const struct verdict_bar *bar = &verdict->bars[i];
        buffer_format(out, "%s{\"figure\":\"%s\",\"%s\":%.10g,\"value\":", i ? "," : "", bar->figure,
                      bar->side == VERDICT_AT_LEAST ? "at_least" : "at_most", bar->limit);
        json_number(out, verdict_value(verdict, bar->figure));
        buffer_format(out, ",\"met\":%s}", verdict_bar_met(verdict, bar) ? "true" : "false");
    }
    buffer_format(out, "],\"bar_met\":%s}", verdict_met(verdict) ? "true" : "false");
}
