/* Addresses of ONVIF devices in cameras.yaml. Pure.
 *
 *     onvif://[USER[:PASSWORD]@]HOST[:PORT][/PATH][?PARAMETER[&PARAMETER…]]
 *     onvifs://…                 the same over HTTPS; the certificate is not judged, since cameras sign their own: a password is digested either way
 *                             (rtsps:// of cameras is trusted alike)
 *
 * It is the device's, not the stream's: the device is asked where its pictures are. Without a port it is 80, or 443, without a path
 * /onvif/device_service, as nearly all devices have them. The parameters:
 *
 *     stream=main    the largest picture of the first lens (so it is where nothing is said)
 *     stream=sub     the largest one that is no wider than CAMERA_SUB_WIDE_PX, or the smallest
 *     profile=TOKEN  just that media profile, as for the second lens; `drumctl cameras ask` lists them
 *     host=given     pictures come from the host that the device names, as those of a recorder may; else from the device's own
 */
#pragma once

#include <stdbool.h>

#include "proto/book/camera_url.h"

/* A ReferenceToken of ONVIF has 64 characters; devices have been seen to have longer ones. */
enum { ONVIF_TOKEN_SIZE = 129, ONVIF_PATH_SIZE = 512 };

struct onvif_address {
    struct camera_url url; /* host, port, user, password */
    char path[ONVIF_PATH_SIZE];
    char profile[ONVIF_TOKEN_SIZE]; /* "": by size */
    bool sub, host_given, secure;   /* secure: over HTTPS */
};

bool onvif_is_address(const char *url); /* by its scheme */
/* -EINVAL: no such address; the fault does not show the password. */
int onvif_address_read(const char *text, struct onvif_address *address, struct fault *fault);
