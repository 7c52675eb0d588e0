/* areas.yaml: tiers and parents, and whose polygon is whose. */
#include <string.h>

#include "proto/book/loader.h"
#include "proto/book/polygons.h"
#include "proto/book/schema.h"

struct raw_area {
    char *code, *name, *name_en, *parent, *department, *polygon;
    enum tier tier;
};

struct raw_polygons {
    char *file, *property;
    enum tier tier;
};

struct raw_areas {
    struct raw_polygons *polygons;
    struct raw_area *areas;
    uint32_t areas_count;
};

#define RAW struct raw_area
static const cyaml_schema_field_t area_fields[] = { RAW_CODE(code),
                                                    RAW_TEXT(name),
                                                    RAW_TEXT_OPTIONAL(name_en),
                                                    RAW_ENUM(tier, tier_strings),
                                                    RAW_TEXT_OPTIONAL(parent),
                                                    RAW_TEXT_OPTIONAL(department),
                                                    RAW_TEXT_OPTIONAL(polygon),
                                                    CYAML_FIELD_END };
static const cyaml_schema_value_t area_schema = RAW_ENTRY(area_fields);
#undef RAW
#define RAW struct raw_polygons
static const cyaml_schema_field_t polygons_fields[] = { RAW_TEXT(file), RAW_TEXT(property),
                                                        RAW_ENUM(tier, tier_strings), CYAML_FIELD_END };
#undef RAW
#define RAW struct raw_areas
static const cyaml_schema_field_t file_fields[] = { RAW_MAPPING_OPTIONAL(polygons, polygons_fields),
                                                    RAW_LIST(areas, &area_schema), CYAML_FIELD_END };
static const cyaml_schema_value_t file_schema = RAW_FILE(file_fields);
#undef RAW

/* True where the walk upwards from the area comes back to it. */
static bool check_cycle(struct loader *loader, struct spot spot, const struct book_area *area)
{
    char path[300];
    size_t used = (size_t)snprintf(path, sizeof path, "%s", area->code), steps = 0;
    for (const struct book_area *up = area->parent; up; up = up->parent) {
        if (used < sizeof path)
            used += (size_t)snprintf(path + used, sizeof path - used, " → %s", up->code);
        if (up == area) {
            problem(loader, spot, "a cycle in the areas: %s; expected parents to end at the district", path);
            return true;
        }
        if (++steps > loader->book->area_count)
            return true; /* runs into a cycle that it is not part of; told at one of its own */
    }
    return false;
}

static void check_parents(struct loader *loader, struct spot list)
{
    const struct book_area *district = NULL;
    for (size_t i = 0; i < loader->book->area_count; i++) {
        const struct book_area *area = &loader->book->areas[i];
        struct spot spot = spot_key(spot_item(list, i), "parent");
        const char *tier = enum_name(&tier_desc, (int)area->tier);
        if (area->tier == TIER_DISTRICT) {
            if (area->parent || spot.node != spot_item(list, i).node)
                problem(loader, spot, "area '%s' is the district; expected no parent", area->code);
            if (district)
                problem(loader, spot_item(list, i), "area '%s' is a second district beside '%s'; expected one",
                        area->code, district->code);
            district = area;
        } else if (spot.node == spot_item(list, i).node) {
            problem(loader, spot, "area '%s' has no parent; expected one, as it is a %s", area->code, tier);
        } else if (area->parent && !check_cycle(loader, spot, area) && area->parent->tier >= area->tier) {
            problem(loader, spot, "'%s' is a %s; expected the parent of a %s to be of a higher tier",
                    area->parent->code, enum_name(&tier_desc, (int)area->parent->tier), tier);
        }
    }
    if (!district)
        problem(loader, list, "no area of tier district; expected one that all others belong to");
}

/* What a feature is told apart by, and whose it is. */
struct label {
    const char *text;
    struct book_area *area;
};

