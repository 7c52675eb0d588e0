/* What a simulated device says, in its own words: nothing here is shared with the platform's side but the answers' form. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <glib.h>

#include "ingest/cameras/rtsp_digest.h"
#include "proto/base/clock.h"
#include "tools/citysim/camsim/device.h"

enum { CLOCK_SIZE = 32 };

static void send_bytes(const struct sim_device *device, struct bytes bytes)
{
    const struct sip_place *platform = &device->host->platform;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(platform->port) };
    inet_pton(AF_INET, platform->host, &address.sin_addr);
    (void)!sendto(device->fd, bytes.data, bytes.size, MSG_DONTWAIT, (struct sockaddr *)&address, sizeof address);
}

/* A device behind a router knows its own address only. */
static void put_via(const struct sim_device *device, struct buffer *out)
{
    if (device->camera->behaviour.other_via)
        buffer_format(out, "Via: SIP/2.0/UDP 192.168.1.64:5060;rport;branch=z9hG4bK%s%u\r\n", device->id,
                      device->sequence);
    else
        buffer_format(out, "Via: SIP/2.0/UDP 127.0.0.1:%u;rport;branch=z9hG4bK%s%u\r\n", device->port, device->id,
                      device->sequence);
}

void device_say_register(struct sim_device *device, const char *nonce)
{
    struct device_host *host = device->host;
    struct buffer *out = &host->out;
    char uri[64];
    snprintf(uri, sizeof uri, "sip:%s@%s", host->platform_id, host->realm);
    buffer_clear(out);
    buffer_format(out, "REGISTER %s SIP/2.0\r\n", uri);
    device->sequence++;
    put_via(device, out);
    buffer_format(out,
                  "From: <sip:%s@%s>;tag=r%u\r\nTo: <sip:%s@%s>\r\nCall-ID: reg%s\r\nCSeq: %u REGISTER\r\n"
                  "Contact: <sip:%s@127.0.0.1:%u>\r\nMax-Forwards: 70\r\nExpires: 3600\r\n",
                  device->id, host->realm, device->sequence, device->id, host->realm, device->id, device->sequence,
                  device->id, device->port);
    if (nonce) {
        struct rtsp_challenge challenge = { .scheme = RTSP_SCHEME_MD5 };
        const char *password = host->sim->options->gb_password;
        struct rtsp_identity identity = { device->id, device->camera->behaviour.wrong_password ? "wrong" : password };
        char response[RTSP_DIGEST_HEX];
        g_strlcpy(challenge.realm, host->realm, sizeof challenge.realm);
        g_strlcpy(challenge.nonce, nonce, sizeof challenge.nonce);
        rtsp_digest_response(response, &challenge, &identity, "REGISTER", uri, "", 0);
        buffer_format(out,
                      "Authorization: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%s\", "
                      "algorithm=MD5\r\n",
                      device->id, host->realm, nonce, uri, response);
    }
    buffer_text(out, "Content-Length: 0\r\n\r\n");
    send_bytes(device, buffer_view(out));
}

void device_say_document(struct sim_device *device, struct bytes document)
{
    struct device_host *host = device->host;
    struct buffer *out = &host->out;
    buffer_clear(out);
    buffer_format(out, "MESSAGE sip:%s@%s SIP/2.0\r\n", host->platform_id, host->realm);
    device->sequence++;
    put_via(device, out);
    buffer_format(out,
                  "From: <sip:%s@%s>;tag=m%u\r\nTo: <sip:%s@%s>\r\nCall-ID: msg%s%u\r\nCSeq: %u MESSAGE\r\n"
                  "Max-Forwards: 70\r\nContent-Type: Application/MANSCDP+xml\r\nContent-Length: %zu\r\n\r\n",
                  device->id, host->realm, device->sequence, host->platform_id, host->realm, device->id,
                  device->sequence, device->sequence, document.size);
    buffer_append(out, document.data, document.size);
    send_bytes(device, buffer_view(out));
}

