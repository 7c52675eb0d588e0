/* Records from bytes: what decodes encodes to bytes that decode to the same, is fit to be kept, and comes back from its JSON.
 *
 * Input: a byte that says which record, and the record. */
#include <assert.h>
#include <string.h>

#include "proto/door/json.h"
#include "test/fuzz/fuzz.h"
#include "test/fuzz/records.h"

static void check_json(const struct record_desc *desc, const void *record, struct arena *arena)
{
    struct fault fault = { "" };
    void *back = arena_alloc(arena, desc->size);
    json_t *first = record_to_json(desc, record);
    assert(record_from_json(desc, first, arena, back, &fault) == 0);
    json_t *second = record_to_json(desc, back);
    assert(json_equal(first, second));
    json_decref(first);
    json_decref(second);
}

static void check_bytes(const struct record_desc *desc, const void *record, struct arena *arena)
{
    struct fault fault = { "" };
    struct buffer first = { 0 }, second = { 0 };
    void *back = arena_alloc(arena, desc->size);
    record_encode(desc, record, &first);
    assert(record_decode(desc, buffer_view(&first), arena, back, &fault) == 0);
    record_encode(desc, back, &second);
    assert(first.size == second.size && memcmp(first.bytes, second.bytes, first.size) == 0);
    buffer_finish(&first);
    buffer_finish(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = { 0 };
    struct fault fault = { "" };
    if (!size)
        return 0;
    const struct record_desc *desc = fuzz_records[data[0] % FUZZ_RECORD_COUNT];
    void *record = arena_alloc(&arena, desc->size);
    if (record_decode(desc, (struct bytes){ data + 1, size - 1 }, &arena, record, &fault) == 0) {
        assert(record_check(desc, record, &fault) == 0);
        check_bytes(desc, record, &arena);
        check_json(desc, record, &arena);
    }
    arena_finish(&arena);
    return 0;
}
