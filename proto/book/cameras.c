/* cameras.yaml: where the cameras are and how they are reached. */
#include <string.h>

#include "proto/book/cameras_inside.h"
#include "proto/book/gb28181.h"
#include "proto/book/onvif.h"

/* X(key, default, lowest, highest) */
#define CAMERA_LIMITS(X) \
    X(pulled, 256, 1, 100000) \
    X(ring_seconds, 10, 0, 120) \
    X(ring_bytes, 16 << 20, 1 << 20, 256 << 20)

/* X(key, default, lowest, highest) */
#define HEALTH_NUMBERS(X) \
    X(minutes, 0, 0, 1440) \
    X(visit_seconds, 8, 1, 60) \
    X(at_once, 64, 1, 10000) \
    X(wrong_time_seconds, 60, 1, 86400)

/* X(key, default, lowest, highest) */
#define EVIDENCE_NUMBERS(X) \
    X(before_s, 10, 0, 120) \
    X(after_s, 20, 1, 120) \
    X(keep_days, 180, 1, 3650) \
    X(at_once, 8, 1, 100) \
    X(nearest, 1, 1, EVIDENCE_CAMERAS_MAX) \
    X(within_m, 150, 1, 5000)

enum { TROUBLE_VISITS = 2 };

struct raw_camera {
    char *id, *name, *name_en, *url, *sub_url, *area;
    int64_t *sub_wide_px;
    double lat, lon, *bearing_deg;
    bool armed, mobile;
};

struct raw_limits {
    CAMERA_LIMITS(NUMBER_MEMBER)
};

struct raw_trouble {
    char *trouble, *service;
    int64_t *visits;
};
struct raw_health {
    HEALTH_NUMBERS(NUMBER_MEMBER)
    struct raw_trouble *troubles;
    uint32_t troubles_count;
};

struct raw_evidence {
    EVIDENCE_NUMBERS(NUMBER_MEMBER)
    char **services;
    uint32_t services_count;
};

struct raw_cameras {
    struct raw_camera *cameras;
    uint32_t cameras_count;
    struct raw_limits *limits;
    struct raw_health *health;
    struct raw_gb28181 *gb28181;
    struct raw_evidence *evidence;
};

#define RAW struct raw_camera
static const cyaml_schema_field_t camera_fields[] = { RAW_CODE(id),
                                                      RAW_TEXT(name),
                                                      RAW_TEXT_OPTIONAL(name_en),
                                                      RAW_TEXT(url),
                                                      RAW_TEXT_OPTIONAL(sub_url),
                                                      RAW_INT_OR_DEFAULT(sub_wide_px),
                                                      RAW_REAL(lat),
                                                      RAW_REAL(lon),
                                                      RAW_REAL_OR_DEFAULT(bearing_deg),
                                                      RAW_TEXT_OPTIONAL(area),
                                                      RAW_BOOL_OPTIONAL(armed),
                                                      RAW_BOOL_OPTIONAL(mobile),
                                                      CYAML_FIELD_END };
static const cyaml_schema_value_t camera_schema = RAW_ENTRY(camera_fields);
#undef RAW
#define RAW struct raw_limits
static const cyaml_schema_field_t limit_fields[] = { CAMERA_LIMITS(NUMBER_FIELD) CYAML_FIELD_END };
#undef RAW
#define RAW struct raw_trouble
static const cyaml_schema_field_t trouble_fields[] = { RAW_TEXT(trouble), RAW_CODE(service), RAW_INT_OR_DEFAULT(visits),
                                                       CYAML_FIELD_END };
static const cyaml_schema_value_t trouble_schema = RAW_ENTRY(trouble_fields);
#undef RAW
#define RAW struct raw_health
static const cyaml_schema_field_t health_fields[] = { HEALTH_NUMBERS(NUMBER_FIELD)
                                                          RAW_LIST_OPTIONAL(troubles, &trouble_schema),
                                                      CYAML_FIELD_END };
#undef RAW
#define RAW struct raw_evidence
static const cyaml_schema_field_t evidence_fields[] = { EVIDENCE_NUMBERS(NUMBER_FIELD)
                                                            RAW_LIST_OPTIONAL(services, &schema_text),
                                                        CYAML_FIELD_END };
#undef RAW
#define RAW struct raw_cameras
static const cyaml_schema_field_t file_fields[] = { RAW_LIST(cameras, &camera_schema),
                                                    RAW_MAPPING_OPTIONAL(limits, limit_fields),
                                                    RAW_MAPPING_OPTIONAL(health, health_fields),
                                                    RAW_MAPPING_OPTIONAL(gb28181, gb28181_fields),
                                                    RAW_MAPPING_OPTIONAL(evidence, evidence_fields),
                                                    CYAML_FIELD_END };
static const cyaml_schema_value_t file_schema = RAW_FILE(file_fields);
#undef RAW

static bool is_address(const char *url)
{
    struct gb_address address;
    return strncmp(url, "rtsp://", 7) == 0 || strncmp(url, "rtsps://", 8) == 0 || gb_address_read(url, &address) == 0;
}

static void check_address(struct loader *loader, struct spot spot, const char *url)
{
    struct onvif_address address;
    struct fault fault = { "" };
    if (onvif_is_address(url)) {
        if (onvif_address_read(url, &address, &fault) < 0)
            problem(loader, spot, "%s", fault.text);
    } else if (!is_address(url)) {
        problem(loader, spot,
                "'%s' is not a camera's address; expected rtsp://HOST:PORT/PATH, onvif(s)://HOST, or "
                "gb28181://DEVICE/CHANNEL (20 digits each)",
                url);
    } else if (gb_is_address(url) && !*loader->book->gb28181.id) {
        problem(loader, spot, "'%s': cameras.yaml says no `gb28181`, by which such devices would reach us", url);
    }
}

