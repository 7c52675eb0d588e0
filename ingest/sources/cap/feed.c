#include "ingest/sources/cap/feed.h"

#include <stdlib.h>
#include <string.h>

#include "ingest/sources/cap/folder.h"
#include "ingest/sources/cap/item.h"
#include "ingest/sources/cap/seen.h"
#include "ingest/sources/cap/warning.h"
#include "ingest/sources/source_metric.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/client/http.h"

enum {
    ASK_MS = 20000, /* for one answer */
    FULL_MS = 500,  /* until an intake that was full is asked again */
    AT_ONCE = 16,   /* files, or alerts of an index, in one round of the loop */
};

#define FEED_POLLS(X) \
    X(POLL, DONE, "done") \
    X(POLL, UNCHANGED, "unchanged") \
    X(POLL, FAILED, "failed") /* the index, or one of its entries */
ENUM_DECLARE(feed_poll, FEED_POLLS)
ENUM_DEFINE(feed_poll, FEED_POLLS)

struct feed {
    const struct feeds *feeds;
    const struct book_feed *book;
    struct loop_timer poll, go_on;
    struct arena arena;      /* of one poll */
    struct arena item_arena; /* of one of its alerts */
    struct item_list list;
    size_t next; /* in the list */
    bool good;   /* the poll so far */
    bool was_failing;
    struct event *event; /* the current item's, until the intake has it */
    struct seen seen, cancelled;
    struct buffer etag, modified;        /* of the last whole poll */
    const char *new_etag, *new_modified; /* of this one */
    struct metric **fates, **polls;
};

struct feeds {
    struct feeds_options options;
    struct http *http;
    struct feed *items;
    size_t count;
};

static void next_item(struct feed *feed);

/* ---- the end of a poll ---- */

static const char *memo_key(struct feed *feed)
{
    return arena_format(&feed->arena, "cap/%s", feed->book->name);
}

/* What the server called this version, and by which book it was judged. */
static void keep_validators(struct feed *feed)
{
    if (!*feed->new_etag && !*feed->new_modified)
        return;
    buffer_clear(&feed->etag);
    buffer_clear(&feed->modified);
    buffer_text(&feed->etag, feed->new_etag);
    buffer_text(&feed->modified, feed->new_modified);
    char hash[HASH_HEX];
    const char *text = arena_format(&feed->arena, "%s\n%s\n%s", hash_hex(hash, &feed->feeds->options.book->hash),
                                    feed->new_etag, feed->new_modified);
    struct event_memo *memo = arena_alloc(&feed->arena, sizeof *memo);
    *memo = (struct event_memo){ memo_key(feed), { (const uint8_t *)text, strlen(text) } };
    /* where the intake is full, the next poll asks for the whole once more */
    intake_add(feed->feeds->options.intake, &(struct event_append){ .memos = memo, .memo_count = 1 }, NULL, NULL);
}

static void end_poll(struct feed *feed, enum feed_poll result)
{
    if (result == POLL_DONE && !feed->good)
        result = POLL_FAILED;
    if (result == POLL_DONE)
        keep_validators(feed);
    if (result != POLL_FAILED && feed->was_failing)
        log_info("the feed is whole again", "feed=%s", feed->book->name);
    feed->was_failing = result == POLL_FAILED;
    metric_add(feed->polls[result], 1);
    loop_timer_arm(feed->feeds->options.loop, &feed->poll, feed->book->poll_ms);
}

static void fail(struct feed *feed, const char *from, const char *reason)
{
    feed->good = false;
    if (!feed->was_failing) /* said once, until it has been whole again */
        log_warn("a part of a feed cannot be read", "feed=%s from=%s reason=\"%s\"", feed->book->name, from, reason);
}

/* ---- one alert ---- */

static void item_done(struct feed *feed)
{
    seen_add(&feed->seen, &feed->list.items[feed->next++].version);
}

static void committed(struct request *request, const struct event_append *done, void *context)
{
    (void)request, (void)done;
    struct feed *feed = context;
    item_done(feed);
    loop_timer_arm(feed->feeds->options.loop, &feed->go_on, 0); /* not now: the intake is answering */
}

/* Hands the item's event to the intake, now or when it has room. */
static void submit(struct feed *feed)
{
    struct event_append append = { .event = feed->event };
    if (intake_add(feed->feeds->options.intake, &append, committed, feed) == INTAKE_FULL)
        loop_timer_arm(feed->feeds->options.loop, &feed->go_on, FULL_MS);
    else
        feed->event = NULL;
}

static void tell_complaints(const struct feed *feed, const struct item *item, const struct cap_complaints *complaints)
{
    size_t told = complaints->count < CAP_COMPLAINTS_MAX ? complaints->count : CAP_COMPLAINTS_MAX;
    for (size_t i = 0; i < told; i++)
        log_warn("an alert has a mistake in it", "feed=%s from=%s mistake=\"%s\"", feed->book->name, item->from,
                 complaints->items[i]);
}

