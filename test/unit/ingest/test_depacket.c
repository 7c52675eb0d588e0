/* From packets to access units: what is whole is handed on, whatever else comes costs no more than the way to the next key frame. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/cameras/depacket.h"
#include "ingest/cameras/nal.h"
#include "proto/base/crypto.h"

/* Of x264 and x265, 640x360. */
#define SPS "Z0LAFtoCgL/lwFqDAwNSgAAAAwCAAAAPR4sXUA=="
#define PPS "aM48gA=="
#define H265_SETS \
    "QAEMAf//AWAAAAMAkAAAAwAAAwA/ugJA,QgEBAWAAAAMAkAAAAwAAAwA/oAUCAXHy5bpKTC//AAEAAWoMDAwIAAADAAgAAAMAeEA=,RAHAcYMS"

struct listener {
    int units, keys;
    size_t size;
    uint8_t bytes[8192];
    uint16_t width, height;
};

static void hear(void *context, const struct source_unit *unit)
{
    struct listener *listener = context;
    listener->units++;
    listener->keys += unit->key;
    listener->size = unit->bytes.size;
    listener->width = unit->width;
    listener->height = unit->height;
    assert_true(unit->bytes.size <= sizeof listener->bytes);
    memcpy(listener->bytes, unit->bytes.data, unit->bytes.size);
}

/* A camera: numbers its packets. */
struct stage {
    struct listener heard;
    struct depacket depacket;
    uint16_t sequence;
    uint32_t timestamp;
};

static void begin(struct stage *stage, enum frame_codec codec, const char *sprop)
{
    *stage = (struct stage){ .sequence = 65530, .timestamp = 1000 };
    depacket_begin(&stage->depacket, codec, hear, &stage->heard);
    assembly_take_sprop(&stage->depacket.assembly, sprop);
}

static void send(struct stage *stage, bool marker, const void *payload, size_t size)
{
    struct rtp_packet packet = { .marker = marker,
                                 .sequence = stage->sequence++,
                                 .timestamp = stage->timestamp,
                                 .ssrc = 7,
                                 .payload = { payload, size } };
    depacket_push(&stage->depacket, &packet);
    if (marker)
        stage->timestamp += 6000;
}
#define SEND(stage, marker, ...) \
    send(stage, marker, (const uint8_t[]){ __VA_ARGS__ }, sizeof(const uint8_t[]){ __VA_ARGS__ })

static void send_key(struct stage *stage)
{
    SEND(stage, true, 0x65, 0x88, 1, 2, 3);
}

static void send_delta(struct stage *stage)
{
    SEND(stage, true, 0x41, 0x9a, 4, 5);
}

static void send_base64(struct stage *stage, bool marker, const char *text)
{
    struct buffer nal = { 0 };
    assert_int_equal(base64_decode(text, &nal), 0);
    send(stage, marker, nal.bytes, nal.size);
    buffer_finish(&nal);
}

static bool ends_with(const struct listener *heard, const void *bytes, size_t size)
{
    return heard->size >= size && memcmp(heard->bytes + heard->size - size, bytes, size) == 0;
}

static void sets_say_the_size_of_pictures(void **state)
{
    (void)state;
    /* base64 of real cameras' and encoders' sets: profile, interlace, cropping, scaling lists */
    static const struct {
        enum frame_codec codec;
        const char *set;
        int width, height;
    } sets[] = {
        { FRAME_H264, SPS, 640, 360 },
        { FRAME_H264, "Z00AKp2oHgCJ+WbgICAgQA==", 1920, 1080 },
        { FRAME_H265, "QgEBAWAAAAMAkAAAAwAAAwA/oAUCAXHy5bpKTC//AAEAAWoMDAwIAAADAAgAAAMAeEA=", 640, 360 },
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        struct buffer nal = { 0 };
        uint16_t width, height;
        assert_int_equal(base64_decode(sets[i].set, &nal), 0);
        assert_true(nal_picture_size(sets[i].codec, buffer_view(&nal), &width, &height));
        assert_int_equal(width, sets[i].width);
        assert_int_equal(height, sets[i].height);
        assert_int_equal(nal_set_id(sets[i].codec, buffer_view(&nal)), 0);
        for (size_t size = 0; size < 8; size++) /* cut off: no size, no reading beyond */
            assert_false(nal_picture_size(sets[i].codec, (struct bytes){ nal.bytes, size }, &width, &height));
        buffer_finish(&nal);
    }
}

