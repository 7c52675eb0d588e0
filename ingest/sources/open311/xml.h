/* The one room of libxml2's writer: a document of the Open311 door as XML.
 *
 * GeoReport v2 defines XML and derives its JSON by the Spark convention, where a list's elements lose their names. We build the JSON
 * form once and turn it around: an array of the member (or of the root) LIST becomes <LIST><ITEM>…</ITEM></LIST> with ITEM by a
 * table; null becomes an empty element. Characters that XML 1.0 forbids become U+FFFD.
 */
#pragma once

#include <jansson.h>

#include "proto/base/buffer.h"

/* Appends the whole document, with its declaration. root: "services", "service_requests", "errors" … */
void xml_document(struct buffer *out, const char *root, const json_t *document);
