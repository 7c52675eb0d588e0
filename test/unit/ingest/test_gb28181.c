/* SIP of GB/T 28181 without a network: messages, requests of ours, registrations. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/cameras/gb28181/outgoing.h"
#include "ingest/cameras/gb28181/registrar.h"
#include "ingest/cameras/rtsp_digest.h"

#define OWN "34020000002000000001"
#define DEVICE "34020000001110000001"
#define CHANNEL "34020000001310000001"

static struct bytes text(const char *words)
{
    return (struct bytes){ (const uint8_t *)words, strlen(words) };
}

static struct sip_message read_sip(const char *words)
{
    struct sip_message message;
    struct fault fault = { "" };
    if (sip_read(text(words), &message, &fault) < 0)
        fail_msg("%s\n%s", fault.text, words);
    return message;
}

/* ---- messages ---- */

#define HEAD(method, sequence) \
    "Via: SIP/2.0/UDP 10.0.0.9:5070;rport;branch=z9hG4bKabc\r\n" \
    "From: <sip:" DEVICE "@3402000000>;tag=77\r\n" \
    "To: <sip:" DEVICE "@3402000000>\r\n" \
    "Call-ID: 4711@10.0.0.9\r\n" \
    "CSeq: " sequence " " method "\r\n" \
    "Max-Forwards: 70\r\n"
#define KEEPALIVE_BODY \
    "<?xml version=\"1.0\"?>\r\n<Notify><CmdType>Keepalive</CmdType><SN>1</SN><DeviceID>" DEVICE "</" \
    "DeviceID><Status>" \
    "OK</Status></" \
    "Notify>"

static void a_message_is_read_and_answered_where_it_came_from(void **state)
{
    (void)state;
    char request[2048];
    snprintf(request, sizeof request,
             "MESSAGE sip:" OWN "@3402000000 SIP/2.0\r\n" HEAD("MESSAGE", "20") "Content-Type: "
                                                                                "Application/"
                                                                                "MANSCDP+xml\r\nContent-Length: "
                                                                                "%zu\r\n\r\n%s",
             strlen(KEEPALIVE_BODY), KEEPALIVE_BODY);
    struct sip_message message = read_sip(request);
    assert_int_equal(message.status, 0);
    assert_string_equal(message.method, "MESSAGE");
    assert_string_equal(message.from, DEVICE);
    assert_string_equal(message.from_tag, "77");
    assert_string_equal(message.to_tag, "");
    assert_int_equal(message.sequence, 20);
    assert_int_equal(message.expires, -1);
    assert_int_equal(message.body.size, strlen(KEEPALIVE_BODY));
    struct buffer answer = { 0 };
    sip_answer(&message, 200, &(struct sip_place){ "192.0.2.7", 40001 }, "ours", "X: y\r\n", &answer);
    assert_string_equal(buffer_string(&answer), "SIP/2.0 200 OK\r\n"
                                                "Via: SIP/2.0/UDP "
                                                "10.0.0.9:5070;branch=z9hG4bKabc;received=192.0.2.7;rport=40001\r\n"
                                                "From: <sip:" DEVICE "@3402000000>;tag=77\r\n"
                                                "To: <sip:" DEVICE "@3402000000>;tag=ours\r\n"
                                                "Call-ID: 4711@10.0.0.9\r\n"
                                                "CSeq: 20 MESSAGE\r\n"
                                                "User-Agent: Drumtower\r\n"
                                                "X: y\r\n"
                                                "Content-Length: 0\r\n\r\n");
    struct sip_message back = read_sip(buffer_string(&answer));
    assert_int_equal(back.status, 200);
    assert_string_equal(back.method, "MESSAGE");
    assert_string_equal(back.to_tag, "ours");
    sip_release(&back);
    sip_release(&message);
    buffer_finish(&answer);
}

