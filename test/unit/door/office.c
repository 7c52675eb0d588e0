#include "office.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/door/session.h"

static const struct {
    const char *login, *department;
    enum role role;
} accounts[OFFICE_ACCOUNTS] = {
    [OFFICE_W1] = { "w-1", "station", ROLE_WORKER },     [OFFICE_W2] = { "w-2", "station", ROLE_WORKER },
    [OFFICE_W3] = { "w-3", "station", ROLE_WORKER },     [OFFICE_P1] = { "p-1", "water", ROLE_WORKER },
    [OFFICE_LI_S] = { "li-s", "station", ROLE_LIAISON }, [OFFICE_LI_W] = { "li-w", "water", ROLE_LIAISON },
    [OFFICE_OP] = { "op", "", ROLE_OPERATOR },           [OFFICE_BOSS] = { "boss", "", ROLE_LEADER },
    [OFFICE_WALL] = { "wall", "", ROLE_DEVICE },
};

static const char people[] = "people:\n"
                             "  - {id: w-1, name: 王, role: worker, department: station, areas: [g1]}\n"
                             "  - {id: w-2, name: 李, role: worker, department: station, areas: [g2]}\n"
                             "  - {id: w-3, name: 张, role: worker, department: station, areas: [g1]}\n"
                             "  - {id: p-1, name: 石, role: worker, department: water}\n"
                             "  - {id: li-s, name: 刘, role: liaison, department: station}\n"
                             "  - {id: li-w, name: 陈, role: liaison, department: water}\n"
                             "  - {id: op, name: 杨, role: operator}\n"
                             "  - {id: boss, name: 赵, role: leader}\n";

void office_start_dispatcher(struct office *office)
{
    char port[32], line[16];
    snprintf(port, sizeof port, "%lld", (long long)office->port_base);
    office->dispatcher =
        harness_spawn((const char *const[]){ "dispatcher", office->data, port, NULL }, 0, &office->dispatcher_out);
    assert_true(harness_read_line(office->dispatcher_out, line, sizeof line));
}

void office_kill_dispatcher(struct office *office)
{
    if (!office->dispatcher)
        return;
    kill(office->dispatcher, SIGKILL);
    harness_wait(office->dispatcher);
    close(office->dispatcher_out);
    office->dispatcher = 0;
}

struct obeyed {
    bool came;
    int status;
};

static void order_done(void *context, int status, struct bytes answer)
{
    (void)answer;
    struct obeyed *obeyed = context;
    obeyed->came = true;
    obeyed->status = status;
}

static bool has_come(void *context)
{
    return ((struct obeyed *)context)->came;
}

void office_order(struct office *office, const char *format, ...)
{
    struct buffer text = { 0 };
    struct obeyed obeyed = { 0 };
    char order[128];
    va_list args;
    va_start(args, format);
    vsnprintf(order, sizeof order, format, args);
    va_end(args);
    buffer_format(&text, "!%s", order);
    assert_int_equal(bus_ask(office->control, buffer_view(&text), HARNESS_DEADLINE_MS, order_done, &obeyed), 0);
    assert_true(harness_run(office->control_harness, has_come, NULL, &obeyed));
    assert_int_equal(obeyed.status, 0);
    buffer_finish(&text);
}

static void sign_in(struct office *office, enum office_account account)
{
    char body[128], request[512];
    snprintf(body, sizeof body, "{\"login\":\"%s\",\"password\":\"a long password\",\"app\":true}",
             accounts[account].login);
    snprintf(request, sizeof request,
             "POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
             strlen(body), body);
    struct answer answer = ask(&office->bench, request);
    assert_int_equal(answer.status, 200);
    json_t *json = office_json(answer);
    const char *token = json_string_value(json_object_get(json, "token"));
    assert_non_null(token);
    snprintf(office->tokens[account], sizeof office->tokens[account], "%s", token);
    json_decref(json);
}

static void open_door(struct office *office)
{
    struct fault fault = { "" };
    bench_open(&office->bench, NULL);
    assert_int_equal(accounts_open(office->data, &office->accounts, &fault), 0);
    assert_int_equal(door_use_accounts(office->bench.door, office->accounts, &fault), 0);
    office->options.loop = office->bench.loop;
    office->options.door = office->bench.door;
    if (case_api_open(&office->options, &office->api, &fault))
        fail_msg("%s", fault.text);
}

static void close_door(struct office *office)
{
    case_api_close(office->api);
    bench_close(&office->bench);
    accounts_close(office->accounts);
}

void office_restart_door(struct office *office)
{
    close_door(office);
    open_door(office);
}

void office_open(struct office *office, struct case_api_options options)
{
    struct fault fault = { "" };
    *office = (struct office){ .options = options, .port_base = harness_port_base() };
    strcpy(office->data, "/tmp/drumtower-office-XXXXXX");
    assert_non_null(mkdtemp(office->data));
    book_folder_make(&office->book_folder);
    book_folder_write(&office->book_folder, "people.yaml", people);
    if (book_load(office->book_folder.path, &office->book, NULL, NULL, &fault))
        fail_msg("%s", fault.text);
    office->options.book = office->book;
    office->options.data_folder = office->data;
    office->options.bus_port_base = office->port_base;
    if (!office->options.roles)
        office->options.roles = ~0u;
    office->control_harness = harness_create();
    assert_int_equal(
        bus_client_open(office->control_harness->loop, office->port_base, BUS_COMMANDS, 1, &office->control, &fault),
        0);
    office_start_dispatcher(office);
    open_door(office);
    for (size_t i = 0; i < OFFICE_ACCOUNTS; i++) {
        struct account account = { .login = accounts[i].login,
                                   .name = accounts[i].login,
                                   .role = accounts[i].role,
                                   .department = accounts[i].department };
        assert_int_equal(accounts_set(office->accounts, &account, "a long password", &fault), 0);
        sign_in(office, (enum office_account)i);
    }
}

void office_close(struct office *office)
{
    close_door(office);
    office_kill_dispatcher(office);
    book_destroy(office->book);
    book_folder_remove(&office->book_folder);
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", office->data);
    assert_int_equal(system(command), 0);
}

int office_share(void **state)
{
    struct office *office = calloc(1, sizeof *office);
    office_open(office, (struct case_api_options){ .command_timeout_ms = 300 });
    *state = office;
    return 0;
}

int office_unshare(void **state)
{
    office_close(*state);
    free(*state);
    return 0;
}

struct answer office_get(struct office *office, enum office_account account, const char *path)
{
    char request[512];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", path,
             office->tokens[account]);
    return ask(&office->bench, request);
}

struct answer office_post(struct office *office, enum office_account account, const char *path, const char *type,
                          struct bytes body)
{
    struct client client;
    char head[512];
    snprintf(head, sizeof head,
             "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: "
             "%zu\r\n\r\n",
             path, office->tokens[account], type, body.size);
    client_open(&client, &office->bench);
    client_send_text(&client, head);
    client_send(&client, body.data, body.size);
    struct answer answer = client_answer(&client);
    client_close(&client);
    return answer;
}

struct answer office_post_json(struct office *office, enum office_account account, const char *path, const char *json)
{
    return office_post(office, account, path, "application/json",
                       (struct bytes){ (const uint8_t *)json, strlen(json) });
}

json_t *office_json(struct answer answer)
{
    json_error_t error;
    json_t *json = json_loadb((const char *)answer.body.bytes, answer.body.size, 0, &error);
    if (!json)
        fail_msg("status %d, body '%s': %s", answer.status, answer_text(&answer), error.text);
    answer_finish(&answer);
    return json;
}
