/* bench-journal: what it costs to keep the journal provable, and what it costs to check it. Entries are appended in turns and committed as
 * the dispatcher does; beside it plain LMDB with rows of the same size, without hashes, tree and heads. */
#include <inttypes.h>
#include <string.h>

#include "proto/record/event.h"
#include "proto/store/journal_check.h"
#include "proto/store/journal_key.h"
#include "proto/store/key.h"
#include "tools/benches/options.h"
#include "tools/benches/rig.h"

enum { FULL_ENTRIES = 1000000, FLIPS = 1000, FLIPPED_SHARE = 50, PROOFS = 200, HEAD_BYTES = 58 };

static struct bench_options options = { .folder = "/var/tmp", .scale = 20, .seed = 1 };
static int64_t turn_entries = 512;

static const struct arg args[] = {
    BENCH_ARGS(options),
    { "batch", ARG_INT, &turn_entries, "N", "entries that one turn, so one durable commit, appends (512)", 1, 10000 },
};

static const struct arg_program program = {
    "bench-journal",
    "[options]",
    "A journal of 1,000,000 entries (--scale 100): to append one, to verify all, to prove one; and whether each of "
    "1,000 "
    "flipped\nbits in a journal of a fiftieth of that is found and named.",
    args,
    sizeof args / sizeof *args,
    0,
    0,
};

struct bench {
    char folder[RIG_PATH];
    struct journal journal;
    struct journal_signer signer;
    struct public_key key;
    struct buffer payload;
    uint64_t dice;
    struct fault *fault;
};

/* xorshift64* (Vigna 2014) */
static uint64_t roll(struct bench *bench, uint64_t sides)
{
    bench->dice ^= bench->dice >> 12;
    bench->dice ^= bench->dice << 25;
    bench->dice ^= bench->dice >> 27;
    return (bench->dice * UINT64_C(0x2545f4914f6cdd1d) >> 32) % sides;
}

/* ---- appending ---- */

/* A report as residents write them. */
static void make_payload(struct bench *bench, uint64_t n)
{
    buffer_clear(&bench->payload);
    record_encode(&event_desc,
                  &(struct event){ .seq = (int64_t)n,
                                   .id = "resident-0e5751c026e543b2e8ab2eb0",
                                   .kind = EVENT_REPORT,
                                   .source = SOURCE_RESIDENT,
                                   .service = "0101",
                                   .title = "井盖丢失",
                                   .text = "学校门口的井盖丢失了，很危险，请尽快处理",
                                   .place = { .lat = 31.2304, .lon = 121.4737, .area = "310101003001007" },
                                   .reporter = "r-03170a2e7597b7b7",
                                   .received_at_ms = INT64_C(1767574800000),
                                   .secret_hash = "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8" },
                  &bench->payload);
}

static int append_journal(struct bench *bench, struct txn *txn, uint64_t first, uint64_t count)
{
    static struct journal_entry entries[10000];
    int64_t due_ms;
    make_payload(bench, first);
    for (uint64_t i = 0; i < count; i++)
        entries[i] = (struct journal_entry){ .at_ms = (int64_t)(first + i),
                                             .kind = INPUT_EVENT,
                                             .payload = buffer_view(&bench->payload) };
    int result = bench->journal.ops->append(bench->journal.log, txn, first - 1, entries, count, bench->fault);
    return result ? result : journal_head_make(&bench->signer, txn, (int64_t)first, &due_ms, bench->fault);
}

static int append_plain(struct bench *bench, struct txn *txn, uint64_t first, uint64_t count)
{
    static const uint8_t head[HEAD_BYTES] = { 0 };
    make_payload(bench, first);
    for (uint64_t n = first; n < first + count; n++) {
        struct key key = { 0 };
        key_be64(&key, n);
        uint8_t *at = txn_append_space(txn, TABLE_JOURNAL, key_view(&key), sizeof head + bench->payload.size);
        if (!at)
            break;
        memcpy(at, head, sizeof head);
        memcpy(at + sizeof head, bench->payload.bytes, bench->payload.size);
    }
    return txn_error(txn, bench->fault);
}

