#include "proto/record/case.h"
#include "proto/record/command.h"
#include "proto/record/event.h"
#include "proto/record/notice.h"
#include "proto/record/presence.h"
#include "proto/record/staff_report.h"

ENUM_DEFINE(place_mark, PLACE_MARKS)
ENUM_DEFINE(media_mark, MEDIA_MARKS)
ENUM_DEFINE(text_language, TEXT_LANGUAGES)
ENUM_DEFINE(event_kind, EVENT_KINDS)
ENUM_DEFINE(event_source, EVENT_SOURCES)
ENUM_DEFINE(case_state, CASE_STATES)
ENUM_DEFINE(role, ROLES)
ENUM_DEFINE(verb, VERBS)
ENUM_DEFINE(need, NEEDS)
ENUM_DEFINE(clock_kind, CLOCK_KINDS)
ENUM_DEFINE(limit_unit, LIMIT_UNITS)
ENUM_DEFINE(clock_state, CLOCK_STATES)
ENUM_DEFINE(task_role, TASK_ROLES)
ENUM_DEFINE(task_state, TASK_STATES)
ENUM_DEFINE(appeal, APPEALS)
ENUM_DEFINE(answer_status, ANSWER_STATUSES)
ENUM_DEFINE(input_kind, INPUT_KINDS)

#define RECORD_TYPE struct place
RECORD_DEFINE(place, 1, PLACE_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct media
RECORD_DEFINE(media, 1, MEDIA_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct attribute
RECORD_DEFINE(attribute, 1, ATTRIBUTE_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct event
RECORD_DEFINE(event, 1, EVENT_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct contact
RECORD_DEFINE(contact, 1, CONTACT_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct pause
RECORD_DEFINE(pause, 1, PAUSE_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct clock
RECORD_DEFINE(clock, 1, CLOCK_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct offer
RECORD_DEFINE(offer, 1, OFFER_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct task
RECORD_DEFINE(task, 1, TASK_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct voice
RECORD_DEFINE(voice, 1, VOICE_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct request
RECORD_DEFINE(request, 1, REQUEST_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct case_file
RECORD_DEFINE(case_file, 1, CASE_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct step
RECORD_DEFINE(step, 1, STEP_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct command
RECORD_DEFINE(command, 1, COMMAND_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct answer
RECORD_DEFINE(answer, 1, ANSWER_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct notice
RECORD_DEFINE(notice, 1, NOTICE_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct topic
RECORD_DEFINE(topic, 1, TOPIC_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct outbox_row
RECORD_DEFINE(outbox_row, 1, OUTBOX_ROW_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct presence
RECORD_DEFINE(presence, 1, PRESENCE_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct staff_report
RECORD_DEFINE(staff_report, 1, STAFF_REPORT_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct staff_receipt
RECORD_DEFINE(staff_receipt, 1, STAFF_RECEIPT_FIELDS)
#undef RECORD_TYPE
