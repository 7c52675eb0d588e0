/* The records that are stored or sent, as the target `record` and its seeds count them: a seed's first byte is an index into this list. */
#pragma once

#include "ingest/sources/mqtt/filter.h"
#include "proto/door/account_record.h"
#include "proto/door/account_store.h"
#include "proto/record/camera.h"
#include "proto/record/case.h"
#include "proto/record/command.h"
#include "proto/record/event.h"
#include "proto/record/notice.h"
#include "proto/record/presence.h"
#include "proto/record/staff_report.h"
#include "proto/store/erase.h"

/* Another one goes to the end, so that the corpus stays what it is. */
#define FUZZ_RECORDS(X) \
    X(event) \
    X(contact) \
    X(case_file) \
    X(command) \
    X(answer) \
    X(notice) \
    X(outbox_row) \
    X(step) \
    X(staff_report) \
    X(staff_receipt) \
    X(presence) \
    X(camera_lease) \
    X(camera_status) \
    X(camera_grant) \
    X(camera_health) \
    X(erasure) \
    X(account) \
    X(open_session) \
    X(audit_line) \
    X(filter_state)

#define FUZZ_RECORD_DESC(name) &name##_desc,
static const struct record_desc *const fuzz_records[] = { FUZZ_RECORDS(FUZZ_RECORD_DESC) };
enum { FUZZ_RECORD_COUNT = sizeof fuzz_records / sizeof *fuzz_records };
