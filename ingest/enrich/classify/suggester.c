#include "ingest/enrich/classify/suggester.h"

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"

static struct metric services = METRIC_GAUGE("drumtower_ingest_suggest_services", "Services that the model can "
                                                                                  "suggest; 0: there is no model.");
static struct metric suggested = METRIC_COUNTER("drumtower_ingest_suggested_total", "Reports without a service that "
                                                                                    "got a suggestion.");
static struct metric unknown = METRIC_COUNTER("drumtower_ingest_suggest_unknown_total", "Reports without a service "
                                                                                        "of which the model knows "
                                                                                        "nothing, or a service that "
                                                                                        "the book has not.");
static struct metric took_us = METRIC_COUNTER("drumtower_ingest_suggest_microseconds_total", "Time spent on "
                                                                                             "suggestions, "
                                                                                             "microseconds.");
static struct metric damaged = METRIC_COUNTER("drumtower_ingest_suggest_damaged_total", "Model files that could not "
                                                                                        "be read.");

static void put_in_use(struct suggester *suggester, const struct classifier *model)
{
    classifier_finish(&suggester->model);
    suggester->model = *model;
    metric_set(&services, (int64_t)model->label_count);
}

static void load(struct suggester *suggester)
{
    struct classifier model;
    struct fault fault = { "" };
    if (classifier_read(suggester->path, &model, &fault) < 0) {
        metric_add(&damaged, 1);
        log_error("the model of the suggestions cannot be read; what was in use stays", "reason=\"%s\"", fault.text);
        return;
    }
    put_in_use(suggester, &model);
    log_info("suggestions by a model", "file=\"%s\" services=%zu learned_from=%u", suggester->path, model.label_count,
             model.documents);
}

static void unload(struct suggester *suggester)
{
    put_in_use(suggester, &(struct classifier){ .label_count = 0 });
    log_info("no suggestions: there is no model; drumctl train makes one", "file=\"%s\"", suggester->path);
}

/* True where another file is there than at the last look, or none any more. */
static bool has_changed(struct suggester *suggester)
{
    struct stat now, seen = suggester->seen;
    if (stat(suggester->path, &now) != 0)
        now = (struct stat){ .st_size = 0 };
    suggester->seen = now;
    return now.st_ino != seen.st_ino || now.st_size != seen.st_size || now.st_mtim.tv_sec != seen.st_mtim.tv_sec ||
           now.st_mtim.tv_nsec != seen.st_mtim.tv_nsec;
}

void suggester_check(struct suggester *suggester)
{
    if (!has_changed(suggester))
        return;
    if (suggester->seen.st_ino)
        load(suggester);
    else
        unload(suggester);
}

void suggester_open(struct suggester *suggester, const struct book *book, const char *path)
{
    *suggester = (struct suggester){ .book = book, .path = path };
    metric_register(&services);
    if (has_changed(suggester))
        load(suggester);
    else
        unload(suggester);
}

void suggester_close(struct suggester *suggester)
{
    classifier_finish(&suggester->model);
    features_finish(&suggester->features);
    arena_finish(&suggester->arena);
    *suggester = (struct suggester){ .book = NULL };
}

static bool wants_one(const struct suggester *suggester, const struct event *event)
{
    return suggester->model.label_count && (event->kind == EVENT_REPORT || event->kind == EVENT_PATROL) &&
           (!event->service || !*event->service) && (!event->suggested_service || !*event->suggested_service);
}

bool suggester_look(struct suggester *suggester, const struct event *event, struct suggester_view *view)
{
    struct document document;
    struct classifier_choice best;
    *view = (struct suggester_view){ .service = NULL };
    if (!suggester->model.label_count)
        return false;
    arena_reset(&suggester->arena);
    document_of_event(&document, event, suggester->book, &suggester->arena);
    features_take(&suggester->features, &document, &suggester->model.settings);
    if (classifier_choose(&suggester->model, &suggester->features.list, &best, 1))
        *view = (struct suggester_view){ book_service(suggester->book, suggester->model.labels[best.label].name),
                                         best.confidence, best.score };
    return true;
}

void suggester_event(struct suggester *suggester, struct event *event)
{
    if (!wants_one(suggester, event))
        return;
    int64_t started_us = clock_mono_us();
    struct suggester_view view;
    suggester_look(suggester, event, &view);
    if (view.service) {
        event->suggested_service = view.service->code;
        event->suggestion_confidence = view.confidence;
    }
    metric_add(view.service ? &suggested : &unknown, 1);
    metric_add(&took_us, clock_mono_us() - started_us);
}
