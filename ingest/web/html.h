/* HTML into a buffer, with one rule: what comes from outside goes through %s, and %s always escapes. Markup is in the format. */
#pragma once

#include "proto/base/buffer.h"

/* Knows %s (escaped for text and for attribute values in double quotes), %d, %ld and %%; nothing else. */
void html_format(struct buffer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
void html_escape(struct buffer *out, const char *text);
