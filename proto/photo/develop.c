#include "proto/photo/develop.h"

#include <string.h>

#include "proto/photo/decode.h"
#include "proto/photo/exif.h"
#include "proto/record/media_type.h"

static const struct kind {
    const char *type;
    decoder *decode;
} kinds[] = {
    { "image/jpeg", decode_jpeg },
    { "image/png", decode_png },
    { "image/webp", decode_webp },
};

static int decode(struct bytes file, const struct photo_limits *limits, struct picture *picture, struct buffer *exif,
                  struct fault *fault)
{
    const char *type = media_type_of(file);
    for (size_t i = 0; type && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].type, type) == 0)
            return kinds[i].decode(file, limits, picture, exif, fault);
    return fault_set(fault, -EINVAL, "a file of %zu bytes that is no photo: expected JPEG, PNG or WebP", file.size);
}

/* The whole one is made small first, so that only that much is turned. */
static int print_at(const struct picture *whole, int64_t edge_px, int orientation, struct picture *scaled,
                    struct buffer *jpeg, struct fault *fault)
{
    int result = picture_scale(whole, edge_px, scaled, fault);
    if (result)
        return result;
    picture_on_white(scaled);
    result = picture_upright(scaled, orientation, fault);
    return result ? result : picture_jpeg(scaled, jpeg, fault);
}

static void take_facts(const struct exif_facts *exif, const struct picture *picture, struct photo_facts *facts)
{
    facts->width = picture->width;
    facts->height = picture->height;
    facts->taken = exif->taken;
    facts->has_place = exif->has_place;
    facts->lat = exif->lat;
    facts->lon = exif->lon;
}

/* Its pictures, in the order in which they are made, and the bytes that come of them. */
struct prints {
    struct picture whole, kept, small;
    struct buffer exif, kept_jpeg, small_jpeg;
};

static int develop_all(struct bytes file, const struct photo_limits *limits, struct prints *prints,
                       struct exif_facts *exif, struct fault *fault)
{
    int result = decode(file, limits, &prints->whole, &prints->exif, fault);
    if (result)
        return result;
    exif_read(buffer_view(&prints->exif), exif);
    result = print_at(&prints->whole, limits->edge_px, exif->orientation, &prints->kept, &prints->kept_jpeg, fault);
    return result ? result : print_at(&prints->kept, limits->small_px, 0, &prints->small, &prints->small_jpeg, fault);
}

void develop(struct bytes file, const struct photo_limits *limits, struct buffer *answer)
{
    struct prints prints = { 0 };
    struct exif_facts exif = { .orientation = 0 };
    struct fault fault = { "" };
    struct photo photo = { 0 };
    if (develop_all(file, limits, &prints, &exif, &fault)) {
        photo.facts.fault = fault.text;
    } else {
        take_facts(&exif, &prints.kept, &photo.facts);
        photo.picture = buffer_view(&prints.kept_jpeg);
        photo.small = buffer_view(&prints.small_jpeg);
    }
    photo_answer_write(&photo, answer);
    picture_finish(&prints.whole);
    picture_finish(&prints.kept);
    picture_finish(&prints.small);
    buffer_finish(&prints.exif);
    buffer_finish(&prints.kept_jpeg);
    buffer_finish(&prints.small_jpeg);
}
