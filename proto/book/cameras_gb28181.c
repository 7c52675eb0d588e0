/* cameras.yaml, `gb28181`: how devices of GB/T 28181 reach us. */
#include <arpa/inet.h>
#include <string.h>

#include "proto/book/cameras_inside.h"
#include "proto/book/gb28181.h"
#include "proto/book/sources_inside.h"

/* X(key, default, lowest, highest); a port 0 takes a free one */
#define GB28181_NUMBERS(X) \
    X(port, 5060, 0, 65535) \
    X(media_port, 30000, 0, 65535) \
    X(media_ports, 1000, 1, 65535) \
    X(keepalive_seconds, 60, 5, 3600) \
    X(position_seconds, 5, 1, 300)

ENUM_DEFINE(gb_alarm_method, GB_ALARM_METHODS)

#define RAW struct raw_gb_alarm
static const cyaml_schema_field_t alarm_fields[] = {
    RAW_TEXT_OPTIONAL(method),    RAW_INT_OR_DEFAULT(type),     RAW_CODE(service),
    RAW_TEXT_OPTIONAL(condition), RAW_INT_OR_DEFAULT(priority), CYAML_FIELD_END
};
static const cyaml_schema_value_t alarm_schema = RAW_ENTRY(alarm_fields);
#undef RAW
#define RAW struct raw_gb28181
const cyaml_schema_field_t gb28181_fields[] = { RAW_CODE(id),
                                                RAW_TEXT_OPTIONAL(listen),
                                                RAW_TEXT_OPTIONAL(media_address),
                                                RAW_TEXT_OPTIONAL(media),
                                                GB28181_NUMBERS(NUMBER_FIELD) RAW_LIST_OPTIONAL(alarms, &alarm_schema),
                                                CYAML_FIELD_END };
#undef RAW

static void check_ipv4(struct loader *loader, struct spot spot, const char *text)
{
    struct in_addr address;
    if (*text && inet_pton(AF_INET, text, &address) != 1)
        problem(loader, spot, "'%s' is not an IPv4 address", text);
}

static bool read_media(struct loader *loader, struct spot spot, const char *text)
{
    if (text && strcmp(text, "tcp") != 0 && strcmp(text, "udp") != 0)
        problem(loader, spot, "'%s': expected tcp or udp", text);
    return !text || strcmp(text, "udp") != 0;
}

static enum gb_alarm_method read_method(struct loader *loader, struct spot spot, const char *text)
{
    int value = text ? enum_value(&gb_alarm_method_desc, text) : GB_ALARM_ANY;
    if (value < 0)
        problem(loader, spot, "'%s' is no alarm method; expected phone, device, message, gps, video, fault or other",
                text);
    return value < 0 ? GB_ALARM_ANY : (enum gb_alarm_method)value;
}

static void take_alarms(struct loader *loader, struct spot list, const struct raw_gb28181 *raw)
{
    size_t count = raw ? raw->alarms_count : 0;
    struct book_gb_alarm *alarms = loader_array(loader, count, sizeof *alarms);
    for (size_t i = 0; i < count; i++) {
        struct spot item = spot_item(list, i);
        struct matter matter =
            sources_matter(loader, item, &(struct raw_matter){ raw->alarms[i].service, raw->alarms[i].condition });
        alarms[i] = (struct book_gb_alarm){
            .method = read_method(loader, spot_key(item, "method"), raw->alarms[i].method),
            .type = loader_number(loader, item, "type", 0, 0, 100),
            .service = matter.service,
            .condition = matter.condition,
            .priority = loader_number(loader, item, "priority", 0, 0, 5),
            .rule = loader_rule(loader, item),
        };
    }
    loader->book->gb28181.alarms = alarms;
    loader->book->gb28181.alarm_count = count;
}

void gb28181_take(struct loader *loader, struct spot spot, const struct raw_gb28181 *raw)
{
    struct book_gb28181 *taken = &loader->book->gb28181;
    *taken = (struct book_gb28181){
        .id = loader_text(loader, raw ? raw->id : NULL),
        .listen = raw && raw->listen ? loader_text(loader, raw->listen) : "0.0.0.0",
        .media_address = loader_text(loader, raw ? raw->media_address : NULL),
        .media_tcp = read_media(loader, spot_key(spot, "media"), raw ? raw->media : NULL),
    };
    GB28181_NUMBERS(NUMBER_TAKE)
    if (raw && !gb_is_id(raw->id))
        problem(loader, spot_key(spot, "id"), "'%s' is not an id of GB/T 28181; expected 20 digits", raw->id);
    check_ipv4(loader, spot_key(spot, "listen"), taken->listen);
    check_ipv4(loader, spot_key(spot, "media_address"), taken->media_address);
    if (taken->media_port && taken->media_port + taken->media_ports > 65536)
        problem(loader, spot_key(spot, "media_ports"), "there are no %d ports from %d on", (int)taken->media_ports,
                (int)taken->media_port);
    take_alarms(loader, spot_key(spot, "alarms"), raw);
}
