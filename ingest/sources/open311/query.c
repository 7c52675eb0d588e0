#include "ingest/sources/open311/query.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/book/zone.h"

static const int64_t SPAN_MS = QUERY_SPAN_DAYS * (int64_t)MS_PER_DAY;

uint64_t query_id(const char *text, size_t length)
{
    uint64_t id = 0;
    if (length == 0 || length > 18 || *text == '0')
        return 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        id = id * 10 + (uint64_t)(text[i] - '0');
    }
    return id;
}

/* Cuts "a,b,,c" into its texts, without the empty ones. */
static const char *const *split(const char *text, struct arena *arena, size_t *count)
{
    const char **items = arena_array(arena, strlen(text) / 2 + 1, sizeof *items);
    *count = 0;
    for (;;) {
        size_t length = strcspn(text, ",");
        if (length)
            items[(*count)++] = arena_text(arena, text, length);
        if (!text[length])
            return items;
        text += length + 1;
    }
}

static int parse_ids(const char *text, struct arena *arena, const uint64_t **out, size_t *count, struct fault *fault)
{
    const char *const *items = split(text, arena, count);
    if (*count > QUERY_ROWS_MAX)
        return fault_set(fault, -EINVAL, "service_request_id: %zu ids, at most %d at once", *count, QUERY_ROWS_MAX);
    uint64_t *ids = arena_array(arena, *count + 1, sizeof *ids);
    for (size_t i = 0; i < *count; i++)
        if (!(ids[i] = query_id(items[i], strlen(items[i]))))
            return fault_set(fault, -EINVAL, "service_request_id '%.40s' is not an id of this server", items[i]);
    *out = ids;
    return 0;
}

static int parse_status(const char *text, struct arena *arena, struct reports_query *filters, struct fault *fault)
{
    size_t count;
    const char *const *items = split(text, arena, &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(items[i], "open") == 0)
            filters->open = true;
        else if (strcmp(items[i], "closed") == 0)
            filters->closed = true;
        else
            return fault_set(fault, -EINVAL, "status '%.40s' is neither open nor closed", items[i]);
    }
    return 0;
}

/* A span of time as two arguments. */
struct span {
    const char *from_name, *from, *to_name, *to;
};

/* In an address "+08:00" comes as " 08:00" from whoever did not escape it. */
static const char *with_plus(const char *text, char out[TIMESTAMP_TEXT])
{
    size_t length = strlen(text);
    char *blank = NULL;
    if (length < TIMESTAMP_TEXT && strchr(text, 'T')) {
        memcpy(out, text, length + 1);
        blank = strrchr(out, ' ');
    }
    if (blank)
        *blank = '+';
    return blank ? out : text;
}

static int parse_moment(const char *name, const char *text, const struct zone *zone, int64_t *at_ms,
                        struct fault *fault)
{
    char mended[TIMESTAMP_TEXT];
    if (text && *text && zone_parse(zone, with_plus(text, mended), at_ms) < 0)
        return fault_set(fault, -EINVAL, "%s '%.40s' is not a W3C date and time like 2026-01-05T08:30:00+08:00", name,
                         text);
    return 0;
}

/* Our moments are told in whole seconds: the last one counts to its end. */
static int parse_span(const struct span *span, const struct zone *zone, int64_t now_ms, int64_t *from, int64_t *to,
                      struct fault *fault)
{
    int64_t from_ms = INT64_MIN, to_ms = INT64_MIN;
    if (parse_moment(span->from_name, span->from, zone, &from_ms, fault) < 0 ||
        parse_moment(span->to_name, span->to, zone, &to_ms, fault) < 0)
        return -EINVAL;
    if (to_ms == INT64_MIN)
        to_ms = from_ms == INT64_MIN ? now_ms : from_ms + SPAN_MS;
    else
        to_ms += MS_PER_SECOND - 1 - to_ms % MS_PER_SECOND;
    if (from_ms == INT64_MIN)
        from_ms = to_ms - SPAN_MS;
    if (from_ms > to_ms)
        return fault_set(fault, -EINVAL, "%s '%.40s' is after %s '%.40s'", span->from_name, span->from, span->to_name,
                         span->to);
    if (to_ms - from_ms >= SPAN_MS + MS_PER_SECOND)
        return fault_set(fault, -EINVAL, "%s and %s may not span more than %d days", span->from_name, span->to_name,
                         QUERY_SPAN_DAYS);
    *from = from_ms;
    *to = to_ms;
    return 0;
}

