/* Scan: msgpack bytes value by value, bounded: never more elements than bytes left, no extension types, text is UTF-8 without NUL.
 * Nothing is reserved for what has not been seen. Format: https://github.com/msgpack/msgpack/blob/master/spec.md */
#pragma once

#include "proto/record/codec.h"

struct scan {
    const uint8_t *start, *at, *end;
    const char *wrong; /* once something was: what; `at` is where */
};

enum head_kind { HEAD_NIL, HEAD_BOOL, HEAD_WHOLE, HEAD_REAL, HEAD_TEXT, HEAD_BYTES, HEAD_ARRAY, HEAD_MAP };

/* A value; of an array or a map its head only, the elements follow. */
struct head {
    enum head_kind kind;
    bool fits;         /* HEAD_WHOLE: into int64_t */
    int64_t whole;     /* HEAD_WHOLE, HEAD_BOOL */
    double real;       /* HEAD_REAL */
    size_t count;      /* HEAD_TEXT, HEAD_BYTES: bytes; HEAD_ARRAY: elements; HEAD_MAP: pairs */
    const uint8_t *at; /* HEAD_TEXT, HEAD_BYTES: in the scanned bytes, no NUL behind */
};

static inline struct scan scan_of(struct bytes in)
{
    return (struct scan){ .start = in.data, .at = in.data, .end = in.data + in.size };
}

/* The next head. false: something is wrong. */
bool scan_head(struct scan *scan, struct head *head);
/* What most values are, without the detour over a head. false: it is something else, or wrong; nothing was taken then, and scan_head() tells. */
static inline bool scan_whole(struct scan *scan, int64_t *value)
{
    const uint8_t *at = scan->at;
    size_t left = (size_t)(scan->end - at);
    if (left && *at < 0x80) {
        *value = *at;
        scan->at = at + 1;
        return true;
    }
    if (left < 9 || *at != 0xcf || at[1] >= 0x80) /* uint 64: a moment */
        return false;
    *value = (int64_t)bytes_be64(at + 1);
    scan->at = at + 9;
    return true;
}
/* Text of at most 255 bytes. */
static inline bool scan_text(struct scan *scan, struct bytes *text)
{
    const uint8_t *at = scan->at;
    size_t left = (size_t)(scan->end - at);
    if (left && *at >= 0xa0 && *at < 0xc0)
        *text = (struct bytes){ at + 1, *at & 31 };
    else if (left >= 2 && *at == 0xd9)
        *text = (struct bytes){ at + 2, at[1] };
    else
        return false;
    if ((size_t)(scan->end - text->data) < text->size || !text_is_utf8((const char *)text->data, text->size))
        return false;
    scan->at = text->data + text->size;
    return true;
}
/* Past a whole value that may hold others, RECORD_DEPTH_MAX deep. false: something is wrong. */
bool scan_skip(struct scan *scan);
/* -EINVAL, saying what is wrong and where. */
int scan_fault(const struct scan *scan, struct fault *fault);
