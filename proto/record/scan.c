#include "proto/record/scan.h"

#include <string.h>

/* ---- UTF-8 ---- */

/* Neither a NUL nor a byte beyond ASCII in eight of them. */
static bool is_plain(uint64_t word)
{
    uint64_t below = word - UINT64_C(0x0101010101010101); /* borrows into the high bit of a byte that is 0 */
    return !((word | below) & UINT64_C(0x8080808080808080));
}

/* Of fewer than eight bytes; the rest of the word is plain. */
static bool is_plain_short(const unsigned char *at, size_t length)
{
    uint64_t word = UINT64_C(0x2020202020202020);
    memcpy(&word, at, length);
    return is_plain(word);
}

/* The character at `at`; NULL: it is none. */
static const unsigned char *past_character(const unsigned char *at, const unsigned char *end)
{
    unsigned char lead = *at++;
    if (lead == 0)
        return NULL;
    if (lead < 0x80)
        return at;
    if (lead >= 0xe1 && lead <= 0xec && end - at >= 2 && (at[0] & 0xc0) == 0x80 && (at[1] & 0xc0) == 0x80)
        return at + 2; /* three bytes, far from the surrogates: what Chinese is */
    int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    uint32_t code = lead & (0x3fu >> more);
    if (lead < 0xc2 || lead > 0xf4 || end - at < more)
        return NULL;
    for (int i = 0; i < more; i++, at++) {
        if ((*at & 0xc0) != 0x80)
            return NULL;
        code = code << 6 | (*at & 0x3f);
    }
    static const uint32_t smallest[] = { 0, 0x80, 0x800, 0x10000 };
    bool valid = code >= smallest[more] && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    return valid ? at : NULL;
}

bool text_is_utf8(const char *text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + length;
    while (at && at < end) {
        uint64_t word;
        if (end - at < 8) {
            if (is_plain_short(at, (size_t)(end - at)))
                return true;
            at = past_character(at, end);
            continue;
        }
        memcpy(&word, at, sizeof word);
        at = is_plain(word) ? at + 8 : past_character(at, end);
    }
    return at;
}

/* ---- heads ---- */

static bool fail(struct scan *scan, const char *wrong)
{
    scan->wrong = wrong;
    return false;
}

static size_t left(const struct scan *scan)
{
    return (size_t)(scan->end - scan->at);
}

/* `width` bytes, most significant first. */
static bool take(struct scan *scan, int width, uint64_t *value)
{
    if (left(scan) < (size_t)width)
        return fail(scan, "cut short");
    *value = 0;
    for (int i = 0; i < width; i++)
        *value = *value << 8 | *scan->at++;
    return true;
}

static bool take_run(struct scan *scan, enum head_kind kind, uint64_t size, struct head *head)
{
    if (left(scan) < size)
        return fail(scan, "cut short");
    *head = (struct head){ .kind = kind, .count = (size_t)size, .at = scan->at };
    scan->at += size;
    return kind == HEAD_BYTES || text_is_utf8((const char *)head->at, head->count) || fail(scan, "text is not UTF-8");
}

static bool take_container(struct scan *scan, enum head_kind kind, uint64_t count, struct head *head)
{
    if (count * (kind == HEAD_MAP ? 2 : 1) > left(scan))
        return fail(scan, "more elements than bytes");
    *head = (struct head){ .kind = kind, .count = (size_t)count };
    return true;
}

static bool take_unsigned(struct scan *scan, int width, struct head *head)
{
    uint64_t value;
    if (!take(scan, width, &value))
        return false;
    *head = (struct head){ .kind = HEAD_WHOLE, .fits = value <= INT64_MAX, .whole = (int64_t)value };
    return true;
}

static bool take_signed(struct scan *scan, int width, struct head *head)
{
    uint64_t value;
    if (!take(scan, width, &value))
        return false;
    uint64_t sign = UINT64_C(1) << (8 * width - 1);
    *head = (struct head){ .kind = HEAD_WHOLE, .fits = true, .whole = (int64_t)((value ^ sign) - sign) };
    return true;
}

static bool take_real(struct scan *scan, int width, struct head *head)
{
    uint64_t value;
    if (!take(scan, width, &value))
        return false;
    *head = (struct head){ .kind = HEAD_REAL };
    if (width == 8) {
        memcpy(&head->real, &value, sizeof head->real);
        return true;
    }
    uint32_t bits = (uint32_t)value;
    float real;
    memcpy(&real, &bits, sizeof real);
    head->real = (double)real;
    return true;
}

bool scan_head(struct scan *scan, struct head *head)
{
    uint64_t count;
    if (scan->at == scan->end)
        return fail(scan, "cut short");
    uint8_t byte = *scan->at++;
    if (byte < 0x80 || byte >= 0xe0) {
        *head = (struct head){ .kind = HEAD_WHOLE, .fits = true, .whole = (int8_t)byte };
        return true;
    }
    if (byte < 0x90)
        return take_container(scan, HEAD_MAP, byte & 15, head);
    if (byte < 0xa0)
        return take_container(scan, HEAD_ARRAY, byte & 15, head);
    if (byte < 0xc0)
        return take_run(scan, HEAD_TEXT, byte & 31, head);
    switch (byte) {
    case 0xc0:
        *head = (struct head){ .kind = HEAD_NIL };
        return true;
    case 0xc2:
    case 0xc3:
        *head = (struct head){ .kind = HEAD_BOOL, .whole = byte & 1 };
        return true;
    case 0xc4:
    case 0xc5:
    case 0xc6: /* bin 8, 16, 32 */
        return take(scan, 1 << (byte - 0xc4), &count) && take_run(scan, HEAD_BYTES, count, head);
    case 0xca:
    case 0xcb: /* float 32, 64 */
        return take_real(scan, 4 << (byte - 0xca), head);
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf: /* uint 8 … 64 */
        return take_unsigned(scan, 1 << (byte - 0xcc), head);
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3: /* int 8 … 64 */
        return take_signed(scan, 1 << (byte - 0xd0), head);
    case 0xd9:
    case 0xda:
    case 0xdb: /* str 8, 16, 32 */
        return take(scan, 1 << (byte - 0xd9), &count) && take_run(scan, HEAD_TEXT, count, head);
    case 0xdc:
    case 0xdd: /* array 16, 32 */
        return take(scan, 2 << (byte - 0xdc), &count) && take_container(scan, HEAD_ARRAY, count, head);
    case 0xde:
    case 0xdf: /* map 16, 32 */
        return take(scan, 2 << (byte - 0xde), &count) && take_container(scan, HEAD_MAP, count, head);
    default:
        return fail(scan, "an extension or reserved type");
    }
}

/* ---- whole values ---- */

bool scan_skip(struct scan *scan)
{
    size_t waiting[RECORD_DEPTH_MAX]; /* values still to come at each level */
    int depth = 0;
    do {
        struct head head;
        if (depth)
            waiting[depth - 1]--;
        if (!scan_head(scan, &head))
            return false;
        size_t elements = head.kind == HEAD_ARRAY ? head.count : head.kind == HEAD_MAP ? head.count * 2 : 0;
        if (elements && depth == RECORD_DEPTH_MAX)
            return fail(scan, "nested too deep");
        if (elements)
            waiting[depth++] = elements;
        while (depth && waiting[depth - 1] == 0)
            depth--;
    } while (depth);
    return true;
}

int scan_fault(const struct scan *scan, struct fault *fault)
{
    return fault_set(fault, -EINVAL, "%s at byte %td", scan->wrong, scan->at - scan->start);
}