static int fill(struct bench *bench, struct store *store, uint64_t entries, struct watch *spent,
                int (*append)(struct bench *bench, struct txn *txn, uint64_t first, uint64_t count))
{
    int result = 0;
    for (uint64_t first = 1; first <= entries && !result; first += (uint64_t)turn_entries) {
        uint64_t left = entries - first + 1, count = left < (uint64_t)turn_entries ? left : (uint64_t)turn_entries;
        struct watch from = watch_now();
        struct txn *txn = txn_begin_write(store);
        result = append(bench, txn, first, count);
        if (result)
            txn_abort(txn);
        else
            result = txn_commit(txn, bench->fault);
        watch_add(spent, from);
    }
    return result;
}

/* ---- looking ---- */

static int verify(struct bench *bench, struct store *store, struct watch *spent)
{
    struct journal_check check = { .key = &bench->key };
    struct watch from = watch_now();
    int result = journal_verify(&bench->journal, store, &check, bench->fault, NULL, NULL);
    watch_add(spent, from);
    return result > 0 ? -EBADMSG : result;
}

static int prove(struct bench *bench, struct store *store, uint64_t entries, struct watch *spent, size_t *bytes)
{
    struct txn *txn = txn_begin_read(store);
    struct journal_tree tree = { &bench->journal, txn, bench->fault };
    struct merkle_source source = journal_tree_source(&tree);
    struct buffer proof = { 0 };
    struct watch from = watch_now();
    int result = 0;
    for (int i = 0; i < PROOFS && !result; i++) {
        uint64_t leaf = roll(bench, entries);
        buffer_clear(&proof);
        result = merkle_prove(&source, entries, &leaf, 1, &proof);
        *bytes = proof.size > *bytes ? proof.size : *bytes;
    }
    watch_add(spent, from);
    txn_abort(txn);
    buffer_finish(&proof);
    return result;
}

/* One bit of one entry's row, in a transaction that is given up again. 1: found and named. */
static int flip_one(struct bench *bench, struct store *store, uint64_t entries)
{
    struct journal_check check = { .key = &bench->key };
    struct fault found = { "" };
    struct key key = { 0 };
    struct bytes value;
    struct buffer row = { 0 };
    char name[48];
    uint64_t n = 1 + roll(bench, entries);
    struct txn *txn = txn_begin_write(store);
    key_be64(&key, n);
    if (!txn_get(txn, TABLE_JOURNAL, key_view(&key), &value)) {
        int absent = txn_absent(txn, bench->fault);
        txn_abort(txn);
        return absent < 0 ? absent : 0;
    }
    buffer_append(&row, value.data, value.size);
    row.bytes[roll(bench, row.size)] ^= (uint8_t)(1 << roll(bench, 8));
    txn_put(txn, TABLE_JOURNAL, key_view(&key), buffer_view(&row));
    snprintf(name, sizeof name, "journal entry %" PRIu64 " ", n);
    int result = journal_check_some(&bench->journal, txn, &check, SIZE_MAX, &found);
    txn_abort(txn);
    buffer_finish(&row);
    if (result < 0)
        return fault_set(bench->fault, result, "%s", found.text);
    return result == JOURNAL_BROKEN && strstr(found.text, name) != NULL;
}

static int flip_all(struct bench *bench, struct store *store, uint64_t entries, int64_t *named)
{
    int result = 0;
    for (int i = 0; i < FLIPS && result >= 0; i++) {
        result = flip_one(bench, store, entries);
        *named += result > 0;
    }
    return result < 0 ? result : 0;
}

/* ---- the run ---- */

static int open_store(struct bench *bench, const char *name, struct store **store)
{
    char folder[RIG_PATH + 32];
    snprintf(folder, sizeof folder, "%s/%s", bench->folder, name);
    return case_store_open(folder, STORE_READ_WRITE, store, bench->fault);
}

