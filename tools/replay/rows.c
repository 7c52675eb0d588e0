#include "tools/replay/rows.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/book/zone.h"
#include "tools/replay/csv.h"

#define COLUMNS(X) \
    X(OPEN, "open_dt") \
    X(TYPE, "type") \
    X(TARGET, "target_dt") \
    X(CLOSED, "closed_dt") \
    X(ON_TIME, "ontime") \
    X(TITLE, "case_title") \
    X(LOCATION, "location") \
    X(LATITUDE, "latitude") \
    X(LONGITUDE, "longitude") \
    X(ID, "case_enquiry_id")

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
static const size_t ABSENT = SIZE_MAX;

struct reading {
    struct rows *rows;
    const struct zone *zone;
    size_t columns[COLUMN_COUNT]; /* index of the field, or ABSENT */
    size_t width;
};

static int read_header(struct reading *reading, const struct csv_record *header, const char *path, struct fault *fault)
{
    reading->width = header->count;
    for (size_t c = 0; c < COLUMN_COUNT; c++) {
        reading->columns[c] = ABSENT;
        for (size_t i = 0; i < header->count; i++)
            if (strcmp(header->fields[i], column_names[c]) == 0)
                reading->columns[c] = i;
        if (reading->columns[c] == ABSENT && (c == COLUMN_OPEN || c == COLUMN_TYPE))
            return fault_set(fault, -EINVAL, "%s: no column '%s' in its first line", path, column_names[c]);
    }
    return 0;
}

/* The field without blanks around it, "" where the column is absent. */
static const char *field(const struct reading *reading, const struct csv_record *record, enum column column)
{
    if (reading->columns[column] == ABSENT)
        return "";
    const char *text = record->fields[reading->columns[column]];
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length && strchr(" \t", text[length - 1]))
        length--;
    return arena_text(&reading->rows->arena, text, length);
}

/* A local time of the book's zone; *at_ms stays 0 for an empty field. */
static int moment(const struct reading *reading, const struct csv_record *record, enum column column, int64_t *at_ms,
                  struct fault *fault)
{
    const char *text = field(reading, record, column);
    int64_t local_ms;
    *at_ms = 0;
    if (!*text)
        return 0;
    if (timestamp_parse(text, 0, &local_ms) < 0)
        return fault_set(fault, -EINVAL, "%s '%.40s' is not a date and time", column_names[column], text);
    *at_ms = zone_from_local_ms(reading->zone, local_ms);
    return 0;
}

static enum verdict verdict_of(const char *text)
{
    return strcmp(text, "ONTIME") == 0    ? VERDICT_ON_TIME
           : strcmp(text, "OVERDUE") == 0 ? VERDICT_OVERDUE
                                          : VERDICT_NONE;
}

static int read_row(const struct reading *reading, const struct csv_record *record, struct row *row,
                    struct fault *fault)
{
    if (record->count != reading->width)
        return fault_set(fault, -EINVAL, "%zu fields; the first line has %zu", record->count, reading->width);
    *row = (struct row){
        .line = record->line,
        .id = field(reading, record, COLUMN_ID),
        .type = field(reading, record, COLUMN_TYPE),
        .title = field(reading, record, COLUMN_TITLE),
        .location = field(reading, record, COLUMN_LOCATION),
        .latitude = field(reading, record, COLUMN_LATITUDE),
        .longitude = field(reading, record, COLUMN_LONGITUDE),
        .verdict = verdict_of(field(reading, record, COLUMN_ON_TIME)),
    };
    if (moment(reading, record, COLUMN_OPEN, &row->opened_ms, fault) < 0 ||
        moment(reading, record, COLUMN_TARGET, &row->target_ms, fault) < 0 ||
        moment(reading, record, COLUMN_CLOSED, &row->closed_ms, fault) < 0)
        return -EINVAL;
    if (!row->opened_ms)
        return fault_set(fault, -EINVAL, "no open_dt");
    if (row->closed_ms && row->closed_ms < row->opened_ms)
        return fault_set(fault, -EINVAL, "closed_dt %s is before open_dt %s", field(reading, record, COLUMN_CLOSED),
                         field(reading, record, COLUMN_OPEN));
    if (!*row->type)
        return fault_set(fault, -EINVAL, "no type");
    if (!*row->location && (!*row->latitude || !*row->longitude))
        return fault_set(fault, -EINVAL, "neither a location nor a position");
    return 0;
}

static struct row *next_row(struct rows *rows)
{
    if (rows->count == rows->capacity) {
        rows->capacity = rows->capacity ? 2 * rows->capacity : 1024;
        rows->items = realloc(rows->items, rows->capacity * sizeof *rows->items);
        if (!rows->items)
            abort();
    }
    return &rows->items[rows->count];
}

static int by_opening(const void *a, const void *b)
{
    const struct row *first = a, *second = b;
    if (first->opened_ms != second->opened_ms)
        return first->opened_ms < second->opened_ms ? -1 : 1;
    return first->line < second->line ? -1 : first->line > second->line;
}

static void read_all(struct reading *reading, struct csv *csv, size_t limit, void (*refuse)(const char *why))
{
    struct rows *rows = reading->rows;
    struct csv_record record;
    int result;
    struct fault fault = { "" };
    while ((!limit || rows->total < limit) && (result = csv_next(csv, &record, &fault)) != CSV_END) {
        rows->total++;
        if (result == CSV_RECORD && (result = read_row(reading, &record, next_row(rows), &fault)) == 0) {
            rows->count++;
            continue;
        }
        rows->refused++;
        if (result < 0)
            fault_prefix(&fault, result, "line %zu", record.line);
        refuse(fault.text);
    }
    if (rows->count)
        qsort(rows->items, rows->count, sizeof *rows->items, by_opening);
}

int rows_load(struct rows *rows, const char *path, const struct zone *zone, size_t limit,
              void (*refuse)(const char *why), struct fault *fault)
{
    struct reading reading = { .rows = rows, .zone = zone };
    struct csv csv = { .at = 0 };
    struct csv_record header;
    int result = csv_open(&csv, path, fault);
    if (!result) {
        result = csv_next(&csv, &header, fault);
        if (result == CSV_RECORD)
            result = read_header(&reading, &header, path, fault);
        else
            result = result == CSV_END ? fault_set(fault, -EINVAL, "%s: is empty", path)
                                       : fault_prefix(fault, -EINVAL, "%s", path);
    }
    if (!result)
        read_all(&reading, &csv, limit, refuse);
    csv_close(&csv);
    return result;
}

int rows_mark_rules(struct rows *rows, const char *path, struct fault *fault)
{
    struct csv csv = { .at = 0 };
    struct csv_record record;
    int types = 0;
    int result = csv_open(&csv, path, fault);
    while (!result && (result = csv_next(&csv, &record, fault)) == CSV_RECORD) {
        types++;
        for (size_t i = 0; i < rows->count; i++)
            if (strcmp(rows->items[i].type, record.fields[0]) == 0)
                rows->items[i].has_rule = true;
    }
    csv_close(&csv);
    if (result == CSV_BAD)
        return fault_prefix(fault, -EINVAL, "%s", path);
    return result < 0 ? result : types - 1; /* without its first line */
}

void rows_finish(struct rows *rows)
{
    free(rows->items);
    arena_finish(&rows->arena);
    *rows = (struct rows){ 0 };
}
