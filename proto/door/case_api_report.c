#include "proto/door/case_api_report.h"

#include "proto/door/json.h"
#include "proto/record/staff_report.h"

enum { BODY_BYTES = 16 * 1024, REPORTS_AT_ONCE = 64 };

/* One report that waits for ingest's commit; in the request's arena. */
struct handing {
    struct case_api *api;
    struct request *request;
};

static void reply_invalid(struct request *request, const char *message)
{
    reply_error(request, 422, "invalid", message, "Correct it and send it with a new id.");
}

static void reply_receipt(struct request *request, const struct staff_receipt *receipt)
{
    switch (receipt->status) {
    case ANSWER_OK:
        reply_json(request, 201, json_pack("{s:I}", "seq", (json_int_t)receipt->seq));
        return;
    case ANSWER_INVALID:
        reply_invalid(request, receipt->message);
        return;
    default:
        case_reply_busy(request, "busy", receipt->message);
    }
}

static void taken(void *context, int status, struct bytes bytes)
{
    struct handing *handing = context;
    struct staff_receipt receipt;
    struct fault fault = { "" };
    if (status)
        case_reply_busy(handing->request, "timeout", "Ingest has not answered; perhaps it was stored, perhaps not.");
    else if (record_decode(&staff_receipt_desc, bytes, request_arena(handing->request), &receipt, &fault))
        case_reply_fault(handing->request, &fault);
    else
        reply_receipt(handing->request, &receipt);
}

static void hand_on(struct handing *handing, const struct staff_report *report)
{
    const struct case_api *api = handing->api;
    struct buffer bytes = { 0 };
    record_encode(&staff_report_desc, report, &bytes);
    int result = bus_ask(api->reports, buffer_view(&bytes), api->options.command_timeout_ms, taken, handing);
    buffer_finish(&bytes);
    if (result)
        case_reply_busy(handing->request, "busy", "Too many reports are under way.");
    else
        request_defer(handing->request);
}

/* What the door knows by itself: the session says who, the path what kind. */
static int refuse_own(const json_t *body, struct fault *fault)
{
    static const char *const own[] = { "reporter", "source" };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (json_object_get(body, own[i]))
            return fault_set(fault, -EINVAL, "'%s' is not the device's to say", own[i]);
    return 0;
}

static void take_report(struct request *request, struct case_api *api, enum event_source source)
{
    struct handing *handing = arena_alloc(request_arena(request), sizeof *handing);
    *handing = (struct handing){ api, request };
    struct staff_report report;
    struct fault fault = { "" };
    const json_t *body = request_json(request, &fault);
    if (!body) {
        reply_error(request, 400, "bad_json", fault.text, "Send a JSON object.");
        return;
    }
    int result = refuse_own(body, &fault);
    if (!result)
        result = case_body_read(handing->api, request, body, &staff_report_desc, &report, &report.media, &fault);
    if (!result && !*report.id)
        result = fault_set(&fault, -EINVAL, "id: missing; make one on the device and keep it for repeats");
    if (result) {
        reply_invalid(request, fault.text);
        return;
    }
    report.reporter = case_viewer(api, request).login;
    report.source = source;
    hand_on(handing, &report);
}

static void take_patrol(struct request *request, void *context)
{
    take_report(request, context, SOURCE_WORKER);
}

static void take_call(struct request *request, void *context)
{
    take_report(request, context, SOURCE_HOTLINE);
}

static void take_order(struct request *request, void *context)
{
    take_report(request, context, SOURCE_ORDER);
}

int case_report_open(struct case_api *api, struct fault *fault)
{
    static const struct case_route routes[] = {
        { "POST", "/api/report", ROLE_BIT(ROLE_WORKER), BODY_BYTES, take_patrol },
        { "POST", "/api/hotline", BY_DESK, BODY_BYTES, take_call },
        { "POST", "/api/order", BY_DESK, BODY_BYTES, take_order },
    };
    int result = 0;
    for (size_t i = 0; !result && i < sizeof routes / sizeof *routes; i++)
        if (api->options.roles & routes[i].roles)
            result = case_routes_add(api, &routes[i], 1, fault);
    if (!result && api->options.roles & (BY_DESK | ROLE_BIT(ROLE_WORKER)))
        result = bus_client_open(api->options.loop, api->options.bus_port_base, BUS_REPORTS, REPORTS_AT_ONCE,
                                 &api->reports, fault);
    return result;
}
