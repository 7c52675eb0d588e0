#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ingest/cameras/onvif/soap.h"
#include "proto/base/clock.h"
#include "proto/base/timestamp.h"
#include "tools/citysim/camsim/face.h"

/* Prefixes as no two makers have the same. */
#define ENVELOPE \
    "<?xml version=\"1.0\" encoding=\"utf-8\"?><SOAP-ENV:Envelope " \
    "xmlns:SOAP-ENV=\"http://www.w3.org/2003/05/soap-envelope\" " \
    "xmlns:ter=\"http://www.onvif.org/ver10/error\" xmlns:q=\"http://www.onvif.org/ver10/schema\" " \
    "xmlns:w=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" " \
    "xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\" " \
    "xmlns:m=\"http://www.onvif.org/ver10/media/wsdl\">"
#define BODY "<SOAP-ENV:Body>"
#define END "</SOAP-ENV:Body></SOAP-ENV:Envelope>"

/* What an answer is made of. */
struct saying {
    struct sim_host *sim;
    struct sim_camera *camera;
    const struct face_place *place;
    const struct xml_element *content;
    struct buffer *out;
};

/* Behind a router it knows its inner address only. */
static const char *host_of(const struct sim_camera *camera, const struct face_place *place)
{
    return camera->behaviour.other_via ? "192.0.2.7" : place->host;
}

static int put_fault(struct buffer *out, int status, const char *code, const char *reason)
{
    buffer_format(out,
                  ENVELOPE BODY "<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:Sender</SOAP-ENV:Value>"
                                "<SOAP-ENV:Subcode><SOAP-ENV:Value>ter:%s</SOAP-ENV:Value></SOAP-ENV:Subcode>"
                                "</SOAP-ENV:Code><SOAP-ENV:Reason><SOAP-ENV:Text xml:lang=\"en\">%s</SOAP-ENV:Text>"
                                "</SOAP-ENV:Reason></SOAP-ENV:Fault>" END,
                  code, reason);
    return status;
}

static void put_clock(const struct saying *saying)
{
    int64_t now_ms = clock_now_ms() + saying->camera->behaviour.clock_ahead_s * MS_PER_SECOND;
    struct civil_date date = civil_from_days(now_ms / MS_PER_DAY);
    int64_t second = now_ms % MS_PER_DAY / MS_PER_SECOND;
    buffer_format(saying->out,
                  "<SystemDateAndTime><q:UTCDateTime><q:Time><q:Hour>%" PRId64 "</q:Hour><q:Minute>%" PRId64
                  "</q:Minute><q:Second>%" PRId64 "</q:Second></q:Time><q:Date><q:Year>%d</q:Year><q:Month>%d"
                  "</q:Month><q:Day>%d</q:Day></q:Date></q:UTCDateTime></SystemDateAndTime>",
                  second / 3600, second / 60 % 60, second % 60, date.year, date.month, date.day);
}

enum { GONE_PORT = 9 }; /* discard: nobody listens there any more */

static void put_service(const struct saying *saying, const char *space, const char *path, int64_t port)
{
    buffer_format(saying->out,
                  "<m:Service><m:Namespace>http://www.onvif.org/%s/wsdl%s</m:Namespace><m:XAddr>http://%s:%" PRId64
                  "/%s/%s</m:XAddr><m:Version><q:Major>2</q:Major><q:Minor>60</q:Minor></m:Version></m:Service>",
                  space, saying->camera->behaviour.odd ? "/" : "", host_of(saying->camera, saying->place), port,
                  saying->camera->id, path);
}

static void put_services(const struct saying *saying)
{
    const struct sim_behaviour *behaviour = &saying->camera->behaviour;
    int64_t port = saying->place->port;
    put_service(saying, "ver10/device", "device_service", port);
    if (!behaviour->media2)
        put_service(saying, "ver10/media", "media", port);
    if (behaviour->media2 || behaviour->half)
        put_service(saying, "ver20/media", "media2", behaviour->half == HALF_GONE ? GONE_PORT : port);
    if (!behaviour->fixed)
        put_service(saying, "ver20/ptz", "ptz", port);
}

