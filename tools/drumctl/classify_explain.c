#include <math.h>
#include <stdio.h>

#include "ingest/enrich/classify/classifier.h"
#include "ingest/enrich/clip.h"
#include "tools/drumctl/classify.h"

enum { REASONS_MOST = 12, CHOICES_MOST = 20, TITLE_BYTES = 120 };

struct reason {
    const struct feature *feature;
    double weight;
};

/* The report as ingest would have it: the first line is its title. */
static int take_report(const struct classify_call *call, const struct book *book, struct arena *arena,
                       struct document *document, struct fault *fault)
{
    size_t line = strcspn(call->text, "\r\n"), fits = clip_utf8(call->text, TITLE_BYTES);
    int source = call->source ? enum_value(&event_source_desc, call->source) : SOURCE_RESIDENT;
    if (source < 0)
        return fault_set(fault, -EINVAL, "--source '%s': expected resident, worker, hotline …", call->source);
    if (book && call->area && !book_area(book, call->area))
        return fault_set(fault, -EINVAL, "--area '%s': the book has no such area", call->area);
    const struct event event = {
        .text = call->text,
        .title = arena_text(arena, call->text, line < fits ? line : fits),
        .source = (enum event_source)source,
        .place = { .area = call->area },
    };
    document_of_event(document, &event, book, arena);
    return 0;
}

/* The heaviest first, for or against; zeros are none. Returns how many. */
static size_t find_reasons(const struct classifier *model, const struct feature_list *features, size_t label,
                           struct reason reasons[REASONS_MOST])
{
    size_t count = 0;
    for (size_t i = 0; i < features->count; i++) {
        double weight = classifier_weight_of(model, &features->items[i], label);
        size_t at = count;
        while (at > 0 && fabs(reasons[at - 1].weight) < fabs(weight))
            at--;
        if (weight == 0 || at == REASONS_MOST)
            continue;
        count += count < REASONS_MOST;
        memmove(reasons + at + 1, reasons + at, (count - 1 - at) * sizeof *reasons);
        reasons[at] = (struct reason){ &features->items[i], weight };
    }
    return count;
}

static void print_reason(const struct reason *reason, const struct features *features, const struct document *document)
{
    const struct feature *feature = reason->feature;
    const struct document_mark *mark = &document->marks[feature->from], *with = &document->marks[feature->with];
    printf("    %+.4f  ", reason->weight);
    if (feature->length)
        printf("'%.*s'\n", feature->length, (const char *)features->text.bytes + feature->from);
    else if (mark == with)
        printf("%s %s\n", mark->name, mark->value);
    else
        printf("%s %s, %s %s\n", mark->name, mark->value, with->name, with->value);
}

static void explain(const struct classifier *model, const struct book *book, const struct document *document,
                    const struct classify_call *call)
{
    struct features features = { .capacity = 0 };
    struct classifier_choice choices[CHOICES_MOST];
    struct reason reasons[REASONS_MOST];
    features_take(&features, document, &model->settings);
    size_t count = classifier_choose(model, &features.list, choices, (size_t)call->most);
    if (!count)
        puts("the model knows nothing of this report");
    for (size_t i = 0; i < count; i++) {
        const char *label = model->labels[choices[i].label].name;
        const struct book_service *service = book ? book_service(book, label) : NULL;
        printf("%.4f  %s%s%s, score %.4f\n", choices[i].confidence, label, service ? " " : "",
               service ? service->name.zh : "", choices[i].score);
        size_t reason_count = find_reasons(model, &features.list, choices[i].label, reasons);
        for (size_t r = 0; r < reason_count; r++)
            print_reason(&reasons[r], &features, document);
    }
    features_finish(&features);
}

int classify_explain(const struct classify_call *call, struct fault *fault)
{
    struct classifier model;
    struct book *book = NULL;
    struct arena arena = { 0 };
    struct document document;
    int result = classifier_read(call->model, &model, fault);
    if (!result && call->book)
        result = book_load(call->book, &book, NULL, NULL, fault);
    if (!result)
        result = take_report(call, book, &arena, &document, fault);
    if (!result)
        explain(&model, book, &document, call);
    classifier_finish(&model);
    book_destroy(book);
    arena_finish(&arena);
    return result;
}
