/* Orders: what befalls a camera, as a line of words: "WHICH VERB [VALUE]".
 *
 *   WHICH    an id; PREFIX*; * for all; 25% for so many of all, drawn by the seed
 *   VERB     one of CAMSIM_VERBS
 */
#pragma once

#include "proto/base/fault.h"
#include "tools/citysim/camsim/programme.h"
#include "tools/citysim/dice.h"

/* X(verb, name, value that it takes, what it does) */
#define CAMSIM_VERBS(X) \
    X(WELL, "well", NONE, "everything is as it should be") \
    X(FREEZE, "freeze", NONE, "connected and silent") \
    X(MUTE, "mute", NONE, "takes connections and answers nothing") \
    X(DIE, "die", NONE, "ends its connections and resets new ones") \
    X(CUT, "cut", NONE, "ends its connections once") \
    X(GARBAGE, "garbage", NONE, "random bytes in its packets") \
    X(NOISE, "noise", NONE, "random bytes between its packets: a reader loses its place") \
    X(LOSE, "lose", NUMBER, "loses so many of a thousand packets") \
    X(SHUFFLE, "shuffle", NONE, "a device's packets overtake each other (UDP)") \
    X(CHANGE, "change", NONE, "changes its parameter sets (another picture size), and back") \
    X(CODEC, "codec", CODEC, "h264 or h265") \
    X(SEE, "see", SCENE, "what is before it: place-1 to place-8, black, covered, blurred, still") \
    X(CLOCK, "clock", NUMBER, "its clock is so many seconds ahead") \
    X(SETS, "sets", SETS, "where its parameter sets are: band (in the stream and in SDP), sdp (there only)") \
    X(START, "start", START, "a stream begins with a key frame (key) or anywhere (any)") \
    X(REGISTER, "register", NONE, "a device registers anew") \
    X(SILENT, "silent", NONE, "a device says no more that it is there") \
    X(SSRC, "ssrc", NONE, "a device numbers its streams otherwise than asked") \
    X(TWICE, "twice", NONE, "a device tells each channel twice, and counts them so") \
    X(UTF8, "utf8", NONE, "a device writes UTF-8 instead of GB 18030") \
    X(VIA, "via", NONE, "a device says that it is elsewhere, as behind a router; by ONVIF, too") \
    X(PASSWORD, "password", NONE, "a device has a wrong one; by ONVIF: refuses whoever asks") \
    X(ALARM, "alarm", NUMBER, "a device raises an alarm by video of that type") \
    X(RESTART, "restart", NONE, "ends its connections, and its streams have other addresses from now on") \
    X(FIXED, "fixed", NONE, "by ONVIF: cannot be moved; a device does not say where it is") \
    X(DIGEST, "digest", NONE, "by ONVIF: wants the Digest of HTTP") \
    X(ENDLESS, "endless", NONE, "by ONVIF: refuses orders that say when they end") \
    X(OLD, "old", NONE, "by ONVIF: is from before 2011, and does not know GetServices") \
    X(MEDIA2, "media2", NONE, "by ONVIF: tells its streams by Media 2 alone, as devices do those of H.265") \
    X(ODD, "odd", NONE, "by ONVIF: answers GetServices with names that are not those of the services") \
    X(HALF, "half", HALF, \
      "by ONVIF: has a Media 2 beside Media 1 that does not tell of profiles, or of streams, or is gone") \
    X(FAULT, "fault", NONE, "by ONVIF: answers everything with a fault") \
    X(HUGE, "huge", NONE, "by ONVIF: answers with 2 MiB") \
    X(LATE, "late", NUMBER, "by ONVIF: answers so many milliseconds later")

#define CAMSIM_VERB_VALUE(name, ...) CAMSIM_##name,
enum camsim_verb { CAMSIM_VERBS(CAMSIM_VERB_VALUE) CAMSIM_VERB_COUNT };

struct sim_order {
    char which[65];
    enum camsim_verb verb;
    int64_t number; /* or which of the words */
};

int order_parse(const char *line, struct sim_order *order, struct fault *fault);

/* How a camera is. */
struct sim_behaviour {
    bool frozen, mute, dead, garbage, noise, changed, sets_in_sdp_only, starts_anywhere;
    bool shuffled, silent, other_ssrc, twice, utf8, other_via, wrong_password; /* of devices */
    bool old, odd, media2, fixed, endless, http_digest, faulty, huge;          /* by ONVIF */
    enum half { HALF_NONE, HALF_PROFILES, HALF_STREAMS, HALF_GONE } half;      /* what its Media 2 has not */
    int64_t lose_per_mille, clock_ahead_s, late_ms;
    enum programme_codec codec;
    enum programme_scene scene;
};

void order_apply(const struct sim_order *order, enum programme_scene own_scene, struct sim_behaviour *behaviour);
/* True where the order is for that camera; `dice` decides where it is for a share of them. */
bool order_concerns(const struct sim_order *order, const char *id, struct dice *dice);
/* Something that befalls a camera by itself. */
struct sim_order order_draw(struct dice *dice);
/* The table of verbs, for --help. */
const char *orders_help(void);
