#include "ingest/staff_reports.h"

#include <math.h>
#include <stdlib.h>

#include "ingest/enrich/locate.h"
#include "proto/base/clock.h"
#include "proto/record/staff_report.h"

enum { AT_ONCE = 64 };

/* One that waits for its commit, in memory of its own. */
struct handed {
    struct bus_ticket *ticket;
    struct arena arena;
    struct report report;
};

static void answer_with(struct bus_ticket *ticket, const struct staff_receipt *receipt)
{
    struct buffer bytes = { 0 };
    record_encode(&staff_receipt_desc, receipt, &bytes);
    bus_answer(ticket, buffer_view(&bytes));
    buffer_finish(&bytes);
}

static void handed_destroy(struct handed *handed)
{
    arena_finish(&handed->arena);
    free(handed);
}

static void refuse(struct handed *handed, enum answer_status status, const char *message)
{
    answer_with(handed->ticket, &(struct staff_receipt){ .status = status, .message = message });
    handed_destroy(handed);
}

static void logged(struct request *request, const struct event_append *done, void *context)
{
    (void)request;
    struct handed *handed = context;
    answer_with(handed->ticket,
                &(struct staff_receipt){ .status = ANSWER_OK, .message = "", .seq = (int64_t)done->seq });
    handed_destroy(handed);
}

/* ---- from what was told to an event ---- */

static int check_place(const struct staff_report *told, struct fault *fault)
{
    bool has_position = told->lat != 0 || told->lon != 0;
    if (fabs(told->lat) > 90 || fabs(told->lon) > 180)
        return fault_set(fault, -EINVAL, "position %g, %g: expected degrees of latitude and longitude", told->lat,
                         told->lon);
    if (!has_position && !*told->address)
        return fault_set(fault, -EINVAL, "place: expected lat and lon, or an address");
    return 0;
}

static int check(const struct book *book, const struct staff_report *told, struct fault *fault)
{
    const struct book_person *person = book_person(book, told->reporter);
    const struct book_service *service = book_service(book, told->service);
    if (!person || person->role != ROLE_WORKER)
        return fault_set(fault, -EINVAL, "the book has no grid worker '%s'", told->reporter);
    if (!*told->id)
        return fault_set(fault, -EINVAL, "id: missing");
    if (!service)
        return fault_set(fault, -EINVAL, "service: the book has no '%s'", told->service);
    if (!book_condition(service, told->condition))
        return fault_set(fault, -EINVAL, "condition: the service '%s' has no '%s'", told->service, told->condition);
    return check_place(told, fault);
}

static void make_event(const struct report_desk *desk, const struct staff_report *told, struct handed *handed)
{
    struct event *event = &handed->report.event;
    struct arena *arena = &handed->arena;
    *event = (struct event){
        .kind = EVENT_PATROL,
        .source = SOURCE_WORKER,
        .service = told->service,
        .condition = told->condition,
        .title = report_title(told->text, book_service(desk->book, told->service), arena),
        .text = told->text,
        .place = { .lat = told->lat, .lon = told->lon, .accuracy_m = told->accuracy_m, .address = told->address },
        .reporter = told->reporter,
        .media = told->media,
        .happened_at_ms = told->happened_at_ms,
        .received_at_ms = clock_now_ms(),
        .disposed = told->disposed,
    };
    locate_place(desk->book, told->lat != 0 || told->lon != 0, &event->place);
    locate_time(event->happened_at_ms, event->received_at_ms, &event->place);
    report_receipt(&handed->report, "staff", arena_format(arena, "%s:%s", told->reporter, told->id));
    event->secret_hash = ""; /* who reported is signed in */
}

static int arrived(void *context, struct bus_ticket *ticket, struct bytes request)
{
    struct staff_reports *staff = context;
    struct staff_report told;
    struct fault fault = { "" };
    struct handed *handed = calloc(1, sizeof *handed);
    if (!handed)
        return -ENOMEM;
    handed->ticket = ticket;
    if (record_decode(&staff_report_desc, request, &handed->arena, &told, &fault) ||
        check(staff->desk->book, &told, &fault)) {
        refuse(handed, ANSWER_INVALID, fault.text);
        return 0;
    }
    make_event(staff->desk, &told, handed);
    struct event_append append = report_append(&handed->report);
    if (intake_add(staff->intake, &append, logged, handed) == INTAKE_FULL)
        refuse(handed, ANSWER_BUSY, "Too many reports at this moment; nothing was stored.");
    return 0;
}

int staff_reports_open(struct staff_reports *staff, struct loop *loop, int64_t bus_port_base, struct fault *fault)
{
    return bus_server_open(loop, bus_port_base, BUS_REPORTS, AT_ONCE, arrived, staff, &staff->server, fault);
}
