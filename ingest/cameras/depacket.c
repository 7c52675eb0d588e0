#include "ingest/cameras/depacket.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/cameras/nal.h"
#include "proto/base/crypto.h"

enum { LATE_MAX = 64 };

static const uint8_t start_code[4] = { 0, 0, 0, 1 };

/* Payload types of the two formats (RFC 6184, 5.4; RFC 7798, 4.4). */
static const struct {
    int aggregate, fragment;
} formats[] = { [FRAME_H264] = { 24, 28 }, [FRAME_H265] = { 48, 49 } };

void depacket_begin(struct depacket *depacket, enum frame_codec codec,
                    void (*unit)(void *context, const struct source_unit *unit), void *context)
{
    assert(codec == FRAME_H264 || codec == FRAME_H265);
    depacket->codec = codec;
    depacket->unit = unit;
    depacket->context = context;
    depacket->need_key = true;
}

void depacket_finish(struct depacket *depacket)
{
    for (size_t i = 0; i < depacket->set_count; i++)
        free(depacket->sets[i].bytes);
    buffer_finish(&depacket->bytes);
    *depacket = (struct depacket){ 0 };
}

/* ---- parameter sets ---- */

static bool set_is(const struct depacket_set *set, struct bytes nal)
{
    return set->size == nal.size && memcmp(set->bytes, nal.data, nal.size) == 0;
}

/* The set's place, a new one where there is none. */
static struct depacket_set *place_of(struct depacket *depacket, enum nal_kind kind, int id)
{
    size_t at = 0;
    while (at < depacket->set_count &&
           (depacket->sets[at].kind < kind || (depacket->sets[at].kind == kind && depacket->sets[at].id < id)))
        at++;
    struct depacket_set *place = &depacket->sets[at];
    if (at < depacket->set_count && place->kind == kind && place->id == id)
        return place;
    if (depacket->set_count == DEPACKET_SETS_MAX)
        return NULL;
    memmove(place + 1, place, (depacket->set_count++ - at) * sizeof *place);
    *place = (struct depacket_set){ .kind = (uint8_t)kind, .id = (uint8_t)id };
    return place;
}

static bool same_set_is_there(const struct depacket *depacket, enum nal_kind kind, struct bytes nal)
{
    for (size_t i = 0; i < depacket->set_count; i++)
        if (depacket->sets[i].kind == kind && set_is(&depacket->sets[i], nal))
            return true;
    return false;
}

/* False: it is broken. */
static bool keep_set(struct depacket *depacket, enum nal_kind kind, struct bytes nal)
{
    if (same_set_is_there(depacket, kind, nal))
        return true;
    uint16_t width, height;
    int id = nal_set_id(depacket->codec, nal);
    if (id < 0 || nal.size > DEPACKET_SET_BYTES_MAX ||
        (kind == NAL_SEQUENCE_SET && !nal_picture_size(depacket->codec, nal, &width, &height)))
        return false;
    struct depacket_set *set = place_of(depacket, kind, id);
    if (!set)
        return false;
    uint8_t *bytes = realloc(set->bytes, nal.size);
    assert(bytes);
    memcpy(bytes, nal.data, nal.size);
    set->bytes = bytes;
    set->size = (uint16_t)nal.size;
    if (kind == NAL_SEQUENCE_SET) {
        depacket->width = width;
        depacket->height = height;
    }
    return true;
}

static bool has_set(const struct depacket *depacket, enum nal_kind kind)
{
    for (size_t i = 0; i < depacket->set_count; i++)
        if (depacket->sets[i].kind == kind)
            return true;
    return false;
}

static bool sets_are_complete(const struct depacket *depacket)
{
    return has_set(depacket, NAL_SEQUENCE_SET) && has_set(depacket, NAL_PICTURE_SET) &&
           (depacket->codec == FRAME_H264 || has_set(depacket, NAL_VIDEO_SET));
}

