/* The files of a book: bytes, hash, YAML, and the structs that libcyaml makes of it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "proto/book/lint.h"

enum { BOOK_FILE_BYTES_MAX = 64 << 20 };

/* Names and bytes, each with its size before it, so that no two books have the same run of bytes. */
static void add_to_hash(struct loader *loader, const char *name, const struct buffer *bytes)
{
    struct buffer head = { 0 };
    buffer_append(&head, &loader->book->hash, sizeof loader->book->hash);
    buffer_be64(&head, strlen(name));
    buffer_text(&head, name);
    buffer_be64(&head, bytes->size);
    loader->book->hash = hash_of_two(head.bytes, head.size, bytes->bytes, bytes->size);
    buffer_finish(&head);
}

/* gzread() reads what is not compressed as it is. */
static int read_file(const char *path, struct buffer *bytes, struct fault *fault)
{
    errno = 0;
    gzFile file = gzopen(path, "rb");
    if (!file)
        return fault_set(fault, -EINVAL, "cannot open %s: %s", path, strerror(errno));
    int got;
    do {
        got = gzread(file, buffer_reserve(bytes, 1 << 16), 1 << 16);
        bytes->size += got > 0 ? (size_t)got : 0;
    } while (got > 0 && bytes->size <= BOOK_FILE_BYTES_MAX);
    int result = 0, code;
    if (got < 0)
        result = fault_set(fault, -EINVAL, "cannot read %s: %s", path,
                           gzerror(file, &code) && code != Z_ERRNO ? gzerror(file, &code) : strerror(errno));
    else if (bytes->size > BOOK_FILE_BYTES_MAX)
        result = fault_set(fault, -EINVAL, "%s is longer than %d bytes", path, BOOK_FILE_BYTES_MAX);
    gzclose(file);
    return result;
}

bool loader_read_named(struct loader *loader, struct spot spot, const char *name, struct buffer *bytes)
{
    static const char variable[] = "${DRUMTOWER_TEST_DATA}";
    struct buffer path = { 0 };
    struct fault fault = { "" };
    bool done = false;
    const char *rest = name;
    const char *data = getenv("DRUMTOWER_TEST_DATA");
    if (strncmp(name, variable, sizeof variable - 1) == 0) {
        if (!data || !*data) {
            problem(loader, spot,
                    "'%s': the variable DRUMTOWER_TEST_DATA is not set; set it to the folder with the data, for "
                    "example "
                    "DRUMTOWER_TEST_DATA=../shared/data",
                    name);
            goto out;
        }
        buffer_text(&path, data);
        rest += sizeof variable - 1;
    } else if (*name != '/') {
        buffer_format(&path, "%s/", loader->folder);
    }
    if (strstr(rest, "${")) {
        problem(loader, spot, "'%s': expected no variable but a leading %s", name, variable);
        goto out;
    }
    buffer_text(&path, rest);
    if (read_file(buffer_string(&path), bytes, &fault) < 0) {
        problem(loader, spot, "%s", fault.text);
        goto out;
    }
    add_to_hash(loader, name, bytes);
    done = true;
out:
    buffer_finish(&path);
    return done;
}

/* What libyaml's tree does not keep: an alias (each use is written out, so that each error has one place) and a second document. */
static void refuse_event(struct loader *loader, const struct source *source, const yaml_event_t *event, int *documents)
{
    struct place_in_file at = { source->name, event->start_mark.line + 1, event->start_mark.column + 1 };
    if (event->type == YAML_ALIAS_EVENT)
        problem_at(loader, at, "an alias '*%s'; expected what it stands for", (const char *)event->data.alias.anchor);
    if (event->type == YAML_DOCUMENT_START_EVENT && ++*documents > 1)
        problem_at(loader, at, "a second document in the file; expected one");
}

