/* A fault: why something failed, in words for a person.
 *
 * The return convention of the whole tree:
 *    0   done
 *   >0   an outcome that the caller must handle (an enum of the module, or 1 for "not there")
 *   <0   -errno: this operation failed; a fault says why
 * A function that can fail for a reason worth telling takes a `struct fault *` last. NULL is allowed:
 * the caller then wants the code only. The text names the thing, the value and what was expected.
 */
#pragma once

#include <errno.h>

struct fault {
    char text[512];
};

/* Writes the text (truncated to fit) and returns `code`, so that a failing function ends in one line:
 *     return fault_set(fault, -EINVAL, "%s:%d: no such department '%s'", file, line, name);
 */
int fault_set(struct fault *fault, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts "prefix: " before the text that is there; returns `code`. */
int fault_prefix(struct fault *fault, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
