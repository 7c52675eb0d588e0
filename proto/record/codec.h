/* Records: one table per kind gives the struct, the msgpack bytes on disk and wire, the JSON names and the checks.
 *
 * A table is an X-macro list of fields, see event.h:
 *     #define EVENT_FIELDS(X) X(1, INT, seq, 0) X(7, TEXT, title, 200) X(12, LIST, media, media_ref) …
 * A tag is never used again for something else; a field is never moved to another tag.
 *
 * Bytes: a msgpack map { 0: version, tag: value … } without the fields that hold their default (0, "", empty).
 * They are read in one pass that reserves nothing for what it has not seen: never more elements than bytes left, no
 * extension types, text is UTF-8 without NUL, nothing after the end. Fields that this version does not know are kept (8 deep) and
 * written again after the known ones, so that an older process does not cut what a newer one wrote.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/buffer.h"
#include "proto/base/fault.h"

enum field_kind {
    FIELD_INT,    /* int64_t */
    FIELD_REAL,   /* double, finite */
    FIELD_BOOL,   /* bool */
    FIELD_TEXT,   /* const char *, UTF-8, never NULL after decoding; limit in bytes */
    FIELD_ENUM,   /* an enum of an enum_desc; a number that it does not name is refused */
    FIELD_RECORD, /* a struct in place */
    FIELD_LIST,   /* struct NAME_list { struct NAME *items; size_t count; } */
};

struct enum_desc {
    const char *name;
    const char *const *names; /* index = value; NULL: not used */
    size_t count;
};
/* "unknown" where the value has no name. */
const char *enum_name(const struct enum_desc *desc, int value);
/* -1 where the text names none. */
int enum_value(const struct enum_desc *desc, const char *name);

/* What is kept of fields that this version does not know: their pairs, packed one after the other. */
struct record_extra {
    const uint8_t *bytes;
    size_t size;
    uint32_t pairs;
};

struct record_desc;
struct field_desc {
    uint8_t tag; /* 1 to 127 */
    enum field_kind kind;
    const char *name;
    size_t offset;
    size_t limit;                     /* FIELD_TEXT: bytes; FIELD_LIST: items */
    const struct enum_desc *names;    /* FIELD_ENUM */
    const struct record_desc *record; /* FIELD_RECORD, FIELD_LIST */
};
/* A field that is a text, or a record which may have some. */
struct text_place {
    size_t offset;
    const struct record_desc *record; /* NULL: a text */
};
struct record_desc {
    const char *name;
    uint8_t version;
    size_t size;
    size_t extra_offset;
    const struct field_desc *fields;
    size_t field_count;
    const struct text_place *texts;
    size_t text_count;
};

enum { RECORD_BYTES_MAX = 1 << 20, RECORD_DEPTH_MAX = 8, RECORD_LIST_MAX = 4096 };

/* Appends the bytes of `record`. A TEXT that is NULL counts as "". */
void record_encode(const struct record_desc *desc, const void *record, struct buffer *out);

/* Fills `record` (desc->size bytes); texts and lists are copied into the arena, so they outlive the bytes.
 * -EINVAL with a fault that names record and field for anything that is not such a record. */
int record_decode(const struct record_desc *desc, struct bytes in, struct arena *arena, void *record,
                  struct fault *fault);

/* Would record_decode() read what record_encode() writes of it? For what comes from outside, before it is kept for good.
 * -EINVAL names record and field; -EMSGSIZE: it could become larger than RECORD_BYTES_MAX (by an upper bound, not to the byte). */
int record_check(const struct record_desc *desc, const void *record, struct fault *fault);

/* UTF-8 (RFC 3629: no surrogates, no overlong forms), without NUL. */
bool text_is_utf8(const char *text, size_t length);