static int measure_ours(struct bench *bench, uint64_t entries, struct verdict *verdict)
{
    struct store *store = NULL;
    struct watch append = { 0 }, check = { 0 }, proofs = { 0 };
    struct store_stat stat = { 0 };
    size_t proof_bytes = 0;
    int result = open_store(bench, "ours", &store);
    if (!result)
        result = fill(bench, store, entries, &append, append_journal);
    if (!result)
        result = verify(bench, store, &check);
    if (!result)
        result = prove(bench, store, entries, &proofs, &proof_bytes);
    if (!result)
        result = store_stat(store, &stat);
    store_close(store);
    double count = (double)entries;
    verdict_figure(verdict, VERDICT_OURS, "append_us", (double)append.wall_us / count, "µs an entry, durable");
    verdict_figure(verdict, VERDICT_OURS, "append_cpu_us", (double)append.cpu_us / count, "of these the processor's");
    verdict_figure(verdict, VERDICT_OURS, "entry_bytes", (double)stat.used_bytes / count, "bytes of the file an entry");
    verdict_figure(verdict, VERDICT_OURS, "verify_s", (double)check.wall_us / 1e6, "s to verify all, heads too");
    verdict_figure(verdict, VERDICT_OURS, "verify_cpu_s", (double)check.cpu_us / 1e6, "of these the processor's");
    verdict_figure(verdict, VERDICT_OURS, "prove_us", (double)proofs.wall_us / PROOFS, "µs to prove an entry");
    verdict_figure(verdict, VERDICT_OURS, "proof_bytes", (double)proof_bytes, "bytes of the longest proof's nodes");
    return result;
}

static int measure_plain(struct bench *bench, uint64_t entries, struct verdict *verdict)
{
    struct store *store = NULL;
    struct watch append = { 0 };
    int result = open_store(bench, "plain", &store);
    if (!result)
        result = fill(bench, store, entries, &append, append_plain);
    store_close(store);
    verdict_figure(verdict, VERDICT_LIMIT, "plain_us", (double)append.wall_us / (double)entries,
                   "µs an entry in plain LMDB, durable");
    verdict_figure(verdict, VERDICT_LIMIT, "plain_cpu_us", (double)append.cpu_us / (double)entries,
                   "of these the processor's");
    return result;
}

static int measure_flips(struct bench *bench, uint64_t entries, struct verdict *verdict)
{
    struct store *store = NULL;
    struct watch unused = { 0 };
    int64_t named = 0;
    int result = open_store(bench, "flipped", &store);
    if (!result)
        result = fill(bench, store, entries, &unused, append_journal);
    if (!result)
        result = flip_all(bench, store, entries, &named);
    store_close(store);
    verdict_figure(verdict, VERDICT_WORK, "flipped_journal", (double)entries, "entries in the journal whose bits flip");
    verdict_figure(verdict, VERDICT_OURS, "flips_named", (double)named,
                   "of 1,000 flipped bits: found, the entry named");
    return result;
}

static int run(struct bench *bench, struct verdict *verdict)
{
    uint64_t entries = (uint64_t)FULL_ENTRIES * (uint64_t)options.scale / 100;
    int result = folder_fresh(bench->folder, options.folder, "journal", bench->fault);
    verdict_figure(verdict, VERDICT_WORK, "entries", (double)entries, "entries in the journal");
    verdict_figure(verdict, VERDICT_WORK, "batch", (double)turn_entries, "entries a durable commit");
    if (result == 0)
        result = measure_plain(bench, entries, verdict);
    if (result == 0)
        result = measure_ours(bench, entries, verdict);
    if (result == 0)
        result = measure_flips(bench, entries / FLIPPED_SHARE + 1, verdict);
    verdict_ratio(verdict, "append_to_plain", "append_us", "plain_us", "what a provable entry costs more");
    verdict_ratio(verdict, "append_to_plain_cpu", "append_cpu_us", "plain_cpu_us",
                  "the same, the processor's time only");
    verdict_bar(verdict, "verify_s", VERDICT_AT_MOST, 5);
    verdict_bar(verdict, "flips_named", VERDICT_AT_LEAST, FLIPS);
    folder_remove(bench->folder);
    return result;
}

int main(int argc, char **argv)
{
    struct fault fault = { "" };
    struct verdict verdict = { .bench = "journal" };
    struct bench bench = {
        .journal = journal_in_store(),
        .signer = { .every_ms = JOURNAL_HEAD_MS, .every_entries = JOURNAL_HEAD_ENTRIES },
        .fault = &fault,
    };
    int operands, result = args_parse(&program, argc, argv, &operands, &fault);
    if (result == ARGS_EXIT)
        return 0;
    if (result == 0)
        result = crypto_init(&fault);
    if (result >= 0) {
        key_pair_new(&bench.signer.key, &bench.key);
        bench.dice = (uint64_t)options.seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
        result = run(&bench, &verdict);
    }
    buffer_finish(&bench.payload);
    return bench_end(&options, &verdict, result, &fault);
}
