/* What the tests of ingest share: cmocka, the book of two grids, forms written as rows. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/crypto.h"
#include "proto/book/book.h"
#include "proto/door/door.h"

/* The book of test/unit/ingest/book; INGEST_TEST_BOOK says where it is. */
static inline int load_test_book(void **state)
{
    struct fault fault = { "" };
    struct book *book = NULL;
    const char *folder = getenv("INGEST_TEST_BOOK");
    if (!folder || crypto_init(&fault) < 0 || book_load(folder, &book, NULL, NULL, &fault) < 0) {
        print_error("the test's book: %s\n", folder ? fault.text : "INGEST_TEST_BOOK is not set");
        return -1;
    }
    *state = book;
    return 0;
}

static inline int free_test_book(void **state)
{
    book_destroy(*state);
    return 0;
}

/* Text fields: { "name", "value" }, ended by { NULL }. */
struct said_row {
    const char *name, *value;
};

static inline struct form form_of(const struct said_row *rows, struct arena *arena)
{
    size_t count = 0;
    while (rows[count].name)
        count++;
    struct form_field *fields = arena_array(arena, count + 1, sizeof *fields);
    for (size_t i = 0; i < count; i++)
        fields[i] = (struct form_field){
            .name = rows[i].name,
            .value = rows[i].value,
            .bytes = { (const uint8_t *)rows[i].value, strlen(rows[i].value) },
        };
    return (struct form){ fields, count };
}
