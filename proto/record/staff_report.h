/* What one of the district's own people reports at a door where they are signed in, by `source`:
 *
 *   worker   a grid worker on patrol (巡查上报), who may have fixed it on the spot (自行处置)
 *   hotline  what somebody told the centre by telephone (热线记录), as an operator or shift leader writes it down
 *   order    what a superior ordered (上级交办), likewise
 * That door hands it to ingest over BUS_REPORTS (REQ/REP): ingest alone writes events, and answers after the commit that holds this one. Who
 * called becomes a contact, apart from the event. A call's or document's number that was there before adds to the same case.
 */
#pragma once

#include "proto/record/command.h"

#define STAFF_REPORT_FIELDS(X) \
    X(1, TEXT, id, 64)       /* made on the device; the same id of the same reporter again is the same report */ \
    X(2, TEXT, reporter, 64) /* account, as the door authenticated it */ \
    X(3, TEXT, service, 64) \
    X(4, TEXT, condition, 64) /* "" = the service's first */ \
    X(5, TEXT, text, 4000) \
    X(6, REAL, lat, 0) /* 0, 0 = not said */ \
    X(7, REAL, lon, 0) \
    X(8, INT, accuracy_m, 0) \
    X(9, TEXT, address, 300) \
    X(10, LIST, media, media) \
    X(11, INT, happened_at_ms, 0)     /* by the device's clock */ \
    X(12, BOOL, disposed, 0)          /* worker */ \
    X(13, ENUM, source, event_source) /* unknown: worker, as before there were others */ \
    X(14, INT, priority, 0)           /* hotline, order: 1 to 5; 0 = as the service says */ \
    X(15, TEXT, number, 128)          /* hotline: of the call (来电编号); order: of the document (文号) */ \
    X(16, TEXT, caller, 200)          /* hotline: who called; a name */ \
    X(17, TEXT, phone, 64)            /* hotline */ \
    X(18, TEXT, ordered_by, 200)      /* order: which authority (交办单位) */ \
    X(19, INT, answer_by_ms, 0)       /* order: until when it is to be answered; 0 = not said */ \
    X(20, TEXT, demanded, 1000)       /* order: what answer is demanded (回复要求) */
RECORD_DECLARE(staff_report, STAFF_REPORT_FIELDS)

#define STAFF_RECEIPT_FIELDS(X) \
    X(1, ENUM, status, answer_status) /* ok, invalid, busy */ \
    X(2, TEXT, message, 500) \
    X(3, INT, seq, 0) /* of the event */
RECORD_DECLARE(staff_receipt, STAFF_RECEIPT_FIELDS)
