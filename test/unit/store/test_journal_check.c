/* What a verification finds: every bit that is flipped, whatever is cut off, rewritten or brought back. */
#include "proto/store/journal_check.h"

#include "dice.h"
#include "proto/record/event.h"
#include "proto/store/case_store.h"
#include "proto/store/erase.h"
#include "support.h"

enum { ENTRIES = 700, HEAD_EVERY = 90, VALUE_FLIPS = 1000, KEY_FLIPS = 300, PIECE = 100 };

static struct fault fault;
static struct journal_signer signer = { .every_ms = INT64_MAX / 2, .every_entries = HEAD_EVERY };
static struct public_key public;

/* ---- a journal of events and erasures, the same one whenever it is made ---- */

/* The event that entry n is, encoded into the buffer; a salt that goes with it. */
static struct journal_entry make_entry(int n, const char *changed, struct buffer *bytes, uint8_t salt[16])
{
    char text[80];
    snprintf(text, sizeof text, "%s %d", changed ? changed : "a lamp is out at number", n);
    struct event event = { .seq = n, .id = "x", .kind = EVENT_REPORT, .text = n % 50 == 7 ? "" : text };
    buffer_clear(bytes);
    record_encode(&event_desc, &event, bytes);
    memset(salt, n, 16);
    return (
        struct journal_entry){ .at_ms = 1000 * n, .kind = INPUT_EVENT, .payload = buffer_view(bytes), .salt = salt };
}

/* The same of an erasure. */
static struct journal_entry make_erasure(int n, struct txn *txn, struct erasure *erasure, struct arena *arena,
                                         struct buffer *bytes, uint8_t salt[16])
{
    struct journal journal = journal_in_store();
    *erasure = (struct erasure){ .entry = n - 20, .actor = "li", .reason = "asked for", .at_ms = 1000 * n };
    assert_ok(erase_prepare(&journal, txn, erasure, arena, &fault), &fault);
    buffer_clear(bytes);
    record_encode(&erasure_desc, erasure, bytes);
    memset(salt, n, 16);
    return (
        struct journal_entry){ .at_ms = 1000 * n, .kind = INPUT_ERASURE, .payload = buffer_view(bytes), .salt = salt };
}

/* Appends entries up to `count`, one a turn, the one of that number changed; every 50th is an erasure of the one 20 before it. */
static void fill(struct store *store, int count, int changed)
{
    struct journal journal = journal_in_store();
    struct buffer bytes = { 0 };
    struct arena arena = { 0 };
    struct erasure erasure;
    uint8_t salt[16];
    int64_t due_ms;
    struct txn *txn = txn_begin_write(store);
    for (int n = 1; n <= count; n++) {
        bool erases = n % 50 == 0;
        struct journal_entry entry = erases ? make_erasure(n, txn, &erasure, &arena, &bytes, salt)
                                            : make_entry(n, n == changed ? "nothing at" : NULL, &bytes, salt);
        assert_ok(journal.ops->append(journal.log, txn, (uint64_t)n - 1, &entry, 1, &fault), &fault);
        if (erases)
            assert_ok(erase_apply(&journal, txn, (uint64_t)n, &erasure, &arena, &fault), &fault);
        assert_ok(journal_head_make(&signer, txn, 1000 * n, &due_ms, &fault), &fault);
    }
    assert_ok(txn_commit(txn, &fault), &fault);
    buffer_finish(&bytes);
    arena_finish(&arena);
}

static struct store *open_filled(void **state, int count, int changed)
{
    struct store *store;
    assert_ok(case_store_open(*state, STORE_READ_WRITE, &store, &fault), &fault);
    fill(store, count, changed);
    return store;
}

static int make_keys(void **state)
{
    (void)state;
    int result = crypto_init(&fault);
    key_pair_new(&signer.key, &public);
    return result;
}

/* In pieces, as drumctl does. */
static int check_with(struct txn *txn, struct journal_check *check)
{
    struct journal journal = journal_in_store();
    int result = 0;
    check->key = &public;
    while (!result && !check->done)
        result = journal_check_some(&journal, txn, check, PIECE, &fault);
    return result;
}

static int check(struct txn *txn)
{
    struct journal_check check = { 0 };
    return check_with(txn, &check);
}

