#include "proto/book/loader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "proto/book/lint.h"
#include "proto/book/polygons.h"
#include "proto/book/zone.h"

enum { BOOK_FILE_BYTES_MAX = 64 << 20 };

const cyaml_schema_value_t schema_text = { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 1000) };
const cyaml_strval_t tier_strings[TIER_STRING_COUNT] = {
    { "district", TIER_DISTRICT }, { "street", TIER_STREET }, { "community", TIER_COMMUNITY }, { "grid", TIER_GRID }
};
const cyaml_strval_t weekday_strings[WEEKDAY_COUNT] = { WEEKDAYS(ENUM_BIT_STRING) };

/* ---- problems ---- */

static void problem_text(struct loader *loader, const char *text)
{
    if (loader->problem_count++ == 0)
        fault_set(loader->fault, -EINVAL, "%s", text);
    if (loader->report)
        loader->report(loader->context, text);
}

void problem(struct loader *loader, struct spot spot, const char *format, ...)
{
    char text[1000];
    int used = spot.node
                   ? snprintf(text, sizeof text, "%s:%zu:%zu: ", spot.source->name, spot_line(spot), spot_column(spot))
                   : snprintf(text, sizeof text, "%s: ", spot.source->name);
    va_list args;
    va_start(args, format);
    vsnprintf(text + used, sizeof text - (size_t)used, format, args);
    va_end(args);
    problem_text(loader, text);
}

void problem_at_line(struct loader *loader, const char *file, size_t line, const char *format, ...)
{
    char text[1000];
    int used = snprintf(text, sizeof text, "%s:%zu: ", file, line);
    va_list args;
    va_start(args, format);
    vsnprintf(text + used, sizeof text - (size_t)used, format, args);
    va_end(args);
    problem_text(loader, text);
}

const char *loader_rule(struct loader *loader, struct spot spot)
{
    return arena_format(loader->arena, "%s:%zu", spot.source->name, spot_line(spot));
}

/* ---- files ---- */

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

static bool parse(struct loader *loader, struct source *source)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        abort();
    yaml_parser_set_input_string(&parser, source->bytes.bytes, source->bytes.size);
    source->has_document = yaml_parser_load(&parser, &source->document);
    if (!source->has_document) {
        char text[256];
        snprintf(text, sizeof text, "%s:%zu:%zu: not YAML: %s", source->name, parser.problem_mark.line + 1,
                 parser.problem_mark.column + 1, parser.problem ? parser.problem : "cannot be read");
        problem_text(loader, text);
    }
    yaml_parser_delete(&parser);
    return source->has_document;
}

static bool read_source(struct loader *loader, struct source *source)
{
    struct buffer path = { 0 };
    struct fault fault = { "" };
    buffer_format(&path, "%s/%s", loader->folder, source->name);
    bool good = read_file(buffer_string(&path), &source->bytes, &fault) == 0;
    buffer_finish(&path);
    if (!good) {
        problem(loader, spot_root(source), "%s", fault.text);
        return false;
    }
    add_to_hash(loader, source->name, &source->bytes);
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
        snprintf(complaint->text, sizeof complaint->text, "%s", text);
    else if (place && !complaint->line)
        sscanf(place, "(line: %zu, column: %zu)", &complaint->line, &complaint->column);
}

void *loader_open(struct loader *loader, enum book_file file, const cyaml_schema_value_t *schema)
{
    struct source *source = &loader->sources[file];
    if (!read_source(loader, source) || !lint(loader, spot_root(source), schema))
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
    complaint.text[strcspn(complaint.text, "\n")] = '\0';
    char text[400];
    snprintf(text, sizeof text, "%s:%zu:%zu: %s (%s)", source->name, complaint.line, complaint.column,
             cyaml_strerror(result), complaint.text);
    problem_text(loader, text);
    return NULL;
}

