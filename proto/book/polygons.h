/* The polygons of a book's areas: GeoJSON in, point in polygon, GeoJSON out. The one room of GEOS. Inside proto/book only. */
#pragma once

#include <stddef.h>

#include "proto/base/arena.h"
#include "proto/base/buffer.h"
#include "proto/base/fault.h"
#include "proto/book/book.h"

struct polygons;
struct polygon; /* one feature of the file */

/* Reads a FeatureCollection (RFC 7946); `property` is what tells the features apart. -EINVAL: not such a collection. */
int polygons_read(const struct buffer *geojson, const char *property, struct polygons **polygons, struct fault *fault);
void polygons_destroy(struct polygons *polygons); /* takes NULL */

size_t polygons_count(const struct polygons *polygons);
const char *polygons_label(const struct polygons *polygons, size_t index); /* its value of the property */
/* Joins a feature to its area and sets a point inside it; -EINVAL: the shape is empty or crosses itself (a border that only
 * touches itself is repaired). */
int polygons_join(struct polygons *polygons, size_t index, struct book_area *area, struct fault *fault);
/* Once all are joined: makes the tree, and the collection for the maps (NUL-terminated, in the arena). */
const char *polygons_finish(struct polygons *polygons, struct arena *arena);

/* See book_areas_touched(). */
size_t polygons_touched(const struct polygons *polygons, const struct book_shape *shape,
                        const struct book_area **touched);

/* The smallest area (of the lowest tier, then the first in order) that holds the point or has it on its border; NULL outside. */
const struct book_area *polygons_locate(const struct polygons *polygons, double lat, double lon);
