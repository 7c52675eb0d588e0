/* Words from outside, for people: what a device, a server or a library says in its own way. */
#pragma once

#include <stddef.h>

/* Copies as UTF-8 without control characters, cut at a whole character, for logs, terminals and records: none of them may be given what they refuse
 * or obey. */
void text_plain(const char *text, char *out, size_t room);
