/* The bounded scan: one pass over msgpack bytes with an own stack, before msgpack-c may reserve memory for them.
 * Format: https://github.com/msgpack/msgpack/blob/master/spec.md */
#include <string.h>

#include "proto/record/codec.h"

bool text_is_utf8(const char *text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + length;
    while (at < end) {
        unsigned char lead = *at++;
        if (lead == 0)
            return false;
        if (lead < 0x80)
            continue;
        int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
        uint32_t code = lead & (0x3fu >> more);
        if (lead < 0xc2 || lead > 0xf4 || end - at < more)
            return false;
        for (int i = 0; i < more; i++, at++) {
            if ((*at & 0xc0) != 0x80)
                return false;
            code = code << 6 | (*at & 0x3f);
        }
        static const uint32_t smallest[] = { 0, 0x80, 0x800, 0x10000 };
        if (code < smallest[more] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
            return false;
    }
    return true;
}

struct scan {
    struct bytes in;
    size_t at;
    uint64_t waiting[RECORD_DEPTH_MAX]; /* values still to come at each level */
    int depth;
};

static bool take_size(struct scan *scan, int width, uint64_t *value)
{
    if (scan->in.size - scan->at < (size_t)width)
        return false;
    *value = 0;
    for (int i = 0; i < width; i++)
        *value = *value << 8 | scan->in.data[scan->at++];
    return true;
}

static bool skip(struct scan *scan, uint64_t size)
{
    if (scan->in.size - scan->at < size)
        return false;
    scan->at += (size_t)size;
    return true;
}

static const char *open_container(struct scan *scan, uint64_t elements)
{
    if (elements > scan->in.size - scan->at)
        return "more elements than bytes";
    if (elements && scan->depth == RECORD_DEPTH_MAX)
        return "nested too deep";
    if (elements)
        scan->waiting[scan->depth++] = elements;
    return NULL;
}

static const char *scan_text(struct scan *scan, uint64_t size)
{
    const char *text = (const char *)scan->in.data + scan->at;
    if (!skip(scan, size))
        return "cut short";
    return text_is_utf8(text, (size_t)size) ? NULL : "text is not UTF-8";
}

/* One value, or the head of a container. NULL, or what is wrong. */
static const char *scan_value(struct scan *scan)
{
    uint64_t size;
    if (scan->at == scan->in.size)
        return "cut short";
    uint8_t head = scan->in.data[scan->at++];
    if (head < 0x80 || head >= 0xe0 || head == 0xc0 || head == 0xc2 || head == 0xc3)
        return NULL; /* small number, nil, false, true */
    if (head < 0x90)
        return open_container(scan, (uint64_t)(head & 15) * 2);
    if (head < 0xa0)
        return open_container(scan, head & 15);
    if (head < 0xc0)
        return scan_text(scan, head & 31);
    switch (head) {
    case 0xc4:
    case 0xc5:
    case 0xc6: /* bin 8, 16, 32 */
        return take_size(scan, 1 << (head - 0xc4), &size) && skip(scan, size) ? NULL : "cut short";
    case 0xca:
    case 0xcb: /* float 32, 64 */
        return skip(scan, 4u << (head - 0xca)) ? NULL : "cut short";
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf: /* uint 8 … 64 */
        return skip(scan, 1u << (head - 0xcc)) ? NULL : "cut short";
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3: /* int 8 … 64 */
        return skip(scan, 1u << (head - 0xd0)) ? NULL : "cut short";
    case 0xd9:
    case 0xda:
    case 0xdb: /* str 8, 16, 32 */
        return take_size(scan, 1 << (head - 0xd9), &size) ? scan_text(scan, size) : "cut short";
    case 0xdc:
    case 0xdd: /* array 16, 32 */
        return take_size(scan, 2 << (head - 0xdc), &size) ? open_container(scan, size) : "cut short";
    case 0xde:
    case 0xdf: /* map 16, 32 */
        return take_size(scan, 2 << (head - 0xde), &size) ? open_container(scan, size * 2) : "cut short";
    default:
        return "an extension or reserved type";
    }
}

int record_scan(struct bytes in, struct fault *fault)
{
    if (in.size > RECORD_BYTES_MAX)
        return fault_set(fault, -EMSGSIZE, "%zu bytes, at most %d", in.size, RECORD_BYTES_MAX);
    struct scan scan = { .in = in };
    do {
        if (scan.depth)
            scan.waiting[scan.depth - 1]--;
        const char *wrong = scan_value(&scan);
        if (wrong)
            return fault_set(fault, -EINVAL, "%s at byte %zu", wrong, scan.at);
        while (scan.depth && scan.waiting[scan.depth - 1] == 0)
            scan.depth--;
    } while (scan.depth);
    if (scan.at != in.size)
        return fault_set(fault, -EINVAL, "%zu bytes after the end", in.size - scan.at);
    return 0;
}
