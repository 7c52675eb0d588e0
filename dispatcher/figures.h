/* The dispatcher's metrics. */
#pragma once

#include "dispatcher/turn.h"
#include "proto/base/metrics.h"

struct figures {
    int64_t cursor, log_last, outbox_last, next_due_ms;
    int64_t doorbell_rings;
};

void figures_commit(int64_t took_us);
void figures_service(const struct turn_counts *counts, const struct figures *figures);
void figures_store(struct store *store);