/* True where an event is on its way; else the item is done with. */
static bool take_alert(struct feed *feed, const struct item *item, const struct xml_element *root)
{
    const struct feeds_options *options = &feed->feeds->options;
    struct warning_desk desk = { options->book, feed->book, options->log, &feed->cancelled };
    struct cap_alert alert;
    struct cap_complaints complaints = { .count = 0 };
    struct fault fault = { "" };
    int fate = CAP_REFUSED;
    if (cap_read(root, &feed->item_arena, &alert, &complaints, &fault) == 0)
        fate = warning_of(&desk, &alert, clock_now_ms(), &feed->item_arena, &feed->event, &fault);
    if (fate < 0) {
        fail(feed, item->from, fault.text);
        feed->next++;
        return false;
    }
    metric_add(feed->fates[fate], 1);
    if (fate == CAP_REFUSED)
        log_warn("an alert is refused", "feed=%s from=%s reason=\"%s\"", feed->book->name, item->from, fault.text);
    if (fate == CAP_TAKEN || fate == CAP_REFUSED)
        tell_complaints(feed, item, &complaints);
    if (fate == CAP_TAKEN)
        return true;
    feed->event = NULL;
    item_done(feed);
    return false;
}

static bool take_document(struct feed *feed, const struct item *item, struct bytes bytes)
{
    struct xml_element *root;
    struct fault fault = { "" };
    if (xml_parse(bytes, &feed->item_arena, &root, &fault) == 0)
        return take_alert(feed, item, root);
    metric_add(feed->fates[CAP_REFUSED], 1);
    log_warn("an alert is refused", "feed=%s from=%s reason=\"%s\"", feed->book->name, item->from, fault.text);
    item_done(feed);
    return false;
}

static void entry_answered(void *context, int status, struct bytes body)
{
    struct feed *feed = context;
    const struct item *item = &feed->list.items[feed->next];
    bool on_its_way = false;
    if (status == 200) {
        on_its_way = take_document(feed, item, body);
    } else {
        fail(feed, item->from,
             status ? arena_format(&feed->item_arena, "HTTP status %d", status) : (const char *)body.data);
        feed->next++;
    }
    if (on_its_way)
        submit(feed);
    else
        next_item(feed);
}

static bool take_file(struct feed *feed, const struct item *item)
{
    struct buffer bytes = { 0 };
    struct fault fault = { "" };
    bool on_its_way = false;
    if (folder_read(item->from, XML_BYTES_MAX, &bytes, &fault) == 0) {
        on_its_way = take_document(feed, item, buffer_view(&bytes));
    } else {
        fail(feed, item->from, fault.text);
        feed->next++;
    }
    buffer_finish(&bytes);
    return on_its_way;
}

/* Goes on with what was not seen, up to the first that has to be waited for, or so many that others wait for their turn. */
static void next_item(struct feed *feed)
{
    for (int i = 0; i < AT_ONCE; i++) {
        arena_reset(&feed->item_arena);
        while (feed->next < feed->list.count && seen_has(&feed->seen, &feed->list.items[feed->next].version))
            feed->next++;
        if (feed->next == feed->list.count) {
            end_poll(feed, POLL_DONE);
            return;
        }
        const struct item *item = &feed->list.items[feed->next];
        if (!item->alert && !*feed->book->folder) {
            struct http_call call = {
                .method = "GET", .url = item->from, .timeout_ms = ASK_MS, .answer_bytes = XML_BYTES_MAX
            };
            http_send(feed->feeds->http, &call, entry_answered, feed);
            return;
        }
        if (item->alert ? take_alert(feed, item, item->alert) : take_file(feed, item)) {
            submit(feed);
            return;
        }
    }
    loop_timer_arm(feed->feeds->options.loop, &feed->go_on, 0);
}

static int go_on(void *context)
{
    struct feed *feed = context;
    if (feed->event)
        submit(feed);
    else
        next_item(feed);
    return 0;
}

/* ---- the index ---- */

/* Goes through what was found; what had to be left out makes the poll no whole one. */
static void start_items(struct feed *feed)
{
    if (feed->list.left_out)
        fail(feed, feed->list.left_out, feed->list.reason);
    next_item(feed);
}

static const char *kept_header(struct feed *feed, const char *name)
{
    const char *value = http_answer_header(feed->feeds->http, name);
    return value && !strpbrk(value, "\r\n") && strlen(value) < 500 ? arena_text(&feed->arena, value, strlen(value))
                                                                   : "";
}

