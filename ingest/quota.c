#include "ingest/quota.h"

#include <arpa/inet.h>
#include <string.h>

#include "proto/base/crypto.h"
#include "proto/base/metrics.h"
#include "proto/base/timestamp.h"

enum { PROBES = 8 };

static struct metric refused = METRIC_COUNTER("drumtower_ingest_quota_refused_total", "Reports and lists refused, as "
                                                                                      "their address had its share.");
static struct metric full = METRIC_COUNTER("drumtower_ingest_quota_full_total", "Reports and lists that were not "
                                                                                "counted because the table of "
                                                                                "addresses was full.");

static bool is_own_machine(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 || strncmp(address, "::ffff:127.", 11) == 0;
}

/* Of IPv6 the first half, which is what one subscriber has. */
static uint64_t address_hash(const char *address)
{
    struct in6_addr six;
    bool is_six = inet_pton(AF_INET6, address, &six) == 1;
    struct hash hash = is_six ? hash_of(&six, sizeof six / 2) : hash_of(address, strlen(address));
    uint64_t value;
    memcpy(&value, hash.bytes, sizeof value);
    return value ? value : 1;
}

/* The address's slot of this window; NULL where all its places are taken by others. */
static struct quota_slot *find(struct quota *quota, uint64_t address, int64_t window)
{
    struct quota_slot *spare = NULL;
    for (uint64_t i = 0; i < PROBES; i++) {
        struct quota_slot *slot = &quota->slots[(address + i) % QUOTA_SLOTS];
        if (slot->address == address && slot->window == window)
            return slot;
        if (!spare && (!slot->address || slot->window != window))
            spare = slot;
    }
    if (spare)
        *spare = (struct quota_slot){ .address = address, .window = window };
    return spare;
}

bool quota_take(struct quota *quota, const char *address, int64_t now_mono_ms)
{
    if (!quota->most || is_own_machine(address))
        return true;
    struct quota_slot *slot = find(quota, address_hash(address), now_mono_ms / quota->window_ms);
    if (!slot) {
        metric_add(&full, 1);
        return true;
    }
    if (slot->count >= quota->most) {
        metric_add(&refused, 1);
        return false;
    }
    slot->count++;
    return true;
}

void quota_give_back(struct quota *quota, const char *address, int64_t now_mono_ms)
{
    if (!quota->most || is_own_machine(address))
        return;
    struct quota_slot *slot = find(quota, address_hash(address), now_mono_ms / quota->window_ms);
    if (slot && slot->count)
        slot->count--;
}

int64_t quota_wait_seconds(const struct quota *quota, int64_t now_mono_ms)
{
    return (quota->window_ms - now_mono_ms % quota->window_ms) / MS_PER_SECOND + 1;
}
