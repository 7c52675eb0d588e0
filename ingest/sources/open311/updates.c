/* Further words on a report that is there, as another system's people say them there (FixMyStreet's request updates).
 *
 * An update has its sender's own number: the same again is the same update, whenever it comes. Only REOPEN asks for anything but to be heard,
 * and only of a case that was over when it was said; the engine judges that once more (dispatcher/engine/intake.c). All other statuses are
 * what the sender's people see at their end, and are told as words: whoever disposes closes nothing, and neither does who reported.
 */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "ingest/enrich/clip.h"
#include "ingest/sources/external.h"
#include "ingest/sources/open311/answer.h"
#include "ingest/sources/open311/handlers.h"
#include "ingest/sources/open311/query.h"
#include "proto/base/clock.h"

/* X(prefix, value, as the extension has it) */
#define UPDATE_STATUSES(X) \
    X(STATUS, OPEN, "open") \
    X(STATUS, CLOSED, "closed") \
    X(STATUS, FIXED, "fixed") \
    X(STATUS, IN_PROGRESS, "in_progress") \
    X(STATUS, PLANNED, "planned") \
    X(STATUS, ACTION_SCHEDULED, "action_scheduled") \
    X(STATUS, INVESTIGATING, "investigating") \
    X(STATUS, DUPLICATE, "duplicate") \
    X(STATUS, NOT_COUNCILS_RESPONSIBILITY, "not_councils_responsibility") \
    X(STATUS, NO_FURTHER_ACTION, "no_further_action") \
    X(STATUS, INTERNAL_REFERRAL, "internal_referral") \
    X(STATUS, FOR_TRIAGE, "for_triage") \
    X(STATUS, REOPEN, "reopen")
ENUM_DECLARE(update_status, UPDATE_STATUSES)
ENUM_DEFINE(update_status, UPDATE_STATUSES)

/* An update on its way. */
struct incoming {
    struct open311 *open311;
    const struct book_open311_key *key;
    struct report_view about;
    enum update_status status;
    const char *number; /* the sender's own */
};

/* Writing differs, as does their letters' case. */
static bool find_status(const char *text, enum update_status *status)
{
    for (int i = 0; i < (int)update_status_desc.count; i++)
        if (strcasecmp(text, enum_name(&update_status_desc, i)) == 0) {
            *status = (enum update_status)i;
            return true;
        }
    return false;
}

/* The first field of these that says something; else a complaint. */
static const char *needed(const struct form *form, const char *name, const char *other_name, struct arena *arena,
                          struct complaints *complaints)
{
    const char *value = form_value(form, name);
    if ((!value || !*value) && other_name)
        value = form_value(form, other_name);
    if (value && *value)
        return value;
    complaint_add(complaints, arena, COMPLAINT_NO_FIELD, name);
    return "";
}

static void taken(struct request *request, const struct event_append *done, void *context)
{
    (void)context;
    const char *id = arena_format(request_arena(request), "%" PRIu64, done->seq);
    answer_document(request, done->repeated ? 200 : 201, "service_request_updates",
                    json_pack("[{s:s, s:n}]", "update_id", id, "account_id"));
}

/* The words with what the sender's people see at their end, unless that is what everybody sees. */
static void complete(const struct incoming *incoming, struct event *event, int64_t now_ms, struct arena *arena)
{
    const struct book *book = incoming->open311->desk->book;
    const char *source = arena_format(arena, "open311/%s", incoming->key->name);
    event->id = external_event_id("update", source, incoming->number, arena);
    event->about_seq = incoming->about.event.seq;
    if (incoming->status == STATUS_REOPEN)
        event->kind =
            report_may_be_reopened(&incoming->about, book->rules.reopen_days, now_ms) ? EVENT_REOPEN : EVENT_FOLLOW_UP;
    event->title = incoming->status == STATUS_OPEN ? "" : enum_name(&update_status_desc, (int)incoming->status);
    if (*event->title && *event->text) {
        const char *text = arena_format(arena, "%s: %s", event->title, event->text);
        event->text = arena_text(arena, text, clip_utf8(text, EVENT_TEXT_BYTES));
    }
}

static void submit(const struct incoming *incoming, struct post *post)
{
    complete(incoming, &post->report.event, clock_now_ms(), request_arena(post->request));
    struct event_append append = report_append(&post->report);
    struct fault fault;
    int result = intake_submit(incoming->open311->intake, post->request, &append, taken, NULL, &fault);
    access_refuse_intake(&incoming->open311->access, post->request, incoming->key, result, &fault);
}

/* What the update is about; false: there is no such report, and the request was answered. */
static bool find_report(struct incoming *incoming, struct request *request, const char *id)
{
    struct document_reader reader = answer_reader(incoming->open311, request);
    uint64_t seq = query_id(id, strlen(id));
    struct fault fault = { "" };
    int result =
        seq ? reports_get(incoming->open311->reports, seq, request_arena(request), &incoming->about, &fault) : 1;
    if (result == 0 && document_is_told(&reader, &incoming->about))
        return true;
    if (result < 0)
        answer_failure(request, &fault);
    else
        answer_error(request, 404,
                     arena_format(request_arena(request), "service_request_id '%.40s' was not found", id));
    return false;
}

static void take_post(struct post *post)
{
    const struct incoming *incoming = post->context;
    if (!access_refuse_post(&incoming->open311->access, post, incoming->key))
        submit(incoming, post);
}

static void take(struct incoming *incoming, struct post *post)
{
    const struct report_desk *desk = incoming->open311->desk;
    const struct form *form = &post->form;
    struct arena *arena = request_arena(post->request);
    struct complaints *complaints = &post->complaints;
    const char *id = needed(form, "service_request_id", NULL, arena, complaints);
    const char *status = needed(form, "status", NULL, arena, complaints);
    incoming->number = needed(form, "update_id", "update_id_ext", arena, complaints);
    needed(form, "updated_datetime", NULL, arena, complaints);
    if (*status && !find_status(status, &incoming->status))
        complaint_add(complaints, arena, COMPLAINT_STATUS, status);
    if (complaints->count || find_report(incoming, post->request, id))
        post_take(post, desk, report_update_from_form,
                  request_language(post->request, desk->book->languages, desk->book->language_count), clock_now_ms());
}

/* Who may add words to any report, and have any taken up again, has a key of the book that says so. */
void open311_post_update(struct request *request, void *context)
{
    struct open311 *open311 = context;
    struct incoming *incoming = arena_alloc(request_arena(request), sizeof *incoming);
    struct post *post = post_read(request, take_post, incoming);
    *incoming = (struct incoming){ .open311 = open311 };
    if (!access_sender(&open311->access, request, &post->form, &incoming->key) ||
        !access_jurisdiction(&open311->access, request, &post->form))
        return;
    if (!incoming->key || !incoming->key->updates)
        answer_error(request, 403, "updates want the api_key of a client that may add them");
    else if (!post->readable)
        answer_complaints(request, &post->complaints);
    else
        take(incoming, post);
}
