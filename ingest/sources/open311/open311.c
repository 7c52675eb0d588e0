#include "ingest/sources/open311/open311.h"

#include "ingest/sources/open311/answer.h"
#include "ingest/sources/open311/handlers.h"

static void get_services(struct request *request, void *context)
{
    struct open311 *open311 = context;
    struct document_reader reader = answer_reader(open311, request);
    if (access_jurisdiction(&open311->access, request, NULL))
        answer_document(request, 200, "services", document_services(&reader));
}

static void get_definition(struct request *request, void *context)
{
    struct open311 *open311 = context;
    struct document_reader reader = answer_reader(open311, request);
    if (!access_jurisdiction(&open311->access, request, NULL))
        return;
    const char *code = answer_named(request, "code");
    const struct book_service *service = book_service(reader.book, code);
    if (!service || !service->is_public)
        answer_error(request, 404, arena_format(request_arena(request), "service_code '%.64s' was not found", code));
    else
        answer_document(request, 200, "service_definition", document_definition(&reader, service));
}

static void get_discovery(struct request *request, void *context)
{
    struct document_reader reader = answer_reader(context, request);
    answer_document(request, 200, "discovery", document_discovery(&reader, request_arena(request)));
}

/* Served with the pages, with ETag and compressed. */
static void get_description(struct request *request, void *context)
{
    (void)context;
    reply_redirect(request, 302, "/ingest/openapi.json");
}

/* In the standard's shape, where the door's own refusal would not be. */
static void get_nothing(struct request *request, void *context)
{
    (void)context;
    answer_error(request, 404, "there is no such resource, or not in this format: expected .xml or .json");
}

int open311_routes(struct open311 *open311, struct door *door, struct fault *fault)
{
    static const struct {
        const char *method, *path;
        int64_t body_bytes;
        door_handler *handler;
    } routes[] = {
        { "GET", "/open311/discovery.json", 0, get_discovery },
        { "GET", "/open311/discovery.xml", 0, get_discovery },
        { "GET", "/open311/v2/services.json", 0, get_services },
        { "GET", "/open311/v2/services.xml", 0, get_services },
        { "GET", "/open311/v2/services/{code}", 0, get_definition },
        { "GET", "/open311/v2/requests.json", 0, open311_get_requests },
        { "GET", "/open311/v2/requests.xml", 0, open311_get_requests },
        { "GET", "/open311/v2/requests/{id}", 0, open311_get_request },
        { "GET", "/open311/v2/tokens/{token}", 0, open311_get_token },
        { "POST", "/open311/v2/requests.json", -1, open311_post_request },
        { "POST", "/open311/v2/requests.xml", -1, open311_post_request },
        { "GET", "/open311/v2/servicerequestupdates.json", 0, open311_get_updates },
        { "GET", "/open311/v2/servicerequestupdates.xml", 0, open311_get_updates },
        { "POST", "/open311/v2/servicerequestupdates.json", -1, open311_post_update },
        { "POST", "/open311/v2/servicerequestupdates.xml", -1, open311_post_update },
        { "GET", "/open311/v2/openapi.json", 0, get_description },
        { "GET", "/open311/{rest*}", 0, get_nothing },
    };
    int result = 0;
    open311->access.book = &book_sources(open311->desk->book)->open311;
    access_open(&open311->access);
    for (size_t i = 0; !result && i < sizeof routes / sizeof *routes; i++)
        result = door_route(door, routes[i].method, routes[i].path, 0, routes[i].body_bytes, routes[i].handler, open311,
                            fault);
    return result;
}

void open311_finish(struct open311 *open311)
{
    access_close(&open311->access);
}