void loader_close(const cyaml_schema_value_t *schema, void *raw)
{
    cyaml_config_t config = { .mem_fn = cyaml_mem };
    cyaml_free(&config, schema, raw, 0);
}

struct spot loader_spot(const struct loader *loader, enum book_file file)
{
    return spot_root(&loader->sources[file]);
}

/* ---- values ---- */

const char *loader_text(struct loader *loader, const char *text)
{
    return text ? arena_text(loader->arena, text, strlen(text)) : "";
}

struct book_text loader_name(struct loader *loader, const char *zh, const char *en)
{
    const char *own = loader_text(loader, zh);
    return (struct book_text){ own, en ? loader_text(loader, en) : own };
}

void *loader_array(struct loader *loader, size_t count, size_t size)
{
    return arena_array(loader->arena, count ? count : 1, size);
}

const struct zone *loader_zone(struct loader *loader, struct spot spot, const char *name)
{
    struct loaded *loaded = loader->loaded;
    for (size_t i = 0; i < loaded->zone_count; i++)
        if (strcmp(zone_name(loaded->zones[i]), name) == 0)
            return loaded->zones[i];
    if (loaded->zone_count == BOOK_ZONES_MAX) {
        problem(loader, spot, "'%s' is one time zone too many; expected at most %d in a book", name, BOOK_ZONES_MAX);
        return NULL;
    }
    struct fault fault = { "" };
    struct zone *zone;
    if (zone_open(name, &zone, &fault) < 0) {
        problem(loader, spot, "%s", fault.text);
        return NULL;
    }
    return loaded->zones[loaded->zone_count++] = zone;
}

const struct calendar *loader_first_calendar(const struct loader *loader)
{
    return loader->book->calendar_count ? loader->book->calendars[0] : NULL;
}

int64_t loader_minute(struct loader *loader, struct spot spot, const char *text)
{
    unsigned hour, minute;
    int end = 0;
    if (strlen(text) == 5 && text[2] == ':' && sscanf(text, "%2u:%2u%n", &hour, &minute, &end) == 2 && end == 5 &&
        minute < 60 && hour * 60 + minute <= 24 * 60)
        return hour * 60 + minute;
    problem(loader, spot, "'%s' is not a time of day; expected one from \"00:00\" to \"24:00\"", text);
    return 0;
}

struct book_limit loader_limit(struct loader *loader, struct spot spot, const char *text,
                               const struct calendar *calendar)
{
    struct book_limit limit = { .calendar = calendar };
    if (!text)
        return limit;
    char word[32];
    int end = 0;
    long long amount = 0;
    if (sscanf(text, "%6lld %31s%n", &amount, word, &end) < 2 || text[end] || amount < 0) {
        problem(loader, spot, "'%s' is not a limit; expected a whole number and a unit, such as '4 working_hour'",
                text);
        return limit;
    }
    int unit = enum_value(&limit_unit_desc, word);
    if (unit <= UNIT_NONE) {
        struct suggestion suggestion;
        char hint[100];
        suggestion_start(&suggestion, word);
        for (size_t i = UNIT_NONE + 1; i < limit_unit_desc.count; i++)
            suggestion_offer(&suggestion, limit_unit_desc.names[i]);
        problem(loader, spot,
                "no unit '%s'; expected clock_minute, clock_hour, working_hour, working_day or calendar_day%s", word,
                suggestion_text(&suggestion, hint, sizeof hint));
        return limit;
    }
    limit.unit = (enum limit_unit)unit;
    limit.amount = amount;
    limit.rule = loader_rule(loader, spot);
    return limit;
}

bool loader_position_ok(struct loader *loader, struct spot spot, double lat, double lon)
{
    if (lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180)
        return true;
    problem(loader, spot, "%.7g, %.7g is not a place; expected lat from -90 to 90 and lon from -180 to 180", lat, lon);
    return false;
}

/* ---- references ---- */

