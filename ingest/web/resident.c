#include "ingest/web/resident.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ingest/gzip.h"
#include "ingest/sources/open311/query.h"
#include "ingest/web/follow.h"
#include "ingest/web/near.h"
#include "ingest/web/page_parts.h"
#include "ingest/web/pages.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/store/media_store.h"

enum { ANSWER_BODY_BYTES = 16384, REASON_BYTES = 1000 };

static struct page page_of(const struct resident *resident, struct request *request)
{
    const struct book *book = resident->desk->book;
    static const char *const zh_first[] = { "zh", "en" }, *const en_first[] = { "en", "zh" };
    bool english = book->language_count && strncmp(book->languages[0], "en", 2) == 0;
    const char *language = request_language(request, english ? en_first : zh_first, 2);
    return (struct page){
        .book = book,
        .language = strcmp(language, "en") == 0 ? PAGE_EN : PAGE_ZH,
        .arena = request_arena(request),
    };
}

/* Sends the page and frees it. */
static void send_page(struct request *request, int status, struct buffer *page)
{
    reply_bytes(request, status, "text/html; charset=utf-8", buffer_view(page));
    buffer_finish(page);
}

static void send_message(struct request *request, const struct page *page, int status, enum word message)
{
    struct buffer out = { 0 };
    page_message(&out, page, message);
    send_page(request, status, &out);
}

static void send_failure(struct request *request, const struct page *page, const struct fault *fault)
{
    log_error("a resident's request failed", "path=%s reason=\"%s\"", request_path(request), fault->text);
    send_message(request, page, 503, WORD_FAILED);
}

static void send_form(struct request *request, const struct page *page, int status, struct form_page form)
{
    char token[RECEIPT_TOKEN + 1];
    receipt_token(token);
    struct buffer out = { 0 };
    form.token = token;
    page_form(&out, page, &form);
    send_page(request, status, &out);
}

/* A link may say service and place already, as the one on a lamp post does. */
static struct form said_by_link(const struct page *page, struct request *request)
{
    static const char *const names[] = { "service_code", "lat", "long", "address_string" };
    enum { COUNT = sizeof names / sizeof *names };
    struct form_field *fields = arena_array(page->arena, COUNT, sizeof *fields);
    size_t count = 0;
    for (size_t i = 0; i < COUNT; i++) {
        const char *value = request_query(request, names[i]);
        if (value)
            fields[count++] = (struct form_field){ .name = names[i], .value = value };
    }
    return (struct form){ fields, count };
}

/* The case that a report of this form would join; NULL where there is none. That it could not be read keeps nobody from reporting. */
static const struct case_file *find_near(struct resident *resident, struct request *request, const struct page *page,
                                         const struct form *said)
{
    const char *service = form_value(said, "service_code"), *lat = form_value(said, "lat"),
               *lon = form_value(said, "long");
    struct case_file *record = arena_alloc(page->arena, sizeof *record);
    struct fault fault = { "" };
    const struct near_said near = { service ? service : "", lat ? lat : "", lon ? lon : "" };
    int result = near_said_find(resident->reports, page, &near, clock_now_ms(), record, &fault);
    if (result < 0)
        log_error("a resident could not be told of reports near by", "path=%s reason=\"%s\"", request_path(request),
                  fault.text);
    return result ? NULL : record;
}

static void get_form(struct request *request, void *context)
{
    struct page page = page_of(context, request);
    struct form said = said_by_link(&page, request);
    send_form(request, &page, 200,
              (struct form_page){ .said = &said, .near = find_near(context, request, &page, &said) });
}

/* The hint alone, for the script; nothing where there is none. */
static void get_near(struct request *request, void *context)
{
    struct page page = page_of(context, request);
    struct form said = said_by_link(&page, request);
    const struct case_file *near = find_near(context, request, &page, &said);
    struct buffer out = { 0 };
    if (near)
        near_hint(&out, &page, near, false);
    send_page(request, 200, &out);
}

/* ---- a report ---- */

/* Up to the language, which comes last. */
static const char *follow_path(const struct page *page, uint64_t seq, const char *secret)
{
    return arena_format(page->arena, "/follow?id=%" PRIu64 "&key=%s&lang=", seq, secret);
}

