#include "proto/door/case_api_stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/door/json.h"

enum {
    TOPICS_MAX = 8,
    TOLD_AT_ONCE = 256,    /* notices to all, in one round of the loop */
    BROUGHT_AT_ONCE = 64,  /* notices of one topic to one watcher */
    WATCHERS_AT_ONCE = 32, /* that are brought on in one round */
    AGAIN_MS = 20,         /* when all of them wait for their readers */
    BUFFER_BYTES = 256 * 1024,
    FULL_BYTES = 64 * 1024, /* a live watcher with so much unread is not live any more */
    EMPTY_BYTES = 16 * 1024 /* and gets its next page when no more than that is left */
};

struct watcher {
    struct case_api *api; /* NULL: the API was closed first */
    struct stream *stream;
    const char *topics[TOPICS_MAX];
    size_t topic_count;
    uint64_t after; /* the last notice that it was given, or does not want */
    bool live;
    size_t unread_bytes;   /* at the last look */
    int64_t taken_mono_ms; /* when its reader was last seen to take something */
    struct watcher *next;
    char text[]; /* of the topics */
};

static struct metric notices_sent = METRIC_COUNTER("drumtower_stream_notices_total", "Notices given to streams.");
static struct metric fell_behind = METRIC_COUNTER("drumtower_stream_behind_total", "Streams put back: slow readers.");

/* ---- lines ---- */

static void watchers_add(struct watchers *watchers, struct watcher *watcher)
{
    watcher->next = NULL;
    *watchers->last = watcher;
    watchers->last = &watcher->next;
}

static void watchers_remove(struct watchers *watchers, struct watcher *watcher)
{
    for (struct watcher **at = &watchers->first; *at; at = &(*at)->next)
        if (*at == watcher) {
            *at = watcher->next;
            if (watchers->last == &watcher->next)
                watchers->last = at;
            return;
        }
}

static void watcher_wait(struct watcher *watcher)
{
    struct case_api *api = watcher->api;
    watcher->live = false;
    watcher->taken_mono_ms = clock_mono_ms();
    watcher->unread_bytes = 0;
    watchers_add(&api->missing, watcher);
    if (!api->bring.armed)
        loop_timer_arm(api->options.loop, &api->bring, 0);
}

static void watcher_go_live(struct watcher *watcher)
{
    watcher->live = true;
    watchers_add(&watcher->api->live, watcher);
}

static bool watcher_wants(const struct watcher *watcher, const char *topic)
{
    for (size_t i = 0; i < watcher->topic_count; i++)
        if (strcmp(watcher->topics[i], topic) == 0)
            return true;
    return false;
}

static char *notice_text(const struct notice *notice)
{
    json_t *json = record_to_json(&notice_desc, notice);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    if (!text)
        abort(); /* out of memory: our own records are UTF-8 */
    return text;
}

/* False: the stream is being cut off; `closed` follows. */
static bool give(struct watcher *watcher, uint64_t seq, const char *text)
{
    watcher->after = seq;
    metric_add(&notices_sent, 1);
    return stream_event(watcher->stream, seq, "notice", text);
}

/* ---- those that are live ---- */

/* Comes once for each of its topics: who hears several has it from the first on. */
static int tell_one(void *context, const struct notice *notice)
{
    struct case_api *api = context;
    char *text = NULL;
    for (struct watcher *next, *watcher = api->live.first; watcher; watcher = next) {
        next = watcher->next;
        if (!watcher_wants(watcher, notice->topic) || (uint64_t)notice->seq <= watcher->after)
            continue;
        if (stream_waiting(watcher->stream) > FULL_BYTES) {
            metric_add(&fell_behind, 1);
            watchers_remove(&api->live, watcher);
            watcher->after = (uint64_t)notice->seq - 1;
            watcher_wait(watcher);
            continue;
        }
        text = text ? text : notice_text(notice);
        give(watcher, (uint64_t)notice->seq, text);
    }
    free(text);
    api->told = (uint64_t)notice->seq;
    return 0;
}

static int tell_live(void *context)
{
    struct case_api *api = context;
    struct fault fault = { "" };
    struct txn *txn = txn_begin_read(api->store);
    uint64_t last = outbox_last(txn);
    int result = outbox_read(txn, NULL, api->told, TOLD_AT_ONCE, &api->arena, tell_one, api, &fault);
    txn_abort(txn);
    arena_reset(&api->arena);
    if (result < 0)
        log_error("the outbox cannot be read", "after=%" PRIu64 " reason=\"%s\"", api->told, fault.text);
    else if (api->told < last)
        case_stream_ring(api);
    return 0; /* the next doorbell or heartbeat tries again */
}

