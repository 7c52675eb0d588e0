/* "12 neighbours have reported this here already": the open case that a report would join, shown to whoever is about to send it. What it says is
 * what the public lists say as well: how many reports, since when, how far. */
#pragma once

#include "ingest/reports.h"
#include "ingest/web/pages.h"

/* What a form says of service and place, in words as they come; "" where not said. */
struct near_said {
    const char *service, *lat, *lon;
};
/* 0 and the case; 1 where there is none, also where service or place are not known or not to be trusted; <0. */
int near_said_find(struct reports *reports, const struct page *page, const struct near_said *said, int64_t now_ms,
                   struct case_file *record, struct fault *fault);

/* The hint as a part of the form, with the field NEAR_KNOWN, by which the form then says that it was read. asked: the form was sent, and came
 * back because of it. */
#define NEAR_KNOWN "near_known"
void near_hint(struct buffer *out, const struct page *page, const struct case_file *record, bool asked);
