#include "tools/replay/daemons.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/base/crypto.h"
#include "proto/book/book.h"
#include "proto/bus/bus.h"
#include "proto/door/session.h"

enum { READY_MS = 20000, READY_LOOK_US = 20000, PORT_TRIES = 100, END_MS = 10000 };

static const char *const daemon_names[] = { "drumtower-ingest", "drumtower-dispatcher", "drumtower-field" };
static const char *const daemon_folders[] = { "ingest", "dispatcher", "dispatcher" };

const char *daemons_liaison(const struct book *book, const char *department, char out[64])
{
    for (size_t i = 0; i < book->person_count; i++) {
        const struct book_person *person = &book->people[i];
        if (person->role == ROLE_LIAISON && person->department && strcmp(person->department->code, department) == 0)
            return strcpy(out, person->id);
    }
    snprintf(out, 64, "liaison-%.50s", department);
    return out;
}

/* Folders of pages without pages: the doors want them, the replay does not. */
static int make_folders(const struct daemons *daemons, struct fault *fault)
{
    static const char *const names[] = {
        "data", "pages", "pages/field", "pages/ingest", "pages/shared", "pages/vendor"
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", daemons->folder, names[i]);
        if (mkdir(path, 0700) < 0)
            return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
    }
    return 0;
}

static int make_accounts(struct daemons *daemons, const struct book *book, struct fault *fault)
{
    struct accounts *accounts = NULL;
    int result = accounts_open(daemons->data, &accounts, fault);
    for (size_t i = 0; !result && i < book->department_count; i++) {
        char login[64];
        struct account account = {
            .login = daemons_liaison(book, book->departments[i].code, login),
            .name = book->departments[i].name.en,
            .role = ROLE_LIAISON,
            .department = book->departments[i].code,
            .password_hash = "",
        };
        result = accounts_set(accounts, &account, daemons->password, fault);
    }
    accounts_close(accounts);
    return result;
}

/* A socket bound to the loopback's port (0: a free one), or -errno. */
static int bind_port(int port, int *bound)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0) {
        int error = errno;
        if (fd >= 0)
            close(fd);
        return -error;
    }
    getsockname(fd, (struct sockaddr *)&address, &size);
    *bound = ntohs(address.sin_port);
    return fd;
}

/* The first of `count` ports in a row that are free now. */
static int find_ports(int count, int *first)
{
    for (int tries = 0; tries < PORT_TRIES; tries++) {
        int fds[16], taken = 0, port, base = 0;
        for (; taken < count; taken++) {
            fds[taken] = bind_port(taken ? base + taken : 0, &port);
            if (fds[taken] < 0)
                break;
            base = taken ? base : port;
        }
        bool all = taken == count;
        while (taken > 0)
            close(fds[--taken]);
        if (all) {
            *first = base;
            return 0;
        }
    }
    return -EADDRINUSE;
}

int daemons_open(struct daemons *daemons, const struct book *book, int64_t now_ms, struct fault *fault)
{
    const char *temporary = getenv("TMPDIR");
    snprintf(daemons->folder, sizeof daemons->folder, "%.40s/replay311-XXXXXX", temporary ? temporary : "/tmp");
    if (!mkdtemp(daemons->folder)) {
        int error = errno;
        daemons->folder[0] = '\0';
        return fault_set(fault, -error, "a temporary folder cannot be made: %s", strerror(error));
    }
    snprintf(daemons->data, sizeof daemons->data, "%s/data", daemons->folder);
    snprintf(daemons->clock_file, sizeof daemons->clock_file, "%s/clock", daemons->folder);
    random_text(daemons->password, 20);
    int result = make_folders(daemons, fault);
    if (!result)
        result = clock_open_virtual(daemons->clock_file, fault);
    if (result)
        return result;
    clock_set_virtual_ms(now_ms);
    return make_accounts(daemons, book, fault);
}

static void run_child(const struct daemons *daemons, int which, const char *book_folder, const char *listen)
{
    char self[PATH_MAX] = "", program[PATH_MAX + 64], bus_port[24], log[128], pages[128];
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        _exit(127);
    for (int up = 0; up < 2; up++)
        *strrchr(self, '/') = '\0';
    snprintf(program, sizeof program, "%s/%s/%s", self, daemon_folders[which], daemon_names[which]);
    snprintf(bus_port, sizeof bus_port, "%lld", (long long)daemons->bus_port);
    snprintf(log, sizeof log, "%s/%s.log", daemons->folder, daemon_names[which]);
    snprintf(pages, sizeof pages, "%s/pages", daemons->folder);
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd >= 0) {
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
    }
    char *args[16] = { program,
                       "--data",
                       (char *)daemons->data,
                       "--book",
                       (char *)book_folder,
                       "--bus-port",
                       bus_port,
                       "--clock-file",
                       (char *)daemons->clock_file,
                       "--log-level",
                       "warn" };
    char *const door_args[] = { "--listen", (char *)listen, "--pages", pages };
    if (listen)
        memcpy(args + 11, door_args, sizeof door_args);
    execv(program, args);
    dprintf(STDERR_FILENO, "%s: %s\n", program, strerror(errno));
    _exit(127);
}

