/* XML from outside as a small tree: no DTD, no entities but the five, nothing from the network, limits on size, depth and number.
 *
 * Names come without their prefix, namespaces as they are declared. An element's text is all that stands directly in it, without the
 * blanks at its ends. Any encoding that the document declares becomes UTF-8.
 */
#pragma once

#include "proto/base/arena.h"
#include "proto/base/buffer.h"
#include "proto/base/fault.h"

enum { XML_BYTES_MAX = 4 << 20, XML_DEPTH_MAX = 24, XML_ELEMENTS_MAX = 50000, XML_ATTRIBUTES_MAX = 16 };

struct xml_attribute {
    const char *name, *value;
};

struct xml_element {
    const char *name;
    const char *space; /* its namespace; "" */
    const char *text;
    size_t line;
    const struct xml_attribute *attributes;
    size_t attribute_count;
    struct xml_element *first, *next; /* child, sibling */
};

/* Everything lives in the arena. -EINVAL, -EMSGSIZE: "line 3: …". */
int xml_parse(struct bytes document, struct arena *arena, struct xml_element **root, struct fault *fault);

/* The first child, or sibling from `from` on, of that name; NULL. */
struct xml_element *xml_child(const struct xml_element *parent, const char *name);
struct xml_element *xml_next(const struct xml_element *from, const char *name);
/* Its text; "" where there is none of that name. */
const char *xml_child_text(const struct xml_element *parent, const char *name);
const char *xml_attribute(const struct xml_element *element, const char *name); /* NULL */
