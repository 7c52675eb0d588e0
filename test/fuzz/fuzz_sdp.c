/* What a camera offers: the first line is the address that was asked for, the rest its description. */
#include <assert.h>
#include <string.h>

#include "ingest/cameras/sdp.h"
#include "proto/book/camera_url.h"
#include "test/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = { 0 };
    struct bytes rest = { data, size };
    struct camera_url url;
    struct sdp_video video;
    struct fault fault = { "" };
    char control[SDP_CONTROL_SIZE];
    const char *address = fuzz_line(&rest, &arena);
    int result = camera_url_read(address, "rtsp", "554", &url, &fault);
    assert(result == 0 ? strpbrk(url.address, "\r\n \"") == NULL && *url.host && *url.port : *fault.text != '\0');
    result = sdp_find_video(rest, &video, &fault);
    assert(result == 0 ? video.payload_type <= 127 && (video.codec == FRAME_H264 || video.codec == FRAME_H265)
                       : result == -EINVAL && *fault.text);
    if (result == 0 && sdp_control_url(address, video.control, control, sizeof control) == 0)
        fuzz_touch_text(control);
    if (result == 0)
        fuzz_touch_text(video.sprop);
    arena_finish(&arena);
    return 0;
}
