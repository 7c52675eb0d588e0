/* Program streams in packets of RTP, as devices of GB/T 28181 send them: what is whole becomes access units, whatever stands around it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/cameras/gb28181/ps.h"
#include "proto/base/crypto.h"

/* Of x264 and x265, 640x360. */
#define SPS "Z0LAFtoCgL/lwFqDAwNSgAAAAwCAAAAPR4sXUA=="
#define PPS "aM48gA=="
#define H265_SETS \
    "QAEMAf//AWAAAAMAkAAAAwAAAwA/ugJA", \
        "QgEBAWAAAAMAkAAAAwAAAwA/oAUCAXHy5bpKTC//AAEAAWoMDAwIAAADAAgAAAMAeEA=", "RAHAcYMS"

struct stage {
    struct ps ps;
    struct buffer stream; /* of the picture that is written */
    uint16_t sequence;
    uint32_t timestamp;
    int units, keys;
    size_t size;
    enum frame_codec codec;
    uint16_t width;
};

static void hear(void *context, const struct source_unit *unit)
{
    struct stage *stage = context;
    stage->units++;
    stage->keys += unit->key;
    stage->size = unit->bytes.size;
    stage->codec = unit->codec;
    stage->width = unit->width;
}

static int set_up(void **state)
{
    static struct stage stage;
    stage = (struct stage){ .sequence = 65530, .timestamp = 90000 };
    ps_begin(&stage.ps, hear, &stage);
    *state = &stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    ps_finish(&stage->ps);
    buffer_finish(&stage->stream);
    return 0;
}

/* ---- a device ---- */

static void put_nal(struct buffer *out, const char *base64)
{
    buffer_append(out, "\0\0\0\1", 4);
    assert_int_equal(base64_decode(base64, out), 0);
}

static void put_slice(struct buffer *out, const void *head, size_t head_size, size_t size)
{
    buffer_append(out, "\0\0\0\1", 4);
    buffer_append(out, head, head_size);
    memset(buffer_reserve(out, size), 0x5a, size);
    out->size += size;
}

static void put_pack(struct stage *stage)
{
    static const uint8_t pack[] = { 0, 0, 1, 0xba, 0x44, 0, 4, 0, 4, 1, 0, 0, 3, 0xfa, 0xff, 0xff };
    buffer_append(&stage->stream, pack, sizeof pack); /* with two bytes of stuffing */
}

static void put_map(struct stage *stage, uint8_t type)
{
    const uint8_t map[] = { 0,    0,    1, 0xbb, 0, 6,  0x80, 0,    1, 0x21, 0xff, 0xe0, /* a system header */
                            0,    0,    1, 0xbc, 0, 18, 0xe1, 0xff, 0, 0,    0,    8,    type, 0xe0, 0, 0, /* the map */
                            0x90, 0xc0, 0, 0,    1, 2,  3,    4 };
    buffer_append(&stage->stream, map, sizeof map);
}

/* A PES packet; `length` false: it does not say how long it is. */
static void put_pes(struct stage *stage, uint8_t code, bool length, struct bytes payload)
{
    size_t size = length ? payload.size + 8 : 0;
    const uint8_t head[] = { 0, 0, 1, code, (uint8_t)(size >> 8), (uint8_t)size, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1 };
    buffer_append(&stage->stream, head, sizeof head);
    buffer_append(&stage->stream, payload.data, payload.size);
}

/* What stands there, in packets of so many bytes; some may be left out on the way. */
static void send_but(struct stage *stage, size_t piece, bool marker, int lost)
{
    for (size_t at = 0, i = 0; at < stage->stream.size; at += piece, i++) {
        size_t left = stage->stream.size - at, size = left < piece ? left : piece;
        struct rtp_packet packet = { .marker = marker && size == left,
                                     .sequence = stage->sequence++,
                                     .timestamp = stage->timestamp,
                                     .ssrc = 100000001,
                                     .payload = { stage->stream.bytes + at, size } };
        if ((int)i != lost)
            ps_push(&stage->ps, &packet);
    }
    buffer_clear(&stage->stream);
    stage->timestamp += 3600;
}

