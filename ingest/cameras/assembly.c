#include "ingest/cameras/assembly.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/crypto.h"

static const uint8_t start_code[4] = { 0, 0, 0, 1 };

void assembly_begin(struct assembly *assembly, enum frame_codec codec,
                    void (*unit)(void *context, const struct source_unit *unit), void *context)
{
    assert(codec == FRAME_H264 || codec == FRAME_H265);
    assembly->codec = codec;
    assembly->unit = unit;
    assembly->context = context;
    assembly->need_key = true;
}

void assembly_finish(struct assembly *assembly)
{
    for (size_t i = 0; i < assembly->set_count; i++)
        free(assembly->sets[i].bytes);
    buffer_finish(&assembly->bytes);
    *assembly = (struct assembly){ 0 };
}

/* ---- parameter sets ---- */

static bool set_is(const struct assembly_set *set, struct bytes nal)
{
    return set->size == nal.size && memcmp(set->bytes, nal.data, nal.size) == 0;
}

/* The set's place, a new one where there is none. */
static struct assembly_set *place_of(struct assembly *assembly, enum nal_kind kind, int id)
{
    size_t at = 0;
    while (at < assembly->set_count &&
           (assembly->sets[at].kind < kind || (assembly->sets[at].kind == kind && assembly->sets[at].id < id)))
        at++;
    struct assembly_set *place = &assembly->sets[at];
    if (at < assembly->set_count && place->kind == kind && place->id == id)
        return place;
    if (assembly->set_count == ASSEMBLY_SETS_MAX)
        return NULL;
    memmove(place + 1, place, (assembly->set_count++ - at) * sizeof *place);
    *place = (struct assembly_set){ .kind = (uint8_t)kind, .id = (uint8_t)id };
    return place;
}

static bool same_set_is_there(const struct assembly *assembly, enum nal_kind kind, struct bytes nal)
{
    for (size_t i = 0; i < assembly->set_count; i++)
        if (assembly->sets[i].kind == kind && set_is(&assembly->sets[i], nal))
            return true;
    return false;
}

/* False: it is broken. */
static bool keep_set(struct assembly *assembly, enum nal_kind kind, struct bytes nal)
{
    if (same_set_is_there(assembly, kind, nal))
        return true;
    uint16_t width, height;
    int id = nal_set_id(assembly->codec, nal);
    if (id < 0 || nal.size > ASSEMBLY_SET_BYTES_MAX ||
        (kind == NAL_SEQUENCE_SET && !nal_picture_size(assembly->codec, nal, &width, &height)))
        return false;
    struct assembly_set *set = place_of(assembly, kind, id);
    if (!set)
        return false;
    uint8_t *bytes = realloc(set->bytes, nal.size);
    assert(bytes);
    memcpy(bytes, nal.data, nal.size);
    set->bytes = bytes;
    set->size = (uint16_t)nal.size;
    if (kind == NAL_SEQUENCE_SET) {
        assembly->width = width;
        assembly->height = height;
    }
    return true;
}

static bool has_set(const struct assembly *assembly, enum nal_kind kind)
{
    for (size_t i = 0; i < assembly->set_count; i++)
        if (assembly->sets[i].kind == kind)
            return true;
    return false;
}

static bool sets_are_complete(const struct assembly *assembly)
{
    return has_set(assembly, NAL_SEQUENCE_SET) && has_set(assembly, NAL_PICTURE_SET) &&
           (assembly->codec == FRAME_H264 || has_set(assembly, NAL_VIDEO_SET));
}

void assembly_take_sprop(struct assembly *assembly, const char *sprop)
{
    struct buffer nal = { 0 };
    char word[2 * ASSEMBLY_SET_BYTES_MAX];
    while (*sprop) {
        size_t length = strcspn(sprop, ",");
        buffer_clear(&nal);
        if (length < sizeof word) {
            memcpy(word, sprop, length);
            word[length] = '\0';
            if (base64_decode(word, &nal) == 0) {
                enum nal_kind kind = nal_kind(assembly->codec, buffer_view(&nal));
                if (nal_is_set(kind))
                    keep_set(assembly, kind, buffer_view(&nal));
            }
        }
        sprop += length;
        sprop += *sprop == ',';
    }
    buffer_finish(&nal);
}

/* ---- the unit under way ---- */

static void put_nal(struct buffer *out, struct bytes nal)
{
    buffer_append(out, start_code, sizeof start_code);
    buffer_append(out, nal.data, nal.size);
}

/* The sets stand before the first slice of a key frame; those that are in a unit itself are among them. */
static void put_sets(struct assembly *assembly)
{
    for (size_t i = 0; i < assembly->set_count; i++)
        put_nal(&assembly->bytes, (struct bytes){ assembly->sets[i].bytes, assembly->sets[i].size });
}

static void begin_slice(struct assembly *assembly, enum nal_kind kind)
{
    if (kind == NAL_KEY && !assembly->key) {
        assembly->key = true;
        buffer_clear(&assembly->bytes); /* sets of this unit, which come with the others */
        if (sets_are_complete(assembly))
            put_sets(assembly);
        else
            assembly->damaged = true; /* nobody could decode it */
    }
    assembly->begun = true;
}

/* What is too big for the bus is not kept either. */
static void mind_size(struct assembly *assembly)
{
    if (assembly->bytes.size <= FRAME_UNIT_MAX)
        return;
    assembly->damaged = true;
    buffer_clear(&assembly->bytes);
}

bool assembly_add(struct assembly *assembly, struct bytes nal)
{
    enum nal_kind kind = nal_kind(assembly->codec, nal);
    if (kind == NAL_BROKEN || (nal_is_set(kind) && !keep_set(assembly, kind, nal))) {
        assembly->damaged = true;
        return false;
    }
    if (nal_is_set(kind)) {
        if (!assembly->key)
            put_nal(&assembly->bytes, nal);
    } else if (kind != NAL_OTHER) {
        begin_slice(assembly, kind);
        put_nal(&assembly->bytes, nal);
    }
    mind_size(assembly);
    return true;
}

bool assembly_begin_slice(struct assembly *assembly, struct bytes head)
{
    uint8_t sample[3] = { head.data[0], head.size > 1 ? head.data[1] : 0, 0 };
    enum nal_kind kind = nal_kind(assembly->codec, (struct bytes){ sample, sizeof sample });
    if (kind != NAL_SLICE && kind != NAL_KEY)
        return false;
    begin_slice(assembly, kind);
    put_nal(&assembly->bytes, head);
    return true;
}

void assembly_append(struct assembly *assembly, struct bytes part)
{
    buffer_append(&assembly->bytes, part.data, part.size);
    mind_size(assembly);
}

void assembly_end(struct assembly *assembly)
{
    bool whole = !assembly->damaged;
    if (assembly->begun && whole && (assembly->key || !assembly->need_key)) {
        struct source_unit unit = { .key = assembly->key,
                                    .codec = assembly->codec,
                                    .width = assembly->width,
                                    .height = assembly->height,
                                    .bytes = buffer_view(&assembly->bytes) };
        assembly->need_key = false;
        assembly->units++;
        assembly->unit(assembly->context, &unit);
    } else if (assembly->begun || assembly->damaged) {
        assembly->need_key |= !whole;
        assembly->units_dropped++;
    }
    buffer_clear(&assembly->bytes);
    assembly->begun = assembly->damaged = assembly->key = false;
}

void assembly_need_key(struct assembly *assembly)
{
    assembly->damaged |= assembly->begun;
    assembly_end(assembly);
    assembly->need_key = true;
}
