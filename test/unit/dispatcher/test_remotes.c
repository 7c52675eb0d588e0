/* A remote department hears its own topics and nobody else's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dispatcher/remotes.h"
#include "test/unit/bus/bus_harness.h"
#include "test/unit/dispatcher/town.h"

static const char *book_folder;

/* The book with a socket for one department; that department's own authority, and two certificates of it. */
static const char make_files[] = "set -e; cp -r '%s' '%s/book'; cd '%s'\n"
                                 "sed -i 's#code: water,#code: water, remote_listen: \"%s\",#' book/departments.yaml\n"
                                 "exec 2>openssl.log; key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'\n"
                                 "openssl req -x509 $key -days 2 -subj /CN=water -keyout ca.key -out water.pem\n"
                                 "for name in centre.test water-client; do\n"
                                 "openssl req $key -subj /CN=$name -keyout $name.key -out $name.csr\n"
                                 "openssl x509 -req -in $name.csr -CA water.pem -CAkey ca.key -CAcreateserial -days 2 "
                                 "-out $name.crt\n"
                                 "cat $name.crt $name.key > $name.both; done\n";

struct world {
    struct harness *harness;
    char folder[64], url[64], cert[128], client[128], ca[128];
    struct book *book;
    struct remotes remotes;
    int water_heard, worker_heard, others_heard;
};

static int hear(void *context, const char *topic, struct bytes message)
{
    struct world *world = context;
    (void)message;
    world->water_heard += strcmp(topic, "dept/water") == 0;
    world->worker_heard += strcmp(topic, "worker/w-001") == 0;
    world->others_heard += strcmp(topic, "dept/water") != 0 && strcmp(topic, "worker/w-001") != 0;
    return 0;
}

static void publish_all(void *context)
{
    static const char *const topics[] = { "desk",        "wall",     "dept/roads", "worker/w-003", "receipt/1",
                                          "worker/o-01", "worker/x", "dept/x",     "dept/water",   "worker/w-001" };
    struct world *world = context;
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        struct notice notice = { .topic = topics[i] };
        remotes_publish(&world->remotes, &notice, (struct bytes){ (const uint8_t *)"x", 1 });
    }
}

static bool both_heard(void *context)
{
    struct world *world = context;
    return world->water_heard > 10 && world->worker_heard > 10;
}

static int make_world(void **state)
{
    char script[2000], book[128];
    struct fault fault = { "" };
    struct world *world = calloc(1, sizeof *world); /* nng keeps it until the process ends */
    *state = world;
    world->harness = harness_create();
    if (!town_make_folder(world->folder, "remotes"))
        return -1;
    snprintf(world->url, sizeof world->url, "tls+tcp://127.0.0.1:%d", (int)harness_port_base());
    snprintf(world->cert, sizeof world->cert, "%s/centre.test.both", world->folder);
    snprintf(world->client, sizeof world->client, "%s/water-client.both", world->folder);
    snprintf(world->ca, sizeof world->ca, "%s/water.pem", world->folder);
    snprintf(book, sizeof book, "%s/book", world->folder);
    snprintf(script, sizeof script, make_files, book_folder, world->folder, world->folder, world->url);
    return system(script) || book_load(book, &world->book, NULL, NULL, &fault);
}

static int remove_world(void **state)
{
    struct world *world = *state;
    town_remove_folder(world->folder);
    book_destroy(world->book);
    remotes_finish(&world->remotes);
    return 0;
}

static void a_remote_department_hears_itself_and_its_workers_only(void **state)
{
    struct world *world = *state;
    struct fault fault = { "" };
    struct bus_subscriber *subscriber;
    if (remotes_open(&world->remotes, world->book, world->cert, world->folder, &fault))
        fail_msg("%s", fault.text);
    assert_int_equal(world->remotes.count, 1);
    if (bus_remote_subscriber_open(world->harness->loop, world->url, "centre.test", world->client, world->ca, hear,
                                   world, &subscriber, &fault))
        fail_msg("%s", fault.text);
    assert_true(harness_run(world->harness, both_heard, publish_all, world));
    assert_int_equal(world->others_heard, 0);
}

static void without_a_certificate_none_is_opened(void **state)
{
    struct world *world = *state;
    struct fault fault = { "" };
    struct remotes none;
    assert_int_equal(remotes_open(&none, world->book, NULL, NULL, &fault), 0);
    assert_int_equal(none.count, 0);
    remotes_finish(&none);
}

static void a_missing_authority_is_named(void **state)
{
    struct world *world = *state;
    struct fault fault = { "" };
    struct remotes none;
    assert_true(remotes_open(&none, world->book, world->cert, "/nowhere", &fault) < 0);
    assert_non_null(strstr(fault.text, "/nowhere/water.pem"));
    remotes_finish(&none);
}

int main(int argc, char **argv)
{
    book_folder = argc > 1 ? argv[1] : "test/scenario/books/lane";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_certificate_none_is_opened),
        cmocka_unit_test(a_missing_authority_is_named),
        cmocka_unit_test(a_remote_department_hears_itself_and_its_workers_only),
    };
    return cmocka_run_group_tests(tests, make_world, remove_world);
}
