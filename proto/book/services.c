/* services.yaml: services and their filing conditions with limits. */
#include "proto/book/services.h"
#include "proto/book/lint.h"
#include "proto/book/schema.h"
#include "proto/book/stages.h"

#include <string.h>

static const cyaml_strval_t kind_strings[] = { { "part", SERVICE_PART }, { "event", SERVICE_EVENT } };
static const cyaml_strval_t type_strings[] = { SERVICE_TYPES(ENUM_STRING) };
static const cyaml_strval_t attribute_type_strings[] = { ATTRIBUTE_TYPES(ENUM_STRING) };

struct raw_group {
    char *code, *name, *name_en;
    enum service_kind kind;
};

struct raw_link {
    char *name, *name_en, *limit;
};

struct raw_condition {
    char *code, *name, *name_en, *closing, *closing_en, *limit, *calendar, *department;
    struct raw_link *limits;
    uint32_t limits_count;
    int64_t *priority;
};

/* X(key, lowest, highest) */
#define MERGE_NUMBERS(X) \
    X(radius_m, 0, BOOK_MERGE_RADIUS_MAX_M) \
    X(hours, 0, 8760) \
    X(raise_at, 0, 1000)

struct raw_merge {
#define MERGE_MEMBER(key, low, high) int64_t *key;
    MERGE_NUMBERS(MERGE_MEMBER)
};

struct raw_value {
    char *key, *name, *name_en;
};

struct raw_attribute {
    char *code, *description, *description_en, *datatype_description, *datatype_description_en;
    enum attribute_type type;
    bool required, *variable;
    struct raw_value *values;
    uint32_t values_count;
};

struct raw_service {
    char *code, *name, *name_en, *description, *description_en, *group, *keywords, *notice, *notice_en;
    enum service_type type;
    char *limit, *calendar, *department; /* of a service without conditions of its own */
    struct raw_switches switches;
    struct raw_condition *conditions;
    uint32_t conditions_count;
    struct raw_attribute *attributes;
    uint32_t attributes_count;
};

struct raw_services {
    char *calendar;
    struct raw_switches *defaults;
    struct raw_import *import;
    struct raw_group *groups;
    uint32_t groups_count;
    struct raw_service *services;
    uint32_t services_count;
};

/* The rows of struct raw_switches; AT is where they are inside RAW. */
#define SWITCH_FIELD(member, key, initial) \
    CYAML_FIELD_BOOL_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, RAW, AT(member)),
#define SWITCH_FIELDS \
    SERVICE_SWITCHES(SWITCH_FIELD) \
    CYAML_FIELD_MAPPING_PTR("limits", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, RAW, AT(limits), stages_fields), \
        CYAML_FIELD_INT_PTR("priority", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, RAW, AT(priority)), \
        CYAML_FIELD_IGNORE("merge", CYAML_FLAG_OPTIONAL)

#define RAW struct raw_switches
#define AT(member) member
static const cyaml_schema_field_t switch_fields[] = { SWITCH_FIELDS, CYAML_FIELD_END };
#undef AT
#undef RAW
#define RAW struct raw_group
static const cyaml_schema_field_t group_fields[] = { RAW_CODE(code), RAW_TEXT(name), RAW_TEXT_OPTIONAL(name_en),
                                                     RAW_ENUM(kind, kind_strings), CYAML_FIELD_END };
static const cyaml_schema_value_t group_schema = RAW_ENTRY(group_fields);
#undef RAW
#define RAW struct raw_merge
#define MERGE_FIELD(key, low, high) RAW_INT_OR_DEFAULT(key),
static const cyaml_schema_field_t merge_fields[] = { MERGE_NUMBERS(MERGE_FIELD) CYAML_FIELD_END };
static const cyaml_schema_value_t merge_schema = RAW_ENTRY(merge_fields);
#undef RAW
#define RAW struct raw_link
static const cyaml_schema_field_t link_fields[] = { RAW_TEXT(name), RAW_TEXT_OPTIONAL(name_en), RAW_TEXT(limit),
                                                    CYAML_FIELD_END };
