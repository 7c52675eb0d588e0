#include "proto/book/route_cases.h"

#include <string.h>

#include "proto/book/loader.h"
#include "proto/book/schema.h"
#include "proto/book/zone.h"

static const cyaml_strval_t source_strings[] = { EVENT_SOURCES(ENUM_STRING) };

struct raw_case {
    char *why, *service, *condition, *area, *time, *department, *rule;
    double *lat, *lon;
    enum event_source source; /* SOURCE_UNKNOWN: not said */
    int64_t *priority;
    bool triage;
};

struct raw_defaults {
    char *time;
    enum event_source source;
};

struct raw_table {
    struct raw_defaults *defaults;
    struct raw_case *cases;
    uint32_t cases_count;
};

#define RAW struct raw_case
static const cyaml_schema_field_t case_fields[] = {
    RAW_TEXT_OPTIONAL(why),
    RAW_CODE(service),
    RAW_TEXT_OPTIONAL(condition),
    RAW_TEXT_OPTIONAL(area),
    CYAML_FIELD_FLOAT_PTR("lat", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, RAW, lat),
    CYAML_FIELD_FLOAT_PTR("lon", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, RAW, lon),
    RAW_ENUM_OPTIONAL(source, source_strings),
    RAW_INT_OR_DEFAULT(priority),
    RAW_TEXT_OPTIONAL(time),
    RAW_TEXT_OPTIONAL(department),
    RAW_BOOL_OPTIONAL(triage),
    RAW_TEXT_OPTIONAL(rule),
    CYAML_FIELD_END
};
static const cyaml_schema_value_t case_schema = RAW_ENTRY(case_fields);
#undef RAW
#define RAW struct raw_defaults
static const cyaml_schema_field_t defaults_fields[] = { RAW_TEXT_OPTIONAL(time),
                                                        RAW_ENUM_OPTIONAL(source, source_strings), CYAML_FIELD_END };
#undef RAW
#define RAW struct raw_table
static const cyaml_schema_field_t table_fields[] = { RAW_MAPPING_OPTIONAL(defaults, defaults_fields),
                                                     RAW_LIST(cases, &case_schema), CYAML_FIELD_END };
static const cyaml_schema_value_t table_schema = RAW_FILE(table_fields);
#undef RAW

/* ---- one case ---- */

static void take_service(struct loader *loader, struct spot spot, const struct raw_case *raw, struct case_file *record)
{
    const struct book_service *service =
        loader_refer(loader, &loader->loaded->services, spot_key(spot, "service"), "service", raw->service);
    const struct book_condition *condition = service ? book_condition(service, raw->condition) : NULL;
    record->service = loader_text(loader, raw->service);
    record->condition = loader_text(loader, raw->condition);
    if (service && !condition)
        problem(loader, spot_key(spot, "condition"), "service '%s' has no condition '%s'", raw->service,
                raw->condition);
    record->priority = raw->priority ? *raw->priority : service ? book_priority(service, condition) : 0;
    if (raw->priority && (*raw->priority < 1 || *raw->priority > 5))
        problem(loader, spot_key(spot, "priority"), "priority %lld is not between 1 (highest) and 5",
                (long long)*raw->priority);
}

static void take_place(struct loader *loader, struct spot spot, const struct raw_case *raw, struct case_file *record)
{
    const struct book_area *area = loader_area(loader, spot_key(spot, "area"), raw->area);
    if (!raw->lat != !raw->lon || (raw->lat && raw->area))
        problem(loader, spot, "the place is said in part or twice; expected area, or lat and lon");
    else if (raw->lat && loader_position_ok(loader, spot_key(spot, "lat"), *raw->lat, *raw->lon))
        area = book_locate(loader->book, *raw->lat, *raw->lon);
    if (raw->lat && raw->lon) {
        record->place.lat = *raw->lat;
        record->place.lon = *raw->lon;
    }
    record->place.area = area ? area->code : "";
}

