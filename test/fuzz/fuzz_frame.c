/* Access units of cameras on the bus: what is taken apart and put together again is the same message. */
#include <assert.h>
#include <string.h>

#include "proto/record/frame.h"
#include "test/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes rest = { data, size };
    struct frame frame;
    struct fault fault = { "" };
    struct frame_cache cache = { .limit = 4096 };
    struct frame_order order = { 0 };
    int result;
    while ((result = frame_take(&rest, &frame, &fault)) == 0) {
        struct buffer out = { 0 };
        frame_put(&out, &frame);
        assert(out.size == FRAME_HEAD_BYTES + frame.unit.size);
        assert(rest.data - out.size >= data &&
               memcmp(rest.data - frame.unit.size, frame.unit.data, frame.unit.size) == 0);
        frame_cache_add(&cache, &frame);
        frame_order_takes(&order, &frame);
        buffer_finish(&out);
    }
    assert(result == 1 ? rest.size == 0 : result == -EINVAL);
    frame_cache_finish(&cache);
    return 0;
}
