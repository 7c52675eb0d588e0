/* drumctl classify eval: on the requests of a real city. Only columns that are set when a request comes are looked at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/enrich/classify/learn.h"
#include "proto/base/clock.h"
#include "tools/benches/grow.h"
#include "tools/benches/verdict.h"
#include "tools/drumctl/classify.h"
#include "tools/drumctl/majority.h"
#include "tools/replay/csv.h"

#define COLUMNS(X) \
    X(TITLE, "case_title") \
    X(TYPE, "type") \
    X(DISTRICT, "pwd_district") \
    X(NEIGHBOURHOOD, "neighborhood") \
    X(QUEUE, "queue") \
    X(DEPARTMENT, "department")

enum column {
#define COLUMN_ENUM(column, name) COLUMN_##column,
    COLUMNS(COLUMN_ENUM)
#undef COLUMN_ENUM
        COLUMN_COUNT
};
static const char *const column_names[] = {
#define COLUMN_NAME(column, name) [COLUMN_##column] = name,
    COLUMNS(COLUMN_NAME)
#undef COLUMN_NAME
};

struct row {
    const char *cells[COLUMN_COUNT];
    const char *type_and_district;
};

struct rows {
    struct arena arena;
    struct row *items;
    size_t count, capacity, refused;
};

/* Shares of the rows that judge. */
struct outcome {
    double first, among_three, automatic, threshold;
    double frequent_of_type, frequent_of_type_and_district;
    double learn_s, suggest_us;
};

static const double AUTOMATIC_RIGHT = 0.97;

/* ---- the file ---- */

static int find_columns(const struct csv_record *header, size_t columns[COLUMN_COUNT], struct fault *fault)
{
    for (size_t c = 0; c < COLUMN_COUNT; c++) {
        size_t i = 0;
        while (i < header->count && strcmp(header->fields[i], column_names[c]) != 0)
            i++;
        if (i == header->count)
            return fault_set(fault, -EINVAL, "no column '%s' in the first line", column_names[c]);
        columns[c] = i;
    }
    return 0;
}

/* A row that is none, or has another number of fields than the first line, costs no other. */
static void read_rows(struct csv *csv, size_t width, const size_t columns[COLUMN_COUNT], struct rows *rows)
{
    struct csv_record record;
    struct fault fault;
    int result;
    while ((result = csv_next(csv, &record, &fault)) != CSV_END) {
        if (result != CSV_RECORD || record.count != width) {
            rows->refused++;
            continue;
        }
        rows->items = grow(rows->items, rows->count, &rows->capacity, sizeof *rows->items);
        struct row *row = &rows->items[rows->count++];
        for (size_t c = 0; c < COLUMN_COUNT; c++)
            row->cells[c] = arena_text(&rows->arena, record.fields[columns[c]], strlen(record.fields[columns[c]]));
        row->type_and_district =
            arena_format(&rows->arena, "%s\n%s", row->cells[COLUMN_TYPE], row->cells[COLUMN_DISTRICT]);
    }
}

static int read_file(const char *path, struct rows *rows, struct fault *fault)
{
    struct csv csv = { .at = 0 };
    struct csv_record header;
    size_t columns[COLUMN_COUNT];
    int result = csv_open(&csv, path, fault);
    if (!result) {
        result = csv_next(&csv, &header, fault);
        if (result == CSV_END)
            result = fault_set(fault, -EINVAL, "it is empty");
        result = result ? -EINVAL : find_columns(&header, columns, fault);
        if (!result)
            read_rows(&csv, header.count, columns, rows);
        else
            fault_prefix(fault, result, "%s", path);
    }
    csv_close(&csv);
    return result;
}

/* ---- one question ---- */

static void describe(const struct row *row, bool title_alone, struct document *document)
{
    *document = (struct document){ .text = row->cells[COLUMN_TITLE] };
    document_mark(document, "title", row->cells[COLUMN_TITLE]);
    if (title_alone)
        return;
    document_mark(document, "type", row->cells[COLUMN_TYPE]);
    document_mark(document, "area", row->cells[COLUMN_DISTRICT]);
    document_mark(document, "area1", row->cells[COLUMN_NEIGHBOURHOOD]);
}

