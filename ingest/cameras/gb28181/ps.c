#include "ingest/cameras/gb28181/ps.h"

#include <string.h>

/* Start codes (table 2-18) and stream types (table 2-34; GB/T 28181-2016, annex C). */
enum {
    CODE_END = 0xb9,
    CODE_PACK = 0xba,
    CODE_SYSTEM = 0xbb,
    CODE_MAP = 0xbc,
    CODE_VIDEO = 0xe0, /* to 0xef */
    TYPE_H264 = 0x1b,
    TYPE_H265 = 0x24
};

static const uint8_t start_code[3] = { 0, 0, 1 }, pack_code[4] = { 0, 0, 1, CODE_PACK };
static const uint8_t video_set[2] = { 0x40, 0x01 }; /* the head of one of H.265; a slice of H.264 may begin with 0x41 */

void ps_begin(struct ps *ps, void (*unit)(void *context, const struct source_unit *unit), void *context)
{
    ps->place = PS_LOST;
    ps->unit = unit;
    ps->context = context;
}

void ps_finish(struct ps *ps)
{
    assembly_finish(&ps->assembly);
    buffer_finish(&ps->picture);
    buffer_finish(&ps->head);
    *ps = (struct ps){ 0 };
}

static size_t be16(const uint8_t *at)
{
    return (size_t)at[0] << 8 | at[1];
}

static bool is_video(uint8_t code)
{
    return code >> 4 == CODE_VIDEO >> 4;
}

/* ---- pictures ---- */

static void use_codec(struct ps *ps, enum frame_codec codec)
{
    if (ps->assembly.codec == codec)
        return;
    int64_t dropped = ps->assembly.units_dropped;
    assembly_finish(&ps->assembly);
    assembly_begin(&ps->assembly, codec, ps->unit, ps->context);
    ps->assembly.units_dropped = dropped;
}

/* The next unit at or behind *at, without its start code; false: none. */
static bool next_nal(const uint8_t **at, const uint8_t *end, struct bytes *nal)
{
    const uint8_t *code = memmem(*at, (size_t)(end - *at), start_code, sizeof start_code);
    if (!code)
        return false;
    const uint8_t *begin = code + sizeof start_code;
    const uint8_t *stop = memmem(begin, (size_t)(end - begin), start_code, sizeof start_code);
    *at = stop ? stop : end;
    for (stop = *at; stop > begin && stop[-1] == 0; stop--)
        ;
    *nal = (struct bytes){ begin, (size_t)(stop - begin) };
    return true;
}

/* Where no map says it: what begins with a parameter set. */
static void guess_codec(struct ps *ps)
{
    const uint8_t *at = ps->picture.bytes;
    struct bytes nal;
    uint16_t width, height;
    while (!ps->assembly.codec && next_nal(&at, ps->picture.bytes + ps->picture.size, &nal))
        if (nal.size > sizeof video_set && memcmp(nal.data, video_set, sizeof video_set) == 0)
            use_codec(ps, FRAME_H265);
        else if (nal_kind(FRAME_H264, nal) == NAL_SEQUENCE_SET && nal_picture_size(FRAME_H264, nal, &width, &height))
            use_codec(ps, FRAME_H264);
}

static void end_picture(struct ps *ps)
{
    const uint8_t *at = ps->picture.bytes;
    struct bytes nal;
    if (!ps->picture.size && !ps->damaged)
        return;
    if (!ps->assembly.codec && ps->picture.size)
        guess_codec(ps);
    if (ps->assembly.codec) {
        while (!ps->damaged && next_nal(&at, ps->picture.bytes + ps->picture.size, &nal))
            if (nal.size)
                ps->packets_broken += !assembly_add(&ps->assembly, nal);
        ps->assembly.damaged |= ps->damaged;
        assembly_end(&ps->assembly);
    }
    buffer_clear(&ps->picture);
    ps->damaged = false;
}

static void take_video(struct ps *ps, struct bytes part)
{
    if (!ps->damaged)
        buffer_append(&ps->picture, part.data, part.size);
    if (ps->picture.size <= FRAME_UNIT_MAX)
        return;
    ps->damaged = true;
    buffer_clear(&ps->picture);
}

/* ---- heads ---- */

/* A map (2.5.4): of which kind the video is. False: it is broken. */
static bool take_map(struct ps *ps, struct bytes map)
{
    const uint8_t *end = map.data + map.size - 4 /* its checksum */, *at = map.data + 10;
    if (map.size < 16 || be16(map.data + 8) > (size_t)(end - at))
        return false;
    at += be16(map.data + 8) + 2;
    while (end - at >= 4) {
        if (is_video(at[1]) && (at[0] == TYPE_H264 || at[0] == TYPE_H265))
            use_codec(ps, at[0] == TYPE_H264 ? FRAME_H264 : FRAME_H265);
        else if (is_video(at[1]))
            ps->unreadable = at[0];
        if (be16(at + 2) > (size_t)(end - at - 4))
            return false;
        at += 4 + be16(at + 2);
    }
    return true;
}

static int64_t take_pack(struct bytes head)
{
    bool first_edition = head.size > 4 && head.data[4] >> 4 == 2; /* of MPEG-1 */
    size_t size = first_edition ? 12 : 14;
    if (head.size < size)
        return 0;
    if (first_edition)
        return (int64_t)size;
    size += head.data[13] & 7;
    return head.data[4] >> 6 != 1 ? -1 : head.size < size ? 0 : (int64_t)size;
}

