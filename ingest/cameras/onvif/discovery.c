#include "ingest/cameras/onvif/discovery.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/record/text.h"

#define DISCOVERY_SPACE "http://schemas.xmlsoap.org/ws/2005/04/discovery"
#define ADDRESSING_SPACE "http://schemas.xmlsoap.org/ws/2004/08/addressing"
#define SCOPE "onvif://www.onvif.org/"

void discovery_put_probe(struct buffer *out, const uint8_t id[DISCOVERY_ID_BYTES])
{
    soap_begin(out);
    buffer_text(out, "<a:Action xmlns:a=\"" ADDRESSING_SPACE "\">" DISCOVERY_SPACE "/Probe</a:Action>"
                     "<a:MessageID xmlns:a=\"" ADDRESSING_SPACE "\">uuid:");
    for (int i = 0; i < DISCOVERY_ID_BYTES; i++)
        buffer_format(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", id[i]);
    buffer_text(out, "</a:MessageID><a:To xmlns:a=\"" ADDRESSING_SPACE "\">urn:schemas-xmlsoap-org:ws:2005:04:"
                     "discovery</a:To>");
    soap_body(out);
    buffer_text(out, "<d:Probe xmlns:d=\"" DISCOVERY_SPACE "\"><d:Types "
                     "xmlns:dn=\"http://www.onvif.org/ver10/network/wsdl\">dn:NetworkVideoTransmitter</d:Types>"
                     "</d:Probe>");
    soap_end(out);
}

/* ---- lists of words ---- */

/* The next of the words between blanks; NULL: there is none. */
static const char *next_word(const char **at, size_t *length)
{
    static const char blanks[] = " \t\r\n";
    const char *word = *at + strspn(*at, blanks);
    *length = strcspn(word, blanks);
    *at = word + *length;
    return *length ? word : NULL;
}

/* What a scope SCOPE/KIND/TEXT says, decoded. */
static void read_scope(const char *scopes, const char *kind, char out[DISCOVERY_WORDS_SIZE])
{
    char begin[64], text[4 * DISCOVERY_WORDS_SIZE];
    size_t length, skip = (size_t)snprintf(begin, sizeof begin, SCOPE "%s/", kind);
    out[0] = '\0';
    for (const char *word; !*out && (word = next_word(&scopes, &length));)
        if (length > skip && strncasecmp(word, begin, skip) == 0 &&
            camera_url_decode(word + skip, length - skip, text, sizeof text))
            text_plain(text, out, DISCOVERY_WORDS_SIZE);
}

/* The address by the first of the words that is one of that scheme; true where one names that host itself. */
static bool read_address(const char *addresses, const char *scheme, const char *port, const char *host,
                         struct camera_url *best)
{
    size_t length;
    bool found = false;
    for (const char *word; (word = next_word(&addresses, &length));) {
        char text[CHOICE_URL_SIZE];
        struct camera_url url;
        snprintf(text, sizeof text, "%.*s", (int)(length < sizeof text ? length : 0), word);
        if (camera_url_read(text, scheme, port, &url, NULL) < 0)
            continue;
        bool same = strcmp(url.host, host) == 0;
        if (!found || same)
            *best = url;
        found = true;
        if (same)
            break;
    }
    return found;
}

/* ---- answers ---- */

static void ignore(struct discovery *discovery, const char *why)
{
    discovery->ignored++;
    text_plain(why, discovery->why, sizeof discovery->why);
}

static bool is_there(const struct discovery *discovery, const struct discovery_device *device)
{
    for (size_t i = 0; i < discovery->count; i++)
        if (strcmp(discovery->found[i].url, device->url) == 0)
            return true;
    return false;
}

static void add(struct discovery *discovery, const struct discovery_device *device)
{
    if (is_there(discovery, device)) {
        discovery->repeated++;
        return;
    }
    if (discovery->count == DISCOVERY_FOUND_MAX) {
        ignore(discovery, "more devices than are listed");
        return;
    }
    if ((discovery->count & (discovery->count - 1)) == 0) { /* doubled at each power of two */
        size_t room = discovery->count ? 2 * discovery->count : 1;
        discovery->found = realloc(discovery->found, room * sizeof *discovery->found);
        assert(discovery->found);
    }
    discovery->found[discovery->count++] = *device;
}

static void put_url(const struct camera_url *url, bool secure, const char *host, char out[CHOICE_URL_SIZE])
{
    struct buffer text = { 0 };
    buffer_text(&text, secure ? "onvifs://" : "onvif://");
    if (strcmp(url->port, secure ? "443" : "80") == 0) /* is what the book takes where nothing is said */
        buffer_text(&text, host);
    else
        camera_url_put_host(&text, host, url->port);
    buffer_text(&text, camera_url_path(url));
    text_plain(buffer_string(&text), out, CHOICE_URL_SIZE);
    buffer_finish(&text);
}

static void take_match(struct discovery *discovery, const struct xml_element *match, const char *host)
{
    struct discovery_device device = { .url = "" };
    struct onvif_address address;
    struct camera_url url;
    const char *scopes = soap_text(match, "Scopes"), *addresses = soap_text(match, "XAddrs");
    bool secure = !read_address(addresses, "http", "80", host, &url);
    if (secure && !read_address(addresses, "https", "443", host, &url)) {
        ignore(discovery, "an answer without an address of http");
        return;
    }
    put_url(&url, secure, host, device.url);
    if (strchr(device.url, '?') || onvif_address_read(device.url, &address, NULL) < 0) {
        ignore(discovery, "an answer with an address that the book would not take");
        return;
    }
    snprintf(device.host, sizeof device.host, "%s", host);
    read_scope(scopes, "name", device.name);
    read_scope(scopes, "hardware", device.hardware);
    read_scope(scopes, "location", device.location);
    add(discovery, &device);
}

void discovery_take(struct discovery *discovery, struct bytes datagram, const char *host)
{
    struct arena arena = { 0 };
    struct fault fault = { "" };
    const struct xml_element *content, *match;
    if (soap_read(datagram, &arena, &content, &fault) < 0) {
        ignore(discovery, fault.text);
    } else if (!(match = xml_child(content, "ProbeMatch"))) {
        ignore(discovery, "a message that is no answer to our question");
    } else {
        for (; match; match = xml_next(match->next, "ProbeMatch"))
            take_match(discovery, match, host);
    }
    arena_finish(&arena);
}

void discovery_finish(struct discovery *discovery)
{
    free(discovery->found);
    discovery->found = NULL;
}

/* ---- the book's line ---- */

/* In double quotes, as YAML has them; control characters are none left. */
static void put_quoted(struct buffer *out, const char *text)
{
    buffer_text(out, "\"");
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buffer_text(out, "\\");
        buffer_append(out, text, 1);
    }
    buffer_text(out, "\"");
}

