#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench.h"

static char folder[] = "/tmp/drumtower-static-XXXXXX";

static const struct {
    const char *path, *text;
} files[] = {
    { "index.html", "<!doctype html><script type=\"importmap\">{\"imports\":{}}</script><script type=module "
                    "src=a.js></script>" },
    { "plain.html", "<!doctype html><script src=\"a.js\"></script>" },
    { "a.js", "export const a = 1;\n" },
    { "a.js.gz", "not really gzip, but what is beside the file" },
    { "b.css", "p { color: red }\n" },
    { "c.json", "{}" },
    { "d.svg", "<svg/>" },
    { "e.png", "\x89PNG" },
    { "f.woff2", "wOF2" },
    { "g.webmanifest", "{}" },
    { "h.unknown", "?" },
    { "sub/index.html", "<p>sub" },
    { ".secret", "no" },
    { "sub/.git/config", "no" },
};

static int make_folder(void **state)
{
    (void)state;
    char path[512];
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/sub", folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/sub/.git", folder);
    mkdir(path, 0700);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i].path);
        FILE *file = fopen(path, "w");
        if (!file || fputs(files[i].text, file) < 0 || fclose(file))
            return -1;
    }
    snprintf(path, sizeof path, "%s/link", folder);
    return symlink("/etc/passwd", path);
}

static int remove_folder(void **state)
{
    (void)state;
    char path[512];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i].path);
        unlink(path);
    }
    static const char *const rest[] = { "link", "sub/.git", "sub", "" };
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, rest[i]);
        remove(path);
    }
    return 0;
}

static void say_hello(struct request *request, void *context)
{
    (void)context;
    reply_text(request, 200, "text/plain", "route");
}

static void open_door(struct bench *bench)
{
    struct fault fault = { "" };
    bench_open(bench, NULL);
    assert_int_equal(door_static(bench->door, "/", folder, false, &fault), 0);
    assert_int_equal(door_static(bench->door, "/lib", folder, true, &fault), 0);
    bench_route(bench, "GET", "/d.svg", 0, 0, say_hello, NULL);
}

static struct answer get(struct bench *bench, const char *path, const char *headers)
{
    char request[1024];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", path, headers);
    return ask(bench, request);
}

static void a_file_is_served_as_what_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *path, *type, *text;
    } rows[] = {
        { "/a.js", "text/javascript; charset=utf-8", "export const a = 1;\n" },
        { "/b.css", "text/css; charset=utf-8", "p { color: red }\n" },
        { "/c.json", "application/json", "{}" },
        { "/lib/d.svg", "image/svg+xml", "<svg/>" },
        { "/e.png", "image/png", "\x89PNG" },
        { "/f.woff2", "font/woff2", "wOF2" },
        { "/g.webmanifest", "application/manifest+json", "{}" },
        { "/h.unknown", "application/octet-stream", "?" },
        { "/sub/", "text/html; charset=utf-8", "<p>sub" },
        { "/d.svg", "text/plain", "route" },
    };
    struct bench bench;
    open_door(&bench);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer = get(&bench, rows[i].path, "");
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer_header(&answer, "Content-Type"), rows[i].type);
        assert_string_equal(answer_text(&answer), rows[i].text);
        answer_finish(&answer);
    }
    bench_close(&bench);
}

static void what_is_not_to_be_served_is_not_there(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int status;
    } rows[] = {
        { "/nothing.js", 404 },   { "/.secret", 404 },     { "/%2esecret", 404 },       { "/sub/.git/config", 404 },
        { "/link", 404 },         { "/sub", 404 },         { "/../etc/passwd", 400 },   { "/%2e%2e/etc/passwd", 400 },
        { "/..%2fetc/x", 400 },   { "//etc/passwd", 404 }, { "/lib//etc/passwd", 404 }, { "/a.js/", 404 },
        { "/a.js%00.html", 400 }, { "/lib/..%5cx", 400 },  { "/sub//", 404 },
    };
    struct bench bench;
    open_door(&bench);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer = get(&bench, rows[i].path, "");
        if (answer.status != rows[i].status)
            fail_msg("%s: expected %d, got %d", rows[i].path, rows[i].status, answer.status);
        answer_finish(&answer);
    }
    assert_int_equal(ask_status(&bench, "DELETE /a.js HTTP/1.1\r\nHost: x\r\n\r\n"), 405);
    bench_close(&bench);
}

