/* A session with a camera that is written down: what is asked, what is understood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/cameras/rtsp_session.h"

#define URL "rtsp://admin:a%20b@192.0.2.7/stream?channel=1"
#define ADDRESS "rtsp://192.0.2.7/stream?channel=1"
#define SDP \
    "v=0\r\ns=x\r\na=control:*\r\nm=audio 0 RTP/AVP 0\r\na=control:track1\r\nm=video 0 RTP/AVP 97\r\na=rtpmap:97 " \
    "H264/90000\r\na=fmtp:97 packetization-mode=1; " \
    "sprop-parameter-sets=Z0LAFtoCgL/lwFqDAwNSgAAAAwCAAAAPR4sXUA==,aM48gA==" \
    "\r\na=control:track2\r\n"

struct stage {
    struct rtsp_session session;
    struct buffer asked;
    struct fault fault;
    int units;
    int64_t clock_ahead_ms;
    bool begun;
};

enum { NOW_MS = 1000000 };

static void hear(void *context, const struct source_unit *unit)
{
    struct stage *stage = context;
    stage->units++;
    assert_int_equal(unit->capture_ms, NOW_MS);
    stage->clock_ahead_ms = unit->clock_ahead_ms;
}

static void begin(struct stage *stage, const char *url)
{
    *stage = (struct stage){ .begun = true };
    struct source_sink sink = { .unit = hear, .context = stage };
    const uint8_t random[8] = { 1 };
    if (rtsp_session_begin(&stage->session, url, random, &sink, &stage->asked, &stage->fault) < 0)
        fail_msg("%s", stage->fault.text);
}

static void end(struct stage *stage)
{
    rtsp_session_finish(&stage->session);
    buffer_finish(&stage->asked);
}

/* The camera answers; what was asked before is forgotten. */
static int64_t answer(struct stage *stage, const char *words)
{
    buffer_clear(&stage->asked);
    struct bytes received = { (const uint8_t *)words, strlen(words) };
    return rtsp_session_feed(&stage->session, received, NOW_MS, 1000, &stage->asked, &stage->fault);
}

static void assert_asked(struct stage *stage, const char *words)
{
    if (!strstr(buffer_string(&stage->asked), words))
        fail_msg("asked:\n%s\nexpected '%s' in it", buffer_string(&stage->asked), words);
}

static void describe(struct stage *stage, const char *more, const char *sdp)
{
    char words[4000];
    snprintf(words, sizeof words, "RTSP/1.0 200 OK\r\nCSeq: %u\r\n%sContent-Length: %zu\r\n\r\n%s",
             stage->session.sequence, more, strlen(sdp), sdp);
    if (answer(stage, words) < 0)
        fail_msg("%s", stage->fault.text);
}

static void play(struct stage *stage)
{
    char words[400];
    describe(stage, "", SDP);
    snprintf(words, sizeof words,
             "RTSP/1.0 200 OK\r\nCSeq: %u\r\nSession: 4711;timeout=20\r\nTransport: "
             "RTP/AVP/TCP;interleaved=4-5\r\n\r\n",
             stage->session.sequence);
    assert_true(answer(stage, words) > 0);
    assert_asked(stage, "PLAY " ADDRESS " RTSP/1.0\r\n");
    assert_asked(stage, "Session: 4711\r\n");
    snprintf(words, sizeof words, "RTSP/1.0 200 OK\r\nCSeq: %u\r\n\r\n", stage->session.sequence);
    assert_true(answer(stage, words) > 0);
    assert_int_equal(stage->asked.size, 0);
}

static void from_describe_to_pictures(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, URL);
    assert_asked(&stage, "DESCRIBE " ADDRESS " RTSP/1.0\r\nCSeq: 1\r\n");
    assert_null(strstr(buffer_string(&stage.asked), "admin")); /* nobody asked who we are */
    describe(&stage, "", SDP);
    assert_asked(&stage, "SETUP " ADDRESS "/track2 RTSP/1.0\r\n");
    end(&stage);
    begin(&stage, URL);
    play(&stage);
    const char packets[] = "$\4\0\20\200\341\0\1\0\0\0\0\0\0\0\7\145\210\1\2" /* a key frame */
                           "$\6\0\1x"                                         /* of another channel */
                           "$\4\0\20\200\341\0";                              /* not all there */
    struct bytes received = { (const uint8_t *)packets, sizeof packets - 1 };
    assert_int_equal(rtsp_session_feed(&stage.session, received, NOW_MS, 1000, &stage.asked, &stage.fault), 25);
    assert_int_equal(stage.units, 1);
    assert_true(stage.clock_ahead_ms == SOURCE_CLOCK_UNKNOWN);
    end(&stage);
}

static void the_base_is_the_cameras(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, URL);
    describe(&stage, "Content-Base: rtsp://10.0.0.1/other/\r\n", SDP);
    assert_asked(&stage, "SETUP rtsp://10.0.0.1/other/track2 RTSP/1.0\r\n");
    end(&stage);
}

