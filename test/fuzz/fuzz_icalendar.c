/* Holidays from an iCalendar file: days in the years that were asked for, or problems that name their line. */
#include <assert.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/book/icalendar.h"
#include "test/fuzz/fuzz.h"

static void take_problem(void *context, const char *error)
{
    fuzz_touch_text(error);
    ++*(size_t *)context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = { 0 };
    struct fault fault = { "" };
    size_t problems = 0;
    struct loader loader = { .arena = &arena, .report = take_problem, .context = &problems, .fault = &fault };
    struct icalendar found = { 0 };
    const struct icalendar_pick pick = { .window = { civil_to_days((struct civil_date){ 2000, 1, 1 }),
                                                     civil_to_days((struct civil_date){ 2099, 12, 31 }) } };
    icalendar_read(&loader, "days.ics", (struct bytes){ data, size }, &pick, &found);
    assert(!problems || (found.count == 0 && *fault.text)); /* none of its days may lie in these years */
    assert(problems <= ICALENDAR_PROBLEMS_MAX);
    for (size_t i = 0; i < found.count; i++) {
        const struct calendar_days *days = &found.spans[i].days;
        assert(days->from <= days->to && days->to >= pick.window.from && days->from <= pick.window.to);
    }
    arena_finish(&arena);
    return 0;
}
