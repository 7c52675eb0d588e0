/* The tree against the definitions of RFC 9162 section 2.1, written down here once more as they stand there: recursive over the list of
 * leaves, and the RFC's own two verification algorithms, which go up a path bit by bit. */
#include "proto/store/merkle.h"

#include <stdlib.h>

#include "dice.h"
#include "support.h"

enum { LEAVES_MAX = 600, ALL_SIZES = 40 };

/* ---- RFC 9162, word for word; D[first:first + n] is a list of leaf hashes ---- */

static struct hash rfc_node(const struct hash *left, const struct hash *right)
{
    struct buffer bytes = { 0 };
    buffer_append(&bytes, "\1", 1);
    buffer_append(&bytes, left->bytes, HASH_BYTES);
    buffer_append(&bytes, right->bytes, HASH_BYTES);
    struct hash hash = hash_of(bytes.bytes, bytes.size);
    buffer_finish(&bytes);
    return hash;
}

static uint64_t rfc_k(uint64_t n)
{
    uint64_t k = 1;
    while (k * 2 < n)
        k *= 2;
    return k;
}

static struct hash rfc_mth(const struct hash *leaves, uint64_t n)
{
    if (n == 0)
        return hash_of("", 0);
    if (n == 1)
        return leaves[0];
    uint64_t k = rfc_k(n);
    struct hash left = rfc_mth(leaves, k), right = rfc_mth(leaves + k, n - k);
    return rfc_node(&left, &right);
}

static void put_mth(struct buffer *out, const struct hash *leaves, uint64_t n)
{
    struct hash hash = rfc_mth(leaves, n);
    buffer_append(out, hash.bytes, HASH_BYTES);
}

/* PATH(m, D[n]) */
static void rfc_path(struct buffer *out, uint64_t m, const struct hash *leaves, uint64_t n)
{
    if (n == 1)
        return;
    uint64_t k = rfc_k(n);
    if (m < k) {
        rfc_path(out, m, leaves, k);
        put_mth(out, leaves + k, n - k);
    } else {
        rfc_path(out, m - k, leaves + k, n - k);
        put_mth(out, leaves, k);
    }
}

/* SUBPROOF(m, D[n], b) */
static void rfc_subproof(struct buffer *out, uint64_t m, const struct hash *leaves, uint64_t n, bool b)
{
    if (m == n) {
        if (!b)
            put_mth(out, leaves, n);
        return;
    }
    uint64_t k = rfc_k(n);
    if (m <= k) {
        rfc_subproof(out, m, leaves, k, b);
        put_mth(out, leaves + k, n - k);
    } else {
        rfc_subproof(out, m - k, leaves + k, n - k, false);
        put_mth(out, leaves, k);
    }
}

static struct hash at(struct bytes proof, size_t i)
{
    struct hash hash;
    memcpy(hash.bytes, proof.data + i * HASH_BYTES, HASH_BYTES);
    return hash;
}

/* 2.1.3.2 */
static bool rfc_verifies_inclusion(uint64_t leaf_index, uint64_t tree_size, const struct hash *leaf, struct bytes path,
                                   const struct hash *root)
{
    uint64_t fn = leaf_index, sn = tree_size - 1;
    struct hash r = *leaf;
    for (size_t i = 0; i < path.size / HASH_BYTES; i++) {
        struct hash p = at(path, i);
        if (sn == 0)
            return false;
        if (fn & 1 || fn == sn) {
            r = rfc_node(&p, &r);
            while (!(fn & 1) && fn != 0)
                fn >>= 1, sn >>= 1;
        } else {
            r = rfc_node(&r, &p);
        }
        fn >>= 1, sn >>= 1;
    }
    return sn == 0 && hash_equal(&r, root);
}