static int64_t take_pes(struct ps *ps, struct bytes head)
{
    if (head.size < 9)
        return 0;
    size_t length = be16(head.data + 4), more = head.data[8];
    if (head.data[6] >> 6 != 2 || (length && length < 3 + more))
        return -1;
    if (head.size < 9 + more)
        return 0;
    ps->endless = length == 0;
    ps->left = length ? length - 3 - more : 1; /* of an endless one: there may be more */
    ps->place = ps->left ? PS_VIDEO : PS_BETWEEN;
    return (int64_t)(9 + more);
}

/* Bytes of the head that stands in front; 0: it is not whole yet; -1: none. */
static int64_t take_head(struct ps *ps, struct bytes head)
{
    if (head.size < 4)
        return 0;
    uint8_t code = head.data[3];
    if (memcmp(head.data, start_code, sizeof start_code) != 0 || code < CODE_END)
        return -1;
    if (code == CODE_END)
        return 4;
    if (code == CODE_PACK)
        return take_pack(head);
    if (is_video(code))
        return take_pes(ps, head);
    if (head.size < 6)
        return 0;
    size_t length = be16(head.data + 4);
    if (code == CODE_MAP) {
        if (head.size < 6 + length)
            return 6 + length > PS_HEAD_MAX ? -1 : 0;
        return take_map(ps, (struct bytes){ head.data, 6 + length }) ? (int64_t)(6 + length) : -1;
    }
    ps->left = length;
    ps->place = length ? PS_SKIP : PS_BETWEEN;
    return 6;
}

/* ---- the stream ---- */

static void lose(struct ps *ps)
{
    ps->place = PS_LOST;
    ps->damaged = true;
    buffer_clear(&ps->head);
}

static void move(struct bytes *bytes, size_t size)
{
    *bytes = (struct bytes){ bytes->data + size, bytes->size - size };
}

/* Goes on with a head that began in the packet before. */
static void feed_head(struct ps *ps, struct bytes *bytes)
{
    size_t before = ps->head.size, more = PS_HEAD_MAX - before < bytes->size ? PS_HEAD_MAX - before : bytes->size;
    if (before)
        buffer_append(&ps->head, bytes->data, more);
    int64_t taken = take_head(ps, before ? buffer_view(&ps->head) : *bytes);
    if (taken < 0 || (taken == 0 && before + more == PS_HEAD_MAX)) {
        ps->packets_broken++;
        lose(ps);
        if (!before)
            move(bytes, 1); /* whatever stands there, it is not the head that it looks like */
    } else if (taken > 0) {
        move(bytes, (size_t)taken - before);
        buffer_clear(&ps->head);
    } else {
        if (!before)
            buffer_append(&ps->head, bytes->data, more);
        move(bytes, bytes->size);
    }
}

static void feed_video(struct ps *ps, struct bytes *bytes)
{
    size_t size = bytes->size < ps->left ? bytes->size : ps->left;
    if (ps->endless) {
        const uint8_t *pack = memmem(bytes->data, bytes->size, pack_code, sizeof pack_code);
        size = pack ? (size_t)(pack - bytes->data) : bytes->size;
        ps->left = pack ? size : size + 1;
    }
    take_video(ps, (struct bytes){ bytes->data, size });
    move(bytes, size);
    ps->left -= size;
}

static void feed(struct ps *ps, struct bytes bytes)
{
    while (bytes.size) {
        if (ps->place == PS_BETWEEN) {
            feed_head(ps, &bytes);
        } else if (ps->place == PS_LOST) {
            const uint8_t *pack = memmem(bytes.data, bytes.size, pack_code, sizeof pack_code);
            move(&bytes, pack ? (size_t)(pack - bytes.data) : bytes.size);
            if (pack)
                ps->place = PS_BETWEEN;
        } else if (ps->place == PS_VIDEO) {
            feed_video(ps, &bytes);
        } else {
            size_t size = bytes.size < ps->left ? bytes.size : ps->left;
            move(&bytes, size);
            ps->left -= size;
        }
        if ((ps->place == PS_VIDEO || ps->place == PS_SKIP) && ps->left == 0)
            ps->place = PS_BETWEEN;
    }
}

static void mind_gap(struct ps *ps, uint16_t missing)
{
    ps->packets_lost += missing;
    lose(ps);
    end_picture(ps);
    if (ps->assembly.codec)
        assembly_need_key(&ps->assembly);
}

void ps_push(struct ps *ps, const struct rtp_packet *packet)
{
    uint16_t missing;
    enum rtp_step step = rtp_follow(&ps->order, packet, &missing);
    if (step == RTP_AGAIN)
        return;
    if (step == RTP_GAP)
        mind_gap(ps, missing);
    if (packet->timestamp != ps->timestamp)
        end_picture(ps);
    ps->timestamp = packet->timestamp;
    feed(ps, packet->payload);
    if (packet->marker && ps->endless && ps->place == PS_VIDEO)
        ps->place = PS_BETWEEN;
    if (packet->marker && ps->place == PS_BETWEEN && !ps->head.size)
        end_picture(ps);
}