const void *loader_refer(struct loader *loader, const struct lookup *lookup, struct spot spot, const char *what,
                         const char *code)
{
    if (!code)
        return NULL;
    const void *found = lookup_find(lookup, code);
    if (!found && lookup->complete) {
        struct suggestion suggestion;
        char hint[100];
        suggestion_start(&suggestion, code);
        lookup_suggest(lookup, &suggestion);
        problem(loader, spot, "no %s '%s'%s", what, code, suggestion_text(&suggestion, hint, sizeof hint));
    }
    return found;
}

const struct book_area *loader_area(struct loader *loader, struct spot spot, const char *code)
{
    return loader_refer(loader, &loader->loaded->areas, spot, "area", code);
}

const struct book_department *loader_department(struct loader *loader, struct spot spot, const char *code)
{
    return loader_refer(loader, &loader->loaded->departments, spot, "department", code);
}

const struct calendar *loader_calendar(struct loader *loader, struct spot spot, const char *code)
{
    const struct calendar_entry *entry = loader_refer(loader, &loader->loaded->calendars, spot, "calendar", code);
    return entry ? entry->calendar : NULL;
}

const struct book_area *const *loader_areas(struct loader *loader, struct spot list, char *const *codes, size_t count)
{
    const struct book_area **areas = loader_array(loader, count, sizeof *areas);
    for (size_t i = 0; i < count; i++)
        areas[i] = loader_area(loader, spot_item(list, i), codes[i]);
    return areas;
}

void loader_index(struct loader *loader, struct lookup *lookup, const void *items, size_t count, size_t size,
                  struct spot list, const char *key)
{
    lookup_fill(lookup, loader->arena, items, count, size);
    for (size_t i = 1; i < count; i++) {
        const char *code = *(const char *const *)lookup->items[i];
        if (strcmp(code, *(const char *const *)lookup->items[i - 1]) != 0)
            continue;
        size_t first = (size_t)((const char *)lookup->items[i - 1] - (const char *)items) / size;
        size_t second = (size_t)((const char *)lookup->items[i] - (const char *)items) / size;
        if (spot_item(list, second).node == list.node)
            continue;
        problem(loader, spot_key(spot_item(list, second), key), "%s '%s' is taken since line %zu", key, code,
                spot_line(spot_key(spot_item(list, first), key)));
    }
}

/* ---- the book ---- */

static void (*const readers[])(struct loader *loader) = {
    load_district, load_calendars, load_stages, load_departments, load_areas,
    load_services, load_routing,   load_people, load_cameras,
};

int book_load(const char *folder, struct book **book, void (*report)(void *context, const char *error), void *context,
              struct fault *fault)
{
    static const char *const names[] = { BOOK_FILES(ENUM_NAME) };
    struct loaded *loaded = calloc(1, sizeof *loaded);
    if (!loaded)
        abort();
    struct loader loader = { .loaded = loaded,
                             .book = &loaded->book,
                             .arena = &loaded->arena,
                             .folder = folder,
                             .report = report,
                             .context = context,
                             .fault = fault };
    for (size_t i = 0; i < BOOK_FILE_COUNT; i++)
        loader.sources[i].name = names[i];
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        readers[i](&loader);
    for (size_t i = 0; i < BOOK_FILE_COUNT; i++) {
        if (loader.sources[i].has_document)
            yaml_document_delete(&loader.sources[i].document);
        buffer_finish(&loader.sources[i].bytes);
    }
    if (loader.problem_count) {
        book_destroy(&loaded->book);
        return -EINVAL;
    }
    *book = &loaded->book;
    return 0;
}

void book_destroy(struct book *book)
{
    struct loaded *loaded = (struct loaded *)book;
    if (!loaded)
        return;
    polygons_destroy(loaded->polygons);
    for (size_t i = 0; i < loaded->zone_count; i++)
        zone_destroy(loaded->zones[i]);
    arena_finish(&loaded->arena);
    free(loaded);
}
