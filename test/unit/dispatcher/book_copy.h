/* A copy of a book that a test may change. */
#pragma once

#include <stdbool.h>

/* Copies the folder's files into a fresh folder, `out`; town_remove_folder() takes it away. */
bool book_copy_make(const char *folder, char out[64]);
/* The first place of FILE that says `before` says `after`; false where there is none. */
bool book_copy_change(const char *copy, const char *file, const char *before, const char *after);
