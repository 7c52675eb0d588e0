#include "proto/book/polygons.h"

#include <geos_c.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POLYGON_REPAIR_SHARE 0.001 /* of its area: how much a repair may change */

struct polygon {
    const char *label;
    json_t *shape; /* as it was in the file */
    GEOSGeometry *geometry;
    const GEOSPreparedGeometry *prepared;
    const struct book_area *area; /* NULL: joined to none */
};

struct polygons {
    GEOSContextHandle_t geos;
    GEOSSTRtree *tree; /* of struct polygon */
    json_t *file;
    struct polygon *items;
    size_t count;
    struct fault geos_fault; /* what GEOS said last */
};

static void hear_geos(const char *message, void *context)
{
    struct polygons *polygons = context;
    fault_set(&polygons->geos_fault, -EINVAL, "%s", message);
}

void polygons_destroy(struct polygons *polygons)
{
    if (!polygons)
        return;
    if (polygons->tree)
        GEOSSTRtree_destroy_r(polygons->geos, polygons->tree);
    for (size_t i = 0; i < polygons->count; i++) {
        if (polygons->items[i].prepared)
            GEOSPreparedGeom_destroy_r(polygons->geos, polygons->items[i].prepared);
        if (polygons->items[i].geometry)
            GEOSGeom_destroy_r(polygons->geos, polygons->items[i].geometry);
    }
    json_decref(polygons->file);
    free(polygons->items);
    if (polygons->geos)
        GEOS_finish_r(polygons->geos);
    free(polygons);
}

/* Lists in lists `depth` deep, of positions with at least two numbers (RFC 7946, 3.1.1): libgeos 3.11 reads them without a look. */
static bool are_positions(const json_t *value, int depth)
{
    size_t count = json_array_size(value);
    if (!json_is_array(value) || (depth == 0 && count < 2))
        return false;
    for (size_t i = 0; i < count; i++)
        if (depth ? !are_positions(json_array_get(value, i), depth - 1) : !json_is_number(json_array_get(value, i)))
            return false;
    return true;
}

static int read_feature(struct polygons *polygons, json_t *feature, const char *property, struct fault *fault)
{
    struct polygon *polygon = &polygons->items[polygons->count];
    polygon->label = json_string_value(json_object_get(json_object_get(feature, "properties"), property));
    polygon->shape = json_object_get(feature, "geometry");
    if (!polygon->label)
        return fault_set(fault, -EINVAL, "feature %zu has no text property '%s'", polygons->count + 1, property);
    const char *type = json_string_value(json_object_get(polygon->shape, "type"));
    if (!type || (strcmp(type, "Polygon") != 0 && strcmp(type, "MultiPolygon") != 0))
        return fault_set(fault, -EINVAL, "'%s' has a geometry of type %s; expected Polygon or MultiPolygon",
                         polygon->label, type ? type : "none");
    if (!are_positions(json_object_get(polygon->shape, "coordinates"), strcmp(type, "Polygon") == 0 ? 2 : 3))
        return fault_set(fault, -EINVAL,
                         "the coordinates of '%s' are no lists of positions [lon, lat] as a %s has them",
                         polygon->label, type);
    char *text = json_dumps(polygon->shape, JSON_COMPACT);
    GEOSGeoJSONReader *reader = GEOSGeoJSONReader_create_r(polygons->geos);
    polygon->geometry = GEOSGeoJSONReader_readGeometry_r(polygons->geos, reader, text);
    GEOSGeoJSONReader_destroy_r(polygons->geos, reader);
    free(text);
    polygons->count++;
    if (!polygon->geometry)
        return fault_set(fault, -EINVAL, "the geometry of '%s' cannot be read: %s", polygon->label,
                         polygons->geos_fault.text);
    return 0;
}

int polygons_read(const struct buffer *geojson, const char *property, struct polygons **out, struct fault *fault)
{
    struct polygons *polygons = calloc(1, sizeof *polygons);
    json_error_t error;
    int result;
    if (!polygons)
        abort();
    polygons->geos = GEOS_init_r();
    GEOSContext_setErrorMessageHandler_r(polygons->geos, hear_geos, polygons);
    polygons->file = json_loadb((const char *)geojson->bytes, geojson->size, JSON_REJECT_DUPLICATES, &error);
    if (!polygons->file) {
        result = fault_set(fault, -EINVAL, "line %d, column %d: not JSON: %s", error.line, error.column, error.text);
        goto out;
    }
    json_t *features = json_object_get(polygons->file, "features"), *feature;
    if (!json_is_array(features)) {
        result = fault_set(fault, -EINVAL, "no list of features; expected a GeoJSON FeatureCollection");
        goto out;
    }
    polygons->items = calloc(json_array_size(features) + 1, sizeof *polygons->items);
    if (!polygons->items)
        abort();
    size_t index;
    result = 0;
    json_array_foreach(features, index, feature)
    {
        result = read_feature(polygons, feature, property, fault);
        if (result < 0)
            goto out;
    }
out:
    if (result < 0)
        polygons_destroy(polygons);
    else
        *out = polygons;
    return result;
}