static void report_taken(struct request *request, const struct event_append *done, void *context)
{
    const struct report *report = context;
    uint64_t seq = done->seq;
    struct page page = page_of(report->context, request);
    struct buffer out = { 0 };
    page.own_path = follow_path(&page, seq, report->receipt.secret);
    page_receipt(&out, &page, seq, arena_format(page.arena, "%s%s", page.own_path, page_code(page.language)));
    send_page(request, 201, &out);
}

static void send_busy(struct request *request, const struct page *page)
{
    reply_header(request, "Retry-After", INTAKE_RETRY_AFTER);
    send_message(request, page, 503, WORD_BUSY);
}

/* False: it was not taken, and the sender was told; the form's id makes a repetition harmless. */
static bool submit(struct resident *resident, struct request *request, const struct page *page, struct report *report,
                   intake_answer *answer)
{
    struct event_append append = report_append(report);
    report->context = resident;
    struct fault fault;
    int result = intake_submit(resident->intake, request, &append, answer, report, &fault);
    if (result == INTAKE_FULL)
        send_busy(request, page);
    else if (result == INTAKE_UNFIT)
        send_failure(request, page, &fault); /* ours: what the form says was checked */
    return result == INTAKE_TAKEN;
}

/* False: this address had its share, and was told so. Asked first: a refused report costs no picture in the store. */
static bool within_quota(struct resident *resident, struct request *request, const struct page *page)
{
    int64_t now_ms = clock_mono_ms();
    if (quota_take(resident->quota, request_address(request), now_ms))
        return true;
    reply_header(request, "Retry-After",
                 arena_format(page->arena, "%" PRId64, quota_wait_seconds(resident->quota, now_ms)));
    send_message(request, page, 429, WORD_QUOTA);
    return false;
}

/* Not whom the form told already, nor who would have to choose the photos once more. */
static bool wants_to_be_asked(const struct form *form)
{
    return !form_value(form, NEAR_KNOWN) && !photos_any(form);
}

static void take_post(struct post *post)
{
    struct resident *resident = post->context;
    struct page page = page_of(resident, post->request);
    const char *token = form_value(&post->form, "form");
    const struct case_file *near = NULL;
    bool counts = true; /* not what we ask for again, all right as it was */
    if (post->result < 0) {
        send_failure(post->request, &page, &post->fault);
    } else if (post->complaints.count) {
        send_form(post->request, &page, complaints_status(&post->complaints),
                  (struct form_page){ .said = &post->form, .complaints = &post->complaints });
    } else if (post->result == PHOTOS_BUSY) {
        counts = false;
        send_busy(post->request, &page);
    } else if (wants_to_be_asked(&post->form) && (near = find_near(resident, post->request, &page, &post->form))) {
        counts = false;
        send_form(post->request, &page, 200, (struct form_page){ .said = &post->form, .near = near, .asked = true });
    } else {
        report_receipt(&post->report, "form", token && receipt_token_fits(token) ? token : NULL);
        counts = submit(resident, post->request, &page, &post->report, report_taken);
    }
    if (!counts)
        quota_give_back(resident->quota, request_address(post->request), clock_mono_ms());
}

static void post_report(struct request *request, void *context)
{
    struct resident *resident = context;
    struct page page = page_of(resident, request);
    if (within_quota(resident, request, &page))
        post_take(post_read(request, take_post, resident), resident->desk, report_from_form,
                  page.language == PAGE_EN ? "en" : "zh", clock_now_ms());
}

/* ---- the stages ---- */

/* The report whose secret the request knows; false: answered already. Nobody learns which of id and key was wrong. */
static bool open_report(struct resident *resident, struct request *request, const struct page *page, const char *id,
                        const char *key, struct report_view *view)
{
    struct fault fault = { "" };
    uint64_t seq = id ? query_id(id, strlen(id)) : 0;
    int result = seq && key ? reports_get(resident->reports, seq, page->arena, view, &fault) : 1;
    if (result == 0 && !receipt_opens(key, view->event.secret_hash))
        result = 1;
    if (result < 0)
        send_failure(request, page, &fault);
    else if (result > 0)
        send_message(request, page, 404, WORD_NOT_FOUND);
    return result == 0;
}

/* thanks: the words for an answer that was just taken, or NULL. */
static void send_stages(struct resident *resident, struct request *request, struct page *page,
                        const struct report_view *view, const char *secret, const enum word *thanks)
{
    struct step_list steps = { 0 };
    struct fault fault = { "" };
    char token[RECEIPT_TOKEN + 1];
    receipt_token(token);
    if (view->has_case && reports_steps(resident->reports, &view->record, page->arena, &steps, &fault) < 0) {
        send_failure(request, page, &fault);
        return;
    }
    struct buffer out = { 0 };
    page->own_path = follow_path(page, (uint64_t)view->event.seq, secret);
    page_follow(&out, page, &(struct follow){ view, &steps, secret, token, thanks, clock_now_ms() });
    send_page(request, 200, &out);
}