static int64_t take_time(struct loader *loader, struct spot spot, const struct raw_case *raw,
                         const struct raw_defaults *defaults)
{
    const char *text = raw->time ? raw->time : defaults->time;
    int64_t at_ms = 0;
    if (!text)
        problem(loader, spot, "no time; expected one here or in `defaults`, such as \"2026-03-02 10:00\"");
    else if (zone_parse(loader->book->zone, text, &at_ms) < 0)
        problem(loader, spot_key(spot, "time"), "'%s' is not a time; expected one such as \"2026-03-02 10:00\"", text);
    return at_ms;
}

static bool is_called(const struct book_route *route, const char *rule)
{
    return strcmp(route->name, rule) == 0 || strcmp(route->rule, rule) == 0;
}

/* A filing condition's own rule stands in services.yaml. */
static void check_rule(struct loader *loader, struct spot spot, const char *rule, const struct case_file *record)
{
    const struct book *book = loader->book;
    const struct book_service *service = book_service(book, record->service);
    const struct book_condition *condition = service ? book_condition(service, record->condition) : NULL;
    struct suggestion suggestion;
    char hint[100];
    if (condition && condition->route && is_called(condition->route, rule))
        return;
    suggestion_start(&suggestion, rule);
    for (size_t i = 0; i < book->route_count; i++) {
        if (is_called(&book->routes[i], rule))
            return;
        suggestion_offer(&suggestion, book->routes[i].name);
    }
    problem(loader, spot, "no rule '%s'; expected a name or a place such as routing.yaml:12%s", rule,
            suggestion_text(&suggestion, hint, sizeof hint));
}

static void take_case(struct loader *loader, struct spot spot, const struct raw_case *raw,
                      const struct raw_defaults *defaults, struct route_case *out)
{
    enum event_source source = raw->source ? raw->source : defaults->source;
    *out = (struct route_case){
        .line = spot_line(spot),
        .why = loader_text(loader, raw->why),
        .record = { .source = source ? source : SOURCE_RESIDENT },
        .at_ms = take_time(loader, spot, raw, defaults),
        .department = loader_department(loader, spot_key(spot, "department"), raw->department),
        .rule = loader_text(loader, raw->rule),
    };
    take_service(loader, spot, raw, &out->record);
    take_place(loader, spot, raw, &out->record);
    if (!raw->department == !raw->triage || (raw->triage && raw->rule))
        problem(loader, spot, "expected a department, and perhaps its rule, or triage: true");
    if (raw->rule)
        check_rule(loader, spot_key(spot, "rule"), raw->rule, &out->record);
}

/* ---- the table ---- */

int route_cases_read(const struct book *book, const char *path, struct route_cases *cases,
                     void (*report)(void *context, const char *error), void *context, struct fault *fault)
{
    static const struct raw_defaults nothing;
    const char *slash = strrchr(path, '/');
    struct loaded loaded = *(const struct loaded *)book; /* its look-ups; nothing of the book is changed */
    struct source source = { .name = slash ? slash + 1 : path };
    struct loader loader = { .loaded = &loaded,
                             .book = &loaded.book,
                             .arena = &cases->arena,
                             .report = report,
                             .context = context,
                             .fault = fault };
    *cases = (struct route_cases){ 0 };
    loader.folder = slash ? arena_text(loader.arena, path, (size_t)(slash - path)) : ".";
    struct raw_table *raw = loader_open_beside(&loader, &source, &table_schema);
    if (raw) {
        struct spot list = spot_key(spot_root(&source), "cases");
        struct route_case *out = loader_array(&loader, raw->cases_count, sizeof *out);
        for (size_t i = 0; i < raw->cases_count; i++)
            take_case(&loader, spot_item(list, i), &raw->cases[i], raw->defaults ? raw->defaults : &nothing, &out[i]);
        if (!raw->cases_count)
            problem(&loader, list, "the list is empty; expected at least one case");
        cases->cases = out;
        cases->count = raw->cases_count;
        loader_close(&table_schema, raw);
    }
    source_finish(&source);
    return loader.problem_count ? -EINVAL : 0;
}

void route_cases_finish(struct route_cases *cases)
{
    arena_finish(&cases->arena);
}

bool route_case_holds(const struct route_case *expected, const struct book_route *route,
                      const struct book_department *department)
{
    return expected->department == department && (!*expected->rule || (route && is_called(route, expected->rule)));
}
