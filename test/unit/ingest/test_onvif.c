/* ONVIF without a network: passwords, envelopes, what devices answer and how they fail, what is chosen of it, discovery, orders to move. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/cameras/onvif/discovery.h"
#include "ingest/cameras/onvif/move.h"
#include "ingest/cameras/onvif/token.h"
#include "proto/base/crypto.h"

static struct arena arena;
static struct fault fault;

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    arena = (struct arena){ .blocks = NULL };
    fault = (struct fault){ "" };
    return 0;
}

static struct bytes text(const char *words)
{
    return (struct bytes){ (const uint8_t *)words, strlen(words) };
}

#define ENVELOPE(body) \
    "<e:Envelope xmlns:e=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:x=\"http://www.onvif.org/ver10/schema\" " \
    "xmlns:y=\"http://www.onvif.org/ver10/media/wsdl\"><e:Body>" body "</e:Body></e:Envelope>"

static const struct xml_element *read_good(const char *document)
{
    const struct xml_element *content = NULL;
    if (soap_read(text(document), &arena, &content, &fault) < 0)
        fail_msg("%s\n%s", fault.text, document);
    return content;
}

static int read_bad(const char *document)
{
    const struct xml_element *content;
    return soap_read(text(document), &arena, &content, &fault);
}

/* ---- who we are ---- */

/* The example of ONVIF's Application Programmer's Guide, 6.1.1.3. */
static void a_password_is_digested_as_published(void **state)
{
    (void)state;
    char digest[TOKEN_DIGEST_SIZE];
    struct buffer nonce = { 0 };
    assert_int_equal(base64_decode("LKqI6G/AikKCQrN0zqZFlg==", &nonce), 0);
    token_digest(digest, buffer_view(&nonce), "2010-09-16T07:50:45Z", "userpassword");
    assert_string_equal(digest, "tuOSpGlFlIXsozq4HFNeeGeFLEI=");
    buffer_finish(&nonce);
}

static void a_token_has_the_time_without_fractions_and_a_name_that_is_escaped(void **state)
{
    (void)state;
    const uint8_t nonce[TOKEN_NONCE_BYTES] = { 1, 2, 3 };
    struct buffer out = { 0 };
    struct xml_element *token;
    token_put(&out, "a&<b>", "p", nonce, 1767573000999);
    const char *written = buffer_string(&out), *declared = strstr(written, "s:mustUnderstand");
    assert_non_null(declared);
    struct buffer whole = { 0 };
    buffer_format(&whole, "<r xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\">%s</r>", written);
    if (xml_parse(buffer_view(&whole), &arena, &token, &fault) < 0)
        fail_msg("%s", fault.text);
    assert_string_equal(soap_text(token, "Security/UsernameToken/Username"), "a&<b>");
    assert_string_equal(soap_text(token, "Security/UsernameToken/Created"), "2026-01-05T00:30:00Z");
    assert_string_equal(soap_text(token, "Security/UsernameToken/Nonce"), "AQIDAAAAAAAAAAAAAAAAAA==");
    buffer_finish(&out);
    buffer_finish(&whole);
}

/* ---- answers, and how devices fail ---- */

