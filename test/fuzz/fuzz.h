/* Fuzz targets: what reads an outside format is given any bytes at all. README.md says how they are run.
 *
 * A target is one file with the function below. It reads the input as the program would, asserts what must hold of whatever was
 * taken, and keeps nothing from one input to the next. Built by clang with libFuzzer it looks for inputs by itself; built by the ordinary
 * compiler (corpus_run.c) it reads the corpus once, as a test.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/buffer.h"

/* libFuzzer's name for it. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The target's log lines and faults are of no interest: silences the one, starts libsodium. Once, before the rest. */
void fuzz_quiet(void);

/* Cuts the next line off: without its LF, with a NUL. All that is left where no LF is left. */
const char *fuzz_line(struct bytes *rest, struct arena *arena);

/* A small book (test/unit/book/support.h) in which a file, NULL: none, stands as given. It needs its folder no more. */
struct book *fuzz_book(const char *const (*files)[2], size_t count);
#define FUZZ_BOOK(files) fuzz_book(files, sizeof(files) / sizeof *(files))

/* Looks at every byte, so that AddressSanitizer does. */
void fuzz_touch(const void *bytes, size_t size);
void fuzz_touch_text(const char *text);
