#include "proto/photo/answer.h"

#include <math.h>
#include <string.h>

#include "proto/record/media_type.h"

#define RECORD_TYPE struct photo_facts
RECORD_DEFINE(photo_facts, 1, PHOTO_FACTS_FIELDS)
#undef RECORD_TYPE

enum { LENGTH_BYTES = 4 };

void photo_answer_write(struct photo *photo, struct buffer *out)
{
    struct buffer facts = { 0 };
    photo->facts.picture_bytes = (int64_t)photo->picture.size;
    photo->facts.small_bytes = (int64_t)photo->small.size;
    record_encode(&photo_facts_desc, &photo->facts, &facts);
    buffer_be32(out, (uint32_t)facts.size);
    buffer_append(out, facts.bytes, facts.size);
    buffer_append(out, photo->picture.data, photo->picture.size);
    buffer_append(out, photo->small.data, photo->small.size);
    buffer_finish(&facts);
}

static bool is_jpeg(struct bytes file)
{
    const char *type = media_type_of(file);
    return type && strcmp(type, "image/jpeg") == 0;
}

static bool is_sound(const struct photo *photo)
{
    const struct photo_facts *facts = &photo->facts;
    if (*facts->fault)
        return true;
    return is_jpeg(photo->picture) && is_jpeg(photo->small) && fabs(facts->lat) <= 90 && fabs(facts->lon) <= 180;
}

int photo_answer_read(struct bytes in, struct arena *arena, struct photo *photo, struct fault *fault)
{
    size_t length = in.size >= LENGTH_BYTES ? bytes_be32(in.data) : 0;
    if (!length || length > in.size - LENGTH_BYTES)
        return fault_set(fault, -EINVAL, "an answer of %zu bytes", in.size);
    const uint8_t *at = in.data + LENGTH_BYTES;
    struct photo_facts *facts = &photo->facts;
    int result = record_decode(&photo_facts_desc, (struct bytes){ at, length }, arena, facts, fault);
    if (result)
        return result;
    at += length;
    size_t rest = in.size - LENGTH_BYTES - length;
    if (facts->picture_bytes < 0 || facts->small_bytes < 0 || (uint64_t)facts->picture_bytes > rest ||
        (uint64_t)facts->small_bytes != rest - (uint64_t)facts->picture_bytes)
        return fault_set(fault, -EINVAL, "an answer whose pictures do not fill it");
    photo->picture = (struct bytes){ at, (size_t)facts->picture_bytes };
    photo->small = (struct bytes){ at + facts->picture_bytes, (size_t)facts->small_bytes };
    return is_sound(photo) ? 0 : fault_set(fault, -EINVAL, "an answer that is no picture");
}
