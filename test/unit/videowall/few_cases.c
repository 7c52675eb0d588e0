#include "few_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/timestamp.h"
#include "proto/store/case_store.h"

static const int64_t monday = INT64_C(1767571200000); /* 2026-01-05T00:00Z: the days are UTC's */

static void put(struct txn *txn, int64_t id, const char *department, enum clock_state dispose, int64_t disposed_ms)
{
    char number[16];
    snprintf(number, sizeof number, "n%lld", (long long)id);
    struct task task = { .role = TASK_ROLE_LEAD, .state = TASK_TAKEN, .department = department };
    struct clock clock = { .kind = CLOCK_DISPOSE, .state = dispose, .task = 1, .deadline_ms = monday + MS_PER_HOUR };
    case_put(txn, NULL,
             &(struct case_file){ .id = id,
                                  .number = number,
                                  .state = disposed_ms ? CASE_DISPOSED : CASE_RECEIVED,
                                  .title = "井盖丢失",
                                  .department = department,
                                  .reported_at_ms = monday + id,
                                  .disposed_at_ms = disposed_ms,
                                  .tasks = { &task, 1 },
                                  .clocks = { &clock, 1 } });
}

struct store *few_cases_open(char folder[32])
{
    struct store *store = NULL;
    struct fault fault = { "" };
    strcpy(folder, "/tmp/drumtower-XXXXXX");
    if (!mkdtemp(folder) || case_store_open(folder, STORE_READ_WRITE, &store, &fault))
        fail_msg("%s", fault.text);
    struct txn *txn = txn_begin_write(store);
    for (int64_t id = 1; id <= 3; id++)
        put(txn, id, "water", CLOCK_STATE_STOPPED, monday + id * MS_PER_MINUTE);
    put(txn, 4, "water", CLOCK_STATE_FIRED, 0);
    put(txn, 5, "water", CLOCK_STATE_STOPPED_LATE, monday + 2 * MS_PER_HOUR);
    put(txn, 6, "roads", CLOCK_STATE_RUNNING, 0);
    if (txn_commit(txn, &fault))
        fail_msg("%s", fault.text);
    return store;
}
