/* Where a report stands, in words for whoever reported it: what it waits for now. */
#pragma once

#include "proto/book/book.h"

const struct book_text *stage_words(enum case_state state);
