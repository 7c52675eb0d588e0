#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "proto/bus/doorbell.h"
#include "test/unit/bus/bus_harness.h"

enum { NOBODY = 65534, FLOOD = 50000 };

struct reader {
    uint64_t heard, last, gaps;
    char topics[256]; /* each with a space behind it */
    char message[64];
};

struct world {
    struct harness *harness;
    int64_t port_base;
    struct bus_publisher *publisher, *other;
    struct reader readers[2];
    uint64_t sent;
    uint64_t wanted_last;
};

static int hear(void *context, const char *topic, struct bytes message)
{
    struct reader *reader = context;
    uint64_t seq = doorbell_seq(message);
    reader->heard++;
    if (seq && reader->last && seq != reader->last + 1)
        reader->gaps++;
    if (seq)
        reader->last = seq;
    if (!strstr(reader->topics, topic) && strlen(reader->topics) + strlen(topic) + 2 < sizeof reader->topics) {
        strcat(reader->topics, topic);
        strcat(reader->topics, " ");
    }
    snprintf(reader->message, sizeof reader->message, "%.*s", (int)message.size, message.data);
    return 0;
}

static struct world *world_create(void)
{
    struct world *world = calloc(1, sizeof *world); /* nng keeps it until the process ends */
    assert_non_null(world);
    world->harness = harness_create();
    world->port_base = harness_port_base();
    return world;
}

static void open_publisher(struct world *world)
{
    struct fault fault = { "" };
    if (bus_publisher_open(world->port_base, BUS_NOTICES, &world->publisher, &fault))
        fail_msg("%s", fault.text);
}

static void open_reader(struct world *world, size_t which, const char *const *topics, size_t count)
{
    struct fault fault = { "" };
    struct bus_subscriber *subscriber;
    if (bus_subscriber_open(world->harness->loop, world->port_base, BUS_NOTICES, topics, count, hear,
                            &world->readers[which], &subscriber, &fault))
        fail_msg("%s", fault.text);
}

static void ring_next(void *context)
{
    struct world *world = context;
    doorbell_ring(world->publisher, DOORBELL_HEARTBEAT_TOPIC, ++world->sent);
}

static bool both_heard(void *context)
{
    struct world *world = context;
    return world->readers[0].heard && world->readers[1].heard;
}

static bool first_heard(void *context)
{
    struct world *world = context;
    return world->readers[0].heard;
}

static bool first_is_up_to_date(void *context)
{
    struct world *world = context;
    return world->readers[0].last >= world->wanted_last;
}

static void every_reader_hears_what_is_published(void **state)
{
    (void)state;
    struct world *world = world_create();
    open_publisher(world);
    open_reader(world, 0, NULL, 0);
    open_reader(world, 1, NULL, 0);
    assert_true(harness_run(world->harness, both_heard, ring_next, world));
}

static void publish_three_topics(void *context)
{
    struct world *world = context;
    bus_publish(world->publisher, "desk", (struct bytes){ (const uint8_t *)"to the desk", 11 });
    bus_publish(world->publisher, "worker/li", (struct bytes){ (const uint8_t *)"to Li", 5 });
    ring_next(context);
}

static void a_reader_hears_only_the_topics_that_it_asked_for(void **state)
{
    (void)state;
    struct world *world = world_create();
    open_publisher(world);
    open_reader(world, 0, (const char *const[]){ "worker/" }, 1);
    open_reader(world, 1, (const char *const[]){ "desk", "heart" }, 2);
    world->wanted_last = 3;
    assert_true(harness_run(world->harness, both_heard, publish_three_topics, world));
    assert_string_equal(world->readers[0].topics, "worker/li ");
    assert_string_equal(world->readers[0].message, "to Li");
    assert_null(strstr(world->readers[1].topics, "worker"));
}

static void an_empty_message_keeps_its_topic(void **state)
{
    (void)state;
    struct world *world = world_create();
    open_publisher(world);
    open_reader(world, 0, NULL, 0);
    assert_true(harness_run(world->harness, first_heard, ring_next, world));
    world->wanted_last = world->sent; /* several may have been rung before the first was heard */
    assert_true(harness_run(world->harness, first_is_up_to_date, NULL, world));
    world->readers[0] = (struct reader){ 0 };
    bus_publish(world->publisher, "wall", (struct bytes){ NULL, 0 });
    assert_true(harness_run(world->harness, first_heard, NULL, world));
    assert_string_equal(world->readers[0].topics, "wall ");
    assert_string_equal(world->readers[0].message, "");
}

