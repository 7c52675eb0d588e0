#include "ingest/web/page_parts.h"

#include "ingest/web/html.h"
#include "proto/base/timestamp.h"
#include "proto/book/zone.h"

const char *page_say(const struct page *page, enum word name)
{
    return word(page->language, name);
}

const char *page_text(const struct page *page, const struct book_text *text)
{
    return page->language == PAGE_ZH ? text->zh : text->en;
}

const char *page_code(enum page_language language)
{
    return language == PAGE_ZH ? "zh" : "en";
}

void page_moment(struct buffer *out, const struct page *page, int64_t at_ms)
{
    char text[TIMESTAMP_TEXT];
    timestamp_format(text, at_ms - at_ms % MS_PER_SECOND, zone_offset_minutes(page->book->zone, at_ms));
    html_format(out, "<time datetime=\"%s\">", text);
    text[10] = ' '; /* "2026-01-05 16:30": the district's own time, as on its clocks */
    text[16] = '\0';
    html_format(out, "%s</time>", text);
}

/* ---- what all pages share ---- */

void page_begin(struct buffer *out, const struct page *page, const char *title)
{
    enum page_language other = page->language == PAGE_ZH ? PAGE_EN : PAGE_ZH;
    html_format(out,
                "<!DOCTYPE html>\n"
                "<html lang=\"%s\">\n"
                "<head>\n"
                "<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"referrer\" content=\"no-referrer\">\n"
                "<title>%s · %s</title>\n"
                "<link rel=\"icon\" href=\"/shared/icon.svg\" type=\"image/svg+xml\">\n"
                "<link rel=\"stylesheet\" href=\"/shared/tokens.css\">\n"
                "<link rel=\"stylesheet\" href=\"/shared/base.css\">\n"
                "<link rel=\"stylesheet\" href=\"/ingest/report.css\">\n"
                "</head>\n"
                "<body>\n"
                "<header class=\"bar\"><a href=\"/?lang=%s\">%s</a> <a href=\"%s%s\" lang=\"%s\">%s</a></header>\n"
                "<main class=\"page stack\">\n",
                page_code(page->language), title, page_text(page, &page->book->name), page_code(page->language),
                page_text(page, &page->book->name), page->own_path ? page->own_path : "/?lang=", page_code(other),
                page_code(other), page_say(page, WORD_OTHER_LANGUAGE));
}

void page_end(struct buffer *out)
{
    buffer_text(out, "</main>\n</body>\n</html>\n");
}
