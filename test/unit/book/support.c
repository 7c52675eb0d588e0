#include "support.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/buffer.h"
#include "proto/base/timestamp.h"

struct zone *zone_of(const char *name)
{
    struct fault fault = { "" };
    struct zone *zone;
    if (zone_open(name, &zone, &fault) < 0)
        fail_msg("%s", fault.text);
    return zone;
}

int64_t moment(const struct zone *zone, const char *text)
{
    int64_t at_ms;
    assert_int_equal(timestamp_parse(text, 0, &at_ms), 0);
    bool has_offset = strchr(text, '+') || strrchr(text, '-') > text + 8 || strchr(text, 'Z');
    return has_offset ? at_ms : zone_from_local_ms(zone, at_ms);
}

const char *clock_text(const struct zone *zone, int64_t at_ms, char out[40])
{
    char full[TIMESTAMP_TEXT];
    timestamp_format(full, zone_to_local_ms(zone, at_ms), 0);
    full[strlen(full) - 1] = '\0'; /* the Z */
    full[10] = ' ';
    size_t length = strlen(full);
    if (strcmp(full + length - 3, ":00") == 0)
        full[length - 3] = '\0';
    snprintf(out, 40, "%s", full);
    return out;
}

static int64_t day(int year, int month, int day_of_month)
{
    return civil_to_days((struct civil_date){ year, month, day_of_month });
}

struct calendar_rules china_rules(void)
{
    static const struct calendar_period periods[] = { { 8 * 60, 12 * 60 }, { 14 * 60, 18 * 60 } };
    static struct calendar_days holidays[3];
    static int64_t make_up[4];
    holidays[0] = (struct calendar_days){ day(2026, 5, 1), day(2026, 5, 5) }; /* in no order, as a book may have them */
    holidays[1] = (struct calendar_days){ day(2026, 1, 1), day(2026, 1, 3) };
    holidays[2] = (struct calendar_days){ day(2026, 2, 15), day(2026, 2, 23) };
    make_up[0] = day(2026, 5, 9);
    make_up[1] = day(2026, 1, 4);
    make_up[2] = day(2026, 2, 28);
    make_up[3] = day(2026, 2, 14);
    return (struct calendar_rules){ .weekend = 1u << 5 | 1u << 6,
                                    .periods = periods,
                                    .period_count = 2,
                                    .holidays = holidays,
                                    .holiday_count = 3,
                                    .make_up = make_up,
                                    .make_up_count = 4,
                                    .cut_off_minute = CALENDAR_NO_CUT_OFF };
}

struct calendar_rules city_rules(void)
{
    static const struct calendar_period office = { 8 * 60 + 30, 17 * 60 };
    return (struct calendar_rules){ .weekend = 1u << 5 | 1u << 6,
                                    .periods = &office,
                                    .period_count = 1,
                                    .cut_off_minute = 17 * 60,
                                    .cut_off_becomes_minute = 8 * 60 + 30 };
}

/* ---- books ---- */

static const char *const defaults[][2] = {
    { "district.yaml", "code: T\nname: 试区\nname_en: Test\ntime_zone: Asia/Shanghai\nlanguages: [zh, en]\n" },
    { "calendars.yaml", "calendars:\n  - {code: office, weekend: [saturday, sunday], periods: [{from: \"09:00\", to: "
                        "\"17:00\"}]}\n" },
    { "departments.yaml", "departments:\n  - {code: water, name: 水务, tier: district}\n"
                          "  - {code: station, name: 网格站, tier: community}\n" },
    { "areas.yaml", "areas:\n  - {code: d, name: 区, tier: district}\n"
                    "  - {code: s, name: 街道, tier: street, parent: d, department: station}\n"
                    "  - {code: g1, name: 网格一, tier: grid, parent: s}\n"
                    "  - {code: g2, name: 网格二, tier: grid, parent: d}\n" },
    { "services.yaml", "services:\n  - {code: P0101, name: 上水井盖, limit: 4 working_hour}\n"
                       "  - {code: E0101, name: 私搭乱建, limit: 2 clock_hour}\n" },
    { "routing.yaml", "rules:\n  - {services: [\"P*\"], department: water}\n" },
    { "people.yaml", "people:\n  - {id: w-1, name: 王, role: worker, department: station, areas: [g1]}\n" },
    { "cameras.yaml", "cameras: []\n" },
};