static void our_requests_can_be_read(void **state)
{
    (void)state;
    struct sip_place own = { "192.0.2.1", 5060 }, target = { "192.0.2.7", 5070 };
    struct sip_request request = {
        "INVITE", OWN,    "3402000000", &own, &target,          CHANNEL,           "tag",
        "",       "call", "branch",     1,    "Subject: x\r\n", "APPLICATION/SDP", text("v=0\r\n")
    };
    struct buffer bytes = { 0 };
    sip_put_request(&request, &bytes);
    struct sip_message message = read_sip(buffer_string(&bytes));
    assert_string_equal(message.method, "INVITE");
    assert_string_equal(message.to, CHANNEL);
    assert_string_equal(message.from, OWN);
    assert_string_equal(message.call_id, "call");
    assert_int_equal(message.body.size, 5);
    sip_release(&message);
    buffer_finish(&bytes);
}

static void what_is_no_sip_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "MESSAGE sip:a@b SIP/2.0\r\n\r\n",
        "MESSAGE sip:a@b SIP/2.0\r\n" HEAD("REGISTER", "1") "Content-Length: 0\r\n\r\n", /* two methods */
        "MESSAGE sip:a@b SIP/2.0\r\n" HEAD("MESSAGE", "1") "Content-Length: 99\r\n\r\nshort",
        "SIP/2.0 42 What\r\n" HEAD("MESSAGE", "1") "Content-Length: 0\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct sip_message message;
        struct fault fault = { "" };
        if (sip_read(text(bad[i]), &message, &fault) == 0)
            fail_msg("it was read: %s", bad[i]);
        assert_null(message.parsed);
        assert_true(*fault.text);
    }
}

static void a_long_body_is_read_whole(void **state)
{
    (void)state;
    struct buffer request = { 0 };
    size_t size = 40000;
    buffer_format(&request,
                  "MESSAGE sip:" OWN "@3402000000 SIP/2.0\r\n" HEAD("MESSAGE", "1") "Content-Length: %zu\r\n\r\n",
                  size);
    memset(buffer_reserve(&request, size), 'x', size);
    request.size += size;
    struct sip_message message;
    assert_int_equal(sip_read(buffer_view(&request), &message, NULL), 0);
    assert_int_equal(message.body.size, size);
    sip_release(&message);
    buffer_finish(&request);
}

/* ---- requests that are not answered ---- */

struct sent {
    int count;
    char first[16];
};

static void hear_sent(void *context, const struct sip_place *to, struct bytes bytes)
{
    struct sent *sent = context;
    (void)to;
    sent->count++;
    snprintf(sent->first, sizeof sent->first, "%.7s", (const char *)bytes.data);
}

static void a_request_is_sent_again_until_it_is_answered(void **state)
{
    (void)state;
    struct sent sent = { 0 };
    struct outgoing outgoing = { .send = hear_sent, .context = &sent };
    struct sip_place own = { "192.0.2.1", 5060 }, target = { "192.0.2.7", 5070 };
    struct sip_request request = { "MESSAGE", OWN,    "3402000000", &own, &target, DEVICE, "tag",
                                   "",        "call", "branch",     20,   "",      NULL,   { NULL, 0 } };
    assert_true(outgoing_add(&outgoing, &request, 1000));
    assert_int_equal(sent.count, 1);
    outgoing_tick(&outgoing, 1499);
    assert_int_equal(sent.count, 1);
    outgoing_tick(&outgoing, 1500);
    outgoing_tick(&outgoing, 2500);
    assert_int_equal(sent.count, 3);
    struct sip_message answer = read_sip("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP "
                                         "192.0.2.1:5060;branch=z9hG4bKbranch\r\nFrom: <sip:a@b>;tag=tag\r\n"
                                         "To: <sip:c@d>\r\nCall-ID: call\r\nCSeq: 20 MESSAGE\r\nContent-Length: "
                                         "0\r\n\r\n");
    outgoing_answered(&outgoing, &answer);
    sip_release(&answer);
    assert_int_equal(outgoing.count, 0);
    outgoing_add(&outgoing, &request, 0);
    size_t forgotten = 0;
    for (int64_t now = 0; now < 60000; now += 250)
        forgotten += outgoing_tick(&outgoing, now);
    assert_int_equal(forgotten, 1);
    assert_int_equal(sent.count, 3 + OUTGOING_TRIES);
    outgoing_finish(&outgoing);
}

