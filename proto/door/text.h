/* Texts of HTTP: pairs of names and values, escapes, parameters of headers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/arena.h"

struct pair {
    const char *name, *value;
};
struct pairs {
    struct pair *items;
    size_t count, capacity;
};

/* Is it the same? Most texts that are compared differ in their first letter; names of headers are the same in either case. */
bool text_is(const char *a, const char *b);
bool header_is(const char *a, const char *b);

void pairs_add(struct arena *arena, struct pairs *pairs, const char *name, const char *value);
/* Names of headers are compared without regard to case. NULL where there is none. */
const char *pairs_get(const struct pairs *pairs, const char *name);
const char *pairs_get_header(const struct pairs *pairs, const char *name);

/* The text, or a copy with '?' for each byte that is not UTF-8 (a fault's text may be cut inside of a character). */
const char *text_mended(struct arena *arena, const char *text);
/* Decodes %XX once ("+" to a blank where `form`); NULL for a bad escape, a control byte or what is not UTF-8. */
char *percent_decode(struct arena *arena, const char *text, size_t size, bool form);
/* name=value&name=value, decoded; false where malformed or more than `most`. */
bool pairs_parse(struct arena *arena, const char *text, size_t size, size_t most, struct pairs *pairs);
/* The value of `name` in "type; name=value; other=\"value\""; NULL if absent. */
const char *header_parameter(struct arena *arena, const char *header, const char *name);
/* Is the header's value, without its parameters, this type? */
bool header_is_type(const char *header, const char *type);
