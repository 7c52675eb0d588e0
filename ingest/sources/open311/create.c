/* Reports that come in, and the tokens of those whose number is told later. */
#include "ingest/sources/open311/answer.h"
#include "ingest/sources/open311/handlers.h"
#include "proto/base/clock.h"

/* A report on its way. */
struct arriving {
    struct open311 *open311;
    const struct book_open311_key *key; /* NULL: its sender has none */
};

static void created(struct request *request, const struct event_append *done, void *context)
{
    const struct report *report = context;
    struct document_reader reader = answer_reader(report->context, request);
    struct document_receipt receipt = { report->event.service, done->seq, report->event.id, report->receipt.secret };
    answer_receipt(request, &reader, &receipt);
}

/* Two senders may have made the same key: it is this client's, or else this reporter's. */
static const char *own_token(const struct arriving *arriving, const struct report *report, const char *key,
                             struct arena *arena)
{
    return arriving->key ? arena_format(arena, "key %s:%s", arriving->key->name, key)
                         : arena_format(arena, "reporter %s:%s", report->event.reporter, key);
}

static void submit(const struct arriving *arriving, struct request *request, struct report *report)
{
    const char *key = request_header(request, "Idempotency-Key");
    if (key && !receipt_token_fits(key)) {
        answer_error(request, 400, "Idempotency-Key: expected 16 to 128 characters of 0-9 A-Z a-z - _");
        return;
    }
    report_receipt(report, key ? "key" : "new", key ? own_token(arriving, report, key, request_arena(request)) : NULL);
    report->context = arriving->open311;
    struct event_append append = report_append(report);
    struct fault fault;
    int result = intake_submit(arriving->open311->intake, request, &append, created, report, &fault);
    access_refuse_intake(&arriving->open311->access, request, arriving->key, result, &fault);
}

static void take_post(struct post *post)
{
    const struct arriving *arriving = post->context;
    if (!access_refuse_post(&arriving->open311->access, post, arriving->key))
        submit(arriving, post->request, &post->report);
}

/* Who sends is asked first: a refused report costs no picture in the store. */
void open311_post_request(struct request *request, void *context)
{
    struct open311 *open311 = context;
    const struct book *book = open311->desk->book;
    struct arriving *arriving = arena_alloc(request_arena(request), sizeof *arriving);
    struct post *post = post_read(request, take_post, arriving);
    *arriving = (struct arriving){ .open311 = open311 };
    if (access_sender(&open311->access, request, &post->form, &arriving->key) &&
        access_jurisdiction(&open311->access, request, &post->form))
        post_take(post, open311->desk, report_from_form,
                  request_language(request, book->languages, book->language_count), clock_now_ms());
}

/* A token is the event's id: nobody finds one by counting. */
void open311_get_token(struct request *request, void *context)
{
    struct open311 *open311 = context;
    struct document_reader reader = answer_reader(open311, request);
    struct arena *arena = request_arena(request);
    struct report_view view;
    struct fault fault = { "" };
    if (!access_jurisdiction(&open311->access, request, NULL))
        return;
    const char *token = answer_named(request, "token");
    int result = *token ? reports_find(open311->reports, token, arena, &view, &fault) : 1;
    if (result < 0)
        answer_failure(request, &fault);
    else if (result > 0)
        answer_error(request, 404, arena_format(arena, "token '%.64s' was not found", token));
    else
        answer_document(request, 200, "service_requests", document_token(&reader, &view, arena));
}
