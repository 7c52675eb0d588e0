#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/cameras/rtsp_digest.h"

static struct bytes text(const char *words)
{
    return (struct bytes){ (const uint8_t *)words, strlen(words) };
}

static void assert_text(struct bytes value, const char *expected)
{
    assert_int_equal(value.size, strlen(expected));
    assert_memory_equal(value.data, expected, value.size);
}

static int take(const char *words, struct rtsp_message *message)
{
    return rtsp_message_take(text(words), message, NULL);
}

#define DESCRIBED \
    "RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-base : rtsp://a/b/ \r\nContent-Type:application/sdp\r\n" \
    "Content-Length: 4\r\n\r\nv=0\n"

static void an_answer_is_taken_whole(void **state)
{
    (void)state;
    struct rtsp_message message;
    assert_int_equal(take(DESCRIBED "$", &message), strlen(DESCRIBED));
    assert_int_equal(message.status, 200);
    assert_text(message.reason, "OK");
    assert_text(rtsp_header(&message, "cseq"), "2");
    assert_text(rtsp_header(&message, "Content-Base"), "rtsp://a/b/");
    assert_text(message.body, "v=0\n");
    assert_null(rtsp_header(&message, "Session").data);
}

static void part_of_an_answer_is_waited_for(void **state)
{
    (void)state;
    struct rtsp_message message;
    for (size_t size = 0; size < strlen(DESCRIBED); size++) {
        struct bytes part = { (const uint8_t *)DESCRIBED, size };
        assert_int_equal(rtsp_message_take(part, &message, NULL), 0);
    }
}

static void a_request_is_taken(void **state)
{
    (void)state;
    struct rtsp_message message;
    const char *words = "\r\nPLAY rtsp://h:1/a b RTSP/1.0\nCSeq: 7\n\n";
    assert_int_equal(take(words, &message), strlen(words));
    assert_int_equal(message.status, 0);
    assert_text(message.method, "PLAY");
    assert_text(message.uri, "rtsp://h:1/a b");
}

