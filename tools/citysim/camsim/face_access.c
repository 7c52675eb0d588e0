#include <stdlib.h>
#include <string.h>

#include "ingest/cameras/onvif/soap.h"
#include "ingest/cameras/onvif/token.h"
#include "proto/base/clock.h"
#include "proto/base/crypto.h"
#include "proto/base/timestamp.h"
#include "tools/citysim/camsim/face.h"

const struct rtsp_challenge face_challenge = {
    .scheme = RTSP_SCHEME_MD5, .realm = "camsim", .nonce = "7f3a90c1", .qop = true
};

static bool is_of_now(const struct sim_camera *camera, const char *created)
{
    int64_t at_ms, now_ms = clock_now_ms() + camera->behaviour.clock_ahead_s * MS_PER_SECOND;
    return timestamp_parse(created, 0, &at_ms) == 0 && llabs(now_ms - at_ms) <= FACE_CLOCK_S * MS_PER_SECOND;
}

static bool is_signed_by(const struct xml_element *token, const struct camsim_options *options)
{
    char expected[TOKEN_DIGEST_SIZE];
    struct buffer nonce = { 0 };
    bool good = strcmp(soap_text(token, "Username"), options->user) == 0 &&
                base64_decode(soap_text(token, "Nonce"), &nonce) == 0;
    token_digest(expected, buffer_view(&nonce), soap_text(token, "Created"), options->password);
    buffer_finish(&nonce);
    return good && strcmp(soap_text(token, "Password"), expected) == 0;
}

static bool answers_challenge(const struct rtsp_message *http, const char *path, const struct camsim_options *options)
{
    struct bytes header = rtsp_header(http, "Authorization"), count = rtsp_parameter(header, "nc");
    char cnonce[80], digits[9], expected[RTSP_DIGEST_HEX];
    struct rtsp_identity identity = { options->user, options->password };
    if (!rtsp_text_is(rtsp_parameter(header, "username"), options->user) ||
        !rtsp_text_is(rtsp_parameter(header, "nonce"), face_challenge.nonce) ||
        !rtsp_text_is(rtsp_parameter(header, "uri"), path))
        return false;
    rtsp_text_copy(rtsp_parameter(header, "cnonce"), cnonce, sizeof cnonce);
    rtsp_text_copy(count, digits, sizeof digits);
    rtsp_digest_response(expected, &face_challenge, &identity, "POST", path, cnonce,
                         (uint32_t)strtoul(digits, NULL, 16));
    return rtsp_text_is(rtsp_parameter(header, "response"), expected);
}

int face_check_access(const struct sim_host *sim, const struct sim_camera *camera, const struct face_request *request)
{
    const struct camsim_options *options = sim->options;
    const struct xml_element *token = soap_find(request->envelope, "Header/Security/UsernameToken");
    const struct sim_behaviour *behaviour = &camera->behaviour;
    if (!options->user || (request->content && strcmp(request->content->name, "GetSystemDateAndTime") == 0))
        return 0;
    if (behaviour->http_digest) {
        bool good = !behaviour->wrong_password && answers_challenge(request->http, request->path, options);
        return !good ? 401 : token ? 400 : 0; /* never both */
    }
    bool good = token && !behaviour->wrong_password && is_of_now(camera, soap_text(token, "Created")) &&
                is_signed_by(token, options);
    return good ? 0 : 400;
}
