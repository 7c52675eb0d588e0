/* Where something is, and the small records that others hold: media references, attributes. */
#pragma once

#include "proto/record/codec.h"

/* Quality marks of a place and a time, set by ingest, as bits of place.marks. A marked place is never merged by distance. */
#define PLACE_MARKS(X) \
    X(MARK, NO_POSITION, "no_position")       /* the report had none */ \
    X(MARK, OUTSIDE, "outside_district")      /* in no area of the book */ \
    X(MARK, FAILED_GEOCODE, "failed_geocode") /* a point that the book lists as a geocoder's fallback */ \
    X(MARK, IMPLAUSIBLE_TIME, "implausible_time")
ENUM_DECLARE(place_mark, PLACE_MARKS) /* bit numbers */

#define PLACE_FIELDS(X) \
    X(1, REAL, lat, 0) /* WGS 84, degrees */ \
    X(2, REAL, lon, 0) \
    X(3, INT, accuracy_m, 0) /* 0 = not said */ \
    X(4, TEXT, address, 300) \
    X(5, TEXT, area, 64) /* the smallest area (grid) that holds the point; "" = none */ \
    X(6, INT, marks, 0)  /* 1 << enum place_mark */
RECORD_DECLARE(place, PLACE_FIELDS)

static inline bool place_has_mark(const struct place *place, enum place_mark mark)
{
    return place->marks >> mark & 1;
}

/* A point that may be measured from: merging and distances want one. */
static inline bool place_is_known(const struct place *place)
{
    return !place->marks && (place->lat != 0 || place->lon != 0);
}

/* Quality marks of a photo, set by ingest, as bits of media.marks. */
#define MEDIA_MARKS(X) \
    X(PHOTO, FAR, "far_from_report")    /* taken farther away from its report's place than the book has for it */ \
    X(PHOTO, OLD, "long_before_report") /* taken longer before it happened than that */
ENUM_DECLARE(media_mark, MEDIA_MARKS)   /* bit numbers */

/* A file in the media store, named by its content. Where and when it was taken stands in its event alone: a case has the marks. */
#define MEDIA_FIELDS(X) \
    X(1, TEXT, hash, 64)      /* BLAKE2b-256, hex */ \
    X(2, TEXT, type, 64)      /* "image/jpeg" … */ \
    X(3, TEXT, url, 1000)     /* instead of a file: a link that the sender gave */ \
    X(4, INT, taken_at_ms, 0) /* as the camera wrote it beside the picture; 0 = not said */ \
    X(5, REAL, lat, 0)        /* WGS 84, degrees, as the camera wrote them; 0, 0 = not said */ \
    X(6, REAL, lon, 0) \
    X(7, INT, marks, 0)         /* 1 << enum media_mark */ \
    X(8, TEXT, sha256, 64)      /* evidence: of the same bytes, hex, for whoever checks a copy elsewhere */ \
    X(9, INT, kept_until_ms, 0) /* evidence: when the file goes; 0 = it stays */
RECORD_DECLARE(media, MEDIA_FIELDS)

#define ATTRIBUTE_FIELDS(X) \
    X(1, TEXT, code, 64) \
    X(2, TEXT, value, 1000)
RECORD_DECLARE(attribute, ATTRIBUTE_FIELDS)
