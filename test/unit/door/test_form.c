#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"

/* Says what it understood: name=value or name=[file_name,type,size], one a line; or the fault. */
static void say_form(struct request *request, void *context)
{
    (void)context;
    struct form form;
    struct fault fault = { "" };
    struct buffer text = { 0 };
    if (request_form(request, &form, &fault)) {
        reply_text(request, 400, "text/plain", fault.text);
        return;
    }
    for (size_t i = 0; i < form.count; i++) {
        const struct form_field *field = &form.fields[i];
        if (field->file_name)
            buffer_format(&text, "%s=[%s,%s,%zu]\n", field->name, field->file_name, field->type, field->bytes.size);
        else
            buffer_format(&text, "%s=%s\n", field->name, field->value);
    }
    reply_text(request, 200, "text/plain", buffer_string(&text));
    buffer_finish(&text);
}

static struct answer post(struct bench *bench, const char *type, const void *body, size_t size)
{
    struct client client;
    char head[512];
    client_open(&client, bench);
    snprintf(head, sizeof head, "POST /form HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
             type, size);
    client_send_text(&client, head);
    client_send(&client, body, size);
    struct answer answer = client_answer(&client);
    client_close(&client);
    return answer;
}

struct row {
    const char *type, *body;
    size_t size;
    const char *expected; /* the text, or a part of the fault where it begins with '!' */
};
#define ROW(type, body, expected) \
    { \
        type, body, sizeof(body) - 1, expected \
    }
#define URL "application/x-www-form-urlencoded"
#define MULTI "multipart/form-data; boundary=B"