static void a_reader_that_is_there_first_finds_the_publisher_and_its_successor(void **state)
{
    (void)state;
    struct world *world = world_create();
    open_reader(world, 0, NULL, 0);
    char port[32];
    snprintf(port, sizeof port, "%lld", (long long)world->port_base);
    int out;
    pid_t child = harness_spawn((const char *const[]){ "publish", port, NULL }, 0, &out);
    assert_true(harness_run(world->harness, first_heard, NULL, world));
    kill(child, SIGKILL);
    harness_wait(child);
    close(out);
    assert_string_equal(world->readers[0].topics, "heartbeat ");
    open_publisher(world); /* the successor: the same port, at once */
    world->readers[0] = (struct reader){ 0 };
    world->sent = 1000000;
    world->wanted_last = world->sent + 1;
    assert_true(harness_run(world->harness, first_is_up_to_date, ring_next, world));
}

static void a_slow_reader_loses_messages_and_sees_the_gap_by_their_numbers(void **state)
{
    (void)state;
    struct world *world = world_create();
    open_publisher(world);
    open_reader(world, 0, NULL, 0);
    assert_true(harness_run(world->harness, first_heard, ring_next, world));
    for (int i = 0; i < FLOOD; i++)
        ring_next(world); /* the reader's loop stands still meanwhile */
    uint64_t behind = world->sent;
    world->wanted_last = behind + 1;
    assert_true(harness_run(world->harness, first_is_up_to_date, ring_next, world));
    assert_true(world->readers[0].gaps > 0);
    assert_true(world->readers[0].heard < behind);
}

static uint64_t forty_two(void *context)
{
    (void)context;
    return 42;
}

static void the_heartbeat_says_how_far_the_outbox_is(void **state)
{
    (void)state;
    struct world *world = world_create();
    open_publisher(world);
    open_reader(world, 0, (const char *const[]){ DOORBELL_HEARTBEAT_TOPIC }, 1);
    struct doorbell_heart heart = { 0 };
    doorbell_heart_stop(&heart);
    doorbell_heart_start(&heart, world->harness->loop, world->publisher, forty_two, NULL);
    assert_true(harness_run(world->harness, first_heard, NULL, world));
    assert_int_equal(world->readers[0].last, 42);
    doorbell_heart_stop(&heart);
}

static void a_doorbell_of_another_size_says_nothing(void **state)
{
    (void)state;
    static const uint8_t bytes[9] = { 0, 0, 0, 0, 0, 0, 1, 2, 3 };
    assert_int_equal(doorbell_seq((struct bytes){ bytes, 8 }), 258);
    assert_int_equal(doorbell_seq((struct bytes){ bytes, 9 }), 0);
    assert_int_equal(doorbell_seq((struct bytes){ NULL, 0 }), 0);
}

struct listener {
    struct world *world;
    struct loop_watch watch;
    bool heard;
};

static int child_says(void *context, uint32_t events)
{
    (void)events;
    struct listener *listener = context;
    char line[64];
    if (harness_read_line(listener->watch.fd, line, sizeof line))
        listener->heard = strcmp(line, "desk") == 0;
    loop_remove(listener->world->harness->loop, &listener->watch);
    return 0;
}

static void publish_to_desk(void *context)
{
    struct listener *listener = context;
    doorbell_ring(listener->world->publisher, "desk", 7);
}

static bool child_heard(void *context)
{
    return ((struct listener *)context)->heard;
}

static void ring_both(void *context)
{
    struct world *world = context;
    doorbell_ring(world->publisher, "desk", 1);
    doorbell_ring(world->other, "wall", 1);
}

static bool both_were_heard(void *context)
{
    struct world *world = context;
    return strstr(world->readers[0].topics, "desk") && strstr(world->readers[0].topics, "wall");
}

