#include "proto/photo/exif.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <libexif/exif-data.h>

enum { OFFSET_TIME_ORIGINAL = 0x9011, PREFIX_BYTES = 6 };
static const char prefix[PREFIX_BYTES] = "Exif\0";

static const ExifEntry *find(const ExifData *data, ExifIfd ifd, int tag, ExifFormat format, unsigned long count)
{
    const ExifEntry *entry = exif_content_get_entry(data->ifd[ifd], (ExifTag)tag);
    bool fits = entry && entry->format == format && entry->components >= count &&
                entry->size >= count * exif_format_get_size(format);
    return fits ? entry : NULL;
}

static void read_orientation(ExifData *data, struct exif_facts *facts)
{
    const ExifEntry *entry = find(data, EXIF_IFD_0, EXIF_TAG_ORIENTATION, EXIF_FORMAT_SHORT, 1);
    int value = entry ? exif_get_short(entry->data, exif_data_get_byte_order(data)) : 0;
    facts->orientation = value >= 1 && value <= 8 ? value : 0;
}

/* ---- when ---- */

static bool fits_pattern(const unsigned char *text, const char *pattern)
{
    for (; *pattern; text++, pattern++)
        if (*pattern == '0' ? *text < '0' || *text > '9' : *text != *pattern)
            return false;
    return true;
}

static bool is_offset(const unsigned char *text)
{
    return fits_pattern(text, "+00:00") || fits_pattern(text, "-00:00");
}

/* "2026:01:05 08:30:00", by the camera's clock; its offset has a tag of its own since EXIF 2.31. */
static void read_time(ExifData *data, struct exif_facts *facts)
{
    const ExifEntry *time = find(data, EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_ORIGINAL, EXIF_FORMAT_ASCII, 19);
    const ExifEntry *offset = find(data, EXIF_IFD_EXIF, OFFSET_TIME_ORIGINAL, EXIF_FORMAT_ASCII, 6);
    if (!time || !fits_pattern(time->data, "0000:00:00 00:00:00"))
        return;
    const char *text = (const char *)time->data;
    bool has_offset = offset && is_offset(offset->data);
    snprintf(facts->taken, sizeof facts->taken, "%.4s-%.2s-%.2sT%.8s%.6s", text, text + 5, text + 8, text + 11,
             has_offset ? (const char *)offset->data : "");
}

/* ---- where ---- */

/* Degrees, minutes, seconds as rationals, and the half of the globe. NAN where not said. */
static double degrees_of(ExifData *data, int tag, int half_tag, char negative, double limit)
{
    const ExifEntry *entry = find(data, EXIF_IFD_GPS, tag, EXIF_FORMAT_RATIONAL, 3);
    const ExifEntry *half = find(data, EXIF_IFD_GPS, half_tag, EXIF_FORMAT_ASCII, 1);
    double degrees = 0, share = 1;
    for (int i = 0; entry && half && i < 3; i++, share *= 60) {
        ExifRational part = exif_get_rational(entry->data + i * 8, exif_data_get_byte_order(data));
        if (part.denominator)
            degrees += part.numerator / (double)part.denominator / share;
        else if (part.numerator)
            return NAN;
    }
    if (!entry || !half || degrees > limit)
        return NAN;
    return half->data[0] == negative ? -degrees : degrees;
}

static void read_place(ExifData *data, struct exif_facts *facts)
{
    double lat = degrees_of(data, EXIF_TAG_GPS_LATITUDE, EXIF_TAG_GPS_LATITUDE_REF, 'S', 90);
    double lon = degrees_of(data, EXIF_TAG_GPS_LONGITUDE, EXIF_TAG_GPS_LONGITUDE_REF, 'W', 180);
    if (isnan(lat) || isnan(lon) || (lat == 0 && lon == 0)) /* 0, 0: a camera that did not know */
        return;
    facts->has_place = true;
    facts->lat = lat;
    facts->lon = lon;
}

/* libexif wants the prefix that only JPEG has, and would by itself add what a camera has left out. */
static ExifData *load(struct bytes exif)
{
    struct buffer with = { 0 };
    ExifData *data = exif_data_new();
    if (!data)
        return NULL;
    if (exif.size < PREFIX_BYTES || memcmp(exif.data, prefix, PREFIX_BYTES) != 0)
        buffer_append(&with, prefix, PREFIX_BYTES);
    buffer_append(&with, exif.data, exif.size);
    exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
    exif_data_load_data(data, with.bytes, (unsigned)with.size);
    buffer_finish(&with);
    return data;
}

void exif_read(struct bytes exif, struct exif_facts *facts)
{
    *facts = (struct exif_facts){ .orientation = 0 };
    ExifData *data = load(exif);
    if (!data)
        return;
    read_orientation(data, facts);
    read_time(data, facts);
    read_place(data, facts);
    exif_data_unref(data);
}
