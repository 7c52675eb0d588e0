/* drumctl train: the model of the suggestions, learned from the district's own history and put in place only if it is not worse. */
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "ingest/enrich/classify/suggester.h"
#include "proto/store/folder.h"
#include "tools/drumctl/apart.h"
#include "tools/drumctl/history.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/majority.h"
#include "tools/drumctl/subcommands.h"

enum {
    REPORTS_LEAST = 50,
    JUDGE_PART = 10, /* of the reports every tenth, the newest, judges */
    MODEL_MODE = 0644,
};

struct training {
    const char *data, *book_folder, *out;
    int64_t seconds, memory_mb, most;
    char path[PATH_MAX];
    struct book *book;
    struct history history;
    struct lessons lessons;
    size_t names, judges;
};

/* ---- lessons ---- */

static void add_name(struct training *training, const struct book_service *service, const char *name, size_t length)
{
    char text[256];
    snprintf(text, sizeof text, "%.*s", (int)length, name);
    if (!*text)
        return;
    for (int twice = 0; twice < 2; twice++) /* what one lesson alone has would be left out */
        lessons_add(&training->lessons, &(struct document){ .text = text }, service->code);
    training->names++;
}

/* What the book says of a service: where nothing was reported yet it is all there is. */
static void add_names(struct training *training, const struct book_service *service)
{
    add_name(training, service, service->name.zh, strlen(service->name.zh));
    if (strcmp(service->name.zh, service->name.en) != 0)
        add_name(training, service, service->name.en, strlen(service->name.en));
    for (const char *word = service->keywords; *word;) {
        size_t length = strcspn(word, ",");
        add_name(training, service, word, length);
        word += length + (word[length] == ',');
    }
}

/* The book's first, then the reports that teach, in order of time; those that judge are no lessons. */
static void make_lessons(struct training *training)
{
    const struct history *history = &training->history;
    training->lessons.settings = (struct feature_settings)FEATURE_SETTINGS_DEFAULT;
    training->judges = history->count / JUDGE_PART;
    for (size_t i = 0; training->book && i < training->book->service_count; i++)
        add_names(training, &training->book->services[i]);
    for (size_t i = 0; i < history->count - training->judges; i++)
        lessons_add(&training->lessons, &history->items[i].document, history->items[i].service);
}

/* ---- learning, in a child ---- */

static int learn(void *context, struct buffer *file, struct fault *fault)
{
    const struct training *training = context;
    struct classifier model;
    size_t examine = (training->history.count - training->judges) / LEARN_EXAMINE_PART;
    int result = learn_classifier(&training->lessons, training->lessons.count - examine, examine, &model, fault);
    if (!result)
        classifier_encode(&model, file);
    return result;
}

/* ---- judging ---- */

static size_t count_right(const struct training *training, const struct classifier *model)
{
    const struct history *history = &training->history;
    struct features features = { .capacity = 0 };
    size_t right = 0;
    for (size_t i = history->count - training->judges; i < history->count; i++) {
        struct classifier_choice best;
        features_take(&features, &history->items[i].document, &model->settings);
        if (classifier_choose(model, &features.list, &best, 1))
            right += strcmp(model->labels[best.label].name, history->items[i].service) == 0;
    }
    features_finish(&features);
    return right;
}

/* How many are right by always saying the service that was the most frequent. */
static size_t count_frequent(const struct training *training)
{
    const struct history *history = &training->history;
    struct majority services = { .count = 0 };
    size_t taught = history->count - training->judges, right = 0;
    for (size_t i = 0; i < taught; i++)
        majority_add(&services, "", history->items[i].service);
    majority_settle(&services);
    for (size_t i = taught; i < history->count; i++)
        right += strcmp(majority_of(&services, ""), history->items[i].service) == 0;
    majority_finish(&services);
    return right;
}

static double percent(size_t part, size_t whole)
{
    return 100.0 * (double)part / (double)whole;
}

/* What a new model must reach: the one in place or, without one, always the most frequent service. */
static int find_rival(const struct training *training, size_t *right, struct fault *fault)
{
    struct classifier model;
    struct fault damage = { "" };
    int result = classifier_read(training->path, &model, &damage);
    if (!result) {
        *right = count_right(training, &model);
        printf("the model in place:                %5.1f %% right\n", percent(*right, training->judges));
        classifier_finish(&model);
        return 0;
    }
    if (result != -ENOENT && result != -EINVAL)
        return fault_set(fault, result, "%s", damage.text);
    if (result == -EINVAL)
        printf("the model in place does not count: %s\n", damage.text);
    *right = count_frequent(training);
    printf("always the most frequent service:  %5.1f %% right\n", percent(*right, training->judges));
    return 0;
}

/* ---- the command ---- */