static int start(struct daemons *daemons, int which, const char *book_folder, const char *listen, struct fault *fault)
{
    pid_t pid = fork();
    if (pid < 0)
        return fault_set(fault, -errno, "%s cannot be started: %s", daemon_names[which], strerror(errno));
    if (pid == 0)
        run_child(daemons, which, book_folder, listen);
    daemons->pids[which] = pid;
    return 0;
}

int daemons_check(struct daemons *daemons, struct fault *fault)
{
    for (int i = 0; i < DAEMON_COUNT; i++) {
        int status;
        if (daemons->pids[i] && waitpid(daemons->pids[i], &status, WNOHANG) == daemons->pids[i]) {
            daemons->pids[i] = 0;
            return fault_set(fault, -ECHILD, "%s has ended; see %s/%s.log", daemon_names[i], daemons->folder,
                             daemon_names[i]);
        }
    }
    return 0;
}

/* Asks /readyz by hand: the loop does not run yet. */
static bool is_ready(int port)
{
    static const char question[] = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    char answer[16] = "";
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ready = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
                 write(fd, question, sizeof question - 1) == (ssize_t)sizeof question - 1 &&
                 read(fd, answer, sizeof answer - 1) > 12 && strncmp(answer + 9, "200", 3) == 0;
    if (fd >= 0)
        close(fd);
    return ready;
}

static int wait_ready(struct daemons *daemons, const int *ports, size_t count, struct fault *fault)
{
    int64_t until_ms = clock_mono_ms() + READY_MS;
    for (size_t i = 0; i < count;) {
        int result = daemons_check(daemons, fault);
        if (result)
            return result;
        if (is_ready(ports[i])) {
            i++;
            continue;
        }
        if (clock_mono_ms() > until_ms)
            return fault_set(fault, -ETIMEDOUT, "the door at port %d is not ready after %d s; see the logs in %s",
                             ports[i], READY_MS / 1000, daemons->folder);
        usleep(READY_LOOK_US);
    }
    return 0;
}

int daemons_start(struct daemons *daemons, const char *book_folder, struct fault *fault)
{
    enum { DOORS = 2 };
    int first;
    char listen[DOORS][32];
    if (find_ports(BUS_PORT_COUNT + DOORS, &first) < 0)
        return fault_set(fault, -EADDRINUSE, "no %d free ports in a row on this machine", BUS_PORT_COUNT + DOORS);
    daemons->bus_port = first + DOORS;
    for (int i = 0; i < DOORS; i++)
        snprintf(listen[i], sizeof listen[i], "127.0.0.1:%d", first + i);
    snprintf(daemons->ingest_url, sizeof daemons->ingest_url, "http://%s", listen[0]);
    snprintf(daemons->field_url, sizeof daemons->field_url, "http://%s", listen[1]);
    int result = start(daemons, DAEMON_INGEST, book_folder, listen[0], fault);
    if (!result)
        result = start(daemons, DAEMON_DISPATCHER, book_folder, NULL, fault);
    if (!result)
        result = start(daemons, DAEMON_FIELD, book_folder, listen[1], fault);
    return result ? result : wait_ready(daemons, (int[]){ first, first + 1 }, DOORS, fault);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

/* Ends a daemon in good order, by force when it takes too long. */
static void end(pid_t pid)
{
    int64_t until_ms = clock_mono_ms() + END_MS;
    kill(pid, SIGTERM);
    while (waitpid(pid, NULL, WNOHANG) == 0) {
        if (clock_mono_ms() > until_ms)
            kill(pid, SIGKILL);
        usleep(READY_LOOK_US);
    }
}

void daemons_close(struct daemons *daemons, bool keep)
{
    for (int i = DAEMON_COUNT; i-- > 0;)
        if (daemons->pids[i])
            end(daemons->pids[i]);
    if (*daemons->folder && !keep)
        nftw(daemons->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    *daemons = (struct daemons){ 0 };
}
