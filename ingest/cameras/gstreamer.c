#include "ingest/cameras/gstreamer.h"

#include <gst/gst.h>

int gstreamer_start(struct fault *fault)
{
    GError *error = NULL;
    if (gst_init_check(NULL, NULL, &error))
        return 0;
    fault_set(fault, -ENOSYS, "GStreamer does not start: %s", error ? error->message : "no reason given");
    g_clear_error(&error);
    return -ENOSYS;
}
