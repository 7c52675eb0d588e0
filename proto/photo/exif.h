/* What a camera wrote beside its picture (EXIF, CIPA DC-008): the only things that are kept of it. */
#pragma once

#include <stdbool.h>

#include "proto/base/buffer.h"

struct exif_facts {
    int orientation; /* 1 to 8; 0 = not said */
    char taken[40];  /* "2026-01-05T08:30:00" or "…+08:00"; "" = not said */
    bool has_place;
    double lat, lon; /* degrees */
};

/* `exif` begins with "Exif\0\0" or with the TIFF head itself. What cannot be read is as if it were not said. */
void exif_read(struct bytes exif, struct exif_facts *facts);
