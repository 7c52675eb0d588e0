#include "tools/citysim/photo.h"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>

int photo_take(struct buffer *jpeg, struct fault *fault)
{
    gst_init(NULL, NULL);
    GError *error = NULL;
    GstElement *pipeline = gst_parse_launch("videotestsrc num-buffers=1 pattern=smpte75 ! "
                                            "video/x-raw,width=640,height=480 "
                                            "! jpegenc quality=80 ! appsink name=sink sync=false",
                                            &error);
    if (!pipeline) {
        fault_set(fault, -EIO, "photo: %s", error->message);
        g_clear_error(&error);
        return -EIO;
    }
    GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    GstSample *sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink), 10 * GST_SECOND);
    GstMapInfo map;
    int result = 0;
    if (sample && gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ)) {
        buffer_append(jpeg, map.data, map.size);
        gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
    } else {
        result = fault_set(fault, -EIO, "photo: GStreamer made none; are gstreamer1.0-plugins-good there?");
    }
    if (sample)
        gst_sample_unref(sample);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(sink);
    gst_object_unref(pipeline);
    return result;
}
