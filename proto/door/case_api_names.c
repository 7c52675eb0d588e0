#include "proto/door/case_api_names.h"

#include "proto/base/clock.h"
#include "proto/door/session.h"
#include "proto/store/presence.h"

static json_t *text_json(const struct book_text *text)
{
    return json_pack("{s:s?, s:s?}", "zh", text->zh, "en", text->en);
}

static json_t *areas_json(const struct book *book)
{
    json_t *list = json_array();
    for (size_t i = 0; i < book->area_count; i++) {
        const struct book_area *area = &book->areas[i];
        json_array_append_new(list, json_pack("{s:s, s:o, s:s, s:s, s:f, s:f}", "code", area->code, "name",
                                              text_json(&area->name), "tier", enum_name(&tier_desc, (int)area->tier),
                                              "parent", area->parent ? area->parent->code : "", "lat", area->lat, "lon",
                                              area->lon));
    }
    return list;
}

static json_t *departments_json(const struct book *book)
{
    json_t *list = json_array();
    for (size_t i = 0; i < book->department_count; i++) {
        const struct book_department *department = &book->departments[i];
        json_array_append_new(list, json_pack("{s:s, s:o, s:s}", "code", department->code, "name",
                                              text_json(&department->name), "tier",
                                              enum_name(&tier_desc, (int)department->tier)));
    }
    return list;
}

static json_t *limit_json(const struct book_text *name, const struct book_limit *limit)
{
    return json_pack("{s:o, s:s, s:I}", "name", text_json(name), "unit", enum_name(&limit_unit_desc, (int)limit->unit),
                     "amount", (json_int_t)limit->amount);
}

/* The chain of limits; empty where there is one only. */
static json_t *links_json(const struct book_condition *condition)
{
    json_t *list = json_array();
    for (size_t i = 0; i < condition->link_count; i++)
        json_array_append_new(list, limit_json(&condition->links[i].name, &condition->links[i].limit));
    return list;
}

static json_t *conditions_json(const struct book_service *service)
{
    json_t *list = json_array();
    for (size_t i = 0; i < service->condition_count; i++) {
        const struct book_condition *condition = &service->conditions[i];
        json_t *json = limit_json(&condition->name, &condition->limit);
        json_object_set_new(json, "code", json_string(condition->code));
        json_object_set_new(json, "closing", text_json(&condition->closing));
        json_object_set_new(json, "links", links_json(condition));
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *services_json(const struct book *book)
{
    json_t *list = json_array();
    for (size_t i = 0; i < book->service_count; i++) {
        const struct book_service *service = &book->services[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:o, s:o, s:I, s:o}", "code", service->code, "name",
                                        text_json(&service->name), "group", text_json(&service->group), "priority",
                                        (json_int_t)service->priority, "conditions", conditions_json(service)));
    }
    return list;
}

static json_t *own_areas_json(const struct book_person *person)
{
    json_t *list = json_array();
    for (size_t i = 0; person && i < person->area_count; i++)
        json_array_append_new(list, json_string(person->areas[i]->code));
    return list;
}

/* In the shift, and has not said that it left. */
static bool is_here(const struct book *book, const struct book_person *person, const struct presence *presence)
{
    return book_on_duty(book, person, clock_now_ms()) && !presence->away;
}

static json_t *person_json(const struct book *book, const struct book_person *person, const struct presence *presence)
{
    return json_pack("{s:s, s:s?, s:s, s:s, s:o, s:b}", "id", person->id, "name", person->name, "role",
                     enum_name(&role_desc, (int)person->role), "department",
                     person->department ? person->department->code : "", "areas", own_areas_json(person), "on_duty",
                     is_here(book, person, presence));
}

/* Those whom the viewer knows; NULL with a fault where the store cannot be read. */
static json_t *people_json(const struct case_api *api, const struct viewer *viewer, struct arena *arena,
                           struct fault *fault)
{
    json_t *list = json_array();
    struct txn *txn = txn_begin_read(api->store);
    for (size_t i = 0; i < viewer->book->person_count; i++) {
        const struct book_person *person = &viewer->book->people[i];
        struct presence presence;
        if (!access_knows(viewer, person))
            continue;
        presence_get(txn, person->id, arena, &presence);
        json_array_append_new(list, person_json(viewer->book, person, &presence));
    }
    int result = txn_error(txn, fault);
    txn_abort(txn);
    if (result)
        json_decref(list);
    return result ? NULL : list;
}

static json_t *languages_json(const struct book *book)
{
    json_t *list = json_array();
    for (size_t i = 0; i < book->language_count; i++)
        json_array_append_new(list, json_string(book->languages[i]));
    return list;
}

static json_t *rules_json(const struct book_rules *rules)
{
    return json_pack("{s:I, s:I, s:I}", "extensions", (json_int_t)rules->extensions, "suspension_days",
                     (json_int_t)rules->suspension_days, "reopen_days", (json_int_t)rules->reopen_days);
}

static void show_book(struct request *request, void *context)
{
    struct viewer viewer = case_viewer(context, request);
    const struct book *book = viewer.book;
    struct fault fault = { "" };
    json_t *people = people_json(context, &viewer, request_arena(request), &fault);
    if (!people) {
        case_reply_fault(request, &fault);
        return;
    }
    reply_json(request, 200,
               json_pack("{s:s, s:o, s:s, s:o, s:f, s:f, s:o, s:o, s:o, s:o, s:o}", "code", book->code, "name",
                         text_json(&book->name), "time_zone", book->time_zone, "languages", languages_json(book),
                         "center_lat", book->center_lat, "center_lon", book->center_lon, "areas", areas_json(book),
                         "departments", departments_json(book), "services", services_json(book), "people", people,
                         "rules", rules_json(&book->rules)));
}

static void show_people(struct request *request, void *context)
{
    struct viewer viewer = case_viewer(context, request);
    struct fault fault = { "" };
    json_t *people = people_json(context, &viewer, request_arena(request), &fault);
    if (people)
        reply_json(request, 200, json_pack("{s:o}", "people", people));
    else
        case_reply_fault(request, &fault);
}

static void show_me(struct request *request, void *context)
{
    struct case_api *api = context;
    struct viewer viewer = case_viewer(api, request);
    const struct book_person *person = book_person(viewer.book, viewer.login);
    const struct account_session *session = request_session(request);
    struct presence presence;
    struct fault fault = { "" };
    struct txn *txn = txn_begin_read(api->store);
    presence_get(txn, viewer.login, request_arena(request), &presence);
    int result = txn_error(txn, &fault);
    txn_abort(txn);
    if (result) {
        case_reply_fault(request, &fault);
        return;
    }
    reply_json(request, 200,
               json_pack("{s:s, s:s, s:s, s:s, s:o, s:b, s:b, s:I}", "login", viewer.login, "name", session->name,
                         "role", enum_name(&role_desc, (int)viewer.role), "department", viewer.department, "areas",
                         own_areas_json(person), "on_duty", person && is_here(viewer.book, person, &presence), "away",
                         presence.away, "now_ms", (json_int_t)clock_now_ms()));
}

int case_names_open(struct case_api *api, struct fault *fault)
{
    static const struct case_route routes[] = {
        { "GET", "/api/book", 0, 0, show_book },
        { "GET", "/api/people", ~ROLE_BIT(ROLE_DEVICE), 0, show_people },
        { "GET", "/api/me", 0, 0, show_me },
    };
    return case_routes_add(api, routes, sizeof routes / sizeof *routes, fault);
}
