/* Event: one thing that the streets reported, as ingest understood it. Immutable once it is in the log.
 * What names a person is not in it: the contact has a record of its own (contact.h), so that it can be erased.
 */
#pragma once

#include "proto/record/codec.h"
#include "proto/record/lifecycle.h"
#include "proto/record/place.h"

#define EVENT_KINDS(X) \
    X(EVENT, NONE, "none") \
    X(EVENT, REPORT, "report")       /* 上报: becomes a case, or joins one */ \
    X(EVENT, PATROL, "patrol")       /* 巡查: a grid worker's report */ \
    X(EVENT, ALARM, "alarm")         /* a sensor's or another system's */ \
    X(EVENT, CAMERA, "camera")       /* a camera was lost, frozen, covered … */ \
    X(EVENT, RATING, "rating")       /* 评价: the reporter's answer after closing */ \
    X(EVENT, FOLLOW_UP, "follow_up") /* words added to a report that is there */ \
    X(EVENT, REOPEN, "reopen")       /* 重新办理: the reporter finds that it is not solved */ \
    X(EVENT, PARTNER, "partner")     /* 外市: what another city says of a case that was handed on to it */ \
    X(EVENT, EVIDENCE, "evidence")   /* 取证: pictures of a camera, kept for the case of a report that is there */
ENUM_DECLARE(event_kind, EVENT_KINDS)

/* DOMAIN: where a case comes from (GB/T 30428: 问题来源). */
#define EVENT_SOURCES(X) \
    X(SOURCE, UNKNOWN, "unknown") \
    X(SOURCE, RESIDENT, "resident") \
    X(SOURCE, WORKER, "worker") \
    X(SOURCE, CAMERA, "camera") \
    X(SOURCE, SENSOR, "sensor") \
    X(SOURCE, HOTLINE, "hotline") \
    X(SOURCE, ORDER, "order") \
    X(SOURCE, SYSTEM, "system")
ENUM_DECLARE(event_source, EVENT_SOURCES)

/* In what a report is written, by its script; how: ingest/enrich/language.h. */
#define TEXT_LANGUAGES(X) \
    X(LANGUAGE, NONE, "none") \
    X(LANGUAGE, ZH, "zh") \
    X(LANGUAGE, EN, "en") \
    X(LANGUAGE, OTHER, "other")
ENUM_DECLARE(text_language, TEXT_LANGUAGES)
#define TEXT_LANGUAGE_COUNT (LANGUAGE_OTHER + 1)

/* 4,000 characters of any script, which is what Open311 lets a description have. */
enum { EVENT_TEXT_CHARACTERS = 4000, EVENT_TEXT_BYTES = 4 * EVENT_TEXT_CHARACTERS };

#define EVENT_FIELDS(X) \
    X(1, INT, seq, 0)  /* place in the log, from 1; also the public service request id */ \
    X(2, TEXT, id, 64) /* made by ingest: random, or source + external id; unique in the log */ \
    X(3, ENUM, kind, event_kind) \
    X(4, ENUM, source, event_source) \
    X(5, TEXT, service, 64)   /* service code of the book; "" = not said */ \
    X(6, TEXT, condition, 64) /* filing condition (立案条件), where the source knows it */ \
    X(7, TEXT, title, 200) \
    X(8, TEXT, text, EVENT_TEXT_BYTES) \
    X(9, RECORD, place, place) \
    X(10, TEXT, reporter, 64) /* pseudonymous id of who reported; a worker's id for patrols, who kept evidence */ \
    X(11, LIST, media, media) \
    X(12, INT, happened_at_ms, 0) \
    X(13, INT, received_at_ms, 0) /* when ingest took it; never goes back along the log */ \
    X(14, TEXT, suggested_service, 64) \
    X(15, REAL, suggestion_confidence, 0) /* 0 to 1 */ \
    X(16, LIST, attributes, attribute)    /* of the service definition */ \
    X(17, TEXT, external_source, 64)      /* with external_id: the sender's own number, applied once */ \
    X(18, TEXT, external_id, 128) \
    X(19, INT, priority, 0)      /* 0 = as the service says; 1 (highest) to 5 */ \
    X(20, TEXT, secret_hash, 64) /* BLAKE2b of the receipt's secret: who knows it follows, rates, reopens */ \
    X(21, INT, about_seq, 0)     /* rating, follow-up, partner, evidence: the report that it is about */ \
    X(22, INT, score, 0)         /* rating: 1 to 5 */ \
    X(23, BOOL, solved, 0)       /* rating: "solved?" */ \
    X(24, TEXT, language, 16)    /* BCP 47, as the reporter's page was */ \
    X(25, TEXT, camera, 64) \
    X(26, BOOL, disposed, 0) /* patrol: the worker has fixed it on the spot (自行处置) */ \
    X(27, ENUM, written, text_language) \
    X(28, BOOL, urgent, 0)      /* it says one of the book's urgent words; its priority says so, too */ \
    X(29, ENUM, verb, verb)     /* partner: what it did with the case: receive, dispose, return; none: words alone */ \
    X(30, INT, answer_by_ms, 0) /* order: until when it is to be answered; 0 = not said */
RECORD_DECLARE(event, EVENT_FIELDS)

/* Who reported: personal data, kept in ingest's environment under the event's sequence number, never in the journal. */
#define CONTACT_FIELDS(X) \
    X(1, TEXT, name, 200) \
    X(2, TEXT, phone, 64) \
    X(3, TEXT, email, 200) \
    X(4, TEXT, device, 200)
RECORD_DECLARE(contact, CONTACT_FIELDS)
