/* drumctl route test | explain: the routing rules of a book, tried out before a case has to. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/book/book.h"
#include "proto/book/calendar.h"
#include "proto/book/route_cases.h"
#include "proto/book/zone.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/subcommands.h"

struct route_call {
    const char *book_folder;
    const char *service, *condition, *area, *lat, *lon, *source, *time;
    int64_t priority; /* 0: as the condition or the service says */
    struct book *book;
};

static void print_error(void *context, const char *error)
{
    (void)context;
    fprintf(stderr, "%s\n", error);
}

/* What is asked, in one line: "P0101 missing in 110199001001001, resident, priority 1, 2026-03-02 23:00 …". */
static void print_question(const struct book *book, const struct case_file *record, int64_t at_ms)
{
    char at[TIMESTAMP_TEXT];
    const struct book_service *service = book_service(book, record->service);
    const struct book_area *area = book_area(book, record->place.area);
    printf("%s %s", record->service, book_condition(service, record->condition)->code);
    if (area)
        printf(" in %s %s", area->code, area->name.zh);
    else
        printf(" in no area");
    printf(", %s, priority %" PRId64 ", %s", enum_name(&event_source_desc, (int)record->source), record->priority,
           look_time(at, book->zone, at_ms));
}

static void print_route(const char *book_folder, const struct book_route *route,
                        const struct book_department *department)
{
    if (!route) {
        printf("triage: no rule has it");
        return;
    }
    printf("%s %s by ", department->code, department->name.zh);
    if (*route->name)
        printf("'%s' ", route->name);
    look_print_rule(book_folder, route->rule);
}

/* ---- test ---- */

static void print_difference(const struct route_call *call, const char *table, const struct route_case *expected,
                             const struct book_route *route, const struct book_department *department)
{
    printf("%s:%zu: %s%s", table, expected->line, expected->why, *expected->why ? ": " : "");
    print_question(call->book, &expected->record, expected->at_ms);
    printf("\n  expected  %s", expected->department ? expected->department->code : "triage");
    if (*expected->rule)
        printf(" by '%s'", expected->rule);
    printf("\n  got       ");
    print_route(call->book_folder, route, department);
    putchar('\n');
}

/* 0: all as expected; 1: differences were printed; <0: nothing could be compared. */
static int test(const struct route_call *call, const char *table, struct fault *fault)
{
    struct route_cases cases = { { 0 } };
    size_t differences = 0;
    int result = route_cases_read(call->book, table, &cases, print_error, NULL, fault);
    if (result < 0)
        fault_set(fault, result, "%s: the table has errors, see above", table);
    for (size_t i = 0; !result && i < cases.count; i++) {
        const struct route_case *expected = &cases.cases[i];
        const struct book_department *department;
        const struct book_route *route = book_route(call->book, &expected->record, expected->at_ms, &department);
        if (route_case_holds(expected, route, department))
            continue;
        print_difference(call, table, expected, route, department);
        differences++;
    }
    if (!result)
        printf("%zu cases, %zu different\n", cases.count, differences);
    route_cases_finish(&cases);
    return result ? result : differences > 0;
}

/* ---- explain ---- */

static void print_texts(const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%s%s", i ? ", " : "", texts[i]);
}

static void print_sources(unsigned sources)
{
    const char *comma = "";
    for (int source = 0; source < (int)event_source_desc.count; source++)
        if (sources >> source & 1) {
            printf("%s%s", comma, enum_name(&event_source_desc, source));
            comma = ", ";
        }
}

static void print_areas(const struct book_route *route)
{
    for (size_t i = 0; i < route->area_count; i++)
        printf("%s%s %s", i ? ", " : "", route->areas[i]->code, route->areas[i]->name.zh);
}

