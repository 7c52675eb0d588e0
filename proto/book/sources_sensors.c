/* Sensors, from the file itself or a table beside it, and the rules that make alarms of their readings. */
#include <stdlib.h>
#include <string.h>

#include "proto/book/sources_inside.h"
#include "proto/book/table.h"

enum { SECONDS_MAX = 30 * 86400, OVER_SECONDS_DEFAULT = 60 };

#define RAW struct raw_sensor
static const cyaml_schema_field_t sensor_fields[] = { RAW_CODE(id),
                                                      RAW_TEXT(name),
                                                      RAW_TEXT_OPTIONAL(name_en),
                                                      RAW_CODE(kind),
                                                      RAW_TEXT_OPTIONAL(area),
                                                      RAW_TEXT_OPTIONAL(address),
                                                      RAW_REAL_OR_DEFAULT(lat),
                                                      RAW_REAL_OR_DEFAULT(lon),
                                                      CYAML_FIELD_END };
const cyaml_schema_value_t sensor_schema = RAW_ENTRY(sensor_fields);
#undef RAW
#define RAW struct raw_sensor_rule
static const cyaml_schema_field_t rule_fields[] = { RAW_CODE(name),
                                                    RAW_CODE(kind),
                                                    RAW_TEXT_OPTIONAL(measure),
                                                    RAW_REAL_OR_DEFAULT(above),
                                                    RAW_REAL_OR_DEFAULT(below),
                                                    RAW_REAL_OR_DEFAULT(rises_per_minute),
                                                    RAW_REAL_OR_DEFAULT(falls_per_minute),
                                                    RAW_TEXT_OPTIONAL(equals),
                                                    RAW_INT_OR_DEFAULT(silent_minutes),
                                                    RAW_REAL_OR_DEFAULT(hysteresis),
                                                    RAW_INT_OR_DEFAULT(delay_seconds),
                                                    RAW_INT_OR_DEFAULT(hold_off_seconds),
                                                    RAW_INT_OR_DEFAULT(rearm_seconds),
                                                    RAW_INT_OR_DEFAULT(over_seconds),
                                                    RAW_BOOL_OPTIONAL(each),
                                                    RAW_BOOL_OPTIONAL(tells_end),
                                                    RAW_TEXT(service),
                                                    RAW_TEXT_OPTIONAL(condition),
                                                    RAW_INT_OR_DEFAULT(priority),
                                                    RAW_TEXT(title),
                                                    CYAML_FIELD_END };
const cyaml_schema_value_t sensor_rule_schema = RAW_ENTRY(rule_fields);
#undef RAW

/* ---- sensors ---- */

static void take_sensor(struct loader *loader, struct spot spot, const struct raw_sensor *raw,
                        struct book_sensor *sensor)
{
    *sensor = (struct book_sensor){
        .id = loader_text(loader, raw->id),
        .name = loader_name(loader, raw->name, raw->name_en),
        .kind = loader_text(loader, raw->kind),
        .address = loader_text(loader, raw->address),
        .area = loader_area(loader, spot_key(spot, "area"), raw->area),
        .has_position = raw->lat && raw->lon,
        .at = loader_rule(loader, spot),
    };
    loader_check_id(loader, spot_key(spot, "id"), sensor->id);
    if (!raw->lat != !raw->lon)
        problem(loader, spot_key(spot, raw->lat ? "lat" : "lon"), "lat and lon go together; expected both");
    if (!sensor->has_position || !loader_position_ok(loader, spot_key(spot, "lat"), *raw->lat, *raw->lon))
        return;
    sensor->lat = *raw->lat;
    sensor->lon = *raw->lon;
    if (!raw->area)
        sensor->area = book_locate(loader->book, sensor->lat, sensor->lon);
}

/* The columns of a table of sensors, as the keys of `sensors`; X(key, needed) */
#define SENSOR_COLUMNS(X) \
    X(id, true) \
    X(name, true) \
    X(name_en, false) \
    X(kind, true) \
    X(lat, false) \
    X(lon, false) \
    X(area, false) \
    X(address, false)
enum sensor_column {
#define COLUMN_ENUM(key, needed) COLUMN_##key,
    SENSOR_COLUMNS(COLUMN_ENUM) COLUMN_COUNT
#undef COLUMN_ENUM
};
static const struct {
    const char *key;
    bool needed;
} columns[] = {
#define COLUMN_ROW(key, needed) { #key, needed },
    SENSOR_COLUMNS(COLUMN_ROW)
#undef COLUMN_ROW
};