static void many_publishers_find_the_reader_that_listens_and_its_successor(void **state)
{
    (void)state;
    struct world *world = world_create();
    struct fault fault = { "" };
    struct bus_subscriber *subscriber;
    assert_int_equal(bus_publisher_dial(world->port_base, BUS_NOTICES, &world->publisher, &fault), 0);
    assert_int_equal(bus_publisher_dial(world->port_base, BUS_NOTICES, &world->other, &fault), 0);
    char port[32], line[64];
    snprintf(port, sizeof port, "%lld", (long long)world->port_base);
    struct listener theirs = { .world = world };
    int out;
    pid_t child = harness_spawn((const char *const[]){ "receive", port, NULL }, 0, &out);
    assert_true(harness_read_line(out, line, sizeof line)); /* "ready" */
    theirs.watch = (struct loop_watch){ .fd = out, .ready = child_says, .context = &theirs };
    assert_int_equal(loop_add(world->harness->loop, &theirs.watch, EPOLLIN), 0);
    assert_true(harness_run(world->harness, child_heard, publish_to_desk, &theirs));
    kill(child, SIGKILL);
    harness_wait(child);
    close(out);
    assert_int_equal(bus_subscriber_listen(world->harness->loop, world->port_base, BUS_NOTICES, NULL, 0, hear,
                                           &world->readers[0], &subscriber, &fault),
                     0);
    assert_true(harness_run(world->harness, both_were_heard, ring_both, world));
}

/* Ours dialled later and has heard, and the other one was turned away again and again. */
static bool ours_heard_and_the_other_was_refused(void *context)
{
    struct listener *ours = context;
    return ours->heard && harness_metric("drumtower_bus_peers_refused_total") >= 3;
}

static void another_user_cannot_listen(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("SKIP: needs root, to start a process of another user\n");
        skip();
    }
    struct world *world = world_create();
    open_publisher(world);
    char port[32], line[64];
    snprintf(port, sizeof port, "%lld", (long long)world->port_base);
    int other_out, own_out;
    pid_t other = harness_spawn((const char *const[]){ "listen", port, NULL }, NOBODY, &other_out);
    assert_true(harness_read_line(other_out, line, sizeof line)); /* "ready": it dials from now on */
    pid_t own = harness_spawn((const char *const[]){ "listen", port, NULL }, 0, &own_out);
    assert_true(harness_read_line(own_out, line, sizeof line));
    struct listener ours = { .world = world };
    ours.watch = (struct loop_watch){ .fd = own_out, .ready = child_says, .context = &ours };
    assert_int_equal(loop_add(world->harness->loop, &ours.watch, EPOLLIN), 0);
    assert_true(harness_run(world->harness, ours_heard_and_the_other_was_refused, publish_to_desk, &ours));
    kill(own, SIGKILL);
    kill(other, SIGKILL);
    harness_wait(own);
    harness_wait(other);
    assert_false(harness_read_line(other_out, line, sizeof line));
    close(own_out);
    close(other_out);
}

/* ---- what the children do ---- */

static int run_publisher(int64_t port_base)
{
    struct doorbell_heart heart;
    struct world *world = world_create();
    world->port_base = port_base;
    open_publisher(world);
    doorbell_heart_start(&heart, world->harness->loop, world->publisher, forty_two, NULL);
    return loop_run(world->harness->loop);
}

static int print_topic(void *context, const char *topic, struct bytes message)
{
    (void)context, (void)message;
    dprintf(STDOUT_FILENO, "%s\n", topic);
    return 0;
}

static int run_listener(int64_t port_base, bool dials)
{
    struct fault fault = { "" };
    struct bus_subscriber *subscriber;
    struct harness *harness = harness_create();
    if ((dials ? bus_subscriber_open : bus_subscriber_listen)(harness->loop, port_base, BUS_NOTICES, NULL, 0,
                                                              print_topic, NULL, &subscriber, &fault))
        return 1;
    dprintf(STDOUT_FILENO, "ready\n");
    return loop_run(harness->loop);
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return strcmp(argv[1], "publish") == 0 ? run_publisher(atoll(argv[2]))
                                               : run_listener(atoll(argv[2]), strcmp(argv[1], "listen") == 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_that_is_there_first_finds_the_publisher_and_its_successor),
        cmocka_unit_test(another_user_cannot_listen),
        cmocka_unit_test(many_publishers_find_the_reader_that_listens_and_its_successor),
        cmocka_unit_test(every_reader_hears_what_is_published),
        cmocka_unit_test(a_reader_hears_only_the_topics_that_it_asked_for),
        cmocka_unit_test(an_empty_message_keeps_its_topic),
        cmocka_unit_test(a_slow_reader_loses_messages_and_sees_the_gap_by_their_numbers),
        cmocka_unit_test(the_heartbeat_says_how_far_the_outbox_is),
        cmocka_unit_test(a_doorbell_of_another_size_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
