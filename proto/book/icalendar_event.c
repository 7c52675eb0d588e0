#include "proto/book/icalendar_event.h"

#include <stdlib.h>
#include <string.h>

enum {
    LINE_BYTES_MAX = 16000,
    RULE_BYTES_MAX = 200, /* with longer lists libical writes past its arrays */
    RULE_NUMBER_MAX = 30000,
    VALUES_MAX = 400, /* of what follows 500 in one line it says nothing */
};

/* What is known of an event while its lines are read. */
struct taking {
    struct icalendar_event *event;
    const struct icalendar_pick *pick;
    struct arena *arena;
    struct icalendar_problems *problems;
    size_t line;                       /* the one that is taken */
    bool cancelled, summary, category; /* the last two: as the pick wants them */
    int64_t end, duration;             /* DTEND's day; days */
    size_t end_line, duration_line;    /* 0: not there */
};

#define FAIL(taking, ...) ICALENDAR_PROBLEM((taking)->problems, (taking)->line, __VA_ARGS__)

/* ---- values ---- */

static struct icaltimetype time_of(const icalproperty *property)
{
    const icalvalue *value = icalproperty_get_value(property);
    switch (icalvalue_isa(value)) {
    case ICAL_DATE_VALUE:
        return icalvalue_get_date(value);
    case ICAL_DATETIME_VALUE:
        return icalvalue_get_datetime(value);
    default:
        return icaltime_null_time(); /* a period: told as a time of day */
    }
}

static bool take_day(struct taking *taking, const icalproperty *property, int64_t *day)
{
    return icalendar_day_of(taking->problems, taking->line, icalproperty_get_property_name(property), time_of(property),
                            day);
}

static void push_day(struct icalendar_day **list, struct arena *arena, int64_t day)
{
    struct icalendar_day *node = arena_alloc(arena, sizeof *node);
    *node = (struct icalendar_day){ day, *list };
    *list = node;
}

void icalendar_event_without(struct icalendar_event *event, struct arena *arena, int64_t day)
{
    push_day(&event->without, arena, day);
}

/* ---- properties ---- */

typedef void take_property(struct taking *taking, const icalproperty *property);

static void take_uid(struct taking *taking, const icalproperty *property)
{
    const char *uid = icalproperty_get_uid(property);
    taking->event->uid = arena_text(taking->arena, uid, strlen(uid));
}

static void take_status(struct taking *taking, const icalproperty *property)
{
    taking->cancelled = icalproperty_get_status(property) == ICAL_STATUS_CANCELLED;
}

static void take_summary(struct taking *taking, const icalproperty *property)
{
    if (taking->pick->summary && strstr(icalproperty_get_summary(property), taking->pick->summary))
        taking->summary = true;
}

static void take_category(struct taking *taking, const icalproperty *property)
{
    for (size_t i = 0; i < taking->pick->category_count; i++)
        if (strcmp(taking->pick->categories[i], icalproperty_get_categories(property)) == 0)
            taking->category = true;
}

/* One with a time of day is of a series that does not count either. */
static void take_instance(struct taking *taking, const icalproperty *property)
{
    if (!time_of(property).is_date)
        return;
    taking->event->is_instance = take_day(taking, property, &taking->event->instance_of);
    if (icalproperty_get_first_parameter((icalproperty *)property, ICAL_RANGE_PARAMETER))
        FAIL(taking, "RECURRENCE-ID with a RANGE; expected one instance, or a series of its own from there on");
}

static void take_start(struct taking *taking, const icalproperty *property)
{
    if (taking->event->days)
        FAIL(taking, "a second DTSTART in the event");
    else if (take_day(taking, property, &taking->event->first))
        taking->event->days = 1;
}

static void take_end(struct taking *taking, const icalproperty *property)
{
    if (take_day(taking, property, &taking->end))
        taking->end_line = taking->line;
}

static void take_duration(struct taking *taking, const icalproperty *property)
{
    const struct icaldurationtype duration = icalproperty_get_duration(property);
    taking->duration_line = taking->line;
    taking->duration = (int64_t)duration.weeks * 7 + duration.days;
    if (duration.is_neg || duration.hours || duration.minutes || duration.seconds)
        FAIL(taking, "DURATION is not a number of days; expected one such as P3D");
}

static void take_rule(struct taking *taking, const icalproperty *property)
{
    struct icalendar_rule *rule = arena_alloc(taking->arena, sizeof *rule);
    *rule = (struct icalendar_rule){ taking->line, icalproperty_get_rrule(property) };
    const char *problem = taking->event->rule ? "a second RRULE in the event" : icalendar_rule_problem(&rule->recur);
    rule->recur.rscale = NULL;
    taking->event->rule = rule;
    if (problem)
        FAIL(taking, "%s", problem);
}

static void take_more(struct taking *taking, const icalproperty *property)
{
    int64_t day;
    if (take_day(taking, property, &day))
        push_day(&taking->event->more, taking->arena, day);
}

static void take_without(struct taking *taking, const icalproperty *property)
{
    int64_t day;
    if (take_day(taking, property, &day))
        push_day(&taking->event->without, taking->arena, day);
}

static void refuse_rule(struct taking *taking, const icalproperty *property)
{
    (void)property;
    FAIL(taking, "EXRULE is not taken; expected EXDATE with the days themselves");
}