static void a_key_frame_comes_with_the_sets_of_sdp(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, FRAME_H264, SPS "," PPS);
    send_delta(&stage); /* nothing that it could refer to has come */
    send_key(&stage);
    send_delta(&stage);
    assert_int_equal(stage.heard.units, 2);
    assert_int_equal(stage.heard.keys, 1);
    assert_int_equal(stage.heard.width, 640);
    const uint8_t delta[] = { 0, 0, 0, 1, 0x41, 0x9a, 4, 5 };
    assert_int_equal(stage.heard.size, sizeof delta);
    assert_memory_equal(stage.heard.bytes, delta, sizeof delta);
    depacket_finish(&stage.depacket);
}

static void without_sets_no_key_frame_is_one(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, FRAME_H264, SPS);
    send_key(&stage);
    send_delta(&stage);
    assert_int_equal(stage.heard.units, 0);
    send_base64(&stage, false, PPS);
    send_key(&stage);
    assert_int_equal(stage.heard.keys, 1);
    depacket_finish(&stage.depacket);
}

/* In the stream: as units of their own, with and without a time of their own, and together (STAP-A). */
static void sets_are_taken_from_the_stream(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, FRAME_H264, "");
    send_base64(&stage, true, SPS); /* some cameras mark them */
    send_base64(&stage, false, PPS);
    stage.timestamp++;
    SEND(&stage, false, 0x09, 0x10); /* a delimiter, which is left out */
    send_key(&stage);
    assert_int_equal(stage.heard.keys, 1);
    size_t size = stage.heard.size;
    send_key(&stage); /* again, from what is kept */
    assert_int_equal(stage.heard.keys, 2);
    assert_int_equal(stage.heard.size, size);
    struct buffer sps = { 0 }, aggregate = { 0 };
    base64_decode(SPS, &sps);
    const uint8_t head[3] = { 0x78, (uint8_t)(sps.size >> 8), (uint8_t)sps.size },
                  pps[] = { 0, 4, 0x68, 0xce, 0x3c, 0x80 };
    buffer_append(&aggregate, head, sizeof head);
    buffer_append(&aggregate, sps.bytes, sps.size);
    buffer_append(&aggregate, pps, sizeof pps);
    send(&stage, false, aggregate.bytes, aggregate.size);
    send_key(&stage);
    assert_int_equal(stage.heard.keys, 3);
    assert_int_equal(stage.heard.size, size);
    assert_int_equal(stage.depacket.packets_broken, 0);
    buffer_finish(&sps);
    buffer_finish(&aggregate);
    depacket_finish(&stage.depacket);
}

static void newer_sets_replace_older_ones(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, FRAME_H264, SPS "," PPS);
    send_key(&stage);
    assert_int_equal(stage.heard.height, 360);
    send_base64(&stage, false, "Z00AKp2oHgCJ+WbgICAgQA==");
    send_key(&stage);
    assert_int_equal(stage.heard.height, 1080);
    assert_int_equal(stage.depacket.assembly.set_count, 2);
    depacket_finish(&stage.depacket);
}

