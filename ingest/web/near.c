#include "ingest/web/near.h"

#include "ingest/enrich/locate.h"
#include "ingest/stage.h"
#include "ingest/web/html.h"
#include "ingest/web/page_parts.h"

int near_said_find(struct reports *reports, const struct page *page, const struct near_said *said, int64_t now_ms,
                   struct case_file *record, struct fault *fault)
{
    const struct book_service *service = book_service(page->book, said->service);
    struct place place = { .address = "" };
    if (!service || !service->is_public || !locate_degrees(said->lat, 90, &place.lat) ||
        !locate_degrees(said->lon, 180, &place.lon))
        return 1;
    locate_place(page->book, true, &place);
    return reports_near(reports, service, &place, now_ms, page->arena, record, fault);
}

void near_hint(struct buffer *out, const struct page *page, const struct case_file *record, bool asked)
{
    size_t count = case_reports(record);
    html_format(out, "<div class=\"note\" role=\"status\" id=\"near-hint\"><p><strong>%ld %s</strong></p>\n<p>%s: ",
                (long)count, page_say(page, count == 1 ? WORD_NEAR_ONE : WORD_NEAR_MANY),
                page_say(page, WORD_NEAR_SINCE));
    page_moment(out, page, record->reported_at_ms);
    html_format(out, " · %s: %s</p>\n<p>%s</p>\n<input type=\"hidden\" name=\"" NEAR_KNOWN "\" value=\"1\"></div>\n",
                page_say(page, WORD_STATE), page_text(page, stage_words(record->state)),
                page_say(page, asked ? WORD_NEAR_JOIN : WORD_NEAR_WILL_JOIN));
}
