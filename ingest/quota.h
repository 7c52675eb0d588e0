/* How many requests of one address are taken in a window of time, so that one sender cannot fill the desk nor keep the store busy: reports
 * (book: reports_per_address_per_hour), lists of them (lists_per_address_per_minute).
 *
 * Fixed windows, counted in a table of fixed size; where that is full of addresses of this window, a new one passes. The own machine is not counted:
 * what comes from there is a reverse proxy, behind which all residents have one address, or a tool of the administrator.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { QUOTA_SLOTS = 1 << 14 };

struct quota {
    int64_t most;      /* 0: no limit */
    int64_t window_ms; /* MS_PER_HOUR, MS_PER_MINUTE */
    struct quota_slot {
        uint64_t address; /* hash of its text; 0: free */
        int64_t window, count;
    } slots[QUOTA_SLOTS];
};

/* Counts one request of the address ("192.0.2.7", "2001:db8::7"; of IPv6 its /64) at a time; false: it had its share. */
bool quota_take(struct quota *quota, const char *address, int64_t now_mono_ms);
/* Takes back what was counted for what was not taken through no fault of its sender, who is asked to send it again. */
void quota_give_back(struct quota *quota, const char *address, int64_t now_mono_ms);
/* Seconds until the next window begins. */
int64_t quota_wait_seconds(const struct quota *quota, int64_t now_mono_ms);
