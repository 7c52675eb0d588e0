/* An inquiry: what a device says of itself, question by question.
 *
 *     its clock → its services → its profiles → the stream's address → (the snapshot's address)
 * Profiles and streams are asked of Media 2 where a device has one, since only that tells of H.265, else, or where it does not work, of Media 1.
 * Passwords are sent together with the time, and a device refuses what is old by its own clock: so that is asked first, which anybody may.
 */
#pragma once

#include "ingest/cameras/onvif/exchange.h"

/* What came of it. `mover` "": it cannot be moved. */
struct inquiry_facts {
    int64_t ahead_ms; /* the device's clock before ours */
    bool digest;
    char stream[CHOICE_URL_SIZE];                       /* rtsp:// with the book's user and password */
    char snapshot[CHOICE_URL_SIZE];                     /* http://, without; "": not asked for, or none */
    char ptz[CHOICE_URL_SIZE], mover[ONVIF_TOKEN_SIZE]; /* where and by which profile it is moved */
};

/* code < 0: the fault says why. `profiles`, NULL before they were told, and the facts live during the call; the inquiry ends with it. */
typedef void inquiry_done(void *context, int code, const struct fault *fault, const struct inquiry_facts *facts,
                          const struct answer_profiles *profiles);

struct inquiry;

struct inquiry *inquiry_begin(struct http *http, const struct onvif_address *address, bool wants_snapshot,
                              inquiry_done *done, void *context);
/* One that is not done, after the HTTP client's end; takes NULL. */
void inquiry_free(struct inquiry *inquiry);
