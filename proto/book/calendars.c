/* calendars.yaml: working periods, holidays, make-up days; what they mean is in calendar.h. */
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/book/calendar.h"
#include "proto/book/icalendar.h"
#include "proto/book/loader.h"
#include "proto/book/schema.h"

static const cyaml_strval_t non_working_day_strings[] = { CALENDAR_NON_WORKING_DAYS(ENUM_STRING) };
static const cyaml_strval_t before_open_strings[] = { CALENDAR_BEFORE_OPENS(ENUM_STRING) };
static const cyaml_strval_t day_end_strings[] = { CALENDAR_DAY_ENDS(ENUM_STRING) };

struct raw_period {
    char *from, *to;
};

struct raw_holiday {
    char *from, *to, *name;
};

#define ICS_USES(X) \
    X(ICS, HOLIDAYS, "holidays") \
    X(ICS, MAKE_UP, "make_up")
enum ics_use { ICS_USES(ENUM_VALUE) };
static const cyaml_strval_t ics_use_strings[] = { ICS_USES(ENUM_STRING) };

struct raw_ics {
    char *file, *summary;
    enum ics_use as;
    char **categories;
    uint32_t categories_count;
    int64_t *from_year, *to_year;
};

struct raw_start {
    enum calendar_non_working_day non_working_day;
    char *cut_off, *cut_off_becomes;
    enum calendar_before_open before_open;
    enum calendar_day_end day_end;
};

struct raw_calendar {
    char *code, *time_zone;
    uint32_t weekend;
    struct raw_period *periods;
    uint32_t periods_count;
    struct raw_holiday *holidays;
    uint32_t holidays_count;
    char **make_up;
    uint32_t make_up_count;
    struct raw_ics *ics;
    uint32_t ics_count;
    struct raw_start *start;
};

struct raw_calendars {
    struct raw_calendar *calendars;
    uint32_t calendars_count;
};

#define RAW struct raw_period
static const cyaml_schema_field_t period_fields[] = { RAW_TEXT(from), RAW_TEXT(to), CYAML_FIELD_END };
static const cyaml_schema_value_t period_schema = RAW_ENTRY(period_fields);
#undef RAW
#define RAW struct raw_holiday
static const cyaml_schema_field_t holiday_fields[] = { RAW_TEXT(from), RAW_TEXT_OPTIONAL(to), RAW_TEXT_OPTIONAL(name),
                                                       CYAML_FIELD_END };
static const cyaml_schema_value_t holiday_schema = RAW_ENTRY(holiday_fields);
#undef RAW
#define RAW struct raw_ics
static const cyaml_schema_field_t ics_fields[] = { RAW_TEXT(file),
                                                   RAW_ENUM_OPTIONAL(as, ics_use_strings),
                                                   RAW_LIST_OPTIONAL(categories, &schema_text),
                                                   RAW_TEXT_OPTIONAL(summary),
                                                   RAW_INT_OR_DEFAULT(from_year),
                                                   RAW_INT_OR_DEFAULT(to_year),
                                                   CYAML_FIELD_END };
static const cyaml_schema_value_t ics_schema = RAW_ENTRY(ics_fields);
#undef RAW
#define RAW struct raw_start
static const cyaml_schema_field_t start_fields[] = { RAW_ENUM_OPTIONAL(non_working_day, non_working_day_strings),
                                                     RAW_TEXT_OPTIONAL(cut_off),
                                                     RAW_TEXT_OPTIONAL(cut_off_becomes),
                                                     RAW_ENUM_OPTIONAL(before_open, before_open_strings),
                                                     RAW_ENUM_OPTIONAL(day_end, day_end_strings),
                                                     CYAML_FIELD_END };
