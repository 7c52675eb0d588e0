#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dispatcher/shelf.h"
#include "test/unit/dispatcher/town.h"

static const char *book_folder;

struct pair {
    struct town town; /* has a journal */
    struct town copy; /* is to be made from it */
};

static int open_pair(void **state)
{
    static struct pair pair;
    *state = &pair;
    if (!town_open(&pair.town, book_folder, TOWN_MONDAY_NINE))
        return -1;
    for (int i = 0; i < 5; i++)
        town_event(&pair.town, (struct event){ .kind = EVENT_REPORT, .service = "0301", .place = { .area = "g1" } });
    town_wait_until(&pair.town, TOWN_MONDAY_NINE + INT64_C(86400000) * 2);
    pair.copy = (struct town){ 0 };
    if (!town_make_folder(pair.copy.folder, "copy"))
        return -1;
    return case_store_open(pair.copy.folder, STORE_READ_WRITE, &pair.copy.store, &pair.copy.fault);
}

static int close_pair(void **state)
{
    struct pair *pair = *state;
    town_close(&pair->town);
    town_close(&pair->copy);
    return 0;
}

static const struct book *this_book(void *context, const struct hash *hash)
{
    const struct book *book = context;
    return hash_equal(&book->hash, hash) ? book : NULL;
}

static const struct book *no_book(void *context, const struct hash *hash)
{
    (void)context;
    (void)hash;
    return NULL;
}

static int replay(struct pair *pair, const struct book *(*find)(void *context, const struct hash *hash),
                  uint64_t *entries)
{
    struct replay_books books = { find, pair->town.book };
    turn_finish(&pair->copy.turn);
    turn_init(&pair->copy.turn, pair->copy.store, pair->town.book);
    return replay_journal(pair->town.store, &pair->copy.turn, &books, 3, entries, &pair->copy.fault);
}

static void a_replayed_journal_gives_the_same_state(void **state)
{
    struct pair *pair = *state;
    struct hash a, b;
    uint64_t entries;
    assert_int_equal(replay(pair, this_book, &entries), 0);
    assert_int_equal(entries, 7);
    assert_int_equal(replay_state_hash(pair->town.store, &a, &pair->town.fault), 0);
    assert_int_equal(replay_state_hash(pair->copy.store, &b, &pair->copy.fault), 0);
    assert_true(hash_equal(&a, &b));
}

static void a_difference_is_named_by_its_table(void **state)
{
    struct pair *pair = *state;
    struct buffer differing = { 0 };
    uint64_t entries;
    assert_int_equal(replay(pair, this_book, &entries), 0);
    struct txn *txn = txn_begin_write(pair->copy.store);
    meta_set(txn, "something", 1);
    assert_int_equal(txn_commit(txn, &pair->copy.fault), 0);
    assert_int_equal(replay_compare(pair->town.store, pair->copy.store, &differing, &pair->copy.fault), 0);
    assert_string_equal(buffer_string(&differing), "meta");
    buffer_finish(&differing);
}

static void a_folder_that_has_cases_is_not_overwritten(void **state)
{
    struct pair *pair = *state;
    uint64_t entries;
    assert_int_equal(replay(pair, this_book, &entries), 0);
    assert_int_equal(replay(pair, this_book, &entries), -EINVAL);
    assert_non_null(strstr(pair->copy.fault.text, "empty"));
}

static void a_book_that_is_not_at_hand_is_named(void **state)
{
    struct pair *pair = *state;
    char hex[HASH_HEX];
    uint64_t entries;
    assert_int_equal(replay(pair, no_book, &entries), -EINVAL);
    assert_non_null(strstr(pair->copy.fault.text, hash_hex(hex, &pair->town.book->hash)));
    assert_non_null(strstr(pair->copy.fault.text, "entry 1"));
}

static void more_books_than_a_shelf_holds_are_told(void **state)
{
    struct pair *pair = *state;
    struct shelf shelf;
    char folder[64], path[128], here[PATH_MAX];
    assert_non_null(realpath(book_folder, here));
    assert_true(town_make_folder(folder, "shelf"));
    for (int i = 0; i <= SHELF_OLDER_MAX; i++) {
        snprintf(path, sizeof path, "%s/%d", folder, i);
        assert_int_equal(symlink(here, path), 0);
    }
    assert_int_equal(shelf_load(&shelf, pair->town.book, folder, &pair->town.fault), -E2BIG);
    assert_non_null(strstr(pair->town.fault.text, "more than 256 books"));
    shelf_finish(&shelf);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(shelf_load(&shelf, pair->town.book, folder, &pair->town.fault), 0);
    shelf_finish(&shelf);
    for (int i = 0; i < SHELF_OLDER_MAX; i++) {
        snprintf(path, sizeof path, "%s/%d", folder, i);
        unlink(path);
    }
    rmdir(folder);
}

int main(int argc, char **argv)
{
    book_folder = argc > 1 ? argv[1] : "test/scenario/books/lane";
#define WITH_PAIR(test) cmocka_unit_test_setup_teardown(test, open_pair, close_pair)
    const struct CMUnitTest tests[] = {
        WITH_PAIR(a_replayed_journal_gives_the_same_state),    WITH_PAIR(a_difference_is_named_by_its_table),
        WITH_PAIR(a_folder_that_has_cases_is_not_overwritten), WITH_PAIR(a_book_that_is_not_at_hand_is_named),
        WITH_PAIR(more_books_than_a_shelf_holds_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
