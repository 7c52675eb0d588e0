#include "tools/benches/restart.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/clock.h"

extern char **environ;

enum { PATH_BYTES = 512, LINE_BYTES = 1024, PORT_FIRST = 20000, PORT_RANGE = 20000 };

/* What is dirty stays; after a commit nothing is. */
static void drop_pages(const char *data_folder)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/cases/data.mdb", data_folder);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        close(fd);
    }
}

static int start(const char *program, const char *data_folder, const char *book_folder, int log, pid_t *pid)
{
    char port[16];
    snprintf(port, sizeof port, "%d", PORT_FIRST + (int)(getpid() % PORT_RANGE));
    const char *const args[] = { program, "--data", data_folder, "--book", book_folder, "--bus-port", port, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO);
    int error = posix_spawn(pid, program, &actions, NULL, (char *const *)args, environ);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

/* 0: it said so; its last line where it ended before that. */
static int wait_until_ready(FILE *log, char *line)
{
    while (fgets(line, LINE_BYTES, log))
        if (strstr(line, "ready"))
            return 0;
    return -EIO;
}

int restart_measure(const char *program, const char *data_folder, const char *book_folder, int64_t *ready_us,
                    struct fault *fault)
{
    int ends[2];
    pid_t pid;
    char line[LINE_BYTES] = "";
    drop_pages(data_folder);
    if (pipe2(ends, O_CLOEXEC))
        return fault_set(fault, -errno, "pipe: %s", strerror(errno));
    int64_t began_us = clock_mono_us();
    int result = start(program, data_folder, book_folder, ends[1], &pid);
    close(ends[1]);
    FILE *log = fdopen(ends[0], "r");
    if (result)
        result = fault_set(fault, result, "%s: cannot be started: %s", program, strerror(-result));
    else {
        result = wait_until_ready(log, line);
        *ready_us = clock_mono_us() - began_us;
        kill(pid, SIGTERM);
        while (fgets(line, sizeof line, log)) /* until it has ended */
            ;
        waitpid(pid, NULL, 0);
        if (result)
            result = fault_set(fault, result, "%s ended before it was ready: %s", program, line);
    }
    fclose(log);
    return result;
}
