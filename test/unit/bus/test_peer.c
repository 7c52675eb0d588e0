#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/bus/bus.h"
#include "proto/bus/peer.h"

static const char heading[] = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
                              "timeout inode\n";

static struct peer_end end_at(uint16_t port)
{
    return (struct peer_end){ htonl(INADDR_LOOPBACK), htons(port) };
}

/* The owner of 127.0.0.1:4660 → 127.0.0.1:8320 by a table with this row; -1 where there is none. */
static int owner_by(const char *row, bool mapped)
{
    char path[] = "/tmp/drumtower-peer-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    dprintf(fd, "%s%s\n", heading, row);
    close(fd);
    uid_t uid = 0;
    int result = peer_owner_in(path, mapped, end_at(4660), end_at(8320), &uid);
    unlink(path);
    assert_true(result >= 0);
    return result ? -1 : (int)uid;
}

static void the_owner_is_read_from_the_row_of_the_connection(void **state)
{
    (void)state;
    assert_int_equal(owner_by("   1: 0100007F:1234 0100007F:2080 01 00000000:00000000 00:00000000 00000000  1007       "
                              " 0 4711 1 0",
                              false),
                     1007);
}

static void an_ipv6_socket_on_an_ipv4_connection_is_found_too(void **state)
{
    (void)state;
    assert_int_equal(owner_by("   1: 0000000000000000FFFF00000100007F:1234 0000000000000000FFFF00000100007F:2080 01 "
                              "00000000:00000000 00:00000000 00000000  1007        0 4711 1 0",
                              true),
                     1007);
}

/* A closed or not yet accepted socket stands as root's: whoever sends a command and leaves at once would pass for root. */
static void a_socket_that_no_process_holds_has_no_owner(void **state)
{
    (void)state;
    assert_int_equal(owner_by("   1: 0100007F:1234 0100007F:2080 05 00000000:00000000 00:00000000 00000000     0       "
                              " 0 0 1 0",
                              false),
                     -1);
    assert_int_equal(owner_by("   1: 0100007F:1234 0100007F:2080 01 00000000:00000000 00:00000000 00000000     0       "
                              " 0 0 1 0",
                              false),
                     -1);
}

static void our_own_end_and_others_connections_do_not_count(void **state)
{
    (void)state;
    assert_int_equal(owner_by("   1: 0100007F:2080 0100007F:1234 01 00000000:00000000 00:00000000 00000000  1007       "
                              " 0 4711 1 0",
                              false),
                     -1);
    assert_int_equal(owner_by("   1: 0100007F:1235 0100007F:2080 01 00000000:00000000 00:00000000 00000000  1007       "
                              " 0 4711 1 0",
                              false),
                     -1);
}

static struct sockaddr_in name_of(int fd)
{
    struct sockaddr_in name;
    socklen_t size = sizeof name;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &size), 0);
    return name;
}

static void a_real_connection_of_this_process_is_ours(void **state)
{
    (void)state;
    struct sockaddr_in any = { .sin_family = AF_INET };
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(server, (struct sockaddr *)&any, sizeof any), 0);
    assert_int_equal(listen(server, 1), 0);
    struct sockaddr_in there = name_of(server);
    assert_int_equal(connect(client, (struct sockaddr *)&there, sizeof there), 0);
    int accepted = accept(server, NULL, NULL);
    assert_true(accepted >= 0);
    struct sockaddr_in here = name_of(client);
    uid_t uid = 12345;
    struct fault fault = { "" };
    assert_int_equal(peer_owner((struct peer_end){ here.sin_addr.s_addr, here.sin_port },
                                (struct peer_end){ there.sin_addr.s_addr, there.sin_port }, &uid, &fault),
                     0);
    assert_int_equal(uid, geteuid());
    close(client);
    assert_int_equal(peer_owner((struct peer_end){ here.sin_addr.s_addr, here.sin_port },
                                (struct peer_end){ there.sin_addr.s_addr, there.sin_port }, &uid, &fault),
                     1);
    close(accepted);
    close(server);
}

static void users_are_allowed_by_name_and_number(void **state)
{
    (void)state;
    struct fault fault = { "" };
    assert_int_equal(bus_allow_users("nobody,4711", &fault), 0);
    assert_true(peer_is_allowed(65534));
    assert_true(peer_is_allowed(4711));
    assert_true(peer_is_allowed(geteuid()));
    assert_false(peer_is_allowed(4712));
    assert_int_equal(bus_allow_users("no-such-user-here", &fault), -EINVAL);
    assert_non_null(strstr(fault.text, "no-such-user-here"));
    assert_int_equal(bus_allow_users(NULL, &fault), 0);
    assert_false(peer_is_allowed(4711));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_owner_is_read_from_the_row_of_the_connection),
        cmocka_unit_test(an_ipv6_socket_on_an_ipv4_connection_is_found_too),
        cmocka_unit_test(a_socket_that_no_process_holds_has_no_owner),
        cmocka_unit_test(our_own_end_and_others_connections_do_not_count),
        cmocka_unit_test(a_real_connection_of_this_process_is_ours),
        cmocka_unit_test(users_are_allowed_by_name_and_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
