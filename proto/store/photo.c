#include "proto/store/photo.h"

#include <stdbool.h>
#include <string.h>

static bool starts_with(struct bytes bytes, size_t offset, const void *text, size_t size)
{
    return bytes.size >= offset + size && memcmp(bytes.data + offset, text, size) == 0;
}

static struct bytes part_of(struct bytes bytes, size_t at, size_t size)
{
    return (struct bytes){ bytes.data + at, size };
}

/* ---- JPEG ---- */

enum { JPEG_EOI = 0xd9, JPEG_SOI = 0xd8, JPEG_SOS = 0xda, JPEG_RST0 = 0xd0, JPEG_RST7 = 0xd7 };

/* Of the application segments only those that change how the picture is drawn: a JFIF head without a small picture in it,
 * the colour profile, Adobe's colour transform. */
static bool jpeg_is_needed(uint8_t marker, struct bytes body)
{
    if (marker == 0xe0)
        return body.size == 14 && starts_with(body, 0, "JFIF", 5);
    if (marker == 0xe2)
        return starts_with(body, 0, "ICC_PROFILE", 12);
    if (marker == 0xee)
        return body.size == 12 && starts_with(body, 0, "Adobe", 5);
    return marker < 0xe0;
}

/* The end of a scan's data: the next marker that is neither a restart nor a stuffed 0xff. */
static size_t jpeg_scan_end(struct bytes in, size_t at)
{
    for (; at + 1 < in.size; at++) {
        uint8_t next = in.data[at + 1];
        if (in.data[at] == 0xff && next != 0 && !(next >= JPEG_RST0 && next <= JPEG_RST7))
            return at;
    }
    return in.size;
}

static int strip_jpeg(struct bytes in, struct buffer *out, struct fault *fault)
{
    size_t at = 2, scans = 0;
    buffer_append(out, in.data, at);
    while (at < in.size && in.data[at] == 0xff) {
        while (at < in.size && in.data[at] == 0xff) /* fill bytes */
            at++;
        if (at == in.size)
            break;
        uint8_t marker = in.data[at++];
        if (marker == JPEG_EOI && scans > 0) { /* what comes after it is no part of the picture */
            buffer_append(out, (const uint8_t[]){ 0xff, JPEG_EOI }, 2);
            return 0;
        }
        if (in.size - at < 2 || marker < 0xc0 || (marker >= JPEG_RST0 && marker <= JPEG_EOI))
            return fault_set(fault, -EINVAL, "JPEG: marker %02x at byte %zu has no place there", marker, at - 1);
        size_t length = (size_t)in.data[at] << 8 | in.data[at + 1];
        if (length < 2 || length > in.size - at)
            return fault_set(fault, -EINVAL, "JPEG: a segment of %zu bytes at byte %zu, %zu are left", length, at,
                             in.size - at);
        size_t end = at + length;
        if (marker == JPEG_SOS) {
            end = jpeg_scan_end(in, end);
            scans++;
        }
        if (jpeg_is_needed(marker, part_of(in, at + 2, length - 2))) {
            buffer_append(out, (const uint8_t[]){ 0xff, marker }, 2);
            buffer_append(out, in.data + at, end - at);
        }
        at = end;
    }
    return fault_set(fault, -EINVAL, "JPEG: cut short or damaged at byte %zu of %zu", at, in.size);
}

/* ---- PNG ---- */

static const uint8_t png_signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };

static bool is_listed(const char *names, const uint8_t *name)
{
    for (; *names; names += 4)
        if (memcmp(names, name, 4) == 0)
            return true;
    return false;
}

static int strip_png(struct bytes in, struct buffer *out, struct fault *fault)
{
    static const char needed[] = "IHDRPLTEIDATIENDtRNSgAMAcHRMsRGBiCCPsBITbKGDpHYs";
    size_t at = sizeof png_signature;
    bool picture = false;
    buffer_append(out, in.data, at);
    while (in.size - at >= 12) {
        size_t length = bytes_be32(in.data + at);
        const uint8_t *name = in.data + at + 4;
        if (length > in.size - at - 12)
            return fault_set(fault, -EINVAL, "PNG: a chunk of %zu bytes at byte %zu, %zu are left", length, at,
                             in.size - at - 12);
        if (is_listed(needed, name))
            buffer_append(out, in.data + at, length + 12);
        picture |= memcmp(name, "IDAT", 4) == 0;
        if (memcmp(name, "IEND", 4) == 0)
            return picture ? 0 : fault_set(fault, -EINVAL, "PNG: no picture in it");
        at += length + 12;
    }
    return fault_set(fault, -EINVAL, "PNG: cut short at byte %zu of %zu", at, in.size);
}

/* ---- WebP ---- */

static uint32_t le32(const uint8_t *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static void put_le32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static int strip_webp(struct bytes in, struct buffer *out, struct fault *fault)
{
    static const char needed[] = "VP8 VP8LVP8XALPHANIMANMFICCP", pictures[] = "VP8 VP8LANMF";
    enum { HEAD = 12, FLAG_EXIF = 0x08, FLAG_XMP = 0x04 };
    size_t start = out->size, at = HEAD, riff_end = (size_t)le32(in.data + 4) + 8;
    bool picture = false;
    if (riff_end > in.size)
        return fault_set(fault, -EINVAL, "WebP: cut short at byte %zu of %zu", in.size, riff_end);
    buffer_append(out, in.data, HEAD);
    while (riff_end >= at + 8) {
        size_t length = le32(in.data + at + 4), padded = length + (length & 1);
        const uint8_t *name = in.data + at;
        if (padded > riff_end - at - 8)
            return fault_set(fault, -EINVAL, "WebP: a chunk of %zu bytes at byte %zu, %zu are left", length, at,
                             riff_end - at - 8);
        if (is_listed(needed, name)) {
            buffer_append(out, name, padded + 8);
            if (memcmp(name, "VP8X", 4) == 0 && length > 0)
                out->bytes[out->size - padded] &= (uint8_t) ~(FLAG_EXIF | FLAG_XMP);
        }
        picture |= is_listed(pictures, name);
        at += padded + 8;
    }
    put_le32(out->bytes + start + 4, (uint32_t)(out->size - start - 8));
    return picture ? 0 : fault_set(fault, -EINVAL, "WebP: no picture in it");
}

/* ---- all ---- */

static bool is_jpeg(struct bytes file)
{
    return starts_with(file, 0, "\xff\xd8\xff", 3);
}

static bool is_png(struct bytes file)
{
    return starts_with(file, 0, png_signature, sizeof png_signature);
}

static bool is_webp(struct bytes file)
{
    return starts_with(file, 0, "RIFF", 4) && starts_with(file, 8, "WEBP", 4);
}

static const struct {
    const char *type;
    bool (*matches)(struct bytes file);
    int (*strip)(struct bytes in, struct buffer *out, struct fault *fault);
} kinds[] = {
    { "image/jpeg", is_jpeg, strip_jpeg },
    { "image/png", is_png, strip_png },
    { "image/webp", is_webp, strip_webp },
};

const char *photo_type(struct bytes file)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].matches(file))
            return kinds[i].type;
    return NULL;
}

int photo_strip(struct bytes file, struct buffer *out, struct fault *fault)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].matches(file))
            return kinds[i].strip(file, out, fault);
    return fault_set(fault, -EINVAL, "a file of %zu bytes that is no photo: expected JPEG, PNG or WebP", file.size);
}
