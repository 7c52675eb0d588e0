#include "proto/store/journal_check.h"

#include <stdlib.h>

#include "proto/store/case_store.h"
#include "proto/store/journal_find.h"
#include "support.h"

enum {
    ENTRIES = 7,
    FORM_AT = 9,
    HASH_AT = 10,
    SALT_AT = HASH_AT + HASH_BYTES,
    HEAD_BYTES = SALT_AT + JOURNAL_SALT_BYTES
};
static struct fault fault;

static const char *const payloads[ENTRIES] = { "first", "second", "", "fourth", "a longer fifth one", "6", "last" };

/* A cases environment with a journal of seven entries, written in two turns. */
static struct store *open_journal(void **state)
{
    struct store *store;
    struct journal journal = journal_in_store();
    struct journal_entry entries[ENTRIES];
    assert_ok(case_store_open(*state, STORE_READ_WRITE, &store, &fault), &fault);
    for (int i = 0; i < ENTRIES; i++)
        entries[i] = (struct journal_entry){
            .at_ms = 1000 + i,
            .kind = payloads[i][0] ? INPUT_EVENT : INPUT_PULSE,
            .payload = as_bytes(payloads[i]),
        };
    for (int turn = 0; turn < 2; turn++) {
        struct txn *txn = txn_begin_write(store);
        uint64_t last = journal.ops->last(journal.log, txn);
        assert_int_equal(last, turn * 3);
        assert_ok(journal.ops->append(journal.log, txn, last, entries + last, turn ? ENTRIES - 3 : 3, &fault), &fault);
        assert_ok(txn_commit(txn, &fault), &fault);
    }
    return store;
}

static int verify(struct store *store, uint64_t *entries)
{
    struct journal journal = journal_in_store();
    struct journal_check check = { 0 };
    int result = journal_verify(&journal, store, &check, &fault, NULL, NULL);
    *entries = check.entries;
    return result;
}

static void assert_broken_at(struct store *store, uint64_t n, const char *how)
{
    char text[64];
    uint64_t entries;
    snprintf(text, sizeof text, "journal entry %llu %s", (unsigned long long)n, how);
    assert_int_equal(verify(store, &entries), JOURNAL_BROKEN);
    assert_int_equal(entries, n - 1);
    if (!strstr(fault.text, text))
        fail_msg("expected '%s' in '%s'", text, fault.text);
}

/* The row of entry n as bytes of the caller's. */
static struct bytes row_of(struct store *store, uint64_t n, uint8_t key[8], uint8_t row[256])
{
    struct bytes value;
    struct txn *txn = txn_begin_read(store);
    bytes_put_be64(key, n);
    assert_true(txn_get(txn, TABLE_JOURNAL, (struct bytes){ key, 8 }, &value));
    assert_true(value.size <= 256);
    memcpy(row, value.data, value.size);
    value.data = row;
    txn_abort(txn);
    return value;
}

/* NULL row: removes it. */
static void tamper(struct store *store, const uint8_t key[8], struct bytes row)
{
    struct txn *txn = txn_begin_write(store);
    if (row.data)
        txn_put(txn, TABLE_JOURNAL, (struct bytes){ key, 8 }, row);
    else
        txn_delete(txn, TABLE_JOURNAL, (struct bytes){ key, 8 });
    assert_ok(txn_commit(txn, &fault), &fault);
}

static int check_entry(void *context, const struct journal_entry *entry)
{
    uint64_t *seen = context;
    assert_int_equal(entry->n, ++*seen);
    assert_int_equal(entry->at_ms, 1000 + (int64_t)entry->n - 1);
    assert_int_equal(entry->payload.size, strlen(payloads[entry->n - 1]));
    assert_memory_equal(entry->payload.data, payloads[entry->n - 1], entry->payload.size);
    return 0;
}

static void what_was_appended_is_read_and_verified(void **state)
{
    struct store *store = open_journal(state);
    struct journal journal = journal_in_store();
    uint64_t seen = 0, entries;
    struct txn *txn = txn_begin_read(store);
    assert_ok(journal.ops->read(journal.log, txn, 1, 100, check_entry, &seen, &fault), &fault);
    assert_int_equal(seen, ENTRIES);
    seen = 4;
    assert_ok(journal.ops->read(journal.log, txn, 5, 2, check_entry, &seen, &fault), &fault);
    assert_int_equal(seen, 6);
    txn_abort(txn);
    assert_ok(verify(store, &entries), &fault);
    assert_int_equal(entries, ENTRIES);
    store_close(store);
}