void depacket_take_sprop(struct depacket *depacket, const char *sprop)
{
    struct buffer nal = { 0 };
    char word[2 * DEPACKET_SET_BYTES_MAX];
    while (*sprop) {
        size_t length = strcspn(sprop, ",");
        buffer_clear(&nal);
        if (length < sizeof word) {
            memcpy(word, sprop, length);
            word[length] = '\0';
            if (base64_decode(word, &nal) == 0) {
                enum nal_kind kind = nal_kind(depacket->codec, buffer_view(&nal));
                if (nal_is_set(kind))
                    keep_set(depacket, kind, buffer_view(&nal));
            }
        }
        sprop += length;
        sprop += *sprop == ',';
    }
    buffer_finish(&nal);
}

/* ---- the unit under way ---- */

static void put_nal(struct buffer *out, struct bytes nal)
{
    buffer_append(out, start_code, sizeof start_code);
    buffer_append(out, nal.data, nal.size);
}

/* The sets stand before the first slice of a key frame; those that are in a unit itself are among them. */
static void put_sets(struct depacket *depacket)
{
    for (size_t i = 0; i < depacket->set_count; i++)
        put_nal(&depacket->bytes, (struct bytes){ depacket->sets[i].bytes, depacket->sets[i].size });
}

static void begin_slice(struct depacket *depacket, enum nal_kind kind)
{
    if (kind == NAL_KEY && !depacket->key) {
        depacket->key = true;
        buffer_clear(&depacket->bytes); /* sets of this unit, which come with the others */
        if (sets_are_complete(depacket))
            put_sets(depacket);
        else
            depacket->damaged = true; /* nobody could decode it */
    }
    depacket->begun = true;
}

static void add_nal(struct depacket *depacket, struct bytes nal)
{
    enum nal_kind kind = nal_kind(depacket->codec, nal);
    if (kind == NAL_BROKEN || (nal_is_set(kind) && !keep_set(depacket, kind, nal))) {
        depacket->packets_broken++;
        depacket->damaged = true;
    } else if (nal_is_set(kind)) {
        if (!depacket->key)
            put_nal(&depacket->bytes, nal);
    } else if (kind != NAL_OTHER) {
        begin_slice(depacket, kind);
        put_nal(&depacket->bytes, nal);
    }
}

static void end_unit(struct depacket *depacket)
{
    bool whole = !depacket->damaged && !depacket->in_fragment && depacket->bytes.size <= FRAME_UNIT_MAX;
    if (depacket->begun && whole && (depacket->key || !depacket->need_key)) {
        struct source_unit unit = { .key = depacket->key,
                                    .codec = depacket->codec,
                                    .width = depacket->width,
                                    .height = depacket->height,
                                    .bytes = buffer_view(&depacket->bytes) };
        depacket->need_key = false;
        depacket->units++;
        depacket->unit(depacket->context, &unit);
    } else if (depacket->begun || depacket->damaged) {
        depacket->need_key |= !whole;
        depacket->units_dropped++;
    }
    buffer_clear(&depacket->bytes);
    depacket->begun = depacket->damaged = depacket->key = depacket->in_fragment = false;
}

/* ---- payloads ---- */

static bool add_aggregate(struct depacket *depacket, struct bytes payload)
{
    const uint8_t *at = payload.data + nal_head_bytes(depacket->codec), *end = payload.data + payload.size;
    while (at < end) {
        size_t size = end - at >= 2 ? (size_t)at[0] << 8 | at[1] : 0;
        if (size == 0 || size > (size_t)(end - at - 2))
            return false;
        add_nal(depacket, (struct bytes){ at + 2, size });
        at += 2 + size;
    }
    return true;
}