static void fragments_are_put_together(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, FRAME_H264, SPS "," PPS);
    SEND(&stage, false, 0x7c, 0x85, 1, 2);
    SEND(&stage, false, 0x7c, 0x05, 3, 4);
    SEND(&stage, true, 0x7c, 0x45, 5);
    const uint8_t unit[] = { 0, 0, 0, 1, 0x65, 1, 2, 3, 4, 5 };
    assert_int_equal(stage.heard.keys, 1);
    assert_true(ends_with(&stage.heard, unit, sizeof unit));
    depacket_finish(&stage.depacket);
    begin(&stage, FRAME_H265, H265_SETS);
    SEND(&stage, false, 0x62, 0x01, 0x93, 1, 2); /* FU of an IDR_W_RADL (19) */
    SEND(&stage, true, 0x62, 0x01, 0x53, 3);
    const uint8_t h265[] = { 0, 0, 0, 1, 0x26, 0x01, 1, 2, 3 };
    assert_int_equal(stage.heard.keys, 1);
    assert_int_equal(stage.heard.height, 360);
    assert_true(ends_with(&stage.heard, h265, sizeof h265));
    depacket_finish(&stage.depacket);
}

/* Of a unit of three packets, each is lost once; then the way to the next key frame. */
static void a_lost_packet_costs_the_way_to_the_next_key_frame(void **state)
{
    (void)state;
    static const uint8_t parts[3][4] = { { 0x7c, 0x81, 1, 2 }, { 0x7c, 0x01, 3, 4 }, { 0x7c, 0x41, 5, 6 } };
    for (int lost = 0; lost < 3; lost++) {
        struct stage stage;
        begin(&stage, FRAME_H264, SPS "," PPS);
        send_key(&stage);
        for (int i = 0; i < 3; i++) {
            stage.sequence += i == lost;
            if (i != lost)
                send(&stage, i == 2, parts[i], sizeof *parts);
        }
        stage.timestamp += lost == 2 ? 6000 : 0;
        send_delta(&stage);
        send_delta(&stage);
        assert_int_equal(stage.heard.units, 1);
        send_key(&stage);
        send_delta(&stage);
        if (stage.heard.units != 3)
            fail_msg("packet %d lost: %d units", lost, stage.heard.units);
        assert_int_equal(stage.depacket.packets_lost, 1);
        depacket_finish(&stage.depacket);
    }
}

static void a_repeated_packet_is_no_news_and_a_restarted_count_is_no_end(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, FRAME_H264, SPS "," PPS);
    send_key(&stage);
    stage.sequence--;
    stage.timestamp -= 6000;
    send_key(&stage);
    assert_int_equal(stage.heard.units, 1);
    stage.sequence -= 20000;
    send_delta(&stage);
    send_key(&stage);
    send_delta(&stage);
    assert_int_equal(stage.heard.units, 3);
    depacket_finish(&stage.depacket);
}

static void garbage_harms_nothing_but_its_own_unit(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, FRAME_H264, SPS "," PPS);
    send_key(&stage);
    SEND(&stage, true, 0xff, 0xff, 0xff);    /* the forbidden bit */
    SEND(&stage, true, 0x78, 0xff, 0xff, 1); /* an aggregate of more than there is */
    SEND(&stage, true, 0x7c);                /* a fragment of nothing */
    SEND(&stage, true, 0x67, 0xff, 0xff);    /* a set that makes no sense */
    SEND(&stage, true, 0x60, 1, 2);          /* no type */
    send_delta(&stage);
    assert_int_equal(stage.heard.units, 1);
    assert_int_equal(stage.heard.height, 360);
    send_key(&stage);
    send_delta(&stage);
    assert_int_equal(stage.heard.units, 3);
    assert_int_equal(stage.depacket.packets_broken, 5);
    depacket_finish(&stage.depacket);
}

static void a_camera_without_markers_is_read_by_its_clock(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, FRAME_H264, SPS "," PPS);
    SEND(&stage, false, 0x65, 0x88, 1);
    SEND(&stage, false, 0x65, 0x08, 2); /* another slice */
    assert_int_equal(stage.heard.units, 0);
    stage.timestamp += 6000;
    SEND(&stage, false, 0x41, 0x9a, 3);
    assert_int_equal(stage.heard.keys, 1);
    const uint8_t second[] = { 0, 0, 0, 1, 0x65, 0x08, 2 };
    assert_true(ends_with(&stage.heard, second, sizeof second));
    depacket_finish(&stage.depacket);
}