static bool scan(struct loader *loader, const struct source *source)
{
    size_t before = loader->problem_count;
    int documents = 0;
    bool ended = false;
    yaml_parser_t parser;
    yaml_event_t event;
    if (!yaml_parser_initialize(&parser))
        abort();
    yaml_parser_set_input_string(&parser, source->bytes.bytes, source->bytes.size);
    while (!ended && loader->problem_count == before) {
        if (!yaml_parser_parse(&parser, &event)) {
            struct place_in_file at = { source->name, parser.problem_mark.line + 1, parser.problem_mark.column + 1 };
            problem_at(loader, at, "not YAML: %s", parser.problem ? parser.problem : "cannot be read");
            break;
        }
        refuse_event(loader, source, &event, &documents);
        ended = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return loader->problem_count == before;
}

static bool parse(struct loader *loader, struct source *source)
{
    yaml_parser_t parser;
    if (!scan(loader, source))
        return false;
    if (!yaml_parser_initialize(&parser))
        abort();
    yaml_parser_set_input_string(&parser, source->bytes.bytes, source->bytes.size);
    source->has_document = yaml_parser_load(&parser, &source->document);
    if (!source->has_document)
        problem(loader, spot_root(source), "not YAML: %s", parser.problem ? parser.problem : "cannot be read");
    yaml_parser_delete(&parser);
    return source->has_document;
}

static void note_change(struct loader *loader, const char *path)
{
    struct stat status;
    if (stat(path, &status) < 0)
        return;
    int64_t changed_at_ms = status.st_mtim.tv_sec * (int64_t)1000;
    if (changed_at_ms > loader->book->changed_at_ms)
        loader->book->changed_at_ms = changed_at_ms;
}

static bool read_source(struct loader *loader, struct source *source)
{
    struct buffer path = { 0 };
    struct fault fault = { "" };
    buffer_format(&path, "%s/%s", loader->folder, source->name);
    bool good = read_file(buffer_string(&path), &source->bytes, &fault) == 0;
    note_change(loader, buffer_string(&path));
    buffer_finish(&path);
    if (!good) {
        problem(loader, spot_root(source), "%s", fault.text);
        return false;
    }
    if (!parse(loader, source))
        return false;
    if (!spot_root(source).node)
        problem(loader, spot_root(source), "the file is empty; expected keys");
    return spot_root(source).node;
}

/* Keeps libcyaml's first sentence and the innermost place of its backtrace, for what the lint let pass. */
struct complaint {
    char text[300];
    size_t line, column;
};

static void take_complaint(cyaml_log_t level, void *context, const char *format, va_list args)
{
    (void)level;
    struct complaint *complaint = context;
    char text[300];
    vsnprintf(text, sizeof text, format, args);
    const char *place = strstr(text, "(line: ");
    if (!*complaint->text)
        snprintf(complaint->text, sizeof complaint->text, "%.*s", (int)strcspn(text, "\n"), text);
    else if (place && !complaint->line)
        sscanf(place, "(line: %zu, column: %zu)", &complaint->line, &complaint->column);
}

bool loader_is_there(const struct loader *loader, enum book_file file)
{
    struct buffer path = { 0 };
    buffer_format(&path, "%s/%s", loader->folder, loader->sources[file].name);
    bool there = access(buffer_string(&path), F_OK) == 0;
    buffer_finish(&path);
    return there;
}

void *loader_open(struct loader *loader, enum book_file file, const cyaml_schema_value_t *schema)
{
    void *raw = loader_open_beside(loader, &loader->sources[file], schema);
    add_to_hash(loader, loader->sources[file].name, &loader->sources[file].bytes);
    return raw;
}

void *loader_open_beside(struct loader *loader, struct source *source, const cyaml_schema_value_t *schema)
{
    if (!read_source(loader, source) || !lint(loader, spot_root(source), schema, source->name))
        return NULL;
    struct complaint complaint = { "" };
    cyaml_config_t config = { .log_fn = take_complaint,
                              .log_ctx = &complaint,
                              .log_level = CYAML_LOG_ERROR,
                              .mem_fn = cyaml_mem,
                              .flags = CYAML_CFG_NO_ALIAS };
    cyaml_data_t *raw = NULL;
    cyaml_err_t result = cyaml_load_data(source->bytes.bytes, source->bytes.size, &config, schema, &raw, NULL);
    if (result == CYAML_OK)
        return raw;
    problem_at(loader, (struct place_in_file){ source->name, complaint.line, complaint.column }, "%s (%s)",
               cyaml_strerror(result), complaint.text);
    return NULL;
}

void loader_close(const cyaml_schema_value_t *schema, void *raw)
{
    cyaml_config_t config = { .mem_fn = cyaml_mem };
    cyaml_free(&config, schema, raw, 0);
}
