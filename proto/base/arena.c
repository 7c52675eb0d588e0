#include "proto/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* AddressSanitizer knows blocks only: it is told what was handed out of one, and a gap follows each piece, so that it finds who reads on. */
#ifndef __has_feature /* gcc says it by a macro */
#define __has_feature(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
enum { ARENA_GAP_BYTES = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(at, size)
#define ASAN_UNPOISON_MEMORY_REGION(at, size)
enum { ARENA_GAP_BYTES = 0 };
#endif

enum { ARENA_BLOCK_BYTES = 64 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size;
    size_t used;
    alignas(max_align_t) unsigned char bytes[];
};

static struct arena_block *block_new(size_t size)
{
    struct arena_block *block = malloc(sizeof *block + size);
    if (!block) {
        fputs("out of memory\n", stderr);
        abort();
    }
    block->next = NULL;
    block->size = size;
    block->used = 0;
    ASAN_POISON_MEMORY_REGION(block->bytes, size);
    return block;
}

/* Not zeroed. */
static void *place(struct arena *arena, size_t size)
{
    size_t align = alignof(max_align_t);
    if (size > SIZE_MAX / 2)
        abort();
    size_t need = (size + align - 1) / align * align + ARENA_GAP_BYTES;
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < need) {
        block = block_new(need > ARENA_BLOCK_BYTES ? need : ARENA_BLOCK_BYTES);
        block->next = arena->blocks;
        arena->blocks = block;
    }
    void *at = block->bytes + block->used;
    block->used += need;
    arena->used += need;
    ASAN_UNPOISON_MEMORY_REGION(at, size);
    return at;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(place(arena, size), 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / 2 / size)
        abort();
    return arena_alloc(arena, count * size);
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
    char *copy = place(arena, length + 1);
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    char brief[256]; /* most are: then it is formatted once */
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(brief, sizeof brief, format, args);
    va_end(args);
    if (length < 0)
        abort();
    char *text = place(arena, (size_t)length + 1);
    if ((size_t)length < sizeof brief)
        memcpy(text, brief, (size_t)length + 1);
    else
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

void arena_reset(struct arena *arena)
{
    struct arena_block *keep = arena->blocks;
    if (keep) {
        struct arena_block *block = keep->next;
        while (block) {
            struct arena_block *next = block->next;
            free(block);
            block = next;
        }
        keep->next = NULL;
        keep->used = 0;
        ASAN_POISON_MEMORY_REGION(keep->bytes, keep->size);
        if (keep->size > ARENA_BLOCK_BYTES) { /* one huge request must not stay resident */
            free(keep);
            arena->blocks = NULL;
        }
    }
    arena->used = 0;
}

void arena_finish(struct arena *arena)
{
    struct arena_block *block = arena->blocks;
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    *arena = (struct arena){ 0 };
}