/* X(name, selects, take): those that select say whether the event counts; only then are the others looked at. */
#define PROPERTIES(X) \
    X("UID", true, take_uid) \
    X("STATUS", true, take_status) \
    X("SUMMARY", true, take_summary) \
    X("CATEGORIES", true, take_category) \
    X("RECURRENCE-ID", true, take_instance) \
    X("DTSTART", false, take_start) \
    X("DTEND", false, take_end) \
    X("DURATION", false, take_duration) \
    X("RRULE", false, take_rule) \
    X("RDATE", false, take_more) \
    X("EXDATE", false, take_without) \
    X("EXRULE", false, refuse_rule)

static const struct icalendar_property {
    const char *name;
    bool selects;
    take_property *take;
} properties[] = {
#define PROPERTY_ROW(name, selects, take) { name, selects, take },
    PROPERTIES(PROPERTY_ROW)
};

const struct icalendar_property *icalendar_property(const char *name)
{
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        if (strcmp(properties[i].name, name) == 0)
            return &properties[i];
    return NULL;
}

/* ---- lines ---- */

/* libical cuts larger numbers to the size of its own, without a word. */
static bool numbers_ok(const char *rule)
{
    static const char *const parts[] = { "COUNT=", "INTERVAL=" };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *at = strcasestr(rule, parts[i]);
        if (at && strtoul(at + strlen(parts[i]), NULL, 10) > RULE_NUMBER_MAX)
            return false;
    }
    return true;
}

bool icalendar_line_ok(struct icalendar_problems *problems, const struct icalendar_event_line *line)
{
    bool is_rule = line->property->take == take_rule;
    size_t length = strlen(line->text), values = 1, most = is_rule ? RULE_BYTES_MAX : LINE_BYTES_MAX;
    for (const char *at = line->text; (at = strchr(at, ',')); at++)
        values++;
    if (length > most || values > VALUES_MAX)
        ICALENDAR_PROBLEM(problems, line->line, "%s: %zu bytes, %zu values; expected at most %zu and %d in one line",
                          line->property->name, length, values, most, VALUES_MAX);
    else if (is_rule && !numbers_ok(line->text))
        ICALENDAR_PROBLEM(problems, line->line, "COUNT or INTERVAL is more than %d", RULE_NUMBER_MAX);
    else
        return true;
    return false;
}

/* As the only property of a component, so that what libical says of it can be told with its line. */
static icalcomponent *parse(const struct taking *taking, const char *text)
{
    char begin[] = "BEGIN:VEVENT", end[] = "END:VEVENT";
    icalparser *parser = icalparser_new();
    if (!parser)
        abort();
    icalparser_add_line(parser, begin);
    icalparser_add_line(parser, arena_text(taking->arena, text, strlen(text)));
    icalcomponent *component = icalparser_add_line(parser, end);
    icalparser_free(parser);
    return component;
}

static void take_line(struct taking *taking, const struct icalendar_event_line *line)
{
    icalcomponent *component = parse(taking, line->text);
    icalproperty *property = component ? icalcomponent_get_first_property(component, ICAL_XLICERROR_PROPERTY) : NULL;
    taking->line = line->line;
    if (!component || property) {
        FAIL(taking, "%s", property ? icalproperty_get_xlicerror(property) : "not a property");
    } else {
        property = icalcomponent_get_first_property(component, ICAL_ANY_PROPERTY);
        for (; property; property = icalcomponent_get_next_property(component, ICAL_ANY_PROPERTY))
            line->property->take(taking, property);
    }
    if (component)
        icalcomponent_free(component);
}

static void take_lines(struct taking *taking, const struct icalendar_event_line *lines, size_t count, bool selects)
{
    for (size_t i = 0; i < count && icalendar_goes_on(taking->problems); i++)
        if (lines[i].property->selects == selects)
            take_line(taking, &lines[i]);
}

static void settle_days(struct taking *taking)
{
    struct icalendar_event *event = taking->event;
    taking->line = taking->end_line ? taking->end_line : taking->duration_line ? taking->duration_line : event->line;
    if (!event->days) {
        FAIL(taking, "an event without DTSTART");
        return;
    }
    if (taking->end_line)
        event->days = taking->end == event->first ? 1 : taking->end - event->first; /* equal: a slip of many programs */
    else if (taking->duration_line)
        event->days = taking->duration;
    if (taking->end_line && taking->duration_line)
        FAIL(taking, "DTEND and DURATION in one event; expected one of them");
    else if (event->days < 1 || event->days > ICALENDAR_EVENT_DAYS_MAX)
        FAIL(taking, "the event lasts %lld days; expected 1 to %d", (long long)event->days, ICALENDAR_EVENT_DAYS_MAX);
}

void icalendar_event_take(struct icalendar_event *event, const struct icalendar_event_line *lines, size_t count,
                          const struct icalendar_pick *pick, struct arena *arena, struct icalendar_problems *problems)
{
    struct taking taking = { .event = event,
                             .pick = pick,
                             .arena = arena,
                             .problems = problems,
                             .summary = !pick->summary,
                             .category = !pick->category_count };
    size_t before = problems->count;
    event->uid = "";
    take_lines(&taking, lines, count, true);
    event->counts = taking.summary && taking.category && !taking.cancelled;
    if (!event->counts || problems->count != before)
        return;
    take_lines(&taking, lines, count, false);
    if (problems->count == before)
        settle_days(&taking);
}
