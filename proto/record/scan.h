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
/* Past a whole value that may hold others, RECORD_DEPTH_MAX deep. false: something is wrong. */
bool scan_skip(struct scan *scan);
/* -EINVAL, saying what is wrong and where. */
int scan_fault(const struct scan *scan, struct fault *fault);