static void assert_broken(struct txn *txn, const struct journal_head *head, const char *how)
{
    struct journal_check check = { .head = head };
    assert_int_equal(check_with(txn, &check), JOURNAL_BROKEN);
    if (!strstr(fault.text, how))
        fail_msg("expected '%s' in '%s'", how, fault.text);
}

static struct journal_head last_head(struct store *store)
{
    struct journal_head head;
    struct txn *txn = txn_begin_read(store);
    assert_ok(journal_head_last(txn, &head, &fault), &fault);
    txn_abort(txn);
    return head;
}

/* ---- the tests ---- */

static void a_whole_journal_verifies_with_its_erasures_and_heads(void **state)
{
    struct store *store = open_filled(state, ENTRIES, 0);
    struct journal_head head = last_head(store);
    struct journal_check check = { .head = &head };
    struct txn *txn = txn_begin_read(store);
    assert_ok(check_with(txn, &check), &fault);
    assert_int_equal(check.entries, ENTRIES);
    assert_int_equal(check.erased, ENTRIES / 50);
    assert_int_equal(check.heads, 1 + (ENTRIES - 1) / HEAD_EVERY);
    assert_int_equal(check.signed_entries, head.size);
    assert_int_equal(txn_count(txn, TABLE_TREE), 1 + ENTRIES / 256);
    txn_abort(txn);
    store_close(store);
}

/* The i-th row of a table as bytes of the caller's. */
static void row_at(struct txn *txn, int table, uint64_t i, struct buffer *key, struct buffer *value)
{
    struct txn_walk walk;
    walk_open(txn, &walk, table, (struct bytes){ NULL, 0 }, 0);
    for (uint64_t at = 0; at <= i; at++)
        assert_true(walk_next(&walk));
    buffer_clear(key);
    buffer_append(key, walk.key.data, walk.key.size);
    buffer_clear(value);
    buffer_append(value, walk.value.data, walk.value.size);
    walk_close(&walk);
}

static void flip(struct dice *dice, struct buffer *bytes)
{
    bytes->bytes[dice_roll(dice, bytes->size)] ^= (uint8_t)(1 << dice_roll(dice, 8));
}

/* Eight of ten in an entry, the others in the tree and in the heads. */
static int some_table(struct dice *dice)
{
    static const int tables[] = { TABLE_TREE, TABLE_HEADS };
    uint64_t side = dice_roll(dice, 10);
    return side < 2 ? tables[side] : TABLE_JOURNAL;
}

/* "entry 17" of the journal's 17th row, "tree" of any of the tree's, "head of 90" of the head's. */
static void name_of(char out[64], int table, const struct buffer *key)
{
    if (table == TABLE_TREE)
        strcpy(out, "the tree's ");
    else
        snprintf(out, 64, table == TABLE_HEADS ? "head of %llu " : "entry %llu ",
                 (unsigned long long)bytes_be64(key->bytes));
}

static void each_of_a_thousand_flipped_bits_is_found_and_named(void **state)
{
    struct store *store = open_filled(state, ENTRIES, 0);
    struct dice dice = dice_of_this_run();
    struct buffer key = { 0 }, value = { 0 };
    for (int i = 0; i < VALUE_FLIPS; i++) {
        char name[64];
        int table = some_table(&dice);
        struct txn *txn = txn_begin_write(store);
        row_at(txn, table, dice_roll(&dice, txn_count(txn, table)), &key, &value);
        flip(&dice, &value);
        txn_put(txn, table, buffer_view(&key), buffer_view(&value));
        name_of(name, table, &key);
        fault.text[0] = 0;
        if (check(txn) != JOURNAL_BROKEN || !strstr(fault.text, name))
            fail_msg("flip %d: expected '%s' in '%s'", i, name, fault.text);
        txn_abort(txn);
    }
    struct txn *txn = txn_begin_read(store);
    assert_ok(check(txn), &fault);
    txn_abort(txn);
    buffer_finish(&key);
    buffer_finish(&value);
    store_close(store);
}

