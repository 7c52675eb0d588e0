#include "proto/base/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fault_set(struct fault *fault, int code, const char *format, ...)
{
    if (fault) {
        va_list args;
        va_start(args, format);
        vsnprintf(fault->text, sizeof fault->text, format, args);
        va_end(args);
    }
    return code;
}

int fault_prefix(struct fault *fault, int code, const char *format, ...)
{
    if (fault) {
        struct fault old = *fault;
        va_list args;
        va_start(args, format);
        int length = vsnprintf(fault->text, sizeof fault->text, format, args);
        va_end(args);
        if (length >= 0 && (size_t)length + 2 < sizeof fault->text)
            snprintf(fault->text + length, sizeof fault->text - (size_t)length, ": %s", old.text);
    }
    return code;
}
