#pragma once

#include <stddef.h>

/* Every list struct has this shape; the codec sees them only as this, by memcpy. */
struct any_list {
    void *items;
    size_t count;
};