/* 2.1.4.2, for 0 < first < second */
static bool rfc_verifies_consistency(uint64_t first, uint64_t second, const struct hash *first_hash,
                                     const struct hash *second_hash, struct bytes path)
{
    bool is_power = (first & (first - 1)) == 0;
    uint64_t fn = first - 1, sn = second - 1;
    size_t i = 0;
    while (fn & 1)
        fn >>= 1, sn >>= 1;
    struct hash fr = is_power ? *first_hash : at(path, i++), sr = fr;
    for (; i < path.size / HASH_BYTES; i++) {
        struct hash c = at(path, i);
        if (sn == 0)
            return false;
        if (fn & 1 || fn == sn) {
            fr = rfc_node(&c, &fr);
            sr = rfc_node(&c, &sr);
            while (!(fn & 1) && fn != 0)
                fn >>= 1, sn >>= 1;
        } else {
            sr = rfc_node(&sr, &c);
        }
        fn >>= 1, sn >>= 1;
    }
    return sn == 0 && hash_equal(&fr, first_hash) && hash_equal(&sr, second_hash);
}

/* ---- a tree of numbered leaves ---- */

static struct hash leaves[LEAVES_MAX];

static int make_leaves(void **state)
{
    struct fault fault;
    (void)state;
    for (uint32_t i = 0; i < LEAVES_MAX; i++)
        leaves[i] = merkle_leaf(&i, sizeof i);
    return crypto_init(&fault);
}

static int subtree(void *context, unsigned level, uint64_t index, struct hash *hash)
{
    (void)context;
    *hash = rfc_mth(leaves + (index << level), UINT64_C(1) << level);
    return 0;
}

static const struct merkle_source source = { subtree, NULL };

static void assert_same_bytes(const struct buffer *ours, const struct buffer *theirs)
{
    assert_int_equal(ours->size, theirs->size);
    if (ours->size)
        assert_memory_equal(ours->bytes, theirs->bytes, ours->size);
}

/* ---- the tests ---- */

/* The classical eight entries; the roots were computed by another program (Python's hashlib). */
static void the_roots_are_those_that_others_compute(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } entries[] = { { "", 0 },         { "\0", 1 },
                    { "\x10", 1 },     { "\x20\x21", 2 },
                    { "\x30\x31", 2 }, { "\x40\x41\x42\x43", 4 },
                    { "PQRSTUVW", 8 }, { "`abcdefghijklmno", 16 } };
    static const char *const roots[] = {
        "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8",
        "03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314",
        "607844f4b0299f5c45d63dd035de1f8d697711c7f092b8fa82325f670f6d386a",
        "6ee5d7ded74104b2316b73f9843e14d16d9c5f553a39cbd7da7c3c8238fe0b0e",
        "dad1013557a71536d36ab10db2ea4847bed7ded78aa9d2682ffc0e221e758444",
        "a69507075082f2f7bd0e3e23bd31d7082c4c78ce98d87d897f7990eecf7d6ec5",
        "76840409bd8cc8be20c053d9569472d0bbea7b4f483cd5ae0624ef253c64f227",
        "ae8349a901b95ac305157e4ff4f5cf486653fed085ea4dd59a59c9375682933e",
        "59cc7108743d34853ea37ea07558da3407712c7f0fdb76e59753eb243e0c438e",
    };
    struct merkle_peaks peaks = { 0 };
    char hex[HASH_HEX];
    (void)state;
    for (size_t i = 0;; i++) {
        struct hash root = merkle_root(&peaks);
        assert_string_equal(hash_hex(hex, &root), roots[i]);
        if (i == sizeof entries / sizeof *entries)
            break;
        struct hash leaf = merkle_leaf(entries[i].bytes, entries[i].size);
        merkle_add(&peaks, &leaf, NULL, NULL);
    }
}

static void check_completed(void *context, unsigned level, uint64_t index, const struct hash *hash)
{
    struct hash expected = rfc_mth(leaves + (index << level), UINT64_C(1) << level);
    assert_true(hash_equal(hash, &expected));
    ++*(uint64_t *)context;
}

