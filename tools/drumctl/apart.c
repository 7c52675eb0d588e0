#include "tools/drumctl/apart.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/clock.h"

/* ---- the child ---- */

/* Its standard output is the way back; of all else it keeps standard error, for the last words of an abort. */
static int confine(int way_back, const struct apart_limits *limits)
{
    const struct {
        int resource;
        rlim_t most;
    } rows[] = {
        { RLIMIT_AS, (rlim_t)limits->memory_bytes },
        { RLIMIT_CPU, (rlim_t)limits->seconds },
        { RLIMIT_CORE, 0 },
        { RLIMIT_NOFILE, 0 },
    };
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || dup2(way_back, STDOUT_FILENO) < 0 || close(STDIN_FILENO) ||
        close_range(STDERR_FILENO + 1, ~0u, 0))
        return -errno;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (setrlimit(rows[i].resource, &(struct rlimit){ rows[i].most, rows[i].most }))
            return -errno;
    return 0;
}

static bool say(const void *bytes, size_t size)
{
    for (size_t said = 0; said < size;) {
        ssize_t done = write(STDOUT_FILENO, (const char *)bytes + said, size - said);
        if (done < 0 && errno != EINTR)
            return false;
        said += done > 0 ? (size_t)done : 0;
    }
    return true;
}

/* First the result, then the answer or the fault's text. */
static _Noreturn void run_child(int (*work)(void *context, struct buffer *answer, struct fault *fault), void *context,
                                int way_back, const struct apart_limits *limits)
{
    struct buffer answer = { 0 };
    struct fault fault = { "" };
    int32_t result = confine(way_back, limits);
    if (result)
        fault_set(&fault, result, "the child process cannot be confined: %s", strerror(-result));
    else
        result = work(context, &answer, &fault);
    if (result) {
        buffer_clear(&answer);
        buffer_text(&answer, fault.text);
    }
    _exit(say(&result, sizeof result) && say(answer.bytes, answer.size) ? 0 : 1);
}

/* ---- the parent ---- */

/* Reads up to the end of what the child says. */
static int listen_to(int way_back, const struct apart_limits *limits, struct buffer *said, struct fault *fault)
{
    enum { CHUNK = 1 << 16 };
    int64_t until_ms = clock_mono_ms() + limits->seconds * 1000;
    for (;;) {
        int64_t left_ms = until_ms - clock_mono_ms();
        int ready = poll(&(struct pollfd){ .fd = way_back, .events = POLLIN }, 1, left_ms > 0 ? (int)left_ms : 0);
        if (ready == 0)
            return fault_set(fault, -ETIME, "not done within %" PRId64 " s", limits->seconds);
        ssize_t got = ready < 0 ? -1 : read(way_back, buffer_reserve(said, CHUNK), CHUNK);
        if (got < 0 && errno != EINTR)
            return fault_set(fault, -errno, "the child process cannot be heard: %s", strerror(errno));
        if (got == 0)
            return 0;
        said->size += got > 0 ? (size_t)got : 0;
        if (said->size > limits->answer_bytes + sizeof(int32_t))
            return fault_set(fault, -EMSGSIZE, "the child process said more than %zu bytes", limits->answer_bytes);
    }
}

/* The kernel ends with SIGKILL what has used up its time on a processor. */
static int ended(int status, const struct apart_limits *limits, struct fault *fault)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return fault_set(fault, -ETIME, "not done within %" PRId64 " s", limits->seconds);
    if (WIFSIGNALED(status))
        return fault_set(fault, -ECHILD, "the child process was ended by signal %d (%s); it may use %" PRId64 " MB",
                         WTERMSIG(status), strsignal(WTERMSIG(status)), limits->memory_bytes >> 20);
    return WEXITSTATUS(status) ? fault_set(fault, -ECHILD, "the child process could not tell its answer") : 0;
}

static int take_answer(const struct buffer *said, struct buffer *answer, struct fault *fault)
{
    int32_t result;
    if (said->size < sizeof result)
        return fault_set(fault, -ECHILD, "the child process ended without an answer");
    memcpy(&result, said->bytes, sizeof result);
    const uint8_t *rest = said->bytes + sizeof result;
    size_t size = said->size - sizeof result;
    if (result)
        return fault_set(fault, result, "%.*s", (int)size, (const char *)rest);
    buffer_append(answer, rest, size);
    return 0;
}

static int hear_child(pid_t child, int way_back, const struct apart_limits *limits, struct buffer *answer,
                      struct fault *fault)
{
    struct buffer said = { 0 };
    int status = 0;
    int result = listen_to(way_back, limits, &said, fault);
    if (result)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (!result)
        result = ended(status, limits, fault);
    if (!result)
        result = take_answer(&said, answer, fault);
    buffer_finish(&said);
    return result;
}

int apart_run(int (*work)(void *context, struct buffer *answer, struct fault *fault), void *context,
              const struct apart_limits *limits, struct buffer *answer, struct fault *fault)
{
    int ends[2];
    fflush(NULL); /* so that the child has nothing of ours to write again */
    if (pipe(ends))
        return fault_set(fault, -errno, "no pipe to a child process: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0)
        run_child(work, context, ends[1], limits);
    int result = child < 0 ? fault_set(fault, -errno, "no child process: %s", strerror(errno)) : 0;
    close(ends[1]);
    if (!result)
        result = hear_child(child, ends[0], limits, answer, fault);
    close(ends[0]);
    return result;
}
