/* What the resident's pages share: words, moments, the frame around each page; nobody outside of ingest/web includes it. */
#pragma once

#include "ingest/web/pages.h"

const char *page_say(const struct page *page, enum word name);
const char *page_text(const struct page *page, const struct book_text *text);
const char *page_code(enum page_language language); /* "zh", "en" */
/* The district's own time, as on its clocks. */
void page_moment(struct buffer *out, const struct page *page, int64_t at_ms);
void page_begin(struct buffer *out, const struct page *page, const char *title);
void page_end(struct buffer *out);
