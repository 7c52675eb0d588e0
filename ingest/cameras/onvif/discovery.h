/* Discovery: who is there (WS-Discovery, April 2005, as ONVIF Core 7 has it). Pure: writes the question, reads the answers.
 *
 * The question goes to DISCOVERY_GROUP, or to one address; each device answers whoever asked, with its addresses and with scopes, which say its name
 * and its hardware.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ingest/cameras/onvif/choice.h"

#define DISCOVERY_GROUP "239.255.255.250"
enum { DISCOVERY_PORT = 3702, DISCOVERY_ID_BYTES = 16, DISCOVERY_FOUND_MAX = 4096, DISCOVERY_WORDS_SIZE = 100 };

/* A Probe for NetworkVideoTransmitters. The same id twice is the same question, asked again in case it was lost. */
void discovery_put_probe(struct buffer *out, const uint8_t id[DISCOVERY_ID_BYTES]);

struct discovery_device {
    char host[46];             /* where its answer came from */
    char url[CHOICE_URL_SIZE]; /* onvif://HOST[:PORT]/PATH, or onvifs:// of one that has HTTPS alone */
    char name[DISCOVERY_WORDS_SIZE], hardware[DISCOVERY_WORDS_SIZE], location[DISCOVERY_WORDS_SIZE];
};

struct discovery {
    struct discovery_device *found;
    size_t count;
    size_t repeated, ignored; /* answers of those who are there already; what was no answer, or one too many */
    char why[200];            /* of the last one that was ignored */
};

/* An answer from `host` (IPv4 as text). The device's address is the one that it came from, with port and path as the device says (choice.h): by the
 * first of its addresses that name that host, else by the first one. Several devices may answer in one message; one that answers twice is there once. Whose
 * question it answers is not looked at: devices get that wrong, and the port that hears them is ours for these seconds alone. */
void discovery_take(struct discovery *discovery, struct bytes datagram, const char *host);
void discovery_finish(struct discovery *discovery); /* safe on a zeroed struct */

/* Appends the line for cameras.yaml of a device that was found; what only people know stands there in capitals. */
void discovery_put_line(struct buffer *out, const struct discovery *discovery, size_t at);
