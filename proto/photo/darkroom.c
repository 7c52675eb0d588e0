#include "proto/photo/darkroom.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"

#define PROGRAM "drumtower-photo"

static struct metric developed = METRIC_COUNTER("drumtower_photos_developed_total", "Photos that were decoded and "
                                                                                    "written anew.");
static struct metric refused = METRIC_COUNTER("drumtower_photos_refused_total{reason=\"no_photo\"}", "Photos that were "
                                                                                                     "refused, by "
                                                                                                     "reason.");
static struct metric crashed = METRIC_COUNTER("drumtower_photos_refused_total{reason=\"crashed\"}", "Photos that were "
                                                                                                    "refused, by "
                                                                                                    "reason.");
static struct metric late = METRIC_COUNTER("drumtower_photos_refused_total{reason=\"time\"}", "Photos that were "
                                                                                              "refused, by reason.");
static struct metric full = METRIC_COUNTER("drumtower_photos_refused_total{reason=\"full\"}", "Photos that were "
                                                                                              "refused, by reason.");
static struct metric waiting_now = METRIC_GAUGE("drumtower_photos_waiting", "Photos that wait to be developed.");
static struct metric took_us = METRIC_COUNTER("drumtower_photos_developing_microseconds_total", "Time from a program's "
                                                                                                "start to its end, "
                                                                                                "microseconds.");

struct job {
    struct bytes file;
    darkroom_done *done;
    void *context;
    struct job *next;
};

/* A place for one program. */
struct worker {
    struct darkroom *darkroom;
    struct job *job; /* NULL: free */
    int answer_fd;
    struct loop_watch ended; /* its fd: the process */
    struct loop_timer deadline;
    bool overdue;
    int64_t started_us;
};

struct darkroom {
    struct darkroom_options options;
    char program[PATH_MAX];
    struct worker *workers;
    struct job *first, **last; /* those that wait */
    int64_t waiting;
    struct loop_timer begin;
};

/* ---- from the program back to who asked ---- */

