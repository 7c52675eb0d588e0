/* What the door counts for each address of a peer: its connections, the bodies of its requests, and its wrong passwords of the last minute.
 * IPv6 peers are counted by /64, which is what one subscriber has; mapped IPv4 addresses count as IPv4.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum { PEER_BUCKETS = 1024, PEER_TEXT = INET6_ADDRSTRLEN };

struct peer {
    uint8_t key[16];
    char text[PEER_TEXT]; /* the address that was seen first */
    int64_t connections;
    int64_t body_bytes;                  /* that are held for it */
    int64_t failures, failures_since_ms; /* monotonic */
    struct peer *next;
};

struct peers {
    struct peer *buckets[PEER_BUCKETS];
    int64_t count;
};

/* Finds it or makes it. It stays as long as it has connections or recent failures. */
struct peer *peer_of(struct peers *peers, const struct sockaddr *address);
void peer_left(struct peers *peers, struct peer *peer); /* one connection less */

/* Wrong passwords: at most `most` in PEER_FAILURES_MS. */
enum { PEER_FAILURES_MS = 60 * 1000 };
void peer_failed(struct peer *peer, int64_t now_mono_ms);
bool peer_may_try(const struct peer *peer, int64_t most, int64_t now_mono_ms);

void peers_finish(struct peers *peers);
