/* Where a report stands, in words for whoever reported it: what it waits for now. */
#pragma once

#include "proto/book/book.h"

const struct book_text *stage_words(enum case_state state);
/* What a step of its case means to its reporters; NULL: it is the city's own business and is not shown. */
const struct book_text *stage_step_words(enum verb verb);
/* Are the step's words meant for the reporters? All others are said inside. */
bool stage_step_is_for_reporters(enum verb verb);
