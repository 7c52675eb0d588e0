#include "tools/benches/served.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tools/benches/wire.h"

extern char **environ;

enum { PORT_FIRST = 20000, PORT_RANGE = 20000 };

void served_bus_port(char out[16])
{
    snprintf(out, 16, "%d", PORT_FIRST + (int)(getpid() % PORT_RANGE));
}

static int start(struct served *served, const char *const *args, int log)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO);
    int error = posix_spawn(&served->pid, *args, &actions, NULL, (char *const *)args, environ);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

int served_start(struct served *served, const char *const *args, const char *word, struct fault *fault)
{
    int ends[2];
    *served = (struct served){ 0 };
    if (pipe2(ends, O_CLOEXEC))
        return fault_set(fault, -errno, "pipe: %s", strerror(errno));
    int result = start(served, args, ends[1]);
    close(ends[1]);
    served->log = fdopen(ends[0], "r");
    if (result) {
        served->pid = 0;
        served_stop(served);
        return fault_set(fault, result, "%s: cannot be started: %s", *args, strerror(-result));
    }
    while (fgets(served->line, sizeof served->line, served->log))
        if (strstr(served->line, word))
            return 0;
    result = fault_set(fault, -EIO, "%s ended before it was ready: %s", *args, served->line);
    served_stop(served);
    return result;
}

/* The end of the line is "address=http://127.0.0.1:PORT …". */
void served_address(const struct served *served, char out[SERVED_ADDRESS])
{
    const char *at = strstr(served->line, "address=http://");
    *out = 0;
    if (at)
        sscanf(at, "address=http://%63s", out);
}

int served_figures(const char *address, const struct served_figure *figures, size_t count, struct fault *fault)
{
    char line[512];
    size_t told = 0;
    int fd = wire_connect(address, fault);
    if (fd < 0)
        return fd;
    for (size_t i = 0; i < count; i++)
        *figures[i].value = 0;
    FILE *metrics = fdopen(fd, "r+");
    dprintf(fd, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    while (fgets(line, sizeof line, metrics))
        for (size_t i = 0; i < count; i++) {
            size_t length = strlen(figures[i].name);
            if (strncmp(line, figures[i].name, length) == 0 && line[length] == ' ')
                told += sscanf(line + length, "%" SCNd64, figures[i].value) == 1;
        }
    fclose(metrics);
    return told ? 0 : fault_set(fault, -EPROTO, "%s tells no metric that was asked for", address);
}

int64_t served_cpu_us(const struct served *served)
{
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(served->pid, &clock) || clock_gettime(clock, &used))
        return 0;
    return used.tv_sec * INT64_C(1000000) + used.tv_nsec / 1000;
}

void served_stop(struct served *served)
{
    if (served->pid) {
        kill(served->pid, SIGTERM);
        while (fgets(served->line, sizeof served->line, served->log)) /* until it has ended */
            ;
        waitpid(served->pid, NULL, 0);
    }
    if (served->log)
        fclose(served->log);
    *served = (struct served){ 0 };
}
