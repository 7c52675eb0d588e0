/* The parts of cameras.yaml that have a file of their own. Inside proto/book only. */
#pragma once

#include "proto/book/loader.h"
#include "proto/book/schema.h"

struct raw_gb_alarm {
    char *method, *service, *condition;
    int64_t *type, *priority;
};
struct raw_gb28181 {
    char *id, *listen, *media_address, *media;
    int64_t *port, *media_port, *media_ports, *keepalive_seconds, *position_seconds;
    struct raw_gb_alarm *alarms;
    uint32_t alarms_count;
};
extern const cyaml_schema_field_t gb28181_fields[];
/* NULL: the file says nothing of it. */
void gb28181_take(struct loader *loader, struct spot spot, const struct raw_gb28181 *raw);