size_t polygons_count(const struct polygons *polygons)
{
    return polygons->count;
}

const char *polygons_label(const struct polygons *polygons, size_t index)
{
    return polygons->items[index].label;
}

static int point_inside(struct polygons *polygons, const struct polygon *polygon, struct book_area *area)
{
    GEOSGeometry *point = GEOSPointOnSurface_r(polygons->geos, polygon->geometry);
    int good = point && GEOSGeomGetX_r(polygons->geos, point, &area->lon) == 1 &&
               GEOSGeomGetY_r(polygons->geos, point, &area->lat) == 1;
    GEOSGeom_destroy_r(polygons->geos, point);
    return good ? 0 : -EINVAL;
}

/* Drawn borders often touch themselves. What a repair leaves as it was is repaired; a shape that it would change is refused. */
static int repair(struct polygons *polygons, struct polygon *polygon, struct fault *fault)
{
    char *reason = GEOSisValidReason_r(polygons->geos, polygon->geometry);
    GEOSGeometry *valid = GEOSMakeValid_r(polygons->geos, polygon->geometry);
    double before = 0, after = 0;
    GEOSArea_r(polygons->geos, polygon->geometry, &before);
    if (valid)
        GEOSArea_r(polygons->geos, valid, &after);
    int result = 0;
    if (!valid || fabs(after - before) > before * POLYGON_REPAIR_SHARE)
        result = fault_set(fault, -EINVAL, "the polygon of '%s' crosses itself: %s", polygon->label,
                           reason ? reason : "unknown");
    GEOSFree_r(polygons->geos, reason);
    if (result < 0) {
        GEOSGeom_destroy_r(polygons->geos, valid);
        return result;
    }
    GEOSGeom_destroy_r(polygons->geos, polygon->geometry);
    polygon->geometry = valid;
    return 0;
}

int polygons_join(struct polygons *polygons, size_t index, struct book_area *area, struct fault *fault)
{
    struct polygon *polygon = &polygons->items[index];
    area->has_polygon = true;
    if (GEOSisValid_r(polygons->geos, polygon->geometry) != 1) {
        int result = repair(polygons, polygon, fault);
        if (result < 0)
            return result;
    }
    if (point_inside(polygons, polygon, area) < 0)
        return fault_set(fault, -EINVAL, "the polygon of '%s' is empty", polygon->label);
    polygon->prepared = GEOSPrepare_r(polygons->geos, polygon->geometry);
    polygon->area = area;
    return 0;
}

static json_t *feature_of(const struct polygon *polygon)
{
    const struct book_area *area = polygon->area;
    return json_pack("{s:s, s:{s:s, s:s, s:s, s:s, s:s}, s:O}", "type", "Feature", "properties", "code", area->code,
                     "name", area->name.zh, "name_en", area->name.en, "tier", enum_name(&tier_desc, (int)area->tier),
                     "parent", area->parent ? area->parent->code : "", "geometry", polygon->shape);
}

const char *polygons_finish(struct polygons *polygons, struct arena *arena)
{
    polygons->tree = GEOSSTRtree_create_r(polygons->geos, 10);
    json_t *features = json_array();
    for (size_t i = 0; i < polygons->count; i++)
        if (polygons->items[i].area) {
            GEOSSTRtree_insert_r(polygons->geos, polygons->tree, polygons->items[i].geometry, &polygons->items[i]);
            json_array_append_new(features, feature_of(&polygons->items[i]));
        }
    json_t *collection = json_pack("{s:s, s:o}", "type", "FeatureCollection", "features", features);
    char *text = json_dumps(collection, JSON_COMPACT | JSON_REAL_PRECISION(9));
    const char *kept = arena_text(arena, text, strlen(text));
    free(text);
    json_decref(collection);
    return kept;
}

struct search {
    const struct polygons *polygons;
    const GEOSGeometry *point;
    const struct book_area *best;
};

static void visit(void *item, void *context)
{
    const struct polygon *polygon = item;
    struct search *search = context;
    const struct book_area *best = search->best;
    bool closer = !best || polygon->area->tier > best->tier ||
                  (polygon->area->tier == best->tier && polygon->area < best); /* areas stand in file order */
    if (closer && GEOSPreparedIntersects_r(search->polygons->geos, polygon->prepared, search->point) == 1)
        search->best = polygon->area;
}

const struct book_area *polygons_locate(const struct polygons *polygons, double lat, double lon)
{
    if (!polygons)
        return NULL;
    struct search search = { polygons, GEOSGeom_createPointFromXY_r(polygons->geos, lon, lat), NULL };
    GEOSSTRtree_query_r(polygons->geos, polygons->tree, search.point, visit, &search);
    GEOSGeom_destroy_r(polygons->geos, (GEOSGeometry *)search.point);
    return search.best;
}

/* ---- shapes ---- */