static void print_reason(const struct book_route *route, enum route_verdict verdict)
{
    switch (verdict) {
    case ROUTE_MATCHES:
        break;
    case ROUTE_SERVICE:
        printf("no: for the services ");
        print_texts(route->services, route->service_count);
        break;
    case ROUTE_CONDITION:
        printf("no: for the conditions ");
        print_texts(route->conditions, route->condition_count);
        break;
    case ROUTE_AREA:
        printf("no: for what is in ");
        print_areas(route);
        break;
    case ROUTE_SOURCE:
        printf("no: for what comes from ");
        print_sources(route->sources);
        break;
    case ROUTE_PRIORITY:
        printf("no: for priority %" PRId64 " or more urgent", route->priority_at_most);
        break;
    case ROUTE_HOURS:
        printf("no: for the time %s the working periods of %s", route->out_of_hours ? "outside of" : "inside",
               calendar_code(route->in_hours_of));
        break;
    case ROUTE_NO_DEPARTMENT:
        printf("no: to the area's department: neither the area nor one above it names one");
        break;
    }
}

/* One line a rule; returns whether it is the one that has the case. */
static bool explain_rule(const struct route_call *call, const struct book_route *route, const struct case_file *record,
                         int64_t at_ms, bool taken)
{
    const struct book_department *department;
    enum route_verdict verdict = book_route_verdict(call->book, route, record, at_ms, &department);
    printf("%s %-18s ", verdict == ROUTE_MATCHES && !taken ? "→" : " ", route->rule);
    if (*route->name)
        printf("'%s': ", route->name);
    if (verdict == ROUTE_MATCHES)
        printf("%s, to %s %s", taken ? "would match too, but comes later" : "matches", department->code,
               department->name.zh);
    else
        print_reason(route, verdict);
    putchar('\n');
    return verdict == ROUTE_MATCHES;
}

/* Who has the case after the department, tier by tier. */
static void explain_tiers(const struct route_call *call, const struct case_file *record, int64_t at_ms,
                          const struct book_department *department)
{
    const char *rule;
    while (department && (department = book_hand_up(call->book, record, at_ms, department, &rule))) {
        printf("handed up: %s %s by ", department->code, department->name.zh);
        look_print_rule(call->book_folder, rule);
        putchar('\n');
    }
}

static void explain(const struct route_call *call, const struct case_file *record, int64_t at_ms)
{
    const struct book_department *department;
    const struct book_route *route = book_route(call->book, record, at_ms, &department);
    const struct book_condition *condition =
        book_condition(book_service(call->book, record->service), record->condition);
    bool taken = condition->route;
    print_question(call->book, record, at_ms);
    putchar('\n');
    if (condition->route)
        printf("→ %-18s the condition's own department, before all rules\n", condition->route->rule);
    for (size_t i = 0; i < call->book->route_count; i++)
        taken |= explain_rule(call, &call->book->routes[i], record, at_ms, taken);
    print_route(call->book_folder, route, department);
    putchar('\n');
    explain_tiers(call, record, at_ms, department);
}

static bool take_degrees(const char *text, double most, double *degrees)
{
    char *end;
    *degrees = strtod(text, &end);
    return end != text && !*end && *degrees >= -most && *degrees <= most; /* "nan" is neither */
}

static int take_place(const struct route_call *call, struct case_file *record, struct fault *fault)
{
    const struct book_area *area = NULL;
    if (call->area && !(area = book_area(call->book, call->area)))
        return fault_set(fault, -EINVAL, "--area '%s': the book has no such area", call->area);
    if (!call->lat != !call->lon || (call->lat && call->area))
        return fault_set(fault, -EINVAL, "expected --area, or --lat and --lon, or none of them");
    if (call->lat &&
        !(take_degrees(call->lat, 90, &record->place.lat) && take_degrees(call->lon, 180, &record->place.lon)))
        return fault_set(fault, -EINVAL, "--lat '%s' --lon '%s': expected degrees such as 39.94 and 116.38", call->lat,
                         call->lon);
    if (call->lat)
        area = book_locate(call->book, record->place.lat, record->place.lon);
    record->place.area = area ? area->code : "";
    return 0;
}

