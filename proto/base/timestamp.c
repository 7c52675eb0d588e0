#include "proto/base/timestamp.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": eras of 400 years, years that begin in March. */
int64_t civil_to_days(struct civil_date date)
{
    int64_t year = date.year - (date.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct civil_date civil_from_days(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    return (struct civil_date){
        .year = (int)(year_of_era + era * 400 + (month <= 2)),
        .month = month,
        .day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
    };
}

int civil_weekday(int64_t days)
{
    return (int)(((days + 3) % 7 + 7) % 7);
}

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

char *timestamp_format(char *out, int64_t at_ms, int offset_minutes)
{
    int64_t local = at_ms + (int64_t)offset_minutes * MS_PER_MINUTE;
    int64_t days = floor_div(local, MS_PER_DAY);
    int in_day = (int)(local - days * MS_PER_DAY);
    struct civil_date date = civil_from_days(days);
    int used = snprintf(out, TIMESTAMP_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d", date.year, date.month, date.day,
                        in_day / MS_PER_HOUR, in_day / MS_PER_MINUTE % 60, in_day / MS_PER_SECOND % 60);
    size_t room = TIMESTAMP_TEXT - (size_t)used;
    if (in_day % MS_PER_SECOND) {
        used += snprintf(out + used, room, ".%03d", in_day % MS_PER_SECOND);
        room = TIMESTAMP_TEXT - (size_t)used;
    }
    if (offset_minutes == 0)
        snprintf(out + used, room, "Z");
    else
        snprintf(out + used, room, "%c%02d:%02d", offset_minutes < 0 ? '-' : '+', abs(offset_minutes) / 60,
                 abs(offset_minutes) % 60);
    return out;
}

/* Exactly `digits` digits, moved past. */
static bool take_number(const char **at, int digits, int low, int high, int *value)
{
    int number = 0;
    for (int i = 0; i < digits; i++, (*at)++) {
        if (!isdigit((unsigned char)**at))
            return false;
        number = number * 10 + (**at - '0');
    }
    *value = number;
    return number >= low && number <= high;
}

static bool take(const char **at, char wanted)
{
    if (**at != wanted)
        return false;
    (*at)++;
    return true;
}

static bool take_date(const char **at, struct civil_date *date)
{
    if (!take_number(at, 4, 1, 9999, &date->year) || !take(at, '-') || !take_number(at, 2, 1, 12, &date->month) ||
        !take(at, '-') || !take_number(at, 2, 1, 31, &date->day))
        return false;
    struct civil_date same = civil_from_days(civil_to_days(*date));
    return same.day == date->day && same.month == date->month;
}

int civil_date_parse(const char *text, struct civil_date *date)
{
    return take_date(&text, date) && !*text ? 0 : -EINVAL;
}

static bool take_zone(const char **at, int *offset_minutes)
{
    if (take(at, 'Z') || take(at, 'z')) {
        *offset_minutes = 0;
        return true;
    }
    int sign = **at == '-' ? -1 : 1;
    if (**at != '+' && **at != '-')
        return true; /* none: the default stays */
    (*at)++;
    int hours, minutes = 0;
    if (!take_number(at, 2, 0, 23, &hours))
        return false;
    if (**at) {
        take(at, ':');
        if (!take_number(at, 2, 0, 59, &minutes))
            return false;
    }
    *offset_minutes = sign * (hours * 60 + minutes);
    return true;
}

int timestamp_parse(const char *text, int default_offset_minutes, int64_t *at_ms)
{
    struct civil_date date;
    int hour = 0, minute = 0, second = 0, milliseconds = 0, offset = default_offset_minutes;
    if (!take_date(&text, &date))
        return -EINVAL;
    if (*text) {
        if (!take(&text, 'T') && !take(&text, 't') && !take(&text, ' '))
            return -EINVAL;
        if (!take_number(&text, 2, 0, 23, &hour) || !take(&text, ':') || !take_number(&text, 2, 0, 59, &minute))
            return -EINVAL;
        if (take(&text, ':') && !take_number(&text, 2, 0, 60, &second)) /* 60: a leap second, told as the next one */
            return -EINVAL;
        if (take(&text, '.')) {
            int scale = 100;
            if (!isdigit((unsigned char)*text))
                return -EINVAL;
            for (; isdigit((unsigned char)*text); text++, scale /= 10)
                milliseconds += (*text - '0') * scale;
        }
        if (!take_zone(&text, &offset))
            return -EINVAL;
    }
    if (*text)
        return -EINVAL;
    *at_ms = civil_to_days(date) * MS_PER_DAY + (int64_t)hour * MS_PER_HOUR + (int64_t)minute * MS_PER_MINUTE +
             (int64_t)second * MS_PER_SECOND + milliseconds - (int64_t)offset * MS_PER_MINUTE;
    return 0;
}