static void what_is_no_rtsp_is_refused(void **state)
{
    (void)state;
    struct rtsp_message message;
    static char endless[RTSP_HEAD_MAX + 2], many[RTSP_HEAD_MAX];
    memset(endless, 'a', RTSP_HEAD_MAX + 1);
    strcpy(many, "RTSP/1.0 200 OK\r\n");
    for (int i = 0; i <= RTSP_HEADERS_MAX; i++)
        strcat(many, "A: b\r\n");
    const char *const wrong[] = {
        "HTTP/1.1 200 OK\r\n\r\n",
        "RTSP/1.0 abc OK\r\n\r\n",
        "nothing\r\n\r\n",
        "RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        "RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        endless,
        many,
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(take(wrong[i], &message), -EINVAL);
}

static void a_packet_is_taken_whole(void **state)
{
    (void)state;
    struct rtsp_packet packet;
    const uint8_t bytes[] = { '$', 3, 0, 2, 'a', 'b', 'c' };
    for (size_t size = 0; size < 6; size++)
        assert_int_equal(rtsp_packet_take((struct bytes){ bytes, size }, &packet), 0);
    assert_int_equal(rtsp_packet_take((struct bytes){ bytes, sizeof bytes }, &packet), 6);
    assert_int_equal(packet.channel, 3);
    assert_text(packet.bytes, "ab");
}

static void parameters_are_found_in_headers(void **state)
{
    (void)state;
    struct bytes digest = text("Digest realm=\"a, b=c\" , nonce = \"n\",stale=FALSE");
    assert_text(rtsp_parameter(digest, "realm"), "a, b=c");
    assert_text(rtsp_parameter(digest, "nonce"), "n");
    assert_text(rtsp_parameter(digest, "STALE"), "FALSE");
    assert_null(rtsp_parameter(digest, "b").data);
    assert_text(rtsp_parameter(text("12345;timeout=60"), "timeout"), "60");
    assert_int_equal(rtsp_text_number(rtsp_parameter(text("RTP/AVP/TCP;interleaved=4-5"), "interleaved")), 4);
    assert_int_equal(rtsp_text_number(text("1234567890")), -1);
    assert_int_equal(rtsp_text_number(text("x")), -1);
}

/* ---- digest ---- */

static const struct rtsp_identity mufasa = { "Mufasa", "Circle Of Life" }, mufasa_7616 = { "Mufasa", "Circle of Life" };

/* The answer to WWW-Authenticate headers, as a header of ours; returns whether they were worth one. */
static bool challenged(const char *headers, struct rtsp_challenge *challenge)
{
    struct rtsp_message message;
    char words[2000];
    snprintf(words, sizeof words, "RTSP/1.0 401 Unauthorized\r\n%s\r\n", headers);
    assert_true(take(words, &message) > 0);
    return rtsp_challenge_read(&message, challenge);
}

static void answers_as_the_standards_examples(void **state)
{
    (void)state;
    struct {
        const struct rtsp_identity *identity;
        const char *headers, *cnonce, *response;
    } examples[] = {
        { &mufasa,
          "WWW-Authenticate: Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"\r\n", "",
          "670fd8c2df070c60b045671b8b24ff02" }, /* RFC 2069, corrected */
        { &mufasa,
          "WWW-Authenticate: Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
          "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"\r\n",
          "0a4f113b", "6629fae49393a05397450978507c4ef1" }, /* RFC 2617, 3.5 */
        { &mufasa_7616,
          "WWW-Authenticate: Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=MD5, "
          "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\"\r\n"
          "WWW-Authenticate: Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, "
          "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\"\r\n",
          "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
          "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1" }, /* RFC 7616, 3.9.1: the stronger one */
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct rtsp_challenge challenge = { 0 };
        struct buffer out = { 0 };
        assert_true(challenged(examples[i].headers, &challenge));
        rtsp_authorize(&challenge, examples[i].identity, "GET", "/dir/index.html", examples[i].cnonce, &out);
        assert_text(rtsp_parameter(buffer_view(&out), "response"), examples[i].response);
        buffer_finish(&out);
    }
}

static void basic_is_the_last_resort(void **state)
{
    (void)state;
    struct rtsp_challenge challenge = { 0 };
    struct buffer out = { 0 };
    assert_true(challenged("WWW-Authenticate: Basic realm=\"r\"\r\nWWW-Authenticate: Digest realm=\"r\", "
                           "nonce=\"n\"\r\n",
                           &challenge));
    assert_int_equal(challenge.scheme, RTSP_SCHEME_MD5);
    assert_true(challenged("WWW-Authenticate: Basic realm=\"r\"\r\n", &challenge));
    rtsp_authorize(&challenge, &(struct rtsp_identity){ "user", "pass" }, "PLAY", "*", "", &out);
    assert_string_equal(buffer_string(&out), "Authorization: Basic dXNlcjpwYXNz\r\n");
    buffer_finish(&out);
}

static void only_a_new_challenge_is_worth_an_answer(void **state)
{
    (void)state;
    struct rtsp_challenge challenge = { 0 };
    const char *first = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n";
    assert_true(challenged(first, &challenge));
    assert_false(challenged(first, &challenge)); /* that password was wrong */
    assert_true(challenged("WWW-Authenticate: Digest realm=\"r\", nonce=\"m\", stale=true\r\n", &challenge));
    assert_false(
        challenged("WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256\r\n", &challenge));
    assert_int_equal(challenge.scheme, RTSP_SCHEME_NONE);
    assert_false(challenged("", &challenge));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_taken_whole),
        cmocka_unit_test(part_of_an_answer_is_waited_for),
        cmocka_unit_test(a_request_is_taken),
        cmocka_unit_test(what_is_no_rtsp_is_refused),
        cmocka_unit_test(a_packet_is_taken_whole),
        cmocka_unit_test(parameters_are_found_in_headers),
        cmocka_unit_test(answers_as_the_standards_examples),
        cmocka_unit_test(basic_is_the_last_resort),
        cmocka_unit_test(only_a_new_challenge_is_worth_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