/* A table of sensors while it is read. */
struct sensor_table {
    const char *name;
    struct spot spot;
    struct table table;
    size_t at[COLUMN_COUNT];
    size_t row_count; /* 0 after a problem */
};

static void read_table(struct loader *loader, const char *name, struct sensor_table *table)
{
    struct buffer bytes = { 0 };
    struct fault fault = { "" };
    const char *slash = strrchr(name, '/');
    table->name = slash ? slash + 1 : name;
    if (!loader_read_named(loader, table->spot, name, &bytes))
        goto out;
    if (table_read(buffer_view(&bytes), &table->table, &fault) < 0) {
        problem(loader, table->spot, "%s: %s", table->name, fault.text);
        goto out;
    }
    table->row_count = table->table.row_count;
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        table->at[i] = table_column(&table->table, columns[i].key);
        if (!columns[i].needed || table->at[i] < table->table.column_count)
            continue;
        problem(loader, table->spot, "no column '%s' in %s", columns[i].key, table->name);
        table->row_count = 0;
    }
out:
    buffer_finish(&bytes);
}

/* NULL where the cell is empty or the column is not there. */
static const char *cell(const struct sensor_table *table, const struct table_row *row, enum sensor_column column)
{
    size_t at = table->at[column];
    return at < table->table.column_count && *row->cells[at] ? row->cells[at] : NULL;
}

static double take_degrees(struct loader *loader, const struct sensor_table *table, const struct table_row *row,
                           enum sensor_column column, double most)
{
    const char *text = cell(table, row, column);
    char *end = NULL;
    double value = text ? strtod(text, &end) : 0;
    if (text && (*end || !(value >= -most && value <= most)))
        problem_at(loader, (struct place_in_file){ table->name, row->line, 0 },
                   "%s '%s'; expected degrees from %g to %g", columns[column].key, text, -most, most);
    return value;
}

static void take_row(struct loader *loader, const struct sensor_table *table, const struct table_row *row,
                     struct book_sensor *sensor)
{
    struct place_in_file place = { table->name, row->line, 0 };
    const char *id = cell(table, row, COLUMN_id), *name = cell(table, row, COLUMN_name),
               *kind = cell(table, row, COLUMN_kind), *area = cell(table, row, COLUMN_area);
    bool lat = cell(table, row, COLUMN_lat), lon = cell(table, row, COLUMN_lon);
    *sensor = (struct book_sensor){
        .id = loader_text(loader, id),
        .name = loader_name(loader, name ? name : "", cell(table, row, COLUMN_name_en)),
        .kind = loader_text(loader, kind),
        .address = loader_text(loader, cell(table, row, COLUMN_address)),
        .has_position = lat && lon,
        .lat = take_degrees(loader, table, row, COLUMN_lat, 90),
        .lon = take_degrees(loader, table, row, COLUMN_lon, 180),
        .at = arena_format(loader->arena, "%s:%zu", table->name, row->line),
    };
    if (!id || !name || !kind || strlen(sensor->id) > 64 || strlen(sensor->kind) > 64)
        problem_at(loader, place, "id '%s', name '%s', kind '%s'; expected all three, id and kind of at most 64 bytes",
                   sensor->id, sensor->name.zh, sensor->kind);
    if (!loader_is_id(sensor->id))
        problem_at(loader, place, "id '%s'; expected no space and none of / \\ ? # %% & = < > and quotes", sensor->id);
    if (lat != lon)
        problem_at(loader, place, "lat and lon go together; expected both");
    if (area && !(sensor->area = lookup_find(&loader->loaded->areas, area)))
        problem_at(loader, place, "no area '%s'", area);
    if (!area && sensor->has_position)
        sensor->area = book_locate(loader->book, sensor->lat, sensor->lon);
}

/* Doubles that loader_index() leaves to us: of the table's rows, among themselves or with the list's. */
static void check_table_doubles(struct loader *loader, const struct sensor_table *table,
                                const struct book_sensor *tabled)
{
    const struct lookup *sensors = &loader->loaded->sensors;
    for (size_t i = 1; i < sensors->count; i++) {
        const struct book_sensor *first = sensors->items[i - 1], *second = sensors->items[i];
        if (second >= tabled && strcmp(first->id, second->id) == 0)
            problem_at(loader, (struct place_in_file){ table->name, table->table.rows[second - tabled].line, 0 },
                       "id '%s' is taken since %s", second->id, first->at);
    }
}