static void hear_method_and_order(void *context, const struct sip_place *to, struct bytes bytes)
{
    struct sent *sent = context;
    (void)to;
    sent->count++;
    snprintf(sent->first, sizeof sent->first, "%s", memmem(bytes.data, bytes.size, "MOVE", 4) ? "move" : "stop");
}

static void an_order_that_was_lost_is_not_sent_again_after_a_newer_one(void **state)
{
    (void)state;
    struct sent sent = { 0 };
    struct outgoing outgoing = { .send = hear_method_and_order, .context = &sent };
    struct sip_place own = { "192.0.2.1", 5060 }, target = { "192.0.2.7", 5070 };
    struct sip_request request = { "MESSAGE", OWN,    "3402000000", &own, &target, DEVICE, "tag",
                                   "",        "move", "branch",     1,    "",      "text", text("MOVE") };
    assert_true(outgoing_replace(&outgoing, DEVICE "/1", &request, 1000)); /* nobody hears it */
    request.call_id = "other";
    assert_true(outgoing_replace(&outgoing, DEVICE "/2", &request, 1000));
    request.call_id = "stop";
    request.body = text("STOP");
    assert_true(outgoing_replace(&outgoing, DEVICE "/1", &request, 1100));
    struct sip_message answer = { .status = 200, .method = "MESSAGE", .call_id = "stop", .sequence = 1 };
    outgoing_answered(&outgoing, &answer);
    answer.call_id = "other";
    assert_int_equal(outgoing.count, 1); /* of another channel */
    outgoing_answered(&outgoing, &answer);
    assert_int_equal(sent.count, 3);
    for (int64_t now = 1600; now < 60000; now += 250)
        assert_int_equal(outgoing_tick(&outgoing, now), 0);
    assert_int_equal(sent.count, 3);
    assert_string_equal(sent.first, "stop");
    outgoing_finish(&outgoing);
}

/* ---- registration ---- */

struct office {
    struct registrar registrar;
    struct book book;
    int came, went;
    char reason[64];
    int64_t now_ms;
};

static const struct book_camera cameras[] = {
    { .id = "a", .url = "gb28181://" DEVICE "/" CHANNEL, .sub_url = "" },
    { .id = "b", .url = "gb28181://" DEVICE "/34020000001310000002", .sub_url = "" },
    { .id = "c", .url = "rtsp://h/1", .sub_url = "" },
};

static int password(void *context, const char *device, struct buffer *out, struct fault *fault)
{
    (void)context, (void)device, (void)fault;
    buffer_text(out, "12345678");
    return 0;
}

static void changed(void *context, struct gb_device *device, const char *reason)
{
    struct office *office = context;
    office->came += device->online;
    office->went += !device->online;
    snprintf(office->reason, sizeof office->reason, "%s", reason);
}

static int open_office(void **state)
{
    static struct office office;
    office = (struct office){
        .book = { .cameras = cameras, .camera_count = 3, .gb28181 = { .id = OWN, .keepalive_seconds = 60 } },
        .now_ms = 5000
    };
    registrar_open(&office.registrar,
                   &(struct registrar_options){
                       .book = &office.book, .password = password, .changed = changed, .context = &office });
    *state = &office;
    return 0;
}

static int close_office(void **state)
{
    struct office *office = *state;
    registrar_close(&office->registrar);
    return 0;
}

static const struct sip_place home = { "192.0.2.7", 5070 };

