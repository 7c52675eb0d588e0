/* The room of LMDB by itself: a small environment of two tables. */
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/store/event_log.h"
#include "support.h"

enum { PLAIN, GROWING };
static const char *const tables[] = { "plain", "growing" };
static const struct store_layout layout = { .name = "test", .tables = tables, .table_count = 2 };
static struct fault fault;

static struct store *open_with(const char *folder, const struct store_options *options)
{
    struct store *store;
    assert_ok(store_open(folder, &layout, STORE_READ_WRITE, options, &store, &fault), &fault);
    return store;
}

static struct store *open_plain(void **state)
{
    return open_with(*state, NULL);
}

static void put_text(struct txn *txn, const char *key, const char *value)
{
    txn_put(txn, PLAIN, as_bytes(key), as_bytes(value));
}

static bool has(struct store *store, const char *key)
{
    struct bytes value;
    struct txn *txn = txn_begin_read(store);
    bool found = txn_get(txn, PLAIN, as_bytes(key), &value);
    txn_abort(txn);
    return found;
}

static void what_was_committed_is_there_after_a_restart(void **state)
{
    struct store *store = open_plain(state);
    struct txn *txn = txn_begin_write(store);
    struct bytes value;
    put_text(txn, "a", "one");
    assert_ok(txn_commit(txn, &fault), &fault);
    store_close(store);
    store = open_plain(state);
    txn = txn_begin_read(store);
    assert_true(txn_get(txn, PLAIN, as_bytes("a"), &value));
    assert_int_equal(value.size, 3);
    assert_memory_equal(value.data, "one", 3);
    txn_abort(txn);
    store_close(store);
}

static void the_first_error_sticks_and_nothing_is_changed(void **state)
{
    struct store *store = open_plain(state);
    struct bytes value;
    struct txn *txn = txn_begin_write(store);
    put_text(txn, "before", "x");
    txn_fail(txn, -EDOM, "the first of %d", 2);
    txn_fail(txn, -ERANGE, "the second");
    put_text(txn, "after", "x");
    assert_false(txn_get(txn, PLAIN, as_bytes("before"), &value));
    assert_int_equal(txn_count(txn, PLAIN), 0);
    assert_int_equal(txn_error(txn, NULL), -EDOM);
    assert_int_equal(txn_commit(txn, &fault), -EDOM);
    assert_string_equal(fault.text, "test: the first of 2");
    assert_false(has(store, "before"));
    assert_false(has(store, "after"));
    store_close(store);
}

static void a_key_that_is_too_long_is_an_error_and_not_the_end(void **state)
{
    static const uint8_t key[STORE_KEY_MAX + 1] = { 'k' };
    static const size_t wrong[] = { 0, STORE_KEY_MAX + 1 };
    struct store *store = open_plain(state);
    struct bytes value;
    for (size_t i = 0; i < 2; i++) {
        struct txn *txn = txn_begin_write(store);
        txn_put(txn, PLAIN, (struct bytes){ key, wrong[i] }, as_bytes("x"));
        assert_int_equal(txn_commit(txn, &fault), -EINVAL);
        assert_non_null(strstr(fault.text, "expected 1 to 511"));
    }
    struct txn *txn = txn_begin_write(store);
    txn_put(txn, PLAIN, (struct bytes){ key, STORE_KEY_MAX }, as_bytes("x"));
    assert_false(
        txn_get(txn, PLAIN, (struct bytes){ key, sizeof key }, &value)); /* asked from outside: just not there */
    assert_false(txn_delete(txn, PLAIN, (struct bytes){ key, sizeof key }));
    assert_ok(txn_commit(txn, &fault), &fault);
    store_close(store);
}

static void a_growing_table_refuses_a_key_that_does_not_grow(void **state)
{
    struct store *store = open_plain(state);
    struct txn *txn = txn_begin_write(store);
    txn_append(txn, GROWING, as_bytes("2"), as_bytes("x"));
    txn_append(txn, GROWING, as_bytes("3"), as_bytes("x"));
    assert_int_equal(txn_error(txn, NULL), 0);
    txn_append(txn, GROWING, as_bytes("1"), as_bytes("x"));
    assert_int_equal(txn_commit(txn, &fault), -EEXIST);
    store_close(store);
}

static void space_at_the_end_is_filled_by_the_caller(void **state)
{
    struct store *store = open_plain(state);
    struct bytes key, value;
    struct txn *txn = txn_begin_write(store);
    memcpy(txn_append_space(txn, GROWING, as_bytes("1"), 5), "hello", 5);
    assert_ok(txn_commit(txn, &fault), &fault);
    txn = txn_begin_read(store);
    assert_true(txn_last(txn, GROWING, &key, &value));
    assert_memory_equal(value.data, "hello", 5);
    assert_false(txn_last(txn, PLAIN, &key, &value));
    txn_abort(txn);
    store_close(store);
}

