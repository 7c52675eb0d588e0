/* What is wrong with cameras.yaml and wall.yaml is told, each with its place. */
#include "support.h"

#define CHECK(...) EXPECT_ERRORS(NULL, NULL, __VA_ARGS__)

static void cameras_have_an_address_and_a_place(void **state)
{
    (void)state;
    CHECK({ "cameras.yaml",
            "cameras:\n"
            "  - {id: c, name: x, url: \"http://h/1\", lat: 39.9, lon: 216.4, bearing_deg: 360}\n"
            "  - {id: c, name: x, url: \"rtsp://h/1\", lat: 39.9, lon: 116.4, area: g3}\n",
            "cameras.yaml:2:46: 39.9, 216.4 is not a place; expected lat from -90 to 90 and lon from -180 to 180\n"
            "cameras.yaml:2:27: 'http://h/1' is not a camera's address; expected rtsp://HOST:PORT/PATH, "
            "onvif(s)://HOST, or gb28181://DEVICE/CHANNEL (20 digits each)\n"
            "cameras.yaml:2:77: 360 is not a bearing; expected 0 (north) up to 360 degrees\n"
            "cameras.yaml:3:70: no area 'g3'; did you mean 'g1'?\n"
            "cameras.yaml:3:10: id 'c' is taken since line 2\n" });
    CHECK({ "cameras.yaml",
            "cameras:\n"
            "  - {id: c, name: x, url: \"rtsp://h/1\", lat: 39.9, lon: 116.4, mobile: true}\n",
            "cameras.yaml:2:72: only a camera at gb28181:// says where it is\n" });
    CHECK({ "cameras.yaml",
            "cameras:\n"
            "  - {id: c, name: x, url: \"rtsp://h/1\", sub_url: h/2, sub_wide_px: 1, lat: 39.9, lon: 116.4}\n"
            "limits: {pulled: 0}\n"
            "health:\n"
            "  minutes: 2000\n"
            "  troubles:\n"
            "    - {trouble: dusty, service: P0102, visits: 0}\n"
            "evidence: {keep_days: 0, services: [P0102]}\n",
            "cameras.yaml:2:68: sub_wide_px: 1 is not between 16 and 16384\n"
            "cameras.yaml:2:50: 'h/2' is not a camera's address; expected rtsp://HOST:PORT/PATH, "
            "onvif(s)://HOST, or gb28181://DEVICE/CHANNEL (20 digits each)\n"
            "cameras.yaml:3:18: pulled: 0 is not between 1 and 100000\n"
            "cameras.yaml:5:12: minutes: 2000 is not between 0 and 1440\n"
            "cameras.yaml:7:17: 'dusty' is no trouble of a camera; expected lost, black, covered, blurred, frozen or "
            "wrong_time\n"
            "cameras.yaml:7:33: no service 'P0102'; did you mean 'P0101'?\n"
            "cameras.yaml:7:48: visits: 0 is not between 1 and 100\n"
            "cameras.yaml:8:23: keep_days: 0 is not between 1 and 3650\n"
            "cameras.yaml:8:37: no service 'P0102'; did you mean 'P0101'?\n" });
}

#define ONVIF_CAMERA(address) "cameras:\n  - {id: c, name: x, url: \"onvif://" address "\", lat: 39.9, lon: 116.4}\n"

static void onvif_addresses_are_read_to_their_end_and_do_not_show_the_password(void **state)
{
    (void)state;
    CHECK({ "cameras.yaml", ONVIF_CAMERA("u:secret@h?stream=side"),
            "cameras.yaml:2:27: camera address: 'stream=side'; expected stream=main, stream=sub, profile=TOKEN or "
            "host=given\n" });
    CHECK({ "cameras.yaml", ONVIF_CAMERA("h?profile=P1&stream=sub"),
            "cameras.yaml:2:27: camera address: a profile is a stream; stream=sub beside it means nothing\n" });
    CHECK({ "cameras.yaml", ONVIF_CAMERA("h/x?profile="),
            "cameras.yaml:2:27: camera address: 'profile='; expected stream=main, stream=sub, profile=TOKEN or "
            "host=given\n" });
}

