#include "videowall/metrics/indicator_api.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/door/indicator_report.h"

/* ---- what is asked ---- */

/* False: answered. */
static bool check_question(struct request *request, struct report_question *question)
{
    struct fault fault;
    char today[CASE_DAY_TEXT];
    case_local_day(today, clock_now_ms());
    *question =
        (struct report_question){ .days = days_until(today, INDICATOR_DAYS), .groups_max = INDICATOR_GROUPS_MAX };
    int result = report_parse(request_query(request, "by"), request_query(request, "period"),
                              request_query(request, "from"), request_query(request, "to"), question, &fault);
    if (!result && days_count(&question->days) > INDICATOR_DAYS_MAX)
        result = fault_set(&fault, -EINVAL, "these are more than %d days", INDICATOR_DAYS_MAX);
    if (!result)
        return true;
    reply_error(request, 400, "bad_question", fault.text, "Correct it and ask again.");
    return false;
}

static bool take_name(struct request *request, const struct enum_desc *desc, const char *name, int *value)
{
    struct fault fault;
    if (!report_take(desc, name, request_query(request, name), value, &fault))
        return true;
    reply_error(request, 400, "bad_question", fault.text, "Correct it and ask again.");
    return false;
}

static bool take_page(struct request *request, struct report_cases *cases, int64_t *limit)
{
    const char *after = request_query(request, "after"), *text = request_query(request, "limit");
    int used = -1;
    if (after && *after &&
        (sscanf(after, "%" SCNd64 ",%" SCNd64 "%n", &cases->after_order, &cases->after_id, &used) < 2 || after[used])) {
        reply_error(request, 400, "bad_after", "'after' is not ORDER,ID.", "Give what \"next\" of the last page said.");
        return false;
    }
    char *end = NULL;
    *limit = text ? strtoll(text, &end, 10) : INDICATOR_CASES_DEFAULT;
    if (text && (end == text || *end || *limit < 1 || *limit > INDICATOR_CASES_MAX)) {
        reply_error(request, 400, "bad_limit",
                    arena_format(request_arena(request), "'limit' is not between 1 and %d.", INDICATOR_CASES_MAX),
                    "Ask for fewer cases and go on with \"next\".");
        return false;
    }
    return true;
}

/* False: answered. */
static bool check_cases(struct request *request, struct report_cases *cases, int64_t *limit)
{
    struct report_question question;
    const char *key = request_query(request, "key"), *indicator = request_query(request, "indicator");
    int which = 0, part = REPORT_PART_WHOLE;
    if (!check_question(request, &question) || !take_name(request, &report_part_desc, "part", &part) ||
        !take_name(request, &indicator_desc, "indicator", &which))
        return false;
    if (!indicator || !*indicator) {
        reply_error(request, 400, "bad_question", "'indicator' is missing.", "Name one of the definitions.");
        return false;
    }
    *cases = (struct report_cases){ .indicator = (enum indicator)which,
                                    .part = (enum report_part)part,
                                    .by = question.by,
                                    .key = key ? key : "",
                                    .days = question.days,
                                    .look_at = INDICATOR_LOOKED_AT };
    return take_page(request, cases, limit);
}

/* ---- answers ---- */

static void answer_fault(struct request *request, int result, const struct fault *fault)
{
    if (result == -E2BIG) {
        reply_error(request, 400, "too_much", fault->text, "Ask for a longer period, or for fewer days.");
        return;
    }
    log_error("indicators", "reason=\"%s\"", fault->text);
    reply_error(request, 503, "no_figures", fault->text, "Try again in a moment.");
}

static void answer_indicators(struct request *request, void *context)
{
    const struct indicator_api *api = context;
    struct report_question question;
    struct report report;
    struct fault fault = { "" };
    char today[CASE_DAY_TEXT];
    if (!check_question(request, &question))
        return;
    struct txn *txn = txn_begin_read(api->cases);
    int result = report_read(txn, api->book, &question, request_arena(request), &report, &fault);
    txn_abort(txn);
    if (result) {
        answer_fault(request, result, &fault);
        return;
    }
    json_t *answer = report_json(&question, &report);
    case_local_day(today, clock_now_ms());
    json_object_set_new(answer, "now_ms", json_integer(clock_now_ms()));
    json_object_set_new(answer, "today", json_string(today));
    json_object_set_new(answer, "definitions", report_indicators_json());
    reply_json(request, 200, answer);
}

struct listing {
    json_t *cases;
    int64_t limit;
};

static int list_case(void *context, const struct report_case *found)
{
    struct listing *listing = context;
    const struct case_file *record = found->record;
    json_array_append_new(listing->cases,
                          json_pack("{ss ss ss ss ss sI ss sI ss sI sb}", "number", record->number, "title",
                                    *record->title ? record->title : record->text, "service", record->service, "area",
                                    record->place.area, "state", enum_name(&case_state_desc, (int)record->state),
                                    "priority", (json_int_t)record->priority, "department", record->department,
                                    "reported_at_ms", (json_int_t)record->reported_at_ms, "name", found->name, "at_ms",
                                    (json_int_t)found->at_ms, "part", found->is_part));
    return (int64_t)json_array_size(listing->cases) >= listing->limit;
}

static void answer_cases(struct request *request, void *context)
{
    const struct indicator_api *api = context;
    struct report_cases cases;
    struct listing listing;
    struct arena arena = { 0 };
    struct fault fault = { "" };
    if (!check_cases(request, &cases, &listing.limit))
        return;
    listing.cases = json_array();
    struct txn *txn = txn_begin_read(api->cases);
    int result = report_visit_cases(txn, api->book, &cases, &arena, list_case, &listing, &fault);
    txn_abort(txn);
    arena_finish(&arena);
    if (result < 0) {
        json_decref(listing.cases);
        answer_fault(request, result, &fault);
        return;
    }
    json_t *next = cases.more ? json_sprintf("%" PRId64 ",%" PRId64, cases.after_order, cases.after_id) : json_null();
    reply_json(request, 200,
               json_pack("{so so sI}", "cases", listing.cases, "next", next, "now_ms", (json_int_t)clock_now_ms()));
}

int indicator_api_open(struct indicator_api *api, struct fault *fault)
{
    int result = door_route(api->door, "GET", "/api/indicators", api->roles, 0, answer_indicators, api, fault);
    if (!result)
        result = door_route(api->door, "GET", "/api/indicators/cases", api->roles, 0, answer_cases, api, fault);
    return result;
}