static void a_tree_that_grows_has_the_root_of_its_definition(void **state)
{
    struct merkle_peaks peaks = { 0 }, again;
    uint64_t completed = 0;
    uint8_t bytes[MERKLE_PEAKS_BYTES];
    (void)state;
    for (uint64_t n = 0; n <= LEAVES_MAX; n++) {
        struct hash expected = rfc_mth(leaves, n), root = merkle_root(&peaks), by_source;
        assert_true(hash_equal(&root, &expected));
        assert_int_equal(merkle_root_of(&source, n, &by_source), 0);
        assert_true(hash_equal(&by_source, &expected));
        size_t size = merkle_peaks_write(&peaks, bytes);
        assert_true(merkle_peaks_read(&again, (struct bytes){ bytes, size }));
        root = merkle_root(&again);
        assert_true(hash_equal(&root, &expected));
        assert_false(merkle_peaks_read(&again, (struct bytes){ bytes, size - 1 }));
        if (n < LEAVES_MAX)
            merkle_add(&peaks, &leaves[n], check_completed, &completed);
    }
    assert_int_equal(completed, 300 + 150 + 75 + 37 + 18 + 9 + 4 + 2 + 1);
}

static void a_proof_of_one_leaf_is_the_path_of_the_rfc(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= ALL_SIZES; n++) {
        struct hash root = rfc_mth(leaves, n);
        for (uint64_t m = 0; m < n; m++) {
            struct buffer ours = { 0 }, theirs = { 0 };
            rfc_path(&theirs, m, leaves, n);
            assert_int_equal(merkle_prove(&source, n, &m, 1, &ours), 0);
            assert_same_bytes(&ours, &theirs);
            assert_true(merkle_proves(&root, n, &(struct merkle_member){ m, leaves[m] }, 1, buffer_view(&ours)));
            assert_true(rfc_verifies_inclusion(m, n, &leaves[m], buffer_view(&ours), &root));
            buffer_finish(&ours);
            buffer_finish(&theirs);
        }
    }
}

static void a_proof_of_growth_is_that_of_the_rfc(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= ALL_SIZES; n++) {
        struct hash root = rfc_mth(leaves, n);
        for (uint64_t m = 1; m <= n; m++) {
            struct buffer ours = { 0 }, theirs = { 0 };
            struct hash old_root = rfc_mth(leaves, m);
            rfc_subproof(&theirs, m, leaves, n, true);
            assert_int_equal(merkle_prove_growth(&source, m, n, &ours), 0);
            assert_same_bytes(&ours, &theirs);
            assert_true(merkle_proves_growth(&old_root, m, &root, n, buffer_view(&ours)));
            if (m < n)
                assert_true(rfc_verifies_consistency(m, n, &old_root, &root, buffer_view(&ours)));
            buffer_finish(&ours);
            buffer_finish(&theirs);
        }
    }
}

/* Each leaf with probability 1 / `sparse`, at least one. */
static size_t some_leaves(struct dice *dice, uint64_t n, uint64_t sparse, uint64_t *chosen,
                          struct merkle_member *members)
{
    size_t count = 0;
    for (uint64_t i = 0; i < n; i++)
        if (dice_roll(dice, sparse) == 0)
            chosen[count++] = i;
    if (!count)
        chosen[count++] = dice_roll(dice, n);
    for (size_t i = 0; i < count; i++)
        members[i] = (struct merkle_member){ chosen[i], leaves[chosen[i]] };
    return count;
}

static void flip(struct dice *dice, void *bytes, size_t size)
{
    ((uint8_t *)bytes)[dice_roll(dice, size)] ^= (uint8_t)(1 << dice_roll(dice, 8));
}

