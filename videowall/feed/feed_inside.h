/* What the files of the feeds share. Inside this folder only. */
#pragma once

#include "proto/base/arena.h"
#include "proto/base/buffer.h"
#include "proto/book/places.h"
#include "videowall/feed/feed.h"

struct feed {
    struct feeds *feeds;
    const char *id;
    const struct book_camera *camera; /* NULL: pictures of our own */
    void (*watched)(void *context, bool watched);
    void *context;
    bool main; /* its main stream, of two */
    struct feed_viewer *viewers;
    bool leased, asking;
    int64_t ask_mono_ms;  /* when to ask for the lease next */
    int64_t left_mono_ms; /* when the last viewer went */
    int64_t word_mono_ms; /* of the last status, frame or grant; of a refusal: until when it holds */
    struct frame_order order;
    struct frame_cache cache;
    struct camera_status status; /* texts: the book's id, `reason` below */
    char reason[201];
    struct feed *next;
};

struct feeds {
    struct loop *loop;
    const struct book *book;
    struct bus_client *client;
    struct bus_subscriber *subscriber;
    struct loop_timer tick;
    struct arena arena;
    struct buffer request;
    char holders[2][65]; /* of sub-streams and of main streams: a holder has one stream of a camera */
    struct feed *
        *by_camera; /* by place in the book, two each: sub-stream and main stream; NULL: nothing is known of it */
    struct feed *first;
    struct camera_places places;
};

/* ---- feed.c ---- */
void feed_register(void); /* its metrics */
/* The feed of pictures that are made or asked for by `id`; nobody looks yet. */
struct feed *feed_add(struct feeds *feeds, const char *id);
/* Where it is news, the viewers hear of it. Texts are copied. */
void feed_set_status(struct feed *feed, const struct camera_status *status);
/* What this process concludes by itself, where ingest does not say it. */
void feed_enter(struct feed *feed, enum camera_state state, const char *reason);
void feed_take_frame(struct feed *feed, const struct frame *frame);
void feed_forget_pictures(struct feed *feed);

/* ---- lease.c ---- */
/* Pictures of our own are made from now on, a camera's are asked for. */
void lease_ask(struct feed *feed);
void lease_release(struct feed *feed);

/* ---- feeds.c ---- */
/* What is known of a camera's stream, from now on at least. */
struct feed *feeds_make(struct feeds *feeds, const struct book_camera *camera, bool main);
