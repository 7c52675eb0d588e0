#include "ingest/staff_reports.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/enrich/locate.h"
#include "proto/base/clock.h"
#include "proto/base/timestamp.h"
#include "proto/book/zone.h"
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

/* Each kind: whose it is, and what it may say beside what all may. */
static const struct staff_form {
    enum event_source source;
    enum event_kind kind;
    unsigned roles;
    const char *whose; /* for who is none of these */
} forms[] = {
    { SOURCE_WORKER, EVENT_PATROL, BY_WORKER, "grid worker" },
    { SOURCE_HOTLINE, EVENT_REPORT, BY_DESK, "operator or shift leader" },
    { SOURCE_ORDER, EVENT_REPORT, BY_DESK, "operator or shift leader" },
};

static const struct staff_form *form_of(const struct staff_report *told)
{
    enum event_source source = told->source == SOURCE_UNKNOWN ? SOURCE_WORKER : told->source;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (forms[i].source == source)
            return &forms[i];
    return NULL;
}

/* What a form of another kind has. */
static int check_foreign(const struct staff_form *form, const struct staff_report *told, struct fault *fault)
{
    const struct {
        const char *name;
        bool said, fits;
    } fields[] = {
        { "disposed", told->disposed, form->source == SOURCE_WORKER },
        { "priority", told->priority, form->source != SOURCE_WORKER },
        { "number", *told->number, form->source != SOURCE_WORKER },
        { "caller", *told->caller, form->source == SOURCE_HOTLINE },
        { "phone", *told->phone, form->source == SOURCE_HOTLINE },
        { "ordered_by", *told->ordered_by, form->source == SOURCE_ORDER },
        { "answer_by_ms", told->answer_by_ms, form->source == SOURCE_ORDER },
        { "demanded", *told->demanded, form->source == SOURCE_ORDER },
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].said && !fields[i].fits)
            return fault_set(fault, -EINVAL, "%s: not of a report of kind '%s'", fields[i].name,
                             enum_name(&event_source_desc, (int)form->source));
    return 0;
}

static int check_form(const struct staff_form *form, const struct staff_report *told, struct fault *fault)
{
    if (form->source != SOURCE_WORKER && !*told->text)
        return fault_set(fault, -EINVAL, "text: missing");
    if (form->source == SOURCE_ORDER && !*told->ordered_by)
        return fault_set(fault, -EINVAL, "ordered_by: missing");
    if (told->priority < 0 || told->priority > 5)
        return fault_set(fault, -EINVAL, "priority %lld: expected 1 to 5", (long long)told->priority);
    if (told->answer_by_ms < 0)
        return fault_set(fault, -EINVAL, "answer_by_ms %lld: expected a time", (long long)told->answer_by_ms);
    return check_foreign(form, told, fault);
}

static int check(const struct book *book, const struct staff_report *told, struct fault *fault)
{
    const struct staff_form *form = form_of(told);
    const struct book_person *person = book_person(book, told->reporter);
    const struct book_service *service = book_service(book, told->service);
    if (!form)
        return fault_set(fault, -EINVAL, "source '%s': expected worker, hotline or order",
                         enum_name(&event_source_desc, (int)told->source));
    if (!person || !(form->roles & ROLE_BIT(person->role)))
        return fault_set(fault, -EINVAL, "the book has no %s '%s'", form->whose, told->reporter);
    if (!*told->id)
        return fault_set(fault, -EINVAL, "id: missing");
    if (!service)
        return fault_set(fault, -EINVAL, "service: the book has no '%s'", told->service);
    if (!book_condition(service, told->condition))
        return fault_set(fault, -EINVAL, "condition: the service '%s' has no '%s'", told->service, told->condition);
    int result = check_form(form, told, fault);
    return result ? result : check_place(told, fault);
}

/* ---- what only the desk's forms say ---- */

struct line {
    const char *zh, *en, *code, *value;
};

