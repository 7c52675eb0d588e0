/* Which department has a case: a condition's own, else the first rule of routing.yaml that matches. */
#include <string.h>

#include "proto/book/book.h"
#include "proto/book/calendar.h"
#include "proto/book/route.h"

bool route_pattern_matches(const char *pattern, const char *code)
{
    size_t length = strlen(pattern);
    if (length && pattern[length - 1] == '*')
        return strncmp(pattern, code, length - 1) == 0;
    return strcmp(pattern, code) == 0;
}

static bool service_matches(const struct book_route *route, const struct case_file *record)
{
    for (size_t i = 0; i < route->service_count; i++)
        if (route_pattern_matches(route->services[i], record->service))
            return true;
    return !route->service_count;
}

static bool condition_matches(const struct book_route *route, const char *condition)
{
    for (size_t i = 0; i < route->condition_count; i++)
        if (strcmp(route->conditions[i], condition) == 0)
            return true;
    return !route->condition_count;
}

static bool area_matches(const struct book_route *route, const struct book_area *area)
{
    for (size_t i = 0; i < route->area_count; i++)
        if (book_area_within(area, route->areas[i]))
            return true;
    return !route->area_count;
}

static bool hours_match(const struct book_route *route, int64_t at_ms)
{
    return !route->in_hours_of || calendar_is_working_time(route->in_hours_of, at_ms) != route->out_of_hours;
}

static const struct book_department *department_of(const struct book_area *area)
{
    while (area && !area->department)
        area = area->parent;
    return area ? area->department : NULL;
}

const struct book_route *book_route(const struct book *book, const struct case_file *record, int64_t at_ms,
                                    const struct book_department **department)
{
    const struct book_service *service = book_service(book, record->service);
    const struct book_condition *condition = service ? book_condition(service, record->condition) : NULL;
    const struct book_area *area = book_area(book, record->place.area);
    *department = NULL;
    if (condition && condition->route) {
        *department = condition->department;
        return condition->route;
    }
    for (size_t i = 0; i < book->route_count; i++) {
        const struct book_route *route = &book->routes[i];
        if (!service_matches(route, record) || !condition_matches(route, condition ? condition->code : "") ||
            !area_matches(route, area) || (route->sources && !(route->sources >> record->source & 1)) ||
            (route->priority_at_most && record->priority > route->priority_at_most) || !hours_match(route, at_ms))
            continue;
        *department = route->to_area_department ? department_of(area) : route->department;
        if (*department)
            return route;
    }
    return NULL;
}