static void a_session_is_kept_alive_in_time(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, URL);
    play(&stage);
    rtsp_session_tick(&stage.session, 1000 + 9999, &stage.asked);
    assert_int_equal(stage.asked.size, 0);
    rtsp_session_tick(&stage.session, 1000 + 10000, &stage.asked); /* half of what the camera said */
    assert_asked(&stage, "GET_PARAMETER " ADDRESS " RTSP/1.0\r\n");
    assert_true(answer(&stage, "RTSP/1.0 501 Not Implemented\r\nCSeq: 4\r\n\r\n") > 0);
    assert_asked(&stage, "OPTIONS ");
    assert_true(answer(&stage, "RTSP/1.0 200 OK\r\nCSeq: 5\r\n\r\n") > 0);
    assert_int_equal(stage.asked.size, 0);
    rtsp_session_tick(&stage.session, 1000 + 20000, &stage.asked);
    assert_asked(&stage, "OPTIONS ");
    assert_true(answer(&stage, "RTSP/1.0 454 Session Not Found\r\nCSeq: 6\r\n\r\n") < 0);
    end(&stage);
}

static void who_we_are_is_told_once_for_each_challenge(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, URL);
    const char *first = "RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Digest realm=\"r\", "
                        "nonce=\"n\"\r\n\r\n";
    assert_true(answer(&stage, first) > 0);
    assert_asked(&stage, "DESCRIBE " ADDRESS " RTSP/1.0\r\nCSeq: 2\r\n");
    assert_asked(&stage, "Authorization: Digest username=\"admin\", realm=\"r\", nonce=\"n\", uri=\"" ADDRESS "\"");
    assert_true(answer(&stage, "RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm=\"r\", "
                               "nonce=\"n\"\r\n\r\n") == -EACCES);
    assert_null(strstr(stage.fault.text, "a b"));
    end(&stage);
    begin(&stage, "rtsp://192.0.2.7/x");
    assert_true(answer(&stage, first) == -EACCES);
    end(&stage);
}

/* A 401 with that nonce; what else the camera says of it. */
static int64_t challenge(struct stage *stage, const char *nonce, const char *more)
{
    char words[400];
    snprintf(words, sizeof words,
             "RTSP/1.0 401 Unauthorized\r\nCSeq: %u\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"%s\"%s\r\n\r\n",
             stage->session.sequence, nonce, more);
    return answer(stage, words);
}

static void a_password_is_tried_once_whatever_the_challenges_are(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, URL);
    assert_true(challenge(&stage, "one", "") > 0);
    assert_asked(&stage, "nonce=\"one\"");
    assert_int_equal(challenge(&stage, "two", ""), -EACCES); /* a fresh one with each 401 */
    assert_string_equal(stage.fault.text, SOURCE_REFUSED);
    assert_int_equal(stage.asked.size, 0);
    end(&stage);
    begin(&stage, URL);
    assert_true(challenge(&stage, "one", "") > 0);
    assert_int_equal(challenge(&stage, "two", ", stale=false"), -EACCES);
    end(&stage);
}

static void a_challenge_that_is_over_is_not_a_refusal(void **state)
{
    (void)state;
    struct stage stage;
    char nonce[8];
    begin(&stage, URL);
    assert_true(challenge(&stage, "one", "") > 0);
    assert_true(challenge(&stage, "two", ", stale=true") > 0);
    assert_asked(&stage, "nonce=\"two\"");
    describe(&stage, "", SDP);
    assert_true(challenge(&stage, "three", "") > 0); /* good for one request each */
    assert_asked(&stage, "SETUP ");
    assert_asked(&stage, "nonce=\"three\"");
    int64_t result = 1;
    for (int i = 0; result > 0 && i < 20; i++) { /* nor does one that says so without end have us for ever */
        snprintf(nonce, sizeof nonce, "x%d", i);
        result = challenge(&stage, nonce, ", stale=TRUE");
    }
    assert_int_equal(result, -EACCES);
    end(&stage);
}

static void a_camera_that_asks_and_does_not_read_is_left(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, URL);
    const char *question = "OPTIONS * RTSP/1.0\r\nCSeq: 77\r\n\r\n";
    struct bytes received = { (const uint8_t *)question, strlen(question) };
    int64_t used = 1;
    for (int i = 0; used > 0 && i < 100000; i++)
        used = rtsp_session_feed(&stage.session, received, NOW_MS, 1000, &stage.asked, &stage.fault);
    assert_int_equal(used, -EPROTO);
    assert_string_equal(stage.fault.text, "the camera asks without end and does not read the answers");
    assert_true(stage.asked.size < RTSP_OUT_BYTES + 100);
    end(&stage);
}

