#include "ingest/sources/xml_tree.h"

#include <libxml/parser.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A document while libxml2 calls back. */
struct building {
    xmlParserCtxtPtr parser;
    struct arena *arena;
    struct fault *fault;
    struct xml_element *open[XML_DEPTH_MAX], *last[XML_DEPTH_MAX]; /* the last child so far of each */
    struct buffer text[XML_DEPTH_MAX];
    int depth;
    size_t count;
    struct xml_element *root;
    int result;
};

static void fail(struct building *building, int code, const char *words)
{
    if (!building->result)
        building->result =
            fault_set(building->fault, code, "line %d: %s", xmlSAX2GetLineNumber(building->parser), words);
    xmlStopParser(building->parser);
}

static const char *copy(struct building *building, const xmlChar *text)
{
    return text ? arena_text(building->arena, (const char *)text, strlen((const char *)text)) : "";
}

/* Without the blanks at its ends. */
static const char *trimmed(struct arena *arena, struct buffer *text)
{
    static const char blanks[] = " \t\r\n";
    const char *from = buffer_string(text), *end = from + text->size;
    from += strspn(from, blanks);
    while (end > from && strchr(blanks, end[-1]))
        end--;
    return arena_text(arena, from, (size_t)(end - from));
}

/* libxml2's rows: name, prefix, namespace, begin and end of the value. */
static void take_attributes(struct building *building, struct xml_element *element, int count, const xmlChar **rows)
{
    if (count > XML_ATTRIBUTES_MAX)
        count = XML_ATTRIBUTES_MAX;
    struct xml_attribute *attributes = arena_array(building->arena, (size_t)count + 1, sizeof *attributes);
    for (int i = 0; i < count; i++, rows += 5)
        attributes[i] =
            (struct xml_attribute){ copy(building, rows[0]),
                                    arena_text(building->arena, (const char *)rows[3], (size_t)(rows[4] - rows[3])) };
    element->attributes = attributes;
    element->attribute_count = (size_t)count;
}

static void start_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *space,
                          int space_count, const xmlChar **spaces, int attribute_count, int defaulted,
                          const xmlChar **attributes)
{
    (void)prefix, (void)space_count, (void)spaces, (void)defaulted;
    struct building *building = context;
    if (building->depth == XML_DEPTH_MAX) {
        fail(building, -EINVAL, "elements are nested too deep");
        return;
    }
    if (building->count++ == XML_ELEMENTS_MAX) {
        fail(building, -EMSGSIZE, "too many elements");
        return;
    }
    struct xml_element *element = arena_alloc(building->arena, sizeof *element);
    element->name = copy(building, name);
    element->space = copy(building, space);
    element->line = (size_t)xmlSAX2GetLineNumber(building->parser);
    take_attributes(building, element, attribute_count, attributes);
    int depth = building->depth++;
    building->open[depth] = element;
    building->last[depth] = NULL;
    buffer_clear(&building->text[depth]);
    if (depth == 0)
        building->root = element;
    else if (building->last[depth - 1])
        building->last[depth - 1]->next = element;
    else
        building->open[depth - 1]->first = element;
    if (depth > 0)
        building->last[depth - 1] = element;
}

static void end_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *space)
{
    (void)name, (void)prefix, (void)space;
    struct building *building = context;
    if (building->depth == 0)
        return;
    int depth = --building->depth;
    building->open[depth]->text = trimmed(building->arena, &building->text[depth]);
}

static void characters(void *context, const xmlChar *text, int length)
{
    struct building *building = context;
    if (building->depth)
        buffer_append(&building->text[building->depth - 1], text, (size_t)length);
}

static void refuse_dtd(void *context, const xmlChar *name, const xmlChar *external_id, const xmlChar *system_id)
{
    (void)name, (void)external_id, (void)system_id;
    fail(context, -EINVAL, "a document type (DOCTYPE) is not taken");
}

static void hear_error(void *context, xmlErrorPtr error)
{
    struct building *building = context;
    if (building->result || error->level < XML_ERR_ERROR)
        return;
    const char *message = error->message ? error->message : "not well-formed\n";
    bool too_early = error->code == XML_ERR_DOCUMENT_END && (building->depth || !building->root);
    if (too_early) /* libxml2 calls a missing end "extra content" */
        building->result = fault_set(building->fault, -EINVAL, "line %d: the document ends too early", error->line);
    else
        building->result =
            fault_set(building->fault, -EINVAL, "line %d: %.*s", error->line, (int)strcspn(message, "\n"), message);
}

int xml_parse(struct bytes document, struct arena *arena, struct xml_element **root, struct fault *fault)
{
    if (document.size > XML_BYTES_MAX)
        return fault_set(fault, -EMSGSIZE, "%zu bytes, at most %d", document.size, XML_BYTES_MAX);
    if (!document.size)
        return fault_set(fault, -EINVAL, "line 1: the document is empty");
    struct building building = { .arena = arena, .fault = fault };
    xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
                          .startElementNs = start_element,
                          .endElementNs = end_element,
                          .characters = characters,
                          .cdataBlock = characters,
                          .internalSubset = refuse_dtd,
                          .serror = hear_error };
    building.parser = xmlCreatePushParserCtxt(&sax, &building, NULL, 0, NULL);
    if (!building.parser)
        abort();
    xmlCtxtUseOptions(building.parser, XML_PARSE_NONET | XML_PARSE_NOENT); /* of entities there are only the five */
    /* An encoding that breaks off is told to the thread's handler alone, and the document counts as well-formed. */
    xmlSetStructuredErrorFunc(&building, hear_error);
    xmlParseChunk(building.parser, (const char *)document.data, (int)document.size, 0);
    xmlParseChunk(building.parser, NULL, 0, 1);
    xmlSetStructuredErrorFunc(NULL, NULL);
    if (!building.result && (!building.parser->wellFormed || !building.root || building.depth))
        building.result = fault_set(fault, -EINVAL, "not a whole XML document");
    xmlFreeParserCtxt(building.parser);
    for (int i = 0; i < XML_DEPTH_MAX; i++)
        buffer_finish(&building.text[i]);
    *root = building.root;
    return building.result;
}

struct xml_element *xml_next(const struct xml_element *from, const char *name)
{
    while (from && strcmp(from->name, name) != 0)
        from = from->next;
    return (struct xml_element *)from;
}

struct xml_element *xml_child(const struct xml_element *parent, const char *name)
{
    return xml_next(parent->first, name);
}

const char *xml_child_text(const struct xml_element *parent, const char *name)
{
    const struct xml_element *child = xml_child(parent, name);
    return child ? child->text : "";
}

const char *xml_attribute(const struct xml_element *element, const char *name)
{
    for (size_t i = 0; i < element->attribute_count; i++)
        if (strcmp(element->attributes[i].name, name) == 0)
            return element->attributes[i].value;
    return NULL;
}