static int parse_dates(const struct query_texts *texts, const struct zone *zone, int64_t now_ms, int64_t *from,
                       int64_t *to, struct fault *fault)
{
    return parse_span(&(struct span){ "start_date", texts->start, "end_date", texts->end }, zone, now_ms, from, to,
                      fault);
}

static bool is_given(const char *text)
{
    return text && *text;
}

/* A span of updates is about reports of whatever time, unless dates are given too. */
static int parse_spans(const struct query_texts *texts, const struct zone *zone, int64_t now_ms,
                       struct reports_query *filters, struct fault *fault)
{
    if (!is_given(texts->updated_after) && !is_given(texts->updated_before))
        return parse_dates(texts, zone, now_ms, &filters->from_ms, &filters->to_ms, fault);
    int result =
        parse_span(&(struct span){ "updated_after", texts->updated_after, "updated_before", texts->updated_before },
                   zone, now_ms, &filters->updated_from_ms, &filters->updated_to_ms, fault);
    filters->from_ms = INT64_MIN;
    filters->to_ms = INT64_MAX;
    return result || (!is_given(texts->start) && !is_given(texts->end))
               ? result
               : parse_dates(texts, zone, now_ms, &filters->from_ms, &filters->to_ms, fault);
}

static int parse_count(const char *name, const char *text, int64_t most, int64_t *count, struct fault *fault)
{
    if (!text || !*text)
        return 0;
    char *end;
    *count = strtoll(text, &end, 10);
    if (*end || *text < '0' || *text > '9' || *count < 1 || *count > most)
        return fault_set(fault, -EINVAL, "%s '%.40s' is not a number from 1 to %d", name, text, (int)most);
    return 0;
}

static int parse_page(const struct query_texts *texts, size_t *skip, size_t *take, struct fault *fault)
{
    int64_t page = 1, size = QUERY_ROWS_MAX;
    if (parse_count("page", texts->page, 1000000, &page, fault) < 0 ||
        parse_count("page_size", texts->page_size, QUERY_ROWS_MAX, &size, fault) < 0)
        return -EINVAL;
    *skip = (size_t)(page - 1) * (size_t)size;
    *take = (size_t)size;
    return 0;
}

int query_parse(const struct query_texts *texts, const struct zone *zone, int64_t now_ms, struct arena *arena,
                struct query *query, struct fault *fault)
{
    *query = (struct query){ 0 };
    if (is_given(texts->ids))
        return parse_ids(texts->ids, arena, &query->ids, &query->id_count, fault);
    struct reports_query *filters = &query->filters;
    if (texts->services)
        filters->services = split(texts->services, arena, &filters->service_count);
    int result = texts->status ? parse_status(texts->status, arena, filters, fault) : 0;
    if (!filters->open && !filters->closed)
        filters->open = filters->closed = true;
    if (!result)
        result = parse_spans(texts, zone, now_ms, filters, fault);
    return result ? result : parse_page(texts, &filters->skip, &filters->take, fault);
}

int query_parse_updates(const struct query_texts *texts, const struct zone *zone, int64_t now_ms, struct arena *arena,
                        struct reports_updates_query *query, struct fault *fault)
{
    *query = (struct reports_updates_query){ 0 };
    int result = is_given(texts->ids) ? parse_ids(texts->ids, arena, &query->reports, &query->report_count, fault) : 0;
    if (!result)
        result = parse_dates(texts, zone, now_ms, &query->from_ms, &query->to_ms, fault);
    return result ? result : parse_page(texts, &query->skip, &query->take, fault);
}