static const cyaml_schema_value_t link_schema = RAW_ENTRY(link_fields);
#undef RAW
#define RAW struct raw_condition
static const cyaml_schema_field_t condition_fields[] = { RAW_CODE(code),
                                                         RAW_TEXT(name),
                                                         RAW_TEXT_OPTIONAL(name_en),
                                                         RAW_TEXT_OPTIONAL(closing),
                                                         RAW_TEXT_OPTIONAL(closing_en),
                                                         RAW_TEXT_OPTIONAL(limit),
                                                         RAW_LIST_OPTIONAL(limits, &link_schema),
                                                         RAW_TEXT_OPTIONAL(calendar),
                                                         RAW_TEXT_OPTIONAL(department),
                                                         RAW_INT_OR_DEFAULT(priority),
                                                         CYAML_FIELD_END };
static const cyaml_schema_value_t condition_schema = RAW_ENTRY(condition_fields);
#undef RAW
#define RAW struct raw_value
static const cyaml_schema_field_t value_fields[] = { RAW_CODE(key), RAW_TEXT(name), RAW_TEXT_OPTIONAL(name_en),
                                                     CYAML_FIELD_END };
static const cyaml_schema_value_t value_schema = RAW_ENTRY(value_fields);
#undef RAW
#define RAW struct raw_attribute
static const cyaml_schema_field_t attribute_fields[] = { RAW_CODE(code),
                                                         RAW_TEXT(description),
                                                         RAW_TEXT_OPTIONAL(description_en),
                                                         RAW_ENUM(type, attribute_type_strings),
                                                         RAW_BOOL_OPTIONAL(required),
                                                         RAW_BOOL_OR_DEFAULT(variable),
                                                         RAW_TEXT_OPTIONAL(datatype_description),
                                                         RAW_TEXT_OPTIONAL(datatype_description_en),
                                                         RAW_LIST_OPTIONAL(values, &value_schema),
                                                         CYAML_FIELD_END };
static const cyaml_schema_value_t attribute_schema = RAW_ENTRY(attribute_fields);
#undef RAW
#define RAW struct raw_service
#define AT(member) switches.member
static const cyaml_schema_field_t service_fields[] = { RAW_CODE(code),
                                                       RAW_TEXT(name),
                                                       RAW_TEXT_OPTIONAL(name_en),
                                                       RAW_TEXT_OPTIONAL(description),
                                                       RAW_TEXT_OPTIONAL(description_en),
                                                       RAW_TEXT_OPTIONAL(group),
                                                       RAW_TEXT_OPTIONAL(keywords),
                                                       RAW_TEXT_OPTIONAL(notice),
                                                       RAW_TEXT_OPTIONAL(notice_en),
                                                       RAW_ENUM_OPTIONAL(type, type_strings),
                                                       RAW_TEXT_OPTIONAL(limit),
                                                       RAW_TEXT_OPTIONAL(calendar),
                                                       RAW_TEXT_OPTIONAL(department),
                                                       SWITCH_FIELDS,
                                                       RAW_LIST_OPTIONAL(conditions, &condition_schema),
                                                       RAW_LIST_OPTIONAL(attributes, &attribute_schema),
                                                       CYAML_FIELD_END };