const char *book_folder_default(const char *file)
{
    size_t i = 0;
    while (strcmp(defaults[i][0], file) != 0)
        i++;
    return defaults[i][1];
}

void book_folder_write(const struct book_folder *folder, const char *file, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder->path, file);
    if (!text) {
        unlink(path);
        return;
    }
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

void book_folder_make(struct book_folder *folder)
{
    snprintf(folder->path, sizeof folder->path, "/tmp/drumtower-book-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        book_folder_write(folder, defaults[i][0], defaults[i][1]);
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info, (void)kind, (void)walk;
    return remove(path);
}

void book_folder_remove(const struct book_folder *folder)
{
    nftw(folder->path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

void errors_take(void *context, const char *error)
{
    struct errors *errors = context;
    size_t used = strlen(errors->text);
    snprintf(errors->text + used, sizeof errors->text - used, "%s\n", error);
    errors->count++;
}

struct book *book_of(const struct book_folder *folder, struct errors *errors)
{
    struct fault fault = { "" };
    struct book *book = NULL;
    *errors = (struct errors){ "" };
    int result = book_load(folder->path, &book, errors_take, errors, &fault);
    assert_int_equal(result<0, errors->count> 0);
    assert_int_equal(strncmp(fault.text, errors->text, strcspn(errors->text, "\n")), 0); /* the first one */
    return book;
}

/* "@" in `text` becomes the folder. */
static void expand(const char *text, const char *folder, char *out, size_t size)
{
    const char *at = strchr(text, '@');
    if (at)
        snprintf(out, size, "%.*s%s%s", (int)(at - text), text, folder, at + 1);
    else
        snprintf(out, size, "%s", text);
}

void expect_book_errors(const char *file, const char *text, const struct error_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct book_folder folder;
        struct errors errors;
        char expected[4000];
        book_folder_make(&folder);
        if (file)
            book_folder_write(&folder, file, text);
        book_folder_write(&folder, rows[i].file, rows[i].text);
        book_destroy(book_of(&folder, &errors));
        expand(rows[i].errors, folder.path, expected, sizeof expected);
        book_folder_remove(&folder);
        if (strcmp(errors.text, expected) != 0)
            fail_msg("%s:\n%s\nexpected:\n%s\ngot:\n%s", rows[i].file, rows[i].text ? rows[i].text : "(no file)",
                     expected, errors.text);
    }
}

void ics_calendar(const struct book_folder *folder, const char *keys)
{
    char yaml[600];
    snprintf(yaml, sizeof yaml,
             "calendars:\n  - code: c\n    weekend: [sunday]\n    periods: [{from: \"09:00\", to: \"17:00\"}]\n"
             "    ics: [{file: days.ics%s}]\n",
             keys);
    book_folder_write(folder, "calendars.yaml", yaml);
}

void ics_events(const struct book_folder *folder, const char *events)
{
    struct buffer text = { 0 };
    buffer_format(&text, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n%sEND:VCALENDAR\r\n", events);
    book_folder_write(folder, "days.ics", buffer_string(&text));
    buffer_finish(&text);
}

const char *source_root(void)
{
    const char *root = getenv("DRUMTOWER_SOURCE_ROOT");
    return root ? root : ".";
}

const char *test_data(void)
{
    static char folder[512];
    const char *given = getenv("DRUMTOWER_TEST_DATA");
    if (given && *given)
        snprintf(folder, sizeof folder, "%s", given);
    else
        snprintf(folder, sizeof folder, "%s/../shared/data", source_root());
    if (access(folder, R_OK) == 0 && setenv("DRUMTOWER_TEST_DATA", folder, 1) == 0)
        return folder;
    return NULL;
}
