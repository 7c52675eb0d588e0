/* cameras.yaml: where the cameras are and how they are reached. */
#include <string.h>

#include "proto/book/loader.h"
#include "proto/book/schema.h"

struct raw_camera {
    char *id, *name, *name_en, *url, *area;
    double lat, lon, bearing_deg;
};

struct raw_cameras {
    struct raw_camera *cameras;
    uint32_t cameras_count;
};

#define RAW struct raw_camera
static const cyaml_schema_field_t camera_fields[] = {
    RAW_CODE(id),   RAW_TEXT(name), RAW_TEXT_OPTIONAL(name_en),     RAW_TEXT(url),
    RAW_REAL(lat),  RAW_REAL(lon),  RAW_REAL_OPTIONAL(bearing_deg), RAW_TEXT_OPTIONAL(area),
    CYAML_FIELD_END
};
static const cyaml_schema_value_t camera_schema = RAW_ENTRY(camera_fields);
#undef RAW
#define RAW struct raw_cameras
static const cyaml_schema_field_t file_fields[] = { RAW_LIST(cameras, &camera_schema), CYAML_FIELD_END };
static const cyaml_schema_value_t file_schema = RAW_FILE(file_fields);
#undef RAW

static void take_camera(struct loader *loader, struct spot spot, const struct raw_camera *raw,
                        struct book_camera *camera)
{
    *camera = (struct book_camera){
        .id = loader_text(loader, raw->id),
        .name = loader_name(loader, raw->name, raw->name_en),
        .url = loader_text(loader, raw->url),
        .lat = raw->lat,
        .lon = raw->lon,
        .bearing_deg = raw->bearing_deg,
        .area = loader_area(loader, spot_key(spot, "area"), raw->area),
    };
    loader_check_id(loader, spot_key(spot, "id"), camera->id);
    if (loader_position_ok(loader, spot_key(spot, "lat"), raw->lat, raw->lon) && !raw->area)
        camera->area = book_locate(loader->book, raw->lat, raw->lon);
    if (strncmp(camera->url, "rtsp://", 7) != 0 && strncmp(camera->url, "rtsps://", 8) != 0)
        problem(loader, spot_key(spot, "url"), "'%s' is not a camera's address; expected rtsp://HOST:PORT/PATH",
                camera->url);
    if (!(camera->bearing_deg >= 0 && camera->bearing_deg < 360))
        problem(loader, spot_key(spot, "bearing_deg"), "%g is not a bearing; expected 0 (north) up to 360 degrees",
                camera->bearing_deg);
}

void cameras_load(struct loader *loader)
{
    struct raw_cameras *raw = loader_open(loader, BOOK_FILE_CAMERAS, &file_schema);
    if (!raw)
        return;
    struct spot list = spot_key(loader_spot(loader, BOOK_FILE_CAMERAS), "cameras");
    size_t count = raw->cameras_count;
    struct book_camera *cameras = loader_array(loader, count, sizeof *cameras);
    for (size_t i = 0; i < count; i++)
        take_camera(loader, spot_item(list, i), &raw->cameras[i], &cameras[i]);
    loader->book->cameras = cameras;
    loader->book->camera_count = count;
    loader_index(loader, &loader->loaded->cameras, cameras, count, sizeof *cameras, list, "id");
    loader_close(&file_schema, raw);
}
