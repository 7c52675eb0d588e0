#include "proto/door/lint.h"

#include <microhttpd.h>
#include <string.h>
#include <strings.h>

#include "proto/base/arena_join.h"
#include "proto/door/refused.h"
#include "proto/door/request.h"
#include "proto/door/request_inside.h"
#include "proto/record/codec.h"

struct raw_header {
    const char *name, *value;
    size_t name_size, value_size;
};

struct raw_head {
    struct raw_header headers[HEADERS_MAX];
    size_t count;
    bool too_many;
};

static bool malformed(struct request *request, const char *what)
{
    refused_count(REFUSED_MALFORMED);
    request->refusal.at_once = true;
    request_refuse(request, 400, "malformed", what, "Send a request as RFC 9112 describes it.");
    return false;
}

static enum MHD_Result collect(void *context, enum MHD_ValueKind kind, const char *name, size_t name_size,
                               const char *value, size_t value_size)
{
    (void)kind;
    struct raw_head *head = context;
    head->too_many = head->count == HEADERS_MAX;
    if (head->too_many)
        return MHD_NO;
    head->headers[head->count++] = (struct raw_header){ name, value ? value : "", name_size, value_size };
    return MHD_YES;
}

static bool two_nuls(const char *at)
{
    return at[0] == 0 && at[1] == 0;
}

static bool head_is_whole(const struct request *request, const struct raw_head *head, const char *method,
                          const char *version, size_t head_size)
{
    const char *end = method + head_size;
    if (method + strlen(method) + 1 != request->target_at || request->target_at + request->target_size + 1 != version)
        return false; /* more than one blank, or a NUL */
    const char *at = version + strlen(version);
    for (size_t i = 0; i < head->count; i++) {
        const struct raw_header *header = &head->headers[i];
        if (at + 2 > end || !two_nuls(at) || header->name != at + 2 || header->value < header->name ||
            header->value + header->value_size > end)
            return false;
        for (at = header->name + header->name_size + 1; at < header->value; at++)
            if (*at != ' ' && *at != '\t')
                return false;
        at = header->value + header->value_size;
    }
    return at + 4 == end && two_nuls(at) && two_nuls(at + 2);
}

static bool is_token(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!letter && !(c >= '0' && c <= '9') && (c == 0 || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return size > 0;
}

static bool is_header_text(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (((unsigned char)text[i] < 0x20 && text[i] != '\t') || text[i] == 0x7f)
            return false;
    return text_is_utf8(text, size);
}

static bool keep_headers(struct request *request, const struct raw_head *head)
{
    for (size_t i = 0; i < head->count; i++) {
        struct raw_header header = head->headers[i];
        if (!is_token(header.name, header.name_size) || !is_header_text(header.value, header.value_size))
            return false;
        while (header.value_size && strchr(" \t", header.value[header.value_size - 1]))
            header.value_size--;
        pairs_add(&request->arena, &request->headers, arena_text(&request->arena, header.name, header.name_size),
                  arena_text(&request->arena, header.value, header.value_size));
    }
    return true;
}

static size_t header_count(const struct request *request, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < request->headers.count; i++)
        count += header_is(request->headers.items[i].name, name);
    return count;
}

static bool headers_stand_once(struct request *request)
{
    static const char *const once[] = {
        "Host",   "Content-Length", "Transfer-Encoding", "Authorization", "Cookie", "Content-Type", "Content-Encoding",
        "Expect", "Origin",
    };
    for (size_t i = 0; i < sizeof once / sizeof *once; i++)
        if (header_count(request, once[i]) > 1)
            return malformed(request, arena_format(&request->arena, "The header %s stands more than once.", once[i]));
    return true;
}

static bool framing_is_clear(struct request *request, const char *version)
{
    const char *length = request_header(request, "Content-Length");
    const char *coding = request_header(request, "Transfer-Encoding");
    if (length && coding)
        return malformed(request, "Content-Length and Transfer-Encoding exclude each other.");
    if (length && (!*length || length[strspn(length, "0123456789")] || strlen(length) > 18))
        return malformed(request, "Content-Length is not a number.");
    if (!coding)
        return true;
    if (strcmp(version, "HTTP/1.0") == 0 || strcasecmp(coding, "chunked") != 0)
        return malformed(request, "The only transfer coding is chunked, in HTTP/1.1.");
    /* libmicrohttpd takes bare LF between chunks: whatever a proxy before us made of it, nothing behind it is read */
    request->close_after = true;
    return true;
}

static bool host_is_named(struct request *request, const char *version)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
    const char *host = request_header(request, "Host");
    if (!host)
        return strcmp(version, "HTTP/1.0") == 0 || malformed(request, "The header Host is missing.");
    return (*host && !host[strspn(host, letters)]) || malformed(request, "The header Host is not a host name.");
}