static void faults_of_either_version_are_told_with_what_they_mean(void **state)
{
    (void)state;
    static const struct {
        const char *document;
        int code;
        const char *words;
    } faults[] = {
        { ENVELOPE("<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>ter:NotAuthorized</e:Value>"
                   "</e:Subcode></e:Code><e:Reason><e:Text>Sender not Authorized. You still have 4 attempts"
                   "</e:Text></e:Reason></e:Fault>"),
          -EACCES, "the device says: Sender not Authorized. You still have 4 attempts (ter:NotAuthorized)" },
        { ENVELOPE("<e:Fault><e:Code><e:Value>e:Receiver</e:Value><e:Subcode><e:Value>ter:ActionNotSupported</e:Value>"
                   "<e:Subcode><e:Value>ter:PTZNotSupported</e:Value></e:Subcode></e:Subcode></e:Code></e:Fault>"),
          -ENOTSUP, "the device says: a fault (ter:PTZNotSupported)" },
        { ENVELOPE("<e:Fault><faultcode>Client</faultcode><faultstring>it is\nbroken "
                   "\xc2\x9b!</faultstring></e:Fault>"),
          -EREMOTEIO, "the device says: it isbroken ! (Client)" },
        { ENVELOPE("<e:Fault/>"), -EREMOTEIO, "the device says: a fault (no code)" },
        { ENVELOPE("<e:Fault><e:Reason><e:Text>Unauthorized</e:Text></e:Reason></e:Fault>"), -EACCES,
          "the device says: Unauthorized (no code)" },
        { "<html><body>404</body></html>", -EINVAL,
          "the answer is no SOAP: no Envelope with a Body that says something" },
        { "<Envelope><Body/></Envelope>", -EINVAL,
          "the answer is no SOAP: no Envelope with a Body that says something" },
        { "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><Envelope><Body><x>&b;</x></Body></Envelope>",
          -EINVAL, "the answer is no SOAP: line 1: a document type (DOCTYPE) is not taken" },
        { "", -EINVAL, "the answer is no SOAP: line 1: the document is empty" },
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        assert_int_equal(read_bad(faults[i].document), faults[i].code);
        assert_string_equal(fault.text, faults[i].words);
    }
}

static void an_answer_that_is_too_long_is_none(void **state)
{
    (void)state;
    struct buffer out = { 0 };
    const struct xml_element *content;
    buffer_reserve(&out, SOAP_BYTES_MAX + 1);
    memset(out.bytes, ' ', SOAP_BYTES_MAX + 1);
    out.size = SOAP_BYTES_MAX + 1;
    assert_int_equal(soap_read(buffer_view(&out), &arena, &content, &fault), -EMSGSIZE);
    buffer_finish(&out);
}

#define CLOCK(year, month, hour) \
    ENVELOPE("<r><x:SystemDateAndTime><x:UTCDateTime><x:Time><x:Hour>" hour "</x:Hour><x:Minute>30</x:Minute>" \
             "<x:Second>5</x:Second></x:Time><x:Date><x:Year>" year "</x:Year><x:Month>" month "</x:Month>" \
             "<x:Day>5</x:Day></x:Date></x:UTCDateTime></x:SystemDateAndTime></r>")

static void a_devices_clock_is_read_if_it_is_one(void **state)
{
    (void)state;
    int64_t at_ms;
    assert_int_equal(answer_clock(read_good(CLOCK("2026", "1", "0")), &at_ms, &fault), 0);
    assert_int_equal(at_ms, 1767573005000);
    const char *const wrong[] = { CLOCK("2026", "13", "0"),
                                  CLOCK("2026", "1", "24"),
                                  CLOCK("x", "1", "0"),
                                  CLOCK("99999999999", "1", "0"),
                                  CLOCK("2026", "-1", "0"),
                                  ENVELOPE("<r/>"),
                                  ENVELOPE("<r><SystemDateAndTime><LocalDateTime/></SystemDateAndTime></r>") };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(answer_clock(read_good(wrong[i]), &at_ms, &fault), -EINVAL);
}

#define PROFILE(token, lens, encoding, width, height, more) \
    "<y:Profiles token=\"" token "\"><x:Name>n</x:Name><x:VideoSourceConfiguration><x:SourceToken>" lens \
    "</x:SourceToken></x:VideoSourceConfiguration><x:VideoEncoderConfiguration><x:Encoding>" encoding \
    "</x:Encoding><x:Resolution><x:Width>" width "</x:Width><x:Height>" height "</x:Height></x:Resolution>" \
    "</x:VideoEncoderConfiguration>" more "</y:Profiles>"

static struct answer_profiles profiles;

static const char *chosen(const char *url)
{
    static struct onvif_address address;
    const struct answer_profile *profile;
    assert_int_equal(onvif_address_read(url, &address, &fault), 0);
    return choice_profile(&profiles, &address, &profile, &fault) < 0 ? fault.text : profile->token;
}

