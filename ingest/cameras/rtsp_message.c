#include "ingest/cameras/rtsp_message.h"

#include <string.h>
#include <strings.h>

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static struct bytes trimmed(const uint8_t *from, const uint8_t *to)
{
    while (from < to && is_space(*from))
        from++;
    while (to > from && is_space(to[-1]))
        to--;
    return (struct bytes){ from, (size_t)(to - from) };
}

/* ---- texts ---- */

bool rtsp_text_is(struct bytes text, const char *word)
{
    return text.size == strlen(word) && (text.size == 0 || strncasecmp((const char *)text.data, word, text.size) == 0);
}

int64_t rtsp_text_number(struct bytes text)
{
    int64_t value = 0;
    size_t digits = 0;
    while (digits < text.size && text.data[digits] >= '0' && text.data[digits] <= '9')
        if (digits == 9)
            return -1;
        else
            value = value * 10 + (text.data[digits++] - '0');
    return digits ? value : -1;
}

void rtsp_text_copy(struct bytes text, char *out, size_t room)
{
    size_t size = text.size < room ? text.size : room - 1;
    if (size)
        memcpy(out, text.data, size);
    out[size] = '\0';
}

struct bytes rtsp_header_at(const struct rtsp_message *message, const char *name, size_t number)
{
    for (size_t i = 0; i < message->header_count; i++)
        if (rtsp_text_is(message->headers[i].name, name) && number-- == 0)
            return message->headers[i].value;
    return (struct bytes){ NULL, 0 };
}

struct bytes rtsp_header(const struct rtsp_message *message, const char *name)
{
    return rtsp_header_at(message, name, 0);
}

/* The end of the part that begins at `at`: the next ';' or ',' outside quotes. */
static const uint8_t *part_end(const uint8_t *at, const uint8_t *end)
{
    bool quoted = false;
    for (; at < end; at++) {
        if (*at == '"')
            quoted = !quoted;
        else if (!quoted && (*at == ';' || *at == ','))
            break;
    }
    return at;
}

static struct bytes unquoted(struct bytes value)
{
    if (value.size >= 2 && value.data[0] == '"' && value.data[value.size - 1] == '"')
        return (struct bytes){ value.data + 1, value.size - 2 };
    return value;
}

struct bytes rtsp_parameter(struct bytes header, const char *parameter)
{
    if (header.size == 0)
        return (struct bytes){ NULL, 0 };
    const uint8_t *end = header.data + header.size;
    for (const uint8_t *at = header.data; at < end;) {
        const uint8_t *stop = part_end(at, end);
        const uint8_t *equals = memchr(at, '=', (size_t)(stop - at));
        if (equals) {
            struct bytes name = trimmed(at, equals);
            /* "Digest realm=…": the scheme stands before the first name */
            const uint8_t *space = name.size ? memrchr(name.data, ' ', name.size) : NULL;
            if (space)
                name = (struct bytes){ space + 1, (size_t)(equals - space - 1) };
            if (rtsp_text_is(trimmed(name.data, name.data + name.size), parameter))
                return unquoted(trimmed(equals + 1, stop));
        }
        at = stop + 1;
    }
    return (struct bytes){ NULL, 0 };
}

/* ---- messages ---- */

/* The line at `at` without its end, and where the next one begins; false: it has no end yet. */
static bool next_line(const uint8_t *at, const uint8_t *end, struct bytes *line, const uint8_t **next)
{
    const uint8_t *feed = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    if (!feed)
        return false;
    *next = feed + 1;
    if (feed > at && feed[-1] == '\r')
        feed--;
    *line = (struct bytes){ at, (size_t)(feed - at) };
    return true;
}

static int take_start_line(struct bytes line, struct rtsp_message *message, struct fault *fault)
{
    const uint8_t *end = line.data + line.size;
    const uint8_t *first = memchr(line.data, ' ', line.size);
    if (first && line.size > 5 && memcmp(line.data, "RTSP/", 5) == 0) {
        struct bytes rest = trimmed(first, end);
        int64_t status = rtsp_text_number(rest);
        if (status >= 100 && status <= 999) {
            message->status = (int)status;
            message->reason = trimmed(rest.data + 3, end);
            return 0;
        }
    } else if (first) {
        const uint8_t *last = memrchr(line.data, ' ', line.size);
        if (last > first && end - last > 5 && memcmp(last + 1, "RTSP/", 5) == 0) {
            message->method = (struct bytes){ line.data, (size_t)(first - line.data) };
            message->uri = trimmed(first, last);
            return 0;
        }
    }
    return fault_set(fault, -EINVAL, "RTSP: '%.*s' is no first line of a message",
                     (int)(line.size < 60 ? line.size : 60), (const char *)line.data);
}

static int take_header(struct bytes line, struct rtsp_message *message, struct fault *fault)
{
    const uint8_t *colon = memchr(line.data, ':', line.size), *end = line.data + line.size;
    if (!colon)
        return 0; /* some cameras fold lines or write what is no header: it says nothing to us */
    if (message->header_count == RTSP_HEADERS_MAX)
        return fault_set(fault, -EINVAL, "RTSP: more than %d headers", RTSP_HEADERS_MAX);
    message->headers[message->header_count++] =
        (struct rtsp_header){ trimmed(line.data, colon), trimmed(colon + 1, end) };
    return 0;
}

static int take_body(struct bytes rest, struct rtsp_message *message, struct fault *fault)
{
    struct bytes header = rtsp_header(message, "Content-Length");
    int64_t length = header.data ? rtsp_text_number(header) : 0;
    if (length < 0 || length > RTSP_BODY_MAX)
        return fault_set(fault, -EINVAL, "RTSP: Content-Length '%.*s'; expected 0 to %d",
                         (int)(header.size < 20 ? header.size : 20), (const char *)header.data, RTSP_BODY_MAX);
    if ((size_t)length > rest.size)
        return 1;
    message->body = (struct bytes){ rest.data, (size_t)length };
    return 0;
}

int rtsp_message_take(struct bytes received, struct rtsp_message *message, struct fault *fault)
{
    size_t limit = received.size < RTSP_HEAD_MAX ? received.size : RTSP_HEAD_MAX;
    const uint8_t *at = received.data, *end = received.data + limit;
    struct bytes line = { NULL, 0 };
    message->status = 0;
    message->header_count = 0;
    message->method = message->uri = message->reason = message->body = (struct bytes){ NULL, 0 };
    while (at < end && (*at == '\r' || *at == '\n'))
        at++;
    bool started = false;
    int result = 0;
    while (next_line(at, end, &line, &at)) {
        if (started && line.size == 0) {
            result = take_body((struct bytes){ at, (size_t)(received.data + received.size - at) }, message, fault);
            return result < 0 ? result : result > 0 ? 0 : (int)(at - received.data) + (int)message->body.size;
        }
        result = started ? take_header(line, message, fault) : take_start_line(line, message, fault);
        if (result < 0)
            return result;
        started = true;
    }
    if (received.size >= RTSP_HEAD_MAX)
        return fault_set(fault, -EINVAL, "RTSP: no end of a message within %d bytes", RTSP_HEAD_MAX);
    return 0;
}

int rtsp_packet_take(struct bytes received, struct rtsp_packet *packet)
{
    if (received.size < RTSP_PACKET_HEAD)
        return 0;
    size_t length = (size_t)received.data[2] << 8 | received.data[3];
    if (received.size < RTSP_PACKET_HEAD + length)
        return 0;
    *packet = (struct rtsp_packet){ received.data[1], { received.data + RTSP_PACKET_HEAD, length } };
    return (int)(RTSP_PACKET_HEAD + length);
}
