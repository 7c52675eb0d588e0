#include "tools/replay/csv.h"

#include <stdbool.h>
#include <string.h>
#include <zlib.h>

enum { READ_BYTES = 1 << 16, FIELDS_MAX = 512 };

int csv_open(struct csv *csv, const char *path, struct fault *fault)
{
    gzFile file = gzopen(path, "rb"); /* reads what is not compressed as it is */
    if (!file)
        return fault_set(fault, -ENOENT, "%s: %s", path, strerror(errno));
    int got;
    *csv = (struct csv){ .line = 1 };
    while ((got = gzread(file, buffer_reserve(&csv->bytes, READ_BYTES), READ_BYTES)) > 0)
        csv->bytes.size += (size_t)got;
    int result = got < 0 ? fault_set(fault, -EIO, "%s: %s", path, gzerror(file, &got)) : 0;
    gzclose(file);
    if (csv->bytes.size >= 3 && memcmp(csv->bytes.bytes, "\xef\xbb\xbf", 3) == 0)
        csv->at = 3; /* a byte order mark */
    return result;
}

void csv_open_bytes(struct csv *csv, struct bytes bytes)
{
    *csv = (struct csv){ .line = 1 };
    buffer_append(&csv->bytes, bytes.data, bytes.size);
}

void csv_close(struct csv *csv)
{
    buffer_finish(&csv->bytes);
    buffer_finish(&csv->field);
    arena_finish(&csv->arena);
    *csv = (struct csv){ 0 };
}

static int peek(const struct csv *csv)
{
    return csv->at < csv->bytes.size ? csv->bytes.bytes[csv->at] : -1;
}

static int take(struct csv *csv)
{
    int byte = peek(csv);
    csv->at += byte >= 0;
    csv->line += byte == '\n';
    return byte;
}

/* Over a line's end, LF or CRLF; false where there is none. */
static bool take_line_end(struct csv *csv)
{
    bool both = peek(csv) == '\r' && csv->at + 1 < csv->bytes.size && csv->bytes.bytes[csv->at + 1] == '\n';
    if (both)
        take(csv);
    if (peek(csv) != '\n')
        return false;
    take(csv);
    return true;
}

static int take_quoted(struct csv *csv, struct fault *fault)
{
    size_t line = csv->line;
    take(csv); /* the opening quote */
    for (;;) {
        int byte = take(csv);
        if (byte < 0)
            return fault_set(fault, CSV_BAD, "line %zu: a quoted field does not end", line);
        if (byte == '"' && peek(csv) != '"')
            break;
        if (byte == '"')
            take(csv); /* the second of two stands for one */
        buffer_append(&csv->field, &(uint8_t){ (uint8_t)byte }, 1);
    }
    int next = peek(csv);
    if (next >= 0 && next != ',' && next != '\n' && next != '\r')
        return fault_set(fault, CSV_BAD, "line %zu: '%c' after a closing quote; expected a comma", csv->line, next);
    return CSV_RECORD;
}

static int take_plain(struct csv *csv, struct fault *fault)
{
    for (int byte = peek(csv); byte >= 0 && byte != ',' && byte != '\n'; byte = peek(csv)) {
        if (byte == '\r' && csv->at + 1 < csv->bytes.size && csv->bytes.bytes[csv->at + 1] == '\n')
            break;
        if (byte == '"')
            return fault_set(fault, CSV_BAD, "line %zu: a quote inside a field that is not quoted", csv->line);
        buffer_append(&csv->field, &(uint8_t){ (uint8_t)byte }, 1);
        take(csv);
    }
    return CSV_RECORD;
}

static int take_record(struct csv *csv, struct csv_record *record, struct fault *fault)
{
    do {
        if (record->count == FIELDS_MAX)
            return fault_set(fault, CSV_BAD, "line %zu: more than %d fields", record->line, FIELDS_MAX);
        buffer_clear(&csv->field);
        int result = peek(csv) == '"' ? take_quoted(csv, fault) : take_plain(csv, fault);
        if (result)
            return result;
        record->fields[record->count++] = arena_text(&csv->arena, buffer_string(&csv->field), csv->field.size);
    } while (peek(csv) == ',' && take(csv));
    if (peek(csv) >= 0 && !take_line_end(csv))
        return fault_set(fault, CSV_BAD, "line %zu: a carriage return that ends no line", csv->line);
    return CSV_RECORD;
}

/* Back to the line where the bad record began, and over it. */
static void skip_line(struct csv *csv, size_t start, size_t line)
{
    csv->at = start;
    csv->line = line;
    int byte;
    do
        byte = take(csv);
    while (byte >= 0 && byte != '\n');
}

int csv_next(struct csv *csv, struct csv_record *record, struct fault *fault)
{
    while (take_line_end(csv))
        ;
    size_t start = csv->at;
    arena_reset(&csv->arena);
    *record = (struct csv_record){
        .line = csv->line,
        .fields = arena_array(&csv->arena, FIELDS_MAX, sizeof *record->fields),
    };
    if (peek(csv) < 0)
        return CSV_END;
    int result = take_record(csv, record, fault);
    if (result == CSV_BAD)
        skip_line(csv, start, record->line);
    return result;
}