static void a_row_that_moved_to_another_key_is_found(void **state)
{
    struct store *store = open_filled(state, ENTRIES, 0);
    struct dice dice = dice_of_this_run();
    struct buffer key = { 0 }, value = { 0 };
    for (int i = 0; i < KEY_FLIPS; i++) {
        int table = some_table(&dice);
        struct txn *txn = txn_begin_write(store);
        row_at(txn, table, dice_roll(&dice, txn_count(txn, table)), &key, &value);
        txn_delete(txn, table, buffer_view(&key));
        flip(&dice, &key);
        txn_put(txn, table, buffer_view(&key), buffer_view(&value));
        if (check(txn) != JOURNAL_BROKEN)
            fail_msg("flip %d in a key of table %d was not found", i, table);
        txn_abort(txn);
    }
    buffer_finish(&key);
    buffer_finish(&value);
    store_close(store);
}

static void a_row_too_many_is_found(void **state)
{
    struct store *store = open_filled(state, ENTRIES, 0);
    static const int tables[] = { TABLE_JOURNAL, TABLE_TREE, TABLE_HEADS };
    for (int i = 0; i < 3; i++) {
        struct txn *txn = txn_begin_write(store);
        txn_put(txn, tables[i], as_bytes("\1x"), as_bytes("what is this"));
        assert_int_equal(check(txn), JOURNAL_BROKEN);
        txn_abort(txn);
    }
    store_close(store);
}

static void copy_table(struct txn *from, struct txn *to, int table, uint64_t max)
{
    struct txn_walk walk;
    walk_open(from, &walk, table, (struct bytes){ NULL, 0 }, 0);
    while (max-- && walk_next(&walk))
        txn_put(to, table, walk.key, walk.value);
    walk_close(&walk);
}

/* A journal that is whole in itself, with other heads: those of `store`, if any. */
static struct store *forge(struct store *store, const char *folder, int count, int changed, uint64_t heads)
{
    struct store *forged;
    struct journal_signer honest = signer;
    assert_ok(case_store_open(folder, STORE_READ_WRITE, &forged, &fault), &fault);
    signer.every_entries = UINT64_MAX;
    fill(forged, count, changed);
    signer = honest;
    struct txn *from = txn_begin_read(store), *to = txn_begin_write(forged);
    struct journal_head first;
    if (journal_head_from(to, 1, &first, &fault) == 0) {
        uint8_t key[8];
        bytes_put_be64(key, first.size);
        txn_delete(to, TABLE_HEADS, (struct bytes){ key, sizeof key });
    }
    copy_table(from, to, TABLE_HEADS, heads);
    assert_ok(txn_commit(to, &fault), &fault);
    txn_abort(from);
    return forged;
}

static char *forged_folder(void **state)
{
    static char folder[4096];
    snprintf(folder, sizeof folder, "%s/forged", (const char *)*state);
    return folder;
}

static void what_is_cut_off_at_the_end_is_missed_by_the_last_head(void **state)
{
    struct store *store = open_filled(state, ENTRIES, 0);
    struct journal_head head = last_head(store);
    struct store *cut = forge(store, forged_folder(state), (int)head.size - 1, 0, UINT64_MAX);
    struct txn *txn = txn_begin_read(cut);
    char text[64];
    snprintf(text, sizeof text, "journal entry %d and those after it were cut off", (int)head.size);
    assert_broken(txn, NULL, text);
    txn_abort(txn);
    store_close(cut);
    store_close(store);
}

static void who_cuts_off_the_heads_too_is_found_by_one_that_was_kept(void **state)
{
    struct store *store = open_filled(state, ENTRIES, 0);
    struct journal_head head = last_head(store);
    struct store *cut = forge(store, forged_folder(state), 300, 0, 3);
    struct txn *txn = txn_begin_read(cut);
    assert_ok(check(txn), &fault); /* nothing in the folder itself can tell */
    assert_broken(txn, &head, "journal entry 301 and those after it were cut off: the given head");
    txn_abort(txn);
    store_close(cut);
    store_close(store);
}

static void a_journal_that_was_written_anew_is_found_by_any_head(void **state)
{
    struct store *store = open_filled(state, ENTRIES, 0);
    struct journal_head head = last_head(store);
    struct store *forged = forge(store, forged_folder(state), ENTRIES, 123, UINT64_MAX);
    struct txn *txn = txn_begin_write(forged);
    assert_broken(txn, NULL, "entries 1 to 181 are not those of the stored head");
    for (struct journal_head stored; journal_head_from(txn, 0, &stored, &fault) == 0;) {
        uint8_t key[8];
        bytes_put_be64(key, stored.size);
        txn_delete(txn, TABLE_HEADS, (struct bytes){ key, sizeof key });
    }
    assert_ok(check(txn), &fault);
    assert_broken(txn, &head, "are not those of the given head");
    txn_abort(txn);
    store_close(forged);
    store_close(store);
}