void sources_take_sensors(struct loader *loader, struct spot root, const struct raw_sources *raw)
{
    struct sensor_table table = { .spot = spot_key(root, "sensor_table") };
    struct spot list = spot_key(root, "sensors");
    if (raw->sensor_table)
        read_table(loader, raw->sensor_table, &table);
    size_t count = raw->sensors_count + table.row_count;
    struct book_sensor *sensors = loader_array(loader, count, sizeof *sensors);
    for (size_t i = 0; i < raw->sensors_count; i++)
        take_sensor(loader, spot_item(list, i), &raw->sensors[i], &sensors[i]);
    for (size_t i = 0; i < table.row_count; i++)
        take_row(loader, &table, &table.table.rows[i], &sensors[raw->sensors_count + i]);
    loader_index(loader, &loader->loaded->sensors, sensors, count, sizeof *sensors, list, "id");
    check_table_doubles(loader, &table, sensors + raw->sensors_count);
    loader->loaded->sources.sensors = sensors;
    loader->loaded->sources.sensor_count = count;
    table_finish(&table.table);
}

/* ---- rules ---- */

/* Which one test the rule has. */
static void take_test(struct loader *loader, struct spot spot, const struct raw_sensor_rule *raw,
                      struct book_sensor_rule *rule)
{
    const double *const levels[] = { raw->above, raw->below, raw->rises_per_minute, raw->falls_per_minute };
    int tests = 0;
    for (int i = SENSOR_ABOVE; i <= SENSOR_FALLS; i++)
        if (levels[i]) {
            rule->test = (enum sensor_test)i;
            rule->level = *levels[i];
            tests++;
        }
    if (raw->equals) {
        rule->test = SENSOR_EQUALS;
        tests++;
    }
    if (raw->silent_minutes) {
        rule->test = SENSOR_SILENT_MINUTES;
        tests++;
    }
    if (tests != 1)
        problem(loader, spot,
                "the rule has %d tests; expected one of above, below, rises_per_minute, falls_per_minute, equals, "
                "silent_minutes",
                tests);
    if ((rule->test == SENSOR_RISES || rule->test == SENSOR_FALLS) && rule->level <= 0)
        problem(loader, spot_key(spot, enum_name(&sensor_test_desc, (int)rule->test)),
                "%g; expected a change greater than 0", rule->level);
}

/* A key that only some tests know. */
static void refuse_unless(struct loader *loader, struct spot spot, bool given, bool fits, const char *key,
                          const char *tests)
{
    if (given && !fits)
        problem(loader, spot_key(spot, key), "%s is for rules with %s", key, tests);
}

static void take_times(struct loader *loader, struct spot spot, const struct raw_sensor_rule *raw,
                       struct book_sensor_rule *rule)
{
    bool level = rule->test == SENSOR_ABOVE || rule->test == SENSOR_BELOW;
    bool change = rule->test == SENSOR_RISES || rule->test == SENSOR_FALLS;
    bool word = rule->test == SENSOR_EQUALS, silent = rule->test == SENSOR_SILENT_MINUTES;
    rule->hysteresis = raw->hysteresis ? *raw->hysteresis : 0;
    if (rule->hysteresis < 0)
        problem(loader, spot_key(spot, "hysteresis"), "%g; expected 0 or more", rule->hysteresis);
    rule->delay_ms = 1000 * loader_number(loader, spot, "delay_seconds", 0, 0, SECONDS_MAX);
    rule->hold_off_ms = 1000 * loader_number(loader, spot, "hold_off_seconds", 0, 0, SECONDS_MAX);
    rule->rearm_ms = 1000 * loader_number(loader, spot, "rearm_seconds", 0, 1, SECONDS_MAX);
    rule->over_ms = 1000 * loader_number(loader, spot, "over_seconds", OVER_SECONDS_DEFAULT, 1, SECONDS_MAX);
    rule->silent_ms = 60000 * loader_number(loader, spot, "silent_minutes", 0, 1, 30 * 1440);
    refuse_unless(loader, spot, raw->hysteresis, level, "hysteresis", "above or below");
    refuse_unless(loader, spot, raw->over_seconds, change, "over_seconds", "rises_per_minute or falls_per_minute");
    refuse_unless(loader, spot, raw->rearm_seconds, word, "rearm_seconds", "equals");
    refuse_unless(loader, spot, raw->each, word, "each", "equals");
    refuse_unless(loader, spot, raw->delay_seconds, !silent, "delay_seconds", "a value");
    if (rule->each && (rule->delay_ms || rule->rearm_ms || rule->tells_end))
        problem(loader, spot_key(spot, "each"),
                "a rule for each message has no end; expected no delay_seconds, rearm_seconds or tells_end");
}

