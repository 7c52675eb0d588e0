#include "ingest/cameras/nal.h"

#include <assert.h>
#include <string.h>

enum { H264_SETS_MAX = 255, SIDE_MAX = 16384, RBSP_MAX = 512 };

size_t nal_head_bytes(enum frame_codec codec)
{
    return codec == FRAME_H265 ? 2 : 1;
}

static enum nal_kind kind_h264(uint8_t head)
{
    int type = head & 31;
    if (type >= 1 && type <= 4)
        return NAL_SLICE;
    switch (type) {
    case 5:
        return NAL_KEY;
    case 7:
        return NAL_SEQUENCE_SET;
    case 8:
        return NAL_PICTURE_SET;
    default:
        return type == 0 || type > 23 ? NAL_BROKEN : NAL_OTHER;
    }
}

static enum nal_kind kind_h265(uint8_t head)
{
    int type = head >> 1 & 63;
    if (type <= 9)
        return NAL_SLICE;
    if (type >= 16 && type <= 21)
        return NAL_KEY;
    switch (type) {
    case 32:
        return NAL_VIDEO_SET;
    case 33:
        return NAL_SEQUENCE_SET;
    case 34:
        return NAL_PICTURE_SET;
    default:
        return type >= 35 && type <= 40 ? NAL_OTHER : NAL_BROKEN;
    }
}

enum nal_kind nal_kind(enum frame_codec codec, struct bytes nal)
{
    if (nal.size <= nal_head_bytes(codec) || nal.data[0] & 0x80)
        return NAL_BROKEN;
    return codec == FRAME_H265 ? kind_h265(nal.data[0]) : kind_h264(nal.data[0]);
}

/* ---- bits (7.2, 9.1 of both) ---- */

/* The payload without its emulation prevention; a set is short, and what follows RBSP_MAX bytes is of no interest. */
struct bits {
    uint8_t bytes[RBSP_MAX];
    size_t size, at; /* in bits */
    bool over;       /* read beyond the end */
};

static void bits_open(struct bits *bits, struct bytes nal, size_t skip)
{
    size_t count = 0, zeros = 0;
    for (size_t i = skip; i < nal.size && count < RBSP_MAX; i++) {
        if (zeros >= 2 && nal.data[i] == 3) {
            zeros = 0;
            continue;
        }
        zeros = nal.data[i] ? 0 : zeros + 1;
        bits->bytes[count++] = nal.data[i];
    }
    bits->size = count * 8;
    bits->at = 0;
    bits->over = false;
}

static uint32_t read_bits(struct bits *bits, unsigned count)
{
    uint32_t value = 0;
    assert(count <= 32);
    for (; count > 0; count--, bits->at++) {
        if (bits->at >= bits->size) {
            bits->over = true;
            return 0;
        }
        value = value << 1 | (bits->bytes[bits->at / 8] >> (7 - bits->at % 8) & 1);
    }
    return value;
}

static void skip_bits(struct bits *bits, unsigned count)
{
    bits->at += count;
    bits->over |= bits->at > bits->size;
}

/* ue(v) */
static uint32_t read_number(struct bits *bits)
{
    unsigned zeros = 0;
    while (!bits->over && read_bits(bits, 1) == 0)
        zeros++;
    if (zeros > 31)
        bits->over = true;
    return bits->over ? 0 : (UINT32_C(1) << zeros) - 1 + read_bits(bits, zeros);
}

/* se(v) */
static int64_t read_signed(struct bits *bits)
{
    int64_t number = read_number(bits);
    return number & 1 ? (number + 1) / 2 : -(number / 2);
}

static bool set_size(uint64_t width, uint64_t height, uint16_t *out_width, uint16_t *out_height)
{
    if (width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX)
        return false;
    *out_width = (uint16_t)width;
    *out_height = (uint16_t)height;
    return true;
}

/* ---- H.264 (7.3.2.1.1) ---- */

static void skip_scaling_list(struct bits *bits, int size)
{
    int64_t last = 8, next = 8;
    for (int i = 0; i < size && !bits->over; i++) {
        if (next != 0)
            next = (last + read_signed(bits) + 256) % 256;
        last = next ? next : last;
    }
}

/* Profiles that have more than 4:2:0 of 8 bits; returns chroma_format_idc. */
static uint32_t read_high_profile(struct bits *bits)
{
    uint32_t chroma = read_number(bits);
    if (chroma == 3)
        skip_bits(bits, 1);
    read_number(bits);
    read_number(bits);
    skip_bits(bits, 1);
    if (read_bits(bits, 1))
        for (int i = 0; i < (chroma == 3 ? 12 : 8) && !bits->over; i++)
            if (read_bits(bits, 1))
                skip_scaling_list(bits, i < 6 ? 16 : 64);
    return chroma;
}

