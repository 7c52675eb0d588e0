#include "proto/door/case_api_show.h"

#include <errno.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/door/json.h"

static json_t *steps_json(const struct step_list *steps)
{
    json_t *list = json_array();
    for (size_t i = 0; i < steps->count; i++)
        json_array_append_new(list, record_to_json(&step_desc, &steps->items[i]));
    return list;
}

/* Where the book would send it: what the desk's "dispatch" does without a department. */
static json_t *route_json(const struct viewer *viewer, const struct case_file *record)
{
    const struct book_department *department = NULL;
    if (!access_is_desk(viewer) || (record->state != CASE_REPORTED && record->state != CASE_ACCEPTED))
        return json_null();
    const struct book_route *route = book_route(viewer->book, record, clock_now_ms(), &department);
    return route && department ? json_pack("{s:s, s:s}", "department", department->code, "rule", route->rule)
                               : json_null();
}

/* ---- what each report says ---- */

/* A report that came with a merged case left its words there. Such reports stand together: the last home is kept. */
struct words_search {
    struct txn *txn;
    struct arena *arena;
    const struct case_file *record;
    const struct step_list *steps;
    const char *home;
    struct case_file home_record;
    struct step_list home_steps;
};

static int open_home(struct words_search *search, const char *home, struct fault *fault)
{
    int64_t id;
    if (search->home && strcmp(search->home, home) == 0)
        return 0;
    int result = case_find_number(search->txn, home, &id);
    if (!result)
        result = case_get(search->txn, id, search->arena, &search->home_record, fault);
    if (!result)
        result = step_list_of(search->txn, &search->home_record, search->arena, &search->home_steps, fault);
    search->home = home;
    return result > 0 ? fault_set(fault, -EBADMSG, "a report names the case '%s', which is not", home) : result;
}

static const char *words_of(const struct case_file *record, const struct step_list *steps, int64_t step)
{
    if (step > 0)
        return (size_t)step < steps->count ? steps->items[step].note : "";
    return *record->text ? record->text : record->title;
}

/* One of them has its words in the case itself. */
static int add_words(struct words_search *search, const struct voice *voice, json_t *list, struct fault *fault)
{
    bool here = !*voice->home;
    int result = here ? 0 : open_home(search, voice->home, fault);
    if (result)
        return result;
    const char *words = here ? words_of(search->record, search->steps, voice->step)
                             : words_of(&search->home_record, &search->home_steps, voice->step);
    json_array_append_new(list, json_pack("{s:I, s:s}", "seq", (json_int_t)voice->seq, "words", words));
    return 0;
}

/* Empty where there is one report only: its words are the case's. */
static json_t *words_json(struct words_search *search, struct fault *fault)
{
    json_t *list = json_array();
    const struct voice_list *voices = &search->record->voices;
    int result = 0;
    for (size_t i = 0; !result && voices->count > 1 && i < voices->count; i++)
        result = add_words(search, &voices->items[i], list, fault);
    if (result)
        json_decref(list);
    return result ? NULL : list;
}

/* ---- all of it ---- */

static void show_case(struct request *request, void *context)
{
    struct case_api *api = context;
    struct viewer viewer = case_viewer(api, request);
    struct case_file record;
    struct step_list steps = { 0 };
    struct fault fault = { "" };
    struct arena *arena = request_arena(request);
    struct txn *txn = txn_begin_read(api->store);
    json_t *words = NULL;
    int result = case_find(&viewer, request_param(request, "number"), txn, arena, &record, &fault);
    if (!result)
        result = step_list_of(txn, &record, arena, &steps, &fault);
    if (!result)
        words = words_json(&(struct words_search){ txn, arena, &record, &steps, NULL }, &fault);
    txn_abort(txn);
    if (words)
        reply_json(request, 200,
                   json_pack("{s:o, s:o, s:o, s:o, s:o, s:I}", "case", case_json(&viewer, &record), "steps",
                             steps_json(&steps), "words", words, "verbs", case_verbs_json(&viewer, &record), "route",
                             route_json(&viewer, &record), "now_ms", (json_int_t)clock_now_ms()));
    else if (result > 0)
        reply_error(request, 404, "not_found", "There is no such case that you may see.",
                    "It may be another department's or another worker's now: look at your list.");
    else
        case_reply_fault(request, &fault);
}

int case_show_open(struct case_api *api, struct fault *fault)
{
    static const struct case_route routes[] = {
        { "GET", "/api/cases/{number}", ~ROLE_BIT(ROLE_DEVICE), 0, show_case },
    };
    return case_routes_add(api, routes, sizeof routes / sizeof *routes, fault);
}
