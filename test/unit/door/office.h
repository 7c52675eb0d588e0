/* An office: a door with the case API and accounts in this process, and the dispatcher of office_dispatcher.h in another (an
 * environment of the store is opened once per process).
 */
#pragma once

#include "bench.h"
#include "office_dispatcher.h"
#include "proto/book/book.h"
#include "proto/door/case_api.h"
#include "test/unit/book/support.h"
#include "test/unit/bus/bus_harness.h"

enum office_account {
    OFFICE_W1,
    OFFICE_W2,
    OFFICE_W3,
    OFFICE_P1,
    OFFICE_LI_S,
    OFFICE_LI_W,
    OFFICE_OP,
    OFFICE_BOSS,
    OFFICE_WALL,
    OFFICE_ACCOUNTS
};

struct office {
    struct bench bench;
    struct harness *control_harness; /* the loop of the line to the dispatcher: only the test's own orders pass there */
    struct bus_client *control;
    struct book_folder book_folder;
    struct book *book;
    struct accounts *accounts;
    struct case_api *api;
    char data[64];
    int64_t port_base;
    pid_t dispatcher;
    int dispatcher_out;
    char tokens[OFFICE_ACCOUNTS][64];
    struct case_api_options options;
};

/* `options`: roles, times; the rest is filled in. roles 0: all. */
void office_open(struct office *office, struct case_api_options options);
void office_close(struct office *office);
/* One office for all tests of a program: set-up and tear-down of their group. */
int office_share(void **state);
int office_unshare(void **state);
/* The door's process ends and starts again: new door, new API, the same data. */
void office_restart_door(struct office *office);
void office_start_dispatcher(struct office *office);
void office_kill_dispatcher(struct office *office);

/* An order to the dispatcher, see office_dispatcher.h; it is done when this returns. */
void office_order(struct office *office, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct answer office_get(struct office *office, enum office_account account, const char *path);
struct answer office_post(struct office *office, enum office_account account, const char *path, const char *type,
                          struct bytes body);
struct answer office_post_json(struct office *office, enum office_account account, const char *path, const char *json);
/* The answer's body; the answer is finished. New reference. */
json_t *office_json(struct answer answer);