enum { CIRCLE_POINTS = 64 };
static const double EARTH_RADIUS_M = 6371008.8; /* mean radius, IUGG */

/* The point at a distance and bearing on the sphere. */
static struct book_point point_from(const struct book_point *center, double distance_m, double bearing)
{
    double radian = M_PI / 180, angle = distance_m / EARTH_RADIUS_M, lat = center->lat * radian;
    double to_lat = asin(sin(lat) * cos(angle) + cos(lat) * sin(angle) * cos(bearing));
    double turn = atan2(sin(bearing) * sin(angle) * cos(lat), cos(angle) - sin(lat) * sin(to_lat));
    return (struct book_point){ to_lat / radian, center->lon + turn / radian };
}

/* From one point to the next a border goes the shorter way, over the antimeridian, too: it leaves the degrees from -180 to 180 there. */
static GEOSGeometry *ring_of(GEOSContextHandle_t geos, const struct book_point *points, size_t count)
{
    bool closed = points[0].lat == points[count - 1].lat && points[0].lon == points[count - 1].lon;
    GEOSCoordSequence *ring = GEOSCoordSeq_create_r(geos, (unsigned)(count + !closed), 2);
    double lon = points[0].lon;
    for (size_t i = 0; i < count + !closed; i++) {
        double next = points[i % count].lon;
        lon = i ? next + 360 * round((lon - next) / 360) : next;
        GEOSCoordSeq_setXY_r(geos, ring, (unsigned)i, lon, points[i % count].lat);
    }
    GEOSGeometry *border = GEOSGeom_createLinearRing_r(geos, ring);
    return border ? GEOSGeom_createPolygon_r(geos, border, NULL, 0) : NULL;
}

/* NULL: too few points, or GEOS makes nothing of it. A border that crosses itself is taken as what it encloses. */
static GEOSGeometry *geometry_of(GEOSContextHandle_t geos, const struct book_shape *shape)
{
    struct book_point circle[CIRCLE_POINTS];
    if (shape->radius_m == 0)
        return GEOSGeom_createPointFromXY_r(geos, shape->points[0].lon, shape->points[0].lat);
    if (shape->radius_m > 0) {
        for (int i = 0; i < CIRCLE_POINTS; i++)
            circle[i] = point_from(&shape->points[0], shape->radius_m, 2 * M_PI * i / CIRCLE_POINTS);
        return ring_of(geos, circle, CIRCLE_POINTS);
    }
    GEOSGeometry *drawn = shape->count >= 3 ? ring_of(geos, shape->points, shape->count) : NULL;
    if (!drawn || GEOSisValid_r(geos, drawn) == 1)
        return drawn;
    GEOSGeometry *valid = GEOSMakeValid_r(geos, drawn);
    GEOSGeom_destroy_r(geos, drawn);
    return valid;
}

static int turn(double *lon, double *lat, void *degrees)
{
    (void)lat;
    *lon += *(const double *)degrees;
    return 1;
}

/* What lies over the antimeridian is in both halves of the world. Takes the geometry, which may be NULL. */
static GEOSGeometry *in_both_halves(GEOSContextHandle_t geos, GEOSGeometry *geometry)
{
    double west, east;
    if (!geometry || !GEOSGeom_getXMin_r(geos, geometry, &west) || !GEOSGeom_getXMax_r(geos, geometry, &east) ||
        (west >= -180 && east <= 180))
        return geometry;
    double degrees = east > 180 ? -360 : 360;
    GEOSGeometry *halves[] = { geometry, GEOSGeom_transformXY_r(geos, geometry, turn, &degrees) };
    if (!halves[1])
        return geometry;
    return GEOSGeom_createCollection_r(geos, GEOS_GEOMETRYCOLLECTION, halves, 2);
}

struct touching {
    const struct polygons *polygons;
    const GEOSGeometry *geometry;
    const struct book_area **areas;
    size_t count;
};

static void visit_touched(void *item, void *context)
{
    const struct polygon *polygon = item;
    struct touching *touching = context;
    if (GEOSPreparedIntersects_r(touching->polygons->geos, polygon->prepared, touching->geometry) == 1)
        touching->areas[touching->count++] = polygon->area;
}

static int in_file_order(const void *a, const void *b)
{
    const struct book_area *left = *(const struct book_area *const *)a, *right = *(const struct book_area *const *)b;
    return (left > right) - (left < right);
}

size_t polygons_touched(const struct polygons *polygons, const struct book_shape *shape,
                        const struct book_area **touched)
{
    if (!polygons || !shape->count)
        return 0;
    struct touching touching = { polygons, in_both_halves(polygons->geos, geometry_of(polygons->geos, shape)), touched,
                                 0 };
    if (!touching.geometry)
        return 0;
    GEOSSTRtree_query_r(polygons->geos, polygons->tree, touching.geometry, visit_touched, &touching);
    GEOSGeom_destroy_r(polygons->geos, (GEOSGeometry *)touching.geometry);
    qsort(touched, touching.count, sizeof *touched, in_file_order);
    return touching.count;
}