static struct hash hash_of_buffer(struct buffer *bytes)
{
    struct hash hash = hash_of(bytes->bytes, bytes->size);
    buffer_clear(bytes);
    return hash;
}

static void the_hash_is_the_one_that_the_header_says(void **state)
{
    struct store *store = open_journal(state);
    struct buffer bytes = { 0 };
    struct hash chained = { { 0 } };
    for (uint64_t n = 1; n <= ENTRIES; n++) {
        uint8_t key[8], row[256];
        struct bytes whole = row_of(store, n, key, row);
        const char *payload = payloads[n - 1];
        assert_int_equal(whole.size, HEAD_BYTES + strlen(payload));
        assert_int_equal(row[FORM_AT], 0);
        buffer_append(&bytes, row + SALT_AT, JOURNAL_SALT_BYTES);
        buffer_text(&bytes, payload);
        struct hash payload_hash = hash_of_buffer(&bytes);
        buffer_append(&bytes, "", 1);
        buffer_be64(&bytes, n);
        buffer_be64(&bytes, 1000 + n - 1);
        buffer_append(&bytes, *payload ? "\1" : "\3", 1); /* event, pulse */
        buffer_append(&bytes, payload_hash.bytes, HASH_BYTES);
        struct hash leaf = hash_of_buffer(&bytes);
        buffer_append(&bytes, chained.bytes, HASH_BYTES);
        buffer_append(&bytes, leaf.bytes, HASH_BYTES);
        chained = hash_of_buffer(&bytes);
        assert_memory_equal(whole.data + HASH_AT, chained.bytes, HASH_BYTES);
    }
    buffer_finish(&bytes);
    store_close(store);
}

static void equal_payloads_do_not_show_that_they_are_equal(void **state)
{
    struct store *store = open_journal(state);
    struct journal journal = journal_in_store();
    const struct journal_entry entries[] = { { .kind = INPUT_PULSE }, { .kind = INPUT_PULSE } };
    struct journal_entry a, b;
    struct txn *txn = txn_begin_write(store);
    assert_ok(journal.ops->append(journal.log, txn, ENTRIES, entries, 2, &fault), &fault);
    assert_int_equal(journal_get(&journal, txn, ENTRIES + 1, &a, &fault), 0);
    assert_int_equal(journal_get(&journal, txn, ENTRIES + 2, &b, &fault), 0);
    assert_int_equal(journal_get(&journal, txn, ENTRIES + 3, &b, &fault), 1);
    struct hash of_a = journal_payload_hash(&a), of_b = journal_payload_hash(&b);
    assert_false(hash_equal(&of_a, &of_b));
    txn_abort(txn);
    store_close(store);
}

static enum journal_order odd_ones_say_nothing(void *context, const struct journal_entry *entry)
{
    const int64_t *at_ms = context;
    if (entry->n % 2)
        return JOURNAL_UNORDERED;
    return entry->at_ms < *at_ms ? JOURNAL_BEFORE : JOURNAL_NOT_BEFORE;
}

static void a_search_passes_over_what_has_no_order(void **state)
{
    static const uint64_t expected[] = { 1, 1, 3, 3, 5, 5, 7 }; /* what follows the last one that is before */
    struct store *store = open_journal(state);
    struct journal journal = journal_in_store();
    struct txn *txn = txn_begin_read(store);
    for (int i = 0; i < 7; i++) {
        int64_t at_ms = 1000 + i;
        uint64_t n = 0;
        assert_ok(journal_search(&journal, txn, odd_ones_say_nothing, &at_ms, &n, &fault), &fault);
        assert_int_equal(n, expected[i]);
    }
    txn_abort(txn);
    store_close(store);
}

static void a_flipped_bit_in_any_byte_of_any_entry_is_found(void **state)
{
    struct store *store = open_journal(state);
    uint64_t entries;
    for (uint64_t n = 1; n <= ENTRIES; n++) {
        uint8_t key[8], row[256];
        struct bytes whole = row_of(store, n, key, row);
        for (size_t at = 0; at < whole.size; at++) { /* time, kind, hash, payload */
            row[at] ^= (uint8_t)(1 << at % 8);
            tamper(store, key, whole);
            assert_broken_at(store, n, at == FORM_AT ? "" : "was changed");
            row[at] ^= (uint8_t)(1 << at % 8);
        }
        tamper(store, key, whole);
        assert_ok(verify(store, &entries), &fault);
    }
    store_close(store);
}

