/* What every daemon's command line and start have in common. */
#pragma once

#include "proto/base/args.h"
#include "proto/base/fault.h"

struct daemon_options {
    const char *data;               /* --data DIR */
    const char *book;               /* --book DIR */
    const char *listen;             /* --listen HOST:PORT; NULL for daemons without a door */
    int64_t bus_port;               /* --bus-port N: first of the ports between the processes */
    const char *tls_cert, *tls_key; /* --tls-cert, --tls-key FILE */
    const char *clock_file;         /* --clock-file FILE: virtual time, for replays */
    const char *log_level;          /* --log-level error|warn|info|debug */
    const char *pages;              /* --pages DIR: the built pages; default beside the program */
};

/* The rows for all of the above, to be put at the front of a program's own table. The bus has eight ports from its first one on. */
#define DAEMON_ARGS(options) \
    { "data", ARG_TEXT, &(options).data, "DIR", "data folder", 0, 0 }, \
        { "book", ARG_TEXT, &(options).book, "DIR", "district book", 0, 0 }, \
        { "bus-port", ARG_INT, &(options).bus_port, "N", "first port of the bus between the processes", 1, 65528 }, \
        { "clock-file", ARG_TEXT, &(options).clock_file, "FILE", "virtual clock shared with a replay", 0, 0 }, \
    { \
        "log-level", ARG_TEXT, &(options).log_level, "LEVEL", "error, warn, info or debug; default info", 0, 0 \
    }
#define DAEMON_DOOR_ARGS(options) \
    { "listen", ARG_TEXT, &(options).listen, "HOST:PORT", "address of the door", 0, 0 }, \
        { "pages", ARG_TEXT, &(options).pages, "DIR", "folder of the built pages", 0, 0 }, \
        { "tls-cert", ARG_TEXT, &(options).tls_cert, "FILE", "certificate chain (PEM); with --tls-key: HTTPS", 0, 0 }, \
    { \
        "tls-key", ARG_TEXT, &(options).tls_key, "FILE", "private key (PEM)", 0, 0 \
    }

/* Log, crypto, clock; checks that data and book are given. 0, ARGS_EXIT (help was printed) or <0: printed, exit with 2. */
int daemon_start(const struct arg_program *program, int argc, char **argv, struct daemon_options *options);

/* The folder of the built pages: --pages, or BUILD/pages for a program BUILD/part/drumtower-part. */
enum { DAEMON_PATH = 4096 };
void daemon_pages(const struct daemon_options *options, char out[DAEMON_PATH]);

/* As many open files as the system lets us have: doors and cameras have a connection each. daemon_start() does it. */
void daemon_raise_file_limit(void);

/* Prints a fault for a person on standard error, "name: text", and returns `code`, for main()'s one exit path. */
int daemon_fail(const char *program, int code, const struct fault *fault);
/* Exit status of a result: 0 → 0, anything else → 1. */
int daemon_exit_status(int result);