static void get_follow(struct request *request, void *context)
{
    struct resident *resident = context;
    struct page page = page_of(resident, request);
    const char *key = request_query(request, "key");
    struct report_view view;
    if (open_report(resident, request, &page, request_query(request, "id"), key, &view))
        send_stages(resident, request, &page, &view, key, NULL);
}

/* ---- what a reporter answers: whether it is solved, that it is not ---- */

/* One kind of answer. */
struct own_kind {
    const char *token_kind;
    enum word bad, not_now, thanks;
    bool (*is_time)(const struct resident *resident, const struct report_view *view);
    bool (*fill)(struct event *event, const struct form *form); /* false where the form does not say it */
};

/* An answer under way. */
struct own_answer {
    struct report report; /* its event is the answer's */
    struct report_view view;
    const struct own_kind *kind;
    const char *secret;
};

static bool may_rate(const struct resident *resident, const struct report_view *view)
{
    (void)resident;
    return follow_may_rate(view);
}

static bool fill_rating(struct event *event, const struct form *form)
{
    const char *score = form_value(form, "score"), *solved = form_value(form, "solved");
    if (!score || !*score || score[1] || *score < '1' || *score > '5' || !solved ||
        (strcmp(solved, "yes") != 0 && strcmp(solved, "no") != 0))
        return false;
    event->kind = EVENT_RATING;
    event->score = *score - '0';
    event->solved = strcmp(solved, "yes") == 0;
    return true;
}

static bool may_reopen(const struct resident *resident, const struct report_view *view)
{
    return follow_may_reopen(view, resident->desk->book, clock_now_ms());
}

static bool fill_reopening(struct event *event, const struct form *form)
{
    const char *reason = form_value(form, "reason");
    if (!reason || strspn(reason, " \t\r\n") == strlen(reason) || strlen(reason) > REASON_BYTES)
        return false;
    event->kind = EVENT_REOPEN;
    event->text = reason;
    return true;
}

static const struct own_kind rating = { "rate", WORD_BAD_RATING, WORD_NOT_CLOSED, WORD_RATED, may_rate, fill_rating };
static const struct own_kind reopening = { "reopen",      WORD_BAD_REASON, WORD_NOT_REOPENED,
                                           WORD_REOPENED, may_reopen,      fill_reopening };

static void own_taken(struct request *request, const struct event_append *done, void *context)
{
    (void)done;
    struct own_answer *own = context; /* its report is its first member */
    struct page page = page_of(own->report.context, request);
    send_stages(own->report.context, request, &page, &own->view, own->secret, &own->kind->thanks);
}

static bool fill_own(struct own_answer *own, const struct form *form)
{
    const char *token = form_value(form, "form");
    struct event *event = &own->report.event;
    *event = (struct event){
        .source = SOURCE_RESIDENT,
        .about_seq = own->view.event.seq,
        .reporter = own->view.event.reporter,
        .received_at_ms = clock_now_ms(),
    };
    if (!own->kind->fill(event, form))
        return false;
    report_receipt(&own->report, own->kind->token_kind, token && receipt_token_fits(token) ? token : NULL);
    event->secret_hash = "";
    return true;
}

static void post_own(struct resident *resident, struct request *request, const struct own_kind *kind)
{
    struct page page = page_of(resident, request);
    struct own_answer *own = arena_alloc(page.arena, sizeof *own);
    struct fault fault = { "" };
    struct form form = { 0 };
    own->kind = kind;
    if (!within_quota(resident, request, &page))
        return;
    if (request_form(request, &form, &fault) < 0) {
        send_message(request, &page, 400, kind->bad);
        return;
    }
    own->secret = form_value(&form, "key");
    if (!open_report(resident, request, &page, form_value(&form, "id"), own->secret, &own->view))
        return;
    if (!kind->is_time(resident, &own->view))
        send_message(request, &page, 409, kind->not_now);
    else if (!fill_own(own, &form))
        send_message(request, &page, 400, kind->bad);
    else if (!submit(resident, request, &page, &own->report, own_taken))
        quota_give_back(resident->quota, request_address(request), clock_mono_ms());
}

