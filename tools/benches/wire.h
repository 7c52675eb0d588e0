/* Wires: conversations whose questions are bytes made ready before, over sockets of the kernel: HTTP/1.1 kept alive, and Redis' RESP. As little as a
 * client can do, so that it is not the limit of what is measured.
 */
#pragma once

#include "proto/base/buffer.h"
#include "tools/benches/load.h"

enum { WIRE_ANSWER_MAX = 4096 };

struct wire {
    struct load_peer peer; /* for load_run() */
    const struct bytes *questions;
    size_t question_count, next;
    /* 1: the answer is whole; 0: not yet; <0: it is not what was hoped for. */
    int (*whole)(const char *answer, size_t size, struct fault *fault);
    struct wire_answer {
        char text[WIRE_ANSWER_MAX + 1];
        size_t size;
    } answers[LOAD_CONVERSATIONS_MAX];
};

/* 201 Created with a Content-Length. */
int wire_whole_http(const char *answer, size_t size, struct fault *fault);
/* An integer. */
int wire_whole_redis(const char *answer, size_t size, struct fault *fault);

/* A connected socket to "127.0.0.1:PORT"; <0: there is none. */
int wire_connect(const char *address, struct fault *fault);
/* `count` of them; the questions are asked in turn and live as long as the wire. */
int wire_open(struct wire *wire, const char *address, size_t count, const struct bytes *questions,
              size_t question_count, int (*whole)(const char *answer, size_t size, struct fault *fault),
              struct fault *fault);
void wire_close(struct wire *wire); /* safe on a zeroed struct */