static void put_capabilities(const struct saying *saying)
{
    const char *host = host_of(saying->camera, saying->place), *id = saying->camera->id;
    int64_t port = saying->place->port;
    buffer_format(saying->out, "<Capabilities><q:Media><q:XAddr>http://%s:%" PRId64 "/%s/media</q:XAddr></q:Media>",
                  host, port, id);
    if (!saying->camera->behaviour.fixed)
        buffer_format(saying->out, "<q:PTZ><q:XAddr>http://%s:%" PRId64 "/%s/ptz</q:XAddr></q:PTZ>", host, port, id);
    buffer_text(saying->out, "</Capabilities>");
}

/* True: it is asked as Media 2 is asked; the elements of its questions tell. */
static bool is_media2(const struct saying *saying)
{
    const struct xml_element *content = saying->content;
    return soap_find(content, "Type") || (soap_find(content, "Protocol") && !soap_find(content, "StreamSetup")) ||
           saying->camera->behaviour.media2;
}

static void put_profile_2(const struct saying *saying, const char *token, const char *encoding, int width, int height)
{
    buffer_format(saying->out,
                  "<m:Profiles token=\"%s\" fixed=\"true\"><m:Name>%s</m:Name><m:Configurations><m:VideoSource "
                  "token=\"v\">"
                  "<q:SourceToken>lens</q:SourceToken></m:VideoSource><m:VideoEncoder "
                  "token=\"e\"><q:Encoding>%s</q:Encoding>"
                  "<q:Resolution><q:Width>%d</q:Width><q:Height>%d</q:Height></q:Resolution></m:VideoEncoder>%s"
                  "</m:Configurations></m:Profiles>",
                  token, token, encoding, width, height, saying->camera->behaviour.fixed ? "" : "<m:PTZ token=\"p\"/>");
}

static void put_profile(const struct saying *saying, const char *token, const char *encoding, int width, int height)
{
    if (is_media2(saying)) {
        put_profile_2(saying, token, encoding, width, height);
        return;
    }
    buffer_format(saying->out,
                  "<m:Profiles token=\"%s\" fixed=\"true\"><q:Name>%s</q:Name><q:VideoSourceConfiguration token=\"v\">"
                  "<q:SourceToken>lens</q:SourceToken></q:VideoSourceConfiguration>"
                  "<q:VideoEncoderConfiguration token=\"e\"><q:Encoding>%s</q:Encoding><q:Resolution><q:Width>%d"
                  "</q:Width><q:Height>%d</q:Height></q:Resolution></q:VideoEncoderConfiguration>%s</m:Profiles>",
                  token, token, encoding, width, height,
                  saying->camera->behaviour.fixed ? "" : "<q:PTZConfiguration token=\"p\"/>");
}

/* The small one first: nothing says that the first is the largest. */
static void put_profiles(const struct saying *saying)
{
    const char *codec = saying->camera->behaviour.codec == PROGRAMME_H265 ? "H265" : "H264";
    put_profile(saying, "sub", codec, 640, 360);
    put_profile(saying, "still", "JPEG", 2592, 1944);
    put_profile(saying, "main", codec, 1920, 1080);
}

static void put_stream(const struct saying *saying)
{
    const struct sim_camera *camera = saying->camera;
    bool main_stream = strcmp(soap_text(saying->content, "ProfileToken"), "main") == 0;
    buffer_format(saying->out, "%s<q:Uri>rtsp://%s:%" PRId64 "/%s%s", is_media2(saying) ? "" : "<m:MediaUri>",
                  host_of(camera, saying->place), saying->place->rtsp_port, camera->id, main_stream ? "/main" : "");
    if (camera->run)
        buffer_format(saying->out, "/run-%" PRId64, camera->run);
    buffer_format(saying->out, "?a=1&amp;b=2</q:Uri>%s", is_media2(saying) ? "" : "</m:MediaUri>");
}

static void put_snapshot(const struct saying *saying)
{
    buffer_format(saying->out, "<m:MediaUri><q:Uri>http://%s:%" PRId64 "/%s/snapshot.jpg</q:Uri></m:MediaUri>",
                  host_of(saying->camera, saying->place), saying->place->port, saying->camera->id);
}

static const char *speed(const struct xml_element *content, const char *way, const char *name)
{
    const struct xml_element *axis = soap_find(content, way);
    const char *value = axis ? xml_attribute(axis, name) : NULL;
    return value ? value : "-";
}