static void put_clock(char out[CLOCK_SIZE])
{
    time_t seconds = time(NULL) + 8 * 3600; /* their clocks are China's */
    struct tm parts;
    strftime(out, CLOCK_SIZE, "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &parts));
}

/* It drives round and round: 300 m about a place that its number gives, once in two minutes. */
void device_say_position(struct sim_device *device)
{
    struct device_host *host = device->host;
    struct device_watch *watch = &device->watch;
    struct buffer *out = &host->out;
    char document[512], now[CLOCK_SIZE];
    double angle = (double)(clock_mono_ms() % 120000) / 120000 * 2 * M_PI + device->number;
    put_clock(now);
    int size = snprintf(document, sizeof document,
                        "<?xml version=\"1.0\" "
                        "encoding=\"GB2312\"?>\r\n<Notify>\r\n<CmdType>MobilePosition</CmdType>\r\n"
                        "<SN>%" PRId64 "</SN>\r\n<DeviceID>%s</DeviceID>\r\n<Time>%s</Time>\r\n"
                        "<Longitude>%.6f</Longitude>\r\n<Latitude>%.6f</Latitude>\r\n<Speed>56.5</Speed>\r\n"
                        "<Direction>%.1f</Direction>\r\n<Altitude>0</Altitude>\r\n</Notify>\r\n",
                        watch->serial, device->id, now, 116.393 + 0.0035 * cos(angle), 39.940 + 0.0027 * sin(angle),
                        fmod(360 - angle * 180 / M_PI, 360));
    buffer_clear(out);
    buffer_format(out, "NOTIFY sip:%s@%s SIP/2.0\r\n", watch->peer, host->realm);
    device->sequence++;
    put_via(device, out);
    buffer_format(out,
                  "From: <sip:%s@%s>;tag=dev\r\nTo: <sip:%s@%s>;tag=%s\r\nCall-ID: %s\r\nCSeq: %u NOTIFY\r\n"
                  "Max-Forwards: 70\r\nEvent: presence\r\nSubscription-State: active;expires=90\r\n"
                  "Content-Type: Application/MANSCDP+xml\r\nContent-Length: %d\r\n\r\n%s",
                  device->id, host->realm, watch->peer, host->realm, watch->peer_tag, watch->call_id, ++watch->sequence,
                  size, document);
    send_bytes(device, buffer_view(out));
}

void device_say_bye(const struct device_call *call)
{
    struct sim_device *device = call->device;
    struct device_host *host = device->host;
    struct buffer *out = &host->out;
    buffer_clear(out);
    buffer_format(out, "BYE sip:%s@%s SIP/2.0\r\n", host->platform_id, host->realm);
    device->sequence++;
    put_via(device, out);
    buffer_format(out,
                  "From: <sip:%s@%s>;tag=%s\r\nTo: <sip:%s@%s>;tag=%s\r\nCall-ID: %s\r\nCSeq: %u BYE\r\n"
                  "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
                  call->channel, host->realm, call->tag, call->peer, host->realm, call->peer_tag, call->call_id,
                  device->sequence);
    send_bytes(device, buffer_view(out));
}

void device_answer(struct sim_device *device, const struct sip_message *request, int status, const char *tag)
{
    struct buffer *out = &device->host->out;
    buffer_clear(out);
    sip_answer(request, status, &device->host->platform, tag, "", out);
    send_bytes(device, buffer_view(out));
}

/* 200 with what we send. */
void device_accept(const struct device_call *call, const struct sip_message *invite, const char *host)
{
    struct buffer *out = &call->device->host->out;
    bool tcp = call->watch.fd >= 0;
    char sdp[512], head[128];
    snprintf(sdp, sizeof sdp,
             "v=0\r\no=%s 0 0 IN IP4 %s\r\ns=Play\r\nc=IN IP4 %s\r\nt=0 0\r\nm=video %u %sRTP/AVP 96\r\n%s"
             "a=sendonly\r\na=rtpmap:96 PS/90000\r\ny=%010u\r\nf=\r\n",
             call->channel, host, host, call->device->host->media_port, tcp ? "TCP/" : "",
             tcp ? "a=setup:active\r\na=connection:new\r\n" : "", call->ssrc);
    buffer_clear(out);
    snprintf(head, sizeof head, "Contact: <sip:%s@%s:%u>\r\nContent-Type: APPLICATION/SDP\r\n", call->channel, host,
             call->device->port);
    sip_answer(invite, 200, &call->device->host->platform, call->tag, head, out);
    static const char tail[] = "Content-Length: 0\r\n\r\n";
    out->size -= sizeof tail - 1; /* it has a body after all */
    buffer_format(out, "Content-Length: %zu\r\n\r\n%s", strlen(sdp), sdp);
    send_bytes(call->device, buffer_view(out));
}

/* ---- documents ---- */

void device_put_keepalive(struct sim_device *device, struct buffer *out)
{
    buffer_format(out,
                  "<?xml version=\"1.0\" "
                  "encoding=\"GB2312\"?>\r\n<Notify>\r\n<CmdType>Keepalive</CmdType>\r\n<SN>%u</SN>\r\n"
                  "<DeviceID>%s</DeviceID>\r\n<Status>OK</Status>\r\n</Notify>\r\n",
                  ++device->serial, device->id);
}

void device_put_alarm(struct sim_device *device, struct buffer *out)
{
    char now[CLOCK_SIZE];
    put_clock(now);
    buffer_format(out,
                  "<?xml "
                  "version=\"1.0\"?>\r\n<Notify>\r\n<CmdType>Alarm</CmdType>\r\n<SN>%u</SN>\r\n<DeviceID>%s</"
                  "DeviceID>\r\n"
                  "<AlarmPriority>1</AlarmPriority>\r\n<AlarmMethod>5</AlarmMethod>\r\n<AlarmTime>%s</AlarmTime>\r\n"
                  "<Info>\r\n<AlarmType>%" PRId64 "</AlarmType>\r\n</Info>\r\n</Notify>\r\n",
                  device->alarm_serial, device->id, now, device->alarm);
}

/* One of its channels; a name in Chinese, as the device writes it. */
void device_put_catalog(struct sim_device *device, int64_t serial, int channel, int copies, struct buffer *out)
{
    char id[GB_ID_DIGITS + 1], name[32];
    bool utf8 = device->camera->behaviour.utf8;
    device_channel_id(id, device->number, channel);
    snprintf(name, sizeof name, "%s%d", utf8 ? "\xe9\x80\x9a\xe9\x81\x93" : "\xcd\xa8\xb5\xc0", channel); /* 通道 */
    buffer_format(out,
                  "<?xml version=\"1.0\" encoding=\"%s\"?>\r\n<Response>\r\n<CmdType>Catalog</CmdType>\r\n<SN>%" PRId64
                  "</SN>\r\n<DeviceID>%s</DeviceID>\r\n<SumNum>%d</SumNum>\r\n<DeviceList Num=\"%d\">\r\n",
                  utf8 ? "UTF-8" : "GB2312", serial, device->id, device->host->channels * copies, copies);
    for (int i = 0; i < copies; i++)
        buffer_format(out,
                      "<Item>\r\n<DeviceID>%s</DeviceID>\r\n<Name>%s</Name>\r\n<Manufacturer>camsim</Manufacturer>\r\n"
                      "<Parental>0</Parental>\r\n<Status>ON</Status>\r\n</Item>\r\n",
                      id, name);
    buffer_text(out, "</DeviceList>\r\n</Response>\r\n");
}
