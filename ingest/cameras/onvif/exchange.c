#include "ingest/cameras/onvif/exchange.h"

#include <stdio.h>
#include <string.h>

#include "ingest/cameras/onvif/token.h"
#include "proto/base/clock.h"
#include "proto/base/crypto.h"

enum { OPEN, KNOWN };

#define EXCHANGE_ROW(operation, name, service, asks) { name, "http://www.onvif.org/" service "/wsdl", asks },
static const struct {
    const char *name, *space;
    int asks;
} operations[] = { EXCHANGE_OPERATIONS(EXCHANGE_ROW) };

static bool is_open(const struct exchange *exchange)
{
    return operations[exchange->operation].asks == OPEN;
}

static void write_message(struct exchange *exchange)
{
    const struct camera_url *device = &exchange->address->url;
    const char *name = operations[exchange->operation].name;
    struct buffer *out = &exchange->message;
    uint8_t nonce[TOKEN_NONCE_BYTES];
    buffer_clear(out);
    soap_begin(out);
    if (!is_open(exchange) && *device->user && !exchange->digest) {
        random_bytes(nonce, sizeof nonce);
        token_put(out, device->user, device->password, nonce, clock_now_ms() + exchange->ahead_ms);
    }
    soap_body(out);
    buffer_format(out, "<%s xmlns=\"%s\">", name, operations[exchange->operation].space);
    buffer_append(out, exchange->inside.bytes, exchange->inside.size);
    buffer_format(out, "</%s>", name);
    soap_end(out);
}

static void answered(void *context, int status, struct bytes body);

static void send_message(struct exchange *exchange)
{
    char type[160];
    const struct camera_url *device = &exchange->address->url;
    bool digest = exchange->digest && !is_open(exchange);
    write_message(exchange);
    snprintf(type, sizeof type, "application/soap+xml; charset=utf-8; action=\"%s/%s\"",
             operations[exchange->operation].space, operations[exchange->operation].name);
    http_send(exchange->http,
              &(struct http_call){ .method = "POST",
                                   .url = exchange->url,
                                   .content_type = type,
                                   .body = buffer_view(&exchange->message),
                                   .user = digest ? device->user : NULL,
                                   .password = device->password,
                                   .direct = true,
                                   .any_certificate = true,
                                   .answer_bytes = SOAP_BYTES_MAX,
                                   .timeout_ms = EXCHANGE_TIMEOUT_MS },
              answered, exchange);
}

static int refused(const struct exchange *exchange, struct fault *fault)
{
    char said[sizeof fault->text];
    const char *user = exchange->address->url.user;
    snprintf(said, sizeof said, "%s%.300s%s", *fault->text ? " (" : "", fault->text, *fault->text ? ")" : "");
    return *user ? fault_set(fault, -EACCES, "the device refuses the user '%s' or the password%s", user, said)
                 : fault_set(fault, -EACCES, "the device asks for a user and a password, the book has none%s", said);
}

/* Devices tell their faults with 200, 400 and 500 alike. */
static int judge(struct exchange *exchange, int status, struct bytes body, const struct xml_element **content,
                 struct fault *fault)
{
    if (status == 0)
        return fault_set(fault, -EHOSTUNREACH, "no answer: %.*s", (int)body.size, (const char *)body.data);
    if (status == 401)
        return refused(exchange, fault);
    arena_reset(&exchange->arena);
    int result = soap_read(body, &exchange->arena, content, fault);
    if (result == -EACCES)
        return refused(exchange, fault);
    if (status != 200 && (result == 0 || result == -EINVAL || result == -EMSGSIZE))
        return fault_set(fault, -EREMOTEIO, "the device answers with status %d", status);
    return result;
}

static void answered(void *context, int status, struct bytes body)
{
    struct exchange *exchange = context;
    const struct xml_element *content = NULL;
    struct fault fault = { "" };
    if (status == 401 && !exchange->digest && !is_open(exchange) && *exchange->address->url.user) {
        exchange->digest = true;
        send_message(exchange);
        return;
    }
    int result = judge(exchange, status, body, &content, &fault);
    if (result < 0)
        fault_prefix(&fault, result, "%s", operations[exchange->operation].name);
    buffer_clear(&exchange->inside);
    exchange->done(exchange->context, result, result < 0 ? NULL : content, &fault);
}

void exchange_ask(struct exchange *exchange, enum exchange_operation operation, const char *url)
{
    exchange->operation = operation;
    if (url != exchange->url)
        snprintf(exchange->url, sizeof exchange->url, "%s", url);
    send_message(exchange);
}

void exchange_finish(struct exchange *exchange)
{
    buffer_finish(&exchange->inside);
    buffer_finish(&exchange->message);
    arena_finish(&exchange->arena);
}