/* The keys that a walk gives, joined. */
static const char *walked(struct txn *txn, const char *from, size_t prefix_size, bool backwards)
{
    static char text[64];
    struct txn_walk walk;
    text[0] = 0;
    (backwards ? walk_open_backwards : walk_open)(txn, &walk, PLAIN, as_bytes(from), prefix_size);
    while (walk_next(&walk))
        snprintf(text + strlen(text), sizeof text - strlen(text), "%.*s ", (int)walk.key.size, walk.key.data);
    walk_close(&walk);
    return text;
}

static void walks_go_both_ways_and_end_with_their_prefix(void **state)
{
    struct store *store = open_plain(state);
    struct txn *txn = txn_begin_write(store);
    static const char *const keys[] = { "a1", "b1", "b3", "b5", "c1" };
    for (size_t i = 0; i < 5; i++)
        put_text(txn, keys[i], "");
    assert_string_equal(walked(txn, "", 0, false), "a1 b1 b3 b5 c1 ");
    assert_string_equal(walked(txn, "", 0, true), "c1 b5 b3 b1 a1 ");
    assert_string_equal(walked(txn, "b2", 0, false), "b3 b5 c1 ");
    assert_string_equal(walked(txn, "b2", 1, false), "b3 b5 ");
    assert_string_equal(walked(txn, "b3", 1, false), "b3 b5 ");
    assert_string_equal(walked(txn, "b4", 1, true), "b3 b1 ");
    assert_string_equal(walked(txn, "b3", 1, true), "b3 b1 ");
    assert_string_equal(walked(txn, "b9", 1, true), "b5 b3 b1 ");
    assert_string_equal(walked(txn, "c9", 1, true), "c1 ");
    assert_string_equal(walked(txn, "b0", 1, true), "");
    assert_string_equal(walked(txn, "d", 1, false), "");
    assert_string_equal(walked(txn, "0", 0, true), "");
    txn_abort(txn);
    store_close(store);
}

static void a_reader_sees_one_moment_while_the_writer_goes_on(void **state)
{
    struct store *store = open_plain(state);
    struct bytes value;
    struct txn *reader = txn_begin_read(store);
    struct txn *writer = txn_begin_write(store);
    put_text(writer, "new", "x");
    assert_ok(txn_commit(writer, &fault), &fault);
    assert_false(txn_get(reader, PLAIN, as_bytes("new"), &value));
    struct store_stat stat;
    assert_int_equal(store_stat(store, &stat), 0);
    assert_int_equal(stat.readers, 1);
    assert_int_equal(stat.oldest_reader_lag, 1);
    txn_abort(reader);
    assert_int_equal(store_stat(store, &stat), 0);
    assert_int_equal(stat.readers, 0);
    assert_int_equal(stat.oldest_reader_lag, 0);
    assert_true(has(store, "new")); /* the next one begins at the present, though it uses the same slot */
    store_close(store);
}

static void a_full_map_refuses_and_stays_usable(void **state)
{
    struct store *store = open_with(*state, &(struct store_options){ .map_bytes = 1 << 20 });
    static uint8_t large[4000];
    struct txn *txn = txn_begin_write(store);
    for (int i = 0; i < 1000; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", i);
        txn_put(txn, PLAIN, as_bytes(key), (struct bytes){ large, sizeof large });
    }
    assert_int_equal(txn_commit(txn, &fault), -ENOSPC);
    assert_non_null(strstr(fault.text, "after a restart"));
    assert_false(has(store, "0"));
    txn = txn_begin_write(store);
    put_text(txn, "small", "x");
    assert_ok(txn_commit(txn, &fault), &fault);
    assert_true(has(store, "small"));
    store_close(store);
}

static void what_has_filled_its_map_has_room_after_a_restart(void **state)
{
    const struct store_options small = { .map_bytes = 256 * 1024 };
    static uint8_t large[20000];
    struct store_stat stat;
    for (int i = 0; i < 100; i++) { /* eight times as much as the first map */
        struct store *store = open_with(*state, &small);
        struct txn *txn = txn_begin_write(store);
        char key[16];
        snprintf(key, sizeof key, "%d", i);
        txn_put(txn, PLAIN, as_bytes(key), (struct bytes){ large, sizeof large });
        assert_ok(txn_commit(txn, &fault), &fault);
        assert_int_equal(store_stat(store, &stat), 0);
        store_close(store);
    }
    assert_in_range(stat.map_bytes, 2 << 20, 8 << 20);
}

