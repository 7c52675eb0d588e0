#include "ingest/sources/open311/answer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/base_url.h"
#include "ingest/sources/open311/xml.h"
#include "proto/base/log.h"

#define JSON_TYPE "application/json; charset=utf-8"

enum { REAL_DIGITS = 10 }; /* of degrees: a hundredth of a millimetre */

static const char json_ending[] = ".json", xml_ending[] = ".xml";

/* Whether a text ends so, and has more before it. */
static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), ends = strlen(ending);
    return length > ends && strcmp(text + length - ends, ending) == 0;
}

static bool is_json(const struct request *request)
{
    return ends_with(request_path(request), json_ending);
}

void answer_document(struct request *request, int status, const char *root, json_t *document)
{
    assert(document); /* of our own texts and of what was checked or mended: all UTF-8 */
    if (is_json(request)) {
        char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS));
        reply_text(request, status, JSON_TYPE, text);
        free(text);
    } else {
        struct buffer xml = { 0 };
        xml_document(&xml, root, document);
        reply_bytes(request, status, "text/xml; charset=utf-8", buffer_view(&xml));
        buffer_finish(&xml);
    }
    json_decref(document);
}

void answer_receipt(struct request *request, const struct document_reader *reader,
                    const struct document_receipt *receipt)
{
    struct arena *arena = request_arena(request);
    if (is_json(request) && !reader->extensions)
        reply_text(request, 201, JSON_TYPE, document_receipt_text(reader, receipt, arena));
    else
        answer_document(request, 201, "service_requests", document_receipt(reader, receipt, arena));
}

void answer_error(struct request *request, int status, const char *description)
{
    answer_document(request, status, "errors", document_error(status, description, request_arena(request)));
}

void answer_complaints(struct request *request, const struct complaints *complaints)
{
    answer_document(request, complaints_status(complaints), "errors",
                    document_complaints(complaints, request_arena(request)));
}

void answer_failure(struct request *request, const struct fault *fault)
{
    log_error("a request of the Open311 door failed", "path=%s reason=\"%s\"", request_path(request), fault->text);
    answer_error(request, 503, "this server cannot do that now; try again later");
}

struct document_reader answer_reader(const struct open311 *open311, struct request *request)
{
    const struct book *book = open311->desk->book;
    const char *extensions = request_query(request, "extensions");
    return (struct document_reader){
        .book = book,
        .language = request_language(request, book->languages, book->language_count),
        .base_url = base_url(request, open311->scheme),
        .extensions = extensions && strcmp(extensions, "true") == 0,
    };
}

const char *answer_named(struct request *request, const char *param)
{
    const char *text = request_param(request, param);
    size_t ending = ends_with(text, json_ending)  ? sizeof json_ending - 1
                    : ends_with(text, xml_ending) ? sizeof xml_ending - 1
                                                  : strlen(text);
    return arena_text(request_arena(request), text, strlen(text) - ending);
}
