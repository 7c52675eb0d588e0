#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test/unit/bus/bus_harness.h"

enum { KEPT = 16, NOBODY = 65534, LONG_MS = 15000, SHORT_MS = 100 };

/* One test's world: a server that keeps what it is asked, and the answers that its clients got. */
struct world {
    struct harness *harness;
    int64_t port_base;
    struct bus_server *server;
    struct bus_client *client;
    struct bus_ticket *kept[KEPT];
    char requests[KEPT][32];
    size_t arrived;
    bool answer_at_once;
    struct reply {
        struct world *world;
        int status;
        char text[32];
        bool came;
    } replies[KEPT];
    size_t came;
    size_t wanted; /* what the wait is for */
};

static struct bytes text_bytes(const char *text)
{
    return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static int keep_request(void *context, struct bus_ticket *ticket, struct bytes request)
{
    struct world *world = context;
    assert_true(world->arrived < KEPT);
    snprintf(world->requests[world->arrived], sizeof world->requests[0], "%.*s", (int)request.size, request.data);
    world->kept[world->arrived] = ticket;
    if (world->answer_at_once)
        bus_answer(ticket, text_bytes(world->requests[world->arrived]));
    world->arrived++;
    return 0;
}

static void reply_came(void *context, int status, struct bytes answer)
{
    struct reply *reply = context;
    assert_false(reply->came);
    reply->came = true;
    reply->status = status;
    snprintf(reply->text, sizeof reply->text, "%.*s", (int)answer.size, answer.data ? (const char *)answer.data : "");
    reply->world->came++;
}

static struct world *world_create(void)
{
    struct world *world = calloc(1, sizeof *world); /* nng keeps it until the process ends */
    assert_non_null(world);
    world->harness = harness_create();
    world->port_base = harness_port_base();
    world->answer_at_once = true;
    for (size_t i = 0; i < KEPT; i++)
        world->replies[i].world = world;
    return world;
}

static void open_server(struct world *world)
{
    struct fault fault = { "" };
    if (bus_server_open(world->harness->loop, world->port_base, BUS_COMMANDS, 8, keep_request, world, &world->server,
                        &fault))
        fail_msg("%s", fault.text);
}

static void open_client(struct world *world, int parallel)
{
    struct fault fault = { "" };
    if (bus_client_open(world->harness->loop, world->port_base, BUS_COMMANDS, parallel, &world->client, &fault))
        fail_msg("%s", fault.text);
}

static struct reply *ask(struct world *world, const char *text, int64_t timeout_ms)
{
    static size_t next;
    struct reply *reply = &world->replies[next++ % KEPT];
    *reply = (struct reply){ .world = world };
    assert_int_equal(bus_ask(world->client, text_bytes(text), timeout_ms, reply_came, reply), 0);
    return reply;
}

static bool replies_came(void *context)
{
    struct world *world = context;
    return world->came >= world->wanted;
}

static bool requests_arrived(void *context)
{
    struct world *world = context;
    return world->arrived >= world->wanted;
}

static void wait_for(struct world *world, bool (*done)(void *), size_t count)
{
    world->wanted = count;
    assert_true(harness_run(world->harness, done, NULL, world));
}

static void a_question_is_answered(void **state)
{
    (void)state;
    struct world *world = world_create();
    open_server(world);
    open_client(world, 4);
    struct reply *reply = ask(world, "receive gl-20260105-0001", LONG_MS);
    wait_for(world, replies_came, 1);
    assert_int_equal(reply->status, 0);
    assert_string_equal(reply->text, "receive gl-20260105-0001");
}

static void questions_asked_at_once_get_their_own_answers_in_any_order(void **state)
{
    (void)state;
    struct world *world = world_create();
    world->answer_at_once = false;
    open_server(world);
    open_client(world, 4);
    struct reply *replies[4];
    char text[4][8];
    for (size_t i = 0; i < 4; i++) {
        snprintf(text[i], sizeof text[i], "q%zu", i);
        replies[i] = ask(world, text[i], LONG_MS);
    }
    wait_for(world, requests_arrived, 4);
    for (size_t i = 4; i-- > 0;)
        bus_answer(world->kept[i], text_bytes(world->requests[i]));
    wait_for(world, replies_came, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(replies[i]->text, text[i]);
}

static void more_questions_than_places_wait_at_their_sender(void **state)
{
    (void)state;
    struct world *world = world_create();
    open_server(world); /* 8 places */
    open_client(world, 12);
    for (size_t i = 0; i < 12; i++)
        ask(world, "q", LONG_MS);
    wait_for(world, replies_came, 12);
    assert_int_equal(world->arrived, 12);
}

static void a_question_asked_before_the_server_is_there_is_answered_when_it_comes(void **state)
{
    (void)state;
    struct world *world = world_create();
    open_client(world, 4);
    struct reply *reply = ask(world, "early", LONG_MS);
    open_server(world);
    wait_for(world, replies_came, 1);
    assert_int_equal(reply->status, 0);
    assert_string_equal(reply->text, "early");
}

static void a_question_survives_the_servers_death_and_restart(void **state)
{
    (void)state;
    struct world *world = world_create();
    char port[32], line[64];
    snprintf(port, sizeof port, "%lld", (long long)world->port_base);
    int out;
    pid_t child = harness_spawn((const char *const[]){ "swallow", port, NULL }, 0, &out);
    assert_true(harness_read_line(out, line, sizeof line));
    open_client(world, 4);
    struct reply *reply = ask(world, "twice", LONG_MS);
    /* The child says when it has the question; it never answers. Its line comes without our loop: nng has threads of its own. */
    assert_true(harness_read_line(out, line, sizeof line));
    assert_string_equal(line, "twice");
    kill(child, SIGKILL);
    harness_wait(child);
    close(out);
    open_server(world);
    wait_for(world, replies_came, 1);
    assert_int_equal(reply->status, 0);
    assert_string_equal(reply->text, "twice");
}

static void a_question_that_nobody_answers_times_out_and_is_not_asked_later(void **state)
{
    (void)state;
    struct world *world = world_create();
    open_client(world, 4);
    struct reply *reply = ask(world, "stale", SHORT_MS);
    wait_for(world, replies_came, 1);
    assert_int_equal(reply->status, -ETIMEDOUT);
    open_server(world);
    ask(world, "fresh", LONG_MS);
    wait_for(world, replies_came, 2);
    assert_int_equal(world->arrived, 1);
    assert_string_equal(world->requests[0], "fresh");
}

static void a_server_that_hangs_times_its_askers_out_and_a_late_answer_goes_nowhere(void **state)
{
    (void)state;
    struct world *world = world_create();
    world->answer_at_once = false;
    open_server(world);
    open_client(world, 1);
    struct reply *reply = ask(world, "slow", SHORT_MS * 5);
    wait_for(world, requests_arrived, 1);
    wait_for(world, replies_came, 1);
    assert_int_equal(reply->status, -ETIMEDOUT);
    reply = ask(world, "next", LONG_MS);
    bus_answer(world->kept[0], text_bytes("late"));
    wait_for(world, requests_arrived, 2);
    bus_answer(world->kept[1], text_bytes("in time"));
    wait_for(world, replies_came, 2);
    assert_string_equal(reply->text, "in time");
}

static void too_many_and_too_large_questions_are_refused_at_once(void **state)
{
    (void)state;
    struct world *world = world_create();
    open_client(world, 2);
    struct bytes large = { calloc(1, BUS_MESSAGE_MAX + 1), BUS_MESSAGE_MAX + 1 };
    struct reply *reply = &world->replies[0];
    assert_int_equal(bus_ask(world->client, large, LONG_MS, reply_came, reply), -EMSGSIZE);
    ask(world, "one", SHORT_MS);
    ask(world, "two", SHORT_MS);
    assert_int_equal(bus_ask(world->client, text_bytes("three"), LONG_MS, reply_came, reply), -EAGAIN);
    wait_for(world, replies_came, 2); /* the places come back */
    open_server(world);
    reply = ask(world, "four", LONG_MS);
    wait_for(world, replies_came, 3);
    assert_string_equal(reply->text, "four");
    free((void *)large.data);
}

static void the_largest_question_passes(void **state)
{
    (void)state;
    struct world *world = world_create();
    open_server(world);
    open_client(world, 1);
    struct bytes large = { calloc(1, BUS_MESSAGE_MAX), BUS_MESSAGE_MAX };
    memset((void *)large.data, 'x', large.size);
    assert_int_equal(bus_ask(world->client, large, LONG_MS, reply_came, &world->replies[0]), 0);
    wait_for(world, replies_came, 1);
    assert_int_equal(world->replies[0].status, 0);
    free((void *)large.data);
}

static int connect_raw(const struct world *world)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET };
    address.sin_port = htons((uint16_t)(world->port_base + BUS_COMMANDS));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void peers_that_leave_or_send_rubbish_leave_the_bus_alive(void **state)
{
    (void)state;
    struct world *world = world_create();
    open_server(world);
    /* SP header of a REQ socket (protocol 0x30), then the length of its first message: 16 GiB of which nothing follows. */
    static const uint8_t huge[] = { 0, 'S', 'P', 0, 0, 0x30, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0 };
    static const char *const rubbish[] = { "", "GET / HTTP/1.1\r\n\r\n", "\0SP" };
    for (int i = 0; i < 50; i++) {
        int fd = connect_raw(world);
        const char *text = rubbish[i % 3];
        if (*text)
            assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
        close(fd);
    }
    int fd = connect_raw(world);
    assert_int_equal(write(fd, huge, sizeof huge), (ssize_t)sizeof huge);
    open_client(world, 1);
    struct reply *reply = ask(world, "alive?", LONG_MS);
    wait_for(world, replies_came, 1);
    assert_string_equal(reply->text, "alive?");
    char byte;
    while (read(fd, &byte, 1) > 0)
        ; /* its own header; then the bus must have hung up, or this read never ends and the test is killed */
    close(fd);
}

static void a_second_server_on_the_port_is_told_so(void **state)
{
    (void)state;
    struct world *world = world_create();
    open_server(world);
    struct bus_server *second;
    struct fault fault = { "" };
    assert_int_equal(
        bus_server_open(world->harness->loop, world->port_base, BUS_COMMANDS, 1, keep_request, world, &second, &fault),
        -EADDRINUSE);
    assert_non_null(strstr(fault.text, "--bus-port"));
}

static bool skip_unless_root(void)
{
    if (geteuid() == 0)
        return false;
    print_message("SKIP: needs root, to start a process of another user\n");
    return true;
}

static int64_t refused_peers(void)
{
    return harness_metric("drumtower_bus_peers_refused_total");
}

static void another_user_cannot_ask(void **state)
{
    (void)state;
    if (skip_unless_root())
        skip();
    struct world *world = world_create();
    open_server(world);
    open_client(world, 1);
    int64_t before = refused_peers();
    char port[32], line[64];
    snprintf(port, sizeof port, "%lld", (long long)world->port_base);
    int out;
    pid_t child = harness_spawn((const char *const[]){ "ask", port, NULL }, NOBODY, &out);
    assert_true(harness_read_line(out, line, sizeof line)); /* the server's part is done by nng's threads */
    assert_string_equal(line, "status -110");
    assert_int_equal(harness_wait(child), 0);
    close(out);
    struct reply *reply = ask(world, "ours", LONG_MS);
    wait_for(world, replies_came, 1);
    assert_string_equal(reply->text, "ours");
    assert_int_equal(world->arrived, 1);
    assert_true(refused_peers() > before);
}

static void a_user_that_was_named_can_ask(void **state)
{
    (void)state;
    if (skip_unless_root())
        skip();
    char port[32], line[64];
    snprintf(port, sizeof port, "%lld", (long long)harness_port_base());
    int server_out, asker_out;
    pid_t server = harness_spawn((const char *const[]){ "answer-nobody", port, NULL }, 0, &server_out);
    assert_true(harness_read_line(server_out, line, sizeof line));
    pid_t asker = harness_spawn((const char *const[]){ "ask", port, NULL }, NOBODY, &asker_out);
    assert_true(harness_read_line(asker_out, line, sizeof line));
    assert_string_equal(line, "status 0");
    assert_int_equal(harness_wait(asker), 0);
    kill(server, SIGKILL);
    harness_wait(server);
    close(asker_out);
    close(server_out);
}

static void a_server_of_another_user_is_not_asked(void **state)
{
    (void)state;
    if (skip_unless_root())
        skip();
    struct world *world = world_create();
    char port[32], line[64];
    snprintf(port, sizeof port, "%lld", (long long)world->port_base);
    int out;
    pid_t child = harness_spawn((const char *const[]){ "swallow", port, NULL }, NOBODY, &out);
    assert_true(harness_read_line(out, line, sizeof line));
    int64_t before = refused_peers();
    open_client(world, 1);
    struct reply *reply = ask(world, "secret", SHORT_MS * 10);
    wait_for(world, replies_came, 1);
    assert_int_equal(reply->status, -ETIMEDOUT);
    assert_true(refused_peers() > before);
    kill(child, SIGKILL);
    harness_wait(child);
    assert_false(harness_read_line(out, line, sizeof line)); /* it never saw the question */
    close(out);
}

/* ---- what the children do ---- */

static int print_request(void *context, struct bus_ticket *ticket, struct bytes request)
{
    (void)context, (void)ticket;
    dprintf(STDOUT_FILENO, "%.*s\n", (int)request.size, request.data);
    return 0;
}

static int answer_request(void *context, struct bus_ticket *ticket, struct bytes request)
{
    (void)context;
    bus_answer(ticket, request);
    return 0;
}

static int run_server(int64_t port_base, int (*arrived)(void *, struct bus_ticket *, struct bytes))
{
    struct fault fault = { "" };
    struct bus_server *server;
    struct harness *harness = harness_create();
    if (bus_server_open(harness->loop, port_base, BUS_COMMANDS, 4, arrived, NULL, &server, &fault))
        return 1;
    dprintf(STDOUT_FILENO, "ready\n");
    return loop_run(harness->loop);
}

static void print_status(void *context, int status, struct bytes answer)
{
    (void)answer;
    dprintf(STDOUT_FILENO, "status %d\n", status);
    loop_stop(context, 0);
}

static int run_asker(int64_t port_base)
{
    struct fault fault = { "" };
    struct bus_client *client;
    struct harness *harness = harness_create();
    if (bus_client_open(harness->loop, port_base, BUS_COMMANDS, 1, &client, &fault) ||
        bus_ask(client, text_bytes("from nobody"), SHORT_MS * 20, print_status, harness->loop))
        return 1;
    return loop_run(harness->loop);
}

static int run_child(const char *what, int64_t port_base)
{
    struct fault fault = { "" };
    if (strcmp(what, "swallow") == 0)
        return run_server(port_base, print_request);
    if (strcmp(what, "answer-nobody") == 0)
        return bus_allow_users("nobody", &fault) || run_server(port_base, answer_request);
    return run_asker(port_base);
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return run_child(argv[1], atoll(argv[2]));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_survives_the_servers_death_and_restart),
        cmocka_unit_test(another_user_cannot_ask),
        cmocka_unit_test(a_user_that_was_named_can_ask),
        cmocka_unit_test(a_server_of_another_user_is_not_asked),
        cmocka_unit_test(a_question_is_answered),
        cmocka_unit_test(questions_asked_at_once_get_their_own_answers_in_any_order),
        cmocka_unit_test(more_questions_than_places_wait_at_their_sender),
        cmocka_unit_test(a_question_asked_before_the_server_is_there_is_answered_when_it_comes),
        cmocka_unit_test(a_question_that_nobody_answers_times_out_and_is_not_asked_later),
        cmocka_unit_test(a_server_that_hangs_times_its_askers_out_and_a_late_answer_goes_nowhere),
        cmocka_unit_test(too_many_and_too_large_questions_are_refused_at_once),
        cmocka_unit_test(the_largest_question_passes),
        cmocka_unit_test(peers_that_leave_or_send_rubbish_leave_the_bus_alive),
        cmocka_unit_test(a_second_server_on_the_port_is_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
