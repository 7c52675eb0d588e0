/* GB/T 28181 without a network: messages, registrations, documents, catalogs, orders, offers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/cameras/gb28181/outgoing.h"
#include "ingest/cameras/gb28181/play.h"
#include "ingest/cameras/gb28181/ptz.h"
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

/* ---- documents and catalogs ---- */

static struct manscdp read_document(const char *words, struct arena *arena)
{
    struct manscdp document;
    struct fault fault = { "" };
    if (manscdp_read(text(words), arena, &document, &fault) < 0)
        fail_msg("%s\n%s", fault.text, words);
    return document;
}

#define CATALOG(encoding, serial, sum, items) \
    "<?xml version=\"1.0\" encoding=\"" encoding "\"?>\n<Response><CmdType>Catalog</CmdType><SN>" serial \
    "</SN><DeviceID>" DEVICE "</DeviceID><SumNum>" sum "</SumNum><DeviceList Num=\"1\">" items "</DeviceList></" \
    "Response>"
#define ITEM(number, name, status) \
    "<Item><DeviceID>3402000000131000000" number "</DeviceID><Name>" name "</Name><Status>" status "</Status></Item>"
#define GATE_UTF8 "\xe9\x97\xa8\xe5\x8f\xa3" /* 门口 */
#define GATE_GBK "\xc3\xc5\xbf\xda"
#define RARE_GB18030 "\x82\x31\x93\x33" /* a character beyond GBK, in four bytes */

static void names_are_read_in_whatever_they_are_written(void **state)
{
    (void)state;
    static const struct {
        const char *document, *name;
    } rows[] = {
        { CATALOG("GB2312", "1", "1", ITEM("1", GATE_GBK, "ON")), GATE_UTF8 },
        { CATALOG("UTF-8", "1", "1", ITEM("1", GATE_UTF8, "ON")), GATE_UTF8 },
        { CATALOG("GB2312", "1", "1", ITEM("1", GATE_UTF8, "ON")), GATE_UTF8 }, /* it says what it does not do */
        { CATALOG("UTF-8", "1", "1", ITEM("1", GATE_GBK, "ON")), GATE_UTF8 },
        { CATALOG("no-such-thing", "1", "1", ITEM("1", GATE_GBK, "ON")), GATE_UTF8 },
        { CATALOG("GB18030", "1", "1", ITEM("1", RARE_GB18030, "ON")), "\xe3\xa9\x8e" },
        { CATALOG("GB2312", "1", "1", ITEM("1", "\xff" GATE_GBK, "ON")), "?" GATE_UTF8 }, /* one bad byte */
        { CATALOG("GB2312", "1", "1", ITEM("1", "plain", "ON")), "plain" },
    };
    struct arena arena = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct xml_element *item = NULL;
        struct manscdp_channel channel;
        struct manscdp document = read_document(rows[i].document, &arena);
        assert_true(manscdp_next_channel(&document, &item, &channel));
        assert_string_equal(channel.name, rows[i].name);
        assert_false(manscdp_next_channel(&document, &item, &channel));
    }
    arena_finish(&arena);
}

static int take(struct catalog *catalog, const char *words, int64_t now_ms)
{
    struct arena arena = { 0 };
    struct manscdp document = read_document(words, &arena);
    int result = catalog_take(catalog, &document, now_ms);
    arena_finish(&arena);
    return result;
}

static void a_catalog_is_put_together_from_many_answers(void **state)
{
    (void)state;
    struct catalog catalog = { 0 };
    catalog_ask(&catalog, 7, 0);
    assert_int_equal(take(&catalog, CATALOG("GB2312", "6", "3", ITEM("9", "", "ON")), 1),
                     -EINVAL); /* an older query's */
    assert_int_equal(take(&catalog, CATALOG("GB2312", "7", "3", ITEM("2", GATE_GBK, "OFF")), 10), 0);
    assert_int_equal(take(&catalog, CATALOG("GB2312", "7", "3", ITEM("2", GATE_GBK, "ON")), 20), 0); /* twice */
    assert_int_equal(take(&catalog, CATALOG("GB2312", "7", "3", ITEM("1", "a", "ON") ITEM("3", "c", "OFF")), 30), 0);
    assert_false(catalog_tick(&catalog, 30 + CATALOG_QUIET_MS - 1));
    assert_true(catalog_tick(&catalog, 30 + CATALOG_QUIET_MS));
    assert_int_equal(catalog.count, 3);
    assert_string_equal(catalog_find(&catalog, "34020000001310000002")->name, GATE_UTF8);
    assert_false(catalog_find(&catalog, "34020000001310000002")->off);
    assert_true(catalog_find(&catalog, "34020000001310000003")->off);
    assert_null(catalog_find(&catalog, "34020000001310000009"));
    catalog_finish(&catalog);
}