static bool is_title_name(const void *context, const char *name)
{
    (void)context;
#define IS_TITLE_NAME(known) \
    if (strcmp(name, #known) == 0) \
        return true;
    SENSOR_TITLE_NAMES(IS_TITLE_NAME)
#undef IS_TITLE_NAME
    return false;
}

/* A rule that no sensor or no message can ever meet is a slip. */
static void check_rule_has_sensors(struct loader *loader, struct spot spot, const struct book_sensor_rule *rule)
{
    const struct book_sources *sources = &loader->loaded->sources;
    struct suggestion suggestion;
    char hint[100];
    suggestion_start(&suggestion, rule->kind);
    for (size_t i = 0; i < sources->sensor_count; i++) {
        if (strcmp(sources->sensors[i].kind, rule->kind) == 0)
            return;
        suggestion_offer(&suggestion, sources->sensors[i].kind);
    }
    problem(loader, spot_key(spot, "kind"), "no sensor of kind '%s'%s", rule->kind,
            suggestion_text(&suggestion, hint, sizeof hint));
}

static void check_measure(struct loader *loader, struct spot spot, const struct book_sensor_rule *rule)
{
    const struct book_sources *sources = &loader->loaded->sources;
    struct suggestion suggestion;
    char hint[100];
    bool found = false;
    suggestion_start(&suggestion, rule->measure);
    for (size_t i = 0; i < sources->broker_count; i++)
        for (size_t j = 0; j < sources->brokers[i].topic_count; j++) {
            const struct book_topic *topic = &sources->brokers[i].topics[j];
            for (size_t k = 0; k < topic->value_count; k++) {
                bool same = strcmp(topic->values[k].measure, rule->measure) == 0;
                suggestion_offer(&suggestion, topic->values[k].measure);
                found |= same;
                if (same && rule->each && !*topic->time)
                    problem(loader, spot_key(spot, "each"),
                            "the messages of %s say no time; expected it, to tell a repeated message from a second one",
                            topic->rule);
            }
        }
    if (!found)
        problem(loader, spot_key(spot, "measure"), "no topic has a value of measure '%s'%s", rule->measure,
                suggestion_text(&suggestion, hint, sizeof hint));
}

static void take_rule(struct loader *loader, struct spot spot, const struct raw_sensor_rule *raw,
                      struct book_sensor_rule *rule)
{
    struct matter matter = sources_matter(loader, spot, &(struct raw_matter){ raw->service, raw->condition });
    *rule = (struct book_sensor_rule){
        .name = loader_text(loader, raw->name),
        .kind = loader_text(loader, raw->kind),
        .measure = loader_text(loader, raw->measure ? raw->measure : "value"),
        .word = loader_text(loader, raw->equals),
        .each = raw->each,
        .tells_end = raw->tells_end,
        .service = matter.service,
        .condition = matter.condition,
        .priority = matter.priority,
        .title = sources_template(loader, spot_key(spot, "title"), raw->title, is_title_name, NULL,
#define TITLE_NAME_WORD(name) " {" #name "}"
                                  "one of" SENSOR_TITLE_NAMES(TITLE_NAME_WORD)),
        .rule = loader_rule(loader, spot),
    };
    sources_check_name(loader, spot_key(spot, "name"), rule->name);
    take_test(loader, spot, raw, rule);
    take_times(loader, spot, raw, rule);
    check_rule_has_sensors(loader, spot, rule);
    if (rule->test != SENSOR_SILENT_MINUTES)
        check_measure(loader, spot, rule);
}

void sources_take_sensor_rules(struct loader *loader, struct spot root, const struct raw_sources *raw)
{
    struct book_sensor_rule *rules = loader_array(loader, raw->sensor_rules_count, sizeof *rules);
    struct spot list = spot_key(root, "sensor_rules");
    struct lookup names;
    for (size_t i = 0; i < raw->sensor_rules_count; i++)
        take_rule(loader, spot_item(list, i), &raw->sensor_rules[i], &rules[i]);
    loader_index(loader, &names, rules, raw->sensor_rules_count, sizeof *rules, list, "name");
    loader->loaded->sources.sensor_rules = rules;
    loader->loaded->sources.sensor_rule_count = raw->sensor_rules_count;
}
