/* Signed heads: when one is made, what it vouches for, and the key that signs it. */
#include "proto/store/journal_head.h"

#include <sys/stat.h>
#include <unistd.h>

#include "proto/store/case_store.h"
#include "proto/store/journal_key.h"
#include "support.h"

static struct fault fault;

static int start_crypto(void **state)
{
    (void)state;
    return crypto_init(&fault);
}

/* A turn of `count` inputs at `now_ms`; the size of the last head after it. */
static uint64_t turn(struct store *store, const struct journal_signer *signer, int count, int64_t now_ms,
                     int64_t *due_ms)
{
    struct journal journal = journal_in_store();
    struct journal_head head = { 0 };
    struct txn *txn = txn_begin_write(store);
    for (int i = 0; i < count; i++) {
        const struct journal_entry entry = { .at_ms = now_ms, .kind = INPUT_PULSE };
        uint64_t last = journal.ops->last(journal.log, txn);
        assert_ok(journal.ops->append(journal.log, txn, last, &entry, 1, &fault), &fault);
    }
    assert_ok(journal_head_make(signer, txn, now_ms, due_ms, &fault), &fault);
    assert_true(journal_head_last(txn, &head, &fault) >= 0);
    assert_ok(txn_commit(txn, &fault), &fault);
    return head.size;
}

static void a_head_is_due_after_a_time_or_a_number_of_entries_and_only_if_there_are_any(void **state)
{
    struct journal_signer signer = { .every_ms = 1000, .every_entries = 5 };
    struct public_key public;
    struct store *store;
    int64_t due_ms;
    key_pair_new(&signer.key, &public);
    assert_ok(case_store_open(*state, STORE_READ_WRITE, &store, &fault), &fault);
    assert_int_equal(turn(store, &signer, 0, 100, &due_ms), 0); /* an empty journal */
    assert_true(due_ms == INT64_MAX);
    assert_int_equal(turn(store, &signer, 1, 200, &due_ms), 1); /* the first head: at once */
    assert_true(due_ms == INT64_MAX);
    assert_int_equal(turn(store, &signer, 2, 300, &due_ms), 1);
    assert_int_equal(due_ms, 1200);
    assert_int_equal(turn(store, &signer, 0, 1199, &due_ms), 1);
    assert_int_equal(turn(store, &signer, 0, 1200, &due_ms), 3); /* its time has come */
    assert_true(due_ms == INT64_MAX);
    assert_int_equal(turn(store, &signer, 0, 9999, &due_ms), 3); /* nothing is new */
    assert_int_equal(turn(store, &signer, 4, 1300, &due_ms), 3);
    assert_int_equal(turn(store, &signer, 1, 1300, &due_ms), 8); /* five more */
    assert_int_equal(turn(store, &signer, 1, 10, &due_ms), 9);   /* the clock was set back: nobody waits for it */
    store_close(store);
}

static void a_head_vouches_for_its_size_time_and_root_and_for_nothing_else(void **state)
{
    struct secret_key secret;
    struct public_key public, other;
    struct journal_head head = { .size = 7, .at_ms = 8, .root = hash_of("x", 1) }, changed;
    (void)state;
    key_pair_new(&secret, &other);
    key_pair_new(&secret, &public);
    journal_head_sign(&head, &secret);
    assert_true(journal_head_is_signed(&head, &public));
    assert_false(journal_head_is_signed(&head, &other));
    for (int i = 0; i < 4; i++) {
        changed = head;
        changed.size += i == 0;
        changed.at_ms += i == 1;
        changed.root.bytes[31] ^= (uint8_t)(i == 2);
        changed.signature.bytes[0] ^= (uint8_t)(i == 3);
        assert_false(journal_head_is_signed(&changed, &public));
    }
}

static void a_damaged_head_is_told(void **state)
{
    struct store *store;
    struct journal_head head;
    assert_ok(case_store_open(*state, STORE_READ_WRITE, &store, &fault), &fault);
    struct txn *txn = txn_begin_write(store);
    assert_int_equal(journal_head_last(txn, &head, &fault), 1);
    assert_int_equal(journal_head_from(txn, 1, &head, &fault), 1);
    txn_put(txn, TABLE_HEADS, as_bytes("12345678"), as_bytes("short"));
    assert_int_equal(journal_head_last(txn, &head, &fault), -EBADMSG);
    assert_int_equal(journal_head_from(txn, 1, &head, &fault), -EBADMSG);
    txn_abort(txn);
    store_close(store);
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/keys/%s", folder, name);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

static void the_key_is_made_once_and_nobody_else_may_read_it(void **state)
{
    struct secret_key first, second;
    struct public_key public;
    struct stat stat_of_key;
    char path[4096];
    snprintf(path, sizeof path, "%s/keys/journal.key", (const char *)*state);
    assert_int_equal(journal_key_public(*state, &public, &fault), 1);
    assert_ok(journal_key_open(*state, &first, &fault), &fault);
    assert_ok(journal_key_open(*state, &second, &fault), &fault);
    assert_memory_equal(&first, &second, sizeof first);
    assert_int_equal(stat(path, &stat_of_key), 0);
    assert_int_equal(stat_of_key.st_mode & 0777, 0600);
    assert_ok(journal_key_public(*state, &public, &fault), &fault);
    struct signature signature = sign(&first, "a", 1);
    assert_true(is_signed(&public, &signature, "a", 1));
    write_file(*state, "journal.pub", "something else\n");
    assert_int_equal(journal_key_public(*state, &public, &fault), -EINVAL);
    assert_ok(journal_key_open(*state, &second, &fault), &fault); /* mends the public one */
    assert_ok(journal_key_public(*state, &public, &fault), &fault);
    assert_true(is_signed(&public, &signature, "a", 1));
}

static void a_key_that_others_may_read_or_that_is_none_is_refused(void **state)
{
    struct secret_key key;
    char path[4096];
    snprintf(path, sizeof path, "%s/keys/journal.key", (const char *)*state);
    assert_ok(journal_key_open(*state, &key, &fault), &fault);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(journal_key_open(*state, &key, &fault), -EPERM);
    assert_non_null(strstr(fault.text, "others may read it (mode 640)"));
    assert_int_equal(chmod(path, 0600), 0);
    write_file(*state, "journal.key", "");
    assert_int_equal(journal_key_open(*state, &key, &fault), -EINVAL);
    write_file(*state, "journal.key", "AAAA\n");
    assert_int_equal(journal_key_open(*state, &key, &fault), -EINVAL);
    assert_non_null(strstr(fault.text, "64 bytes in base64"));
}

#define in_a_folder(test) cmocka_unit_test_setup_teardown(test, make_test_folder, remove_test_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_folder(a_head_is_due_after_a_time_or_a_number_of_entries_and_only_if_there_are_any),
        cmocka_unit_test(a_head_vouches_for_its_size_time_and_root_and_for_nothing_else),
        in_a_folder(a_damaged_head_is_told),
        in_a_folder(the_key_is_made_once_and_nobody_else_may_read_it),
        in_a_folder(a_key_that_others_may_read_or_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
