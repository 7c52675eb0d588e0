#include "proto/book/loader.h"
#include "proto/book/schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "proto/book/polygons.h"
#include "proto/book/zone.h"

const cyaml_schema_value_t schema_text = { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 1000) };
const cyaml_strval_t tier_strings[TIER_STRING_COUNT] = {
    { "district", TIER_DISTRICT }, { "street", TIER_STREET }, { "community", TIER_COMMUNITY }, { "grid", TIER_GRID }
};
const cyaml_strval_t source_bit_strings[SOURCE_BIT_COUNT] = { EVENT_SOURCES(ENUM_BIT_STRING) };
const cyaml_strval_t weekday_strings[WEEKDAY_COUNT] = { WEEKDAYS(ENUM_BIT_STRING) };

/* ---- problems ---- */

static void problem_va(struct loader *loader, struct place_in_file at, const char *format, va_list args)
{
    char text[1000];
    size_t used = (size_t)snprintf(text, sizeof text, "%s:", at.file);
    if (at.line)
        used += (size_t)snprintf(text + used, sizeof text - used, "%zu:", at.line);
    if (at.column)
        used += (size_t)snprintf(text + used, sizeof text - used, "%zu:", at.column);
    used += (size_t)snprintf(text + used, sizeof text - used, " ");
    vsnprintf(text + used, sizeof text - used, format, args);
    if (loader->problem_count++ == 0)
        fault_set(loader->fault, -EINVAL, "%s", text);
    if (loader->report)
        loader->report(loader->context, text);
}

void problem_at(struct loader *loader, struct place_in_file at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    problem_va(loader, at, format, args);
    va_end(args);
}

void problem(struct loader *loader, struct spot spot, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    problem_va(loader, (struct place_in_file){ spot.source->name, spot_line(spot), spot_column(spot) }, format, args);
    va_end(args);
}

const char *loader_rule(struct loader *loader, struct spot spot)
{
    return arena_format(loader->arena, "%s:%zu", spot.source->name, spot_line(spot));
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

int64_t loader_number(struct loader *loader, struct spot spot, const char *key, int64_t initial, int64_t low,
                      int64_t high)
{
    if (!spot_has(spot, key))
        return initial;
    int64_t number = spot_int(spot_key(spot, key));
    if (number < low || number > high)
        problem(loader, spot_key(spot, key), "%s: %lld is not between %lld and %lld", key, (long long)number,
                (long long)low, (long long)high);
    return number;
}

bool loader_is_id(const char *id)
{
    return !strpbrk(id, " /\\?#%&=\"'<>\t\n\r");
}

void loader_check_id(struct loader *loader, struct spot spot, const char *id)
{
    if (!loader_is_id(id))
        problem(loader, spot,
                "'%s' becomes part of addresses; expected no space and none of / \\ ? # %% & = < > and quotes", id);
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
    struct book_limit limit = { .calendar = calendar, .rule = "" };
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
    district_load, calendars_load, district_load_stages, departments_load, areas_load,  services_load,
    routing_load,  people_load,    escalations_load,     cameras_load,     scenes_load, sources_load,
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
    struct stat info;
    if (stat(folder, &info) < 0 || !S_ISDIR(info.st_mode)) {
        problem_at(&loader, (struct place_in_file){ folder, 0, 0 }, "not a folder with a district book (%s, %s …)",
                   names[0], names[1]);
        goto out;
    }
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        readers[i](&loader);
out:
    for (size_t i = 0; i < BOOK_FILE_COUNT; i++)
        source_finish(&loader.sources[i]);
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
