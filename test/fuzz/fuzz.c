#include "test/fuzz/fuzz.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/crypto.h"
#include "proto/base/log.h"
#include "test/unit/book/support.h"

void fuzz_quiet(void)
{
    struct fault fault = { "" };
    log_init("fuzz", (enum log_level)0);
    if (crypto_init(&fault) < 0)
        abort();
}

const char *fuzz_line(struct bytes *rest, struct arena *arena)
{
    const uint8_t *end = rest->size ? memchr(rest->data, '\n', rest->size) : NULL;
    size_t length = end ? (size_t)(end - rest->data) : rest->size;
    const char *line = arena_text(arena, (const char *)rest->data, length);
    rest->data += length + (end != NULL);
    rest->size -= length + (end != NULL);
    return line;
}

struct book *fuzz_book(const char *const (*files)[2], size_t count)
{
    struct book_folder folder;
    struct errors errors;
    book_folder_make(&folder);
    for (size_t i = 0; i < count; i++)
        book_folder_write(&folder, files[i][0], files[i][1]);
    struct book *book = book_of(&folder, &errors);
    book_folder_remove(&folder);
    if (!book) {
        fputs(errors.text, stderr);
        abort();
    }
    return book;
}

void fuzz_touch(const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        (void)((const volatile uint8_t *)bytes)[i];
}

void fuzz_touch_text(const char *text)
{
    assert(text);
    fuzz_touch(text, strlen(text));
}
