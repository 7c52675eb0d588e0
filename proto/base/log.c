#include "proto/base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proto/base/timestamp.h"

static struct {
    const char *program;
    enum log_level level;
    int journal;
} logger = { "drumtower", LOG_LEVEL_INFO, 0 };

static const struct {
    const char *name;
    enum log_level level;
} levels[] = {
    { "error", LOG_LEVEL_ERROR },
    { "warn", LOG_LEVEL_WARN },
    { "info", LOG_LEVEL_INFO },
    { "debug", LOG_LEVEL_DEBUG },
};

static const char *level_name(enum log_level level)
{
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (levels[i].level == level)
            return levels[i].name;
    return "info";
}

void log_init(const char *program, enum log_level level)
{
    logger.program = program;
    logger.level = level;
    logger.journal = getenv("JOURNAL_STREAM") != NULL;
}

int log_level_parse(const char *text, enum log_level *level)
{
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (strcmp(levels[i].name, text) == 0) {
            *level = levels[i].level;
            return 0;
        }
    return -EINVAL;
}

void log_write(enum log_level level, const char *message, const char *format, ...)
{
    if (level > logger.level)
        return;
    char line[2048];
    int used = 0;
    if (logger.journal) {
        used = snprintf(line, sizeof line, "<%d>", (int)level);
    } else {
        struct timespec
            now; /* the real time, also where a replay's clock is virtual: for whoever reads several logs at once */
        char text[TIMESTAMP_TEXT];
        clock_gettime(CLOCK_REALTIME, &now);
        timestamp_format(text, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, 0);
        used = snprintf(line, sizeof line, "%s ", text);
    }
    used += snprintf(line + used, sizeof line - (size_t)used, "%s level=%s msg=\"%s\"", logger.program,
                     level_name(level), message);
    if (*format && (size_t)used + 2 < sizeof line) {
        line[used++] = ' ';
        va_list args;
        va_start(args, format);
        int body = vsnprintf(line + used, sizeof line - (size_t)used, format, args);
        va_end(args);
        if (body > 0)
            used += body;
    }
    if ((size_t)used > sizeof line - 2)
        used = sizeof line - 2;
    for (int i = 0; i < used; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    line[used++] = '\n';
    /* One write per line keeps the lines of several threads whole. A log that cannot be written has nobody to tell. */
    ssize_t ignored = write(STDERR_FILENO, line, (size_t)used);
    (void)ignored;
}
