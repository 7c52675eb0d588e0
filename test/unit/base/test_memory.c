#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/arena.h"
#include "proto/base/arena_join.h"
#include "proto/base/buffer.h"
#include "proto/base/crypto.h"
#include "proto/base/fault.h"
#include "proto/base/metrics.h"

static void what_an_arena_gives_is_zeroed_and_apart(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    for (int round = 0; round < 3; round++) {
        unsigned char *blocks[200];
        for (size_t i = 0; i < 200; i++) {
            blocks[i] = arena_alloc(&arena, 1 + i * 17);
            for (size_t j = 0; j < 1 + i * 17; j++)
                assert_int_equal(blocks[i][j], 0);
            memset(blocks[i], (int)i, 1 + i * 17);
        }
        for (size_t i = 0; i < 200; i++)
            for (size_t j = 0; j < 1 + i * 17; j++)
                assert_int_equal(blocks[i][j], i);
        arena_reset(&arena);
        assert_int_equal(arena.used, 0);
    }
    assert_string_equal(arena_format(&arena, "%s-%d", "gulou", 7), "gulou-7");
    assert_string_equal(arena_text(&arena, "drumtower", 4), "drum");
    assert_string_equal(arena_join(&arena, "", "drum", "", "tower", NULL), "drumtower");
    assert_string_equal(arena_join(&arena, "", NULL), "");
    assert_string_equal(arena_whole(&arena, 0), "0");
    assert_string_equal(arena_whole(&arena, 9070), "9070");
    assert_string_equal(arena_whole(&arena, UINT64_MAX), "18446744073709551615");
    arena_finish(&arena);
}

static void big_endian_keys_compare_as_numbers(void **state)
{
    (void)state;
    uint8_t low[8], high[8];
    bytes_put_be64(low, 0xff);
    bytes_put_be64(high, 0x100);
    assert_true(memcmp(low, high, 8) < 0);
    assert_int_equal(bytes_be64(high), 0x100);
    struct buffer buffer = { 0 };
    buffer_be32(&buffer, 0x01020304);
    buffer_format(&buffer, "%s", "x");
    assert_int_equal(buffer.size, 5);
    assert_int_equal(bytes_be32(buffer.bytes), 0x01020304);
    assert_string_equal(buffer_string(&buffer) + 4, "x");
    buffer_finish(&buffer);
}

static void a_prefix_stands_before_the_fault(void **state)
{
    (void)state;
    struct fault fault = { "" };
    assert_int_equal(fault_set(&fault, -EINVAL, "no such %s", "area"), -EINVAL);
    assert_int_equal(fault_prefix(&fault, -EINVAL, "areas.yaml:%d", 3), -EINVAL);
    assert_string_equal(fault.text, "areas.yaml:3: no such area");
    char long_text[2000];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = 0;
    fault_set(&fault, -1, "%s", long_text);
    fault_prefix(&fault, -1, "%s", long_text);
    assert_int_equal(strlen(fault.text), sizeof fault.text - 1);
}

static void hashes_are_blake2b_and_passwords_match_only_themselves(void **state)
{
    (void)state;
    char hex[HASH_HEX];
    struct hash hash = hash_of("abc", 3); /* BLAKE2b-256 of "abc": b2sum -l 256 */
    assert_string_equal(hash_hex(hex, &hash), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    struct hash same = hash_of_two("a", 1, "bc", 2);
    assert_true(hash_equal(&hash, &same));
    char password[PASSWORD_HASH_TEXT];
    assert_int_equal(password_hash(password, "鼓楼1234", NULL), 0);
    assert_true(password_matches(password, "鼓楼1234"));
    assert_false(password_matches(password, "鼓楼1235"));
    char one[21], two[21];
    random_text(one, 20);
    random_text(two, 20);
    assert_int_equal(strlen(one), 20);
    assert_string_not_equal(one, two);
}

static void metrics_print_each_sentence_once(void **state)
{
    (void)state;
    static struct metric a = METRIC_COUNTER("x_total{k=\"a\"}", "Xs."), b = METRIC_COUNTER("x_total{k=\"b\"}", "Xs."),
                         g = METRIC_GAUGE("a_gauge", "As.");
    metric_add(&b, 2);
    metric_add(&a, 1);
    metric_set(&g, -5);
    struct buffer text = { 0 };
    metrics_print(&text);
    assert_string_equal(buffer_string(&text), "# HELP a_gauge As.\n# TYPE a_gauge gauge\na_gauge -5\n"
                                              "# HELP x_total Xs.\n# TYPE x_total counter\n"
                                              "x_total{k=\"a\"} 1\nx_total{k=\"b\"} 2\n");
    buffer_finish(&text);
}

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

/* printf '%s' 1767600000.hello | openssl dgst -sha256 -hmac KEY */
static void messages_are_signed_by_hmac(void **state)
{
    (void)state;
    char hex[HASH_HEX];
    struct hash hash = hmac_sha256(bytes_of("Jefe"), bytes_of("what do ya want for nothing?"), bytes_of(""));
    assert_string_equal(hash_hex(hex, &hash), "38c6c848e5a2f57451f5095df6370d5c9b83175b99df46422b34960c28def6ae");
    hash = hmac_sha256(bytes_of("a key that is longer than the block of SHA-256, which has sixty-four bytes, so that "
                                "it is hashed"),
                       bytes_of("1767600000"), bytes_of("{\"a\": 1}"));
    assert_string_equal(hash_hex(hex, &hash), "e1eb152822f2afc91a440ff60a483741e740f273f46870d7029ab78807352bc6");
    assert_true(hash_is_hex(&hash, hex));
    hex[0] ^= 1;
    assert_false(hash_is_hex(&hash, hex));
    hex[0] ^= 1;
    hex[63] = '\0';
    assert_false(hash_is_hex(&hash, hex));
    assert_false(hash_is_hex(&hash, "zz"));
    assert_false(hash_is_hex(&hash, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_an_arena_gives_is_zeroed_and_apart),
        cmocka_unit_test(big_endian_keys_compare_as_numbers),
        cmocka_unit_test(a_prefix_stands_before_the_fault),
        cmocka_unit_test(hashes_are_blake2b_and_passwords_match_only_themselves),
        cmocka_unit_test(messages_are_signed_by_hmac),
        cmocka_unit_test(metrics_print_each_sentence_once),
    };
    return crypto_init(NULL) ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
