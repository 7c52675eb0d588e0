#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test/unit/bus/bus_harness.h"

/* Two authorities: the department's, and somebody else's. */
static const char make_certificates[] =
    "set -e; cd '%s'; exec 2>make.log\n"
    "ca() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj \"/CN=$1\" "
    "-keyout $1.key -out $1.pem; }\n"
    "cert() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj \"/CN=$3\" -keyout $2.key -out "
    "$2.csr; "
    "openssl x509 -req -in $2.csr -CA $1.pem -CAkey $1.key -CAcreateserial -days 2 -out $2.crt; "
    "cat $2.crt $2.key > $2.pem; }\n"
    "ca water; ca other; cert water centre centre.test; cert water client water-client; cert other stranger "
    "water-client; cert other impostor centre.test\n";

struct reader {
    int heard;
    char message[64];
};

struct world {
    struct harness *harness;
    char folder[64], url[64];
    char files[8][PATH_MAX];
    struct bus_remote *remote;
    struct reader good, bad;
};

static const char *file(struct world *world, const char *name)
{
    static size_t next;
    char *path = world->files[next++ % 8];
    snprintf(path, PATH_MAX, "%s/%s", world->folder, name);
    return path;
}

static int hear(void *context, const char *topic, struct bytes message)
{
    struct reader *reader = context;
    assert_string_equal(topic, "dept/water");
    reader->heard++;
    snprintf(reader->message, sizeof reader->message, "%.*s", (int)message.size, message.data);
    return 0;
}

static int make_world(void **state)
{
    struct world *world = calloc(1, sizeof *world); /* nng keeps it until the process ends */
    assert_non_null(world);
    world->harness = harness_create();
    snprintf(world->folder, sizeof world->folder, "/tmp/drumtower-remote-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    char script[2048];
    snprintf(script, sizeof script, make_certificates, world->folder);
    assert_int_equal(system(script), 0);
    snprintf(world->url, sizeof world->url, "tls+tcp://127.0.0.1:%lld", (long long)harness_port_base());
    *state = world;
    return 0;
}

static int remove_world(void **state)
{
    struct world *world = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", world->folder);
    return system(command);
}

static void open_remote(struct world *world, const char *certificate)
{
    struct fault fault = { "" };
    if (bus_remote_open(world->url, file(world, certificate), file(world, "water.pem"), &world->remote, &fault))
        fail_msg("%s", fault.text);
}

static void open_reader(struct world *world, const char *server, const char *certificate, struct reader *reader)
{
    struct fault fault = { "" };
    struct bus_subscriber *subscriber;
    if (bus_remote_subscriber_open(world->harness->loop, world->url, server, file(world, certificate),
                                   file(world, "water.pem"), hear, reader, &subscriber, &fault))
        fail_msg("%s", fault.text);
}

static void publish(void *context)
{
    struct world *world = context;
    bus_remote_publish(world->remote, "dept/water", (struct bytes){ (const uint8_t *)"burst pipe", 10 });
}

static bool good_heard(void *context)
{
    struct world *world = context;
    return world->good.heard >= 20;
}

static void a_client_of_the_departments_authority_hears_its_notices(void **state)
{
    struct world *world = *state;
    open_remote(world, "centre.pem");
    open_reader(world, "centre.test", "client.pem", &world->good);
    assert_true(harness_run(world->harness, good_heard, publish, world));
    assert_string_equal(world->good.message, "burst pipe");
}

/* The stranger dials first, so it has had the longer time when the other one has heard. */
static void a_client_of_another_authority_hears_nothing(void **state)
{
    struct world *world = *state;
    open_remote(world, "centre.pem");
    open_reader(world, "centre.test", "stranger.pem", &world->bad);
    open_reader(world, "centre.test", "client.pem", &world->good);
    assert_true(harness_run(world->harness, good_heard, publish, world));
    assert_int_equal(world->bad.heard, 0);
}

static void a_client_does_not_listen_to_a_server_of_another_name(void **state)
{
    struct world *world = *state;
    open_remote(world, "centre.pem");
    open_reader(world, "elsewhere.test", "client.pem", &world->bad);
    open_reader(world, "centre.test", "client.pem", &world->good);
    assert_true(harness_run(world->harness, good_heard, publish, world));
    assert_int_equal(world->bad.heard, 0);
}

struct other_server {
    struct world *world;
    struct bus_remote *honest;
};

static void publish_from_both(void *context)
{
    struct other_server *both = context;
    publish(both->world);
    bus_remote_publish(both->honest, "dept/water", (struct bytes){ (const uint8_t *)"honest", 6 });
}

static bool good_heard_from_both(void *context)
{
    struct other_server *both = context;
    return good_heard(both->world);
}

static void a_client_does_not_listen_to_an_impostor(void **state)
{
    struct world *world = *state;
    open_remote(world, "impostor.pem"); /* the right name, by another authority */
    open_reader(world, "centre.test", "client.pem", &world->bad);
    struct other_server both = { .world = world };
    snprintf(world->url, sizeof world->url, "tls+tcp://127.0.0.1:%lld", (long long)harness_port_base());
    struct fault fault = { "" };
    assert_int_equal(
        bus_remote_open(world->url, file(world, "centre.pem"), file(world, "water.pem"), &both.honest, &fault), 0);
    open_reader(world, "centre.test", "client.pem", &world->good);
    assert_true(harness_run(world->harness, good_heard_from_both, publish_from_both, &both));
    assert_string_equal(world->good.message, "honest");
    assert_int_equal(world->bad.heard, 0);
}

static void a_missing_certificate_is_named(void **state)
{
    struct world *world = *state;
    struct fault fault = { "" };
    struct bus_remote *remote;
    assert_int_equal(bus_remote_open(world->url, file(world, "nowhere.pem"), file(world, "water.pem"), &remote, &fault),
                     -ENOENT);
    assert_non_null(strstr(fault.text, "nowhere.pem"));
}

static void an_address_without_tls_is_refused(void **state)
{
    struct world *world = *state;
    struct fault fault = { "" };
    struct bus_remote *remote;
    assert_int_equal(
        bus_remote_open("tcp://0.0.0.0:8331", file(world, "centre.pem"), file(world, "water.pem"), &remote, &fault),
        -EINVAL);
    assert_non_null(strstr(fault.text, "tls+tcp://"));
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, make_world, remove_world)
    const struct CMUnitTest tests[] = {
        STORY(a_client_of_the_departments_authority_hears_its_notices),
        STORY(a_client_of_another_authority_hears_nothing),
        STORY(a_client_does_not_listen_to_a_server_of_another_name),
        STORY(a_client_does_not_listen_to_an_impostor),
        STORY(a_missing_certificate_is_named),
        STORY(an_address_without_tls_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
