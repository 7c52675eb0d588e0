#include "ingest/cameras/gb28181/manscdp.h"

#include <iconv.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/record/scan.h"

#define COMMAND_NAME(name, text) text,
static const char *const command_names[] = { MANSCDP_COMMANDS(COMMAND_NAME) };

/* ---- encodings ---- */

/* In UTF-8 every Chinese character has three bytes; what has sequences of two alone is more likely something else. */
static bool has_wide_characters(struct bytes text)
{
    size_t two = 0, more = 0;
    for (size_t i = 0; i < text.size; i++) {
        two += text.data[i] >> 5 == 6;
        more += text.data[i] >> 5 == 7;
    }
    return two == 0 || more > 0;
}

/* What cannot be read becomes '?': one bad name is no reason to lose the others. */
static void convert(struct bytes text, struct buffer *out)
{
    iconv_t converter = iconv_open("UTF-8", "GB18030");
    if (converter == (iconv_t)-1)
        abort(); /* glibc without its character sets */
    char *from = (char *)text.data;
    size_t left = text.size;
    while (left) {
        char *to = (char *)buffer_reserve(out, 4 * left), *begin = to;
        size_t room = 4 * left;
        size_t result = iconv(converter, &from, &left, &to, &room);
        out->size += (size_t)(to - begin);
        if (result != (size_t)-1)
            break;
        buffer_text(out, "?");
        from++;
        left--;
        iconv(converter, NULL, NULL, NULL, NULL);
    }
    iconv_close(converter);
}

/* Without the declaration, whose encoding may not be the one that the document has. */
static struct bytes without_declaration(struct bytes text)
{
    while (text.size && strchr(" \t\r\n", text.data[0]))
        text = (struct bytes){ text.data + 1, text.size - 1 };
    const uint8_t *end =
        text.size > 5 && memcmp(text.data, "<?xml", 5) == 0 ? memmem(text.data, text.size, "?>", 2) : NULL;
    return end ? (struct bytes){ end + 2, text.size - (size_t)(end + 2 - text.data) } : text;
}

static int parse(struct bytes body, struct arena *arena, struct xml_element **root, struct fault *fault)
{
    body = without_declaration(body);
    if (text_is_utf8((const char *)body.data, body.size) && has_wide_characters(body))
        return xml_parse(body, arena, root, fault);
    struct buffer utf8 = { 0 };
    convert(body, &utf8);
    int result = xml_parse(buffer_view(&utf8), arena, root, fault);
    buffer_finish(&utf8);
    return result;
}

/* ---- reading ---- */

static int64_t number_of(const char *text)
{
    char *end;
    int64_t number = strtoll(text, &end, 10);
    return end == text || *end || number < 0 ? -1 : number;
}

static double real_of(const char *text)
{
    char *end;
    double number = strtod(text, &end);
    return end == text || *end ? NAN : number;
}

bool manscdp_is_plain_keepalive(struct bytes body)
{
    static const char notify[] = "<Notify>", keepalive[] = "<CmdType>Keepalive</CmdType>", comment[] = "<!";
    const uint8_t *begin = body.size ? memmem(body.data, body.size, notify, sizeof notify - 1) : NULL;
    return begin && memmem(begin, body.size - (size_t)(begin - body.data), keepalive, sizeof keepalive - 1) != NULL &&
           memmem(body.data, body.size, comment, sizeof comment - 1) == NULL;
}

int manscdp_read(struct bytes body, struct arena *arena, struct manscdp *document, struct fault *fault)
{
    struct xml_element *root = NULL;
    *document = (struct manscdp){ .command = 0, .device = "", .serial = -1 };
    int result = parse(body, arena, &root, fault);
    if (result < 0)
        return result;
    const char *name = xml_child_text(root, "CmdType");
    while (document->command < MANSCDP_OTHER && strcmp(command_names[document->command], name) != 0)
        document->command++;
    document->root = root;
    document->device = xml_child_text(root, "DeviceID");
    document->serial = number_of(xml_child_text(root, "SN"));
    return *name ? 0 : fault_set(fault, -EINVAL, "a document without CmdType");
}

