/* A small set of byte strings, kept one after the other in a buffer: what one case contributes, some tens of entries.
 * Looked through from front to back; no memory of its own. */
#pragma once

#include "proto/base/buffer.h"

#include <stdbool.h>
#include <string.h>

static inline bool name_set_next(const struct buffer *set, size_t *at, struct bytes *name)
{
    if (*at == set->size)
        return false;
    *name = (struct bytes){ set->bytes + *at + 4, bytes_be32(set->bytes + *at) };
    *at += 4 + name->size;
    return true;
}

static inline bool name_set_has(const struct buffer *set, struct bytes name)
{
    struct bytes other;
    for (size_t at = 0; name_set_next(set, &at, &other);)
        if (other.size == name.size && memcmp(other.data, name.data, name.size) == 0)
            return true;
    return false;
}

static inline void name_set_add(struct buffer *set, struct bytes name)
{
    buffer_be32(set, (uint32_t)name.size);
    buffer_append(set, name.data, name.size);
}

/* Calls `change` with each member of `set` that is not in `other`. */
static inline void name_set_difference(const struct buffer *set, const struct buffer *other,
                                       void (*change)(void *context, struct bytes name), void *context)
{
    struct bytes name;
    for (size_t at = 0; name_set_next(set, &at, &name);)
        if (!name_set_has(other, name))
            change(context, name);
}
