/* drumctl backup on a data folder, and what is left of its work, and of a replay's, when it is ended. test/e2e/backup.py has the daemons run meanwhile. */
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/store/case_store.h"
#include "proto/store/event_log.h"
#include "proto/store/folder.h"
#include "proto/store/journal.h"
#include "run.h"

static struct fault fault;
static const char *book;
static char data[4096], copy[4096]; /* the data folder, and the backup beside it */
static const int64_t now = INT64_C(1767573000000);

static void fill_log(int events)
{
    struct event_log *log;
    assert_ok(event_log_open(data, STORE_READ_WRITE, &log, &fault), &fault);
    for (int i = 1; i <= events; i++) {
        char id[2] = { (char)('a' + i), 0 };
        struct event event = { .id = id, .kind = EVENT_REPORT, .title = "井盖丢失", .received_at_ms = now };
        assert_ok(event_log_append(log, &(struct event_append){ .event = &event }, 1, &fault), &fault);
    }
    event_log_close(log);
}

/* The first two events were taken. */
static void fill_cases(void)
{
    struct store *store;
    struct journal journal = journal_in_store();
    struct journal_entry entries[] = { { .at_ms = now, .kind = INPUT_EVENT, .payload = as_bytes("first") },
                                       { .at_ms = now, .kind = INPUT_EVENT, .payload = as_bytes("second") } };
    assert_ok(case_store_open(data, STORE_READ_WRITE, &store, &fault), &fault);
    struct txn *txn = txn_begin_write(store);
    meta_set(txn, META_CURSOR, 2);
    assert_ok(journal.ops->append(journal.log, txn, 0, entries, 2, &fault), &fault);
    assert_ok(txn_commit(txn, &fault), &fault);
    store_close(store);
}

/* Lives until three more were made. */
static const char *in(const char *folder, const char *name)
{
    static char *paths[4];
    static size_t next;
    char *path;
    assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
    free(paths[++next % 4]);
    return paths[next % 4] = path;
}

static void put_file(const char *folder, const char *name, const char *text)
{
    assert_ok(folder_make(in(data, folder), &fault), &fault);
    assert_ok(folder_write(in(data, folder), name, as_bytes(text), 0644, &fault), &fault);
}

static int make_data(void **state)
{
    int result = make_test_folder(state);
    if (!result) {
        snprintf(data, sizeof data, "%s/data", (const char *)*state);
        snprintf(copy, sizeof copy, "%s/copy", (const char *)*state);
        fill_log(3);
        fill_cases();
        put_file("keys", "journal.key", "secret");
        put_file("media/ab", "abcdef", "a photo");
        put_file("media/ab", "new-0123456789abcdef", "half a pho");
        put_file("evidence/media/cd", "cdef", "a clip");
        put_file("", "notes.txt", "the neighbour's");
    }
    return result;
}

static bool has(const char *folder, const char *name)
{
    return access(in(folder, name), F_OK) == 0;
}

static unsigned mode_of(const char *folder, const char *name)
{
    struct stat found;
    assert_int_equal(stat(in(folder, name), &found), 0);
    return found.st_mode & 0777;
}

/* How many folders of work stand in this one. */
static int count_unfinished(const char *folder)
{
    int count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        count += strstr(entry->d_name, ".part-") || strncmp(entry->d_name, "drumctl-", 8) == 0;
    closedir(dir);
    return count;
}

#define BACKUP(target) run_helper(ARGUMENTS("backup", target, "--data", data))

static void all_that_cannot_be_made_anew_is_in_it(void **state)
{
    char hash[128];
    assert_int_equal(BACKUP(copy), 0);
    assert_printed("up to event 3 and journal entry 2, whose hash is ");
    assert_printed("not copied, for no daemon put it there: notes.txt");
    assert_printed("to restore: end the daemons");
    assert_int_equal(sscanf(strstr(output, "whose hash is "), "whose hash is %127s", hash), 1);
    assert_true(has(copy, "keys/journal.key"));
    assert_true(has(copy, "media/ab/abcdef"));
    assert_true(has(copy, "evidence/media/cd/cdef"));
    assert_false(has(copy, "media/ab/new-0123456789abcdef"));
    assert_false(has(copy, "notes.txt"));
    assert_false(has(copy, "cases/lock.mdb"));
    assert_int_equal(mode_of(copy, ""), 0700);
    assert_int_equal(mode_of(copy, "cases/data.mdb"), 0600);
    assert_int_equal(mode_of(copy, "media/ab"), 0700);
    assert_int_equal(mode_of(copy, "media/ab/abcdef"), 0600);
    assert_int_equal(count_unfinished(*state), 0);
    assert_int_equal(run_helper(ARGUMENTS("journal", "verify", "--data", copy)), 0);
    assert_printed(hash);
    assert_int_equal(run_helper(ARGUMENTS("events", "--data", copy)), 0);
    assert_printed("井盖丢失");
}

static void what_stands_in_its_place_stays(void **state)
{
    (void)state;
    assert_int_equal(mkdir(copy, 0755), 0);
    assert_int_equal(BACKUP(in(copy, "")), 0);
    assert_int_equal(mode_of(copy, ""), 0700);
    assert_int_equal(BACKUP(copy), 1);
    assert_printed("there is something in it, which stays: name a new folder");
    assert_int_equal(BACKUP(in(data, "notes.txt")), 1);
    assert_printed("Not a directory: name a new folder");
}