static void post_rate(struct request *request, void *context)
{
    post_own(context, request, &rating);
}

static void post_reopen(struct request *request, void *context)
{
    post_own(context, request, &reopening);
}

/* ---- map and pictures ---- */

static void get_map(struct request *request, void *context)
{
    struct resident *resident = context;
    const char *known = request_header(request, "If-None-Match");
    const char *accepted = request_header(request, "Accept-Encoding");
    bool packed = accepted && strstr(accepted, "gzip");
    reply_header(request, "ETag", resident->map_tag);
    reply_header(request, "Cache-Control", "public, max-age=3600");
    reply_header(request, "Vary", "Accept-Encoding");
    if (known && strstr(known, resident->map_tag)) {
        reply_bytes(request, 304, NULL, (struct bytes){ 0 });
        return;
    }
    if (packed)
        reply_header(request, "Content-Encoding", "gzip");
    reply_bytes(request, 200, "application/geo+json", buffer_view(packed ? &resident->map_gz : &resident->map));
}

static void get_media(struct request *request, void *context)
{
    struct resident *resident = context;
    struct buffer file = { 0 };
    const char *hash = request_param(request, "hash"), *size = request_query(request, "size"), *type = NULL;
    struct fault fault = { "" };
    bool small = size && strcmp(size, "small") == 0;
    int result =
        (small ? media_store_get_small : media_store_get)(resident->desk->data_folder, hash, &file, &type, &fault);
    if (result == 0) {
        reply_header(request, "Cache-Control", "public, max-age=31536000, immutable");
        reply_bytes(request, 200, type, buffer_view(&file));
    } else if (result > 0) {
        reply_error(request, 404, "not_found", "There is no such picture.", "Take the address from the report.");
    } else {
        log_error("a picture could not be read", "reason=\"%s\"", fault.text);
        reply_error(request, 503, "unavailable", "The picture cannot be read now.", "Try again later.");
    }
    buffer_finish(&file);
}

static int prepare_map(struct resident *resident, struct fault *fault)
{
    const char *map = book_geojson(resident->desk->book);
    buffer_text(&resident->map, map ? map : "{\"type\":\"FeatureCollection\",\"features\":[]}");
    struct hash hash = hash_of(resident->map.bytes, resident->map.size);
    char hex[HASH_HEX];
    snprintf(resident->map_tag, sizeof resident->map_tag, "\"%s\"", hash_hex(hex, &hash));
    return gzip(&resident->map_gz, buffer_view(&resident->map), fault);
}

/* Without the built pages everything still works; it only looks plain. */
static int serve_files(struct resident *resident, struct door *door, struct fault *fault)
{
    static const char *const prefixes[] = { "/shared", "/ingest" };
    int result = 0;
    for (size_t i = 0; !result && i < sizeof prefixes / sizeof *prefixes; i++) {
        struct buffer folder = { 0 };
        buffer_format(&folder, "%s%s", resident->pages, prefixes[i]);
        result = door_static(door, prefixes[i], buffer_string(&folder), false, fault);
        buffer_finish(&folder);
        if (result == -ENOENT) {
            log_warn("pages are served without style and script", "reason=\"%s\"", fault->text);
            result = 0;
        }
    }
    return result;
}

int resident_routes(struct resident *resident, struct door *door, struct fault *fault)
{
    static const struct {
        const char *method, *path;
        int64_t body_bytes;
        door_handler *handler;
    } routes[] = {
        { "GET", "/", 0, get_form },
        { "GET", "/near", 0, get_near },
        { "POST", "/report", -1, post_report },
        { "GET", "/follow", 0, get_follow },
        { "POST", "/rate", ANSWER_BODY_BYTES, post_rate },
        { "POST", "/reopen", ANSWER_BODY_BYTES, post_reopen },
        { "GET", "/map.json", 0, get_map },
        { "GET", "/media/{hash}", 0, get_media },
    };
    int result = prepare_map(resident, fault);
    for (size_t i = 0; !result && i < sizeof routes / sizeof *routes; i++)
        result = door_route(door, routes[i].method, routes[i].path, 0, routes[i].body_bytes, routes[i].handler,
                            resident, fault);
    return result ? result : serve_files(resident, door, fault);
}

void resident_finish(struct resident *resident)
{
    buffer_finish(&resident->map);
    buffer_finish(&resident->map_gz);
}
