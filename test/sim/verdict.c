#include "test/sim/verdict.h"

#include <stdarg.h>
#include <stdio.h>

const char *const checker_names[CHECKER_COUNT] = {
#define CHECKER_NAME(name, text, promise) text,
    CHECKERS(CHECKER_NAME)
#undef CHECKER_NAME
};
const char *const checker_promises[CHECKER_COUNT] = {
#define CHECKER_PROMISE(name, text, promise) promise,
    CHECKERS(CHECKER_PROMISE)
#undef CHECKER_PROMISE
};

void verdict_fail(struct verdict *verdict, enum checker checker, int64_t case_id, const char *format, ...)
{
    char text[2000];
    va_list arguments;
    if (verdict->failed)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    verdict->failed = true;
    verdict->checker = checker;
    verdict->case_id = case_id;
    buffer_text(&verdict->text, text);
}

void verdict_finish(struct verdict *verdict)
{
    buffer_finish(&verdict->text);
    *verdict = (struct verdict){ 0 };
}