#undef RAW
#define RAW struct raw_calendar
static const cyaml_schema_field_t calendar_fields[] = { RAW_CODE(code),
                                                        RAW_TEXT_OPTIONAL(time_zone),
                                                        RAW_FLAGS_OPTIONAL(weekend, weekday_strings),
                                                        RAW_LIST(periods, &period_schema),
                                                        RAW_LIST_OPTIONAL(holidays, &holiday_schema),
                                                        RAW_LIST_OPTIONAL(make_up, &schema_text),
                                                        RAW_LIST_OPTIONAL(ics, &ics_schema),
                                                        RAW_MAPPING_OPTIONAL(start, start_fields),
                                                        CYAML_FIELD_END };
static const cyaml_schema_value_t calendar_schema = RAW_ENTRY(calendar_fields);
#undef RAW
#define RAW struct raw_calendars
static const cyaml_schema_field_t file_fields[] = { RAW_LIST(calendars, &calendar_schema), CYAML_FIELD_END };
static const cyaml_schema_value_t file_schema = RAW_FILE(file_fields);
#undef RAW

static int64_t take_day(struct loader *loader, struct spot spot, const char *text)
{
    struct civil_date date;
    if (civil_date_parse(text, &date) == 0)
        return civil_to_days(date);
    problem(loader, spot, "'%s' is not a day; expected one such as 2026-01-31", text);
    return 0;
}

static void take_periods(struct loader *loader, struct spot list, const struct raw_calendar *raw,
                         struct calendar_rules *rules)
{
    if (raw->periods_count < 1 || raw->periods_count > CALENDAR_PERIODS_MAX)
        problem(loader, list, "%u working periods; expected 1 to %d", raw->periods_count, CALENDAR_PERIODS_MAX);
    struct calendar_period *periods = loader_array(loader, raw->periods_count, sizeof *periods);
    int64_t last = 0;
    for (size_t i = 0; i < raw->periods_count; i++) {
        struct spot spot = spot_item(list, i);
        periods[i].from_minute = loader_minute(loader, spot_key(spot, "from"), raw->periods[i].from);
        periods[i].to_minute = loader_minute(loader, spot_key(spot, "to"), raw->periods[i].to);
        if (periods[i].to_minute <= periods[i].from_minute)
            problem(loader, spot,
                    "the period from %s to %s ends before it begins; expected two, to 24:00 and from 00:00",
                    raw->periods[i].from, raw->periods[i].to);
        else if (periods[i].from_minute < last)
            problem(loader, spot, "the period from %s begins before the one above it ends; expected them in order",
                    raw->periods[i].from);
        last = periods[i].to_minute;
    }
    rules->periods = periods;
    rules->period_count = raw->periods_count;
}

/* The days that the lists and files of one calendar give, in their order. */
struct said_days {
    struct buffer holidays;   /* struct calendar_days */
    struct buffer make_up;    /* int64_t */
    struct buffer make_up_at; /* struct place_in_file, of each of them */
};

static void say_make_up(struct said_days *said, int64_t day, struct place_in_file at)
{
    buffer_append(&said->make_up, &day, sizeof day);
    buffer_append(&said->make_up_at, &at, sizeof at);
}

static void take_holidays(struct loader *loader, struct spot list, const struct raw_calendar *raw,
                          struct said_days *said)
{
    for (size_t i = 0; i < raw->holidays_count; i++) {
        struct spot spot = spot_item(list, i);
        const struct raw_holiday *holiday = &raw->holidays[i];
        int64_t from = take_day(loader, spot_key(spot, "from"), holiday->from);
        int64_t to = holiday->to ? take_day(loader, spot_key(spot, "to"), holiday->to) : from;
        if (to < from)
            problem(loader, spot_key(spot, "to"), "'%s' is before the holiday's first day %s", holiday->to,
                    holiday->from);
        buffer_append(&said->holidays, &(struct calendar_days){ from, to }, sizeof(struct calendar_days));
    }
}

static void take_make_up(struct loader *loader, struct spot list, const struct raw_calendar *raw,
                         struct said_days *said)
{
    for (size_t i = 0; i < raw->make_up_count; i++) {
        struct spot spot = spot_item(list, i);
        say_make_up(said, take_day(loader, spot, raw->make_up[i]),
                    (struct place_in_file){ spot.source->name, spot_line(spot), spot_column(spot) });
    }
}

