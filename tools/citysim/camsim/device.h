/* A device of GB/T 28181, simulated: registers with a platform, says that it is there, has channels, sends program streams of them when it is invited.
 * All in camsim's thread; many share a few sockets. */
#pragma once

#include "ingest/cameras/gb28181/manscdp.h"
#include "ingest/cameras/gb28181/sip.h"
#include "proto/base/loop.h"
#include "proto/book/gb28181.h"
#include "tools/citysim/camsim/conversation.h"

enum { DEVICE_CHANNELS_MAX = 99, DEVICE_WORD = 64 };

enum device_state { DEVICE_OUT, DEVICE_ASKED, DEVICE_ANSWERED, DEVICE_IN };

/* What all devices share. */
struct device_host {
    struct sim_host *sim;
    struct sip_place platform;
    const char *platform_id;
    char realm[11];
    int64_t keepalive_ms, retry_ms;
    int channels;
    struct device_call *calls;
    struct arena arena;
    struct buffer out;
    uint8_t *received; /* room for what one socket hears */
    int media_fd;      /* from which pictures are sent by UDP */
    uint16_t media_port;
    size_t registered;
};

/* Who was told to be told where it is (SUBSCRIBE); ends_mono_ms 0: nobody. */
struct device_watch {
    char call_id[DEVICE_WORD], peer[GB_ID_DIGITS + 1], peer_tag[DEVICE_WORD];
    int64_t ends_mono_ms, interval_ms, due_mono_ms, serial;
    uint32_t sequence;
};

struct sim_device {
    struct device_host *host;
    char id[GB_ID_DIGITS + 1];
    int number;                /* 1 …, part of its ids */
    struct sim_camera *camera; /* how it behaves, and what its channels see */
    int fd;                    /* one of the shared ones */
    uint16_t port;             /* of that */
    enum device_state state;
    int64_t due_mono_ms, renew_mono_ms;
    unsigned tries, unanswered;
    uint32_t sequence, serial;
    struct device_watch watch;
    int64_t alarm; /* the type of one that was not answered yet; 0: none */
    uint32_t alarm_serial;
};

/* A channel's stream. */
struct device_call {
    struct sim_device *device;
    struct sim_camera *camera;
    char call_id[DEVICE_WORD], peer[GB_ID_DIGITS + 1], channel[GB_ID_DIGITS + 1], peer_tag[DEVICE_WORD],
        tag[DEVICE_WORD];
    struct sip_place to;
    bool main_stream, over, need_key, began;
    struct loop_watch watch; /* TCP; fd -1: UDP */
    struct buffer waiting;   /* what the connection does not take yet */
    struct buffer overtaken; /* UDP: a packet that is sent after so many others */
    uint64_t overtaken_by;
    const struct programme *programme; /* NULL: it is being made */
    int64_t next_unit;
    uint32_t ssrc;
    uint16_t sequence;
    struct device_call *next;
};

void device_begin(struct sim_device *device, struct device_host *host, int number);
/* Does what is due. */
void device_tick(struct sim_device *device, int64_t now_mono_ms);
/* A message came for it. */
void device_hear(struct sim_device *device, struct bytes bytes, const struct sip_message *message);
void device_channel_id(char out[GB_ID_DIGITS + 1], int number, int channel);
/* Registers anew, at once. */
void device_register(struct sim_device *device, int64_t now_mono_ms);
void device_raise_alarm(struct sim_device *device, int64_t type);
void device_end_calls(struct sim_device *device); /* with BYE */

/* ---- device_words.c: what it says ---- */
void device_say_register(struct sim_device *device, const char *nonce);
void device_say_document(struct sim_device *device, struct bytes document);
void device_say_position(struct sim_device *device); /* in a NOTIFY to its watch */
void device_say_bye(const struct device_call *call);
void device_answer(struct sim_device *device, const struct sip_message *request, int status, const char *tag);
void device_accept(const struct device_call *call, const struct sip_message *invite, const char *host);
void device_put_catalog(struct sim_device *device, int64_t serial, int channel, int copies, struct buffer *out);
void device_put_keepalive(struct sim_device *device, struct buffer *out);
void device_put_alarm(struct sim_device *device, struct buffer *out);

/* ---- device_stream.c: its pictures ---- */
/* -EINVAL: the offer cannot be read. */
int device_stream_open(struct device_call *call, struct bytes offer);
void device_stream_send_due(struct device_call *call, int64_t now_us);
void device_stream_close(struct device_call *call);
