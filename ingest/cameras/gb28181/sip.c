#include "ingest/cameras/gb28181/sip.h"

#include <inttypes.h>
#include <osipparser2/osip_parser.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define AGENT_LINE "User-Agent: Drumtower\r\n"

/* ---- reading ---- */

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static void take_party(const osip_from_t *party, const char **user, const char **tag)
{
    osip_uri_param_t *parameter = NULL;
    *user = party && party->url ? or_empty(party->url->username) : "";
    *tag = "";
    if (party && osip_uri_param_get_byname((osip_list_t *)&party->gen_params, (char *)"tag", &parameter) >= 0 &&
        parameter)
        *tag = or_empty(parameter->gvalue);
}

/* A decimal number of at most nine digits; -1: none. */
static int64_t number_of(const char *text)
{
    size_t digits = text ? strspn(text, "0123456789") : 0;
    return digits == 0 || digits > 9 ? -1 : strtol(text, NULL, 10);
}

/* Of the header, else of the first contact. */
static int64_t expires_of(osip_message_t *parsed)
{
    osip_header_t *header = NULL;
    osip_contact_t *contact = NULL;
    osip_uri_param_t *parameter = NULL;
    osip_message_header_get_byname(parsed, "expires", 0, &header);
    if (header)
        return number_of(header->hvalue);
    osip_message_get_contact(parsed, 0, &contact);
    if (contact && osip_uri_param_get_byname(&contact->gen_params, (char *)"expires", &parameter) >= 0 && parameter)
        return number_of(parameter->gvalue);
    return -1;
}

/* What follows the first empty line, as long as Content-Length says: libosip2 takes a body only where it has a type, and one that is cut off too.
 * data NULL: it is not whole. */
static struct bytes body_of(const osip_message_t *parsed, struct bytes message, size_t head)
{
    int64_t size = parsed->content_length ? number_of(parsed->content_length->value) : (int64_t)(message.size - head);
    return size < 0 || (size_t)size > message.size - head ? (struct bytes){ NULL, 0 }
                                                          : (struct bytes){ message.data + head, (size_t)size };
}

static size_t head_of(struct bytes message)
{
    const uint8_t *end = memmem(message.data, message.size, "\r\n\r\n", 4);
    return end ? (size_t)(end - message.data) + 4 : message.size;
}

static bool is_whole(const osip_message_t *parsed)
{
    return parsed->call_id && parsed->call_id->number && parsed->cseq && parsed->cseq->method && parsed->from &&
           parsed->to && osip_list_size(&parsed->vias) > 0;
}

/* It would write to standard output. */
static void say_nothing(const char *file, int line, osip_trace_level_t level, const char *format, va_list arguments)
{
    (void)file, (void)line, (void)level, (void)format, (void)arguments;
}

static void init_parser(void)
{
    parser_init();
    osip_trace_initialize_func(END_TRACE_LEVEL, say_nothing);
}

int sip_read(struct bytes bytes, struct sip_message *message, struct fault *fault)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_parser);
    osip_message_t *parsed = NULL;
    *message = (struct sip_message){ 0 };
    if (bytes.size > SIP_BYTES_MAX || (bytes.size && memchr(bytes.data, '\0', bytes.size)))
        return fault_set(fault, -EINVAL, "no SIP: %zu bytes", bytes.size);
    if (osip_message_init(&parsed) != 0)
        abort();
    message->parsed = parsed;
    size_t head = head_of(bytes);
    if (osip_message_parse(parsed, (const char *)bytes.data, bytes.size) != 0 || !is_whole(parsed)) {
        sip_release(message);
        return fault_set(fault, -EINVAL, "no SIP message of %zu bytes", bytes.size);
    }
    message->status = parsed->sip_method ? 0 : parsed->status_code;
    message->method = parsed->cseq->method;
    message->call_id = parsed->call_id->number;
    message->sequence = (uint32_t)strtoul(or_empty(parsed->cseq->number), NULL, 10);
    take_party(parsed->from, &message->from, &message->from_tag);
    take_party(parsed->to, &message->to, &message->to_tag);
    message->expires = expires_of(parsed);
    message->body = body_of(parsed, bytes, head);
    bool fits = message->status ? message->status >= 100 && message->status < 700
                                : strcmp(parsed->sip_method, message->method) == 0;
    if (fits && message->body.data)
        return 0;
    sip_release(message);
    return fault_set(fault, -EINVAL, "a SIP message whose length, or first line and CSeq, do not fit");
}

void sip_release(struct sip_message *message)
{
    if (message->parsed)
        osip_message_free(message->parsed);
    *message = (struct sip_message){ 0 };
}