static const struct row rows[] = {
    ROW(URL, "a=b&c=d+e%2B%26", "a=b\nc=d e+&\n"),
    ROW(URL "; charset=UTF-8", "a=%E9%BC%93%E6%A5%BC", "a=鼓楼\n"),
    ROW(URL, "a=1%0D%0A2&b", "a=1\r\n2\nb=\n"),
    ROW(URL, "a=1&a=2&&", "a=1\na=2\n"),
    ROW(URL, "", ""),
    ROW(URL, "a=%", "!bad %-escape"),
    ROW(URL, "a=%00", "!bad %-escape"),
    ROW(URL, "a=%ff", "!UTF-8"),
    ROW(URL, "a=b&c=%zz", "!field 2: a bad %-escape"),
    ROW(URL, "a=b\0c", "!bad %-escape"),
    ROW("application/json", "{}", "!expected application/x-www-form-urlencoded"),
    ROW("multipart/formdata; boundary=B", "--B--", "!expected application/x-www-form-urlencoded"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--B--\r\n", "a=b\n"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--B--", "a=\n"),
    ROW("multipart/form-data; boundary=\"B\"",
        "--B\r\ncontent-disposition: FORM-DATA; name=\"a\"\r\n\r\nb\r\n--B--\r\n", "a=b\n"),
    ROW(MULTI,
        "--B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"C:\\fakepath\\x;y.jpg\"\r\n"
        "Content-Type: image/jpeg\r\n\r\n\xff\xd8\0\r\n--b\r\n--B--\r\n",
        "photo=[x;y.jpg,image/jpeg,8]\n"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\"\r\n\r\n\r\n--B--\r\n",
        "f=[,application/octet-stream,0]\n"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=\"a%22\\\"b\"\r\n\r\n1\r\n--B--\r\n", "a\"\"b=1\n"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../../etc/passwd\"\r\n\r\n1\r\n--B--\r\n",
        "f=[passwd,application/octet-stream,1]\n"),
    ROW(MULTI, "", "!empty"),
    ROW(MULTI, "--B--\r\n", ""),
    ROW(MULTI, "--B", "!CR LF"),
    ROW(MULTI, "--B\r\n", "!does not end"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n", "!does not end"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb", "!cut short"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--B", "!CR LF"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--C--", "!cut short"),
    ROW(MULTI, "preamble\r\n--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--B--",
        "!expected the boundary"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--B--\r\nepilogue", "!after the end"),
    ROW(MULTI, "--B\nContent-Disposition: form-data; name=\"a\"\n\nb\n--B--", "!CR LF"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--Bx\r\n\r\n\r\n--B--", "!CR LF"),
    ROW(MULTI, "--B\r\nContent-Type: text/plain\r\n\r\nb\r\n--B--", "!no Content-Disposition"),
    ROW(MULTI, "--B\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nb\r\n--B--", "!expected Content-Disposition"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data\r\n\r\nb\r\n--B--", "!expected Content-Disposition"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=\"a\r\n\r\nb\r\n--B--", "!expected Content-Disposition"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\nb\r\n--B--",
        "!expected Content-Disposition"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b\"; filename=\"c\"\r\n\r\nb\r\n--B--",
        "!file name"),
    ROW(MULTI,
        "--B\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; "
        "name=\"b\"\r\n\r\nb\r\n--B--",
        "!stands twice"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data;\r\n name=\"a\"\r\n\r\nb\r\n--B--",
        "!expected Content-Disposition"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n folded\r\n\r\nb\r\n--B--", "!not a header"),
    ROW(MULTI,
        "--B\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\nYg==\r\n--B--",
        "!encoded part"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\nX: \0\r\n\r\nb\r\n--B--", "!may not"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\xff\r\n--B--", "!UTF-8"),
    ROW(MULTI, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\0c\r\n--B--", "!UTF-8"),
    ROW(MULTI,
        "--B\r\nA: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\nF: 1\r\nG: 1\r\nH: 1\r\nContent-Disposition: form-data; "
        "name=\"a\"\r\n\r\nb\r\n--B--",
        "!too many headers"),
    ROW("multipart/form-data", "--B--", "!no boundary"),
    ROW("multipart/form-data; boundary=", "--B--", "!no boundary"),
    ROW("multipart/form-data; boundary=B; boundary=C", "--B--", "!no boundary"),
    ROW("multipart/form-data; boundary=\"B", "--B--", "!no boundary"),
    ROW("multipart/form-data; boundary=01234567890123456789012345678901234567890123456789012345678901234567890",
        "--B--", "!no boundary"),
};

static void a_form_is_read_to_the_letter(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, NULL);
    bench_route(&bench, "POST", "/form", 0, -1, say_form, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer = post(&bench, rows[i].type, rows[i].body, rows[i].size);
        bool faulty = rows[i].expected[0] == '!';
        bool right = faulty ? answer.status == 400 && strstr(answer_text(&answer), rows[i].expected + 1)
                            : answer.status == 200 && strcmp(answer_text(&answer), rows[i].expected) == 0;
        if (!right)
            fail_msg("row %zu: expected '%s', got %d '%s'", i, rows[i].expected, answer.status, answer_text(&answer));
        answer_finish(&answer);
    }
    bench_close(&bench);
}

/* Every prefix of a good form is refused, and none is read beyond its end (a sanitizer's build sees that). */
static void a_form_that_is_cut_anywhere_is_refused(void **state)
{
    (void)state;
    struct bench bench;
    static const char whole[] = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--B\r\n"
                                "Content-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n\r\n--\r\n--B--";
    bench_open(&bench, NULL);
    bench_route(&bench, "POST", "/form", 0, -1, say_form, NULL);
    for (size_t size = 0; size < sizeof whole; size++) {
        struct answer answer = post(&bench, MULTI, whole, size);
        assert_int_equal(answer.status, size == sizeof whole - 1 ? 200 : 400);
        answer_finish(&answer);
    }
    bench_close(&bench);
}

static void a_form_has_a_limit_of_fields(void **state)
{
    (void)state;
    struct bench bench;
    struct buffer pairs = { 0 }, parts = { 0 };
    bench_open(&bench, NULL);
    bench_route(&bench, "POST", "/form", 0, -1, say_form, NULL);
    for (int i = 0; i < 201; i++) {
        buffer_text(&pairs, "a=b&");
        buffer_text(&parts, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n");
    }
    buffer_text(&parts, "--B--");
    struct answer answer = post(&bench, URL, pairs.bytes, pairs.size);
    assert_int_equal(answer.status, 400);
    assert_non_null(strstr(answer_text(&answer), "more than 200 fields"));
    answer_finish(&answer);
    answer = post(&bench, URL, pairs.bytes, pairs.size - 4);
    assert_int_equal(answer.status, 200);
    answer_finish(&answer);
    answer = post(&bench, MULTI, parts.bytes, parts.size);
    assert_int_equal(answer.status, 400);
    assert_non_null(strstr(answer_text(&answer), "too many fields"));
    answer_finish(&answer);
    buffer_finish(&pairs);
    buffer_finish(&parts);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_form_is_read_to_the_letter),
        cmocka_unit_test(a_form_that_is_cut_anywhere_is_refused),
        cmocka_unit_test(a_form_has_a_limit_of_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