void case_stream_ring(struct case_api *api)
{
    if (!api->tell.armed)
        loop_timer_arm(api->options.loop, &api->tell, 0);
}

/* ---- those that miss something ---- */

struct missed {
    uint64_t seq;
    char *text;
};

/* The next notices of all of a watcher's topics, and up to where they are all there. */
struct page {
    uint64_t until;
    struct missed items[TOPICS_MAX * BROUGHT_AT_ONCE];
    size_t count;
};

static int collect(void *context, const struct notice *notice)
{
    struct page *page = context;
    if ((uint64_t)notice->seq > page->until)
        return 1;
    page->items[page->count++] = (struct missed){ (uint64_t)notice->seq, notice_text(notice) };
    return 0;
}

static int by_seq(const void *a, const void *b)
{
    uint64_t first = ((const struct missed *)a)->seq, second = ((const struct missed *)b)->seq;
    return (first > second) - (first < second);
}

static int read_page(struct watcher *watcher, struct txn *txn, struct page *page, struct fault *fault)
{
    int result = 0;
    page->until = watcher->api->told;
    for (size_t i = 0; result >= 0 && i < watcher->topic_count; i++) {
        size_t before = page->count;
        result = outbox_read(txn, watcher->topics[i], watcher->after, BROUGHT_AT_ONCE, &watcher->api->arena, collect,
                             page, fault);
        if (page->count - before == BROUGHT_AT_ONCE) /* of this topic there may be more: the others wait for it */
            page->until = page->items[page->count - 1].seq;
    }
    qsort(page->items, page->count, sizeof *page->items, by_seq);
    return result < 0 ? result : 0;
}

/* One page; the watcher is live when nothing is left. */
static void bring_page(struct watcher *watcher, struct txn *txn)
{
    struct page page = { 0 };
    struct fault fault = { "" };
    bool open = true;
    int result = read_page(watcher, txn, &page, &fault);
    for (size_t i = 0; i < page.count; i++) {
        bool next = page.items[i].seq > watcher->after && page.items[i].seq <= page.until; /* once, of several topics */
        if (!result && open && next)
            open = give(watcher, page.items[i].seq, page.items[i].text);
        free(page.items[i].text);
    }
    arena_reset(&watcher->api->arena);
    if (result) {
        log_error("the outbox cannot be read", "after=%" PRIu64 " reason=\"%s\"", watcher->after, fault.text);
        stream_end(watcher->stream); /* its reader comes again with the number that it has */
    }
    if (open && !result && watcher->after < page.until)
        watcher->after = page.until;
    if (open && !result && watcher->after >= watcher->api->told)
        watcher_go_live(watcher);
    else
        watchers_add(&watcher->api->missing, watcher);
}

/* May it get its next page? A reader that takes nothing for too long gets all of them, until its stream is full and is cut off. */
static bool is_hungry(struct watcher *watcher)
{
    size_t unread = stream_waiting(watcher->stream);
    int64_t now = clock_mono_ms();
    if (unread < watcher->unread_bytes || unread <= EMPTY_BYTES)
        watcher->taken_mono_ms = now;
    watcher->unread_bytes = unread;
    return unread <= EMPTY_BYTES || now - watcher->taken_mono_ms > watcher->api->options.stream_patience_ms;
}

static int bring_missing(void *context)
{
    struct case_api *api = context;
    struct txn *txn = txn_begin_read(api->store);
    struct watcher *last_of_round = NULL;
    bool any = false;
    for (int i = 0; i < WATCHERS_AT_ONCE && api->missing.first && api->missing.first != last_of_round; i++) {
        struct watcher *watcher = api->missing.first;
        watchers_remove(&api->missing, watcher);
        if (is_hungry(watcher)) {
            bring_page(watcher, txn);
            any = true;
        } else {
            watchers_add(&api->missing, watcher);
        }
        if (!last_of_round && !watcher->live)
            last_of_round = watcher;
    }
    txn_abort(txn);
    if (api->missing.first)
        loop_timer_arm(api->options.loop, &api->bring, any ? 0 : AGAIN_MS);
    return 0;
}

/* ---- a stream begins and ends ---- */

static void watcher_closed(void *context)
{
    struct watcher *watcher = context;
    if (watcher->api)
        watchers_remove(watcher->live ? &watcher->api->live : &watcher->api->missing, watcher);
    free(watcher);
}

