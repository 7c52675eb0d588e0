/* A conversation: one RTSP connection to a simulated camera, from its first byte to its end. All in camsim's thread. */
#pragma once

#include "ingest/cameras/rtsp_digest.h"
#include "proto/base/loop.h"
#include "tools/citysim/camsim/camsim.h"
#include "tools/citysim/camsim/library.h"
#include "tools/citysim/camsim/orders.h"

struct sim_camera {
    char id[CAMSIM_ID_MAX + 1];
    enum programme_scene own_scene;
    struct sim_behaviour behaviour;
    int64_t run;                /* counts its restarts: each has addresses of its own, …/run-N */
    int64_t well_again_mono_ms; /* 0: nothing befell it by itself */
};

/* What all conversations share. */
struct sim_host {
    const struct camsim_options *options;
    struct loop *loop;
    struct library *library;
    struct dice dice;
    struct buffer scratch;
    struct camsim_counts counts;
    struct sim_camera *(*find)(void *context, const char *id); /* NULL: no such camera */
    void *context;
};

struct conversation {
    struct sim_host *host;
    struct loop_watch watch; /* fd -1: it has ended, and is freed at the next tick */
    struct buffer in, out;
    size_t out_sent;
    struct sim_camera *camera; /* of the last request that named one */
    bool main_stream, waits;   /* for a programme */
    struct rtsp_challenge challenge;
    char session[17];
    uint8_t channel;
    bool set_up, playing, need_key;
    const struct programme *programme;
    int64_t next_unit;
    uint32_t ssrc;
    uint16_t sequence;
    int64_t heard_mono_ms, report_mono_ms;
    struct conversation *next;
};

struct conversation *conversation_begin(struct sim_host *host, int fd);
/* Sends what is due, ends what has been silent for too long. False: it has ended. */
bool conversation_tick(struct conversation *conversation, int64_t now_us, int64_t now_mono_ms);
/* Goes on with a request that waited for its programme. */
void conversation_go_on(struct conversation *conversation);
void conversation_end(struct conversation *conversation); /* the connection; may be called again */
void conversation_free(struct conversation *conversation);

/* ---- stream.c: the pictures ---- */

/* The programme that the camera shows on that stream now; NULL: it is being made. */
const struct programme *stream_programme(struct sim_host *host, const struct sim_camera *camera, bool main_stream);
void stream_begin(struct conversation *conversation, int64_t now_us);
/* Puts what is due into the connection. */
void stream_send_due(struct conversation *conversation, int64_t now_us, int64_t now_mono_ms);
/* Bytes to the other end, now or as soon as it takes them. */
void conversation_send(struct conversation *conversation, struct bytes bytes);
