#include "videowall/wall/codec.h"

#include <glib.h>
#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>

struct codec {
    AVCodecContext *context;
    AVPacket *packet;
    AVFrame *frame;
    struct SwsContext *scaler; /* NULL, and so the next one, unless the camera's pictures are not I420 */
    AVFrame *converted;
};

static const AVCodec *find(enum frame_codec kind)
{
    return avcodec_find_decoder(kind == FRAME_H265 ? AV_CODEC_ID_HEVC : AV_CODEC_ID_H264);
}

bool codec_is_there(enum frame_codec kind)
{
    return find(kind) != NULL;
}

struct codec *codec_open(enum frame_codec kind)
{
    struct codec *codec = g_new0(struct codec, 1);
    const AVCodec *found = find(kind);
    av_log_set_level(AV_LOG_QUIET); /* what a camera sends is told by its state, not by lines for each frame */
    codec->context = avcodec_alloc_context3(found);
    codec->packet = av_packet_alloc();
    codec->frame = av_frame_alloc();
    if (codec->context && codec->packet && codec->frame) {
        codec->context->thread_count = 1;
        if (avcodec_open2(codec->context, found, NULL) == 0)
            return codec;
    }
    codec_close(codec);
    return NULL;
}

void codec_close(struct codec *codec)
{
    if (!codec)
        return;
    avcodec_free_context(&codec->context);
    av_packet_free(&codec->packet);
    av_frame_free(&codec->frame);
    sws_freeContext(codec->scaler);
    av_frame_free(&codec->converted);
    g_free(codec);
}

static bool is_i420(const AVFrame *frame)
{
    return frame->format == AV_PIX_FMT_YUV420P || frame->format == AV_PIX_FMT_YUVJ420P;
}

/* The camera's last picture in I420. NULL: it cannot be had. */
static const AVFrame *convert(struct codec *codec)
{
    const AVFrame *frame = codec->frame;
    AVFrame **to = &codec->converted;
    if (*to && ((*to)->width != frame->width || (*to)->height != frame->height))
        av_frame_free(to);
    if (!*to) {
        *to = av_frame_alloc();
        if (!*to)
            return NULL;
        (*to)->format = AV_PIX_FMT_YUV420P;
        (*to)->width = frame->width;
        (*to)->height = frame->height;
        if (av_frame_get_buffer(*to, 0) < 0) {
            av_frame_free(to);
            return NULL;
        }
    }
    codec->scaler = sws_getCachedContext(codec->scaler, frame->width, frame->height, frame->format, frame->width,
                                         frame->height, AV_PIX_FMT_YUV420P, SWS_FAST_BILINEAR, NULL, NULL, NULL);
    if (!codec->scaler)
        return NULL;
    sws_scale(codec->scaler, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, (*to)->data,
              (*to)->linesize);
    return *to;
}

static void tell(struct codec *codec, void (*picture)(void *context, const struct canvas *picture), void *context)
{
    const AVFrame *frame = is_i420(codec->frame) ? codec->frame : convert(codec);
    if (!frame)
        return;
    struct canvas canvas = {
        .width = frame->width,
        .height = frame->height,
        .y = frame->data[0],
        .u = frame->data[1],
        .v = frame->data[2],
        .y_stride = frame->linesize[0],
        .uv_stride = frame->linesize[1],
    };
    picture(context, &canvas);
}

bool codec_decode(struct codec *codec, struct bytes unit, void (*picture)(void *context, const struct canvas *picture),
                  void *context)
{
    codec->packet->data = (uint8_t *)unit.data; /* without a buffer that counts references libavcodec takes a copy */
    codec->packet->size = (int)unit.size;
    int result = avcodec_send_packet(codec->context, codec->packet);
    while (result >= 0 && (result = avcodec_receive_frame(codec->context, codec->frame)) >= 0)
        tell(codec, picture, context);
    av_frame_unref(codec->frame);
    return result == AVERROR(EAGAIN) || result == AVERROR_INVALIDDATA;
}