static void the_profile_is_chosen_by_size_by_lens_and_by_name(void **state)
{
    (void)state;
    answer_profiles(read_good(ENVELOPE("<r>" PROFILE("tiny", "1", "H264", "352", "288", "") PROFILE(
                        "still", "1", "JPEG", "4000", "3000", "") PROFILE("large", "1", "H265", "2560", "1440", "")
                                           PROFILE("sub", "1", "H264", "704", "576", "<PTZConfiguration/>")
                                               PROFILE("other", "2", "H264", "3840", "2160", "<PTZConfiguration/>")
                                                   PROFILE("", "1", "H264", "1", "1", "") "<y:Profiles/></r>")),
                    &profiles);
    assert_int_equal(profiles.count, 5);
    assert_int_equal(profiles.left_out, 2);
    assert_string_equal(chosen("onvif://h"), "large");
    assert_string_equal(chosen("onvif://h?stream=sub"), "sub");
    assert_string_equal(chosen("onvif://h/p?profile=other"), "other");
    assert_string_equal(chosen("onvif://h/p?profile=none"), "the device has 5 profiles, but none with the token "
                                                            "'none'");
    assert_string_equal(choice_mover(&profiles, &profiles.list[2])->token, "sub"); /* not the other lens's */
    assert_string_equal(choice_mover(&profiles, &profiles.list[4])->token, "other");
}

static void media_2_tells_the_same_in_other_words(void **state)
{
    (void)state;
    answer_profiles(read_good(ENVELOPE("<r><y:Profiles token=\"m\"><y:Name>n</y:Name><y:Configurations><y:VideoSource "
                                       "token=\"v\">"
                                       "<x:SourceToken>1</x:SourceToken></y:VideoSource><y:VideoEncoder "
                                       "token=\"e\"><x:Encoding>H265"
                                       "</x:Encoding><x:Resolution><x:Width>3840</x:Width><x:Height>2160</x:Height></"
                                       "x:Resolution>"
                                       "</y:VideoEncoder><y:PTZ token=\"p\"/></y:Configurations></y:Profiles></r>")),
                    &profiles);
    assert_int_equal(profiles.count, 1);
    const struct answer_profile *one = &profiles.list[0];
    assert_string_equal(one->source, "1");
    assert_string_equal(one->encoding, "H265");
    assert_int_equal(one->width, 3840);
    assert_true(one->moves);
    assert_string_equal(chosen("onvif://h"), "m");
}

#define SERVICE(space, address) \
    "<y:Service><y:Namespace>http://www.onvif.org/" space "/wsdl</y:Namespace><y:XAddr>" address "</y:XAddr></" \
    "y:Service>"

static void services_are_told_in_two_ways(void **state)
{
    (void)state;
    struct answer_services services = answer_services(read_good(ENVELOPE("<r>" SERVICE("ver10/device", "d") SERVICE(
        "ver10/media", "one") SERVICE("ver20/media", "two") SERVICE("ver20/ptz", "p") "</r>")));
    assert_string_equal(services.media, "one");
    assert_string_equal(services.media2, "two");
    assert_string_equal(services.ptz, "p");
    services = answer_services(read_good(ENVELOPE("<r><Capabilities><x:Media><x:XAddr>one</x:XAddr></x:Media>"
                                                  "</Capabilities></r>")));
    assert_string_equal(services.media, "one");
    assert_string_equal(services.media2, "");
    assert_string_equal(services.ptz, "");
}

static void a_device_that_has_only_large_streams_shows_the_smallest(void **state)
{
    (void)state;
    answer_profiles(read_good(ENVELOPE("<r>" PROFILE("a", "1", "H264", "2560", "1440", "")
                                           PROFILE("b", "1", "H264", "1280", "720", "") "</r>")),
                    &profiles);
    assert_string_equal(chosen("onvif://h?stream=sub"), "b");
    assert_null(choice_mover(&profiles, &profiles.list[0]));
    answer_profiles(read_good(ENVELOPE("<r>" PROFILE("a", "1", "MPEG4", "2560", "1440", "") "</r>")), &profiles);
    assert_string_equal(chosen("onvif://h"), "the device has 1 profiles, but none of H.264 or H.265");
}

