/* Log lines in logfmt on standard error, with the journal's level prefix ("<6>") when the journal reads it; otherwise with the time (UTC).
 *
 *     log_info("listening", "address=%s port=%u", address, port);
 *     → 2026-01-05T08:30:00.125Z drumtower-ingest level=info msg="listening" address=127.0.0.1 port=8311
 *
 * The logger is the one piece of global state. Values with spaces are quoted by the caller ("text=\"%s\"");
 * control characters are replaced, so that a hostile value cannot forge a line.
 */
#pragma once

enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARN = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

/* `program` must live as long as the process. Levels above `level` are dropped. */
void log_init(const char *program, enum log_level level);

/* "error", "warn", "info", "debug" → level; -EINVAL for anything else. */
int log_level_parse(const char *text, enum log_level *level);

void log_write(enum log_level level, const char *message, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_write(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)