static int take_question(const struct route_call *call, struct case_file *record, int64_t *at_ms, struct fault *fault)
{
    const struct book_service *service = call->service ? book_service(call->book, call->service) : NULL;
    const struct book_condition *condition = service ? book_condition(service, call->condition) : NULL;
    int source = call->source ? enum_value(&event_source_desc, call->source) : SOURCE_RESIDENT;
    if (!call->service)
        return fault_set(fault, -EINVAL, "--service CODE is missing: what is reported");
    if (!service)
        return fault_set(fault, -EINVAL, "--service '%s': the book has no such service", call->service);
    if (!condition)
        return fault_set(fault, -EINVAL, "--condition '%s': service %s has no such condition", call->condition,
                         service->code);
    if (source < 0)
        return fault_set(fault, -EINVAL, "--source '%s': expected resident, worker, camera, sensor …", call->source);
    *record = (struct case_file){ .service = service->code,
                                  .condition = condition->code,
                                  .source = (enum event_source)source,
                                  .priority = call->priority ? call->priority : book_priority(service, condition) };
    *at_ms = clock_now_ms();
    if (call->time && zone_parse(call->book->zone, call->time, at_ms) < 0)
        return fault_set(fault, -EINVAL, "--time '%s': expected a time such as '2026-03-02 23:00'", call->time);
    return take_place(call, record, fault);
}

/* ---- the command ---- */

/* 0 or 1, the answer; <0 after a failure. */
static int run(struct route_call *call, char **operands, int count, struct fault *fault)
{
    bool tests = strcmp(operands[0], "test") == 0;
    struct case_file record;
    int64_t at_ms;
    if ((!tests && strcmp(operands[0], "explain") != 0) || count != (tests ? 2 : 1))
        return fault_set(fault, -EINVAL, "expected test TABLE, or explain; drumctl route --help says more");
    if (!call->book_folder)
        return fault_set(fault, -EINVAL, "--book DIR is missing: the district book");
    int result = book_load(call->book_folder, &call->book, print_error, NULL, fault);
    if (result)
        return fault_set(fault, result, "%s: the book has errors, see above", call->book_folder);
    if (tests)
        return test(call, operands[1], fault);
    result = take_question(call, &record, &at_ms, fault);
    if (!result)
        explain(call, &record, at_ms);
    return result;
}

int drumctl_route(int argc, char **argv)
{
    struct route_call call = { 0 };
    const struct arg args[] = {
        { "book", ARG_TEXT, &call.book_folder, "DIR", "district book", 0, 0 },
        { "service", ARG_TEXT, &call.service, "CODE", "explain: service", 0, 0 },
        { "condition", ARG_TEXT, &call.condition, "CODE", "filing condition; default the service's first", 0, 0 },
        { "area", ARG_TEXT, &call.area, "CODE", "area of the case", 0, 0 },
        { "lat", ARG_TEXT, &call.lat, "DEG", "or its place: latitude …", 0, 0 },
        { "lon", ARG_TEXT, &call.lon, "DEG", "… and longitude", 0, 0 },
        { "source", ARG_TEXT, &call.source, "S", "where it comes from; default resident", 0, 0 },
        { "priority", ARG_INT, &call.priority, "N", "1 (highest) to 5; default the condition's or service's", 1, 5 },
        { "time", ARG_TEXT, &call.time, "TIME", "the district's local time; default now", 0, 0 },
    };
    const struct arg_program program = {
        .name = "drumctl route",
        .usage = "test TABLE --book DIR\n"
                 "       drumctl route explain --book DIR --service CODE [--condition CODE] [--area CODE | --lat DEG "
                 "--lon DEG]\n"
                 "                             [--source S] [--priority N] [--time TIME]",
        .summary = "test compares the routing of a book with a table of cases and the departments expected for them "
                   "(such as\nexamples/gulou/routes.test.yaml), prints what differs, and exits with 1 where something "
                   "does. explain says\nfor each rule why it has such a case, or not, and to whom it is handed up.",
        .args = args,
        .arg_count = sizeof args / sizeof *args,
        .min_operands = 1,
        .max_operands = 2,
    };
    struct fault fault = { "" };
    int operands, status = look_parse(&program, argc, argv, &operands, NULL);
    if (status != LOOK_GO_ON)
        return status;
    int result = run(&call, argv, operands, &fault);
    book_destroy(call.book);
    return result < 0 ? look_fail(&program, 2, &fault) : result;
}