/* The unit's own header stands in the fragment's head, taken apart. */
static bool begin_fragment(struct depacket *depacket, const uint8_t *payload, uint8_t mark, struct bytes first)
{
    uint8_t head[2] = { (uint8_t)((payload[0] & 0xe0) | (mark & 31)), 0 };
    if (depacket->codec == FRAME_H265) {
        head[0] = (uint8_t)((payload[0] & 0x81) | (mark & 63) << 1);
        head[1] = payload[1];
    }
    uint8_t sample[3] = { head[0], head[1], 0 };
    enum nal_kind kind = nal_kind(depacket->codec, (struct bytes){ sample, sizeof sample });
    if (kind != NAL_SLICE && kind != NAL_KEY)
        return kind == NAL_OTHER; /* left out: its fragments find no beginning to go on from; a set is never so long */
    begin_slice(depacket, kind);
    put_nal(&depacket->bytes, (struct bytes){ head, nal_head_bytes(depacket->codec) });
    buffer_append(&depacket->bytes, first.data, first.size);
    depacket->in_fragment = true;
    return true;
}

static bool add_fragment(struct depacket *depacket, struct bytes payload)
{
    size_t head = nal_head_bytes(depacket->codec);
    if (payload.size <= head + 1)
        return false;
    uint8_t mark = payload.data[head];
    struct bytes part = { payload.data + head + 1, payload.size - head - 1 };
    bool first = mark & 0x80, last = mark & 0x40;
    if (first) {
        if (depacket->in_fragment || !begin_fragment(depacket, payload.data, mark, part))
            return false;
    } else if (depacket->in_fragment) {
        buffer_append(&depacket->bytes, part.data, part.size);
    }
    if (last)
        depacket->in_fragment = false;
    return true;
}

static void add_payload(struct depacket *depacket, struct bytes payload)
{
    bool h265 = depacket->codec == FRAME_H265;
    if (payload.size <= nal_head_bytes(depacket->codec)) {
        depacket->damaged = true;
        depacket->packets_broken++;
        return;
    }
    int type = h265 ? payload.data[0] >> 1 & 63 : payload.data[0] & 31;
    bool good = !depacket->in_fragment || type == formats[depacket->codec].fragment;
    if (!good)
        depacket->in_fragment = false;
    else if (type == formats[depacket->codec].aggregate)
        good = add_aggregate(depacket, payload);
    else if (type == formats[depacket->codec].fragment)
        good = add_fragment(depacket, payload);
    else
        add_nal(depacket, payload);
    if (!good) {
        depacket->damaged = true;
        depacket->packets_broken++;
    }
}

/* ---- the stream ---- */

/* A packet is missing: what it belonged to is lost, and all that refers to it. That may be the unit under way, whose end did not come, and
 * the one that comes now. */
static void mind_gap(struct depacket *depacket, uint16_t missing)
{
    depacket->damaged |= depacket->begun;
    end_unit(depacket);
    depacket->packets_lost += missing;
    depacket->need_key = true;
    depacket->damaged = true;
}

/* False: the packet was there before. */
static bool take_sequence(struct depacket *depacket, const struct rtp_packet *packet)
{
    uint16_t step = (uint16_t)(packet->sequence - depacket->sequence), behind = (uint16_t)-step;
    bool same = depacket->started && packet->ssrc == depacket->ssrc;
    if (same && behind < LATE_MAX)
        return false;
    if (depacket->started && (!same || step > 1)) /* a step back that is no late packet: the camera counts anew */
        mind_gap(depacket, same && step < 0x8000 ? (uint16_t)(step - 1) : 0);
    depacket->started = true;
    depacket->ssrc = packet->ssrc;
    depacket->sequence = packet->sequence;
    return true;
}

void depacket_push(struct depacket *depacket, const struct rtp_packet *packet)
{
    if (!take_sequence(depacket, packet))
        return;
    /* the marker of the unit before did not come, or the camera sets none; sets may have a time of their own */
    if (depacket->begun && packet->timestamp != depacket->timestamp)
        end_unit(depacket);
    depacket->timestamp = packet->timestamp;
    add_payload(depacket, packet->payload);
    if (depacket->bytes.size > FRAME_UNIT_MAX) {
        depacket->damaged = true;
        buffer_clear(&depacket->bytes);
    }
    if (packet->marker && (depacket->begun || depacket->damaged))
        end_unit(depacket);
}