static void nothing_is_written_below_the_reserve_of_the_disk(void **state)
{
    struct store *store = open_with(*state, &(struct store_options){ .reserve_bytes = INT64_MAX });
    struct txn *txn = txn_begin_write(store);
    put_text(txn, "a", "x");
    assert_int_equal(txn_commit(txn, &fault), -ENOSPC);
    assert_non_null(strstr(fault.text, "make room"));
    assert_false(has(store, "a")); /* reading goes on */
    store_close(store);
}

static void a_reader_without_a_slot_is_told_and_not_lied_to(void **state)
{
    struct store *store = open_with(*state, &(struct store_options){ .readers = 1 });
    struct bytes value;
    struct txn *first = txn_begin_read(store), *second = txn_begin_read(store);
    assert_int_equal(txn_error(first, NULL), 0);
    assert_false(txn_get(second, PLAIN, as_bytes("a"), &value));
    assert_int_equal(txn_absent(second, &fault), -EMFILE); /* which is not "there is none" */
    assert_non_null(strstr(fault.text, "reader slots"));
    txn_abort(second);
    txn_abort(first);
    assert_false(has(store, "a"));
    store_close(store);
}

static void a_reader_waits_until_the_writer_has_made_the_store(void **state)
{
    struct store *store;
    assert_int_equal(store_open(*state, &layout, STORE_READ_ONLY, NULL, &store, &fault), -ENOENT);
    assert_null(store);
    store_close(store);
    store_close(open_plain(state));
    assert_ok(store_open(*state, &layout, STORE_READ_ONLY, NULL, &store, &fault), &fault);
    struct txn *txn = txn_begin_write(store);
    put_text(txn, "a", "x");
    assert_int_equal(txn_commit(txn, &fault), -EROFS);
    store_close(store);
}

static void a_table_of_a_newer_version_is_made_in_an_older_store(void **state)
{
    static const struct store_layout older = { .name = "test", .tables = tables, .table_count = 1 };
    struct store *store;
    assert_ok(store_open(*state, &older, STORE_READ_WRITE, NULL, &store, &fault), &fault);
    store_close(store);
    assert_int_equal(store_open(*state, &layout, STORE_READ_ONLY, NULL, &store, &fault), -ENOENT);
    assert_non_null(strstr(fault.text, "'growing'"));
    store_close(open_plain(state));
}

static void a_file_that_is_no_store_is_told(void **state)
{
    char path[4096];
    struct store *store;
    snprintf(path, sizeof path, "%s/data.mdb", (const char *)*state);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 5000; i++)
        fputs("not a database ", file);
    fclose(file);
    assert_int_equal(store_open(*state, &layout, STORE_READ_WRITE, NULL, &store, &fault), -EBADMSG);
    assert_non_null(strstr(fault.text, *state));
}

