#include "office_dispatcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/bus/doorbell.h"
#include "proto/record/staff_report.h"
#include "proto/store/case_store.h"
#include "proto/store/presence.h"

#define MORNING INT64_C(1767573000000)
enum { TOPICS = 4 };

struct obedient {
    struct store *store;
    struct loop *loop;
    struct bus_publisher *publisher;
    struct doorbell_heart heart;
    struct buffer bytes;
    struct arena arena;
};

static void put_case(struct txn *txn, struct case_file *record)
{
    record->id = meta_next(txn, META_CASE_ID);
    record->revision = 1;
    record->service = "P0101";
    record->title = "上水井盖";
    record->reported_at_ms = MORNING + record->id * 1000;
    record->place.lat = 39.9 + (double)record->id * 0.001; /* one after the other to the north: 111 m each */
    record->place.lon = 116.3;
    record->voices = (struct voice_list){ &(struct voice){ .seq = record->id, .reporter = "pseudonym" }, 1 };
    struct clock clock = { .id = 1,
                           .kind = CLOCK_DISPOSE,
                           .state = CLOCK_STATE_RUNNING,
                           .deadline_ms = MORNING + record->id * 60000,
                           .unit = UNIT_CLOCK_HOUR };
    record->clocks = (struct clock_list){ &clock, 1 };
    record->closed_at_ms = case_state_is_open(record->state) ? 0 : MORNING + 7000;
    step_append(txn, record, &(struct step){ .verb = VERB_REPORT, .to = CASE_REPORTED, .at_ms = MORNING });
    case_put(txn, NULL, record);
}

static void put_office_case(struct txn *txn, const char *number, enum case_state state, const char *department,
                            enum task_state task_state, const char *worker, const char *area, const char *done_by)
{
    struct task task = { .id = 1,
                         .role = TASK_ROLE_LEAD,
                         .state = task_state,
                         .department = department,
                         .worker = worker,
                         .done_by = done_by };
    struct case_file record = { .number = number, .state = state, .department = department, .place.area = area };
    record.tasks = (struct task_list){ &task, *department != 0 };
    put_case(txn, &record);
}

static void commit(struct txn *txn)
{
    struct fault fault;
    if (txn_commit(txn, &fault)) {
        fprintf(stderr, "office: %s\n", fault.text);
        abort();
    }
}

