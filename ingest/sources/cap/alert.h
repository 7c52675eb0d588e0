/* An alert of the Common Alerting Protocol, 1.1 or 1.2 (OASIS), as far as it concerns us; and all that is wrong with it, with line and
 * words, since publishers are not careful and a warning is worth more than its form.
 */
#pragma once

#include "ingest/sources/xml_tree.h"
#include "proto/book/book.h"
#include "proto/record/codec.h"

#define CAP_MSG_TYPES(X) \
    X(CAP, ALERT, "Alert") \
    X(CAP, UPDATE, "Update") \
    X(CAP, CANCEL, "Cancel") \
    X(CAP, ACK, "Ack") \
    X(CAP, ERROR, "Error")
ENUM_DECLARE(cap_msg_type, CAP_MSG_TYPES)

#define CAP_STATUSES(X) \
    X(CAP, ACTUAL, "Actual") \
    X(CAP, EXERCISE, "Exercise") \
    X(CAP, SYSTEM, "System") \
    X(CAP, TEST, "Test") \
    X(CAP, DRAFT, "Draft")
ENUM_DECLARE(cap_status, CAP_STATUSES)

/* UNKNOWN stands for what is missing or wrong too. */
#define CAP_SEVERITIES(X) \
    X(CAP_SEVERITY, UNKNOWN, "Unknown") \
    X(CAP_SEVERITY, EXTREME, "Extreme") \
    X(CAP_SEVERITY, SEVERE, "Severe") \
    X(CAP_SEVERITY, MODERATE, "Moderate") \
    X(CAP_SEVERITY, MINOR, "Minor")
ENUM_DECLARE(cap_severity, CAP_SEVERITIES)

#define CAP_URGENCIES(X) \
    X(CAP_URGENCY, UNKNOWN, "Unknown") \
    X(CAP_URGENCY, IMMEDIATE, "Immediate") \
    X(CAP_URGENCY, EXPECTED, "Expected") \
    X(CAP_URGENCY, FUTURE, "Future") \
    X(CAP_URGENCY, PAST, "Past")
ENUM_DECLARE(cap_urgency, CAP_URGENCIES)

#define CAP_CERTAINTIES(X) \
    X(CAP_CERTAINTY, UNKNOWN, "Unknown") \
    X(CAP_CERTAINTY, OBSERVED, "Observed") \
    X(CAP_CERTAINTY, LIKELY, "Likely") \
    X(CAP_CERTAINTY, POSSIBLE, "Possible") \
    X(CAP_CERTAINTY, UNLIKELY, "Unlikely")
ENUM_DECLARE(cap_certainty, CAP_CERTAINTIES)

/* The alert and what is told of it in one language. */
struct cap_reference {
    const char *identity;
    int64_t sent_ms;
};
struct cap_pair {
    const char *name, *value;
};

enum { CAP_AREA_WORDS = 300 }; /* bytes of an event's address */
struct cap_info {
    const char *language; /* "en-US" where it is not said (CAP 1.2, 3.2.2) */
    const char *event, *headline, *description, *instruction, *sender_name, *web;
    const struct cap_pair *categories; /* in `value` */
    size_t category_count;
    enum cap_severity severity;
    enum cap_urgency urgency;
    enum cap_certainty certainty;
    int64_t effective_ms, expires_ms; /* 0: not said */
    const struct book_shape *shapes;
    size_t shape_count;
    const struct cap_pair *geocodes;
    size_t geocode_count;
    /* Its areaDescs, with "; " between; once they are longer than CAP_AREA_WORDS the others are left out. */
    const char *area_words;
};

struct cap_alert {
    const char *identifier, *sender, *note;
    const char *identity; /* "sender,identifier": a sender numbers its own alerts (CAP 1.2, 3.2.1) */
    int64_t sent_ms;
    enum cap_msg_type type;
    enum cap_status status;
    const struct cap_reference *references;
    size_t reference_count;
    const struct cap_info *infos;
    size_t info_count;
};

/* What is wrong with a document's content: at most CAP_COMPLAINTS_MAX, the rest is counted. */
enum { CAP_COMPLAINTS_MAX = 20 };
struct cap_complaints {
    const char *items[CAP_COMPLAINTS_MAX]; /* "line 9: urgency '' …" */
    size_t count;
};

/* Is it an alert, by name and namespace? */
bool cap_is_alert(const struct xml_element *root);
/* Reads an alert into the arena. -EINVAL: without identifier, sender, sent, msgType or status it is none; the fault says which. What else is
 * wrong is a complaint, and left out or taken as unknown. */
int cap_read(const struct xml_element *root, struct arena *arena, struct cap_alert *alert,
             struct cap_complaints *complaints, struct fault *fault);