static int put_in_place(const struct training *training, const struct buffer *file, struct fault *fault)
{
    char folder[PATH_MAX], name[PATH_MAX];
    strcpy(folder, training->path);
    strcpy(name, training->path);
    const char *parent = dirname(folder);
    int result = folder_write(parent, basename(name), buffer_view(file), MODEL_MODE, fault);
    return result ? result : folder_sync(parent, fault);
}

/* 0: in place; 1: it is worse, or good for nothing, and nothing was changed. */
static int judge(const struct training *training, const struct buffer *file, struct fault *fault)
{
    struct classifier model;
    size_t rival = 0;
    int result = classifier_decode(buffer_view(file), &model, fault);
    if (result)
        return result;
    size_t right = count_right(training, &model);
    printf("judged by the newest %zu reports\n", training->judges);
    printf("the new model:                     %5.1f %% right, %zu services, %zu kB\n",
           percent(right, training->judges), model.label_count, file->size >> 10);
    classifier_finish(&model);
    result = find_rival(training, &rival, fault);
    if (result)
        return result;
    const char *why_not = right < rival ? "is worse" : right == 0 ? "gets nothing right" : NULL;
    if (!why_not)
        result = put_in_place(training, file, fault);
    if (why_not)
        printf("%s: left as it was, the new model %s\n", training->path, why_not);
    else if (!result)
        printf("%s: the new model is in place\n", training->path);
    return why_not ? 1 : result;
}

static int train_on(struct training *training, struct fault *fault)
{
    struct buffer file = { 0 };
    make_lessons(training);
    printf("learning from %zu reports of cases that were disposed of and %zu names of the book\n",
           training->history.count - training->judges, training->names);
    int result = apart_run(learn, training,
                           &(struct apart_limits){ .seconds = training->seconds,
                                                   .memory_bytes = training->memory_mb << 20,
                                                   .answer_bytes = CLASSIFIER_BYTES_MAX },
                           &file, fault);
    if (result)
        fault_prefix(fault, result, "nothing was learned");
    else
        result = judge(training, &file, fault);
    buffer_finish(&file);
    return result;
}

static int run(struct training *training, struct fault *fault)
{
    int result = 0;
    if (training->out)
        snprintf(training->path, sizeof training->path, "%s", training->out);
    else
        snprintf(training->path, sizeof training->path, "%s/" SUGGESTER_FILE, training->data);
    if (training->book_folder)
        result = book_load(training->book_folder, &training->book, NULL, NULL, fault);
    if (!result)
        result = history_read(training->data, training->book, (size_t)training->most, &training->history, fault);
    if (result)
        return result;
    if (training->history.count < REPORTS_LEAST) {
        printf("%zu reports of cases that were disposed of; at least %d are needed to learn from\n",
               training->history.count, REPORTS_LEAST);
        return 1;
    }
    return train_on(training, fault);
}

int drumctl_train(int argc, char **argv)
{
    struct training training = { .seconds = 600, .memory_mb = 4096, .most = 100000 };
    const struct arg args[] = {
        { "data", ARG_TEXT, &training.data, "DIR", "data folder", 0, 0 },
        { "book", ARG_TEXT, &training.book_folder, "DIR", "district book: its services, names and areas", 0, 0 },
        { "out", ARG_TEXT, &training.out, "FILE", "the model; default DATA/" SUGGESTER_FILE, 0, 0 },
        { "most", ARG_INT, &training.most, "N", "learn from the newest reports", REPORTS_LEAST, 1000000 },
        { "seconds", ARG_INT, &training.seconds, "N", "give up after so long", 1, 86400 },
        { "memory-mb", ARG_INT, &training.memory_mb, "N", "give up above so much memory", 1, 1 << 20 },
    };
    const struct arg_program program = {
        .name = "drumctl train",
        .usage = "--data DIR [--book DIR] [options]",
        .summary = "Learns from the district's own history which service a report is about: the words, place and "
                   "source of the\n"
                   "reports, and the service that their cases had when they were disposed of. The newest tenth judges: "
                   "the model is\n"
                   "put in place only if it gets some right and is not worse there than the one that is in place, and "
                   "drumtower-ingest\n"
                   "then uses it by itself. Exits with 1 where nothing was changed. With --book the model learns names "
                   "and keywords of\n"
                   "the services too, suggests none that the book has not, and knows the areas above a report's own, "
                   "as ingest does.",
        .args = args,
        .arg_count = sizeof args / sizeof *args,
    };
    struct fault fault = { "" };
    int operands, status = look_parse(&program, argc, argv, &operands, &training.data);
    if (status != LOOK_GO_ON)
        return status;
    int result = run(&training, &fault);
    lessons_finish(&training.lessons);
    history_finish(&training.history);
    book_destroy(training.book);
    return result < 0 ? look_fail(&program, 1, &fault) : result;
}
