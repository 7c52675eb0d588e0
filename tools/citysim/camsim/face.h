/* The face of ONVIF: each simulated camera is a device, too, that answers discovery by UDP and SOAP by HTTP. All in camsim's thread.
 *
 *     http://HOST:PORT/ID/device_service     GetSystemDateAndTime, GetCapabilities
 *     http://HOST:PORT/ID/media              GetProfiles (main, sub, and one of JPEG), GetStreamUri, GetSnapshotUri
 *     http://HOST:PORT/ID/ptz                ContinuousMove, Stop
 * Who asks must sign with the user and password of camsim's options by a clock no more than FACE_CLOCK_S from the camera's; or by HTTP's Digest, where
 * the camera was told so (orders.h).
 */
#pragma once

#include "ingest/cameras/rtsp_message.h"
#include "proto/base/arena.h"
#include "tools/citysim/camsim/conversation.h"

enum { FACE_CLOCK_S = 5 };

struct face;

/* `cameras` stay where they are. `rtsp_port`: where their streams are. */
int face_open(struct sim_host *sim, struct sim_camera *cameras, size_t camera_count, int64_t rtsp_port,
              struct face **face, struct fault *fault);
void face_close(struct face *face);                   /* takes NULL */
void face_tick(struct face *face);                    /* takes NULL */
int64_t face_port(const struct face *face);           /* HTTP */
int64_t face_discovery_port(const struct face *face); /* UDP */

/* ---- face_words.c: what the devices say ---- */

/* Where the devices are. */
struct face_place {
    const char *host;
    int64_t port, rtsp_port;
};

/* A request that was read, and who asks. */
struct face_request {
    const struct rtsp_message *http;
    char path[256];
    const struct xml_element *envelope, *content;
};

/* Appends the answer's document; returns its status of HTTP. */
int face_answer(struct sim_host *sim, struct sim_camera *camera, const struct face_place *place,
                const struct face_request *request, struct buffer *out);
/* Appends the answer to a Probe. */
void face_put_match(const struct sim_camera *camera, const struct face_place *place, const char *message_id,
                    struct buffer *out);

/* ---- face_access.c: who may ask ---- */

extern const struct rtsp_challenge face_challenge; /* that of HTTP's Digest */
/* 0, or the status of a refusal: 401 where HTTP's Digest is wanted, else 400. */
int face_check_access(const struct sim_host *sim, const struct sim_camera *camera, const struct face_request *request);
