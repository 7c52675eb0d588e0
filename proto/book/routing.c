/* routing.yaml: which department a case goes to; the first rule that matches has it. */
#include <string.h>

#include "proto/book/loader.h"
#include "proto/book/route.h"
#include "proto/book/schema.h"

struct raw_rule {
    char **services, **conditions, **areas;
    uint32_t services_count, conditions_count, areas_count;
    uint32_t sources;
    int64_t *priority_at_most;
    char *name, *in_hours_of, *out_of_hours_of, *department;
    bool area_department;
};

struct raw_routing {
    struct raw_rule *rules;
    uint32_t rules_count;
};

#define RAW struct raw_rule
static const cyaml_schema_field_t rule_fields[] = { RAW_TEXT_OPTIONAL(name),
                                                    RAW_LIST_OPTIONAL(services, &schema_text),
                                                    RAW_LIST_OPTIONAL(conditions, &schema_text),
                                                    RAW_LIST_OPTIONAL(areas, &schema_text),
                                                    RAW_FLAGS_OPTIONAL(sources, source_bit_strings),
                                                    RAW_INT_OR_DEFAULT(priority_at_most),
                                                    RAW_TEXT_OPTIONAL(in_hours_of),
                                                    RAW_TEXT_OPTIONAL(out_of_hours_of),
                                                    RAW_TEXT_OPTIONAL(department),
                                                    RAW_BOOL_OPTIONAL(area_department),
                                                    CYAML_FIELD_END };
static const cyaml_schema_value_t rule_schema = RAW_ENTRY(rule_fields);
#undef RAW
#define RAW struct raw_routing
static const cyaml_schema_field_t file_fields[] = { RAW_LIST(rules, &rule_schema), CYAML_FIELD_END };
static const cyaml_schema_value_t file_schema = RAW_FILE(file_fields);
#undef RAW

static bool some_service_matches(const struct book *book, const char *pattern)
{
    for (size_t i = 0; i < book->service_count; i++)
        if (route_pattern_matches(pattern, book->services[i].code))
            return true;
    return false;
}

static void take_services(struct loader *loader, struct spot list, const struct raw_rule *raw, struct book_route *route)
{
    const struct lookup *services = &loader->loaded->services;
    const char **patterns = loader_array(loader, raw->services_count, sizeof *patterns);
    for (size_t i = 0; i < raw->services_count; i++) {
        patterns[i] = loader_text(loader, raw->services[i]);
        if (!services->complete || some_service_matches(loader->book, patterns[i]))
            continue;
        struct suggestion suggestion;
        char hint[100];
        suggestion_start(&suggestion, patterns[i]);
        lookup_suggest(services, &suggestion);
        problem(loader, spot_item(list, i), "no service '%s'%s", patterns[i],
                suggestion_text(&suggestion, hint, sizeof hint));
    }
    route->services = patterns;
    route->service_count = raw->services_count;
}

/* True where a service that the rule is about has such a condition. */
static bool condition_known(const struct book *book, const struct book_route *route, const char *code,
                            struct suggestion *suggestion)
{
    for (size_t i = 0; i < book->service_count; i++) {
        const struct book_service *service = &book->services[i];
        bool meant = !route->service_count;
        for (size_t j = 0; !meant && j < route->service_count; j++)
            meant = route_pattern_matches(route->services[j], service->code);
        if (!meant)
            continue;
        if (book_condition(service, code))
            return true;
        for (size_t j = 0; j < service->condition_count; j++)
            suggestion_offer(suggestion, service->conditions[j].code);
    }
    return false;
}

static void take_conditions(struct loader *loader, struct spot list, const struct raw_rule *raw,
                            struct book_route *route)
{
    const char **conditions = loader_array(loader, raw->conditions_count, sizeof *conditions);
    for (size_t i = 0; i < raw->conditions_count; i++) {
        conditions[i] = loader_text(loader, raw->conditions[i]);
        struct suggestion suggestion;
        char hint[100];
        suggestion_start(&suggestion, conditions[i]);
        if (loader->loaded->services.complete && !condition_known(loader->book, route, conditions[i], &suggestion))
            problem(loader, spot_item(list, i), "no condition '%s' in the services of this rule%s", conditions[i],
                    suggestion_text(&suggestion, hint, sizeof hint));
    }
    route->conditions = conditions;
    route->condition_count = raw->conditions_count;
}

static void take_hours(struct loader *loader, struct spot spot, const struct raw_rule *raw, struct book_route *route)
{
    if (raw->in_hours_of && raw->out_of_hours_of)
        problem(loader, spot_key(spot, "out_of_hours_of"), "a rule holds in or out of hours; expected one of the two");
    route->out_of_hours = raw->out_of_hours_of;
    const char *key = raw->out_of_hours_of ? "out_of_hours_of" : "in_hours_of";
    route->in_hours_of =
        loader_calendar(loader, spot_key(spot, key), raw->out_of_hours_of ? raw->out_of_hours_of : raw->in_hours_of);
}

static void take_rule(struct loader *loader, struct spot spot, const struct raw_rule *raw, struct book_route *route)
{
    *route = (struct book_route){
        .areas = loader_areas(loader, spot_key(spot, "areas"), raw->areas, raw->areas_count),
        .area_count = raw->areas_count,
        .sources = raw->sources,
        .priority_at_most = raw->priority_at_most ? *raw->priority_at_most : 0,
        .department = loader_department(loader, spot_key(spot, "department"), raw->department),
        .to_area_department = raw->area_department,
        .name = loader_text(loader, raw->name),
        .rule = loader_rule(loader, spot),
    };
    take_services(loader, spot_key(spot, "services"), raw, route);
    take_conditions(loader, spot_key(spot, "conditions"), raw, route);
    take_hours(loader, spot, raw, route);
    if (raw->priority_at_most && (*raw->priority_at_most < 1 || *raw->priority_at_most > 5))
        problem(loader, spot_key(spot, "priority_at_most"), "priority %lld is not between 1 (highest) and 5",
                (long long)*raw->priority_at_most);
    if (!raw->department == !raw->area_department)
        problem(loader, spot, "the rule names %s; expected either a department or area_department: true",
                raw->department ? "a department and the area's" : "no department");
}

/* Names are for people and for tests: only those that are there must differ. */
static void check_names(struct loader *loader, struct spot list, const struct book_route *routes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i && *routes[i].name; j++)
            if (strcmp(routes[i].name, routes[j].name) == 0)
                problem(loader, spot_key(spot_item(list, i), "name"), "name '%s' is taken since line %zu",
                        routes[i].name, spot_line(spot_key(spot_item(list, j), "name")));
}

void routing_load(struct loader *loader)
{
    struct raw_routing *raw = loader_open(loader, BOOK_FILE_ROUTING, &file_schema);
    if (!raw)
        return;
    struct spot list = spot_key(loader_spot(loader, BOOK_FILE_ROUTING), "rules");
    struct book_route *routes = loader_array(loader, raw->rules_count, sizeof *routes);
    for (size_t i = 0; i < raw->rules_count; i++)
        take_rule(loader, spot_item(list, i), &raw->rules[i], &routes[i]);
    check_names(loader, list, routes, raw->rules_count);
    loader->book->routes = routes;
    loader->book->route_count = raw->rules_count;
    loader_close(&file_schema, raw);
}
