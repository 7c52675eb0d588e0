/* SOAP 1.2 as ONVIF's devices speak it: envelopes written, answers read. Pure.
 *
 * Devices choose prefixes as they like, and some namespaces wrongly; elements are known by their local names.
 */
#pragma once

#include "ingest/sources/xml_tree.h"
#include "proto/base/buffer.h"
#include "proto/base/fault.h"

/* A device with 64 lenses tells some 600 kB of profiles. */
enum { SOAP_BYTES_MAX = 1 << 20 };

/* Escaped for text and for attributes in double quotes. */
void soap_put_text(struct buffer *out, const char *text);

/* The envelope up to the place of the header's content, up to that of the body's, and from there to the end. */
void soap_begin(struct buffer *out);
void soap_body(struct buffer *out);
void soap_end(struct buffer *out);

/* The element that stands in the body (Probe matches, GetProfilesResponse …). -EMSGSIZE, -EINVAL: no SOAP. A fault of the device, of version 1.2 or
 * 1.1, whatever the status of HTTP: -EACCES where it says that we are not authorized, -ENOTSUP where that it cannot do it, -EREMOTEIO for any other. */
int soap_read(struct bytes document, struct arena *arena, const struct xml_element **content, struct fault *fault);

/* The element at the end of a way of local names, "MediaUri/Uri"; NULL: there is none. */
const struct xml_element *soap_find(const struct xml_element *from, const char *way);
/* Its text; "" where there is none. */
const char *soap_text(const struct xml_element *from, const char *way);