static void a_missing_entry_is_named(void **state)
{
    struct store *store = open_journal(state);
    for (uint64_t n = 1; n < ENTRIES; n++) {
        uint8_t key[8], row[256];
        struct bytes whole = row_of(store, n, key, row);
        tamper(store, key, (struct bytes){ NULL, 0 });
        assert_broken_at(store, n, "is missing");
        tamper(store, key, whole);
    }
    store_close(store);
}

static void swapped_entries_are_found(void **state)
{
    struct store *store = open_journal(state);
    uint8_t key_a[8], key_b[8], row_a[256], row_b[256];
    struct bytes a = row_of(store, 2, key_a, row_a), b = row_of(store, 4, key_b, row_b);
    tamper(store, key_a, b);
    tamper(store, key_b, a);
    assert_broken_at(store, 2, "was changed");
    store_close(store);
}

static void an_entry_that_is_cut_short_is_named(void **state)
{
    struct store *store = open_journal(state);
    uint8_t key[8], row[256];
    row_of(store, 5, key, row);
    tamper(store, key, (struct bytes){ row, HEAD_BYTES - 1 });
    assert_broken_at(store, 5, "is cut short");
    row_of(store, ENTRIES, key, row);
    tamper(store, key, (struct bytes){ row, 3 });
    struct journal journal = journal_in_store();
    struct txn *txn = txn_begin_write(store); /* nothing is chained to it */
    assert_int_equal(journal.ops->append(journal.log, txn, ENTRIES, NULL, 0, &fault), -EBADMSG);
    assert_int_equal(txn_commit(txn, NULL), -EBADMSG);
    store_close(store);
}

static void who_has_not_seen_the_last_entry_may_not_append(void **state)
{
    struct store *store = open_journal(state);
    struct journal journal = journal_in_store();
    struct journal_entry entry = { .at_ms = 5000, .kind = INPUT_PULSE };
    struct txn *txn = txn_begin_write(store);
    assert_int_equal(journal.ops->append(journal.log, txn, ENTRIES - 1, &entry, 1, &fault), -ESTALE);
    assert_non_null(strstr(fault.text, "ends at entry 7, not at 6"));
    txn_abort(txn);
    store_close(store);
}

static void note_progress(void *context, uint64_t done, uint64_t all)
{
    uint64_t *seen = context;
    seen[0] = done;
    seen[1] = all;
}

static void a_verification_goes_on_where_it_stopped(void **state)
{
    struct store *store = open_journal(state);
    struct journal journal = journal_in_store();
    struct journal_check check = { 0 };
    for (int pieces = 0; !check.done; pieces++) {
        struct txn *txn = txn_begin_read(store);
        assert_ok(journal_check_some(&journal, txn, &check, 2, &fault), &fault);
        txn_abort(txn);
        assert_true(pieces < 5);
    }
    assert_int_equal(check.entries, ENTRIES);
    uint64_t progress[2];
    check = (struct journal_check){ 0 };
    assert_ok(journal_verify(&journal, store, &check, &fault, note_progress, progress), &fault);
    assert_int_equal(progress[0], ENTRIES);
    assert_int_equal(progress[1], ENTRIES);
    store_close(store);
}

#define in_a_folder(test) cmocka_unit_test_setup_teardown(test, make_test_folder, remove_test_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_folder(what_was_appended_is_read_and_verified),
        in_a_folder(the_hash_is_the_one_that_the_header_says),
        in_a_folder(equal_payloads_do_not_show_that_they_are_equal),
        in_a_folder(a_search_passes_over_what_has_no_order),
        in_a_folder(a_flipped_bit_in_any_byte_of_any_entry_is_found),
        in_a_folder(a_missing_entry_is_named),
        in_a_folder(swapped_entries_are_found),
        in_a_folder(an_entry_that_is_cut_short_is_named),
        in_a_folder(who_has_not_seen_the_last_entry_may_not_append),
        in_a_folder(a_verification_goes_on_where_it_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
