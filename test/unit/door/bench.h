/* A door and raw clients in one loop: what is sent is exactly what the test wrote, and everything waits for what it waits
 * for, at most BENCH_DEADLINE_MS, and fails the test then.
 */
#pragma once

#include "proto/base/buffer.h"
#include "proto/base/loop.h"
#include "proto/door/door.h"

enum { BENCH_DEADLINE_MS = 20 * 1000 };

struct bench {
    struct loop *loop;
    struct door *door;
    struct loop_hook hook;
    bool (*done)(void *context);
    void *context;
    bool late;
};

/* Without a listen address: a free port of the loopback. */
void bench_open(struct bench *bench, const struct door_options *options);
void bench_close(struct bench *bench);
/* Lets the loop run until `done` says so. */
void bench_until(struct bench *bench, bool (*done)(void *context), void *context);
/* Lets the loop do what there is to do now. */
void bench_turn(struct bench *bench);
void bench_route(struct bench *bench, const char *method, const char *path, unsigned roles, int64_t body_bytes,
                 door_handler *handler, void *context);

/* ---- handlers that many tests want ---- */
void say_back(struct request *request, void *context); /* the body, with 200 */
struct parked {
    struct request *request; /* the last one */
    int count;
};
void park(struct request *request, void *parked); /* defers; the test answers */
/* Opens the client, sends GET `path`, and waits until it is parked. */
struct client;
void park_one(struct bench *bench, struct client *client, const char *path, struct parked *parked);

/* ---- clients ---- */
struct client {
    struct bench *bench;
    struct loop_watch watch;
    struct buffer received; /* not yet taken by client_answer() */
    struct buffer unsent;
    bool closed; /* the door has ended the connection */
    bool paused; /* nothing is read: a slow reader */
};

void client_open(struct client *client, struct bench *bench);
/* As the loopback has many: from this one, "127.0.0.2". */
void client_open_from(struct client *client, struct bench *bench, const char *address);
void client_close(struct client *client);
void client_send(struct client *client, const void *bytes, size_t size);
void client_send_text(struct client *client, const char *text);
void client_pause(struct client *client, bool paused);
void client_wait_closed(struct client *client);
/* Waits until so much has come, or this text. */
void client_wait_text(struct client *client, const char *text);

/* One answer, taken out of what was received. */
struct answer {
    int status; /* 0: the connection ended without one */
    char *head; /* status line and headers, NUL-terminated */
    struct buffer body;
};
/* Waits for a whole answer: by its Content-Length, to the end of the last chunk, or to the end of the connection. */
struct answer client_answer(struct client *client);
void answer_finish(struct answer *answer);
/* A copy of the value of a header; "" if absent. In static memory: use it before the next call. */
const char *answer_header(const struct answer *answer, const char *name);
const char *answer_text(struct answer *answer);

/* Opens, sends, waits for the answer, closes. */
struct answer ask(struct bench *bench, const char *request);
int ask_status(struct bench *bench, const char *request);
/* What /metrics would say; 0 for what is not counted yet. */
long long metric_value(const char *name);
