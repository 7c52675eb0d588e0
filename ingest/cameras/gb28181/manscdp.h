/* MANSCDP (GB/T 28181-2016, annex A): the XML documents that devices and platforms exchange in MESSAGE and NOTIFY. Pure.
 *
 * Devices write GB 2312, GBK, GB 18030 or UTF-8, and declare one of them, not always the one that they write: what is valid UTF-8 is read as
 * that, all else as GB 18030.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ingest/sources/xml_tree.h"
#include "proto/base/arena.h"

/* X(command, CmdType) */
#define MANSCDP_COMMANDS(X) \
    X(KEEPALIVE, "Keepalive") \
    X(CATALOG, "Catalog") \
    X(ALARM, "Alarm") \
    X(MOBILE_POSITION, "MobilePosition")
#define MANSCDP_COMMAND_VALUE(name, text) MANSCDP_##name,
enum manscdp_command { MANSCDP_COMMANDS(MANSCDP_COMMAND_VALUE) MANSCDP_OTHER };

/* Texts live in the arena, and are never NULL. */
struct manscdp {
    enum manscdp_command command;
    const char *device; /* DeviceID */
    int64_t serial;     /* SN: an answer has that of its query; -1: none */
    const struct xml_element *root;
};
/* By its words alone: nine of ten documents say no more than that somebody is there, and need not be read as XML for it. False: it may be one all the
 * same. */
bool manscdp_is_plain_keepalive(struct bytes body);
/* -EINVAL, -EMSGSIZE: no such document. */
int manscdp_read(struct bytes body, struct arena *arena, struct manscdp *document, struct fault *fault);

/* Catalog. */
struct manscdp_channel {
    const char *id, *name;
    bool off; /* it says so */
};
int64_t manscdp_channel_sum(const struct manscdp *document); /* SumNum: of all parts, as the device believes; -1 */
/* The channel at *item, which is moved to the next one; begins with NULL. False: there are no more. */
bool manscdp_next_channel(const struct manscdp *document, const struct xml_element **item,
                          struct manscdp_channel *channel);

struct manscdp_position {
    double lat, lon; /* NAN: not known */
    int64_t at_ms;   /* INT64_MIN: it does not say, or not so that one could read it */
};
/* Of MobilePosition, and where an alarm says it. `offset_minutes`: of the clocks on which devices without an offset write. */
struct manscdp_position manscdp_position(const struct manscdp *document, int offset_minutes);

struct manscdp_alarm {
    int64_t method, type, priority; /* 0: not said; priority 1 (highest) to 4 */
    const char *text;
    struct manscdp_position position; /* at_ms: of the alarm */
};
struct manscdp_alarm manscdp_alarm(const struct manscdp *document, int offset_minutes);

/* ---- what we write; all append ---- */
void manscdp_put_catalog_query(const char *device, int64_t serial, struct buffer *out);
void manscdp_put_position_query(const char *device, int64_t serial, int64_t interval_seconds, struct buffer *out);
void manscdp_put_alarm_response(const char *device, int64_t serial, struct buffer *out);
void manscdp_put_move(const char *channel, int64_t serial, const char *ptz, struct buffer *out); /* ptz: ptz.h */