/* ---- addresses ---- */

static const char *stream_of(const char *book, const char *said)
{
    static struct onvif_address address;
    static char out[CHOICE_URL_SIZE];
    assert_int_equal(onvif_address_read(book, &address, &fault), 0);
    return choice_stream_url(&address, said, out, &fault) < 0 ? fault.text : out;
}

static const char *service_of(const char *book, const char *said)
{
    static struct onvif_address address;
    static char out[CHOICE_URL_SIZE];
    assert_int_equal(onvif_address_read(book, &address, &fault), 0);
    return choice_service_url(&address, said, out, &fault) < 0 ? fault.text : out;
}

static void addresses_of_the_book_have_the_usual_path(void **state)
{
    (void)state;
    struct onvif_address address;
    char url[CHOICE_URL_SIZE];
    assert_int_equal(onvif_address_read("onvif://[2001:db8::1]?stream=main", &address, &fault), 0);
    choice_device_url(&address, url);
    assert_string_equal(url, "http://[2001:db8::1]:80/onvif/device_service");
    assert_int_equal(onvif_address_read("ONVIF://a:b%40@h:8899/x/y?profile=P%201&host=given", &address, &fault), 0);
    choice_device_url(&address, url);
    assert_string_equal(url, "http://h:8899/x/y");
    assert_string_equal(address.profile, "P 1");
    assert_string_equal(address.url.password, "b@");
    assert_true(address.host_given);
    assert_int_equal(onvif_address_read("onvifs://a:b@h", &address, &fault), 0);
    choice_device_url(&address, url);
    assert_string_equal(url, "https://h:443/onvif/device_service");
}

static void a_stream_comes_from_the_devices_own_host_with_the_books_password(void **state)
{
    (void)state;
    assert_string_equal(stream_of("onvif://u:p%40%2F@cam.example:81/x", "rtsp://evil:x@10.0.0.9:8554/live?a=1&b=2"),
                        "rtsp://u:p%40%2F@cam.example:8554/live?a=1&b=2");
    assert_string_equal(stream_of("onvif://cam.example", "rtsp://10.0.0.9"), "rtsp://cam.example:554");
    assert_string_equal(stream_of("onvif://[2001:db8::1]", "rtsp://10.0.0.9/a"), "rtsp://[2001:db8::1]:554/a");
    assert_string_equal(stream_of("onvif://recorder?host=given", "rtsp://10.0.0.9/a"), "rtsp://10.0.0.9:554/a");
    assert_string_equal(stream_of("onvif://h", "http://10.0.0.9/a"), "the device says the address 'http://10.0.0.9/a', "
                                                                     "expected rtsp://…");
    assert_string_equal(stream_of("onvif://h", ""), "the device says the address '', expected rtsp://…");
}

static void a_service_is_asked_at_the_devices_own_host_by_the_port_that_we_see(void **state)
{
    (void)state;
    assert_string_equal(service_of("onvif://h:8080", "http://192.168.1.10/onvif/media?x"), "http://h:8080/onvif/"
                                                                                           "media?x");
    assert_string_equal(service_of("onvif://h:8080", "http://H:8081/onvif/media"), "http://h:8081/onvif/media");
    assert_string_equal(service_of("onvif://h", "https://h/onvif/media"), "https://h:443/onvif/media");
    assert_string_equal(service_of("onvif://h:8080", "https://192.168.1.10/m"), "http://h:8080/m");
    assert_string_equal(service_of("onvif://h", "ftp://h/m"), "the device says the address 'ftp://h/m', expected "
                                                              "http://…");
    /* where the book says HTTPS nothing is asked without */
    assert_string_equal(service_of("onvifs://h:8443", "http://h/m"), "https://h:8443/m");
    assert_string_equal(service_of("onvifs://h:8443", "https://h:9443/m"), "https://h:9443/m");
    assert_string_equal(service_of("onvifs://h:8443", "https://192.168.1.10/m"), "https://h:8443/m");
}

/* ---- orders ---- */

