/* What the tests of the store share: folders of their own, and processes that are started, read from, killed. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

#include "proto/store/store.h"

/* cmocka setup and teardown: *state is a new folder, removed with all that is in it. */
int make_test_folder(void **state);
int remove_test_folder(void **state);

/* One fault for all: texts are only looked at in messages. */
#define assert_ok(call, fault) \
    do { \
        int result_ = (call); \
        if (result_) \
            fail_msg("%s: %d: %s", #call, result_, (fault)->text); \
    } while (0)

struct bytes as_bytes(const char *text);

/* A process of helper_program: store_helper (see there for what it does), or any other. */
struct helper {
    pid_t pid;
    FILE *lines;       /* its standard output */
    bool hears_errors; /* set before: its standard error, too */
};
/* argv: NULL-terminated, without the program. Fails the test where it cannot be started. */
void helper_start(struct helper *helper, const char *const *argv);
/* False at the end of its output. The line comes without its newline. */
bool helper_line(struct helper *helper, char *line, size_t size);
void helper_kill(struct helper *helper); /* -9; its output can still be read */
/* Waits for its end; returns its exit status, or -signal. */
int helper_wait(struct helper *helper);

/* Set by main() from argv[1]. */
extern const char *helper_program;