static void a_known_file_is_not_sent_again(void **state)
{
    (void)state;
    struct bench bench;
    char tag[256], headers[512];
    open_door(&bench);
    struct answer answer = get(&bench, "/b.css", "");
    snprintf(tag, sizeof tag, "%s", answer_header(&answer, "ETag"));
    assert_true(strlen(tag) > 4);
    assert_string_equal(answer_header(&answer, "Cache-Control"), "no-cache");
    snprintf(headers, sizeof headers, "If-Modified-Since: %s\r\n", answer_header(&answer, "Last-Modified"));
    answer_finish(&answer);
    answer = get(&bench, "/b.css", headers);
    assert_int_equal(answer.status, 304);
    answer_finish(&answer);
    snprintf(headers, sizeof headers, "If-None-Match: \"x\", W/%s\r\n", tag);
    answer = get(&bench, "/b.css", headers);
    assert_int_equal(answer.status, 304);
    assert_string_equal(answer_header(&answer, "ETag"), tag);
    assert_int_equal(answer.body.size, 0);
    answer_finish(&answer);
    answer = get(&bench, "/b.css", "If-None-Match: \"x\"\r\n");
    assert_int_equal(answer.status, 200);
    answer_finish(&answer);
    answer = get(&bench, "/lib/b.css", "");
    assert_non_null(strstr(answer_header(&answer, "Cache-Control"), "immutable"));
    answer_finish(&answer);
    bench_close(&bench);
}

static void a_packed_file_is_sent_to_who_takes_it(void **state)
{
    (void)state;
    struct bench bench;
    static const struct {
        const char *headers;
        bool packed;
    } rows[] = {
        { "Accept-Encoding: gzip, deflate, br\r\n", true },
        { "Accept-Encoding: br, gzip;q=0.5\r\n", true },
        { "Accept-Encoding: gzip;q=0\r\n", false },
        { "Accept-Encoding: gzip;q=0.0, br\r\n", false },
        { "Accept-Encoding: br\r\n", false },
        { "", false },
    };
    open_door(&bench);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer = get(&bench, "/a.js", rows[i].headers);
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer_header(&answer, "Content-Encoding"), rows[i].packed ? "gzip" : "");
        assert_string_equal(answer_header(&answer, "Vary"), "Accept-Encoding");
        assert_string_equal(answer_header(&answer, "Content-Type"), "text/javascript; charset=utf-8");
        assert_string_equal(answer_text(&answer), rows[i].packed ? files[3].text : files[2].text);
        answer_finish(&answer);
    }
    bench_close(&bench);
}

/* The hash was computed apart: printf '{"imports":{}}' | openssl dgst -sha256 -binary | base64 */
static void an_import_map_is_allowed_by_its_hash(void **state)
{
    (void)state;
    struct bench bench;
    open_door(&bench);
    struct answer answer = get(&bench, "/", "");
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer_header(&answer, "Content-Security-Policy"), "script-src 'self' "
                                                                              "'sha256-URrTy+Il/"
                                                                              "Nz0lHojVUx275hWqAWhkSF0VsHbUM4/6Hw='"));
    answer_finish(&answer);
    answer = get(&bench, "/plain.html", "");
    assert_non_null(strstr(answer_header(&answer, "Content-Security-Policy"), "script-src 'self'"));
    assert_null(strstr(answer_header(&answer, "Content-Security-Policy"), "sha256"));
    answer_finish(&answer);
    bench_close(&bench);
}

static void a_head_request_has_no_body(void **state)
{
    (void)state;
    struct bench bench;
    struct client client;
    open_door(&bench);
    client_open(&client, &bench);
    client_send_text(&client, "HEAD /b.css HTTP/1.1\r\nHost: x\r\n\r\nGET /c.json HTTP/1.1\r\nHost: x\r\n\r\n");
    client_wait_text(&client, "\r\n\r\n{}");
    assert_non_null(strstr(buffer_string(&client.received), "Content-Length: 17\r\n"));
    assert_null(strstr(buffer_string(&client.received), "color"));
    client_close(&client);
    bench_close(&bench);
}

static void a_missing_folder_is_named(void **state)
{
    (void)state;
    struct bench bench;
    struct fault fault = { "" };
    bench_open(&bench, NULL);
    assert_int_equal(door_static(bench.door, "/", "/nonexistent/pages", false, &fault), -ENOENT);
    assert_non_null(strstr(fault.text, "/nonexistent/pages"));
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_served_as_what_it_is),
        cmocka_unit_test(what_is_not_to_be_served_is_not_there),
        cmocka_unit_test(a_known_file_is_not_sent_again),
        cmocka_unit_test(a_packed_file_is_sent_to_who_takes_it),
        cmocka_unit_test(an_import_map_is_allowed_by_its_hash),
        cmocka_unit_test(a_head_request_has_no_body),
        cmocka_unit_test(a_missing_folder_is_named),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