static void skip_order_count(struct bits *bits)
{
    uint32_t type = read_number(bits);
    if (type == 0) {
        read_number(bits);
    } else if (type == 1) {
        skip_bits(bits, 1);
        read_signed(bits);
        read_signed(bits);
        uint32_t cycle = read_number(bits);
        for (uint32_t i = 0; i < cycle && i < H264_SETS_MAX && !bits->over; i++)
            read_signed(bits);
    }
}

static bool size_h264(struct bits *bits, uint16_t *width, uint16_t *height)
{
    static const uint8_t high[] = { 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135 };
    uint8_t profile = (uint8_t)read_bits(bits, 8);
    skip_bits(bits, 16);
    read_number(bits);
    uint32_t chroma = memchr(high, profile, sizeof high) ? read_high_profile(bits) : 1;
    read_number(bits);
    skip_order_count(bits);
    read_number(bits);
    skip_bits(bits, 1);
    uint64_t columns = (uint64_t)read_number(bits) + 1, rows = (uint64_t)read_number(bits) + 1;
    uint32_t frames_only = read_bits(bits, 1);
    if (!frames_only)
        skip_bits(bits, 1);
    skip_bits(bits, 1);
    uint64_t crop[4] = { 0 };
    if (read_bits(bits, 1))
        for (int i = 0; i < 4; i++)
            crop[i] = read_number(bits);
    uint64_t across = chroma == 1 || chroma == 2 ? 2 : 1, down = (chroma == 1 ? 2 : 1) * (2 - frames_only);
    uint64_t wide = columns * 16, high_px = rows * 16 * (2 - frames_only);
    uint64_t cut_x = (crop[0] + crop[1]) * across, cut_y = (crop[2] + crop[3]) * down;
    return !bits->over && cut_x < wide && cut_y < high_px && set_size(wide - cut_x, high_px - cut_y, width, height);
}

/* ---- H.265 (7.3.2.2) ---- */

/* Up to the set's id. */
static uint32_t read_h265_id(struct bits *bits)
{
    skip_bits(bits, 4);
    uint32_t layers = read_bits(bits, 3);
    uint32_t has_profile[7] = { 0 }, has_level[7] = { 0 };
    skip_bits(bits, 1);
    skip_bits(bits, 88 + 8); /* general profile, tier and level (7.3.3) */
    for (uint32_t i = 0; i < layers && i < 7; i++) {
        has_profile[i] = read_bits(bits, 1);
        has_level[i] = read_bits(bits, 1);
    }
    if (layers > 0)
        skip_bits(bits, 2 * (8 - layers));
    for (uint32_t i = 0; i < layers && i < 7; i++)
        skip_bits(bits, (has_profile[i] ? 88 : 0) + (has_level[i] ? 8 : 0));
    return read_number(bits);
}

static bool size_h265(struct bits *bits, uint16_t *width, uint16_t *height)
{
    read_h265_id(bits);
    uint32_t chroma = read_number(bits);
    if (chroma == 3)
        skip_bits(bits, 1);
    uint64_t wide = read_number(bits), high = read_number(bits), crop[4] = { 0 };
    if (read_bits(bits, 1))
        for (int i = 0; i < 4; i++)
            crop[i] = read_number(bits);
    uint64_t cut_x = (crop[0] + crop[1]) * (chroma == 1 || chroma == 2 ? 2 : 1);
    uint64_t cut_y = (crop[2] + crop[3]) * (chroma == 1 ? 2 : 1);
    return !bits->over && cut_x < wide && cut_y < high && set_size(wide - cut_x, high - cut_y, width, height);
}

/* ---- sets ---- */

int nal_set_id(enum frame_codec codec, struct bytes nal)
{
    struct bits bits;
    enum nal_kind kind = nal_kind(codec, nal);
    bits_open(&bits, nal, nal_head_bytes(codec));
    uint32_t id;
    if (kind == NAL_VIDEO_SET)
        id = read_bits(&bits, 4);
    else if (kind == NAL_SEQUENCE_SET && codec == FRAME_H265)
        id = read_h265_id(&bits);
    else if (kind == NAL_SEQUENCE_SET)
        skip_bits(&bits, 24), id = read_number(&bits);
    else
        id = read_number(&bits);
    return bits.over || !nal_is_set(kind) || id > H264_SETS_MAX ? -1 : (int)id;
}

bool nal_picture_size(enum frame_codec codec, struct bytes nal, uint16_t *width, uint16_t *height)
{
    struct bits bits;
    if (nal_kind(codec, nal) != NAL_SEQUENCE_SET)
        return false;
    bits_open(&bits, nal, nal_head_bytes(codec));
    return codec == FRAME_H265 ? size_h265(&bits, width, height) : size_h264(&bits, width, height);
}
