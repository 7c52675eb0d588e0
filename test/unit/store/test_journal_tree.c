/* Proofs from a store, of a journal so long that its tree has stored nodes on two levels, against the definition over all its leaves. */
#include "proto/store/journal_tree.h"

#include "dice.h"
#include "proto/store/case_store.h"
#include "support.h"

enum { ENTRIES = 66000, ROUNDS = 40 };

static struct fault fault;
static struct hash leaves[ENTRIES];
static struct journal journal;
static struct store *store;

static int keep_leaf(void *context, const struct journal_entry *entry)
{
    (void)context;
    leaves[entry->n - 1] = journal_leaf(entry);
    return 0;
}

static void append(struct txn *txn, int first, int count)
{
    struct journal_entry entries[300] = { 0 };
    for (int i = 0; i < count; i++)
        entries[i] = (struct journal_entry){ .at_ms = first + i, .kind = INPUT_EVENT, .payload = as_bytes("a report") };
    assert_ok(journal.ops->append(journal.log, txn, (uint64_t)first, entries, (size_t)count, &fault), &fault);
}

/* Turns of 1 to 300 inputs. */
static int make_journal(void **state)
{
    struct dice dice = dice_of_this_run();
    if (crypto_init(&fault) || make_test_folder(state))
        return -1;
    journal = journal_in_store();
    assert_ok(case_store_open(*state, STORE_READ_WRITE, &store, &fault), &fault);
    struct txn *txn = txn_begin_write(store);
    for (int n = 0; n < ENTRIES;) {
        int count = 1 + (int)dice_roll(&dice, 300);
        count = count < ENTRIES - n ? count : ENTRIES - n;
        append(txn, n, count);
        n += count;
    }
    assert_ok(journal.ops->read(journal.log, txn, 1, ENTRIES, keep_leaf, NULL, &fault), &fault);
    assert_ok(txn_commit(txn, &fault), &fault);
    return 0;
}

static int remove_journal(void **state)
{
    store_close(store);
    return remove_test_folder(state);
}

/* MTH(D[n]) of RFC 9162. */
static struct hash root_of(const struct hash *first, uint64_t n)
{
    if (n == 1)
        return *first;
    uint64_t k = 1;
    while (k * 2 < n)
        k *= 2;
    struct hash left = root_of(first, k), right = root_of(first + k, n - k);
    return merkle_node(&left, &right);
}

static void the_stored_tree_is_that_of_the_entries(void **state)
{
    (void)state;
    struct merkle_peaks peaks;
    struct txn *txn = txn_begin_read(store);
    assert_true(journal_tree_peaks(txn, &peaks));
    struct hash root = merkle_root(&peaks), expected = root_of(leaves, ENTRIES), node;
    assert_int_equal(peaks.size, ENTRIES);
    assert_true(hash_equal(&root, &expected));
    assert_int_equal(journal_tree_rows(ENTRIES), 1 + 257 + 1);
    assert_int_equal(txn_count(txn, TABLE_TREE), 1 + 257 + 1);
    assert_true(journal_tree_node(txn, 16, 0, &node));
    expected = root_of(leaves, 65536);
    assert_true(hash_equal(&node, &expected));
    assert_true(journal_tree_node(txn, 8, 200, &node));
    expected = root_of(leaves + 200 * 256, 256);
    assert_true(hash_equal(&node, &expected));
    txn_abort(txn);
}

static void any_entries_are_proved_in_a_tree_of_any_size(void **state)
{
    struct dice dice = dice_of_this_run();
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct txn *txn = txn_begin_read(store);
        struct journal_tree tree = { &journal, txn, &fault };
        struct merkle_source source = journal_tree_source(&tree);
        uint64_t size = 4 + dice_roll(&dice, ENTRIES - 3), third = size / 3;
        uint64_t chosen[3] = { dice_roll(&dice, third), third + dice_roll(&dice, third),
                               2 * third + dice_roll(&dice, third) };
        struct merkle_member members[3];
        struct buffer proof = { 0 };
        for (int i = 0; i < 3; i++)
            members[i] = (struct merkle_member){ chosen[i], leaves[chosen[i]] };
        struct hash root = root_of(leaves, size);
        assert_ok(merkle_prove(&source, size, chosen, 3, &proof), &fault);
        assert_true(merkle_proves(&root, size, members, 3, buffer_view(&proof)));
        assert_true(proof.size <= 3 * 17 * HASH_BYTES);
        buffer_finish(&proof);
        txn_abort(txn);
    }
}

static void a_tree_of_any_size_is_proved_to_be_the_beginning_of_a_later_one(void **state)
{
    struct dice dice = dice_of_this_run();
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct txn *txn = txn_begin_read(store);
        struct journal_tree tree = { &journal, txn, &fault };
        struct merkle_source source = journal_tree_source(&tree);
        uint64_t size = 1 + dice_roll(&dice, ENTRIES), old_size = 1 + dice_roll(&dice, size);
        struct hash root = root_of(leaves, size), old_root = root_of(leaves, old_size);
        struct buffer proof = { 0 };
        assert_ok(merkle_prove_growth(&source, old_size, size, &proof), &fault);
        assert_true(merkle_proves_growth(&old_root, old_size, &root, size, buffer_view(&proof)));
        buffer_finish(&proof);
        txn_abort(txn);
    }
}

static void a_missing_node_is_told_and_nothing_is_appended_to_a_damaged_tree(void **state)
{
    static const uint8_t node[] = { 8, 0, 0, 0, 0, 0, 0, 0, 5 };
    const struct journal_entry entry = { .kind = INPUT_PULSE };
    struct txn *txn = txn_begin_write(store);
    struct journal_tree tree = { &journal, txn, &fault };
    struct merkle_source source = journal_tree_source(&tree);
    struct buffer proof = { 0 };
    uint64_t leaf = 0;
    (void)state;
    assert_true(txn_delete(txn, TABLE_TREE, (struct bytes){ node, sizeof node }));
    assert_int_equal(merkle_prove(&source, 60000, &leaf, 1, &proof), -EBADMSG);
    assert_non_null(strstr(fault.text, "no node 8/5"));
    assert_true(txn_delete(txn, TABLE_TREE, (struct bytes){ (const uint8_t *)"", 1 }));
    assert_int_equal(journal.ops->append(journal.log, txn, ENTRIES, &entry, 1, &fault), -EBADMSG);
    assert_non_null(strstr(fault.text, "the tree is not that of 66000 journal entries"));
    txn_abort(txn);
    buffer_finish(&proof);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stored_tree_is_that_of_the_entries),
        cmocka_unit_test(any_entries_are_proved_in_a_tree_of_any_size),
        cmocka_unit_test(a_tree_of_any_size_is_proved_to_be_the_beginning_of_a_later_one),
        cmocka_unit_test(a_missing_node_is_told_and_nothing_is_appended_to_a_damaged_tree),
    };
    return cmocka_run_group_tests(tests, make_journal, remove_journal);
}
