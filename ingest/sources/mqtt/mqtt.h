/* MQTT: the brokers of the book, their messages through the sensors' rules into the log.
 *
 * A message is acknowledged to its broker only after the commit of what it caused: an alarm, or what a rule has to remember. Most cause
 * nothing and are acknowledged at the end of the round.
 */
#pragma once

#include "ingest/intake.h"
#include "proto/book/book.h"

struct mqtt;

struct mqtt_options {
    struct loop *loop;
    const struct book *book;
    struct event_log *log;
    struct intake *intake; /* opened before */
    const char *keys;      /* folder of the key files */
};

/* *out is NULL where the book has no broker. */
int mqtt_open(const struct mqtt_options *options, struct mqtt **out, struct fault *fault);
void mqtt_close(struct mqtt *mqtt); /* takes NULL; the loop must not run any more */
