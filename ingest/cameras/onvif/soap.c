#include "ingest/cameras/onvif/soap.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "proto/record/codec.h"
#include "proto/record/text.h"

/* ---- writing ---- */

void soap_put_text(struct buffer *out, const char *text)
{
    for (; *text; text++)
        if (*text == '&')
            buffer_text(out, "&amp;");
        else if (*text == '<')
            buffer_text(out, "&lt;");
        else if (*text == '>')
            buffer_text(out, "&gt;");
        else if (*text == '"')
            buffer_text(out, "&quot;");
        else
            buffer_append(out, text, 1);
}

void soap_begin(struct buffer *out)
{
    buffer_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                     "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Header>");
}

void soap_body(struct buffer *out)
{
    buffer_text(out, "</s:Header><s:Body>");
}

void soap_end(struct buffer *out)
{
    buffer_text(out, "</s:Body></s:Envelope>");
}

/* ---- reading ---- */

const struct xml_element *soap_find(const struct xml_element *from, const char *way)
{
    char name[64];
    while (from && *way) {
        size_t length = strcspn(way, "/");
        snprintf(name, sizeof name, "%.*s", (int)length, way);
        from = xml_child(from, name);
        way += length + (way[length] == '/');
    }
    return from;
}

const char *soap_text(const struct xml_element *from, const char *way)
{
    const struct xml_element *found = soap_find(from, way);
    return found ? found->text : "";
}

/* Of a character in UTF-8, by its first byte. */
static bool says(const char *text, const char *words)
{
    return strcasestr(text, words) != NULL;
}

/* A subcode may have a subcode of its own: the innermost says most. */
static const char *innermost_code(const struct xml_element *fault)
{
    const struct xml_element *code = soap_find(fault, "Code"), *within;
    while (code && (within = xml_child(code, "Subcode")))
        code = within;
    return code ? soap_text(code, "Value") : soap_text(fault, "faultcode");
}

static int judge_fault(const struct xml_element *element, struct fault *fault)
{
    char words[200], name[80];
    const char *code = innermost_code(element), *outer = soap_text(element, "Code/Subcode/Value");
    const char *reason =
        *soap_text(element, "Reason/Text") ? soap_text(element, "Reason/Text") : soap_text(element, "faultstring");
    bool refused = says(code, "NotAuthorized") || says(outer, "NotAuthorized") || says(code, "FailedAuthentication") ||
                   says(reason, "not authorized") || says(reason, "unauthorized");
    bool cannot = says(code, "ActionNotSupported") || says(outer, "ActionNotSupported");
    text_plain(reason, words, sizeof words);
    text_plain(code, name, sizeof name);
    return fault_set(fault,
                     refused  ? -EACCES
                     : cannot ? -ENOTSUP
                              : -EREMOTEIO,
                     "the device says: %s (%s)", *words ? words : "a fault", *name ? name : "no code");
}

int soap_read(struct bytes document, struct arena *arena, const struct xml_element **content, struct fault *fault)
{
    struct xml_element *root;
    if (document.size > SOAP_BYTES_MAX)
        return fault_set(fault, -EMSGSIZE, "the answer has %zu bytes, at most %d", document.size, SOAP_BYTES_MAX);
    int result = xml_parse(document, arena, &root, fault);
    if (result < 0)
        return fault_prefix(fault, result, "the answer is no SOAP");
    const struct xml_element *body = strcmp(root->name, "Envelope") == 0 ? xml_child(root, "Body") : NULL;
    if (!body || !body->first)
        return fault_set(fault, -EINVAL, "the answer is no SOAP: no Envelope with a Body that says something");
    if (strcmp(body->first->name, "Fault") == 0)
        return judge_fault(body->first, fault);
    *content = body->first;
    return 0;
}
