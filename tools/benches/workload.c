#include "tools/benches/workload.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/store/case_store.h"
#include "tools/benches/grow.h"

enum { ACTS_MAX = 40, LATE_PERCENT = 3, LATE_FACTOR = 20, TURN_SPAN_MS = 300000 };

/* Somebody who will look at a case. */
struct visit {
    int64_t at_ms;
    int64_t seq; /* the report */
    int64_t acts;
};

struct workload {
    struct workload_plan plan;
    struct workload_counts counts;
    uint64_t random;
    int64_t now_ms, next_report_ms;
    struct visit_heap {
        struct visit *items;
        size_t count, room;
    } heap, acted; /* acted: a plain list, of the turn under way */
    struct arena arena;
};

/* ---- batches ---- */

void batch_clear(struct batch *batch)
{
    batch->count = 0;
    arena_reset(&batch->arena);
}

void batch_add(struct batch *batch, enum input_kind kind, struct bytes bytes)
{
    batch->inputs = grow(batch->inputs, batch->count, &batch->room, sizeof *batch->inputs);
    const char *copy = arena_text(&batch->arena, (const char *)bytes.data, bytes.size);
    batch->inputs[batch->count++] =
        (struct batch_input){ .kind = kind, .bytes = { (const uint8_t *)copy, bytes.size } };
}

void batch_finish(struct batch *batch)
{
    free(batch->inputs);
    arena_finish(&batch->arena);
    *batch = (struct batch){ 0 };
}

/* ---- chance ---- */

uint64_t workload_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static size_t below(uint64_t *state, size_t limit)
{
    return limit ? (size_t)(workload_random(state) % limit) : 0;
}

/* ---- visits, the earliest first ---- */

static bool earlier(const struct visit *a, const struct visit *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->seq < b->seq;
}

static void heap_push(struct visit_heap *heap, struct visit visit)
{
    heap->items = grow(heap->items, heap->count, &heap->room, sizeof *heap->items);
    size_t at = heap->count++;
    for (; at && earlier(&visit, &heap->items[(at - 1) / 2]); at = (at - 1) / 2)
        heap->items[at] = heap->items[(at - 1) / 2];
    heap->items[at] = visit;
}

static struct visit heap_pop(struct visit_heap *heap)
{
    assert(heap->count);
    struct visit first = heap->items[0], last = heap->items[--heap->count];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < heap->count; at = child) {
        if (child + 1 < heap->count && earlier(&heap->items[child + 1], &heap->items[child]))
            child++;
        if (!earlier(&heap->items[child], &last))
            break;
        heap->items[at] = heap->items[child];
    }
    heap->items[at] = last;
    return first;
}

/* One to ten minutes; some come far too late. */
static int64_t delay_ms(struct workload *workload)
{
    int64_t delay =
        (1 + (int64_t)below(&workload->random, 10)) * MS_PER_MINUTE + (int64_t)below(&workload->random, 1000);
    return below(&workload->random, 100) < LATE_PERCENT ? delay * LATE_FACTOR : delay;
}

/* ---- reports ---- */

static struct bytes encode(const struct record_desc *desc, const void *record, struct arena *arena)
{
    struct buffer bytes = { 0 };
    record_encode(desc, record, &bytes);
    const char *copy = arena_text(arena, (const char *)bytes.bytes, bytes.size);
    struct bytes view = { (const uint8_t *)copy, bytes.size };
    buffer_finish(&bytes);
    return view;
}

const struct book_area *workload_grid(const struct book *book, uint64_t *random)
{
    size_t from = below(random, book->area_count);
    for (size_t i = 0; i < book->area_count; i++) {
        const struct book_area *area = &book->areas[(from + i) % book->area_count];
        if (area->tier == TIER_GRID)
            return area;
    }
    return &book->areas[from];
}

static const struct book_service *some_service(const struct book *book, bool by_desk, uint64_t *random)
{
    size_t from = below(random, book->service_count);
    for (size_t i = 0; i < book->service_count; i++) {
        const struct book_service *service = &book->services[(from + i) % book->service_count];
        if (!by_desk || !service->auto_accept)
            return service;
    }
    return &book->services[from];
}