static void a_unit_beyond_the_bus_is_given_up(void **state)
{
    (void)state;
    static uint8_t part[60000] = { 0x7c, 0x05 };
    struct stage stage;
    begin(&stage, FRAME_H264, SPS "," PPS);
    SEND(&stage, false, 0x7c, 0x85, 1);
    for (size_t sent = 0; sent <= FRAME_UNIT_MAX; sent += sizeof part)
        send(&stage, false, part, sizeof part);
    SEND(&stage, true, 0x7c, 0x45, 1);
    assert_int_equal(stage.heard.units, 0);
    send_key(&stage);
    assert_int_equal(stage.heard.units, 1);
    depacket_finish(&stage.depacket);
}

/* ---- RTP ---- */

static void heads_of_all_kinds_are_read(void **state)
{
    (void)state;
    struct rtp_packet packet;
    const uint8_t plain[] = { 0x80, 0xe0, 1, 2, 0, 0, 0, 3, 0, 0, 0, 4, 'x' };
    const uint8_t full[] = { 0xb1, 0x60, 1, 2, 0, 0, 0, 3, 0, 0, 0,   4,   9, 9,
                             9,    9,    0, 0, 0, 1, 8, 8, 8, 8, 'y', 'z', 0, 2 };
    assert_true(rtp_read((struct bytes){ plain, sizeof plain }, &packet));
    assert_true(packet.marker);
    assert_int_equal(packet.payload_type, 96);
    assert_int_equal(packet.sequence, 258);
    assert_int_equal(packet.payload.size, 1);
    assert_true(rtp_read((struct bytes){ full, sizeof full }, &packet)); /* source, extension, padding */
    assert_false(packet.marker);
    assert_int_equal(packet.payload.size, 2);
    assert_int_equal(packet.payload.data[0], 'y');
    for (size_t size = 0; size < 25; size++)
        assert_false(rtp_read((struct bytes){ full, size }, &packet) && packet.payload.size > 1);
    assert_false(rtp_read((struct bytes){ (const uint8_t *)"RTSP/1.0 200 OK", 15 }, &packet));
}

static void a_sender_report_tells_the_clock(void **state)
{
    (void)state;
    /* 2026-01-05T00:30:00.500Z in seconds since 1900 */
    const uint8_t report[28] = { 0x80, 200, 0, 6, 0, 0, 0, 1, 0xed, 0x05, 0xf7, 0xd8, 0x80 };
    assert_int_equal(rtcp_sender_clock_ms((struct bytes){ report, sizeof report }),
                     (INT64_C(0xed05f7d8) - INT64_C(2208988800)) * 1000 + 500);
    assert_int_equal(rtcp_sender_clock_ms((struct bytes){ report, 15 }), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_say_the_size_of_pictures),
        cmocka_unit_test(a_key_frame_comes_with_the_sets_of_sdp),
        cmocka_unit_test(without_sets_no_key_frame_is_one),
        cmocka_unit_test(sets_are_taken_from_the_stream),
        cmocka_unit_test(newer_sets_replace_older_ones),
        cmocka_unit_test(fragments_are_put_together),
        cmocka_unit_test(a_lost_packet_costs_the_way_to_the_next_key_frame),
        cmocka_unit_test(a_repeated_packet_is_no_news_and_a_restarted_count_is_no_end),
        cmocka_unit_test(garbage_harms_nothing_but_its_own_unit),
        cmocka_unit_test(a_camera_without_markers_is_read_by_its_clock),
        cmocka_unit_test(a_unit_beyond_the_bus_is_given_up),
        cmocka_unit_test(heads_of_all_kinds_are_read),
        cmocka_unit_test(a_sender_report_tells_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