/* Without the quotes around it. False: too long. */
static bool take_quoted(const char *text, char out[SIP_AUTHORIZATION_TEXT])
{
    size_t size = text ? strlen(text) : 0;
    if (size >= 2 && text[0] == '"' && text[size - 1] == '"') {
        text++;
        size -= 2;
    }
    if (size >= SIP_AUTHORIZATION_TEXT)
        return false;
    memcpy(out, size ? text : "", size);
    out[size] = '\0';
    return true;
}

bool sip_authorization(const struct sip_message *request, struct sip_authorization *out)
{
    osip_authorization_t *one = NULL;
    osip_message_get_authorization((osip_message_t *)request->parsed, 0, &one);
    if (!one || !one->auth_type || strcasecmp(one->auth_type, "Digest") != 0)
        return false;
    return take_quoted(one->username, out->user) && take_quoted(one->realm, out->realm) &&
           take_quoted(one->nonce, out->nonce) && take_quoted(one->uri, out->uri) &&
           take_quoted(one->response, out->response) && take_quoted(one->cnonce, out->cnonce) &&
           take_quoted(one->message_qop, out->qop) && take_quoted(one->nonce_count, out->count) &&
           take_quoted(one->algorithm, out->algorithm);
}

/* ---- answers ---- */

/* A line with a text of libosip2's, which is given back. */
static void put_line(struct buffer *out, const char *name, char *text)
{
    buffer_format(out, "%s: %s\r\n", name, or_empty(text));
    osip_free(text);
}

/* The first one says by which way the request came. */
static void put_vias(osip_message_t *parsed, const struct sip_place *from, struct buffer *out)
{
    osip_via_t *via;
    for (int i = 0; (via = osip_list_get(&parsed->vias, i)); i++) {
        char *text = NULL;
        if (osip_via_to_str(via, &text) != 0)
            continue;
        if (i > 0) {
            put_line(out, "Via", text);
            continue;
        }
        char *rport = strcasestr(text, ";rport"), *rest = rport ? rport + strlen(";rport") : text;
        if (rport)
            rest += strcspn(rest, ";");
        buffer_format(out, "Via: %.*s%s;received=%s;rport=%u\r\n", (int)(rport ? rport - text : (long)strlen(text)),
                      text, rport ? rest : "", from->host, from->port);
        osip_free(text);
    }
}

void sip_answer(const struct sip_message *request, int status, const struct sip_place *from, const char *to_tag,
                const char *more, struct buffer *out)
{
    osip_message_t *parsed = request->parsed;
    char *from_text = NULL, *to_text = NULL, *call_id = NULL;
    osip_from_to_str(parsed->from, &from_text);
    osip_to_to_str(parsed->to, &to_text);
    osip_call_id_to_str(parsed->call_id, &call_id);
    buffer_format(out, "SIP/2.0 %d %s\r\n", status, or_empty(osip_message_get_reason(status)));
    put_vias(parsed, from, out);
    put_line(out, "From", from_text);
    buffer_format(out, "To: %s%s%s\r\n", or_empty(to_text),
                  *request->to_tag ? "" : ";tag=", *request->to_tag ? "" : to_tag);
    osip_free(to_text);
    put_line(out, "Call-ID", call_id);
    buffer_format(out, "CSeq: %s %s\r\n" AGENT_LINE "%sContent-Length: 0\r\n\r\n", or_empty(parsed->cseq->number),
                  request->method, more);
}

/* ---- requests ---- */

void sip_put_request(const struct sip_request *request, struct buffer *out)
{
    const struct sip_place *own = request->own, *target = request->target;
    buffer_format(out,
                  "%s sip:%s@%s:%u SIP/2.0\r\n"
                  "Via: SIP/2.0/UDP %s:%u;rport;branch=z9hG4bK%s\r\n"
                  "From: <sip:%s@%s>;tag=%s\r\n",
                  request->method, request->to, target->host, target->port, own->host, own->port, request->branch,
                  request->own_id, request->realm, request->from_tag);
    buffer_format(out,
                  "To: <sip:%s@%s>%s%s\r\n"
                  "Call-ID: %s\r\n"
                  "CSeq: %" PRIu32 " %s\r\n"
                  "Contact: <sip:%s@%s:%u>\r\n"
                  "Max-Forwards: 70\r\n" AGENT_LINE "%s",
                  request->to, request->realm, *request->to_tag ? ";tag=" : "", request->to_tag, request->call_id,
                  request->sequence, request->method, request->own_id, own->host, own->port, request->more);
    if (request->type)
        buffer_format(out, "Content-Type: %s\r\n", request->type);
    buffer_format(out, "Content-Length: %zu\r\n\r\n", request->body.size);
    buffer_append(out, request->body.data, request->body.size);
}
