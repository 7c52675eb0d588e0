/* Distances on the earth, for deciding: the same bits on every machine, so no cosine of a library. */
#pragma once

#include <math.h>
#include <stdint.h>

/* Metres between two points (degrees, WGS 84), equirectangular on a sphere of the mean radius (IUGG: 6371008.8 m): within 0.5 % at distances
 * of a district. The cosine is the first five terms of its series: off by less than 3e-5 up to the poles. */
static inline int64_t geo_distance_m(double lat_a, double lon_a, double lat_b, double lon_b)
{
    static const double degree_m = 6371008.8 * 3.14159265358979323846 / 180;
    double middle = (lat_a + lat_b) / 2 * (3.14159265358979323846 / 180), square = middle * middle;
    double cosine = 1 - square / 2 * (1 - square / 12 * (1 - square / 30 * (1 - square / 56)));
    double x = (lon_b - lon_a) * degree_m * cosine, y = (lat_b - lat_a) * degree_m;
    return (int64_t)(sqrt(x * x + y * y) + 0.5); /* IEEE 754 rounds a square root correctly */
}
