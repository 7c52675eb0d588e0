/* What the files of this folder know of streams; nobody outside includes it. */
#pragma once

#include "proto/base/loop.h"

struct gate;
struct stream;

/* All of a door. */
struct streams {
    struct loop *loop;
    const struct gate *gate; /* says whether a stream's session goes on */
    struct stream *first;
    struct loop_timer comment_timer;
};
/* The loop and the gate are the caller's. */
void streams_open(struct streams *streams);
/* A session has ended: its streams end from the loop. */
void streams_look(struct streams *streams);
/* Before libmicrohttpd stops: wakes all that wait. */
void streams_shut(struct streams *streams);
/* After that. */
void streams_close(struct streams *streams);

void stream_gone(struct stream *stream); /* the request is over: tell the owner */
