#include "videowall/media/media.h"

struct listener {
    void (*ended)(void *context, const char *error);
    void *context;
};

int media_init(struct fault *fault)
{
    GError *error = NULL;
    if (gst_init_check(NULL, NULL, &error))
        return 0;
    fault_set(fault, -ENOSYS, "GStreamer does not start: %s", error ? error->message : "no reason given");
    g_clear_error(&error);
    return -ENOSYS;
}

static GstBusSyncReply message_came(GstBus *bus, GstMessage *message, gpointer argument)
{
    (void)bus;
    const struct listener *listener = argument;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) {
        listener->ended(listener->context, NULL);
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        GError *error = NULL;
        gst_message_parse_error(message, &error, NULL);
        listener->ended(listener->context, error->message);
        g_error_free(error);
    }
    gst_message_unref(message);
    return GST_BUS_DROP;
}

int media_launch(const char *what, const char *description, void (*ended)(void *context, const char *error),
                 void *context, GstElement **pipeline, struct fault *fault)
{
    GError *error = NULL;
    *pipeline = gst_parse_launch(description, &error);
    if (error) {
        fault_set(fault, -ENOENT, "%s: %s; install the packages of tools/packages.txt", what, error->message);
        g_error_free(error);
        g_clear_object(pipeline);
        return -ENOENT;
    }
    struct listener *listener = g_new0(struct listener, 1);
    *listener = (struct listener){ .ended = ended, .context = context };
    GstBus *bus = gst_element_get_bus(*pipeline);
    gst_bus_set_sync_handler(bus, message_came, listener, g_free);
    gst_object_unref(bus);
    return 0;
}

#define DECODER_WORDS(name) \
    "appsrc name=source format=time caps=video/x-" name ",stream-format=byte-stream,alignment=au ! " name "parse " \
    "! avdec_" name " max-threads=1"

const char *media_decoder(enum frame_codec codec)
{
    return codec == FRAME_H265 ? DECODER_WORDS("h265") : DECODER_WORDS("h264");
}

void media_end(GstElement **pipeline)
{
    if (*pipeline)
        gst_element_set_state(*pipeline, GST_STATE_NULL);
    g_clear_object(pipeline);
}