static const char *own_topic(const struct viewer *viewer, struct arena *arena)
{
    switch (viewer->role) {
    case ROLE_WORKER:
        return arena_format(arena, "worker/%s", viewer->login);
    case ROLE_LIAISON:
        return arena_format(arena, "dept/%s", viewer->department);
    default:
        return access_is_desk(viewer) ? "desk" : "wall";
    }
}

/* Cuts the list of topics in the watcher's own copy. False: answered. */
static bool take_topics(struct request *request, const struct viewer *viewer, struct watcher *watcher)
{
    char *rest = NULL;
    for (char *topic = strtok_r(watcher->text, ",", &rest); topic; topic = strtok_r(NULL, ",", &rest)) {
        if (!access_hears(viewer, topic)) {
            reply_error(
                request, 403, "forbidden",
                arena_format(request_arena(request), "The topic '%s' is not for your account.", topic),
                arena_format(request_arena(request), "Ask for topics=%s.", own_topic(viewer, request_arena(request))));
            return false;
        }
        if (watcher_wants(watcher, topic))
            continue;
        if (watcher->topic_count == TOPICS_MAX) {
            reply_error(request, 400, "too_many_topics", "A stream has at most 8 topics.", "Open a second stream.");
            return false;
        }
        watcher->topics[watcher->topic_count++] = topic;
    }
    if (!watcher->topic_count)
        reply_error(request, 400, "no_topics", "No topic is named.", "Leave 'topics' out, or name one.");
    return watcher->topic_count > 0;
}

static uint64_t last_notice(const struct case_api *api)
{
    struct txn *txn = txn_begin_read(api->store);
    uint64_t last = outbox_last(txn);
    txn_abort(txn);
    return last;
}

/* The number that the reader has already, perhaps from another door that was faster; false: none, it begins now. A number beyond the
 * outbox's end is of another data folder. */
static bool begins_after(struct request *request, const struct case_api *api, uint64_t *after)
{
    const char *text = request_header(request, "Last-Event-ID");
    char *end;
    text = text && *text ? text : request_query(request, "after");
    if (!text || *text < '0' || *text > '9')
        return false;
    *after = strtoull(text, &end, 10);
    return !*end && (*after <= api->told || *after <= last_notice(api));
}

static void say_hello(struct watcher *watcher)
{
    char data[64];
    snprintf(data, sizeof data, "{\"seq\":%" PRIu64 ",\"now_ms\":%" PRId64 "}", watcher->after, clock_now_ms());
    stream_event(watcher->stream, watcher->after, "hello", data);
}

static void open_stream(struct request *request, void *context)
{
    struct case_api *api = context;
    struct viewer viewer = case_viewer(api, request);
    const char *topics = request_query(request, "topics");
    topics = topics ? topics : own_topic(&viewer, request_arena(request));
    struct watcher *watcher = calloc(1, sizeof *watcher + strlen(topics) + 1);
    if (!watcher)
        abort();
    strcpy(watcher->text, topics);
    if (!take_topics(request, &viewer, watcher)) {
        free(watcher);
        return;
    }
    watcher->api = api;
    bool goes_on = begins_after(request, api, &watcher->after);
    watcher->stream = reply_stream(request, "text/event-stream", BUFFER_BYTES, watcher_closed, watcher);
    if (goes_on) {
        watcher_wait(watcher);
        return;
    }
    watcher->after = api->told;
    say_hello(watcher);
    watcher_go_live(watcher);
}

int case_stream_open(struct case_api *api, struct fault *fault)
{
    static const struct case_route routes[] = { { "GET", "/api/stream", 0, 0, open_stream } };
    api->live.last = &api->live.first;
    api->missing.last = &api->missing.first;
    api->tell = (struct loop_timer){ .fire = tell_live, .context = api };
    api->bring = (struct loop_timer){ .fire = bring_missing, .context = api };
    metric_register(&notices_sent);
    metric_register(&fell_behind);
    struct txn *txn = txn_begin_read(api->store);
    api->told = outbox_last(txn);
    int result = txn_error(txn, fault);
    txn_abort(txn);
    return result ? result : case_routes_add(api, routes, sizeof routes / sizeof *routes, fault);
}

static void orphan(struct watchers *watchers)
{
    for (struct watcher *watcher = watchers->first; watcher; watcher = watcher->next)
        watcher->api = NULL; /* the door closes its stream, and with it the watcher */
}

void case_stream_close(struct case_api *api)
{
    orphan(&api->live);
    orphan(&api->missing);
    loop_timer_disarm(api->options.loop, &api->tell);
    loop_timer_disarm(api->options.loop, &api->bring);
}
