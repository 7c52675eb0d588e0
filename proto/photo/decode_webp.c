#include <webp/decode.h>
#include <webp/demux.h>

#include "proto/photo/decode.h"

static void take_exif(struct bytes file, struct buffer *exif)
{
    WebPData data = { file.data, file.size };
    WebPDemuxer *demuxer = WebPDemux(&data);
    WebPChunkIterator chunk;
    if (demuxer && WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk)) {
        buffer_append(exif, chunk.chunk.bytes, chunk.chunk.size);
        WebPDemuxReleaseChunkIterator(&chunk);
    }
    WebPDemuxDelete(demuxer);
}

int decode_webp(struct bytes file, const struct photo_limits *limits, struct picture *picture, struct buffer *exif,
                struct fault *fault)
{
    WebPBitstreamFeatures features;
    VP8StatusCode status = WebPGetFeatures(file.data, file.size, &features);
    if (status == VP8_STATUS_NOT_ENOUGH_DATA)
        return fault_set(fault, -EINVAL, "WebP: cut short");
    if (status != VP8_STATUS_OK)
        return fault_set(fault, -EINVAL, "WebP: no picture in it");
    if (features.has_animation)
        return fault_set(fault, -EINVAL, "WebP: an animation; expected one picture");
    int result = decode_check_size(features.width, features.height, limits, "WebP", fault);
    if (!result)
        result = picture_make(picture, features.width, features.height, fault);
    if (result)
        return result;
    int stride = picture->width * PICTURE_PIXEL;
    if (!WebPDecodeBGRAInto(file.data, file.size, picture->pixels, (size_t)stride * (size_t)picture->height, stride))
        return fault_set(fault, -EINVAL, "WebP: cut short or damaged");
    take_exif(file, exif);
    return 0;
}
