/* Recovery of last resort: a data folder's cases rebuilt from another's journal (drumtower-dispatcher --replay-journal). */
#pragma once

#include "proto/book/book.h"

/* Rebuilds the cases in `data_folder`, which has none, from the journal in `from`; books of the past are looked for in
 * `books_folder` (each a folder in it; NULL: there was never another). Prints what it did and whether both agree, table by table. */
int recovery_run(const char *from, const char *data_folder, const struct book *book, const char *books_folder,
                 struct fault *fault);
