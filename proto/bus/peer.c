#include "proto/bus/peer.h"

#include <arpa/inet.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/bus/bus.h"

enum { PEER_END_TEXT = 48, ALLOWED_USERS = 16, STATE_ESTABLISHED = 1 };

/* Set once at start, before any socket, and only read afterwards: nng gives its pipe callback no way to the caller of an open. */
static struct {
    uid_t users[ALLOWED_USERS];
    size_t count;
} allowed;

static int user_of(const char *name, uid_t *uid)
{
    char *end;
    unsigned long number = strtoul(name, &end, 10);
    const struct passwd *user = getpwnam(name);
    if (user)
        *uid = user->pw_uid;
    else if (*name && !*end && number < UINT32_MAX)
        *uid = (uid_t)number;
    else
        return 1;
    return 0;
}

int bus_allow_users(const char *users, struct fault *fault)
{
    allowed.count = 0;
    for (const char *at = users; at && *at;) {
        size_t length = strcspn(at, ",");
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        if (allowed.count == ALLOWED_USERS)
            return fault_set(fault, -EINVAL, "bus users: '%s' is one too many, at most %d", name, ALLOWED_USERS);
        if (length >= sizeof name || user_of(name, &allowed.users[allowed.count]))
            return fault_set(fault, -EINVAL, "bus users: this machine has no user '%s'", name);
        allowed.count++;
        at += length + (at[length] == ',');
    }
    return 0;
}

bool peer_is_allowed(uid_t uid)
{
    if (uid == 0 || uid == geteuid())
        return true;
    for (size_t i = 0; i < allowed.count; i++)
        if (allowed.users[i] == uid)
            return true;
    return false;
}

/* As the kernel prints it: every 32-bit word as a number of the host. */
static void end_text(char out[PEER_END_TEXT], struct peer_end end, bool mapped)
{
    if (mapped)
        snprintf(out, PEER_END_TEXT, "%08X%08X%08X%08X:%04X", 0u, 0u, htonl(0xffff), end.address, ntohs(end.port));
    else
        snprintf(out, PEER_END_TEXT, "%08X:%04X", end.address, ntohs(end.port));
}

int peer_owner_in(const char *table, bool mapped, struct peer_end theirs, struct peer_end ours, uid_t *uid)
{
    FILE *file = fopen(table, "re");
    if (!file)
        return -errno;
    char local[PEER_END_TEXT], remote[PEER_END_TEXT], line[512];
    end_text(local, theirs, mapped);
    end_text(remote, ours, mapped);
    int result = 1;
    while (result == 1 && fgets(line, sizeof line, file)) {
        char row_local[PEER_END_TEXT], row_remote[PEER_END_TEXT];
        unsigned state, owner;
        unsigned long inode;
        if (sscanf(line, "%*s %47s %47s %x %*s %*s %*s %u %*s %lu", row_local, row_remote, &state, &owner, &inode) != 5)
            continue; /* the heading */
        if (state != STATE_ESTABLISHED || inode == 0 || strcmp(row_local, local) != 0 ||
            strcmp(row_remote, remote) != 0)
            continue;
        *uid = owner;
        result = 0;
    }
    fclose(file);
    return result;
}

int peer_owner(struct peer_end theirs, struct peer_end ours, uid_t *uid, struct fault *fault)
{
    int in_v4 = peer_owner_in("/proc/net/tcp", false, theirs, ours, uid);
    if (in_v4 == 0)
        return 0;
    int in_v6 = peer_owner_in("/proc/net/tcp6", true, theirs, ours, uid);
    if (in_v6 == 0)
        return 0;
    if (in_v4 < 0)
        return fault_set(fault, in_v4, "/proc/net/tcp: %s; the bus cannot tell who its peers are", strerror(-in_v4));
    return 1; /* no tcp6 table means that there are no IPv6 sockets */
}
