/* What ONVIF devices say: the first line is their address in the book, the rest an answer by HTTP or to a probe. Whatever they say, their streams and
 * services are asked for at the book's host, and what is shown of them has nothing that a terminal obeys. */
#include <assert.h>
#include <string.h>
#include <strings.h>

#include "ingest/cameras/onvif/discovery.h"
#include "proto/record/codec.h"
#include "test/fuzz/fuzz.h"

static void check_plain(const char *text)
{
    assert(text_is_utf8(text, strlen(text)));
    for (const unsigned char *at = (const unsigned char *)text; *at; at++)
        assert(*at >= 0x20 && *at != 0x7f && !(at[0] == 0xc2 && at[1] < 0xa0));
}

static void check_stream(const struct onvif_address *address, const char *said)
{
    struct camera_url url;
    struct fault fault = { "" };
    char out[CHOICE_URL_SIZE];
    if (choice_stream_url(address, said, out, &fault) < 0) {
        assert(*fault.text);
        return;
    }
    /* What we make is longer than what was said by user and password, and then perhaps too long to be read. */
    if (camera_url_read(out, "rtsp", "554", &url, NULL) < 0)
        return;
    assert(address->host_given || strcmp(url.host, address->url.host) == 0);
    assert(strcmp(url.user, address->url.user) == 0);
    assert(!*address->url.user || strcmp(url.password, address->url.password) == 0);
}

static void check_service(const struct onvif_address *address, const char *said)
{
    struct camera_url url;
    struct fault fault = { "" };
    char out[CHOICE_URL_SIZE];
    if (choice_service_url(address, said, out, &fault) < 0) {
        assert(*fault.text);
        return;
    }
    assert(!address->secure || strncmp(out, "https://", 8) == 0);
    if (camera_url_read(out, "http", "80", &url, NULL) == 0 || camera_url_read(out, "https", "443", &url, NULL) == 0)
        assert(strcmp(url.host, address->url.host) == 0 && !*url.user);
}

static void check_profiles(const struct onvif_address *address, const struct xml_element *content)
{
    static struct answer_profiles profiles;
    const struct answer_profile *chosen;
    struct fault fault = { "" };
    answer_profiles(content, &profiles);
    if (choice_profile(&profiles, address, &chosen, &fault) < 0) {
        assert(*fault.text);
        return;
    }
    const struct answer_profile *mover = choice_mover(&profiles, chosen);
    assert(*chosen->token && (!mover || (mover->moves && strcmp(mover->source, chosen->source) == 0)));
}

static void check_answer(const struct onvif_address *address, struct bytes document, struct arena *arena)
{
    const struct xml_element *content;
    struct fault fault = { "" };
    int64_t at_ms;
    if (soap_read(document, arena, &content, &fault) < 0) {
        assert(*fault.text);
        return;
    }
    if (answer_clock(content, &at_ms, &fault) == 0)
        assert(at_ms >= 0 && at_ms < (int64_t)10000 * 366 * 86400 * 1000);
    struct answer_services services = answer_services(content);
    check_service(address, services.media);
    check_service(address, services.media2);
    check_service(address, services.ptz);
    check_stream(address, answer_uri(content));
    check_profiles(address, content);
}

static void check_discovery(struct bytes datagram)
{
    struct discovery discovery = { .count = 0 };
    struct buffer lines = { 0 };
    discovery_take(&discovery, datagram, "192.0.2.7");
    size_t count = discovery.count;
    discovery_take(&discovery, datagram, "192.0.2.7");
    assert(discovery.count == count && (count == 0 || discovery.repeated >= count));
    assert(count > 0 || discovery.ignored > 0);
    check_plain(discovery.why);
    for (size_t i = 0; i < count; i++) {
        const struct discovery_device *device = &discovery.found[i];
        struct onvif_address address;
        assert(onvif_address_read(device->url, &address, NULL) == 0 && strcmp(address.url.host, "192.0.2.7") == 0);
        check_plain(device->url);
        check_plain(device->name);
        check_plain(device->hardware);
        check_plain(device->location);
        buffer_clear(&lines);
        discovery_put_line(&lines, &discovery, i);
        assert(memchr(lines.bytes, '\n', lines.size) == lines.bytes + lines.size - 1);
    }
    buffer_finish(&lines);
    discovery_finish(&discovery);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = { 0 };
    struct bytes rest = { data, size };
    struct onvif_address address;
    struct fault fault = { "" };
    char url[CHOICE_URL_SIZE];
    const char *line = fuzz_line(&rest, &arena);
    if (onvif_address_read(line, &address, &fault) < 0) {
        assert(*fault.text);
        onvif_address_read("onvif://u:p@192.0.2.7", &address, NULL);
    }
    choice_device_url(&address, url);
    assert(strncmp(url, address.secure ? "https://" : "http://", 7) == 0 && strpbrk(url, " \r\n\"") == NULL);
    check_answer(&address, rest, &arena);
    check_discovery(rest);
    arena_finish(&arena);
    return 0;
}