static void fill(struct obedient *obedient)
{
    struct txn *txn = txn_begin_write(obedient->store);
    if (meta_get(txn, META_CASE_ID) == 0) {
#define PUT_CASE(number, state, department, task, worker, area, done_by) \
    put_office_case(txn, number, CASE_##state, department, TASK_##task, worker, area, done_by);
        OFFICE_CASES(PUT_CASE)
#undef PUT_CASE
    }
    commit(txn);
}

static void more_cases(struct obedient *obedient, int count)
{
    struct txn *txn = txn_begin_write(obedient->store);
    for (int i = 0; i < count; i++) {
        char number[32];
        snprintf(number, sizeof number, "M-%d", i);
        put_case(txn, &(struct case_file){ .number = number, .state = CASE_REPORTED, .place.area = "g1" });
    }
    commit(txn);
}

/* The title counts the notices of these topics: a reader that misses one or hears one twice shows it. */
static void more_notices(struct obedient *obedient, int count, char *topics, bool published)
{
    struct topic items[TOPICS];
    struct topic_list list = { .items = items };
    struct txn *txn = txn_begin_write(obedient->store);
    char title[128], name[96], *rest = NULL;
    snprintf(name, sizeof name, "told-%s", topics);
    char *together = strdup(topics);
    for (char *topic = strtok_r(topics, ",", &rest); topic && list.count < TOPICS; topic = strtok_r(NULL, ",", &rest))
        items[list.count++] = (struct topic){ .name = topic };
    for (int i = 0; i < count; i++) {
        snprintf(title, sizeof title, "%lld of %s", (long long)meta_next(txn, name), together);
        struct notice notice = { .case_number = "T-2", .verb = VERB_URGE, .title = title, .text = "请尽快处置\n" };
        outbox_append(txn, &notice, &list);
    }
    commit(txn);
    if (published)
        bus_publish(obedient->publisher, items[0].name, (struct bytes){ (const uint8_t *)"ding", 4 });
    free(together);
}

static void leave(struct obedient *obedient, const char *worker)
{
    struct txn *txn = txn_begin_write(obedient->store);
    presence_put(txn, worker, &(struct presence){ .away = true, .at_ms = MORNING });
    commit(txn);
}

/* A case of the store in two copies: as it is, and to be changed. */
static void get_twice(struct obedient *obedient, struct txn *txn, const char *number, struct case_file *before,
                      struct case_file *after)
{
    struct fault fault;
    int64_t id;
    if (case_find_number(txn, number, &id) || case_get(txn, id, &obedient->arena, before, &fault) ||
        case_get(txn, id, &obedient->arena, after, &fault))
        abort();
}

/* T-8 is said by three: who opened it, who joined it, and who came with T-1, which was merged into it. */
static void join_voices(struct obedient *obedient)
{
    struct txn *txn = txn_begin_write(obedient->store);
    struct case_file before, after;
    get_twice(obedient, txn, "T-1", &before, &after);
    after.text = "水漫到路上了";
    case_put(txn, &before, &after);
    get_twice(obedient, txn, "T-8", &before, &after);
    struct voice voices[] = { before.voices.items[0], { .seq = 101, .step = 1 }, { .seq = 102, .home = "T-1" } };
    after.voices = (struct voice_list){ voices, 3 };
    step_append(txn, &after, &(struct step){ .verb = VERB_ATTACH, .note = "还在漏水", .at_ms = MORNING });
    case_put(txn, &before, &after);
    commit(txn);
}

static bool obey(struct obedient *obedient, const char *order)
{
    int count;
    char topic[64];
    if (sscanf(order, "!notices %d %63s", &count, topic) == 2)
        more_notices(obedient, count, topic, true);
    else if (sscanf(order, "!silent %d %63s", &count, topic) == 2)
        more_notices(obedient, count, topic, false);
    else if (sscanf(order, "!cases %d", &count) == 1)
        more_cases(obedient, count);
    else if (sscanf(order, "!away %63s", topic) == 1)
        leave(obedient, topic);
    else if (strcmp(order, "!voices") == 0)
        join_voices(obedient);
    else
        return false;
    return true;
}

static void answer_command(struct obedient *obedient, struct bus_ticket *ticket, const struct command *command)
{
    int status = enum_value(&answer_status_desc, command->reason);
    struct answer answer = { .status = status > 0 ? (enum answer_status)status : ANSWER_OK,
                             .case_number = command->case_number,
                             .revision = command->revision + 1,
                             .state = CASE_RECEIVED };
    answer.message =
        arena_format(&obedient->arena, "%s %s %s '%s' %s r%lld %s '%s' '%s' '%s' %zu %s @%lld", command->id,
                     command->actor, enum_name(&role_desc, (int)command->role), command->department,
                     command->case_number, (long long)command->revision, enum_name(&verb_desc, (int)command->verb),
                     command->reason, command->to_department, command->to_worker, command->media.count,
                     command->media.count ? command->media.items[0].type : "-", (long long)command->happened_at_ms);
    if (command->until_ms) /* of those that need more than a reason */
        answer.message = arena_format(&obedient->arena, "%s %s/%s p%lld until%lld %s v%lld %s %.2f %.2f",
                                      command->case_number, command->to_service, command->to_condition,
                                      (long long)command->to_priority, (long long)command->until_ms, command->to_case,
                                      (long long)command->voice_seq, command->to_person, command->lat, command->lon);
    buffer_clear(&obedient->bytes);
    record_encode(&answer_desc, &answer, &obedient->bytes);
    bus_answer(ticket, buffer_view(&obedient->bytes));
}

/* As ingest: the address names the status, the message echoes the report. */
static int report_arrived(void *context, struct bus_ticket *ticket, struct bytes request)
{
    struct obedient *obedient = context;
    struct staff_report report;
    struct fault fault;
    arena_reset(&obedient->arena);
    if (record_decode(&staff_report_desc, request, &obedient->arena, &report, &fault))
        return -EINVAL;
    if (strcmp(report.address, "hang") == 0)
        return 0;
    int status = enum_value(&answer_status_desc, report.address);
    struct staff_receipt receipt = { .status = status > 0 ? (enum answer_status)status : ANSWER_OK, .seq = 17 };
    receipt.message =
        arena_format(&obedient->arena, "%s %s %s/%s '%s' %.2f,%.2f %zu %s%s @%lld", report.id, report.reporter,
                     report.service, report.condition, report.text, report.lat, report.lon, report.media.count,
                     report.media.count ? report.media.items[0].type : "-", report.disposed ? " disposed" : "",
                     (long long)report.happened_at_ms);
    if (report.source != SOURCE_WORKER) /* of those what a patrol does not say */
        receipt.message = arena_format(&obedient->arena, "%s %s %s/ %s %s %s%s", report.id, report.reporter,
                                       report.service, enum_name(&event_source_desc, (int)report.source), report.number,
                                       report.phone, report.ordered_by);
    buffer_clear(&obedient->bytes);
    record_encode(&staff_receipt_desc, &receipt, &obedient->bytes);
    bus_answer(ticket, buffer_view(&obedient->bytes));
    return 0;
}

static int command_arrived(void *context, struct bus_ticket *ticket, struct bytes request)
{
    struct obedient *obedient = context;
    struct command command;
    struct fault fault;
    char order[256];
    arena_reset(&obedient->arena);
    snprintf(order, sizeof order, "%.*s", (int)request.size, request.data);
    if (*order == '!') {
        if (!obey(obedient, order))
            return -EINVAL;
        bus_answer(ticket, request);
    } else if (record_decode(&command_desc, request, &obedient->arena, &command, &fault)) {
        return -EINVAL;
    } else if (strcmp(command.reason, "hang") != 0) {
        answer_command(obedient, ticket, &command);
    }
    return 0;
}

static uint64_t last_notice(void *context)
{
    struct obedient *obedient = context;
    struct txn *txn = txn_begin_read(obedient->store);
    uint64_t last = outbox_last(txn);
    txn_abort(txn);
    return last;
}

static int run_dispatcher(const char *data, int64_t port_base)
{
    struct fault fault = { "" };
    struct bus_server *server, *reports;
    struct obedient *obedient = calloc(1, sizeof *obedient);
    if (!obedient || loop_create(&obedient->loop, &fault) ||
        case_store_open(data, STORE_READ_WRITE, &obedient->store, &fault))
        goto failed;
    fill(obedient);
    if (bus_publisher_open(port_base, BUS_NOTICES, &obedient->publisher, &fault) ||
        bus_server_open(obedient->loop, port_base, BUS_COMMANDS, 16, command_arrived, obedient, &server, &fault) ||
        bus_server_open(obedient->loop, port_base, BUS_REPORTS, 16, report_arrived, obedient, &reports, &fault))
        goto failed;
    doorbell_heart_start(&obedient->heart, obedient->loop, obedient->publisher, last_notice, obedient);
    dprintf(STDOUT_FILENO, "ready\n");
    return loop_run(obedient->loop) ? 1 : 0;
failed:
    fprintf(stderr, "office: %s\n", fault.text);
    return 1;
}

bool office_is_dispatcher(int argc, char **argv, int *status)
{
    if (argc != 4 || strcmp(argv[1], "dispatcher") != 0)
        return false;
    *status = run_dispatcher(argv[2], atoll(argv[3]));
    return true;
}
