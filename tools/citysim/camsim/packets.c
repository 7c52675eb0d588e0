#include "tools/citysim/camsim/packets.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/crypto.h"

enum { SETS_MAX = 8 };

/* What differs between the two payload formats. */
static const struct kind {
    size_t head;                        /* bytes of a unit's header */
    int aggregate, fragment, delimiter; /* types */
    const char *const *sprop;           /* names in SDP, in the order of the sets; NULL: one list with commas */
} kinds[PROGRAMME_CODEC_COUNT] = {
    [PROGRAMME_H264] = { 1, 24, 28, 9, NULL },
    [PROGRAMME_H265] = { 2, 48, 49, 35, (const char *const[]){ "sprop-vps", "sprop-sps", "sprop-pps" } },
};

static int type_of(enum programme_codec codec, struct bytes nal)
{
    return codec == PROGRAMME_H264 ? nal.data[0] & 31 : nal.data[0] >> 1 & 63;
}

static bool is_set(enum programme_codec codec, int type)
{
    return codec == PROGRAMME_H264 ? type == 7 || type == 8 : type >= 32 && type <= 34;
}

/* ---- payloads ---- */

static void begin_packet(struct programme *programme, bool sets)
{
    programme->packets = realloc(programme->packets, (programme->packet_count + 1) * sizeof *programme->packets);
    assert(programme->packets && programme->bytes.size < UINT32_MAX);
    programme->packets[programme->packet_count++] =
        (struct programme_packet){ .at = (uint32_t)programme->bytes.size, .sets = sets };
}

static void end_packet(struct programme *programme)
{
    struct programme_packet *packet = &programme->packets[programme->packet_count - 1];
    packet->size = (uint32_t)programme->bytes.size - packet->at;
}

/* The header of an aggregate or a fragment: that of the unit with another type. */
static void put_head(struct programme *programme, const uint8_t *nal, int type)
{
    uint8_t head[2] = { (uint8_t)((nal[0] & 0xe0) | type), 0 };
    if (programme->codec == PROGRAMME_H265) {
        head[0] = (uint8_t)((nal[0] & 0x81) | type << 1);
        head[1] = nal[1];
    }
    buffer_append(&programme->bytes, head, kinds[programme->codec].head);
}

static void add_fragments(struct programme *programme, struct bytes nal)
{
    const struct kind *kind = &kinds[programme->codec];
    int type = type_of(programme->codec, nal);
    const uint8_t *at = nal.data + kind->head, *end = nal.data + nal.size;
    for (bool first = true; at < end; first = false) {
        size_t room = PACKETS_PAYLOAD_MAX - kind->head - 1, left = (size_t)(end - at);
        size_t size = left < room ? left : room;
        uint8_t mark = (uint8_t)((first ? 0x80 : 0) | (size == left ? 0x40 : 0) | type);
        begin_packet(programme, false);
        put_head(programme, nal.data, kind->fragment);
        buffer_append(&programme->bytes, &mark, 1);
        buffer_append(&programme->bytes, at, size);
        end_packet(programme);
        at += size;
    }
}

static void add_single(struct programme *programme, struct bytes nal)
{
    begin_packet(programme, false);
    buffer_append(&programme->bytes, nal.data, nal.size);
    end_packet(programme);
}

static void add_sets(struct programme *programme, const struct bytes *sets, size_t count)
{
    begin_packet(programme, true);
    put_head(programme, sets[0].data, kinds[programme->codec].aggregate);
    for (size_t i = 0; i < count; i++) {
        uint8_t size[2] = { (uint8_t)(sets[i].size >> 8), (uint8_t)sets[i].size };
        buffer_append(&programme->bytes, size, sizeof size);
        buffer_append(&programme->bytes, sets[i].data, sets[i].size);
    }
    end_packet(programme);
}

static void describe_sets(struct programme *programme, const struct bytes *sets, size_t count)
{
    const char *const *names = kinds[programme->codec].sprop;
    struct buffer *sprop = &programme->sprop;
    if (sprop->size)
        return;
    if (!names)
        buffer_text(sprop, "sprop-parameter-sets=");
    for (size_t i = 0; i < count; i++) {
        if (names && i < 3)
            buffer_format(sprop, "%s%s=", i ? ";" : "", names[i]);
        else if (i)
            buffer_text(sprop, ",");
        base64_encode(sets[i].data, sets[i].size, sprop);
    }
}

/* ---- byte stream ---- */

/* The next unit at or behind `at`, without its start code; false: none. */
static bool next_nal(const uint8_t **at, const uint8_t *end, struct bytes *nal)
{
    static const uint8_t start[3] = { 0, 0, 1 };
    const uint8_t *code = memmem(*at, (size_t)(end - *at), start, 3);
    if (!code)
        return false;
    const uint8_t *begin = code + 3, *stop = memmem(begin, (size_t)(end - begin), start, 3);
    *at = stop ? stop : end;
    for (stop = *at; stop > begin && stop[-1] == 0; stop--)
        ;
    *nal = (struct bytes){ begin, (size_t)(stop - begin) };
    return true;
}

void packets_add(struct programme *programme, struct bytes unit)
{
    struct bytes nal, sets[SETS_MAX];
    size_t set_count = 0;
    const struct kind *kind = &kinds[programme->codec];
    for (const uint8_t *at = unit.data, *end = at + unit.size; next_nal(&at, end, &nal);) {
        if (nal.size <= kind->head)
            continue;
        int type = type_of(programme->codec, nal);
        if (is_set(programme->codec, type)) {
            assert(set_count < SETS_MAX);
            sets[set_count++] = nal;
            continue;
        }
        if (set_count) {
            add_sets(programme, sets, set_count);
            describe_sets(programme, sets, set_count);
            set_count = 0;
        }
        if (type == kind->delimiter)
            continue;
        if (nal.size > PACKETS_PAYLOAD_MAX)
            add_fragments(programme, nal);
        else
            add_single(programme, nal);
    }
    assert(programme->packet_count);
    programme->packets[programme->packet_count - 1].last = true;
}
