/* Who is on duty: shifts in the district's local time. */
#include "proto/base/timestamp.h"
#include "proto/book/book.h"
#include "proto/book/calendar.h"
#include "proto/book/zone.h"

/* A shift belongs to the day on which it begins. */
static bool begins_on(const struct book_shift *shift, int64_t day)
{
    return (!shift->weekdays || shift->weekdays >> civil_weekday(day) & 1) &&
           (!shift->calendar || calendar_is_working_day(shift->calendar, day));
}

static bool shift_holds(const struct book_shift *shift, int64_t day, int64_t minute)
{
    if (shift->from_minute < shift->to_minute)
        return minute >= shift->from_minute && minute < shift->to_minute && begins_on(shift, day);
    return (minute >= shift->from_minute && begins_on(shift, day)) ||
           (minute < shift->to_minute && begins_on(shift, day - 1));
}

bool book_on_duty(const struct book *book, const struct book_person *person, int64_t at_ms)
{
    int64_t local = zone_to_local_ms(book->zone, at_ms);
    int64_t day = local / MS_PER_DAY - (local % MS_PER_DAY < 0);
    int64_t minute = (local - day * MS_PER_DAY) / MS_PER_MINUTE;
    for (size_t i = 0; i < person->shift_count; i++)
        if (shift_holds(&person->shifts[i], day, minute))
            return true;
    return !person->shift_count;
}
