/* The choice: what of all that a device says is used. Pure.
 *
 * A device behind a router, or in another network than it thinks, names inner addresses; a hostile one could name any, and would be
 * sent our password there, or have us knock at somebody else's door. So of what it names the host is not taken: who answered at the book's
 * host is reached at the book's host.
 */
#pragma once

#include "ingest/cameras/onvif/answers.h"
#include "proto/book/onvif.h"

enum { CHOICE_URL_SIZE = 2048 };

/* The profile that an address of the book means. -ENOENT: it names one that the device has not; -ENOTSUP: none is of H.264 or H.265. */
int choice_profile(const struct answer_profiles *profiles, const struct onvif_address *address,
                   const struct answer_profile **profile, struct fault *fault);
/* The profile by which the camera is moved: the one that is shown, or else the first of the same lens that can be; NULL: none can. */
const struct answer_profile *choice_mover(const struct answer_profiles *profiles, const struct answer_profile *shown);

/* The device's own address, http://HOST:PORT/PATH, or https:// */
void choice_device_url(const struct onvif_address *address, char out[CHOICE_URL_SIZE]);
/* A service's address, or a snapshot's: path and query as the device says; the port, too, where it names the book's host, since behind a router
 * its ports are not those that we see. Over HTTPS where the book says so, whatever the device says, and where the device does. -EINVAL: no address of
 * HTTP. */
int choice_service_url(const struct onvif_address *address, const char *said, char out[CHOICE_URL_SIZE],
                       struct fault *fault);
/* A stream's address with the book's user and password: port, path and query as the device says; the host, too, where the book has host=given.
 * -EINVAL: no rtsp:// address. */
int choice_stream_url(const struct onvif_address *address, const char *said, char out[CHOICE_URL_SIZE],
                      struct fault *fault);