static void only_axes_that_move_are_named(void **state)
{
    (void)state;
    static const struct {
        struct source_move move, last;
        const char *content;
    } orders[] = {
        { { 50, -7, 0, 0 }, { 0 }, "<PanTilt xmlns=\"http://www.onvif.org/ver10/schema\" x=\"0.50\" y=\"-0.07\"/>" },
        { { 0, 0, -100, 0 }, { 0 }, "<Zoom xmlns=\"http://www.onvif.org/ver10/schema\" x=\"-1.00\"/>" },
        { { 0, 0, 1, 0 },
          { 3, 0, 0, 0 },
          "<PanTilt xmlns=\"http://www.onvif.org/ver10/schema\" x=\"0.00\" y=\"0.00\"/>"
          "<Zoom xmlns=\"http://www.onvif.org/ver10/schema\" x=\"0.01\"/>" },
    };
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct buffer out = { 0 };
        char expected[400];
        snprintf(expected, sizeof expected, "<ProfileToken>a&amp;b</ProfileToken><Velocity>%s</Velocity>",
                 orders[i].content);
        move_put(&out, "a&b", &orders[i].move, &orders[i].last);
        assert_string_equal(buffer_string(&out), expected);
        buffer_finish(&out);
    }
    struct buffer out = { 0 };
    move_put(&out, "a", &(struct source_move){ 0, 0, 1, 2 }, &(struct source_move){ 0 });
    assert_non_null(strstr(buffer_string(&out), "</Velocity><Timeout>PT5S</Timeout>"));
    buffer_clear(&out);
    move_put(&out, "a", &(struct source_move){ .seconds = 2 }, &(struct source_move){ .pan = 1 });
    assert_string_equal(buffer_string(&out), "<ProfileToken>a</ProfileToken><PanTilt>true</PanTilt><Zoom>true</Zoom>");
    buffer_finish(&out);
}

/* ---- discovery ---- */

#define MATCH(scopes, addresses) \
    "<d:ProbeMatch><d:Scopes>" scopes "</d:Scopes><d:XAddrs>" addresses "</d:XAddrs></d:ProbeMatch>"
#define MATCHES(matches) \
    "<e:Envelope xmlns:e=\"http://www.w3.org/2003/05/soap-envelope\"><e:Body><d:ProbeMatches " \
    "xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\">" matches "</d:ProbeMatches></e:Body></e:Envelope>"

static void devices_are_listed_once_with_what_their_scopes_say(void **state)
{
    (void)state;
    struct discovery discovery = { .count = 0 };
    struct buffer lines = { 0 };
    const char *named = MATCHES(MATCH("onvif://www.onvif.org/type/ptz\tonvif://www.onvif.org/name/"
                                      "%E8%B7%AF%E5%8F%A3%20%5C"
                                      "1%C2%9B\nONVIF://www.onvif.org/Hardware/DS-2 onvif://www.onvif.org/name/second",
                                      "http://[fe80::1]/a http://10.0.0.9:8899/onvif/device_service"));
    discovery_take(&discovery, text(named), "10.0.0.9");
    discovery_take(&discovery, text(named), "10.0.0.9");
    discovery_take(&discovery, text(MATCHES(MATCH("", "http://192.168.1.10/onvif/device_service"))), "10.0.0.8");
    discovery_take(&discovery, text(MATCHES(MATCH("", "http://10.0.0.9:8899/other") MATCH("", "ftp://10.0.0.7/a"))),
                   "10.0.0.9");
    discovery_take(&discovery, text(MATCHES(MATCH("", "https://10.0.0.6/a"))), "10.0.0.6"); /* and nothing else */
    assert_int_equal(discovery.count, 4);
    assert_int_equal(discovery.repeated, 1);
    assert_int_equal(discovery.ignored, 1);
    assert_string_equal(discovery.why, "an answer without an address of http");
    assert_string_equal(discovery.found[0].name, "路口 \\1");
    assert_string_equal(discovery.found[0].hardware, "DS-2");
    for (size_t i = 0; i < discovery.count; i++)
        discovery_put_line(&lines, &discovery, i);
    assert_string_equal(buffer_string(&lines), "  - {id: cam-10-0-0-9-8899, name: \"路口 \\\\1\", url: "
                                               "\"onvif://USER:PASSWORD@10.0.0.9:8899/onvif/device_service\", sub_url: "
                                               "\"onvif://USER:PASSWORD@10.0.0.9:8899/onvif/"
                                               "device_service?stream=sub\", lat: LAT, lon: LON}\n"
                                               "  - {id: cam-10-0-0-8, name: \"10.0.0.8\", url: "
                                               "\"onvif://USER:PASSWORD@10.0.0.8/onvif/device_service\", "
                                               "sub_url: "
                                               "\"onvif://USER:PASSWORD@10.0.0.8/onvif/device_service?stream=sub\", "
                                               "lat: LAT, lon: LON}\n"
                                               "  - {id: cam-10-0-0-9-8899-2, name: \"10.0.0.9\", url: "
                                               "\"onvif://USER:PASSWORD@10.0.0.9:8899/other\", "
                                               "sub_url: \"onvif://USER:PASSWORD@10.0.0.9:8899/other?stream=sub\", "
                                               "lat: LAT, lon: LON}\n"
                                               "  - {id: cam-10-0-0-6, name: \"10.0.0.6\", url: "
                                               "\"onvifs://USER:PASSWORD@10.0.0.6/a\", sub_url: "
                                               "\"onvifs://USER:PASSWORD@10.0.0.6/a?stream=sub\", "
                                               "lat: LAT, lon: LON}\n");
    buffer_finish(&lines);
    discovery_finish(&discovery);
}

