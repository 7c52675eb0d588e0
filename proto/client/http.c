#include "proto/client/http.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum { HTTP_TIMEOUT_MS = 30000 };

/* One transfer: a call, or a stream where `data` is set. */
struct transfer {
    struct http *http;
    CURL *easy;
    struct curl_slist *headers;
    struct buffer request, answer;
    size_t answer_bytes;
    bool too_large; /* the answer */
    char error[CURL_ERROR_SIZE];
    http_done *done;
    void (*data)(void *context, struct bytes piece);
    void (*closed)(void *context, int status);
    void *context;
    struct transfer *next, **link;
};

struct http_stream {
    struct transfer transfer;
};

struct socket_watch {
    struct loop_watch watch;
    struct http *http;
};

struct http {
    struct loop *loop;
    CURLM *multi;
    struct loop_timer timer;
    struct loop_timer reap; /* finished transfers are told from the loop, never from inside libcurl */
    struct transfer *transfers;
    struct transfer *told; /* whose `done` runs */
    size_t waiting;
};

static void transfer_free(struct transfer *transfer)
{
    *transfer->link = transfer->next;
    if (transfer->next)
        transfer->next->link = transfer->link;
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    buffer_finish(&transfer->request);
    buffer_finish(&transfer->answer);
    free(transfer);
}

static int tell_finished(void *context)
{
    struct http *http = context;
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(http->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        struct transfer *transfer;
        long status = 0;
        CURLcode result = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        if (result == CURLE_OK)
            curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
        curl_multi_remove_handle(http->multi, transfer->easy);
        if (transfer->data) {
            transfer->closed(transfer->context, (int)status);
        } else {
            http->waiting--;
            if (transfer->too_large) /* which libcurl calls a failure to write */
                snprintf(transfer->error, sizeof transfer->error, "the answer is larger than %zu bytes",
                         transfer->answer_bytes);
            const char *why = *transfer->error ? transfer->error : curl_easy_strerror(result);
            buffer_string(&transfer->answer); /* a NUL behind it, for those who read it as text */
            struct bytes body = result == CURLE_OK ? buffer_view(&transfer->answer)
                                                   : (struct bytes){ (const uint8_t *)why, strlen(why) };
            http->told = transfer;
            transfer->done(transfer->context, (int)status, body);
            http->told = NULL;
        }
        transfer_free(transfer);
    }
    return 0;
}

static void act(struct http *http, curl_socket_t socket, int events)
{
    int running;
    curl_multi_socket_action(http->multi, socket, events, &running);
    loop_timer_arm(http->loop, &http->reap, 0);
}

static int socket_ready(void *context, uint32_t events)
{
    struct socket_watch *watch = context;
    act(watch->http, watch->watch.fd,
        (events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
            (events & EPOLLERR ? CURL_CSELECT_ERR : 0));
    return 0;
}

static int timer_fired(void *context)
{
    act(context, CURL_SOCKET_TIMEOUT, 0);
    return 0;
}

/* libcurl says what it waits for on a socket. */
static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *attached)
{
    (void)easy;
    struct http *http = context;
    struct socket_watch *watch = attached;
    if (what == CURL_POLL_REMOVE) {
        if (watch) {
            loop_remove(http->loop, &watch->watch);
            curl_multi_assign(http->multi, socket, NULL);
            free(watch);
        }
        return 0;
    }
    uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    if (watch)
        return loop_modify(http->loop, &watch->watch, events) < 0 ? -1 : 0;
    watch = calloc(1, sizeof *watch);
    if (!watch)
        return -1;
    watch->http = http;
    watch->watch = (struct loop_watch){ .fd = socket, .ready = socket_ready, .context = watch };
    curl_multi_assign(http->multi, socket, watch);
    return loop_add(http->loop, &watch->watch, events) < 0 ? -1 : 0;
}

static int set_timer(CURLM *multi, long timeout_ms, void *context)
{
    (void)multi;
    struct http *http = context;
    if (timeout_ms < 0)
        loop_timer_disarm(http->loop, &http->timer);
    else
        loop_timer_arm(http->loop, &http->timer, timeout_ms);
    return 0;
}

int http_create(struct loop *loop, struct http **out, struct fault *fault)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct http *http = calloc(1, sizeof *http);
    if (!http || !(http->multi = curl_multi_init())) {
        free(http);
        return fault_set(fault, -ENOMEM, "HTTP client: out of memory");
    }
    http->loop = loop;
    http->timer = (struct loop_timer){ .fire = timer_fired, .context = http };
    http->reap = (struct loop_timer){ .fire = tell_finished, .context = http };
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, 256L);
    *out = http;
    return 0;
}

void http_destroy(struct http *http)
{
    if (!http)
        return;
    while (http->transfers) {
        curl_multi_remove_handle(http->multi, http->transfers->easy);
        transfer_free(http->transfers);
    }
    loop_timer_disarm(http->loop, &http->timer);
    loop_timer_disarm(http->loop, &http->reap);
    curl_multi_cleanup(http->multi);
    free(http);
}

