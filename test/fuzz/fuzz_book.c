/* A district's book: loaded, or refused with problems that have a place. A loaded one answers whatever it is asked.
 *
 * Input: the files, each behind a line "=== NAME"; those that it has not are a small book's. Only names of a book, and of the files
 * that the small book may name, are written: an input does not choose where. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/timestamp.h"
#include "proto/book/calendar.h"
#include "proto/book/permit.h"
#include "proto/book/route_cases.h"
#include "proto/book/sources.h"
#include "test/fuzz/fuzz.h"
#include "test/unit/book/support.h"

static const char *const names[] = {
    "district.yaml", "calendars.yaml", "departments.yaml", "areas.yaml", "services.yaml",
    "routing.yaml",  "people.yaml",    "cameras.yaml",     "wall.yaml",  "sources.yaml",
    "days.ics",      "grids.geojson",  "holidays.ics",     "table.csv",  "routes.test.yaml",
};
enum { NAME_COUNT = sizeof names / sizeof *names, BASE_COUNT = 8 /* that every book has */ };
static const char mark[] = "=== ";
static const int64_t NOW_MS = 1767600000000; /* 2026-01-05T08:00:00Z */

/* ---- the folder ---- */

static struct book_folder folder;
static bool is_own[NAME_COUNT]; /* of the input, not the small book's */

static void remove_folder(void)
{
    book_folder_remove(&folder);
}

/* A file system may wait for the disk where a file is cut to nothing, but not where a new one is made. */
static void write_file(size_t index, struct bytes text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder.path, names[index]);
    unlink(path);
    FILE *file = fopen(path, "we");
    assert(file && fwrite(text.data, 1, text.size, file) == text.size && fclose(file) == 0);
    is_own[index] = true;
}

static void reset_folder(void)
{
    for (size_t i = 0; i < NAME_COUNT; i++)
        if (is_own[i]) {
            book_folder_write(&folder, names[i], NULL);
            if (i < BASE_COUNT)
                book_folder_write(&folder, names[i], book_folder_default(names[i]));
            is_own[i] = false;
        }
}

static const uint8_t *next_mark(struct bytes rest)
{
    const uint8_t *at = rest.data, *end = rest.data + rest.size;
    while (at < end) {
        if ((size_t)(end - at) >= sizeof mark - 1 && memcmp(at, mark, sizeof mark - 1) == 0)
            return at;
        const uint8_t *line = memchr(at, '\n', (size_t)(end - at));
        at = line ? line + 1 : end;
    }
    return end;
}

static void write_files(struct bytes rest)
{
    struct arena arena = { 0 };
    const uint8_t *end = rest.data + rest.size;
    for (rest.data = next_mark(rest); rest.data < end;) {
        rest.size = (size_t)(end - rest.data);
        const char *name = fuzz_line(&rest, &arena) + sizeof mark - 1;
        const uint8_t *stop = next_mark(rest);
        for (size_t i = 0; i < NAME_COUNT; i++)
            if (strcmp(name, names[i]) == 0)
                write_file(i, (struct bytes){ rest.data, (size_t)(stop - rest.data) });
        rest.data = stop;
    }
    arena_finish(&arena);
}

/* ---- the questions ---- */

static void take_advice(void *context, const char *advice)
{
    (void)context;
    fuzz_touch_text(advice);
}

static void ask_calendar(const struct calendar *calendar)
{
    static const int64_t moments_ms[] = { 1767600000000, 0, 4102444800000 };
    for (size_t i = 0; i < sizeof moments_ms / sizeof *moments_ms; i++)
        for (int unit = 0; unit < (int)limit_unit_desc.count; unit++) {
            int64_t from = moments_ms[i];
            int64_t to = calendar_deadline(calendar, from, (enum limit_unit)unit, 3);
            assert(unit == UNIT_NONE ? to == 0 : to >= from);
            if (to > from && to < INT64_MAX)
                assert(calendar_after_pause(calendar, to, (enum limit_unit)unit, from, from + 1000) >= to);
        }
}

static void ask_routes(const struct book *book)
{
    for (size_t i = 0; i < book->service_count; i++) {
        struct case_file record = { .service = book->services[i].code,
                                    .condition = book->services[i].conditions[0].code,
                                    .department = "",
                                    .number = "n" };
        const struct book_department *department = NULL;
        record.place.area = book->area_count ? book->areas[i % book->area_count].code : "";
        const struct book_route *route = book_route(book, &record, NOW_MS, &department);
        assert(!route || department);
    }
}

static void ask_people(const struct book *book)
{
    for (size_t i = 0; i < book->person_count; i++) {
        fuzz_touch_text(book->people[i].id);
        book_on_duty(book, &book->people[i], NOW_MS);
        assert(book_person(book, book->people[i].id));
    }
}

static void ask(const struct book *book)
{
    struct route_cases cases = { .count = 0 };
    struct fault fault = { "" };
    char path[128];
    for (size_t i = 0; i < book->calendar_count; i++)
        ask_calendar(book->calendars[i]);
    ask_routes(book);
    ask_people(book);
    book_locate(book, 39.9, 116.4);
    fuzz_touch_text(book_geojson(book));
    book_advise(book, NOW_MS, take_advice, NULL);
    snprintf(path, sizeof path, "%s/routes.test.yaml", folder.path);
    route_cases_read(book, path, &cases, take_advice, NULL, &fault);
    route_cases_finish(&cases);
}

static void take_problem(void *context, const char *problem)
{
    fuzz_touch_text(problem);
    ++*(size_t *)context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct book *book = NULL;
    struct fault fault = { "" };
    size_t problems = 0;
    if (!*folder.path) {
        fuzz_quiet();
        book_folder_make(&folder);
        atexit(remove_folder);
    }
    reset_folder();
    write_files((struct bytes){ data, size });
    int result = book_load(folder.path, &book, take_problem, &problems, &fault);
    assert(result == 0 ? !problems : problems && *fault.text);
    if (!result)
        ask(book);
    book_destroy(book);
    return 0;
}
