/* Work in a child that can touch nothing: what comes back, and what ends it. */
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tools/drumctl/apart.h"

static const struct apart_limits limits = { .seconds = 60, .memory_bytes = 1 << 30, .answer_bytes = 1 << 20 };

/* A megabyte: more than a pipe holds. */
static int say_much(void *context, struct buffer *answer, struct fault *fault)
{
    (void)fault;
    for (int i = 0; i < 1 << 17; i++)
        buffer_text(answer, context);
    return 0;
}

static void the_answer_comes_back_whole(void **state)
{
    (void)state;
    struct buffer answer = { 0 };
    struct fault fault = { "" };
    buffer_text(&answer, "before:");
    assert_int_equal(apart_run(say_much, (void *)(uintptr_t) "12345678", &limits, &answer, &fault), 0);
    assert_int_equal(answer.size, 7 + (1 << 20));
    assert_memory_equal(answer.bytes, "before:1234567812345678", 23);
    buffer_finish(&answer);
}

static void more_than_agreed_is_refused(void **state)
{
    (void)state;
    struct buffer answer = { 0 };
    struct fault fault = { "" };
    assert_int_equal(apart_run(say_much, (void *)(uintptr_t) "123456789", &limits, &answer, &fault), -EMSGSIZE);
    assert_int_equal(answer.size, 0);
}

static int give_up(void *context, struct buffer *answer, struct fault *fault)
{
    buffer_text(answer, "half an answer");
    return fault_set(fault, -EDOM, "not with %s", (const char *)context);
}

static void a_fault_comes_back_as_a_fault(void **state)
{
    (void)state;
    struct buffer answer = { 0 };
    struct fault fault = { "" };
    assert_int_equal(apart_run(give_up, (void *)(uintptr_t) "me", &limits, &answer, &fault), -EDOM);
    assert_string_equal(fault.text, "not with me");
    assert_int_equal(answer.size, 0);
}

/* The answer: a letter for each thing that could be done. */
static int try_everything(void *context, struct buffer *answer, struct fault *fault)
{
    (void)fault;
    const int *fds = context;
    char byte;
    const bool done[] = {
        socket(AF_INET, SOCK_STREAM, 0) >= 0, socket(AF_UNIX, SOCK_STREAM, 0) >= 0, open("/etc/passwd", O_RDONLY) >= 0,
        write(fds[1], "x", 1) == 1,           read(STDIN_FILENO, &byte, 1) >= 0,
    };
    for (size_t i = 0; i < sizeof done; i++)
        buffer_text(answer, done[i] ? "y" : "n");
    return 0;
}

static void it_has_no_network_and_no_files(void **state)
{
    (void)state;
    struct buffer answer = { 0 };
    struct fault fault = { "" };
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(apart_run(try_everything, fds, &limits, &answer, &fault), 0);
    assert_string_equal(buffer_string(&answer), "nnnnn");
    assert_int_equal(try_everything(fds, &answer, &fault), 0); /* and without: the trial is one */
    assert_memory_equal(buffer_string(&answer), "nnnnnyyyy", 9);
    buffer_finish(&answer);
    close(fds[0]);
    close(fds[1]);
}

static int never_end(void *context, struct buffer *answer, struct fault *fault)
{
    (void)answer;
    (void)fault;
    volatile bool ends = false;
    while (!ends)
        if (context)
            pause();
    return 0;
}

static void what_does_not_end_is_ended(void **state)
{
    (void)state;
    struct buffer answer = { 0 };
    struct fault fault = { "" };
    const struct apart_limits short_time = { .seconds = 1, .memory_bytes = 1 << 30, .answer_bytes = 100 };
    assert_int_equal(apart_run(never_end, &answer, &short_time, &answer, &fault), -ETIME); /* asleep */
    assert_string_equal(fault.text, "not done within 1 s");
    assert_int_equal(apart_run(never_end, NULL, &short_time, &answer, &fault), -ETIME); /* busy */
}

static int take_memory(void *context, struct buffer *answer, struct fault *fault)
{
    (void)context;
    (void)fault;
    enum { PIECE = 1 << 24 };
    while (answer->size < SIZE_MAX / 8) {
        memset(buffer_reserve(answer, PIECE), 1, PIECE);
        answer->size += PIECE;
    }
    return 0;
}

static void memory_has_an_end(void **state)
{
    (void)state;
    struct buffer answer = { 0 };
    struct fault fault = { "" };
    const struct apart_limits little = { .seconds = 60, .memory_bytes = 256 << 20, .answer_bytes = 100 };
    assert_int_equal(apart_run(take_memory, NULL, &little, &answer, &fault), -ECHILD);
    assert_non_null(strstr(fault.text, "it may use 256 MB"));
}

static int vanish(void *context, struct buffer *answer, struct fault *fault)
{
    (void)context;
    (void)answer;
    (void)fault;
    _exit(0);
}

static void an_end_without_an_answer_is_an_error(void **state)
{
    (void)state;
    struct buffer answer = { 0 };
    struct fault fault = { "" };
    assert_int_equal(apart_run(vanish, NULL, &limits, &answer, &fault), -ECHILD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_comes_back_whole),          cmocka_unit_test(more_than_agreed_is_refused),
        cmocka_unit_test(a_fault_comes_back_as_a_fault),        cmocka_unit_test(it_has_no_network_and_no_files),
        cmocka_unit_test(what_does_not_end_is_ended),           cmocka_unit_test(memory_has_an_end),
        cmocka_unit_test(an_end_without_an_answer_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