/* A REGISTER with the digest of that password over the nonce; NULL: without. */
static struct registrar_reply say(struct office *office, const char *device, const char *nonce, const char *word,
                                  int expires)
{
    struct rtsp_challenge challenge = { .scheme = RTSP_SCHEME_MD5, .realm = "3402000000" };
    struct rtsp_identity identity = { device, word };
    char request[2048], authorization[512] = "", response[RTSP_DIGEST_HEX];
    if (nonce) {
        snprintf(challenge.nonce, sizeof challenge.nonce, "%s", nonce);
        rtsp_digest_response(response, &challenge, &identity, "REGISTER", "sip:" OWN "@3402000000", "", 0);
        snprintf(authorization, sizeof authorization,
                 "Authorization: Digest username=\"%s\", realm=\"3402000000\", nonce=\"%s\", uri=\"sip:" OWN
                 "@3402000000\", response=\"%s\", algorithm=MD5\r\n",
                 device, nonce, response);
    }
    snprintf(request, sizeof request,
             "REGISTER sip:" OWN "@3402000000 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7:5070;rport;branch=z9hG4bK1\r\n"
             "From: <sip:%s@3402000000>;tag=1\r\nTo: <sip:%s@3402000000>\r\nCall-ID: r\r\nCSeq: 1 REGISTER\r\n%s"
             "Contact: <sip:%s@192.0.2.7:5070>\r\nExpires: %d\r\nContent-Length: 0\r\n\r\n",
             device, device, authorization, device, expires);
    struct sip_message message = read_sip(request);
    struct fault fault = { "" };
    struct registrar_reply reply =
        registrar_register(&office->registrar, &message, &home, 1767573000000, office->now_ms, &fault);
    assert_int_equal(reply.status == 403, *fault.text != '\0');
    sip_release(&message);
    return reply;
}

static void nonce_of(const struct registrar_reply *reply, char out[64])
{
    const char *at = strstr(reply->more, "nonce=\"");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "nonce=\"%63[0-9a-f]\"", out), 1);
}

static void sign_in(struct office *office)
{
    char nonce[64];
    office->now_ms++;
    struct registrar_reply reply = say(office, DEVICE, NULL, "", 3600);
    assert_int_equal(reply.status, 401);
    nonce_of(&reply, nonce);
    reply = say(office, DEVICE, nonce, "12345678", 3600);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.more, "Expires: 3600\r\nDate: 2026-01-05T00:30:00.000\r\n");
}

static void a_device_registers_with_its_password(void **state)
{
    struct office *office = *state;
    assert_int_equal(office->registrar.count, 1); /* two cameras, one device */
    sign_in(office);
    assert_int_equal(office->came, 1);
    assert_int_equal(office->registrar.online, 1);
    sign_in(office); /* again, as it does before its time is over */
    assert_int_equal(office->came, 1);
    assert_ptr_equal(registrar_hear(&office->registrar, DEVICE, &home, office->now_ms),
                     registrar_find(&office->registrar, DEVICE));
}

static void strangers_and_wrong_passwords_are_refused(void **state)
{
    struct office *office = *state;
    char nonce[64];
    assert_int_equal(say(office, "34020000001119999999", NULL, "", 3600).status, 403);
    assert_int_equal(say(office, "root", NULL, "", 3600).status, 403);
    struct registrar_reply reply = say(office, DEVICE, NULL, "", 3600);
    nonce_of(&reply, nonce);
    assert_int_equal(say(office, DEVICE, nonce, "87654321", 3600).status, 403);
    assert_int_equal(office->came, 0);
    assert_null(registrar_hear(&office->registrar, DEVICE, &home, office->now_ms));
}