int64_t manscdp_channel_sum(const struct manscdp *document)
{
    return number_of(xml_child_text(document->root, "SumNum"));
}

bool manscdp_next_channel(const struct manscdp *document, const struct xml_element **item,
                          struct manscdp_channel *channel)
{
    const struct xml_element *list = xml_child(document->root, "DeviceList");
    if (*item)
        *item = xml_next((*item)->next, "Item");
    else
        *item = list ? xml_child(list, "Item") : NULL;
    if (!*item)
        return false;
    const char *status = xml_child_text(*item, "Status");
    *channel = (struct manscdp_channel){
        .id = xml_child_text(*item, "DeviceID"),
        .name = xml_child_text(*item, "Name"),
        .off = strcasecmp(status, "OFF") == 0 || strcasecmp(status, "OFFLINE") == 0,
    };
    return true;
}

static struct manscdp_position position_of(const struct manscdp *document, const char *time, int offset_minutes)
{
    struct manscdp_position position = { .lat = real_of(xml_child_text(document->root, "Latitude")),
                                         .lon = real_of(xml_child_text(document->root, "Longitude")) };
    /* a device that does not know where it is says 0, 0 */
    if (!(fabs(position.lat) <= 90 && fabs(position.lon) <= 180) || (position.lat == 0 && position.lon == 0))
        position.lat = position.lon = NAN;
    if (timestamp_parse(xml_child_text(document->root, time), offset_minutes, &position.at_ms) < 0)
        position.at_ms = INT64_MIN;
    return position;
}

struct manscdp_position manscdp_position(const struct manscdp *document, int offset_minutes)
{
    return position_of(document, "Time", offset_minutes);
}

static int64_t number_within(const struct xml_element *parent, const char *name, int64_t most)
{
    int64_t number = parent ? number_of(xml_child_text(parent, name)) : 0;
    return number < 0 || number > most ? 0 : number;
}

struct manscdp_alarm manscdp_alarm(const struct manscdp *document, int offset_minutes)
{
    return (struct manscdp_alarm){
        .method = number_within(document->root, "AlarmMethod", 7),
        .priority = number_within(document->root, "AlarmPriority", 4),
        .type = number_within(xml_child(document->root, "Info"), "AlarmType", 100),
        .text = xml_child_text(document->root, "AlarmDescription"),
        .position = position_of(document, "AlarmTime", offset_minutes),
    };
}

/* ---- writing: ids and numbers alone, so that nothing is to be escaped ---- */

static void put(struct buffer *out, const char *kind, const char *command, const char *device, int64_t serial,
                const char *more)
{
    buffer_format(out,
                  "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<%s>\r\n<CmdType>%s</CmdType>\r\n"
                  "<SN>%" PRId64 "</SN>\r\n<DeviceID>%s</DeviceID>\r\n%s</%s>\r\n",
                  kind, command, serial, device, more, kind);
}

void manscdp_put_catalog_query(const char *device, int64_t serial, struct buffer *out)
{
    put(out, "Query", command_names[MANSCDP_CATALOG], device, serial, "");
}

void manscdp_put_position_query(const char *device, int64_t serial, int64_t interval_seconds, struct buffer *out)
{
    char more[64];
    snprintf(more, sizeof more, "<Interval>%" PRId64 "</Interval>\r\n", interval_seconds);
    put(out, "Query", command_names[MANSCDP_MOBILE_POSITION], device, serial, more);
}

void manscdp_put_alarm_response(const char *device, int64_t serial, struct buffer *out)
{
    put(out, "Response", command_names[MANSCDP_ALARM], device, serial, "<Result>OK</Result>\r\n");
}

void manscdp_put_move(const char *channel, int64_t serial, const char *ptz, struct buffer *out)
{
    char more[128];
    snprintf(more, sizeof more, "<PTZCmd>%s</PTZCmd>\r\n<Info>\r\n<ControlPriority>5</ControlPriority>\r\n</Info>\r\n",
             ptz);
    put(out, "Control", "DeviceControl", channel, serial, more);
}