static struct bytes map_answer(int fd)
{
    struct stat found;
    if (fstat(fd, &found) || found.st_size == 0)
        return (struct bytes){ 0 };
    void *at = mmap(NULL, (size_t)found.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    return at == MAP_FAILED ? (struct bytes){ 0 } : (struct bytes){ at, (size_t)found.st_size };
}

/* Whatever became of it is the file's fault, as the program does nothing but look at it. */
static int judge(const struct worker *worker, const siginfo_t *end, struct bytes answer, struct arena *arena,
                 struct photo *photo, struct fault *fault)
{
    /* the kernel ends with SIGKILL what has used up its time on a processor */
    if (worker->overdue || (end->si_code == CLD_KILLED && end->si_status == SIGKILL)) {
        metric_add(&late, 1);
        return fault_set(fault, -EINVAL, "it takes more than %" PRId64 " s to be decoded",
                         worker->darkroom->options.limits.seconds);
    }
    struct fault why = { "" };
    if (end->si_code != CLD_EXITED || end->si_status || photo_answer_read(answer, arena, photo, &why)) {
        metric_add(&crashed, 1);
        log_warn("a photo ended the program that decoded it", "code=%d status=%d bytes=%zu reason=\"%s\"", end->si_code,
                 end->si_status, worker->job->file.size, why.text);
        return fault_set(fault, -EINVAL, "it cannot be decoded");
    }
    if (*photo->facts.fault) {
        metric_add(&refused, 1);
        return fault_set(fault, -EINVAL, "%s", photo->facts.fault);
    }
    metric_add(&developed, 1);
    return 0;
}

static void release(struct worker *worker)
{
    loop_timer_disarm(worker->darkroom->options.loop, &worker->deadline);
    loop_remove(worker->darkroom->options.loop, &worker->ended);
    close(worker->ended.fd);
    close(worker->answer_fd);
    worker->job = NULL;
}

static void start_waiting(struct darkroom *darkroom);

static void tell(struct job *job, int result, const struct photo *photo, const struct fault *fault)
{
    job->done(job->context, result, photo, fault);
    free(job);
}

static int program_ended(void *context, uint32_t events)
{
    (void)events;
    struct worker *worker = context;
    struct darkroom *darkroom = worker->darkroom;
    struct job *job = worker->job;
    struct arena arena = { 0 };
    struct photo photo = { 0 };
    struct fault fault = { "" };
    siginfo_t end = { 0 };
    if (waitid(P_PIDFD, (id_t)worker->ended.fd, &end, WEXITED))
        return -errno;
    struct bytes answer = map_answer(worker->answer_fd);
    metric_add(&took_us, clock_mono_us() - worker->started_us);
    int result = judge(worker, &end, answer, &arena, &photo, &fault);
    release(worker);
    start_waiting(darkroom); /* before the answer, which takes a write to the disk */
    tell(job, result, &photo, &fault);
    if (answer.size)
        munmap((void *)(uintptr_t)answer.data, answer.size);
    arena_finish(&arena);
    return 0;
}

static int program_overdue(void *context)
{
    struct worker *worker = context;
    worker->overdue = true;
    return pidfd_send_signal(worker->ended.fd, SIGKILL, NULL, 0) && errno != ESRCH ? -errno : 0;
}

/* ---- from who asked to the program ---- */

static int file_in_memory(struct bytes file)
{
    int fd = memfd_create("photo", MFD_CLOEXEC);
    if (fd >= 0 && file.size && write(fd, file.data, file.size) != (ssize_t)file.size) {
        close(fd);
        return -1;
    }
    return fd;
}

static int execute(struct darkroom *darkroom, int photo_fd, int answer_fd, pid_t *pid)
{
    const struct photo_limits *limits = &darkroom->options.limits;
    const int64_t numbers[] = { limits->pixels, limits->edge_px, limits->small_px, limits->seconds };
    enum { COUNT = sizeof numbers / sizeof *numbers };
    char texts[COUNT][24], *args[COUNT + 2] = { darkroom->program }, *environment[] = { NULL };
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(texts[i], sizeof texts[i], "%" PRId64, numbers[i]);
        args[i + 1] = texts[i];
    }
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, photo_fd, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, answer_fd, STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int error = posix_spawn(pid, darkroom->program, &files, &attributes, args, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return -error;
}

/* The process as a descriptor, which is ready when it has ended. */
static int watch(struct worker *worker, pid_t pid)
{
    struct loop *loop = worker->darkroom->options.loop;
    int result = (worker->ended.fd = pidfd_open(pid, 0)) < 0 ? -errno : loop_add(loop, &worker->ended, EPOLLIN);
    if (!result) {
        loop_timer_arm(loop, &worker->deadline, worker->darkroom->options.limits.seconds * 1000);
        return 0;
    }
    if (worker->ended.fd >= 0)
        close(worker->ended.fd);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return result;
}

static int start(struct worker *worker, struct job *job)
{
    pid_t pid;
    int photo_fd = file_in_memory(job->file);
    worker->answer_fd = memfd_create("answer", MFD_CLOEXEC);
    int result = photo_fd < 0 || worker->answer_fd < 0 ? -errno : 0;
    if (!result)
        result = execute(worker->darkroom, photo_fd, worker->answer_fd, &pid);
    if (photo_fd >= 0)
        close(photo_fd);
    if (!result)
        result = watch(worker, pid);
    if (!result) {
        worker->job = job;
        worker->overdue = false;
        worker->started_us = clock_mono_us();
    } else if (worker->answer_fd >= 0) {
        close(worker->answer_fd);
    }
    return result;
}

static struct worker *free_worker(struct darkroom *darkroom)
{
    for (int64_t i = 0; i < darkroom->options.workers; i++)
        if (!darkroom->workers[i].job)
            return &darkroom->workers[i];
    return NULL;
}

static struct job *take_first(struct darkroom *darkroom)
{
    struct job *job = darkroom->first;
    darkroom->first = job->next;
    if (!darkroom->first)
        darkroom->last = &darkroom->first;
    metric_set(&waiting_now, --darkroom->waiting);
    return job;
}

static void start_waiting(struct darkroom *darkroom)
{
    struct worker *worker;
    while (darkroom->first && (worker = free_worker(darkroom))) {
        struct job *job = take_first(darkroom);
        struct fault fault = { "" };
        int result = start(worker, job);
        if (result) {
            fault_set(&fault, result, "%s cannot be started: %s", darkroom->program, strerror(-result));
            tell(job, result == -EINVAL ? -EIO : result, NULL, &fault);
        }
    }
}

static int begin(void *context)
{
    start_waiting(context);
    return 0;
}

int darkroom_develop(struct darkroom *darkroom, struct bytes file, darkroom_done *done, void *context)
{
    if (darkroom->waiting == darkroom->options.waiting) {
        metric_add(&full, 1);
        return DARKROOM_FULL;
    }
    struct job *job = malloc(sizeof *job);
    if (!job)
        abort();
    *job = (struct job){ file, done, context, NULL };
    *darkroom->last = job;
    darkroom->last = &job->next;
    metric_set(&waiting_now, ++darkroom->waiting);
    loop_timer_arm(darkroom->options.loop, &darkroom->begin, 0);
    return DARKROOM_TAKEN;
}

/* ---- opened and closed ---- */

/* Beside this program, or in the build that it is of: in proto/photo of a folder above it. */
static int find_program(char out[PATH_MAX], struct fault *fault)
{
    char folder[PATH_MAX] = "";
    if (readlink("/proc/self/exe", folder, sizeof folder - 1) < 0)
        return fault_set(fault, -errno, "/proc/self/exe: %s", strerror(errno));
    for (char *slash; (slash = strrchr(folder, '/'));) {
        static const char *const places[] = { "", "proto/photo/" };
        slash[1] = '\0';
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            snprintf(out, PATH_MAX, "%.4000s%s" PROGRAM, folder, places[i]);
            if (access(out, X_OK) == 0)
                return 0;
        }
        slash[0] = '\0';
    }
    return fault_set(fault, -ENOENT, "there is no " PROGRAM " beside this program: it decodes the photos");
}

