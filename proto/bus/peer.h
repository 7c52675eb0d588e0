/* Who is at the other end of a loopback TCP connection, by the kernel's table of sockets (/proc/net/tcp, /proc/net/tcp6). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "proto/base/fault.h"

/* An IPv4 end of a connection, both in network byte order. */
struct peer_end {
    uint32_t address;
    uint16_t port;
};

/* The user that owns the socket bound to `theirs` and connected to `ours`. 1 where no process has it (any more): a socket that nobody
 * has accepted yet, or that was closed, stands in the table as root's, so those do not count. <0: no table can be read. */
int peer_owner(struct peer_end theirs, struct peer_end ours, uid_t *uid, struct fault *fault);

/* Reads one table; `mapped`: of IPv6 sockets, the ends as ::ffff:a.b.c.d. 1 where it has no such row, -errno where it cannot be read. */
int peer_owner_in(const char *table, bool mapped, struct peer_end theirs, struct peer_end ours, uid_t *uid);

bool peer_is_allowed(uid_t uid);