static void a_wrong_sum_neither_cuts_a_catalog_short_nor_holds_it_back_for_ever(void **state)
{
    (void)state;
    struct catalog catalog = { 0 };
    catalog_ask(&catalog, 1, 0);
    take(&catalog, CATALOG("GB2312", "1", "1", ITEM("1", "a", "ON")), 10); /* one is announced, two come */
    take(&catalog, CATALOG("GB2312", "1", "1", ITEM("2", "b", "ON")), 20);
    assert_true(catalog_tick(&catalog, 20 + CATALOG_QUIET_MS));
    assert_int_equal(catalog.count, 2);
    catalog_ask(&catalog, 2, 100000);
    take(&catalog, CATALOG("GB2312", "2", "9", ITEM("1", "a", "ON")), 100010); /* nine are announced, one comes */
    assert_false(catalog_tick(&catalog, 100010 + CATALOG_QUIET_MS));
    assert_int_equal(catalog.count, 2); /* what was known stays until then */
    assert_true(catalog_tick(&catalog, 100010 + CATALOG_LATE_MS));
    assert_int_equal(catalog.count, 1);
    catalog_ask(&catalog, 3, 200000); /* a device that does not answer keeps its channels */
    assert_false(catalog_tick(&catalog, 200000 + CATALOG_LATE_MS));
    assert_int_equal(catalog.count, 1);
    catalog_finish(&catalog);
}

static void a_plain_keepalive_is_known_by_its_words(void **state)
{
    (void)state;
    assert_true(manscdp_is_plain_keepalive(text(KEEPALIVE_BODY)));
    assert_false(manscdp_is_plain_keepalive(text("")));
    assert_false(manscdp_is_plain_keepalive(text("<Response><CmdType>Keepalive</CmdType></Response>")));
    assert_false(manscdp_is_plain_keepalive(text("<Notify><!-- <CmdType>Keepalive</CmdType> --></Notify>")));
    assert_false(manscdp_is_plain_keepalive(text("<Notify><CmdType>Alarm</CmdType></Notify>")));
}

static void hostile_documents_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "<Notify>",
        "<Notify></Notify>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><Notify><CmdType>&b;</CmdType></Notify>",
        "<Notify><CmdType>&b;</CmdType></Notify>",
    };
    struct arena arena = { 0 };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct manscdp document;
        struct fault fault = { "" };
        assert_true(manscdp_read(text(bad[i]), &arena, &document, &fault) < 0);
        assert_true(*fault.text);
    }
    arena_finish(&arena);
}

static void an_alarm_says_what_when_and_where(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct manscdp document =
        read_document("<Notify><CmdType>Alarm</CmdType><SN>5</SN><DeviceID>" CHANNEL "</DeviceID><AlarmPriority>1</"
                      "AlarmPriority><AlarmTime>2026-01-"
                      "05T08:30:00</AlarmTime>"
                      "<AlarmMethod>5</AlarmMethod><AlarmDescription>" GATE_UTF8 "</AlarmDescription><Longitude>116.4</"
                      "Longitude>"
                      "<Latitude>39.9</Latitude><Info><AlarmType>6</AlarmType></Info></Notify>",
                      &arena);
    struct manscdp_alarm alarm = manscdp_alarm(&document, 480);
    assert_int_equal(alarm.method, 5);
    assert_int_equal(alarm.type, 6);
    assert_int_equal(alarm.priority, 1);
    assert_string_equal(alarm.text, GATE_UTF8);
    assert_int_equal(alarm.position.at_ms, INT64_C(1767573000000));
    assert_true(alarm.position.lat == 39.9 && alarm.position.lon == 116.4);
    document = read_document("<Notify><CmdType>Alarm</CmdType><SN>x</SN><AlarmMethod>77</AlarmMethod>"
                             "<Longitude>0.0</Longitude><Latitude>0.0</Latitude></Notify>",
                             &arena);
    alarm = manscdp_alarm(&document, 480);
    assert_int_equal(alarm.method + alarm.type + alarm.priority, 0);
    assert_true(isnan(alarm.position.lat) && isnan(alarm.position.lon)); /* a device that does not know says 0, 0 */
    assert_int_equal(alarm.position.at_ms, INT64_MIN);
    assert_int_equal(document.serial, -1);
    arena_finish(&arena);
}

