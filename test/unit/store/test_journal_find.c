/* An event's entry is found among all others, whatever lies between, and what is not there is not found. */
#include "proto/store/journal_find.h"

#include "dice.h"
#include "proto/record/event.h"
#include "proto/store/case_store.h"
#include "support.h"

enum { ENTRIES = 400, ROUNDS = 20 };

static struct fault fault;

static int start_crypto(void **state)
{
    (void)state;
    return crypto_init(&fault);
}

/* Events with gaps in their sequence, and runs of other inputs; where_is[seq]: the event's entry, 0: it is not there. */
static void fill(struct dice *dice, struct txn *txn, uint64_t where_is[3 * ENTRIES])
{
    struct journal journal = journal_in_store();
    struct buffer bytes = { 0 };
    int64_t seq = 0;
    uint64_t others = dice_roll(dice, 5);
    for (uint64_t n = 1; n <= ENTRIES; n++) {
        struct journal_entry entry = { .kind = dice_roll(dice, 2) ? INPUT_PULSE : INPUT_BOOK };
        if (dice_roll(dice, 5) >= others) {
            seq += 1 + (int64_t)dice_roll(dice, 2);
            where_is[seq] = n;
            buffer_clear(&bytes);
            record_encode(&event_desc, &(struct event){ .seq = seq, .id = "x" }, &bytes);
            entry.kind = INPUT_EVENT;
            entry.payload = buffer_view(&bytes);
        }
        assert_ok(journal.ops->append(journal.log, txn, n - 1, &entry, 1, &fault), &fault);
    }
    buffer_finish(&bytes);
}

static void every_event_is_found_and_no_other(void **state)
{
    struct journal journal = journal_in_store();
    struct dice dice = dice_of_this_run();
    struct store *store;
    assert_ok(case_store_open(*state, STORE_READ_WRITE, &store, &fault), &fault);
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t where_is[3 * ENTRIES] = { 0 };
        struct txn *txn = txn_begin_write(store);
        fill(&dice, txn, where_is);
        for (int64_t seq = 1; seq < 3 * ENTRIES; seq++) {
            uint64_t n = 0;
            assert_int_equal(journal_find_event(&journal, txn, seq, &n, &fault), where_is[seq] == 0);
            if (where_is[seq])
                assert_int_equal(n, where_is[seq]);
        }
        txn_abort(txn);
    }
    store_close(store);
}

static void nothing_is_found_in_an_empty_journal(void **state)
{
    struct journal journal = journal_in_store();
    struct store *store;
    uint64_t n;
    assert_ok(case_store_open(*state, STORE_READ_WRITE, &store, &fault), &fault);
    struct txn *txn = txn_begin_read(store);
    assert_int_equal(journal_find_event(&journal, txn, 1, &n, &fault), 1);
    txn_abort(txn);
    store_close(store);
}

#define in_a_folder(test) cmocka_unit_test_setup_teardown(test, make_test_folder, remove_test_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_folder(every_event_is_found_and_no_other),
        in_a_folder(nothing_is_found_in_an_empty_journal),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
