/* Which department has a case: a condition's own, else the first rule of routing.yaml that matches. */
#include <string.h>

#include "proto/book/book.h"
#include "proto/book/calendar.h"
#include "proto/book/route.h"

ENUM_DEFINE(route_verdict, ROUTE_VERDICTS)

bool route_pattern_matches(const char *pattern, const char *code)
{
    size_t length = strlen(pattern);
    if (length && pattern[length - 1] == '*')
        return strncmp(pattern, code, length - 1) == 0;
    return strcmp(pattern, code) == 0;
}

/* A case with what the rules ask of it looked up once. */
struct question {
    const struct case_file *record;
    const struct book_condition *condition; /* NULL: the book has no such service */
    const struct book_area *area;           /* NULL: in none */
    int64_t at_ms;
};

static struct question question_of(const struct book *book, const struct case_file *record, int64_t at_ms)
{
    const struct book_service *service = book_service(book, record->service);
    return (struct question){ record, service ? book_condition(service, record->condition) : NULL,
                              book_area(book, record->place.area), at_ms };
}

static bool service_matches(const struct book_route *route, const char *service)
{
    for (size_t i = 0; i < route->service_count; i++)
        if (route_pattern_matches(route->services[i], service))
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

static enum route_verdict judge(const struct book_route *route, const struct question *question,
                                const struct book_department **department)
{
    const struct case_file *record = question->record;
    *department = NULL;
    if (!service_matches(route, record->service))
        return ROUTE_SERVICE;
    if (!condition_matches(route, question->condition ? question->condition->code : ""))
        return ROUTE_CONDITION;
    if (!area_matches(route, question->area))
        return ROUTE_AREA;
    if (route->sources && !(route->sources >> record->source & 1))
        return ROUTE_SOURCE;
    if (route->priority_at_most && record->priority > route->priority_at_most)
        return ROUTE_PRIORITY;
    if (!hours_match(route, question->at_ms))
        return ROUTE_HOURS;
    *department = route->to_area_department ? department_of(question->area) : route->department;
    return *department ? ROUTE_MATCHES : ROUTE_NO_DEPARTMENT;
}

enum route_verdict book_route_verdict(const struct book *book, const struct book_route *route,
                                      const struct case_file *record, int64_t at_ms,
                                      const struct book_department **department)
{
    const struct question question = question_of(book, record, at_ms);
    return judge(route, &question, department);
}

const struct book_route *book_route(const struct book *book, const struct case_file *record, int64_t at_ms,
                                    const struct book_department **department)
{
    const struct question question = question_of(book, record, at_ms);
    *department = NULL;
    if (question.condition && question.condition->route) {
        *department = question.condition->department;
        return question.condition->route;
    }
    for (size_t i = 0; i < book->route_count; i++)
        if (judge(&book->routes[i], &question, department) == ROUTE_MATCHES)
            return &book->routes[i];
    return NULL;
}

const struct book_department *book_hand_up(const struct book *book, const struct case_file *record, int64_t at_ms,
                                           const struct book_department *department, const char **rule)
{
    const struct question question = question_of(book, record, at_ms);
    const struct book_route *own = question.condition ? question.condition->route : NULL;
    const struct book_department *next;
    *rule = department->at;
    if (department->hand_up_to)
        return department->hand_up_to;
    for (size_t i = 0; i < book->route_count + 1; i++) {
        const struct book_route *route = i ? &book->routes[i - 1] : own;
        if (!route || judge(route, &question, &next) != ROUTE_MATCHES || next->tier >= department->tier)
            continue;
        *rule = route->rule;
        return next;
    }
    *rule = "";
    return NULL;
}

int64_t book_priority(const struct book_service *service, const struct book_condition *condition)
{
    return condition && condition->priority ? condition->priority : service->priority;
}