static void send(struct stage *stage, size_t piece)
{
    send_but(stage, piece, true, -1);
}

static void put_picture(struct stage *stage, bool key, bool map, size_t size)
{
    struct buffer video = { 0 };
    put_pack(stage);
    if (key && map)
        put_map(stage, 0x1b);
    if (key) {
        put_nal(&video, SPS);
        put_nal(&video, PPS);
    }
    put_slice(&video, key ? "\x65" : "\x41", 1, size);
    put_pes(stage, 0xe0, true, buffer_view(&video));
    buffer_finish(&video);
}

/* ---- what becomes of it ---- */

static void pictures_come_whole_however_they_are_cut(void **state)
{
    static const size_t pieces[] = { 1400, 333, 17, 1 };
    struct stage *stage = *state;
    for (int i = 0; i < 4; i++) {
        put_picture(stage, true, true, 3000);
        send(stage, pieces[i]);
        assert_int_equal(stage->units, 2 * i + 1);
        assert_int_equal(stage->keys, i + 1);
        assert_int_equal(stage->width, 640);
        assert_int_equal(stage->codec, FRAME_H264);
        put_picture(stage, false, false, 500);
        send(stage, pieces[i]);
        assert_int_equal(stage->size, 4 + 1 + 500);
    }
    assert_int_equal(stage->ps.packets_broken + stage->ps.packets_lost, 0);
}

static void without_a_map_the_parameter_sets_say_what_it_is(void **state)
{
    struct stage *stage = *state;
    put_picture(stage, false, false, 100); /* nobody knows yet */
    send(stage, 1400);
    assert_int_equal(stage->units, 0);
    put_picture(stage, true, false, 100);
    send(stage, 1400);
    assert_int_equal(stage->keys, 1);
    assert_int_equal(stage->codec, FRAME_H264);
}

static void h265_is_read_with_a_map_and_without(void **state)
{
    struct stage *stage = *state;
    const char *const sets[] = { H265_SETS };
    for (int map = 1; map >= 0; map--) {
        struct buffer video = { 0 };
        put_pack(stage);
        if (map)
            put_map(stage, 0x24);
        for (int i = 0; i < 3; i++)
            put_nal(&video, sets[i]);
        put_slice(&video, "\x26\x01", 2, 200);
        put_pes(stage, 0xe0, true, buffer_view(&video));
        send(stage, 1400);
        buffer_finish(&video);
        assert_int_equal(stage->keys, 2 - map);
        assert_int_equal(stage->codec, FRAME_H265);
    }
}

static void a_long_picture_comes_in_several_packets_of_the_stream(void **state)
{
    struct stage *stage = *state;
    struct buffer video = { 0 };
    put_nal(&video, SPS);
    put_nal(&video, PPS);
    put_slice(&video, "\x65", 1, 150000);
    put_pack(stage);
    put_map(stage, 0x1b);
    for (size_t at = 0; at < video.size; at += 65000)
        put_pes(stage, 0xe0, true,
                (struct bytes){ video.bytes + at, video.size - at < 65000 ? video.size - at : 65000 });
    send(stage, 1400);
    assert_int_equal(stage->keys, 1);
    assert_int_equal(stage->size, video.size);
    /* … or in one that does not say how long it is, up to the next pack header */
    put_pack(stage);
    put_pes(stage, 0xe0, false, buffer_view(&video));
    send(stage, 1400);
    assert_int_equal(stage->keys, 2);
    assert_int_equal(stage->size, video.size);
    put_picture(stage, false, false, 100);
    send(stage, 1400);
    assert_int_equal(stage->units, 3);
    buffer_finish(&video);
}