struct bytes workload_report(const struct book *book, bool by_desk, uint64_t *random, int64_t seq, int64_t at_ms,
                             struct arena *arena)
{
    const struct book_service *service = some_service(book, by_desk, random);
    const struct book_condition *condition = &service->conditions[below(random, service->condition_count)];
    const struct book_area *grid = workload_grid(book, random);
    uint64_t token = workload_random(random);
    struct event event = {
        .seq = seq,
        .id = arena_format(arena, "%016" PRIx64 "%016" PRIx64, token, workload_random(random)),
        .kind = EVENT_REPORT,
        .source = SOURCE_RESIDENT,
        .service = service->code,
        .condition = below(random, 2) ? condition->code : "",
        .text = "路口东侧人行道上的设施坏了,昨天晚上有位老人差点摔倒,请尽快派人来看看。",
        .place = { .lat = grid->lat + (double)below(random, 2000) * 1e-6,
                   .lon = grid->lon + (double)below(random, 2000) * 1e-6,
                   .accuracy_m = 12,
                   .address = arena_format(arena, "鼓楼西大街%zu号", 1 + below(random, 400)),
                   .area = grid->code },
        .reporter = arena_format(arena, "r-%012" PRIx64, token & 0xffffffffffff),
        .happened_at_ms = at_ms - 90 * 1000,
        .received_at_ms = at_ms,
        .secret_hash = arena_format(arena, "%016" PRIx64 "%016" PRIx64 "%016" PRIx64 "%016" PRIx64, token, ~token,
                                    token * 3, token * 5),
        .language = "zh",
    };
    return encode(&event_desc, &event, arena);
}

static void add_report(struct workload *workload, struct batch *batch)
{
    int64_t seq = ++workload->counts.reported, at_ms = workload->next_report_ms;
    batch_add(batch, INPUT_EVENT,
              workload_report(workload->plan.book, false, &workload->random, seq, at_ms, &workload->arena));
    heap_push(&workload->acted, (struct visit){ .seq = seq });
    workload->next_report_ms += MS_PER_HOUR / workload->plan.reports_per_hour;
    workload->now_ms = at_ms;
}

/* ---- acts ---- */

/* "" where there is none. */
static const char *person_of(const struct book *book, enum role role, const char *department)
{
    for (size_t i = 0; i < book->person_count; i++) {
        const struct book_person *person = &book->people[i];
        if (person->role == role &&
            (!department || (person->department && !strcmp(person->department->code, department))))
            return person->id;
    }
    return "";
}

/* The next thing that this case waits for. VERB_NONE: nothing that a person does. */
static enum verb next_verb(const struct book *book, struct case_file *record, enum role *role)
{
    const struct task *lead = case_lead_task(record), *verify = case_verify_task(record);
    bool worker = lead && *lead->worker, done = lead && lead->state == TASK_DONE;
    bool looks = verify && *verify->worker;
    switch (record->state) {
    case CASE_VERIFYING:
        *role = looks ? ROLE_WORKER : ROLE_OPERATOR;
        return looks ? VERB_CONFIRM : VERB_ACCEPT;
    case CASE_REPORTED:
        *role = ROLE_OPERATOR;
        return VERB_ACCEPT;
    case CASE_ACCEPTED:
        *role = ROLE_OPERATOR;
        return VERB_DISPATCH;
    case CASE_DISPATCHED:
        *role = worker ? ROLE_WORKER : ROLE_LIAISON;
        return worker ? VERB_TAKE : *person_of(book, ROLE_WORKER, record->department) ? VERB_ASSIGN : VERB_RECEIVE;
    case CASE_RECEIVED:
        *role = worker && !done ? ROLE_WORKER : ROLE_LIAISON;
        return worker && !done ? VERB_ARRIVE : VERB_DISPOSE;
    case CASE_IN_PROGRESS:
        *role = done ? ROLE_LIAISON : ROLE_WORKER;
        return VERB_DISPOSE;
    case CASE_DISPOSED:
        *role = ROLE_OPERATOR;
        return VERB_CHECK;
    case CASE_CHECKED:
        *role = ROLE_OPERATOR;
        return VERB_CLOSE;
    default:
        return VERB_NONE;
    }
}