static void what_is_no_answer_is_ignored_and_counted(void **state)
{
    (void)state;
    struct discovery discovery = { .count = 0 };
    struct buffer probe = { 0 };
    const uint8_t id[DISCOVERY_ID_BYTES] = { 0xab };
    discovery_put_probe(&probe, id);
    assert_non_null(strstr(buffer_string(&probe), "uuid:ab000000-0000-0000-0000-000000000000<"));
    discovery_take(&discovery, buffer_view(&probe), "10.0.0.9"); /* another who asks */
    discovery_take(&discovery, text("\xff\xfe"), "10.0.0.9");
    discovery_take(&discovery, text(MATCHES(MATCH("", ""))), "10.0.0.9");
    discovery_take(&discovery, text(MATCHES(MATCH("", "http://h/a?profile="))), "10.0.0.9");
    assert_int_equal(discovery.count, 0);
    assert_int_equal(discovery.ignored, 4);
    buffer_finish(&probe);
    discovery_finish(&discovery);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_password_is_digested_as_published, tear_down),
        cmocka_unit_test_teardown(a_token_has_the_time_without_fractions_and_a_name_that_is_escaped, tear_down),
        cmocka_unit_test_teardown(faults_of_either_version_are_told_with_what_they_mean, tear_down),
        cmocka_unit_test_teardown(an_answer_that_is_too_long_is_none, tear_down),
        cmocka_unit_test_teardown(a_devices_clock_is_read_if_it_is_one, tear_down),
        cmocka_unit_test_teardown(the_profile_is_chosen_by_size_by_lens_and_by_name, tear_down),
        cmocka_unit_test_teardown(media_2_tells_the_same_in_other_words, tear_down),
        cmocka_unit_test_teardown(services_are_told_in_two_ways, tear_down),
        cmocka_unit_test_teardown(a_device_that_has_only_large_streams_shows_the_smallest, tear_down),
        cmocka_unit_test_teardown(addresses_of_the_book_have_the_usual_path, tear_down),
        cmocka_unit_test_teardown(a_stream_comes_from_the_devices_own_host_with_the_books_password, tear_down),
        cmocka_unit_test_teardown(a_service_is_asked_at_the_devices_own_host_by_the_port_that_we_see, tear_down),
        cmocka_unit_test_teardown(only_axes_that_move_are_named, tear_down),
        cmocka_unit_test_teardown(devices_are_listed_once_with_what_their_scopes_say, tear_down),
        cmocka_unit_test_teardown(what_is_no_answer_is_ignored_and_counted, tear_down),
    };
    crypto_init(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