#define GB_CAMERA(address) "cameras:\n  - {id: c, name: x, url: \"gb28181://" address "\", lat: 39.9, lon: 116.4}\n"
#define GB_DEVICE "34020000001110000001"
#define GB_CHANNEL "34020000001310000001"

static void devices_of_gb28181_have_ids_of_20_digits_and_somebody_to_reach(void **state)
{
    (void)state;
    CHECK({ "cameras.yaml", GB_CAMERA(GB_DEVICE "/" GB_CHANNEL),
            "cameras.yaml:2:27: 'gb28181://34020000001110000001/34020000001310000001': cameras.yaml says no `gb28181`, "
            "by "
            "which such devices would reach us\n" });
    CHECK({ "cameras.yaml", GB_CAMERA(GB_DEVICE "/" GB_CHANNEL "?stream=9") "gb28181: {id: \"34020000002000000001\"}\n",
            "cameras.yaml:2:27: 'gb28181://34020000001110000001/34020000001310000001?stream=9' is not a camera's "
            "address; "
            "expected rtsp://HOST:PORT/PATH, onvif(s)://HOST, or gb28181://DEVICE/CHANNEL (20 digits each)\n" });
    CHECK({ "cameras.yaml",
            "cameras: []\n"
            "gb28181:\n"
            "  id: \"3402\"\n"
            "  listen: localhost\n"
            "  media: sctp\n"
            "  media_port: 65000\n"
            "  alarms:\n"
            "    - {method: smell, service: P0102}\n",
            "cameras.yaml:5:10: 'sctp': expected tcp or udp\n"
            "cameras.yaml:3:7: '3402' is not an id of GB/T 28181; expected 20 digits\n"
            "cameras.yaml:4:11: 'localhost' is not an IPv4 address\n"
            "cameras.yaml:3:3: there are no 1000 ports from 65000 on\n"
            "cameras.yaml:8:32: no service 'P0102'; did you mean 'P0101'?\n"
            "cameras.yaml:8:16: 'smell' is no alarm method; expected phone, device, message, gps, video, fault or "
            "other\n" });
}

static void scenes_have_a_grid_and_cameras_of_the_book(void **state)
{
    (void)state;
    CHECK({ "wall.yaml",
            "scenes:\n"
            "  - {id: a, name: x, columns: 13, rows: 0, dwell_s: 4}\n"
            "  - {id: a, name: x, columns: 2, rows: 3, large: 3, cameras: [cam-x]}\n",
            "wall.yaml:2:31: columns: 13 is not between 1 and 12\n"
            "wall.yaml:2:41: rows: 0 is not between 1 and 12\n"
            "wall.yaml:2:53: dwell_s: 4 is not between 5 and 3600\n"
            "wall.yaml:3:50: a tile of 3 x 3 cells does not fit into a grid of 2 x 3\n"
            "wall.yaml:3:63: no camera 'cam-x'\n"
            "wall.yaml:3:10: id 'a' is taken since line 2\n" },
          { "wall.yaml",
            "scenes: []\n"
            "popup: {cameras: 5, within_m: 0, dwell_s: 4, priority_at_most: 6, sources: [sensor]}\n",
            "wall.yaml:2:18: cameras: 5 is not between 0 and 4\n"
            "wall.yaml:2:31: within_m: 0 is not between 1 and 100000\n"
            "wall.yaml:2:43: dwell_s: 4 is not between 5 and 3600\n"
            "wall.yaml:2:64: priority_at_most: 6 is not between 0 and 5\n" });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cameras_have_an_address_and_a_place),
        cmocka_unit_test(onvif_addresses_are_read_to_their_end_and_do_not_show_the_password),
        cmocka_unit_test(devices_of_gb28181_have_ids_of_20_digits_and_somebody_to_reach),
        cmocka_unit_test(scenes_have_a_grid_and_cameras_of_the_book),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