static void without_markers_a_picture_ends_with_the_next_time(void **state)
{
    struct stage *stage = *state;
    put_picture(stage, true, true, 3000);
    send_but(stage, 1400, false, -1);
    assert_int_equal(stage->units, 0);
    put_picture(stage, false, false, 100);
    send_but(stage, 1400, false, -1);
    assert_int_equal(stage->units, 1);
    assert_int_equal(stage->keys, 1);
}

static void sound_and_private_data_are_left_out(void **state)
{
    struct stage *stage = *state;
    uint8_t sound[700] = { 0, 0, 1, 0xba }; /* what looks like a pack header inside is none */
    put_picture(stage, true, true, 100);
    put_pes(stage, 0xc0, true, (struct bytes){ sound, sizeof sound });
    put_pes(stage, 0xbd, true, (struct bytes){ sound, 3 });
    send(stage, 100);
    assert_int_equal(stage->units, 1);
    put_picture(stage, false, false, 100);
    send(stage, 1400);
    assert_int_equal(stage->units, 2);
    assert_int_equal(stage->ps.packets_broken, 0);
}

static void a_lost_packet_costs_the_pictures_up_to_the_next_key_frame(void **state)
{
    struct stage *stage = *state;
    put_picture(stage, true, true, 5000);
    send(stage, 1400);
    put_picture(stage, false, false, 5000);
    send_but(stage, 1400, true, 1);
    put_picture(stage, false, false, 100);
    send(stage, 1400);
    assert_int_equal(stage->units, 1);
    assert_int_equal(stage->ps.packets_lost, 1);
    put_picture(stage, true, true, 100);
    send(stage, 1400);
    put_picture(stage, false, false, 100);
    send(stage, 1400);
    assert_int_equal(stage->units, 3);
}

static void who_begins_in_the_middle_waits_for_a_pack_header(void **state)
{
    struct stage *stage = *state;
    buffer_append(&stage->stream, "\x12\x34\0\0\1\xe0\0\0", 8);
    send(stage, 1400);
    put_picture(stage, true, true, 100);
    send(stage, 1400);
    assert_int_equal(stage->units, 1);
}

static void nonsense_is_counted_and_left_behind(void **state)
{
    struct stage *stage = *state;
    put_picture(stage, true, true, 100);
    send(stage, 1400);
    put_pack(stage);
    buffer_append(&stage->stream, "\0\0\1\x77 no such start code", 24);
    send(stage, 1400);
    assert_int_equal(stage->ps.packets_broken, 1);
    put_picture(stage, true, true, 100);
    send(stage, 1400);
    assert_int_equal(stage->keys, 2);
}

static void a_packet_that_comes_twice_counts_once(void **state)
{
    struct stage *stage = *state;
    put_picture(stage, true, true, 100);
    send(stage, 1400);
    stage->sequence--;
    put_picture(stage, true, true, 100);
    send(stage, 1400);
    assert_int_equal(stage->units, 1);
}

static void video_of_another_kind_is_named(void **state)
{
    struct stage *stage = *state;
    put_pack(stage);
    put_map(stage, 0x80); /* SVAC */
    send(stage, 1400);
    assert_int_equal(stage->ps.unreadable, 0x80);
}

#define PS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PS_TEST(pictures_come_whole_however_they_are_cut),
        PS_TEST(without_a_map_the_parameter_sets_say_what_it_is),
        PS_TEST(h265_is_read_with_a_map_and_without),
        PS_TEST(a_long_picture_comes_in_several_packets_of_the_stream),
        PS_TEST(without_markers_a_picture_ends_with_the_next_time),
        PS_TEST(sound_and_private_data_are_left_out),
        PS_TEST(a_lost_packet_costs_the_pictures_up_to_the_next_key_frame),
        PS_TEST(who_begins_in_the_middle_waits_for_a_pack_header),
        PS_TEST(nonsense_is_counted_and_left_behind),
        PS_TEST(a_packet_that_comes_twice_counts_once),
        PS_TEST(video_of_another_kind_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