static void index_answered(void *context, int status, struct bytes body)
{
    struct feed *feed = context;
    struct fault fault = { "" };
    if (status == 304) {
        end_poll(feed, POLL_UNCHANGED);
        return;
    }
    int result = -EIO;
    if (status != 200)
        fault_set(&fault, -EIO, status ? "HTTP status %d" : "%.*s", status ? status : (int)body.size,
                  (const char *)body.data);
    else
        result = item_list_of_index(feed->book, body, &feed->arena, &feed->list, &fault);
    if (result < 0) {
        fail(feed, feed->book->url, fault.text);
        end_poll(feed, POLL_FAILED);
        return;
    }
    feed->new_etag = kept_header(feed, "ETag");
    feed->new_modified = kept_header(feed, "Last-Modified");
    start_items(feed);
}

static void ask_index(struct feed *feed)
{
    struct http_call call = {
        .method = "GET", .url = feed->book->url, .timeout_ms = ASK_MS, .answer_bytes = XML_BYTES_MAX
    };
    if (feed->etag.size)
        call.header = arena_format(&feed->arena, "If-None-Match: %s", buffer_string(&feed->etag));
    if (feed->modified.size)
        call.header_too = arena_format(&feed->arena, "If-Modified-Since: %s", buffer_string(&feed->modified));
    http_send(feed->feeds->http, &call, index_answered, feed);
}

static void look_into_folder(struct feed *feed)
{
    struct fault fault = { "" };
    if (item_list_of_folder(feed->book, &feed->arena, &feed->list, &fault) == 0) {
        start_items(feed);
        return;
    }
    fail(feed, feed->book->folder, fault.text);
    end_poll(feed, POLL_FAILED);
}

static int poll(void *context)
{
    struct feed *feed = context;
    arena_reset(&feed->arena);
    feed->list = (struct item_list){ .items = NULL };
    feed->next = 0;
    feed->good = true;
    feed->event = NULL;
    feed->new_etag = feed->new_modified = "";
    if (*feed->book->folder)
        look_into_folder(feed);
    else
        ask_index(feed);
    return 0;
}

/* ---- opening ---- */

/* Validators of another book's poll are of no use: what was left out then may be wanted now. */
static int recall(struct feed *feed, struct fault *fault)
{
    struct bytes value;
    char hash[HASH_HEX];
    int result = event_log_memo(feed->feeds->options.log, memo_key(feed), &feed->arena, &value, fault);
    if (result)
        return result < 0 ? result : 0;
    const char *text = arena_text(&feed->arena, (const char *)value.data, value.size);
    hash_hex(hash, &feed->feeds->options.book->hash);
    const char *etag = text + strcspn(text, "\n"), *modified = *etag ? strchr(etag + 1, '\n') : NULL;
    if (!modified || strncmp(text, hash, HASH_HEX - 1) != 0)
        return 0;
    buffer_append(&feed->etag, etag + 1, (size_t)(modified - etag - 1));
    buffer_text(&feed->modified, modified + 1);
    return 0;
}

static int open_feed(struct feeds *feeds, struct feed *feed, const struct book_feed *book, struct fault *fault)
{
    *feed = (struct feed){
        .feeds = feeds,
        .book = book,
        .poll = { .fire = poll, .context = feed },
        .go_on = { .fire = go_on, .context = feed },
        .fates = source_counters("drumtower_alerts_total", "Alerts of feeds, by what became of them.", "feed",
                                 book->name, "fate", &cap_fate_desc),
        .polls = source_counters("drumtower_feed_polls_total", "Polls of feeds, by how they ended.", "feed", book->name,
                                 "result", &feed_poll_desc),
    };
    seen_init(&feed->seen);
    seen_init(&feed->cancelled);
    int result = recall(feed, fault);
    loop_timer_arm(feeds->options.loop, &feed->poll, 0);
    return result;
}

int feeds_open(const struct feeds_options *options, struct feeds **out, struct fault *fault)
{
    const struct book_sources *sources = book_sources(options->book);
    *out = NULL;
    if (!sources->feed_count)
        return 0;
    struct feeds *feeds = calloc(1, sizeof *feeds);
    if (!feeds || !(feeds->items = calloc(sources->feed_count, sizeof *feeds->items)))
        abort();
    *out = feeds;
    feeds->options = *options;
    int result = http_create(options->loop, &feeds->http, fault);
    for (size_t i = 0; !result && i < sources->feed_count; i++, feeds->count++)
        result = open_feed(feeds, &feeds->items[i], &sources->feeds[i], fault);
    return result;
}

void feeds_close(struct feeds *feeds)
{
    if (!feeds)
        return;
    http_destroy(feeds->http);
    for (size_t i = 0; i < feeds->count; i++) {
        struct feed *feed = &feeds->items[i];
        loop_timer_disarm(feeds->options.loop, &feed->poll);
        loop_timer_disarm(feeds->options.loop, &feed->go_on);
        arena_finish(&feed->arena);
        arena_finish(&feed->item_arena);
        buffer_finish(&feed->etag);
        buffer_finish(&feed->modified);
        seen_finish(&feed->seen);
        seen_finish(&feed->cancelled);
        free(feed->fates);
        free(feed->polls);
    }
    free(feeds->items);
    free(feeds);
}
