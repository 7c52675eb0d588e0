#include "proto/door/peer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"

enum { PEERS_KEPT = 8192 }; /* more than this: those without connections and recent failures go */

static void key_of(const struct sockaddr *address, uint8_t key[16], char text[PEER_TEXT])
{
    static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    memset(key, 0, 16);
    text[0] = 0;
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)address;
        memcpy(key, mapped, sizeof mapped);
        memcpy(key + 12, &four->sin_addr, 4);
        inet_ntop(AF_INET, &four->sin_addr, text, PEER_TEXT);
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
        bool is_mapped = memcmp(&six->sin6_addr, mapped, sizeof mapped) == 0;
        memcpy(key, &six->sin6_addr, is_mapped ? 16 : 8);
        if (is_mapped)
            inet_ntop(AF_INET, (const uint8_t *)&six->sin6_addr + 12, text, PEER_TEXT);
        else
            inet_ntop(AF_INET6, &six->sin6_addr, text, PEER_TEXT);
    }
}

static struct peer **bucket_of(struct peers *peers, const uint8_t key[16])
{
    uint64_t mixed = 0;
    for (int i = 0; i < 16; i++)
        mixed = (mixed ^ key[i]) * UINT64_C(0x100000001b3);
    return &peers->buckets[(mixed ^ mixed >> 32) % PEER_BUCKETS];
}

static bool idle(const struct peer *peer, int64_t now)
{
    return !peer->connections && (!peer->failures || now - peer->failures_since_ms >= PEER_FAILURES_MS);
}

static void forget_idle(struct peers *peers)
{
    int64_t now = clock_mono_ms();
    for (size_t i = 0; i < PEER_BUCKETS; i++)
        for (struct peer **at = &peers->buckets[i]; *at;) {
            struct peer *peer = *at;
            if (!idle(peer, now)) {
                at = &peer->next;
                continue;
            }
            *at = peer->next;
            free(peer);
            peers->count--;
        }
}

struct peer *peer_of(struct peers *peers, const struct sockaddr *address)
{
    uint8_t key[16];
    char text[PEER_TEXT];
    key_of(address, key, text);
    struct peer **bucket = bucket_of(peers, key);
    for (struct peer *peer = *bucket; peer; peer = peer->next)
        if (memcmp(peer->key, key, sizeof key) == 0)
            return peer;
    if (peers->count >= PEERS_KEPT)
        forget_idle(peers);
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer)
        abort();
    memcpy(peer->key, key, sizeof key);
    memcpy(peer->text, text, sizeof text);
    peer->next = *bucket;
    *bucket = peer;
    peers->count++;
    return peer;
}

void peer_left(struct peers *peers, struct peer *peer)
{
    peer->connections--;
    if (!idle(peer, clock_mono_ms()))
        return;
    for (struct peer **at = bucket_of(peers, peer->key); *at; at = &(*at)->next)
        if (*at == peer) {
            *at = peer->next;
            free(peer);
            peers->count--;
            return;
        }
}

void peer_failed(struct peer *peer, int64_t now_mono_ms)
{
    if (now_mono_ms - peer->failures_since_ms >= PEER_FAILURES_MS || !peer->failures) {
        peer->failures = 0;
        peer->failures_since_ms = now_mono_ms;
    }
    peer->failures++;
}

bool peer_may_try(const struct peer *peer, int64_t most, int64_t now_mono_ms)
{
    return peer->failures < most || now_mono_ms - peer->failures_since_ms >= PEER_FAILURES_MS;
}

void peers_finish(struct peers *peers)
{
    for (size_t i = 0; i < PEER_BUCKETS; i++)
        while (peers->buckets[i]) {
            struct peer *peer = peers->buckets[i];
            peers->buckets[i] = peer->next;
            free(peer);
        }
    peers->count = 0;
}