static const cyaml_schema_value_t service_schema = RAW_ENTRY(service_fields);
#undef AT
#undef RAW
#define RAW struct raw_import
static const cyaml_schema_field_t import_fields[] = {
    RAW_TEXT(file), RAW_TEXT(code),   RAW_TEXT_OPTIONAL(name),
    RAW_TEXT(unit), RAW_TEXT(amount), CYAML_FIELD_IGNORE("units", CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_END
};
#undef RAW
#define RAW struct raw_services
static const cyaml_schema_field_t file_fields[] = { RAW_TEXT_OPTIONAL(calendar),
                                                    RAW_MAPPING_OPTIONAL(defaults, switch_fields),
                                                    RAW_MAPPING_OPTIONAL(import, import_fields),
                                                    RAW_LIST_OPTIONAL(groups, &group_schema),
                                                    RAW_LIST(services, &service_schema),
                                                    CYAML_FIELD_END };
static const cyaml_schema_value_t file_schema = RAW_FILE(file_fields);
#undef RAW

/* ---- what all services share ---- */

static int64_t take_priority(struct loader *loader, struct spot spot, const int64_t *raw, int64_t initial)
{
    if (raw && (*raw < 1 || *raw > 5))
        problem(loader, spot_key(spot, "priority"), "priority %lld is not between 1 (highest) and 5", (long long)*raw);
    return raw ? *raw : initial;
}

/* `merge` is read by hand, as it is a word or keys. What is left out is as in `initial`. */
static struct book_merge take_merge(struct loader *loader, struct spot spot, struct book_merge initial)
{
    struct spot merge = spot_key(spot, "merge");
    if (!spot_has(spot, "merge"))
        return initial;
    if (strcmp(spot_text(merge), "none") == 0)
        return (struct book_merge){ 0 };
    if (!lint(loader, merge, &merge_schema, "merge"))
        return initial;
#define MERGE_TAKE(key, low, high) initial.key = loader_number(loader, merge, #key, initial.key, low, high);
    MERGE_NUMBERS(MERGE_TAKE)
    if (initial.radius_m && !initial.hours)
        problem(loader, merge, "merge: reports within %lld m are meant, but of no time; expected hours",
                (long long)initial.radius_m);
    if (initial.raise_at == 1)
        problem(loader, spot_key(merge, "raise_at"),
                "raise_at: every case has 1 voice; expected 2 or more, or 0 for never");
    return initial;
}

static void take_switches(struct loader *loader, struct spot spot, const struct raw_switches *own,
                          const struct raw_switches *defaults, struct book_service *service)
{
    static const struct raw_switches nothing;
    own = own ? own : &nothing;
    defaults = defaults ? defaults : &nothing;
#define SWITCH_TAKE(member, key, initial) \
    service->member = own->member ? *own->member : defaults->member ? *defaults->member : (initial);
    SERVICE_SWITCHES(SWITCH_TAKE)
    service->stages = own->limits ? stages_take(loader, spot_key(spot, "limits"), false) : NULL;
    service->priority = take_priority(loader, spot, own->priority, defaults->priority ? *defaults->priority : 3);
}

/* ---- conditions ---- */

/* A condition's own department is a rule before all rules of routing.yaml. */
static void take_department(struct loader *loader, struct spot spot, const char *code, struct book_condition *condition)
{
    condition->department = loader_department(loader, spot, code);
    if (!condition->department)
        return;
    struct book_route *route = loader_array(loader, 1, sizeof *route);
    *route = (struct book_route){ .department = condition->department, .name = "", .rule = loader_rule(loader, spot) };
    condition->route = route;
}

static const struct calendar *calendar_or(struct loader *loader, struct spot spot, const char *code,
                                          const struct calendar *initial)
{
    return code ? loader_calendar(loader, spot_key(spot, "calendar"), code) : initial;
}

static void take_links(struct loader *loader, struct spot spot, const struct raw_condition *raw,
                       const struct calendar *calendar, struct book_condition *condition)
{
    size_t count = raw->limits_count;
    struct book_link *links = loader_array(loader, count, sizeof *links);
    for (size_t i = 0; i < count; i++) {
        struct spot limit = spot_key(spot_entry(spot, "limits", i), "limit");
        links[i] = (struct book_link){ loader_name(loader, raw->limits[i].name, raw->limits[i].name_en),
                                       loader_limit(loader, limit, raw->limits[i].limit, calendar) };
    }
    if (count < 2)
        problem(loader, spot_key(spot, "limits"), "%zu limits; expected a chain of two or more, or one `limit`", count);
    if (raw->limit)
        problem(loader, spot_key(spot, "limit"),
                "condition '%s' has a chain of limits; expected either limit or limits", raw->code);
    condition->links = links;
    condition->link_count = count;
    condition->limit = links[0].limit;
}

static void take_condition(struct loader *loader, struct spot spot, const struct raw_condition *raw,
                           const struct calendar *calendar, struct book_condition *condition)
{
    calendar = calendar_or(loader, spot, raw->calendar, calendar);
    *condition = (struct book_condition){
        .code = loader_text(loader, raw->code),
        .name = loader_name(loader, raw->name, raw->name_en),
        .closing = loader_name(loader, raw->closing, raw->closing_en),
        .limit = loader_limit(loader, spot_key(spot, "limit"), raw->limit, calendar),
        .priority = take_priority(loader, spot, raw->priority, 0),
    };
    if (spot_has(spot, "limits"))
        take_links(loader, spot, raw, calendar, condition);
    take_department(loader, spot_key(spot, "department"), raw->department, condition);
}

static void take_conditions(struct loader *loader, struct spot spot, const struct raw_service *raw,
                            const struct calendar *calendar, struct book_service *service)
{
    struct spot list = spot_key(spot, "conditions");
    const struct calendar *own = calendar_or(loader, spot, raw->calendar, calendar);
    size_t count = raw->conditions_count;
    struct book_condition *conditions = loader_array(loader, count, sizeof *conditions);
    for (size_t i = 0; i < count; i++)
        take_condition(loader, spot_item(list, i), &raw->conditions[i], own, &conditions[i]);
    if (count && (raw->limit || raw->department))
        problem(loader, spot_key(spot, raw->limit ? "limit" : "department"),
                "service '%s' has conditions; expected its limit and department in each of them", raw->code);
    struct lookup doubles;
    loader_index(loader, &doubles, conditions, count, sizeof *conditions, list, "code");
    if (!count) {
        conditions[0] = (struct book_condition){
            .code = SERVICE_ONLY_CONDITION,
            .name = service->name,
            .closing = { "", "" },
            .limit = loader_limit(loader, spot_key(spot, "limit"), raw->limit, own),
        };
        take_department(loader, spot_key(spot, "department"), raw->department, &conditions[0]);
    }
    service->conditions = conditions;
    service->condition_count = count ? count : 1;
}

/* ---- attributes ---- */

static void take_attribute(struct loader *loader, struct spot spot, const struct raw_attribute *raw,
                           struct book_attribute *attribute)
{
    bool is_list = raw->type == ATTRIBUTE_SINGLEVALUELIST || raw->type == ATTRIBUTE_MULTIVALUELIST;
    struct book_attribute_value *values = loader_array(loader, raw->values_count, sizeof *values);
    for (size_t i = 0; i < raw->values_count; i++)
        values[i] = (struct book_attribute_value){ loader_text(loader, raw->values[i].key),
                                                   loader_name(loader, raw->values[i].name, raw->values[i].name_en) };
    struct lookup doubles;
    loader_index(loader, &doubles, values, raw->values_count, sizeof *values, spot_key(spot, "values"), "key");
    *attribute = (struct book_attribute){
        .code = loader_text(loader, raw->code),
        .type = raw->type,
        .required = raw->required,
        .is_only_shown = raw->variable && !*raw->variable,
        .description = loader_name(loader, raw->description, raw->description_en),
        .type_description = loader_name(loader, raw->datatype_description, raw->datatype_description_en),
        .values = values,
        .value_count = raw->values_count,
    };
    if (is_list != (raw->values_count > 0))
        problem(loader, spot, "attribute '%s' of type %s has %u values; expected %s", raw->code,
                enum_name(&attribute_type_desc, (int)raw->type), raw->values_count, is_list ? "some" : "none");
    if (attribute->is_only_shown && raw->required)
        problem(loader, spot_key(spot, "required"),
                "attribute '%s' is only shown (variable: false); expected no answer to be required", raw->code);
}

static void take_attributes(struct loader *loader, struct spot list, const struct raw_service *raw,
                            struct book_service *service)
{
    size_t count = raw->attributes_count;
    struct book_attribute *attributes = loader_array(loader, count, sizeof *attributes);
    for (size_t i = 0; i < count; i++)
        take_attribute(loader, spot_item(list, i), &raw->attributes[i], &attributes[i]);
    struct lookup doubles;
    loader_index(loader, &doubles, attributes, count, sizeof *attributes, list, "code");
    service->attributes = attributes;
    service->attribute_count = count;
}

/* ---- services ---- */

static void take_group(struct loader *loader, struct spot spot, const struct raw_services *file, const char *code,
                       struct book_service *service)
{
    service->group = (struct book_text){ "", "" };
    if (!code)
        return;
    struct suggestion suggestion;
    char hint[100];
    suggestion_start(&suggestion, code);
    for (size_t i = 0; i < file->groups_count; i++) {
        const struct raw_group *group = &file->groups[i];
        suggestion_offer(&suggestion, group->code);
        if (strcmp(group->code, code) == 0) {
            service->group = loader_name(loader, group->name, group->name_en);
            service->is_part = group->kind == SERVICE_PART;
            return;
        }
    }
    problem(loader, spot, "no group '%s'%s", code, suggestion_text(&suggestion, hint, sizeof hint));
}

static void take_service(struct loader *loader, struct spot spot, const struct raw_services *file,
                         const struct raw_service *raw, const struct calendar *calendar, struct book_service *service)
{
    *service = (struct book_service){
        .code = loader_text(loader, raw->code),
        .name = loader_name(loader, raw->name, raw->name_en),
        .description = loader_name(loader, raw->description, raw->description_en),
        .keywords = loader_text(loader, raw->keywords),
        .notice = loader_name(loader, raw->notice, raw->notice_en),
        .type = raw->type,
        .at = loader_rule(loader, spot),
    };
    take_group(loader, spot_key(spot, "group"), file, raw->group, service);
    take_switches(loader, spot, &raw->switches, file->defaults, service);
    take_conditions(loader, spot, raw, calendar, service);
    take_attributes(loader, spot_key(spot, "attributes"), raw, service);
}

void services_load(struct loader *loader)
{
    struct raw_services *raw = loader_open(loader, BOOK_FILE_SERVICES, &file_schema);
    if (!raw)
        return;
    struct spot root = loader_spot(loader, BOOK_FILE_SERVICES), list = spot_key(root, "services");
    const struct calendar *calendar = calendar_or(loader, root, raw->calendar, loader_first_calendar(loader));
    if (raw->defaults && raw->defaults->limits)
        loader->book->service_stages = stages_take(loader, spot_key(spot_key(root, "defaults"), "limits"), false);
    const struct book_merge merge = take_merge(loader, spot_key(root, "defaults"), (struct book_merge){ 0 });
    struct import import = { .raw = raw->import, .spot = spot_key(root, "import"), .calendar = calendar };
    if (raw->import)
        import_read(loader, &import);
    size_t count = raw->services_count + import.row_count;
    struct book_service *services = loader_array(loader, count, sizeof *services);
    for (size_t i = 0; i < raw->services_count; i++) {
        take_service(loader, spot_item(list, i), raw, &raw->services[i], calendar, &services[i]);
        services[i].merge = take_merge(loader, spot_item(list, i), merge);
    }
    for (size_t i = 0; i < import.row_count; i++) {
        struct book_service *service = &services[raw->services_count + i];
        import_take(loader, &import, i, service);
        take_switches(loader, root, NULL, raw->defaults, service);
        service->merge = merge;
    }
    if (!count)
        problem(loader, list, "the list is empty; expected at least one service");
    loader->book->services = services;
    loader->book->service_count = count;
    loader_index(loader, &loader->loaded->services, services, count, sizeof *services, list, "code");
    import_check_doubles(loader, &import, services + raw->services_count, list);
    loader->loaded->services.complete = !raw->import || import.row_count;
    import_finish(&import);
    loader_close(&file_schema, raw);
}