static const char *place_of(const struct discovery_device *device, size_t *host_length)
{
    const char *place = strstr(device->url, "://") + 3;
    *host_length = strcspn(place, "/?");
    return place;
}

/* By host and port, and a number where several devices have them, as behind a recorder. */
static void put_id(struct buffer *out, const struct discovery *discovery, size_t at)
{
    size_t length, other_length, number = 1;
    const char *host = place_of(&discovery->found[at], &length);
    for (size_t i = 0; i < at; i++)
        number += strncmp(place_of(&discovery->found[i], &other_length), host, length) == 0 && other_length == length;
    buffer_text(out, "cam-");
    for (size_t i = 0; i < length; i++)
        buffer_append(out, isalnum((unsigned char)host[i]) ? &host[i] : "-", 1);
    if (number > 1)
        buffer_format(out, "-%zu", number);
}

void discovery_put_line(struct buffer *out, const struct discovery *discovery, size_t at)
{
    const struct discovery_device *device = &discovery->found[at];
    size_t length;
    struct buffer url = { 0 };
    buffer_text(out, "  - {id: ");
    put_id(out, discovery, at);
    buffer_text(out, ", name: ");
    put_quoted(out, *device->name ? device->name : device->host);
    buffer_text(out, ", url: ");
    const char *place = place_of(device, &length);
    buffer_format(&url, "%.*sUSER:PASSWORD@%s", (int)(place - device->url), device->url, place);
    put_quoted(out, buffer_string(&url));
    buffer_text(out, ", sub_url: ");
    buffer_text(&url, "?stream=sub"); /* an address that has parameters of its own was not taken */
    put_quoted(out, buffer_string(&url));
    buffer_text(out, ", lat: LAT, lon: LON}\n");
    buffer_finish(&url);
}