/* ---- orders and offers ---- */

static void an_order_to_turn_has_its_sum(void **state)
{
    (void)state;
    static const struct {
        struct source_move move;
        const char *command;
    } rows[] = {
        { { 0, 0, 0 }, "A50F0100000000B5" },    /* stop, as the standard has it */
        { { -100, 0, 0 }, "A50F0102FF0000B6" }, /* left at full speed */
        { { 100, 100, 0 }, "A50F0109FFFF00BC" }, { { 0, -1, 0 }, "A50F0104000300BC" },
        { { 0, 0, 100 }, "A50F01100000F0B5" },   { { 0, 0, -1 }, "A50F0120000010E5" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char command[PTZ_TEXT_SIZE];
        ptz_command(command, &rows[i].move);
        assert_string_equal(command, rows[i].command);
    }
}

static void an_offer_says_where_and_how(void **state)
{
    (void)state;
    struct gb_address address;
    struct buffer offer = { 0 };
    char ssrc[PLAY_SSRC_SIZE];
    assert_int_equal(gb_address_read("gb28181://" DEVICE "/" CHANNEL "?stream=1", &address), 0);
    play_ssrc(ssrc, OWN, 12);
    play_put_offer(&(struct play_offer){ &address, OWN, ssrc, { "192.0.2.1", 30002 }, true }, &offer);
    assert_string_equal(buffer_string(&offer), "v=0\r\no=" OWN " 0 0 IN IP4 192.0.2.1\r\ns=Play\r\nc=IN IP4 "
                                               "192.0.2.1\r\n"
                                               "t=0 0\r\nm=video 30002 TCP/RTP/AVP 96\r\na=recvonly\r\n"
                                               "a=rtpmap:96 PS/90000\r\na=setup:passive\r\na=connection:new\r\n"
                                               "a=streamnumber:1\r\ny=0200000012\r\n");
    buffer_finish(&offer);
}

static void an_answer_says_from_where_and_under_which_number(void **state)
{
    (void)state;
    struct play_answer answer;
    struct fault fault = { "" };
    assert_int_equal(play_read_answer(text("v=0\r\nc=IN IP4 192.0.2.9\r\nm=video 6000 RTP/AVP "
                                           "96\r\ny=0100000007\r\nf=\r\n"),
                                      &answer, &fault),
                     0);
    assert_string_equal(answer.host, "192.0.2.9");
    assert_string_equal(answer.ssrc, "0100000007");
    assert_false(answer.tcp);
    assert_int_equal(
        play_read_answer(text("m=audio 1 RTP/AVP 8\nm=video 9 TCP/RTP/AVP 96\nc=IN IP4 999.1.1.1\n"), &answer, &fault),
        0);
    assert_true(answer.tcp);
    assert_string_equal(answer.host, "");
    assert_int_equal(play_read_answer(text("m=video 0 RTP/AVP 96\n"), &answer, &fault), -EINVAL);
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
        OFFICE_TEST(a_device_registers_with_its_password),
        OFFICE_TEST(strangers_and_wrong_passwords_are_refused),
        OFFICE_TEST(a_challenge_is_good_once_and_not_for_ever),
        OFFICE_TEST(three_missed_keepalives_make_a_device_offline),
        OFFICE_TEST(a_registration_ends_with_its_time_or_a_goodbye),
        OFFICE_TEST(a_device_is_heard_only_where_it_has_registered),
        cmocka_unit_test(names_are_read_in_whatever_they_are_written),
        cmocka_unit_test(a_catalog_is_put_together_from_many_answers),
        cmocka_unit_test(a_wrong_sum_neither_cuts_a_catalog_short_nor_holds_it_back_for_ever),
        cmocka_unit_test(a_plain_keepalive_is_known_by_its_words),
        cmocka_unit_test(hostile_documents_are_refused),
        cmocka_unit_test(an_alarm_says_what_when_and_where),
        cmocka_unit_test(an_order_to_turn_has_its_sum),
        cmocka_unit_test(an_offer_says_where_and_how),
        cmocka_unit_test(an_answer_says_from_where_and_under_which_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