static void take_move(const struct saying *saying)
{
    struct camsim_counts *counts = &saying->sim->counts;
    const struct xml_element *timeout = soap_find(saying->content, "Timeout");
    counts->moves++;
    snprintf(counts->last_timeout, sizeof counts->last_timeout, "%s", timeout ? timeout->text : "");
    snprintf(counts->last_move, sizeof counts->last_move, "%s %s %s", speed(saying->content, "Velocity/PanTilt", "x"),
             speed(saying->content, "Velocity/PanTilt", "y"), speed(saying->content, "Velocity/Zoom", "x"));
}

static void take_stop(const struct saying *saying)
{
    struct camsim_counts *counts = &saying->sim->counts;
    counts->moves++;
    snprintf(counts->last_move, sizeof counts->last_move, "stop");
}

/* Of Media 2. */
static bool lacks(const struct saying *saying)
{
    enum half half = saying->camera->behaviour.half;
    const char *question = saying->content->name;
    return is_media2(saying) && ((half == HALF_PROFILES && strcmp(question, "GetProfiles") == 0) ||
                                 (half == HALF_STREAMS && strcmp(question, "GetStreamUri") == 0));
}

static const struct {
    const char *name;
    bool moves; /* not one that is fixed */
    void (*put)(const struct saying *saying);
} sayings[] = {
    { "GetSystemDateAndTime", false, put_clock },   { "GetServices", false, put_services },
    { "GetCapabilities", false, put_capabilities }, { "GetProfiles", false, put_profiles },
    { "GetStreamUri", false, put_stream },          { "GetSnapshotUri", false, put_snapshot },
    { "ContinuousMove", true, take_move },          { "Stop", true, take_stop },
};

int face_answer(struct sim_host *sim, struct sim_camera *camera, const struct face_place *place,
                const struct face_request *request, struct buffer *out)
{
    struct saying saying = { sim, camera, place, request->content, out };
    int refused = face_check_access(sim, camera, request);
    if (refused) {
        sim->counts.refused++;
        return put_fault(out, refused, "NotAuthorized", "Sender not Authorized");
    }
    if (camera->behaviour.endless && soap_find(request->content, "Timeout"))
        return put_fault(out, 400, "InvalidArgVal", "Timeout is not supported");
    if (camera->behaviour.old && strcmp(request->content->name, "GetServices") == 0)
        return put_fault(out, 400, "ActionNotSupported", "Optional Action Not Implemented");
    if (lacks(&saying))
        return put_fault(out, 500, "Action", "Internal error");
    if (camera->behaviour.faulty)
        return put_fault(out, 500, "Action", "Something &lt;went&gt; wrong");
    for (size_t i = 0; i < sizeof sayings / sizeof *sayings; i++)
        if (strcmp(request->content->name, sayings[i].name) == 0 && !(sayings[i].moves && camera->behaviour.fixed)) {
            buffer_format(out, ENVELOPE BODY "<m:%sResponse>", sayings[i].name);
            sayings[i].put(&saying);
            buffer_format(out, "</m:%sResponse>" END, sayings[i].name);
            return 200;
        }
    return put_fault(out, 500, "ActionNotSupported", "Not supported");
}

void face_put_match(const struct sim_camera *camera, const struct face_place *place, const char *message_id,
                    struct buffer *out)
{
    buffer_text(out, ENVELOPE "<SOAP-ENV:Header><w:RelatesTo>");
    soap_put_text(out, message_id);
    buffer_format(out,
                  "</w:RelatesTo></SOAP-ENV:Header>" BODY "<d:ProbeMatches><d:ProbeMatch><w:EndpointReference>"
                  "<w:Address>urn:uuid:%s</w:Address></w:EndpointReference><d:Scopes>"
                  "onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/Camera%%20%s\n"
                  "onvif://www.onvif.org/hardware/camsim</d:Scopes>"
                  "<d:XAddrs>http://[fe80::1]/onvif http://%s:%" PRId64 "/%s/device_service</d:XAddrs>"
                  "<d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches>" END,
                  camera->id, camera->id, host_of(camera, place), place->port, camera->id);
}
