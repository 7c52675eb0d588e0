/* From a form to a report: the event for the log and the contact beside it. The Open311 door and the resident's page share it.
 *
 * Fields by GeoReport v2: service_code, lat, long, address_string, address_id, description, media_url (also several), attribute[CODE], email, phone,
 * first_name, last_name, device_id, account_id; and requested_datetime, an extension of the field's clients: when it happened.
 * What names a person goes into the contact, never into the event. An empty value counts as not given, as the standard says.
 */
#pragma once

#include "ingest/enrich/complaint.h"
#include "ingest/enrich/pseudonym.h"
#include "ingest/enrich/receipt.h"
#include "proto/book/book.h"
#include "proto/door/door.h"
#include "proto/photo/darkroom.h"
#include "proto/store/event_log.h"

/* What every report is made against. */
struct report_desk {
    const struct book *book;
    const char *data_folder;
    struct pseudonym pseudonym;
    struct darkroom *darkroom; /* for those with photos */
};

struct report {
    struct event event;
    struct contact contact;
    bool has_contact;
    struct receipt receipt;
    void *context; /* the source's own, until it has answered */
};

/* All but the photos, which are only looked at from outside; event.media has room for all files of the form. Texts point into the form, the
 * book or the arena, all of which live until the request is answered. With complaints the report is not for use. */
typedef void report_maker(const struct report_desk *desk, const struct form *form, const char *language, int64_t now_ms,
                          struct arena *arena, struct report *report, struct complaints *complaints);
report_maker report_from_form;

/* The same for further words on a report that is there: description, updated_datetime, media, who sends it. The caller says of which report,
 * and gives it its id. Complaints that the caller has found already stay. */
report_maker report_update_from_form;

/* The first line of the words; without words, what the service is called. */
const char *report_title(const char *text, const struct book_service *service, struct arena *arena);

/* The report as the log takes it. */
static inline struct event_append report_append(struct report *report)
{
    return (struct event_append){ .event = &report->event, .contact = report->has_contact ? &report->contact : NULL };
}

/* Gives the report its receipt. token NULL: a fresh one. */
void report_receipt(struct report *report, const char *kind, const char *token);