/* The id is as proto/web/commands.js makes it: random all over. */
static struct command command_for(struct workload *workload, struct case_file *record, enum verb verb, enum role role)
{
    const struct book *book = workload->plan.book;
    const struct task *task = verb == VERB_CONFIRM ? case_verify_task(record) : case_lead_task(record);
    const char *department = role == ROLE_OPERATOR ? "" : verb == VERB_CONFIRM ? task->department : record->department;
    struct command command = {
        .id = arena_format(&workload->arena, "%012" PRIx64 "%020" PRIx64, (uint64_t)workload->now_ms,
                           workload_random(&workload->random)), /* time first, as the pages make them */
        .role = role,
        .verb = verb,
        .case_number = record->number,
        .revision = record->revision,
        .department = department,
        .happened_at_ms = workload->now_ms - 2000,
    };
    command.actor = role == ROLE_WORKER ? task->worker : person_of(book, role, *department ? department : NULL);
    if (verb == VERB_ASSIGN)
        command.to_worker = person_of(book, ROLE_WORKER, department);
    if (verb == VERB_DISPOSE)
        command.reason = "已修复,现场清理完毕。";
    if (verb == VERB_DISPATCH && record->no_rule)
        command.to_department = book->departments[below(&workload->random, book->department_count)].code;
    return command;
}

/* 0: acted, or nothing is left to do. */
static int act(struct workload *workload, struct txn *txn, struct visit visit, struct batch *batch, struct fault *fault)
{
    int64_t id;
    struct case_file record;
    enum role role = ROLE_NONE;
    workload->now_ms = visit.at_ms > workload->now_ms ? visit.at_ms : workload->now_ms;
    int result = case_find_receipt(txn, (uint64_t)visit.seq, &id);
    if (result == 0)
        result = case_get(txn, id, &workload->arena, &record, fault);
    if (result)
        return result < 0 ? result : fault_set(fault, -EBADMSG, "report %" PRId64 " became no case", visit.seq);
    enum verb verb = next_verb(workload->plan.book, &record, &role);
    if (record.voices.items[0].seq != visit.seq)
        workload->counts.joined++;
    else if (!case_state_is_open(record.state))
        workload->counts.closed++;
    else if (verb == VERB_NONE || visit.acts == ACTS_MAX)
        workload->counts.stuck++;
    else {
        struct command command = command_for(workload, &record, verb, role);
        batch_add(batch, INPUT_COMMAND, encode(&command_desc, &command, &workload->arena));
        heap_push(&workload->acted, (struct visit){ .seq = visit.seq, .acts = visit.acts + 1 });
    }
    return 0;
}

/* ---- turns ---- */

struct workload *workload_create(const struct workload_plan *plan)
{
    struct workload *workload = allocate(1, sizeof *workload);
    workload->plan = *plan;
    workload->random = plan->seed;
    workload->now_ms = workload->next_report_ms = plan->start_ms;
    return workload;
}

void workload_destroy(struct workload *workload)
{
    if (!workload)
        return;
    free(workload->heap.items);
    free(workload->acted.items);
    arena_finish(&workload->arena);
    free(workload);
}

static bool report_is_next(const struct workload *workload)
{
    if (workload->counts.reported == workload->plan.reports)
        return false;
    return !workload->heap.count || workload->next_report_ms <= workload->heap.items[0].at_ms;
}

/* Does the next one still come while the turn's others do? They were all looked at before it, and minutes later much has changed. */
static bool is_soon(const struct workload *workload, const struct batch *batch, int64_t began_ms)
{
    int64_t next_ms = report_is_next(workload) ? workload->next_report_ms : workload->heap.items[0].at_ms;
    return !batch->count || next_ms < began_ms + TURN_SPAN_MS;
}

int workload_next(struct workload *workload, struct store *store, size_t max, struct batch *batch, struct fault *fault)
{
    int result = 0;
    for (size_t i = 0; i < workload->acted.count; i++) {
        struct visit visit = workload->acted.items[i];
        visit.at_ms = workload->now_ms + delay_ms(workload);
        heap_push(&workload->heap, visit);
    }
    workload->acted.count = 0;
    batch_clear(batch);
    struct txn *txn = txn_begin_read(store);
    int64_t began_ms = 0;
    while (result == 0 && batch->count < max && (report_is_next(workload) || workload->heap.count) &&
           is_soon(workload, batch, began_ms)) {
        arena_reset(&workload->arena);
        if (report_is_next(workload))
            add_report(workload, batch);
        else
            result = act(workload, txn, heap_pop(&workload->heap), batch, fault);
        began_ms = batch->count == 1 ? workload->now_ms : began_ms;
    }
    txn_abort(txn);
    batch->now_ms = workload->now_ms;
    return result ? result : !batch->count;
}

const struct workload_counts *workload_counts(const struct workload *workload)
{
    return &workload->counts;
}
