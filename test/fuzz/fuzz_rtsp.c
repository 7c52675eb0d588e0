/* What a camera sends: a session from DESCRIBE to pictures, in pieces of any size. The first byte says how the rest is cut. */
#include <assert.h>

#include "ingest/cameras/rtsp_session.h"
#include "test/fuzz/fuzz.h"

static void hear(void *context, const struct source_unit *unit)
{
    size_t *units = context;
    ++*units;
    assert(unit->bytes.size > 4 && unit->bytes.size <= FRAME_UNIT_MAX);
    fuzz_touch(unit->bytes.data, unit->bytes.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct rtsp_session session;
    size_t units = 0, piece = data[0] ? data[0] : size, end = 1, begin = 1;
    struct buffer out = { 0 };
    struct fault fault = { "" };
    const uint8_t random[8] = { 0 };
    struct source_sink sink = { .unit = hear, .context = &units };
    int result = rtsp_session_begin(&session, "rtsp://user:password@192.0.2.1/a", random, &sink, &out, &fault);
    assert(result == 0);
    int64_t used = 0;
    while (used >= 0 && end < size) {
        end = size - end > piece ? end + piece : size;
        used = rtsp_session_feed(&session, (struct bytes){ data + begin, end - begin }, 1000, 1000, &out, &fault);
        assert(used < 0 ? *fault.text != '\0' : (size_t)used <= end - begin);
        begin += used > 0 ? (size_t)used : 0;
        rtsp_session_tick(&session, (int64_t)end * 1000, &out);
    }
    rtsp_session_leave(&session, &out);
    rtsp_session_finish(&session);
    fuzz_touch(out.bytes, out.size);
    buffer_finish(&out);
    return 0;
}
