#include "ingest/sources/cap/feed.h"

#include <stdlib.h>
#include <string.h>

#include "ingest/sources/cap/atom.h"
#include "ingest/sources/cap/folder.h"
#include "ingest/sources/cap/warning.h"
#include "ingest/sources/source_metric.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/client/http.h"

enum {
    ASK_MS = 20000,        /* for one answer */
    FULL_MS = 500,         /* until an intake that was full is asked again */
    SEEN_PLACES = 1 << 14, /* for entries of a feed that were seen; half of them at most are taken */
};

#define FEED_POLLS(X) \
    X(POLL, DONE, "done") \
    X(POLL, UNCHANGED, "unchanged") \
    X(POLL, FAILED, "failed") /* the index, or one of its entries */
ENUM_DECLARE(feed_poll, FEED_POLLS)
ENUM_DEFINE(feed_poll, FEED_POLLS)

/* Something of a poll that may be an alert. */
struct item {
    struct hash version;             /* what tells it from all that were seen */
    const char *from;                /* address or path, for asking and for the log */
    const struct xml_element *alert; /* where the index held it */
};

struct feed {
    const struct feeds *feeds;
    const struct book_feed *book;
    struct loop_timer poll, go_on;
    struct arena arena; /* of one poll */
    struct item *items;
    size_t count, next;
    bool good; /* the poll so far */
    bool was_failing;
    struct event *event; /* the current item's, until the intake has it */
    struct hash *seen;
    size_t seen_count;
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

/* The place of a version among the seen: itself, or the free one where it belongs. */
static struct hash *find_seen(struct feed *feed, const struct hash *version)
{
    static const struct hash free_place;
    size_t at = (size_t)bytes_be64(version->bytes);
    for (;; at++) {
        struct hash *place = &feed->seen[at % SEEN_PLACES];
        if (hash_equal(place, version) || hash_equal(place, &free_place))
            return place;
    }
}

static bool is_seen(struct feed *feed, const struct item *item)
{
    return hash_equal(find_seen(feed, &item->version), &item->version);
}

static void item_done(struct feed *feed)
{
    struct hash *place = find_seen(feed, &feed->items[feed->next].version);
    feed->seen_count += !hash_equal(place, &feed->items[feed->next].version);
    *place = feed->items[feed->next++].version;
    if (feed->seen_count <= SEEN_PLACES / 2)
        return;
    memset(feed->seen, 0, SEEN_PLACES * sizeof *feed->seen); /* the log tells what is known */
    feed->seen_count = 0;
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
    struct warning_desk desk = { options->book, feed->book, options->log };
    struct cap_alert alert;
    struct cap_complaints complaints = { .count = 0 };
    struct fault fault = { "" };
    int fate = CAP_REFUSED;
    if (cap_read(root, &feed->arena, &alert, &complaints, &fault) == 0)
        fate = warning_of(&desk, &alert, clock_now_ms(), &feed->arena, &feed->event, &fault);
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
    if (xml_parse(bytes, &feed->arena, &root, &fault) == 0)
        return take_alert(feed, item, root);
    metric_add(feed->fates[CAP_REFUSED], 1);
    log_warn("an alert is refused", "feed=%s from=%s reason=\"%s\"", feed->book->name, item->from, fault.text);
    item_done(feed);
    return false;
}

static void entry_answered(void *context, int status, struct bytes body)
{
    struct feed *feed = context;
    const struct item *item = &feed->items[feed->next];
    bool on_its_way = false;
    if (status == 200) {
        on_its_way = take_document(feed, item, body);
    } else {
        fail(feed, item->from, status ? arena_format(&feed->arena, "HTTP status %d", status) : (const char *)body.data);
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

/* Goes on with what was not seen, up to the first that has to be waited for. */
static void next_item(struct feed *feed)
{
    for (;;) {
        while (feed->next < feed->count && is_seen(feed, &feed->items[feed->next]))
            feed->next++;
        if (feed->next == feed->count) {
            end_poll(feed, POLL_DONE);
            return;
        }
        const struct item *item = &feed->items[feed->next];
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

/* May an entry of this host be asked for? */
static bool is_allowed(const struct feed *feed, const char *host)
{
    struct buffer url = { 0 }, own = { 0 };
    bool allowed = http_resolve(feed->book->url, "", &url, &own, NULL) == 0 && strcmp(buffer_string(&own), host) == 0;
    for (size_t i = 0; i < feed->book->host_count; i++) {
        size_t length = strlen(feed->book->hosts[i]);
        allowed |= strncmp(host, feed->book->hosts[i], length) == 0 && (host[length] == ':' || !host[length]);
    }
    buffer_finish(&url);
    buffer_finish(&own);
    return allowed;
}

static bool take_entry(struct feed *feed, const struct atom_entry *entry, struct item *item)
{
    struct buffer url = { 0 }, host = { 0 };
    struct fault fault = { "" };
    *item = (struct item){
        .version = hash_of_two(entry->id, strlen(entry->id) + 1, entry->updated, strlen(entry->updated)),
        .from = entry->id,
        .alert = entry->alert,
    };
    bool good = entry->alert || http_resolve(feed->book->url, entry->link, &url, &host, &fault) == 0;
    if (good && !entry->alert) {
        item->from = arena_text(&feed->arena, buffer_string(&url), url.size);
        good = is_allowed(feed, buffer_string(&host));
        if (!good)
            fault_set(&fault, -EPERM, "its host %s is neither the feed's own nor named in `hosts`",
                      buffer_string(&host));
    }
    if (!good)
        fail(feed, item->from, fault.text);
    buffer_finish(&url);
    buffer_finish(&host);
    return good;
}

static int take_index(struct feed *feed, struct bytes body, struct fault *fault)
{
    struct xml_element *root;
    int result = xml_parse(body, &feed->arena, &root, fault);
    if (result < 0)
        return result;
    struct atom atom;
    if (cap_is_alert(root)) { /* no index: the alert itself */
        feed->items = arena_alloc(&feed->arena, sizeof *feed->items);
        feed->items[0] =
            (struct item){ .version = hash_of(body.data, body.size), .from = feed->book->url, .alert = root };
        feed->count = 1;
        return 0;
    }
    if (!atom_is_feed(root))
        return fault_set(fault, -EINVAL, "<%s> of '%s'; expected an Atom feed or an alert", root->name, root->space);
    result = atom_read(root, &feed->arena, &atom, fault);
    if (result < 0)
        return result;
    feed->items = arena_array(&feed->arena, atom.count + 1, sizeof *feed->items);
    for (size_t i = atom.count; i-- > 0;) /* the newest stands first: earlier ones first */
        feed->count += take_entry(feed, &atom.entries[i], &feed->items[feed->count]);
    return 0;
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
        result = take_index(feed, body, &fault);
    if (result < 0) {
        fail(feed, feed->book->url, fault.text);
        end_poll(feed, POLL_FAILED);
        return;
    }
    feed->new_etag = kept_header(feed, "ETag");
    feed->new_modified = kept_header(feed, "Last-Modified");
    next_item(feed);
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
    struct folder_file *files;
    size_t count;
    struct fault fault = { "" };
    if (folder_list(feed->book->folder, &feed->arena, &files, &count, &fault) < 0) {
        fail(feed, feed->book->folder, fault.text);
        end_poll(feed, POLL_FAILED);
        return;
    }
    feed->items = arena_array(&feed->arena, count + 1, sizeof *feed->items);
    feed->count = count;
    for (size_t i = 0; i < count; i++)
        feed->items[i] =
            (struct item){ .version = hash_of(files[i].version, strlen(files[i].version)), .from = files[i].path };
    next_item(feed);
}

static int poll(void *context)
{
    struct feed *feed = context;
    arena_reset(&feed->arena);
    feed->items = NULL;
    feed->count = feed->next = 0;
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
        .seen = calloc(SEEN_PLACES, sizeof *feed->seen),
        .fates = source_counters("drumtower_alerts_total", "Alerts of feeds, by what became of them.", "feed",
                                 book->name, "fate", &cap_fate_desc),
        .polls = source_counters("drumtower_feed_polls_total", "Polls of feeds, by how they ended.", "feed", book->name,
                                 "result", &feed_poll_desc),
    };
    if (!feed->seen)
        abort();
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
        buffer_finish(&feed->etag);
        buffer_finish(&feed->modified);
        free(feed->seen);
        free(feed->fates);
        free(feed->polls);
    }
    free(feeds->items);
    free(feeds);
}
