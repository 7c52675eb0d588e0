/* The page of one report: every stage of it, the words to its reporters, and what they may answer. */
#pragma once

#include "ingest/web/pages.h"

struct follow {
    const struct report_view *view;
    const struct step_list *steps;
    const char *secret;      /* by which the reporter is known */
    const char *token;       /* of the forms: the same sent twice is one answer */
    const enum word *thanks; /* an answer was just taken: the words for it, and no form; or NULL */
    int64_t now_ms;
};
void page_follow(struct buffer *out, const struct page *page, const struct follow *follow);

/* Closed: the reporter says whether it is solved. */
bool follow_may_rate(const struct report_view *view);
/* Over, for no longer than the book allows: the reporter says that it is not solved. The engine judges again. */
bool follow_may_reopen(const struct report_view *view, const struct book *book, int64_t now_ms);