const char *http_answer_header(const struct http *http, const char *name)
{
    struct curl_header *header;
    if (!http->told || curl_easy_header(http->told->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return NULL;
    return header->value;
}

size_t http_waiting(const struct http *http)
{
    return http->waiting;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    if (transfer->data) {
        transfer->data(transfer->context, (struct bytes){ (const uint8_t *)bytes, size * count });
        return size * count;
    }
    transfer->too_large = transfer->answer_bytes && transfer->answer.size + size * count > transfer->answer_bytes;
    if (transfer->too_large)
        return 0; /* not the size: libcurl ends the transfer */
    buffer_append(&transfer->answer, bytes, size * count);
    return size * count;
}

static void add_header(struct transfer *transfer, const char *name, const char *value)
{
    struct buffer line = { 0 };
    buffer_format(&line, "%s: %s", name, value);
    transfer->headers = curl_slist_append(transfer->headers, buffer_string(&line));
    buffer_finish(&line);
}

static struct transfer *transfer_new(struct http *http, const struct http_call *call)
{
    struct transfer *transfer = calloc(1, sizeof *transfer);
    if (!transfer || !(transfer->easy = curl_easy_init()))
        abort();
    transfer->http = http;
    transfer->link = &http->transfers;
    transfer->next = http->transfers;
    if (transfer->next)
        transfer->next->link = &transfer->next;
    http->transfers = transfer;
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_URL, call->url);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    if (call->body.size || call->content_type) {
        buffer_append(&transfer->request, call->body.data, call->body.size);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, buffer_string(&transfer->request));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.size);
        add_header(transfer, "Content-Type", call->content_type);
        add_header(transfer, "Expect", ""); /* no extra round trip for a body of some KB */
    }
    if (call->token) {
        struct buffer bearer = { 0 };
        buffer_format(&bearer, "Bearer %s", call->token);
        add_header(transfer, "Authorization", buffer_string(&bearer));
        buffer_finish(&bearer);
    }
    if (call->direct)
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (call->any_certificate) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (call->user) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_DIGEST);
        curl_easy_setopt(easy, CURLOPT_USERNAME, call->user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, call->password);
    }
    if (call->header)
        transfer->headers = curl_slist_append(transfer->headers, call->header);
    if (call->header_too)
        transfer->headers = curl_slist_append(transfer->headers, call->header_too);
    transfer->answer_bytes = (size_t)call->answer_bytes;
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    return transfer;
}

void http_send(struct http *http, const struct http_call *call, http_done *done, void *context)
{
    assert(done);
    struct transfer *transfer = transfer_new(http, call);
    transfer->done = done;
    transfer->context = context;
    curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, (long)(call->timeout_ms ? call->timeout_ms : HTTP_TIMEOUT_MS));
    http->waiting++;
    curl_multi_add_handle(http->multi, transfer->easy);
}

struct http_stream *http_stream_open(struct http *http, const struct http_call *call,
                                     void (*data)(void *context, struct bytes piece),
                                     void (*closed)(void *context, int status), void *context)
{
    assert(data && closed);
    struct transfer *transfer = transfer_new(http, call);
    transfer->data = data;
    transfer->closed = closed;
    transfer->context = context;
    curl_easy_setopt(transfer->easy, CURLOPT_CONNECTTIMEOUT_MS, 5000L);
    curl_multi_add_handle(http->multi, transfer->easy);
    return (struct http_stream *)transfer; /* its first and only member */
}

void http_stream_close(struct http_stream *stream)
{
    struct transfer *transfer = &stream->transfer;
    curl_multi_remove_handle(transfer->http->multi, transfer->easy);
    transfer_free(transfer);
}

static bool take_part(CURLU *parsed, CURLUPart part, unsigned flags, struct buffer *out)
{
    char *text;
    if (curl_url_get(parsed, part, &text, flags) != CURLUE_OK)
        return false;
    buffer_text(out, text);
    curl_free(text);
    return true;
}

int http_resolve(const char *base, const char *link, struct buffer *url, struct buffer *host, struct fault *fault)
{
    CURLU *parsed = curl_url();
    char *scheme = NULL;
    if (!parsed)
        abort();
    bool good = curl_url_set(parsed, CURLUPART_URL, base, 0) == CURLUE_OK &&
                curl_url_set(parsed, CURLUPART_URL, link, 0) == CURLUE_OK &&
                curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
                take_part(parsed, CURLUPART_URL, 0, url) && take_part(parsed, CURLUPART_HOST, 0, host);
    if (good) {
        buffer_text(host, ":");
        good = take_part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT, host);
    }
    curl_free(scheme);
    curl_url_cleanup(parsed);
    return good ? 0 : fault_set(fault, -EINVAL, "'%.200s' is no http or https address", link);
}

void form_append(struct buffer *form, const char *name, const char *value)
{
    buffer_format(form, "%s%s=", form->size ? "&" : "", name);
    for (const unsigned char *at = (const unsigned char *)value; *at; at++)
        if ((*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z'))
            buffer_append(form, at, 1);
        else
            buffer_format(form, "%%%02X", *at);
}