static void a_challenge_is_good_once_and_not_for_ever(void **state)
{
    struct office *office = *state;
    char nonce[64];
    struct registrar_reply reply = say(office, DEVICE, NULL, "", 3600);
    nonce_of(&reply, nonce);
    assert_int_equal(say(office, DEVICE, nonce, "12345678", 3600).status, 200);
    reply = say(office, DEVICE, nonce, "12345678", 3600); /* who listened says it again */
    assert_int_equal(reply.status, 401);
    assert_non_null(strstr(reply.more, "stale=true"));
    office->now_ms += 10;
    reply = say(office, DEVICE, NULL, "", 3600);
    nonce_of(&reply, nonce);
    office->now_ms += CHALLENGE_MS;
    assert_int_equal(say(office, DEVICE, nonce, "12345678", 3600).status, 401);
    nonce[3] ^= 1;
    assert_int_equal(say(office, DEVICE, nonce, "12345678", 3600).status, 401);
}

static void three_missed_keepalives_make_a_device_offline(void **state)
{
    struct office *office = *state;
    sign_in(office);
    int64_t begin = office->now_ms;
    registrar_tick(&office->registrar, begin + 179000);
    assert_int_equal(office->went, 0);
    registrar_hear(&office->registrar, DEVICE, &home, begin + 179000);
    registrar_tick(&office->registrar, begin + 358000);
    assert_int_equal(office->went, 0);
    registrar_tick(&office->registrar, begin + 359000);
    assert_int_equal(office->went, 1);
    assert_string_equal(office->reason, "three keep-alives have not come");
    assert_null(registrar_hear(&office->registrar, DEVICE, &home, begin + 359000));
}

static void a_registration_ends_with_its_time_or_a_goodbye(void **state)
{
    struct office *office = *state;
    char nonce[64];
    sign_in(office);
    for (int64_t ms = 0; ms <= 3600000; ms += 60000) {
        registrar_hear(&office->registrar, DEVICE, &home, office->now_ms + ms);
        registrar_tick(&office->registrar, office->now_ms + ms);
    }
    assert_int_equal(office->went, 1);
    assert_string_equal(office->reason, "its registration is over");
    sign_in(office);
    office->now_ms += 10;
    struct registrar_reply reply = say(office, DEVICE, NULL, "", 0);
    nonce_of(&reply, nonce);
    assert_int_equal(say(office, DEVICE, nonce, "12345678", 0).status, 200);
    assert_int_equal(office->went, 2);
    assert_int_equal(office->registrar.online, 0);
}

static void a_device_is_heard_only_where_it_has_registered(void **state)
{
    struct office *office = *state;
    sign_in(office);
    struct sip_place other_port = { "192.0.2.7", 6000 }, elsewhere = { "192.0.2.8", 5070 };
    assert_null(registrar_hear(&office->registrar, DEVICE, &elsewhere, office->now_ms));
    struct gb_device *device = registrar_hear(&office->registrar, DEVICE, &other_port, office->now_ms);
    assert_non_null(device);
    assert_int_equal(device->place.port, 6000);
}

#define OFFICE_TEST(name) cmocka_unit_test_setup_teardown(name, open_office, close_office)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_read_and_answered_where_it_came_from),
        cmocka_unit_test(our_requests_can_be_read),
        cmocka_unit_test(what_is_no_sip_is_refused),
        cmocka_unit_test(a_long_body_is_read_whole),
        cmocka_unit_test(a_request_is_sent_again_until_it_is_answered),
        cmocka_unit_test(an_order_that_was_lost_is_not_sent_again_after_a_newer_one),
        OFFICE_TEST(a_device_registers_with_its_password),
        OFFICE_TEST(strangers_and_wrong_passwords_are_refused),
        OFFICE_TEST(a_challenge_is_good_once_and_not_for_ever),
        OFFICE_TEST(three_missed_keepalives_make_a_device_offline),
        OFFICE_TEST(a_registration_ends_with_its_time_or_a_goodbye),
        OFFICE_TEST(a_device_is_heard_only_where_it_has_registered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
