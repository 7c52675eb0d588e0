#include "proto/store/media_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "support.h"

static struct fault fault;

static const struct bytes photo = { (const uint8_t *)"\xff\xd8\xff the whole one", 17 };
static const struct bytes small = { (const uint8_t *)"\xff\xd8\xff small", 9 };

static void path_of(char path[4096], const char *folder, const char *hash)
{
    snprintf(path, 4096, "%s/media/%.2s/%s", folder, hash, hash);
}

static void assert_content(const struct buffer *file, struct bytes wanted)
{
    assert_int_equal(file->size, wanted.size);
    assert_memory_equal(file->bytes, wanted.data, wanted.size);
}

static void a_photo_is_named_by_its_content_with_a_small_one_beside_it(void **state)
{
    char hash[HASH_HEX], of_content[HASH_HEX];
    struct buffer file = { 0 };
    const char *type;
    assert_ok(media_store_put(*state, photo, small, hash, &fault), &fault);
    struct hash content = hash_of(photo.data, photo.size);
    assert_string_equal(hash, hash_hex(of_content, &content));
    assert_ok(media_store_get(*state, hash, &file, &type, &fault), &fault);
    assert_string_equal(type, "image/jpeg");
    assert_content(&file, photo);
    buffer_clear(&file);
    assert_ok(media_store_get_small(*state, hash, &file, &type, &fault), &fault);
    assert_string_equal(type, "image/jpeg");
    assert_content(&file, small);
    buffer_finish(&file);
}

static void where_there_is_no_small_one_the_whole_one_stands_for_it(void **state)
{
    char hash[HASH_HEX], path[4096], gone[4096 + 8];
    struct buffer file = { 0 };
    const char *type;
    assert_ok(media_store_put(*state, photo, small, hash, &fault), &fault);
    path_of(path, *state, hash);
    snprintf(gone, sizeof gone, "%s-small", path);
    assert_int_equal(unlink(gone), 0);
    assert_ok(media_store_get_small(*state, hash, &file, &type, &fault), &fault);
    assert_content(&file, photo);
    buffer_finish(&file);
}

static size_t files_in(const char *folder)
{
    size_t count = 0;
    DIR *list = opendir(folder);
    assert_non_null(list);
    for (struct dirent *entry; (entry = readdir(list));)
        count += entry->d_name[0] != '.';
    closedir(list);
    return count;
}

static void the_same_photo_is_written_once(void **state)
{
    char hash[HASH_HEX], path[4096], folder[4096];
    struct stat first, second;
    assert_ok(media_store_put(*state, photo, small, hash, &fault), &fault);
    path_of(path, *state, hash);
    assert_int_equal(stat(path, &first), 0);
    assert_ok(media_store_put(*state, photo, small, hash, &fault), &fault);
    assert_int_equal(stat(path, &second), 0);
    assert_int_equal(first.st_ino, second.st_ino);
    snprintf(folder, sizeof folder, "%s/media/%.2s", (const char *)*state, hash);
    assert_int_equal(files_in(folder), 2); /* with its small one; and nothing half-written beside them */
}

static void a_name_that_is_no_hash_is_just_not_there(void **state)
{
    static const char *const names[] = {
        "",
        "ab",
        "../../../../etc/passwd",
        "../../../../../../../../../../../../../../../../../../../etc/pass",
        "ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef0123456789",
        "0000000000000000000000000000000000000000000000000000000000000000",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct buffer file = { 0 };
        const char *type;
        assert_int_equal(media_store_get(*state, names[i], &file, &type, &fault), 1);
        buffer_finish(&file);
    }
}

static void a_file_that_changed_is_not_given_out(void **state)
{
    char hash[HASH_HEX], path[4096];
    struct buffer file = { 0 };
    const char *type;
    assert_ok(media_store_put(*state, photo, small, hash, &fault), &fault);
    path_of(path, *state, hash);
    FILE *stored = fopen(path, "r+");
    fseek(stored, -3, SEEK_END);
    fputc('X', stored);
    fclose(stored);
    assert_int_equal(media_store_get(*state, hash, &file, &type, &fault), -EBADMSG);
    assert_non_null(strstr(fault.text, hash));
    buffer_finish(&file);
}

static void where_nothing_can_be_written_is_told(void **state)
{
    char path[4096], hash[HASH_HEX];
    snprintf(path, sizeof path, "%s/file", (const char *)*state);
    fclose(fopen(path, "w"));
    assert_int_equal(media_store_put(path, photo, small, hash, &fault), -ENOTDIR);
    assert_non_null(strstr(fault.text, path));
}

static void an_erased_photo_is_gone_and_may_come_again(void **state)
{
    char hash[HASH_HEX];
    struct buffer file = { 0 };
    const char *type;
    assert_ok(media_store_put(*state, photo, small, hash, &fault), &fault);
    assert_ok(media_store_erase(*state, hash, &fault), &fault);
    assert_int_equal(media_store_get(*state, hash, &file, &type, &fault), 1);
    assert_int_equal(media_store_get_small(*state, hash, &file, &type, &fault), 1);
    assert_int_equal(media_store_erase(*state, hash, &fault), 1);
    assert_int_equal(media_store_erase(*state, "../../keys/journal.key", &fault), 1);
    assert_ok(media_store_put(*state, photo, small, hash, &fault), &fault);
    assert_ok(media_store_get(*state, hash, &file, &type, &fault), &fault);
    buffer_finish(&file);
}

static bool is_there(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/media/%s", folder, name);
    return access(path, F_OK) == 0;
}

static void put_beside(const char *folder, const char *name, time_t age_seconds)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/media/%s", folder, name);
    FILE *left = fopen(path, "w");
    assert_non_null(left);
    fclose(left);
    const struct timespec then = { .tv_sec = time(NULL) - age_seconds };
    assert_int_equal(utimensat(AT_FDCWD, path, (const struct timespec[]){ then, then }, 0), 0);
}

static void what_a_killed_writer_left_is_removed_with_a_later_photo(void **state)
{
    char hash[HASH_HEX];
    assert_ok(media_store_put(*state, photo, small, hash, &fault), &fault);
    put_beside(*state, "new-0123456789abcdef", 2 * 3600);
    put_beside(*state, "new-fedcba9876543210", 60); /* of one that writes now, for all that is known */
    put_beside(*state, "new-words", 2 * 3600);      /* somebody's own */
    assert_ok(media_store_put(*state, photo, small, hash, &fault), &fault);
    assert_false(is_there(*state, "new-0123456789abcdef"));
    assert_true(is_there(*state, "new-fedcba9876543210"));
    assert_true(is_there(*state, "new-words"));
}

#define in_a_folder(test) cmocka_unit_test_setup_teardown(test, make_test_folder, remove_test_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_folder(an_erased_photo_is_gone_and_may_come_again),
        in_a_folder(a_photo_is_named_by_its_content_with_a_small_one_beside_it),
        in_a_folder(where_there_is_no_small_one_the_whole_one_stands_for_it),
        in_a_folder(the_same_photo_is_written_once),
        in_a_folder(a_name_that_is_no_hash_is_just_not_there),
        in_a_folder(a_file_that_changed_is_not_given_out),
        in_a_folder(where_nothing_can_be_written_is_told),
        in_a_folder(what_a_killed_writer_left_is_removed_with_a_later_photo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