/* The first or last day of a year that `key` names. */
static int64_t take_year(struct loader *loader, struct spot spot, const char *key, const int64_t *given,
                         int64_t initial)
{
    int64_t year = given ? *given : initial;
    if (year < ICALENDAR_YEAR_FIRST || year > ICALENDAR_YEAR_LAST)
        problem(loader, spot_key(spot, key), "%s: %lld is not between %d and %d", key, (long long)year,
                ICALENDAR_YEAR_FIRST, ICALENDAR_YEAR_LAST);
    return year;
}

static void take_ics(struct loader *loader, struct spot spot, const struct raw_ics *raw, struct said_days *said)
{
    size_t before = loader->problem_count;
    int64_t from_year = take_year(loader, spot, "from_year", raw->from_year, CALENDAR_ICS_FROM_YEAR);
    int64_t to_year = take_year(loader, spot, "to_year", raw->to_year, CALENDAR_ICS_TO_YEAR);
    const struct icalendar_pick pick = {
        .categories = raw->categories,
        .category_count = raw->categories_count,
        .summary = raw->summary,
        .window = { civil_to_days((struct civil_date){ (int)from_year, 1, 1 }),
                    civil_to_days((struct civil_date){ (int)to_year, 12, 31 }) },
    };
    struct buffer bytes = { 0 };
    struct icalendar found = { 0 };
    if (to_year < from_year)
        problem(loader, spot_key(spot, "to_year"), "%lld is before the first year %lld", (long long)to_year,
                (long long)from_year);
    if (loader->problem_count == before && loader_read_named(loader, spot_key(spot, "file"), raw->file, &bytes))
        icalendar_read(loader, raw->file, buffer_view(&bytes), &pick, &found);
    for (size_t i = 0; i < found.count; i++) {
        const struct icalendar_span *span = &found.spans[i];
        if (raw->as == ICS_HOLIDAYS)
            buffer_append(&said->holidays, &span->days, sizeof span->days);
        for (int64_t day = span->days.from; raw->as == ICS_MAKE_UP && day <= span->days.to; day++)
            say_make_up(said, day, (struct place_in_file){ raw->file, span->line, 0 });
    }
    buffer_finish(&bytes);
}

static void take_start(struct loader *loader, struct spot spot, const struct raw_start *raw,
                       struct calendar_rules *rules)
{
    rules->cut_off_minute = CALENDAR_NO_CUT_OFF;
    if (!raw)
        return;
    rules->non_working_day = raw->non_working_day;
    rules->before_open = raw->before_open;
    rules->day_end = raw->day_end;
    if (!raw->cut_off != !raw->cut_off_becomes)
        problem(loader, spot, "cut_off and cut_off_becomes belong together; expected both or neither");
    if (!raw->cut_off || !raw->cut_off_becomes)
        return;
    rules->cut_off_minute = loader_minute(loader, spot_key(spot, "cut_off"), raw->cut_off);
    rules->cut_off_becomes_minute = loader_minute(loader, spot_key(spot, "cut_off_becomes"), raw->cut_off_becomes);
    if (rules->cut_off_becomes_minute >= rules->cut_off_minute)
        problem(loader, spot_key(spot, "cut_off_becomes"), "'%s' is not before the cut-off at %s", raw->cut_off_becomes,
                raw->cut_off);
}

/* A make-up day that works anyway is a slip of the pen: said, as it would silently change nothing. */
static void check_make_up(struct loader *loader, const struct calendar_rules *rules, const struct zone *zone,
                          const struct said_days *said)
{
    struct arena scratch = { 0 };
    struct calendar_rules without = *rules;
    without.make_up_count = 0;
    const struct calendar *plain = calendar_make(&scratch, "", zone, &without);
    const struct place_in_file *at = (const struct place_in_file *)said->make_up_at.bytes;
    for (size_t i = 0; i < rules->make_up_count; i++) {
        const struct civil_date date = civil_from_days(rules->make_up[i]);
        if (calendar_is_working_day(plain, rules->make_up[i]))
            problem_at(loader, at[i], "'%04d-%02d-%02d' is a working day already; expected a holiday or a week-end day",
                       date.year, date.month, date.day);
    }
    arena_finish(&scratch);
}