static void a_head_of_another_key_is_refused(void **state)
{
    struct store *store = open_filled(state, ENTRIES, 0);
    struct secret_key secret;
    struct public_key honest = public;
    struct txn *txn = txn_begin_read(store);
    key_pair_new(&secret, &public);
    assert_broken(txn, NULL, "is not signed by the given key");
    public = honest;
    txn_abort(txn);
    store_close(store);
}

/* Somebody with a backup puts the erased words back: chain and tree agree with them, the erasure does not. */
static void words_that_come_back_after_their_erasure_are_found(void **state)
{
    struct store *store = open_filled(state, 49, 0), *erased = NULL;
    uint8_t key[8];
    struct bytes words;
    assert_ok(case_store_open(forged_folder(state), STORE_READ_WRITE, &erased, &fault), &fault);
    fill(erased, 60, 0);
    struct txn *from = txn_begin_read(store), *to = txn_begin_write(erased);
    bytes_put_be64(key, 30);
    assert_true(txn_get(from, TABLE_JOURNAL, (struct bytes){ key, sizeof key }, &words));
    txn_put(to, TABLE_JOURNAL, (struct bytes){ key, sizeof key }, words);
    assert_broken(to, NULL, "journal entry 30 was changed: it is not erased any more, as entry 50 left it");
    txn_abort(from);
    txn_abort(to);
    store_close(erased);
    store_close(store);
}

static void a_payload_that_somebody_erased_on_the_quiet_is_found(void **state)
{
    struct store *store = open_filled(state, ENTRIES, 0);
    struct journal journal = journal_in_store();
    struct txn *txn = txn_begin_write(store);
    assert_ok(journal.ops->erase(journal.log, txn, 31, 50, as_bytes("nothing"), &fault), &fault);
    assert_broken(txn, NULL, "journal entry 31 was changed, or entry 50");
    txn_abort(txn);
    store_close(store);
}

/* A head that is signed between two pieces, at the very entry at which the first one ended. */
static void a_head_that_comes_while_the_journal_is_verified_is_no_fault(void **state)
{
    struct store *store = open_filled(state, 2 * PIECE, 0);
    struct journal journal = journal_in_store();
    struct journal_signer at_once = { .key = signer.key };
    struct journal_check check = { .key = &public };
    int64_t due_ms;
    for (int piece = 0; piece < 2; piece++) {
        struct txn *txn = txn_begin_read(store);
        assert_ok(journal_check_some(&journal, txn, &check, PIECE, &fault), &fault);
        txn_abort(txn);
    }
    assert_false(check.done);
    struct txn *txn = txn_begin_write(store);
    assert_ok(journal_head_make(&at_once, txn, 1, &due_ms, &fault), &fault);
    assert_ok(txn_commit(txn, &fault), &fault);
    txn = txn_begin_read(store);
    assert_ok(journal_check_some(&journal, txn, &check, PIECE, &fault), &fault);
    assert_true(check.done);
    assert_int_equal(check.signed_entries, 2 * PIECE);
    txn_abort(txn);
    store_close(store);
}

#define in_a_folder(test) cmocka_unit_test_setup_teardown(test, make_test_folder, remove_test_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_folder(a_whole_journal_verifies_with_its_erasures_and_heads),
        in_a_folder(each_of_a_thousand_flipped_bits_is_found_and_named),
        in_a_folder(a_row_that_moved_to_another_key_is_found),
        in_a_folder(a_row_too_many_is_found),
        in_a_folder(what_is_cut_off_at_the_end_is_missed_by_the_last_head),
        in_a_folder(who_cuts_off_the_heads_too_is_found_by_one_that_was_kept),
        in_a_folder(a_journal_that_was_written_anew_is_found_by_any_head),
        in_a_folder(a_head_of_another_key_is_refused),
        in_a_folder(words_that_come_back_after_their_erasure_are_found),
        in_a_folder(a_payload_that_somebody_erased_on_the_quiet_is_found),
        in_a_folder(a_head_that_comes_while_the_journal_is_verified_is_no_fault),
    };
    return cmocka_run_group_tests(tests, make_keys, NULL);
}
