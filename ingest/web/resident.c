#include "ingest/web/resident.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ingest/gzip.h"
#include "ingest/sources/open311/query.h"
#include "ingest/web/pages.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/store/media_store.h"

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

static void send_form(struct request *request, const struct page *page, int status, const struct form *said,
                      const struct complaints *complaints)
{
    char token[RECEIPT_TOKEN + 1];
    receipt_token(token);
    struct buffer out = { 0 };
    page_form(&out, page, token, said, complaints);
    send_page(request, status, &out);
}

static void get_form(struct request *request, void *context)
{
    struct page page = page_of(context, request);
    send_form(request, &page, 200, NULL, NULL);
}

/* ---- a report ---- */

static const char *follow_path(const struct page *page, uint64_t seq, const char *secret)
{
    return arena_format(page->arena, "/follow?id=%" PRIu64 "&key=%s&lang=%s", seq, secret,
                        page->language == PAGE_EN ? "en" : "zh");
}

static void report_taken(struct request *request, uint64_t seq, void *context)
{
    const struct report *report = context;
    struct page page = page_of(report->context, request);
    struct buffer out = { 0 };
    page_receipt(&out, &page, seq, follow_path(&page, seq, report->receipt.secret));
    send_page(request, 201, &out);
}

/* Says "later" where the queue is full; the form's id makes the repetition harmless. */
static void submit(struct resident *resident, struct request *request, const struct page *page, struct report *report,
                   intake_answer *answer)
{
    const struct contact *contact = report->has_contact ? &report->contact : NULL;
    report->context = resident;
    if (intake_submit(resident->intake, request, &report->event, contact, answer, report) == INTAKE_FULL) {
        reply_header(request, "Retry-After", INTAKE_RETRY_AFTER);
        send_message(request, page, 503, WORD_BUSY);
    }
}

/* False: this address had its share, and was told so. Asked first: a refused report costs no picture in the store. */
static bool within_quota(struct resident *resident, struct request *request, const struct page *page)
{
    int64_t now_ms = clock_mono_ms();
    if (quota_take(resident->quota, request_address(request), now_ms))
        return true;
    reply_header(request, "Retry-After", arena_format(page->arena, "%" PRId64, quota_wait_seconds(now_ms)));
    send_message(request, page, 429, WORD_QUOTA);
    return false;
}

static void post_report(struct request *request, void *context)
{
    struct resident *resident = context;
    struct page page = page_of(resident, request);
    if (!within_quota(resident, request, &page))
        return;
    struct report *report = arena_alloc(page.arena, sizeof *report);
    struct complaints complaints = { .count = 0 };
    struct fault fault = { "" };
    struct form form = { 0 };
    int result = 0;
    if (request_form(request, &form, &fault) < 0)
        complaint_add(&complaints, page.arena, COMPLAINT_FORM, fault.text);
    else
        result = report_from_form(resident->desk, &form, page.language == PAGE_EN ? "en" : "zh", clock_now_ms(),
                                  page.arena, report, &complaints, &fault);
    const char *token = form_value(&form, "form");
    if (result < 0) {
        send_failure(request, &page, &fault);
    } else if (complaints.count) {
        send_form(request, &page, complaints_status(&complaints), &form, &complaints);
    } else {
        report_receipt(report, "form", token && receipt_token_fits(token) ? token : NULL);
        submit(resident, request, &page, report, report_taken);
    }
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

static void send_stages(struct resident *resident, struct request *request, const struct page *page,
                        const struct report_view *view, const char *secret, bool thanks)
{
    struct step_list steps = { 0 };
    struct fault fault = { "" };
    char token[RECEIPT_TOKEN + 1];
    receipt_token(token);
    if (view->has_case && reports_steps(resident->reports, view->record.id, page->arena, &steps, &fault) < 0) {
        send_failure(request, page, &fault);
        return;
    }
    struct buffer out = { 0 };
    page_follow(&out, page, view, &steps, secret, token, thanks);
    send_page(request, 200, &out);
}

static void get_follow(struct request *request, void *context)
{
    struct resident *resident = context;
    struct page page = page_of(resident, request);
    const char *key = request_query(request, "key");
    struct report_view view;
    if (open_report(resident, request, &page, request_query(request, "id"), key, &view))
        send_stages(resident, request, &page, &view, key, false);
}

/* ---- the rating ---- */

/* A rating under way. */
struct rating {
    struct report report; /* its event is the rating's */
    struct report_view view;
    const char *secret;
};

static void rating_taken(struct request *request, uint64_t seq, void *context)
{
    (void)seq;
    struct rating *rating = context; /* its report is its first member */
    struct page page = page_of(rating->report.context, request);
    send_stages(rating->report.context, request, &page, &rating->view, rating->secret, true);
}

/* False where the form says neither a score from 1 to 5 nor whether it is solved. */
static bool fill_rating(struct rating *rating, const struct form *form)
{
    const char *score = form_value(form, "score"), *solved = form_value(form, "solved");
    const char *token = form_value(form, "form");
    struct event *event = &rating->report.event;
    if (!score || !*score || score[1] || *score < '1' || *score > '5' || !solved ||
        (strcmp(solved, "yes") != 0 && strcmp(solved, "no") != 0))
        return false;
    *event = (struct event){
        .kind = EVENT_RATING,
        .source = SOURCE_RESIDENT,
        .about_seq = rating->view.event.seq,
        .reporter = rating->view.event.reporter,
        .score = *score - '0',
        .solved = strcmp(solved, "yes") == 0,
        .received_at_ms = clock_now_ms(),
    };
    report_receipt(&rating->report, "rate", token && receipt_token_fits(token) ? token : NULL);
    event->secret_hash = "";
    return true;
}

static void post_rate(struct request *request, void *context)
{
    struct resident *resident = context;
    struct page page = page_of(resident, request);
    struct rating *rating = arena_alloc(page.arena, sizeof *rating);
    struct fault fault = { "" };
    struct form form = { 0 };
    if (request_form(request, &form, &fault) < 0) {
        send_message(request, &page, 400, WORD_BAD_RATING);
        return;
    }
    rating->secret = form_value(&form, "key");
    if (!open_report(resident, request, &page, form_value(&form, "id"), rating->secret, &rating->view))
        return;
    bool closed =
        rating->view.has_case && (rating->view.record.state == CASE_CLOSED || rating->view.record.state == CASE_RATED);
    if (!closed)
        send_message(request, &page, 409, WORD_NOT_CLOSED);
    else if (!fill_rating(rating, &form))
        send_message(request, &page, 400, WORD_BAD_RATING);
    else
        submit(resident, request, &page, &rating->report, rating_taken);
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
    const char *type = NULL;
    struct fault fault = { "" };
    int result = media_store_get(resident->desk->data_folder, request_param(request, "hash"), &file, &type, &fault);
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
        { "GET", "/", 0, get_form },         { "POST", "/report", -1, post_report },
        { "GET", "/follow", 0, get_follow }, { "POST", "/rate", 16384, post_rate },
        { "GET", "/map.json", 0, get_map },  { "GET", "/media/{hash}", 0, get_media },
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
