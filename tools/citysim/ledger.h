/* What the city's people were promised and what they saw: every answered report, on its way to the handset and to its end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buffer.h"

struct ledger_report {
    int64_t receipt;                         /* the public id; 0 until it was answered */
    int64_t sent_mono_ms;                    /* first try */
    int64_t handset_mono_ms, closed_mono_ms; /* 0: not yet */
    bool dispatched;
};

/* One live list, as its reader saw it: with the outbox beside it, it shows whether a notice is missing. */
struct ledger_list {
    char topic[80];
    uint64_t begun_after; /* the list's number when it was opened first */
    uint64_t last;
    int64_t heard;
};

struct ledger {
    struct ledger_report *reports; /* in the order of sending */
    size_t count, capacity;
    struct ledger_list *lists;
    size_t list_count;
    int64_t answered, refused, dispatched, delivered, closed;
    int64_t notices, notices_doubled; /* at handsets, liaisons and desks: the same sequence number twice on one list */
    int64_t commands, commands_lost;  /* a command that never got an answer */
    int64_t receipts_doubled;         /* one receipt number for two reports */
    int64_t tiles_live;
    int64_t worst_report_to_handset_ms;
};

/* A new report was sent: its index. */
size_t ledger_sent(struct ledger *ledger, int64_t now_mono_ms);
void ledger_answered(struct ledger *ledger, size_t report, int64_t receipt);
/* Where a report's case was seen; a receipt that nobody here sent is another run's and is passed over. */
void ledger_dispatched(struct ledger *ledger, int64_t receipt);
void ledger_delivered(struct ledger *ledger, int64_t receipt, int64_t now_mono_ms);
void ledger_closed(struct ledger *ledger, int64_t receipt, int64_t now_mono_ms);

/* A list was opened for the first time: where it is kept from here on. */
size_t ledger_list_begun(struct ledger *ledger, const char *topic, uint64_t after);
/* False for a repeat, which is counted. */
bool ledger_notice(struct ledger *ledger, size_t list, uint64_t seq);

/* Every report that was answered has reached its end. */
bool ledger_at_rest(const struct ledger *ledger);
/* One line of JSON, without a line break. */
void ledger_print(const struct ledger *ledger, struct buffer *out);
/* Safe on a zeroed struct. */
void ledger_finish(struct ledger *ledger);