static void a_place_that_is_none_is_told(void **state)
{
    (void)state;
    char deep[5000];
    memset(deep, 'x', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    assert_int_equal(BACKUP("/nowhere/copy"), 1);
    assert_printed("/nowhere/copy: the folder that it is to stand in: No such file or directory");
    assert_int_equal(BACKUP(in(data, "copy")), 1);
    assert_printed("lies in the data folder: name a place elsewhere");
    assert_int_equal(BACKUP(deep), 1);
    assert_printed("expected the folder of the backup");
    assert_int_equal(BACKUP(""), 1);
    assert_int_equal(run_helper(ARGUMENTS("backup", "--data", data)), 2);
    assert_int_equal(run_helper(ARGUMENTS("backup", copy)), 2);
    assert_printed("--data DIR is missing");
}

static void a_folder_without_a_district_is_no_data(void **state)
{
    assert_int_equal(mkdir(in(*state, "empty"), 0700), 0);
    assert_int_equal(run_helper(ARGUMENTS("backup", copy, "--data", in(*state, "empty"))), 1);
    assert_printed("no data of a district: --data names the data folder of the daemons");
    assert_int_equal(run_helper(ARGUMENTS("backup", copy, "--data", in(*state, "none"))), 1);
    assert_printed("none: No such file or directory: --data names the data folder of the daemons");
    assert_int_equal(count_unfinished(*state), 0);
}

static void a_log_that_ends_before_the_cases_is_told_and_nothing_kept(void **state)
{
    assert_int_equal(unlink(in(data, "events/data.mdb")), 0);
    fill_log(1);
    assert_int_equal(BACKUP(copy), 1);
    assert_printed("the event log ends at 1, and the cases were made of events up to 2");
    assert_false(has(*state, "copy"));
    assert_int_equal(count_unfinished(*state), 0);
}

/* As on a disk that fills meanwhile: no file may have more than a megabyte. */
static void a_file_that_cannot_be_written_is_named_and_nothing_kept(void **state)
{
    static char large[2 << 20], command[4 * 4096];
    memset(large, 'x', sizeof large - 1);
    put_file("media/ab", "large", large);
    snprintf(command, sizeof command, "trap '' XFSZ; ulimit -f 2048; exec '%s' backup '%s' --data '%s' 2>&1",
             helper_program, copy, data);
    FILE *shell = popen(command, "r");
    output[fread(output, 1, sizeof output - 1, shell)] = 0;
    assert_int_equal(WEXITSTATUS(pclose(shell)), 1);
    assert_printed("/media/ab/large: cannot be written: File too large");
    assert_false(has(*state, "copy"));
    assert_int_equal(count_unfinished(*state), 0);
    assert_int_equal(BACKUP(copy), 0);
}

/* ---- ended in the middle ---- */

/* Waits until a folder of work is there. */
static void wait_for_work(const char *folder, const char *pattern)
{
    for (bool found = false; !found; sched_yield()) {
        DIR *dir = opendir(folder);
        assert_non_null(dir);
        for (struct dirent *entry; (entry = readdir(dir));)
            found = found || strstr(entry->d_name, pattern);
        closedir(dir);
    }
}

/* A write that is under way holds the copy up: it cannot end by itself. */
static void end_in_the_middle(const char *folder, const char *pattern, int how, const char *const *arguments)
{
    struct helper helper = { .hears_errors = true };
    struct store *store;
    assert_ok(case_store_open(data, STORE_READ_WRITE, &store, &fault), &fault);
    struct txn *txn = txn_begin_write(store);
    helper_start(&helper, arguments);
    wait_for_work(folder, pattern);
    kill(helper.pid, how);
    assert_int_equal(fread(output, 1, sizeof output, helper.lines), 0); /* whoever removes it has it open, too */
    assert_int_equal(helper_wait(&helper), -how);
    txn_abort(txn);
    store_close(store);
    assert_int_equal(count_unfinished(folder), 0);
}

static void nothing_is_left_of_a_backup_that_is_ended(void **state)
{
    const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        end_in_the_middle(*state, ".part-", signals[i], ARGUMENTS("backup", copy, "--data", data));
    assert_false(has(*state, "copy"));
}

static void nothing_is_left_of_a_replay_that_is_ended(void **state)
{
    setenv("TMPDIR", *state, 1);
    end_in_the_middle(*state, "drumctl-", SIGTERM, ARGUMENTS("journal", "replay", "--book", book, "--data", data));
    unsetenv("TMPDIR");
    end_in_the_middle(*state, "drumctl-", SIGINT,
                      ARGUMENTS("whatif", "--book", book, "--data", data, "--scratch", *state));
}

static void a_place_for_work_with_too_long_a_name_is_told(void **state)
{
    (void)state;
    char deep[5000];
    memset(deep, 'x', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    assert_int_equal(run_helper(ARGUMENTS("whatif", "--book", book, "--data", data, "--scratch", deep)), 1);
    assert_printed("too long a path of a folder");
}

#define on_data(test) cmocka_unit_test_setup_teardown(test, make_data, remove_test_folder)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        on_data(all_that_cannot_be_made_anew_is_in_it),
        on_data(what_stands_in_its_place_stays),
        on_data(a_place_that_is_none_is_told),
        on_data(a_folder_without_a_district_is_no_data),
        on_data(a_log_that_ends_before_the_cases_is_told_and_nothing_kept),
        on_data(a_file_that_cannot_be_written_is_named_and_nothing_kept),
        on_data(nothing_is_left_of_a_backup_that_is_ended),
        on_data(nothing_is_left_of_a_replay_that_is_ended),
        on_data(a_place_for_work_with_too_long_a_name_is_told),
    };
    helper_program = argc > 1 ? argv[1] : NULL;
    book = argc > 2 ? argv[2] : "test/scenario/books/lane";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
