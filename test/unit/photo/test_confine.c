/* What a confined process cannot do. Each attempt is made in a process of its own, which is ended for it. */
#include "proto/photo/confine.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { FINE = 0, COULD_NOT = 7 };

static int think(void)
{
    char *memory = malloc(1 << 20);
    if (!memory)
        return COULD_NOT;
    for (size_t i = 0; i < 1 << 20; i++)
        memory[i] = (char)i;
    free(memory);
    return write(STDOUT_FILENO, "", 0) == 0 ? FINE : COULD_NOT;
}

static int open_a_file(void)
{
    return open("/etc/passwd", O_RDONLY) >= 0 ? FINE : COULD_NOT;
}

static int open_a_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0 ? FINE : COULD_NOT;
}

static int start_a_process(void)
{
    return fork() >= 0 ? FINE : COULD_NOT;
}

static int execute_another(void)
{
    return execl("/bin/true", "true", NULL) == 0 ? FINE : COULD_NOT;
}

static int signal_the_parent(void)
{
    return kill(getppid(), 0) == 0 ? FINE : COULD_NOT;
}

static int make_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED ? FINE : COULD_NOT;
}

static int eat_memory(void)
{
    void *volatile memory = malloc(512 << 20);
    return memory ? FINE : COULD_NOT;
}

static int run_for_ever(void)
{
    for (volatile unsigned i = 0; i != 1;)
        i = i < 100 ? 2 : i - 2;
    return FINE;
}

/* Exit status, or minus the signal that ended it. */
static int confined(int (*attempt)(void))
{
    pid_t child = fork();
    if (child == 0) {
        struct fault fault = { "" };
        if (confine(&(struct confinement){ .memory_bytes = 256 << 20, .seconds = 1, .written_bytes = 1024 }, &fault))
            _exit(99);
        _exit(attempt());
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void a_confined_process_can_only_think(void **state)
{
    (void)state;
    assert_int_equal(confined(think), FINE);
    assert_int_equal(confined(open_a_file), COULD_NOT);
    assert_int_equal(confined(open_a_socket), -SIGSYS);
    assert_int_equal(confined(start_a_process), -SIGSYS);
    assert_int_equal(confined(execute_another), -SIGSYS);
    assert_int_equal(confined(signal_the_parent), -SIGSYS);
    assert_int_equal(confined(make_code), -SIGSYS);
}

static void its_memory_and_its_time_end(void **state)
{
    (void)state;
#if !defined(__SANITIZE_ADDRESS__)
    assert_int_equal(confined(eat_memory), COULD_NOT);
#endif
    assert_int_equal(confined(run_for_ever), -SIGKILL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_confined_process_can_only_think),
        cmocka_unit_test(its_memory_and_its_time_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
