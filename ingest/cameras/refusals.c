#include "ingest/cameras/refusals.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* No more than the book has addresses. */
struct refusals {
    GHashTable *addresses, *accounts; /* → struct refusal */
};

struct refusal {
    int64_t at_mono_ms; /* the last one; of an account also: when one address was let try for all */
    unsigned in_a_row;
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
    refusals->addresses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, refusal_free);
    refusals->accounts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, refusal_free);
    return refusals;
}

void refusals_destroy(struct refusals *refusals)
{
    if (!refusals)
        return;
    g_hash_table_destroy(refusals->addresses);
    g_hash_table_destroy(refusals->accounts);
    g_free(refusals);
}

static char *account_of(const char *address)
{
    const char *scheme_end = strstr(address, "://");
    const char *account = scheme_end ? scheme_end + 3 : address;
    return g_strndup(account, strcspn(account, "/?"));
}

/* Takes `key`. Returns whether it was not held already. */
static bool keep(GHashTable *table, char *key, const char *reason, int64_t now_mono_ms)
{
    struct refusal *refusal = g_hash_table_lookup(table, key);
    bool is_new = !refusal;
    if (is_new) {
        refusal = g_new0(struct refusal, 1);
        g_hash_table_insert(table, key, refusal);
    } else {
        g_free(key);
    }
    g_free(refusal->reason);
    refusal->reason = g_strdup(reason);
    refusal->at_mono_ms = now_mono_ms;
    refusal->in_a_row++;
    return is_new;
}

void refusals_keep(struct refusals *refusals, const char *address, const char *reason, int64_t now_mono_ms)
{
    if (keep(refusals->addresses, g_strdup(address), reason, now_mono_ms)) /* not two who asked at once */
        keep(refusals->accounts, account_of(address), reason, now_mono_ms);
}

void refusals_end(struct refusals *refusals, const char *address)
{
    char *account = account_of(address);
    g_hash_table_remove(refusals->accounts, account);
    g_free(account);
}

static int left_alone(const struct refusal *refusal, struct fault *fault)
{
    return fault_set(fault, -EACCES, "not asked again for %d minutes: %s", REFUSALS_MS / (60 * 1000), refusal->reason);
}

int refusals_check(struct refusals *refusals, const char *address, int64_t now_mono_ms, struct fault *fault)
{
    const struct refusal *refusal = g_hash_table_lookup(refusals->addresses, address);
    if (refusal && now_mono_ms - refusal->at_mono_ms < REFUSALS_MS)
        return left_alone(refusal, fault);
    char *account_key = account_of(address);
    struct refusal *account = g_hash_table_lookup(refusals->accounts, account_key);
    g_free(account_key);
    if (account && account->in_a_row >= REFUSALS_IN_A_ROW) {
        if (now_mono_ms - account->at_mono_ms < REFUSALS_MS)
            return left_alone(account, fault);
        account->at_mono_ms = now_mono_ms;
    }
    g_hash_table_remove(refusals->addresses, address);
    return 0;
}