int darkroom_open(const struct darkroom_options *options, struct darkroom **out, struct fault *fault)
{
    assert(options->workers > 0);
    struct darkroom *darkroom = calloc(1, sizeof *darkroom);
    struct worker *workers = calloc((size_t)options->workers, sizeof *workers);
    if (!darkroom || !workers) {
        free(darkroom);
        free(workers);
        return fault_set(fault, -ENOMEM, "darkroom: no memory for %" PRId64 " workers", options->workers);
    }
    *darkroom = (struct darkroom){ .options = *options,
                                   .workers = workers,
                                   .last = &darkroom->first,
                                   .begin = { .fire = begin, .context = darkroom } };
    for (int64_t i = 0; i < options->workers; i++)
        workers[i] = (struct worker){ .darkroom = darkroom,
                                      .ended = { .fd = -1, .ready = program_ended, .context = &workers[i] },
                                      .deadline = { .fire = program_overdue, .context = &workers[i] } };
    struct metric *const listed[] = { &developed, &refused, &crashed, &late, &full, &waiting_now, &took_us };
    for (size_t i = 0; i < sizeof listed / sizeof *listed; i++)
        metric_register(listed[i]);
    *out = darkroom;
    if (options->program)
        snprintf(darkroom->program, sizeof darkroom->program, "%s", options->program);
    return options->program ? 0 : find_program(darkroom->program, fault);
}

void darkroom_close(struct darkroom *darkroom)
{
    if (!darkroom)
        return;
    loop_timer_disarm(darkroom->options.loop, &darkroom->begin);
    for (int64_t i = 0; i < darkroom->options.workers; i++) {
        struct worker *worker = &darkroom->workers[i];
        struct job *job = worker->job;
        if (!job)
            continue;
        pidfd_send_signal(worker->ended.fd, SIGKILL, NULL, 0);
        waitid(P_PIDFD, (id_t)worker->ended.fd, NULL, WEXITED);
        release(worker);
        free(job);
    }
    while (darkroom->first)
        free(take_first(darkroom));
    free(darkroom->workers);
    free(darkroom);
}
