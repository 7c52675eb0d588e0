#include "ingest/cameras/refusals.h"

#include <glib.h>

/* No more than the book has addresses. */
struct refusals {
    GHashTable *refused; /* address → struct refusal */
};

struct refusal {
    int64_t at_mono_ms;
    char *reason;
};

static void refusal_free(gpointer context)
{
    struct refusal *refusal = context;
    g_free(refusal->reason);
    g_free(refusal);
}

struct refusals *refusals_create(void)
{
    struct refusals *refusals = g_new0(struct refusals, 1);
    refusals->refused = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, refusal_free);
    return refusals;
}

void refusals_destroy(struct refusals *refusals)
{
    if (!refusals)
        return;
    g_hash_table_destroy(refusals->refused);
    g_free(refusals);
}

void refusals_keep(struct refusals *refusals, const char *address, const char *reason, int64_t now_mono_ms)
{
    struct refusal *refusal = g_new(struct refusal, 1);
    *refusal = (struct refusal){ .at_mono_ms = now_mono_ms, .reason = g_strdup(reason) };
    g_hash_table_replace(refusals->refused, g_strdup(address), refusal);
}

int refusals_check(struct refusals *refusals, const char *address, int64_t now_mono_ms, struct fault *fault)
{
    const struct refusal *refusal = g_hash_table_lookup(refusals->refused, address);
    if (!refusal)
        return 0;
    if (now_mono_ms - refusal->at_mono_ms < REFUSALS_MS)
        return fault_set(fault, -EACCES, "not asked again for %d minutes: %s", REFUSALS_MS / (60 * 1000),
                         refusal->reason);
    g_hash_table_remove(refusals->refused, address);
    return 0;
}