static void check_working_time(struct loader *loader, struct spot spot, const struct calendar *calendar,
                               const struct calendar_rules *rules)
{
    bool works = rules->weekend != (1u << WEEKDAY_COUNT) - 1;
    for (size_t i = 0; works && i < rules->holiday_count; i++)
        works = calendar_working_day_from(calendar, rules->holidays[i].from) != INT64_MAX;
    if (!works)
        problem(loader, spot, "calendar '%s' has no working time for 3 years or more; expected some working day",
                calendar_code(calendar));
}

static void take_days(struct loader *loader, struct spot spot, const struct raw_calendar *raw, struct said_days *said,
                      struct calendar_rules *rules)
{
    take_holidays(loader, spot_key(spot, "holidays"), raw, said);
    take_make_up(loader, spot_key(spot, "make_up"), raw, said);
    for (size_t i = 0; i < raw->ics_count; i++)
        take_ics(loader, spot_entry(spot, "ics", i), &raw->ics[i], said);
    rules->holidays = (const struct calendar_days *)said->holidays.bytes;
    rules->holiday_count = said->holidays.size / sizeof *rules->holidays;
    rules->make_up = (const int64_t *)said->make_up.bytes;
    rules->make_up_count = said->make_up.size / sizeof *rules->make_up;
}

static const struct calendar *take_calendar(struct loader *loader, struct spot spot, const struct raw_calendar *raw)
{
    size_t before = loader->problem_count;
    struct said_days said = { 0 };
    struct calendar_rules rules = { .weekend = raw->weekend };
    const struct zone *zone =
        raw->time_zone ? loader_zone(loader, spot_key(spot, "time_zone"), raw->time_zone) : loader->book->zone;
    take_periods(loader, spot_key(spot, "periods"), raw, &rules);
    take_days(loader, spot, raw, &said, &rules);
    take_start(loader, spot_key(spot, "start"), raw->start, &rules);
    /* After a problem the calendar is only a name for others to refer to: nothing is computed with it. */
    static const struct calendar_period whole_day = { 0, 24 * 60 };
    if (loader->problem_count != before)
        rules = (struct calendar_rules){ .periods = &whole_day, .period_count = 1 };
    const struct calendar *calendar = calendar_make(loader->arena, raw->code, zone, &rules);
    if (loader->problem_count == before) {
        check_make_up(loader, &rules, zone, &said);
        check_working_time(loader, spot, calendar, &rules);
    }
    buffer_finish(&said.holidays);
    buffer_finish(&said.make_up);
    buffer_finish(&said.make_up_at);
    return calendar;
}

void calendars_load(struct loader *loader)
{
    struct raw_calendars *raw = loader_open(loader, BOOK_FILE_CALENDARS, &file_schema);
    if (!raw)
        return;
    struct spot list = spot_key(loader_spot(loader, BOOK_FILE_CALENDARS), "calendars");
    size_t count = raw->calendars_count;
    const struct calendar **calendars = loader_array(loader, count, sizeof *calendars);
    struct calendar_entry *entries = loader_array(loader, count, sizeof *entries);
    for (size_t i = 0; i < count; i++) {
        calendars[i] = take_calendar(loader, spot_item(list, i), &raw->calendars[i]);
        entries[i] = (struct calendar_entry){ calendar_code(calendars[i]), calendars[i],
                                              loader_rule(loader, spot_item(list, i)) };
    }
    if (!count)
        problem(loader, list, "the list is empty; expected at least one calendar");
    loader->book->calendars = calendars;
    loader->book->calendar_count = count;
    loader_index(loader, &loader->loaded->calendars, entries, count, sizeof *entries, list, "code");
    loader_close(&file_schema, raw);
}