static void take_camera(struct loader *loader, struct spot spot, const struct raw_camera *raw,
                        struct book_camera *camera)
{
    *camera = (struct book_camera){
        .id = loader_text(loader, raw->id),
        .name = loader_name(loader, raw->name, raw->name_en),
        .url = loader_text(loader, raw->url),
        .sub_url = loader_text(loader, raw->sub_url),
        .sub_wide_px = loader_number(loader, spot, "sub_wide_px", CAMERA_SUB_WIDE_PX, 16, 16384),
        .armed = raw->armed,
        .mobile = raw->mobile,
        .lat = raw->lat,
        .lon = raw->lon,
        .bearing_deg = raw->bearing_deg ? *raw->bearing_deg : 0,
        .has_bearing = raw->bearing_deg,
        .area = loader_area(loader, spot_key(spot, "area"), raw->area),
    };
    loader_check_id(loader, spot_key(spot, "id"), camera->id);
    if (loader_position_ok(loader, spot_key(spot, "lat"), raw->lat, raw->lon) && !raw->area)
        camera->area = book_locate(loader->book, raw->lat, raw->lon);
    check_address(loader, spot_key(spot, "url"), camera->url);
    if (camera->mobile && !gb_is_address(camera->url))
        problem(loader, spot_key(spot, "mobile"), "only a camera at gb28181:// says where it is");
    if (*camera->sub_url)
        check_address(loader, spot_key(spot, "sub_url"), camera->sub_url);
    if (!(camera->bearing_deg >= 0 && camera->bearing_deg < 360))
        problem(loader, spot_key(spot, "bearing_deg"), "%g is not a bearing; expected 0 (north) up to 360 degrees",
                camera->bearing_deg);
}

static void take_limits(struct loader *loader, struct spot spot)
{
    struct book_camera_limits *taken = &loader->book->camera_limits;
    CAMERA_LIMITS(NUMBER_TAKE)
}

static enum camera_condition read_condition(struct loader *loader, struct spot spot, const char *text)
{
    int value = enum_value(&camera_condition_desc, text);
    if (value >= CAMERA_IS_LOST)
        return (enum camera_condition)value;
    problem(loader, spot,
            "'%s' is no trouble of a camera; expected lost, black, covered, blurred, frozen or wrong_time", text);
    return CAMERA_IS_UNKNOWN;
}

static void take_health(struct loader *loader, struct spot spot, const struct raw_health *raw)
{
    struct book_camera_health *taken = &loader->book->camera_health;
    HEALTH_NUMBERS(NUMBER_TAKE)
    size_t count = raw ? raw->troubles_count : 0;
    struct spot list = spot_key(spot, "troubles");
    struct book_camera_trouble *troubles = loader_array(loader, count, sizeof *troubles);
    for (size_t i = 0; i < count; i++) {
        struct spot item = spot_item(list, i);
        troubles[i] = (struct book_camera_trouble){
            .condition = read_condition(loader, spot_key(item, "trouble"), raw->troubles[i].trouble),
            .service = loader_refer(loader, &loader->loaded->services, spot_key(item, "service"), "service",
                                    raw->troubles[i].service),
            .visits = loader_number(loader, item, "visits", TROUBLE_VISITS, 1, 100),
            .rule = loader_rule(loader, item),
        };
    }
    taken->troubles = troubles;
    taken->trouble_count = count;
}

static void take_evidence(struct loader *loader, struct spot spot, const struct raw_evidence *raw)
{
    struct book_camera_evidence *taken = &loader->book->camera_evidence;
    EVIDENCE_NUMBERS(NUMBER_TAKE)
    size_t count = raw ? raw->services_count : 0;
    struct spot list = spot_key(spot, "services");
    const struct book_service **services = loader_array(loader, count, sizeof *services);
    for (size_t i = 0; i < count; i++)
        services[i] = loader_refer(loader, &loader->loaded->services, spot_item(list, i), "service", raw->services[i]);
    taken->services = services;
    taken->service_count = count;
}

void cameras_load(struct loader *loader)
{
    struct raw_cameras *raw = loader_open(loader, BOOK_FILE_CAMERAS, &file_schema);
    if (!raw)
        return;
    struct spot list = spot_key(loader_spot(loader, BOOK_FILE_CAMERAS), "cameras");
    size_t count = raw->cameras_count;
    struct book_camera *cameras = loader_array(loader, count, sizeof *cameras);
    gb28181_take(loader, spot_key(loader_spot(loader, BOOK_FILE_CAMERAS), "gb28181"), raw->gb28181);
    for (size_t i = 0; i < count; i++)
        take_camera(loader, spot_item(list, i), &raw->cameras[i], &cameras[i]);
    take_limits(loader, spot_key(loader_spot(loader, BOOK_FILE_CAMERAS), "limits"));
    take_health(loader, spot_key(loader_spot(loader, BOOK_FILE_CAMERAS), "health"), raw->health);
    take_evidence(loader, spot_key(loader_spot(loader, BOOK_FILE_CAMERAS), "evidence"), raw->evidence);
    loader->book->cameras = cameras;
    loader->book->camera_count = count;
    loader_index(loader, &loader->loaded->cameras, cameras, count, sizeof *cameras, list, "id");
    loader_close(&file_schema, raw);
}
