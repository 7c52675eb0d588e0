#include "test/unit/bus/bus_harness.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/crypto.h"
#include "proto/base/metrics.h"

enum { TICK_MS = 10, PORT_FIRST = 12000, PORT_LAST = 32000 /* below what the kernel gives to clients */ };

static int look(void *context)
{
    struct harness *harness = context;
    if (harness->done && harness->done(harness->context)) {
        harness->is_done = true;
        loop_stop(harness->loop, 0);
    }
    return 0;
}

static int give_up(void *context)
{
    struct harness *harness = context;
    loop_stop(harness->loop, 0);
    return 0;
}

static int tick(void *context)
{
    struct harness *harness = context;
    if (harness->each_tick)
        harness->each_tick(harness->context);
    loop_timer_arm(harness->loop, &harness->tick, TICK_MS);
    return 0;
}

struct harness *harness_create(void)
{
    struct fault fault;
    struct harness *harness = calloc(1, sizeof *harness);
    if (!harness || crypto_init(&fault) || loop_create(&harness->loop, &fault))
        abort();
    harness->hook = (struct loop_hook){ .run = look, .context = harness };
    harness->deadline = (struct loop_timer){ .fire = give_up, .context = harness };
    harness->tick = (struct loop_timer){ .fire = tick, .context = harness };
    loop_add_hook(harness->loop, &harness->hook);
    return harness;
}

bool harness_run(struct harness *harness, bool (*done)(void *context), void (*each_tick)(void *context), void *context)
{
    harness->done = done;
    harness->each_tick = each_tick;
    harness->context = context;
    harness->is_done = false;
    loop_timer_arm(harness->loop, &harness->deadline, HARNESS_DEADLINE_MS);
    loop_timer_arm(harness->loop, &harness->tick, 0);
    int result = loop_run(harness->loop);
    loop_timer_disarm(harness->loop, &harness->deadline);
    loop_timer_disarm(harness->loop, &harness->tick);
    harness->done = NULL;
    return result == 0 && harness->is_done;
}

static bool port_is_free(int64_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bool is_free = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0)
        close(fd);
    return is_free;
}

int64_t harness_port_base(void)
{
    for (;;) {
        uint16_t random;
        random_bytes(&random, sizeof random);
        int64_t base = PORT_FIRST + random % (PORT_LAST - PORT_FIRST);
        int found = 0;
        while (found < BUS_PORT_COUNT && port_is_free(base + found))
            found++;
        if (found == BUS_PORT_COUNT)
            return base;
    }
}

pid_t harness_spawn(const char *const *arguments, uid_t uid, int *out)
{
    const char *argv[16] = { "/proc/self/exe" };
    for (int i = 0; arguments[i]; i++)
        argv[i + 1] = arguments[i];
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        abort();
    int program = open("/proc/self/exe", O_RDONLY | O_CLOEXEC); /* another user may not look through /proc/self/exe */
    pid_t child = fork();
    if (child < 0 || program < 0)
        abort();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        if (uid && (setgid(uid) < 0 || setuid(uid) < 0))
            _exit(126);
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves nobody behind */
        fexecve(program, (char *const *)argv, environ);
        _exit(127);
    }
    close(program);
    close(ends[1]);
    *out = ends[0];
    return child;
}

bool harness_read_line(int fd, char *line, size_t size)
{
    size_t used = 0;
    char c;
    while (used + 1 < size && read(fd, &c, 1) == 1 && c != '\n')
        line[used++] = c;
    line[used] = 0;
    return used > 0;
}

int harness_wait(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int64_t harness_metric(const char *name)
{
    struct buffer text = { 0 };
    metrics_print(&text);
    char needle[128];
    snprintf(needle, sizeof needle, "\n%s ", name);
    const char *found = strstr(buffer_string(&text), needle);
    int64_t value = found ? atoll(found + strlen(needle)) : 0;
    buffer_finish(&text);
    return value;
}