struct verdict_row {
    double confidence;
    bool right;
};

static int by_confidence(const void *a, const void *b)
{
    const struct verdict_row *first = a, *second = b;
    return first->confidence > second->confidence ? -1 : first->confidence < second->confidence;
}

/* The lowest threshold at which AUTOMATIC_RIGHT of those above it are right. */
static void find_threshold(struct verdict_row *rows, size_t count, struct outcome *outcome)
{
    size_t right = 0;
    outcome->threshold = 1;
    qsort(rows, count, sizeof *rows, by_confidence);
    for (size_t i = 0; i < count; i++) {
        right += rows[i].right;
        bool ends = i + 1 == count || rows[i + 1].confidence < rows[i].confidence;
        if (ends && (double)right >= AUTOMATIC_RIGHT * (double)(i + 1)) {
            outcome->automatic = (double)(i + 1) / (double)count;
            outcome->threshold = rows[i].confidence;
        }
    }
}

static void judge(const struct classifier *model, const struct row *rows, size_t count, enum column label,
                  bool title_alone, struct outcome *outcome)
{
    struct features features = { .capacity = 0 };
    struct verdict_row *verdicts = allocate(count, sizeof *verdicts);
    size_t first = 0, among_three = 0;
    int64_t started_us = clock_mono_us();
    for (size_t i = 0; i < count; i++) {
        struct document document;
        struct classifier_choice choices[3];
        describe(&rows[i], title_alone, &document);
        features_take(&features, &document, &model->settings);
        size_t found = classifier_choose(model, &features.list, choices, 3);
        for (size_t c = 0; c < found; c++) {
            bool right = strcmp(model->labels[choices[c].label].name, rows[i].cells[label]) == 0;
            among_three += right;
            if (c == 0)
                verdicts[i] = (struct verdict_row){ choices[0].confidence, right };
        }
        first += verdicts[i].right;
    }
    outcome->suggest_us = (double)(clock_mono_us() - started_us) / (double)count;
    outcome->first = (double)first / (double)count;
    outcome->among_three = (double)among_three / (double)count;
    find_threshold(verdicts, count, outcome);
    free(verdicts);
    features_finish(&features);
}

static int learn_and_judge(const struct rows *rows, size_t train, enum column label, bool title_alone,
                           struct outcome *outcome, struct fault *fault)
{
    struct lessons lessons = { .settings = FEATURE_SETTINGS_DEFAULT };
    struct classifier model;
    struct document document;
    int64_t started_us = clock_mono_us();
    size_t examine = train / LEARN_EXAMINE_PART;
    for (size_t i = 0; i < train; i++) {
        describe(&rows->items[i], title_alone, &document);
        lessons_add(&lessons, &document, rows->items[i].cells[label]);
    }
    int result = learn_classifier(&lessons, train - examine, examine, &model, fault);
    outcome->learn_s = (double)(clock_mono_us() - started_us) / 1e6;
    if (!result) {
        judge(&model, rows->items + train, rows->count - train, label, title_alone, outcome);
        classifier_finish(&model);
    }
    lessons_finish(&lessons);
    return result;
}

/* ---- what it must beat ---- */

static const char *type_of(const struct row *row)
{
    return row->cells[COLUMN_TYPE];
}

static const char *type_and_district_of(const struct row *row)
{
    return row->type_and_district;
}

/* The share that is right by saying what was the most frequent for such a row. */
static double frequent(const struct rows *rows, size_t train, enum column label, const char *(*key)(const struct row *))
{
    struct majority majority = { .count = 0 };
    size_t right = 0;
    for (size_t i = 0; i < train; i++)
        majority_add(&majority, key(&rows->items[i]), rows->items[i].cells[label]);
    majority_settle(&majority);
    for (size_t i = train; i < rows->count; i++) {
        const char *said = majority_of(&majority, key(&rows->items[i]));
        right += said && strcmp(said, rows->items[i].cells[label]) == 0;
    }
    majority_finish(&majority);
    return (double)right / (double)(rows->count - train);
}

/* ---- all of it ---- */

struct outcomes {
    struct outcome department, queue, type;
};