/* The words with what everybody who works on the case has to know, a line each, in the district's language; and the same as attributes. */
static void add_lines(const struct report_desk *desk, const struct line *lines, size_t count, struct event *event,
                      struct arena *arena)
{
    bool english = strncmp(desk->book->languages[0], "en", 2) == 0;
    event->attributes.items = arena_array(arena, count + 1, sizeof *event->attributes.items);
    for (size_t i = 0; i < count; i++) {
        if (!*lines[i].value)
            continue;
        event->text = arena_format(arena, english ? "%s\n%s: %s" : "%s\n%s：%s", event->text,
                                   english ? lines[i].en : lines[i].zh, lines[i].value);
        event->attributes.items[event->attributes.count++] =
            (struct attribute){ .code = lines[i].code, .value = lines[i].value };
    }
}

static const char *moment(const struct book *book, int64_t at_ms, struct arena *arena)
{
    char text[TIMESTAMP_TEXT];
    if (!at_ms)
        return "";
    timestamp_format(text, at_ms - at_ms % MS_PER_SECOND, zone_offset_minutes(book->zone, at_ms));
    text[10] = ' ';
    return arena_text(arena, text, 16);
}

static void add_call(const struct report_desk *desk, const struct staff_report *told, struct handed *handed)
{
    struct arena *arena = &handed->arena;
    const struct line lines[] = { { "来电编号", "Call number", "call_number", told->number } };
    add_lines(desk, lines, sizeof lines / sizeof *lines, &handed->report.event, arena);
    handed->report.event.reporter = pseudonym_of(&desk->pseudonym, "phone", told->phone, arena);
    handed->report.contact = (struct contact){ .name = told->caller, .phone = told->phone };
    handed->report.has_contact = *told->caller || *told->phone;
}

static void add_order(const struct report_desk *desk, const struct staff_report *told, struct handed *handed)
{
    struct arena *arena = &handed->arena;
    const struct line lines[] = {
        { "交办单位", "Ordered by", "ordered_by", told->ordered_by },
        { "文号", "Document", "document_number", told->number },
        { "回复期限", "Answer by", "answer_by", moment(desk->book, told->answer_by_ms, arena) },
        { "回复要求", "Answer demanded", "answer_demanded", told->demanded },
    };
    add_lines(desk, lines, sizeof lines / sizeof *lines, &handed->report.event, arena);
    handed->report.event.answer_by_ms = told->answer_by_ms;
    handed->report.event.reporter = pseudonym_of(&desk->pseudonym, "authority", told->ordered_by, arena);
}

static void make_event(const struct report_desk *desk, const struct staff_report *told, struct handed *handed)
{
    const struct staff_form *form = form_of(told);
    struct event *event = &handed->report.event;
    struct arena *arena = &handed->arena;
    *event = (struct event){
        .kind = form->kind,
        .source = form->source,
        .service = told->service,
        .condition = told->condition,
        .title = report_title(told->text, book_service(desk->book, told->service), arena),
        .text = told->text,
        .place = { .lat = told->lat, .lon = told->lon, .accuracy_m = told->accuracy_m, .address = told->address },
        .reporter = told->reporter,
        .media = told->media,
        .happened_at_ms = told->happened_at_ms,
        .received_at_ms = clock_now_ms(),
        .priority = told->priority,
        .disposed = told->disposed,
    };
    if (form->source == SOURCE_HOTLINE)
        add_call(desk, told, handed);
    else if (form->source == SOURCE_ORDER)
        add_order(desk, told, handed);
    if (*told->number) {
        event->external_source = arena_format(arena, "desk/%s", enum_name(&event_source_desc, (int)form->source));
        event->external_id = told->number;
    }
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
    int result = intake_submit(staff->intake, NULL, &append, logged, handed, &fault);
    if (result == INTAKE_FULL)
        refuse(handed, ANSWER_BUSY, "Too many reports at this moment; nothing was stored.");
    else if (result == INTAKE_UNFIT)
        refuse(handed, ANSWER_INVALID, fault.text);
    return 0;
}

int staff_reports_open(struct staff_reports *staff, struct loop *loop, int64_t bus_port_base, struct fault *fault)
{
    return bus_server_open(loop, bus_port_base, BUS_REPORTS, AT_ONCE, arrived, staff, &staff->server, fault);
}
