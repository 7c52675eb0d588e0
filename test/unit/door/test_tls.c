#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench.h"

static char folder[] = "/tmp/drumtower-tls-XXXXXX";
static char cert_path[64], key_path[64], out_path[64], status_path[64];

extern char **environ;

static pid_t spawn(char *const args[], const char *output)
{
    pid_t pid = -1;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (posix_spawnp(&pid, args[0], &actions, NULL, args, environ))
        pid = -1;
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

/* A key and a certificate of this run's own. */
static int make_files(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(cert_path, sizeof cert_path, "%s/cert.pem", folder);
    snprintf(key_path, sizeof key_path, "%s/key.pem", folder);
    snprintf(out_path, sizeof out_path, "%s/out", folder);
    snprintf(status_path, sizeof status_path, "%s/status", folder);
    char *const args[] = { "openssl",  "req",
                           "-x509",    "-nodes",
                           "-newkey",  "ec",
                           "-pkeyopt", "ec_paramgen_curve:P-256",
                           "-days",    "2",
                           "-subj",    "/CN=127.0.0.1",
                           "-addext",  "subjectAltName=IP:127.0.0.1",
                           "-keyout",  key_path,
                           "-out",     cert_path,
                           NULL };
    int status = -1;
    pid_t pid = spawn(args, out_path);
    return pid < 0 || waitpid(pid, &status, 0) != pid || status ? -1 : 0;
}

static int remove_files(void **state)
{
    (void)state;
    unlink(cert_path);
    unlink(key_path);
    unlink(out_path);
    unlink(status_path);
    return rmdir(folder);
}

struct child {
    struct bench *bench;
    struct loop_watch watch;
    bool ended;
};

static int child_ended(void *context, uint32_t events)
{
    (void)events;
    struct child *child = context;
    child->ended = true;
    loop_remove(child->bench->loop, &child->watch);
    return 0;
}

static bool has_ended(void *context)
{
    return ((struct child *)context)->ended;
}

/* Runs curl beside the loop; what it printed (status) is returned, what it received is in out_path. */
static int curl(struct bench *bench, const char *path, const char *body)
{
    char url[256];
    snprintf(url, sizeof url, "%s%s", door_address(bench->door), path);
    char *const args[] = { "curl",
                           "-sS",
                           "--max-time",
                           "20",
                           "--cacert",
                           cert_path,
                           "-w",
                           "%{http_code}",
                           "-o",
                           out_path,
                           "--data-binary",
                           (char *)(uintptr_t)body,
                           url,
                           NULL };
    pid_t pid = spawn(args, status_path);
    assert_true(pid > 0);
    struct child child = { .bench = bench };
    child.watch = (struct loop_watch){
        .fd = (int)syscall(SYS_pidfd_open, pid, 0),
        .ready = child_ended,
        .context = &child,
    };
    assert_true(child.watch.fd >= 0);
    assert_int_equal(loop_add(bench->loop, &child.watch, EPOLLIN), 0);
    bench_until(bench, has_ended, &child);
    close(child.watch.fd);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    FILE *file = fopen(status_path, "r");
    int status = 0;
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &status), 1);
    fclose(file);
    return status;
}

static void requests_travel_under_tls(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, &(struct door_options){ .tls_cert = cert_path, .tls_key = key_path, .request_seconds = 5 });
    bench_route(&bench, "POST", "/back", 0, -1, say_back, NULL);
    assert_int_equal(strncmp(door_address(bench.door), "https://127.0.0.1:", 18), 0);
    assert_int_equal(curl(&bench, "/back", "under the rose"), 200);
    char text[64] = "";
    FILE *file = fopen(out_path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    assert_string_equal(text, "under the rose");
    assert_int_equal(curl(&bench, "/p/..%2fx", "x"), 400); /* the lint works there as well */
    bench_close(&bench);
}

static bool is_closed(void *context)
{
    return ((struct client *)context)->closed;
}

static void plain_bytes_at_a_tls_door_are_dropped(void **state)
{
    (void)state;
    struct bench bench;
    struct client client;
    bench_open(&bench, &(struct door_options){ .tls_cert = cert_path, .tls_key = key_path, .request_seconds = 1 });
    client_open(&client, &bench);
    client_send_text(&client, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    bench_until(&bench, is_closed, &client);
    assert_null(memmem(client.received.bytes, client.received.size, "200", 3));
    client_close(&client);
    client_open(&client, &bench); /* a handshake that never comes is ended by the total time */
    bench_until(&bench, is_closed, &client);
    client_close(&client);
    bench_close(&bench);
}

static void wrong_files_are_named(void **state)
{
    (void)state;
    struct bench bench;
    struct door *door = NULL;
    struct fault fault = { "" };
    bench_open(&bench, NULL);
    static const struct {
        const char *cert, *key, *reason;
    } rows[] = {
        { cert_path, NULL, "both must be given" },
        { "/nonexistent.pem", key_path, "/nonexistent.pem" },
        { "/etc/hostname", key_path, "expected PEM" },
        { key_path, cert_path, "belong together" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct door_options options = { .listen = "127.0.0.1:0", .tls_cert = rows[i].cert, .tls_key = rows[i].key };
        assert_true(door_open(bench.loop, &options, &door, &fault) < 0);
        if (!strstr(fault.text, rows[i].reason))
            fail_msg("row %zu: expected '%s' in '%s'", i, rows[i].reason, fault.text);
    }
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_travel_under_tls),
        cmocka_unit_test(plain_bytes_at_a_tls_door_are_dropped),
        cmocka_unit_test(wrong_files_are_named),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