static bool content_is_plain(struct request *request)
{
    const char *coding = request_header(request, "Content-Encoding");
    const char *expect = request_header(request, "Expect");
    if (coding && strcasecmp(coding, "identity") != 0) {
        request_refuse(request, 415, "encoded", "A compressed body is not taken.", "Send it without Content-Encoding.");
        return false;
    }
    if (expect && strcasecmp(expect, "100-continue") != 0) {
        request_refuse(request, 417, "expectation", "The only expectation is 100-continue.", "Leave the header out.");
        return false;
    }
    return true;
}

bool lint_head(struct request *request, const char *method, const char *version, int64_t header_bytes)
{
    const union MHD_ConnectionInfo *size =
        MHD_get_connection_info(request->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    struct raw_head head = { .count = 0 };
    MHD_get_connection_values_n(request->mhd, MHD_HEADER_KIND, collect, &head);
    request->method = arena_text(&request->arena, method, strlen(method));
    if (head.too_many || !size || (int64_t)size->header_size > header_bytes) {
        refused_count(REFUSED_HEADER);
        request->refusal.at_once = true;
        request_refuse(request, 431, "headers_too_large", "The headers are too many or too long.",
                       "Send fewer cookies and headers.");
        return false;
    }
    if (!head_is_whole(request, &head, method, version, size->header_size))
        return malformed(request, "A line of the head ends without CR LF, is folded, or holds a NUL byte.");
    if (!is_token(method, strlen(method)) || !keep_headers(request, &head))
        return malformed(request, "The name or value of a header holds a byte that it may not.");
    return headers_stand_once(request) && framing_is_clear(request, version) && host_is_named(request, version) &&
           content_is_plain(request);
}

/* ---- the target ---- */

static bool bad_path(struct request *request, const char *what)
{
    return malformed(request, what);
}

/* Splits the decoded path, so that a segment is never "." or "..", and never holds a slash that was written as %2F. */
static bool split_path(struct request *request, const char *raw, size_t size)
{
    const char *end = raw + size;
    for (const char *at = raw; at < end;) {
        at++; /* the slash */
        const char *stop = memchr(at, '/', (size_t)(end - at));
        size_t length = (size_t)((stop ? stop : end) - at);
        char *segment = percent_decode(&request->arena, at, length, false);
        if (!segment)
            return bad_path(request, "The path holds a bad %-escape, a control byte or what is not UTF-8.");
        if (strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0 || strpbrk(segment, "/\\"))
            return bad_path(request, "The path holds '.', '..', '\\' or an escaped slash.");
        if (request->segment_count == PATH_SEGMENTS_MAX)
            return bad_path(request, "The path has too many parts.");
        request->segments[request->segment_count++] = segment;
        at += length;
    }
    return true;
}

static bool begins_with(const char *text, const char *word)
{
    return strncasecmp(text, word, strlen(word)) == 0;
}

/* A server must take the absolute form, too (RFC 9112, 3.2.2): what stands behind the authority, which must be the one that Host names, so that nobody
 * before us reads another one. NULL: it is not. */
static const char *origin_form(struct request *request, const char *target)
{
    size_t scheme = begins_with(target, "http://") ? 7 : begins_with(target, "https://") ? 8 : 0;
    if (!scheme)
        return target;
    const char *host = request_header(request, "Host"), *authority = target + scheme;
    size_t length = strcspn(authority, "/?");
    if (!host || strlen(host) != length || strncasecmp(authority, host, length) != 0)
        return NULL;
    return authority[length] == '/' ? authority + length : arena_join(&request->arena, "/", authority + length, NULL);
}

bool lint_target(struct request *request, const char *target)
{
    target = origin_form(request, target);
    if (!target)
        return bad_path(request, "The target names another host than the header Host.");
    size_t path_size = strcspn(target, "?");
    if (target[0] != '/' || strpbrk(target, "#\"<>^`{|} \t\r\n"))
        return bad_path(request, "The target does not begin with '/', or holds a byte that must be escaped.");
    if (!split_path(request, target, path_size))
        return false;
    const char *query = target + path_size;
    if (*query && !pairs_parse(&request->arena, query + 1, strlen(query + 1), QUERY_PAIRS_MAX, &request->query))
        return bad_path(request, "The query is malformed or has too many parts.");
    size_t size = 0;
    char *path = arena_alloc(&request->arena, path_size + 1);
    for (size_t i = 0; i < request->segment_count; i++) {
        path[size++] = '/';
        size += strlen(strcpy(path + size, request->segments[i]));
    }
    request->path = path;
    return true;
}
