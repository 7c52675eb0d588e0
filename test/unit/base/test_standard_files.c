/* What a program does whose caller closed standard files. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/base/standard_files.h"

/* The exit status of `program` in a process of its own, without the standard files from `first` on. */
static int without_files_from(int first, int (*program)(void))
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        for (int fd = first; fd <= STDERR_FILENO; fd++)
            close(fd);
        _exit(standard_files_hold() < 0 ? 100 : program());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int open_a_file(void)
{
    return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static void a_file_never_gets_the_number_of_a_standard_file(void **state)
{
    (void)state;
    assert_true(without_files_from(STDIN_FILENO, open_a_file) > STDERR_FILENO);
    assert_true(without_files_from(STDOUT_FILENO, open_a_file) > STDERR_FILENO);
    assert_true(without_files_from(STDERR_FILENO, open_a_file) > STDERR_FILENO);
}

static int print_something(void)
{
    struct fault fault = { "" };
    puts("something");
    return standard_output_finish(&fault) == -EBADF && *fault.text ? 0 : 1;
}

static int print_nothing(void)
{
    return standard_output_finish(NULL) ? 1 : 0;
}

static void what_is_printed_to_nobody_is_told(void **state)
{
    (void)state;
    assert_int_equal(without_files_from(STDOUT_FILENO, print_something), 0);
    assert_int_equal(without_files_from(STDOUT_FILENO, print_nothing), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_never_gets_the_number_of_a_standard_file),
        cmocka_unit_test(what_is_printed_to_nobody_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
