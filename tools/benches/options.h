/* What the benches' command lines have in common; tools/bench fills in the peers' sockets. */
#pragma once

#include "proto/base/args.h"
#include "proto/book/book.h"
#include "tools/benches/verdict.h"

struct bench_options {
    const char *book, *folder;
    const char *postgres, *redis; /* sockets; NULL: this peer is left out */
    int64_t scale;                /* percent of the full size */
    int64_t seed;
    bool json;
    bool wrong_line; /* set by bench_begin(): the command line was */
};

#define BENCH_ARGS(options) \
    { "book", ARG_TEXT, &(options).book, "DIR", "district whose reports these are", 0, 0 }, \
        { "folder", ARG_TEXT, &(options).folder, "DIR", "where data may lie, on a disk", 0, 0 }, \
        { "scale", ARG_INT, &(options).scale, "PERCENT", "of the full size", 1, 1000 }, \
        { "seed", ARG_INT, &(options).seed, "N", "of the reports and of who does what", 0, 0 }, \
        { "postgres", ARG_TEXT, &(options).postgres, "DIR", "folder of PostgreSQL's socket, or HOST:PORT (ingest)", 0, 0 }, \
        { "redis", ARG_TEXT, &(options).redis, "FILE", "socket of Redis, or HOST:PORT (ingest)", 0, 0 }, \
    { \
        "json", ARG_FLAG, &(options).json, NULL, "one last line of JSON: figures, ratios, bars, bar_met", 0, 0 \
    }

/* The begin of every bench: command line, then the book that it names; `book` NULL: it wants none. 0, ARGS_EXIT (help was printed) or <0. */
int bench_begin(const struct arg_program *program, int argc, char **argv, struct bench_options *options,
                struct book **book, struct fault *fault);
/* The end of every bench: prints the verdict, or why there is none; the exit status: 0 measured (whether bars are met or
 * not) or nothing to measure (ARGS_EXIT), 1 failed,
 * 2 a wrong command line. */
int bench_end(const struct bench_options *options, const struct verdict *verdict, int result,
              const struct fault *fault);
