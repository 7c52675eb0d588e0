/* wall.yaml: what the native wall can show. */
#include "proto/book/loader.h"
#include "proto/book/schema.h"

enum { GRID_DEFAULT = 4 };

struct raw_scene {
    char *id, *name, *name_en;
    int *columns, *rows, *large, *dwell_s;
    bool panels, map;
    char **cameras;
    uint32_t cameras_count;
};

/* X(key, default, lowest, highest) */
#define POPUP_NUMBERS(X) \
    X(cameras, POPUP_CAMERAS_MAX, 0, POPUP_CAMERAS_MAX) \
    X(within_m, 800, 1, 100000) \
    X(dwell_s, 30, SCENE_DWELL_S_MIN, SCENE_DWELL_S_MAX) \
    X(priority_at_most, 1, 0, 5)
enum { POPUP_SOURCES = 1 << SOURCE_SENSOR };

struct raw_popup {
    POPUP_NUMBERS(NUMBER_MEMBER)
    uint32_t *sources;
};

struct raw_scenes {
    struct raw_scene *scenes;
    uint32_t scenes_count;
    struct raw_popup *popup;
};

#define RAW struct raw_scene
static const cyaml_schema_field_t scene_fields[] = { RAW_CODE(id),
                                                     RAW_TEXT(name),
                                                     RAW_TEXT_OPTIONAL(name_en),
                                                     RAW_INT_OR_DEFAULT(columns),
                                                     RAW_INT_OR_DEFAULT(rows),
                                                     RAW_INT_OR_DEFAULT(large),
                                                     RAW_INT_OR_DEFAULT(dwell_s),
                                                     RAW_BOOL_OPTIONAL(panels),
                                                     RAW_BOOL_OPTIONAL(map),
                                                     RAW_LIST_OPTIONAL(cameras, &schema_text),
                                                     CYAML_FIELD_END };
static const cyaml_schema_value_t scene_schema = RAW_ENTRY(scene_fields);
#undef RAW
#define RAW struct raw_popup
static const cyaml_schema_field_t popup_fields[] = { POPUP_NUMBERS(NUMBER_FIELD)
                                                         RAW_FLAGS_OR_DEFAULT(sources, source_bit_strings),
                                                     CYAML_FIELD_END };
#undef RAW
#define RAW struct raw_scenes
static const cyaml_schema_field_t file_fields[] = { RAW_LIST(scenes, &scene_schema),
                                                    RAW_MAPPING_OPTIONAL(popup, popup_fields), CYAML_FIELD_END };
static const cyaml_schema_value_t file_schema = RAW_FILE(file_fields);
#undef RAW

static void take_cameras(struct loader *loader, struct spot list, const struct raw_scene *raw, struct book_scene *scene)
{
    const struct book *book = loader->book;
    size_t count = raw->cameras_count ? raw->cameras_count : book->camera_count;
    const struct book_camera **cameras = loader_array(loader, count, sizeof *cameras);
    for (size_t i = 0; i < count; i++)
        cameras[i] = raw->cameras_count
                         ? loader_refer(loader, &loader->loaded->cameras, spot_item(list, i), "camera", raw->cameras[i])
                         : &book->cameras[i];
    scene->cameras = cameras;
    scene->camera_count = count;
}

static void take_scene(struct loader *loader, struct spot spot, const struct raw_scene *raw, struct book_scene *scene)
{
    *scene = (struct book_scene){
        .id = loader_text(loader, raw->id),
        .name = loader_name(loader, raw->name, raw->name_en),
        .columns = (int)loader_number(loader, spot, "columns", GRID_DEFAULT, 1, SCENE_GRID_MAX),
        .rows = (int)loader_number(loader, spot, "rows", GRID_DEFAULT, 1, SCENE_GRID_MAX),
        .large = (int)loader_number(loader, spot, "large", 1, 1, SCENE_GRID_MAX),
        .panels = raw->panels,
        .map = raw->map,
        .dwell_s = loader_number(loader, spot, "dwell_s", SCENE_DWELL_S_DEFAULT, SCENE_DWELL_S_MIN, SCENE_DWELL_S_MAX),
    };
    loader_check_id(loader, spot_key(spot, "id"), scene->id);
    if (scene->large > 1 && (scene->large > scene->columns || scene->large > scene->rows))
        problem(loader, spot_key(spot, "large"), "a tile of %d x %d cells does not fit into a grid of %d x %d",
                scene->large, scene->large, scene->columns, scene->rows);
    take_cameras(loader, spot_key(spot, "cameras"), raw, scene);
}

static void take_popup(struct loader *loader, struct spot spot, const struct raw_popup *raw)
{
    struct book_popup *taken = &loader->book->popup;
    POPUP_NUMBERS(NUMBER_TAKE)
    taken->sources = raw && raw->sources ? *raw->sources : POPUP_SOURCES;
}

static void read_scenes(struct loader *loader)
{
    struct raw_scenes *raw = loader_open(loader, BOOK_FILE_WALL, &file_schema);
    if (!raw)
        return;
    struct spot list = spot_key(loader_spot(loader, BOOK_FILE_WALL), "scenes");
    size_t count = raw->scenes_count;
    struct book_scene *scenes = loader_array(loader, count, sizeof *scenes);
    for (size_t i = 0; i < count; i++)
        take_scene(loader, spot_item(list, i), &raw->scenes[i], &scenes[i]);
    take_popup(loader, spot_key(loader_spot(loader, BOOK_FILE_WALL), "popup"), raw->popup);
    loader->book->scenes = scenes;
    loader->book->scene_count = count;
    loader_index(loader, &loader->loaded->scenes, scenes, count, sizeof *scenes, list, "id");
    loader_close(&file_schema, raw);
}

#define POPUP_DEFAULT(key, initial, low, high) .key = initial,
void scenes_load(struct loader *loader)
{
    loader->book->popup = (struct book_popup){ POPUP_NUMBERS(POPUP_DEFAULT).sources = POPUP_SOURCES };
    if (loader_is_there(loader, BOOK_FILE_WALL))
        read_scenes(loader);
}
