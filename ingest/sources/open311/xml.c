#include "ingest/sources/open311/xml.h"

#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>

/* List element → its items'. */
static const char *const item_names[][2] = {
    { "services", "service" },
    { "service_requests", "request" },
    { "attributes", "attribute" },
    { "values", "value" },
    { "errors", "error" },
    { "endpoints", "endpoint" },
    { "formats", "format" },
    { "media_urls", "media_url" },
    { "service_request_updates", "request_update" },
};

static const char *item_name(const char *list)
{
    for (size_t i = 0; i < sizeof item_names / sizeof *item_names; i++)
        if (strcmp(item_names[i][0], list) == 0)
            return item_names[i][1];
    return "item";
}

/* XML 1.0, production 2: of the control characters only tab, line feed and carriage return; neither U+FFFE nor U+FFFF. */
static size_t forbidden(const unsigned char *at)
{
    if (*at < 0x20 && *at != '\t' && *at != '\n' && *at != '\r')
        return 1;
    return at[0] == 0xef && at[1] == 0xbf && (at[2] == 0xbe || at[2] == 0xbf) ? 3 : 0;
}

static void write_text(xmlTextWriterPtr writer, const char *text)
{
    struct buffer clean = { 0 };
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        size_t bad = forbidden(at);
        if (bad)
            buffer_text(&clean, "\xef\xbf\xbd");
        else
            buffer_append(&clean, at, 1);
        at += bad ? bad : 1;
    }
    xmlTextWriterWriteString(writer, (const xmlChar *)buffer_string(&clean));
    buffer_finish(&clean);
}

static void write_element(xmlTextWriterPtr writer, const char *name, const json_t *value);

static void write_content(xmlTextWriterPtr writer, const char *name, const json_t *value)
{
    const char *key;
    json_t *member;
    size_t i;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        json_object_foreach((json_t *)value, key, member) write_element(writer, key, member);
        break;
    case JSON_ARRAY:
        json_array_foreach(value, i, member) write_element(writer, item_name(name), member);
        break;
    case JSON_STRING:
        write_text(writer, json_string_value(value));
        break;
    case JSON_INTEGER:
        xmlTextWriterWriteFormatString(writer, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        xmlTextWriterWriteFormatString(writer, "%.12g", json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        xmlTextWriterWriteString(writer, (const xmlChar *)(json_is_true(value) ? "true" : "false"));
        break;
    case JSON_NULL:
        break;
    }
}

static void write_element(xmlTextWriterPtr writer, const char *name, const json_t *value)
{
    xmlTextWriterStartElement(writer, (const xmlChar *)name);
    write_content(writer, name, value);
    xmlTextWriterEndElement(writer);
}

/* The writer's only failures are those of memory: the process stops, as everywhere. */
void xml_document(struct buffer *out, const char *root, const json_t *document)
{
    xmlBufferPtr bytes = xmlBufferCreate();
    xmlTextWriterPtr writer = bytes ? xmlNewTextWriterMemory(bytes, 0) : NULL;
    if (!writer)
        abort();
    xmlTextWriterStartDocument(writer, "1.0", "utf-8", NULL);
    write_element(writer, root, document);
    xmlTextWriterEndDocument(writer);
    xmlFreeTextWriter(writer);
    buffer_append(out, xmlBufferContent(bytes), (size_t)xmlBufferLength(bytes));
    xmlBufferFree(bytes);
}