static void a_proof_of_several_leaves_holds_and_a_changed_one_does_not(void **state)
{
    static uint64_t chosen[LEAVES_MAX];
    static struct merkle_member members[LEAVES_MAX];
    struct dice dice = dice_of_this_run();
    (void)state;
    for (int round = 0; round < 300; round++) {
        struct buffer proof = { 0 };
        uint64_t n = 1 + dice_roll(&dice, LEAVES_MAX);
        struct hash root = rfc_mth(leaves, n), other = root;
        size_t count = some_leaves(&dice, n, 1 + dice_roll(&dice, n), chosen, members);
        assert_int_equal(merkle_prove(&source, n, chosen, count, &proof), 0);
        assert_true(merkle_proves(&root, n, members, count, buffer_view(&proof)));

        flip(&dice, other.bytes, HASH_BYTES);
        assert_false(merkle_proves(&other, n, members, count, buffer_view(&proof)));
        size_t which = dice_roll(&dice, count);
        flip(&dice, members[which].leaf.bytes, HASH_BYTES);
        assert_false(merkle_proves(&root, n, members, count, buffer_view(&proof)));
        members[which].leaf = leaves[chosen[which]];
        buffer_append(&proof, root.bytes, HASH_BYTES); /* a node too many */
        assert_false(merkle_proves(&root, n, members, count, buffer_view(&proof)));
        proof.size -= HASH_BYTES;
        if (proof.size) {
            flip(&dice, proof.bytes, proof.size);
            assert_false(merkle_proves(&root, n, members, count, buffer_view(&proof)));
            proof.size -= HASH_BYTES; /* a node too few */
            assert_false(merkle_proves(&root, n, members, count, buffer_view(&proof)));
        }
        buffer_finish(&proof);
    }
}

static void a_changed_proof_of_growth_does_not_hold(void **state)
{
    struct dice dice = dice_of_this_run();
    (void)state;
    for (int round = 0; round < 300; round++) {
        struct buffer proof = { 0 };
        uint64_t n = 2 + dice_roll(&dice, LEAVES_MAX - 1), m = 1 + dice_roll(&dice, n - 1);
        struct hash old_root = rfc_mth(leaves, m), root = rfc_mth(leaves, n), other = rfc_mth(leaves + 1, m);
        assert_int_equal(merkle_prove_growth(&source, m, n, &proof), 0);
        assert_true(merkle_proves_growth(&old_root, m, &root, n, buffer_view(&proof)));
        assert_false(merkle_proves_growth(&other, m, &root, n, buffer_view(&proof)));
        assert_false(merkle_proves_growth(&root, n, &old_root, m, buffer_view(&proof)));
        flip(&dice, proof.bytes, proof.size);
        assert_false(merkle_proves_growth(&old_root, m, &root, n, buffer_view(&proof)));
        buffer_finish(&proof);
    }
}

/* Whatever somebody sends: no leaf, one twice, one beyond the end, half a node, a tree of any size. */
static void what_is_no_proof_is_refused(void **state)
{
    struct hash root = leaves[0];
    const struct merkle_member good = { 0, leaves[0] }, twice[] = { good, good }, beyond = { 1, leaves[0] };
    const struct bytes none = { NULL, 0 }, half = { root.bytes, HASH_BYTES / 2 };
    (void)state;
    assert_true(merkle_proves(&root, 1, &good, 1, none));
    assert_false(merkle_proves(&root, 1, &good, 0, none));
    assert_false(merkle_proves(&root, 0, &good, 1, none));
    assert_false(merkle_proves(&root, 2, twice, 2, none));
    assert_false(merkle_proves(&root, 1, &beyond, 1, none));
    assert_false(merkle_proves(&root, 2, &good, 1, half));
    assert_false(merkle_proves(&root, UINT64_MAX, &good, 1, half));
    assert_false(merkle_proves_growth(&root, 1, &root, UINT64_MAX, half));
    assert_false(merkle_proves_growth(&root, 0, &root, 1, none));
    struct hash empty = hash_of("", 0);
    assert_true(merkle_proves_growth(&empty, 0, &root, 1, none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_roots_are_those_that_others_compute),
        cmocka_unit_test(a_tree_that_grows_has_the_root_of_its_definition),
        cmocka_unit_test(a_proof_of_one_leaf_is_the_path_of_the_rfc),
        cmocka_unit_test(a_proof_of_growth_is_that_of_the_rfc),
        cmocka_unit_test(a_proof_of_several_leaves_holds_and_a_changed_one_does_not),
        cmocka_unit_test(a_changed_proof_of_growth_does_not_hold),
        cmocka_unit_test(what_is_no_proof_is_refused),
    };
    return cmocka_run_group_tests(tests, make_leaves, NULL);
}