/* ---- what the tables expand to ---- */
#define ENUM_VALUE(prefix, value, name) prefix##_##value,
#define ENUM_NAME(prefix, value, name) [prefix##_##value] = name,
/* ENUM_DECLARE(task_state, TASK_STATES): enum task_state { … }; extern const struct enum_desc task_state_desc; */
#define ENUM_DECLARE(type, LIST) \
    enum type { LIST(ENUM_VALUE) }; \
    extern const struct enum_desc type##_desc;
#define ENUM_DEFINE(type, LIST) \
    static const char *const type##_names[] = { LIST(ENUM_NAME) }; \
    const struct enum_desc type##_desc = { #type, type##_names, sizeof type##_names / sizeof *type##_names };

#define FIELD_MEMBER_INT(name, arg) int64_t name;
#define FIELD_MEMBER_REAL(name, arg) double name;
#define FIELD_MEMBER_BOOL(name, arg) bool name;
#define FIELD_MEMBER_TEXT(name, arg) const char *name;
#define FIELD_MEMBER_ENUM(name, arg) enum arg name;
#define FIELD_MEMBER_RECORD(name, arg) struct arg name;
#define FIELD_MEMBER_LIST(name, arg) struct arg##_list name;
#define FIELD_MEMBER(tag, kind, name, arg) FIELD_MEMBER_##kind(name, arg)
/* RECORD_DECLARE(event, EVENT_FIELDS): struct event, struct event_list, event_desc. */
#define RECORD_DECLARE(type, FIELDS) \
    struct type { \
        FIELDS(FIELD_MEMBER) struct record_extra extra; \
    }; \
    struct type##_list { \
        struct type *items; \
        size_t count; \
    }; \
    extern const struct record_desc type##_desc;

#define FIELD_DETAIL_INT(arg) .limit = 0
#define FIELD_DETAIL_REAL(arg) .limit = 0
#define FIELD_DETAIL_BOOL(arg) .limit = 0
#define FIELD_DETAIL_TEXT(arg) .limit = (arg)
#define FIELD_DETAIL_ENUM(arg) .names = &arg##_desc
#define FIELD_DETAIL_RECORD(arg) .record = &arg##_desc
#define FIELD_DETAIL_LIST(arg) .limit = RECORD_LIST_MAX, .record = &arg##_desc
#define FIELD_ENTRY(tag_, kind_, name_, arg_) \
    { .tag = (tag_), \
      .kind = FIELD_##kind_, \
      .name = #name_, \
      .offset = offsetof(RECORD_TYPE, name_), \
      FIELD_DETAIL_##kind_(arg_) },
#define TEXT_PLACE_INT(name_, arg_)
#define TEXT_PLACE_REAL(name_, arg_)
#define TEXT_PLACE_BOOL(name_, arg_)
#define TEXT_PLACE_TEXT(name_, arg_) { offsetof(RECORD_TYPE, name_), NULL },
#define TEXT_PLACE_ENUM(name_, arg_)
#define TEXT_PLACE_RECORD(name_, arg_) { offsetof(RECORD_TYPE, name_), &arg_##_desc },
#define TEXT_PLACE_LIST(name_, arg_)
#define TEXT_PLACE(tag_, kind_, name_, arg_) TEXT_PLACE_##kind_(name_, arg_)
/* #define RECORD_TYPE struct event  before  RECORD_DEFINE(event, 1, EVENT_FIELDS), #undef after. */
#define RECORD_DEFINE(type, version_, FIELDS) \
    static const struct field_desc type##_fields[] = { FIELDS(FIELD_ENTRY) }; \
    static const struct text_place type##_texts[] = { FIELDS(TEXT_PLACE){ 0, NULL } /* ends it */ }; \
    const struct record_desc type##_desc = { #type, \
                                             version_, \
                                             sizeof(struct type), \
                                             offsetof(struct type, extra), \
                                             type##_fields, \
                                             sizeof type##_fields / sizeof *type##_fields, \
                                             type##_texts, \
                                             sizeof type##_texts / sizeof *type##_texts - 1 };
