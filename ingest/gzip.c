#include "ingest/gzip.h"

#include <zlib.h>

int gzip(struct buffer *out, struct bytes in, struct fault *fault)
{
    enum { GZIP_WINDOW = 15 + 16 }; /* 16: with gzip's own header */
    z_stream stream = { .next_in = (Bytef *)(uintptr_t)in.data, .avail_in = (uInt)in.size };
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return fault_set(fault, -ENOMEM, "gzip: out of memory");
    size_t most = deflateBound(&stream, in.size);
    stream.next_out = buffer_reserve(out, most);
    stream.avail_out = (uInt)most;
    int result = deflate(&stream, Z_FINISH);
    out->size += stream.total_out;
    deflateEnd(&stream);
    return result == Z_STREAM_END ? 0 : fault_set(fault, -EIO, "gzip: zlib says %d", result);
}
