/* The resident's pages as HTML, from what they show (a report's own page: follow.h). Complete without a script; report.js only makes the place easier to give. */
#pragma once

#include "ingest/enrich/complaint.h"
#include "ingest/reports.h"
#include "ingest/web/words.h"
#include "proto/book/book.h"
#include "proto/door/door.h"

struct page {
    const struct book *book;
    enum page_language language;
    struct arena *arena;
    const char
        *own_path; /* where the page can be had again, up to the language: "/follow?id=…&lang="; NULL: the form's */
};

/* The form, with what was said before, what is wrong with it, and the case that the report would join; all may be NULL. */
struct form_page {
    const char *token;
    const struct form *said;
    const struct complaints *complaints;
    const struct case_file *near;
    bool asked; /* it was sent, and comes back to ask about `near` */
};
void page_form(struct buffer *out, const struct page *page, const struct form_page *form);
/* `follow` is the address of the report's own page, with its secret. */
void page_receipt(struct buffer *out, const struct page *page, uint64_t seq, const char *follow);
void page_message(struct buffer *out, const struct page *page, enum word message);