static void fill_labels(struct loader *loader, const struct raw_areas *raw, struct book_area *areas,
                        struct lookup *lookup)
{
    struct label *labels = loader_array(loader, raw->areas_count, sizeof *labels);
    for (size_t i = 0; i < raw->areas_count; i++)
        labels[i] = (struct label){ raw->areas[i].polygon ? raw->areas[i].polygon : raw->areas[i].code, &areas[i] };
    lookup_fill(lookup, loader->arena, labels, raw->areas_count, sizeof *labels);
}

static void join_polygons(struct loader *loader, struct spot spot, const struct raw_areas *raw,
                          const struct lookup *labels)
{
    struct polygons *polygons = loader->loaded->polygons;
    for (size_t i = 0; i < polygons_count(polygons); i++) {
        const char *text = polygons_label(polygons, i);
        const struct label *label = lookup_find(labels, text);
        struct fault fault = { "" };
        if (!label)
            problem(loader, spot_key(spot, "property"), "%s: %s '%s' is no area's polygon; expected an area for it",
                    raw->polygons->file, raw->polygons->property, text);
        else if (label->area->has_polygon)
            problem(loader, spot_key(spot, "property"), "%s: %s '%s' is there twice", raw->polygons->file,
                    raw->polygons->property, text);
        else if (polygons_join(polygons, i, label->area, &fault) < 0)
            problem(loader, spot_key(spot, "file"), "%s: %s", raw->polygons->file, fault.text);
    }
}

static void take_polygons(struct loader *loader, const struct raw_areas *raw, struct book_area *areas)
{
    struct spot root = loader_spot(loader, BOOK_FILE_AREAS), spot = spot_key(root, "polygons");
    struct buffer bytes = { 0 };
    struct fault fault = { "" };
    if (!loader_read_named(loader, spot_key(spot, "file"), raw->polygons->file, &bytes))
        goto out;
    if (polygons_read(&bytes, raw->polygons->property, &loader->loaded->polygons, &fault) < 0) {
        problem(loader, spot_key(spot, "file"), "%s: %s", raw->polygons->file, fault.text);
        goto out;
    }
    struct lookup labels;
    fill_labels(loader, raw, areas, &labels);
    join_polygons(loader, spot, raw, &labels);
    for (size_t i = 0; i < raw->areas_count; i++)
        if (!areas[i].has_polygon && (raw->areas[i].polygon || areas[i].tier == raw->polygons->tier))
            problem(loader, spot_key(spot_entry(root, "areas", i), raw->areas[i].polygon ? "polygon" : "code"),
                    "no polygon for '%s' in %s; expected a feature with %s '%s'", areas[i].code, raw->polygons->file,
                    raw->polygons->property, raw->areas[i].polygon ? raw->areas[i].polygon : areas[i].code);
    loader->loaded->geojson = polygons_finish(loader->loaded->polygons, loader->arena);
out:
    buffer_finish(&bytes);
}

void areas_load(struct loader *loader)
{
    struct raw_areas *raw = loader_open(loader, BOOK_FILE_AREAS, &file_schema);
    if (!raw)
        return;
    struct spot list = spot_key(loader_spot(loader, BOOK_FILE_AREAS), "areas");
    size_t count = raw->areas_count;
    struct book_area *areas = loader_array(loader, count, sizeof *areas);
    for (size_t i = 0; i < count; i++)
        areas[i] = (struct book_area){
            .code = loader_text(loader, raw->areas[i].code),
            .name = loader_name(loader, raw->areas[i].name, raw->areas[i].name_en),
            .tier = raw->areas[i].tier,
            .at = loader_rule(loader, spot_item(list, i)),
            .department =
                loader_department(loader, spot_key(spot_item(list, i), "department"), raw->areas[i].department),
        };
    loader_index(loader, &loader->loaded->areas, areas, count, sizeof *areas, list, "code");
    for (size_t i = 0; i < count; i++)
        areas[i].parent = loader_area(loader, spot_key(spot_item(list, i), "parent"), raw->areas[i].parent);
    loader->book->areas = areas;
    loader->book->area_count = count;
    check_parents(loader, list);
    if (raw->polygons)
        take_polygons(loader, raw, areas);
    loader_close(&file_schema, raw);
}