static void the_folders_above_are_made_and_private(void **state)
{
    char folder[4096];
    struct stat found;
    snprintf(folder, sizeof folder, "%s/deep/er", (const char *)*state);
    store_close(open_with(folder, NULL));
    assert_int_equal(stat(folder, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0700);
}

/* flock() is of whoever opened: a second opening in this process is as another process. */
static void one_alone_takes_it_until_it_closes(void **state)
{
    int other = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct store *store = open_plain(state);
    assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(store_take(store, &fault), -EBUSY);
    assert_non_null(strstr(fault.text, "another process has it"));
    store_close(store);
    assert_int_equal(flock(other, LOCK_UN), 0);
    store = open_plain(state);
    assert_ok(store_take(store, &fault), &fault);
    assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
    store_close(store);
    assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
    close(other);
}

static void a_backup_is_whole_and_refuses_to_overwrite(void **state)
{
    char copy[4096], data[4096];
    snprintf(copy, sizeof copy, "%s/copy", (const char *)*state);
    snprintf(data, sizeof data, "%s/data", (const char *)*state);
    struct store *store = open_with(data, NULL);
    struct txn *txn = txn_begin_write(store);
    put_text(txn, "a", "x");
    assert_ok(txn_commit(txn, &fault), &fault);
    assert_ok(store_backup(store, copy, &fault), &fault);
    assert_int_equal(store_backup(store, copy, &fault), -EEXIST);
    store_close(store);
    store = open_with(copy, NULL);
    assert_true(has(store, "a"));
    store_close(store);
}

/* ---- with a second process ---- */

static void the_slot_of_a_killed_reader_is_cleared(void **state)
{
    struct event_log *log;
    struct helper helper = { 0 };
    struct store_stat stat;
    char line[64];
    assert_ok(event_log_open(*state, STORE_READ_WRITE, &log, &fault), &fault);
    helper_start(&helper, (const char *const[]){ "read", *state, NULL });
    assert_true(helper_line(&helper, line, sizeof line));
    assert_string_equal(line, "reading");
    assert_int_equal(store_check_readers(event_log_store(log)), 0); /* it lives */
    helper_kill(&helper);
    assert_int_equal(helper_wait(&helper), -9);
    assert_int_equal(store_stat(event_log_store(log), &stat), 0);
    assert_int_equal(stat.readers, 1);
    assert_int_equal(store_check_readers(event_log_store(log)), 1);
    assert_int_equal(store_stat(event_log_store(log), &stat), 0);
    assert_int_equal(stat.readers, 0);
    event_log_close(log);
}

static void a_map_that_another_process_made_larger_is_followed(void **state)
{
    struct event_log *log;
    struct helper helper = { 0 };
    char line[64];
    uint64_t answered = 0;
    struct store_options small = { .map_bytes = 256 * 1024 };
    assert_ok(event_log_open_with(*state, STORE_READ_WRITE, &small, &log, &fault), &fault);
    assert_int_equal(event_log_last(log, NULL), 0);
    helper_start(&helper, (const char *const[]){ "append", *state, "x", "6400", "64", NULL });
    while (helper_line(&helper, line, sizeof line))
        answered++;
    assert_int_equal(helper_wait(&helper), 0);
    assert_int_equal(answered, 6400); /* more than the small map holds */
    assert_int_equal(event_log_last(log, NULL), answered);
    struct event event = { .id = "mine" };
    assert_ok(event_log_append(log, &(struct event_append){ .event = &event }, 1, &fault), &fault);
    assert_int_equal(event.seq, answered + 1);
    event_log_close(log);
}

static void after_a_commit_that_failed_nothing_more_is_answered(void **state)
{
    struct event_log *log;
    struct helper helper = { 0 };
    uint64_t answered = 0;
    int failures = 0;
    char line[1024];
    assert_ok(event_log_open(*state, STORE_READ_WRITE, &log, &fault), &fault);
    event_log_close(log);
    helper_start(&helper, (const char *const[]){ "append", *state, "x", "100000", "16", "200000", NULL });
    while (helper_line(&helper, line, sizeof line)) {
        if (strncmp(line, "failed", 6) == 0)
            failures++;
        else
            answered++;
        if (failures == 2)
            assert_non_null(strstr(line, "an earlier commit failed"));
    }
    assert_int_equal(helper_wait(&helper), 1);
    assert_int_equal(failures, 2); /* the one on the full file, and the small one after it */
    assert_ok(event_log_open(*state, STORE_READ_WRITE, &log, &fault), &fault);
    assert_true(answered > 0);
    assert_int_equal(event_log_last(log, NULL), answered);
    event_log_close(log);
}

#define in_a_folder(test) cmocka_unit_test_setup_teardown(test, make_test_folder, remove_test_folder)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        in_a_folder(what_was_committed_is_there_after_a_restart),
        in_a_folder(the_first_error_sticks_and_nothing_is_changed),
        in_a_folder(a_key_that_is_too_long_is_an_error_and_not_the_end),
        in_a_folder(a_growing_table_refuses_a_key_that_does_not_grow),
        in_a_folder(space_at_the_end_is_filled_by_the_caller),
        in_a_folder(walks_go_both_ways_and_end_with_their_prefix),
        in_a_folder(a_reader_sees_one_moment_while_the_writer_goes_on),
        in_a_folder(a_full_map_refuses_and_stays_usable),
        in_a_folder(what_has_filled_its_map_has_room_after_a_restart),
        in_a_folder(nothing_is_written_below_the_reserve_of_the_disk),
        in_a_folder(a_reader_without_a_slot_is_told_and_not_lied_to),
        in_a_folder(a_reader_waits_until_the_writer_has_made_the_store),
        in_a_folder(a_table_of_a_newer_version_is_made_in_an_older_store),
        in_a_folder(a_file_that_is_no_store_is_told),
        in_a_folder(the_folders_above_are_made_and_private),
        in_a_folder(one_alone_takes_it_until_it_closes),
        in_a_folder(a_backup_is_whole_and_refuses_to_overwrite),
        in_a_folder(the_slot_of_a_killed_reader_is_cleared),
        in_a_folder(a_map_that_another_process_made_larger_is_followed),
        in_a_folder(after_a_commit_that_failed_nothing_more_is_answered),
    };
    helper_program = argc > 1 ? argv[1] : NULL;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