static void refusals_say_what_the_camera_said(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, URL);
    assert_true(answer(&stage, "RTSP/1.0 404 Stream Not Found\r\nCSeq: 1\r\n\r\n") == -EPROTO);
    assert_string_equal(stage.fault.text, "the camera answers DESCRIBE with 404 Stream Not Found");
    end(&stage);
    begin(&stage, URL);
    describe(&stage, "", SDP);
    assert_true(answer(&stage, "RTSP/1.0 461 Unsupported transport\r\nCSeq: 2\r\n\r\n") == -EPROTONOSUPPORT);
    end(&stage);
    begin(&stage, URL);
    assert_true(answer(&stage, "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 27\r\n\r\nv=0\nm=video 0 RTP/AVP "
                               "26\n\n\n") == -EINVAL);
    assert_string_equal(stage.fault.text, "the camera offers no H.264 or H.265: video 0 RTP/AVP 26");
    end(&stage);
}

static void a_camera_may_ask_and_tell_the_time(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, URL);
    assert_true(answer(&stage, "OPTIONS * RTSP/1.0\r\nCSeq: 77\r\n\r\n") > 0);
    assert_string_equal(buffer_string(&stage.asked), "RTSP/1.0 200 OK\r\nCSeq: 77\r\n\r\n");
    describe(&stage, "Date: Thu, 01 Jan 1970 00:30:00 GMT\r\n", SDP);
    assert_int_equal(stage.session.clock_ahead_ms, 1800000 - NOW_MS);
    end(&stage);
}

static void an_answer_to_an_older_request_is_none(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, URL);
    assert_true(answer(&stage, "RTSP/1.0 404 Not Found\r\nCSeq: 9\r\n\r\n") > 0);
    assert_int_equal(stage.session.step, RTSP_STEP_DESCRIBE);
    assert_true(answer(&stage, "HTTP/1.1 400 Bad Request\r\n\r\n") < 0);
    end(&stage);
}

/* ---- addresses, descriptions ---- */

static void addresses_are_read(void **state)
{
    (void)state;
    struct camera_url url;
    assert_int_equal(camera_url_read(URL, "rtsp", "554", &url, NULL), 0);
    assert_string_equal(url.host, "192.0.2.7");
    assert_string_equal(url.port, "554");
    assert_string_equal(url.user, "admin");
    assert_string_equal(url.password, "a b");
    assert_string_equal(url.address, ADDRESS);
    assert_int_equal(camera_url_read("rtsp://u:p@w@[2001:db8::1]:8554", "rtsp", "554", &url, NULL), 0);
    assert_string_equal(url.host, "2001:db8::1");
    assert_string_equal(url.port, "8554");
    assert_string_equal(url.password, "p@w");
    const char *const wrong[] = { "http://a/",      "rtsp:///x",       "rtsp://a:0/",  "rtsp://a:65536/",
                                  "rtsp://a:x/",    "rtsp://[::1/",    "rtsp://a/b c", "rtsp://a/\r\nX: y",
                                  "rtsp://u%0d@a/", "rtsp://u%22:p@a/" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(camera_url_read(wrong[i], "rtsp", "554", &url, NULL), -EINVAL);
}

static void the_first_stream_that_we_can_read_is_found(void **state)
{
    (void)state;
    struct sdp_video video;
    struct fault fault;
    const char *sdp = "v=0\nm=video 0 RTP/AVP 26\na=control:jpeg\nm=video 0 RTP/AVP 98\na=rtpmap:98 H265/90000\n"
                      "a=fmtp:98 sprop-vps=AA==; sprop-sps=BB==;sprop-pps=CC==\na=control:rtsp://h/abs\n"
                      "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:later\n";
    assert_int_equal(sdp_find_video((struct bytes){ (const uint8_t *)sdp, strlen(sdp) }, &video, &fault), 0);
    assert_int_equal(video.codec, FRAME_H265);
    assert_int_equal(video.payload_type, 98);
    assert_string_equal(video.control, "rtsp://h/abs");
    assert_string_equal(video.sprop, "AA==,BB==,CC==");
    char url[64];
    sdp_control_url("rtsp://h/a", "track", url, sizeof url);
    assert_string_equal(url, "rtsp://h/a/track");
    sdp_control_url("rtsp://h/a/", "/track", url, sizeof url);
    assert_string_equal(url, "rtsp://h/a/track");
    sdp_control_url("rtsp://h/a", "*", url, sizeof url);
    assert_string_equal(url, "rtsp://h/a");
    assert_int_equal(sdp_control_url("rtsp://h/a", "much", url, 5), -EMSGSIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_describe_to_pictures),
        cmocka_unit_test(the_base_is_the_cameras),
        cmocka_unit_test(a_session_is_kept_alive_in_time),
        cmocka_unit_test(who_we_are_is_told_once_for_each_challenge),
        cmocka_unit_test(a_password_is_tried_once_whatever_the_challenges_are),
        cmocka_unit_test(a_challenge_that_is_over_is_not_a_refusal),
        cmocka_unit_test(a_camera_that_asks_and_does_not_read_is_left),
        cmocka_unit_test(refusals_say_what_the_camera_said),
        cmocka_unit_test(a_camera_may_ask_and_tell_the_time),
        cmocka_unit_test(an_answer_to_an_older_request_is_none),
        cmocka_unit_test(addresses_are_read),
        cmocka_unit_test(the_first_stream_that_we_can_read_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