static int ask_all(const struct rows *rows, size_t train, struct outcomes *outcomes, struct fault *fault)
{
    const struct {
        enum column label;
        bool title_alone;
        struct outcome *outcome;
    } questions[] = {
        { COLUMN_DEPARTMENT, false, &outcomes->department },
        { COLUMN_QUEUE, false, &outcomes->queue },
        { COLUMN_TYPE, true, &outcomes->type },
    };
    int result = 0;
    for (size_t i = 0; !result && i < sizeof questions / sizeof *questions; i++) {
        struct outcome *outcome = questions[i].outcome;
        result = learn_and_judge(rows, train, questions[i].label, questions[i].title_alone, outcome, fault);
        outcome->frequent_of_type = frequent(rows, train, questions[i].label, type_of);
        outcome->frequent_of_type_and_district = frequent(rows, train, questions[i].label, type_and_district_of);
    }
    return result;
}

static void sum_up(const struct outcomes *outcomes, const struct rows *rows, size_t train, struct verdict *verdict)
{
    const struct outcome *department = &outcomes->department, *queue = &outcomes->queue, *type = &outcomes->type;
    const struct {
        enum verdict_kind kind;
        const char *name;
        double value;
        const char *about;
    } figures[] = {
        { VERDICT_WORK, "learned", (double)train, "rows, the first ones" },
        { VERDICT_WORK, "judged", (double)(rows->count - train), "rows, the others" },
        { VERDICT_WORK, "refused", (double)rows->refused, "lines that are no rows" },
        { VERDICT_OURS, "department_top1", department->first, "share that is right" },
        { VERDICT_OURS, "queue_top1", queue->first, "" },
        { VERDICT_OURS, "automatic_share", queue->automatic, "of the queues, where 97 % of these are right" },
        { VERDICT_OURS, "automatic_threshold", queue->threshold, "the confidence above which they are" },
        { VERDICT_OURS, "department_automatic_share", department->automatic, "the same for departments" },
        { VERDICT_OURS, "department_automatic_threshold", department->threshold, "" },
        { VERDICT_OURS, "type_top1", type->first, "from the title alone" },
        { VERDICT_OURS, "type_top3", type->among_three, "among the three most likely" },
        { VERDICT_OURS, "learn_s", queue->learn_s, "seconds to learn the queues" },
        { VERDICT_OURS, "suggest_us", queue->suggest_us, "microseconds a suggestion of one" },
        { VERDICT_PEER, "department_by_type", department->frequent_of_type, "always the type's most frequent" },
        { VERDICT_PEER, "queue_by_type", queue->frequent_of_type, "" },
        { VERDICT_PEER, "department_by_type_and_district", department->frequent_of_type_and_district, "" },
        { VERDICT_PEER, "queue_by_type_and_district", queue->frequent_of_type_and_district, "" },
    };
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        verdict_figure(verdict, figures[i].kind, figures[i].name, figures[i].value, figures[i].about);
    verdict_bar(verdict, "department_top1", VERDICT_AT_LEAST, 0.95);
    verdict_bar(verdict, "queue_top1", VERDICT_AT_LEAST, 0.86);
    verdict_bar(verdict, "automatic_share", VERDICT_AT_LEAST, 0.60);
}

static void print(const struct verdict *verdict, bool json)
{
    struct buffer line = { 0 };
    verdict_print(verdict, stdout);
    if (json) {
        verdict_json(verdict, &line);
        puts(buffer_string(&line));
    }
    buffer_finish(&line);
}

int classify_eval(const struct classify_call *call, struct fault *fault)
{
    struct rows rows = { .count = 0 };
    struct outcomes outcomes = { .queue = { 0 } };
    struct verdict verdict = { .bench = "classify" };
    int result = read_file(call->csv, &rows, fault);
    if (!result && rows.count <= (size_t)call->train)
        result = fault_set(fault, -EINVAL, "%s has %zu rows; expected more than the %d of --train, to judge by",
                           call->csv, rows.count, (int)call->train);
    if (!result)
        result = ask_all(&rows, (size_t)call->train, &outcomes, fault);
    if (!result) {
        sum_up(&outcomes, &rows, (size_t)call->train, &verdict);
        print(&verdict, call->json);
    }
    free(rows.items);
    arena_finish(&rows.arena);
    return result;
}
