#include "proto/store/indicator_count.h"

#include <stdio.h>
#include <string.h>

#include "proto/store/case_derived.h"
#include "proto/store/case_store.h"
#include "proto/store/key.h"

enum { DAY_LENGTH = 10, NUMBER_BYTES = 4 };

static const char *row_name(struct name *name, enum dimension dimension, const char *day, const char *key)
{
    char day_and_slash[CASE_DAY_TEXT + 1];
    size_t length = strlen(day);
    memcpy(day_and_slash, day, length);
    memcpy(day_and_slash + length, "/", 2);
    return name_join(name, enum_name(&dimension_desc, (int)dimension), "/", day_and_slash, key);
}

/* The text up to the next slash, or the rest; moved past. */
static bool take_part(const char **at, char *out, size_t room)
{
    size_t length = strcspn(*at, "/");
    if (length >= room)
        return false;
    memcpy(out, *at, length);
    out[length] = 0;
    *at += length + ((*at)[length] == '/');
    return true;
}

/* "dept/2026-01-05/water". A key that is none of ours is told as the district's. */
static void parse_row(const char *row, struct indicator_counter *counter)
{
    char part[32];
    int dimension = take_part(&row, part, sizeof part) ? enum_value(&dimension_desc, part) : -1;
    counter->dimension = dimension < 0 ? DIMENSION_ALL : (enum dimension)dimension;
    if (!take_part(&row, counter->day, sizeof counter->day))
        counter->day[0] = 0;
    counter->name = row;
}

static int64_t number_at(struct bytes row, size_t measure)
{
    return (measure + 1) * NUMBER_BYTES <= row.size ? bytes_be32(row.data + measure * NUMBER_BYTES) : 0;
}

/* ---- what is changed ---- */

/* What a case counted as under one name before and counts as after a change. */
struct change {
    struct indicator_entry entry;
    uint64_t before, after;
};

/* The last day that was asked for: one case has two or three in all its entries. */
struct day {
    int64_t at_ms;
    char text[CASE_DAY_TEXT];
};

static const char *day_of(struct day *day, int64_t at_ms)
{
    if (!*day->text || day->at_ms != at_ms)
        case_local_day(day->text, at_ms);
    day->at_ms = at_ms;
    return day->text;
}

static void add_change(struct tally *rows, struct day *day, const struct indicator_entry *entry, uint64_t before,
                       uint64_t after)
{
    struct name name;
    int64_t *sums = tally_sums(rows, row_name(&name, entry->dimension, day_of(day, entry->at_ms), entry->name));
    for (uint64_t left = before ^ after; left; left &= left - 1)
        sums[__builtin_ctzll(left)] += after & left & -left ? 1 : -1;
}

static bool is_same(const struct indicator_entry *entry, const struct indicator_entry *other)
{
    return entry->anchor == other->anchor && entry->dimension == other->dimension && entry->at_ms == other->at_ms &&
           strcmp(entry->name, other->name) == 0;
}

static void note_before(void *context, const struct indicator_entry *entry)
{
    struct change change = { *entry, entry->measures, 0 };
    buffer_append(context, &change, sizeof change);
}

static void note_after(void *context, const struct indicator_entry *entry)
{
    struct buffer *changes = context;
    for (size_t at = 0; at < changes->size; at += sizeof(struct change)) {
        struct change *change = (struct change *)(void *)(changes->bytes + at);
        if (is_same(&change->entry, entry)) {
            change->after = entry->measures;
            return;
        }
    }
    struct change change = { *entry, 0, entry->measures };
    buffer_append(changes, &change, sizeof change);
}

static struct tally *rows_of(struct txn *txn)
{
    struct tally *rows = txn_tally(txn, TALLY_OF_INDICATORS);
    rows->width = MEASURE_COUNT;
    return rows;
}

void indicator_apply(struct txn *txn, const struct case_file *old, const struct case_file *record)
{
    struct buffer *changes = txn_scratch(txn, 1);
    struct day day = { .text = "" };
    if (old)
        indicator_entries(old, note_before, changes);
    indicator_entries(record, note_after, changes);
    for (size_t at = 0; at < changes->size; at += sizeof(struct change)) {
        const struct change *change = (const struct change *)(const void *)(changes->bytes + at);
        if (change->before != change->after)
            add_change(rows_of(txn), &day, &change->entry, change->before, change->after);
    }
}

static void write_row(struct txn *txn, const char *name, const int64_t *sums)
{
    uint8_t bytes[MEASURE_COUNT * NUMBER_BYTES];
    struct bytes row = { NULL, 0 };
    bool empty = true;
    txn_get(txn, TABLE_MEASURES, text_view(name), &row);
    for (size_t measure = 0; measure < MEASURE_COUNT; measure++) {
        int64_t number = counter_bounded(name, number_at(row, measure) + sums[measure], UINT32_MAX);
        bytes_put_be32(bytes + measure * NUMBER_BYTES, (uint32_t)number);
        empty &= number == 0;
    }
    if (empty)
        txn_delete(txn, TABLE_MEASURES, text_view(name));
    else
        txn_put(txn, TABLE_MEASURES, text_view(name), (struct bytes){ bytes, sizeof bytes });
}

static bool is_change(const int64_t *sums)
{
    for (size_t measure = 0; measure < MEASURE_COUNT; measure++)
        if (sums[measure])
            return true;
    return false;
}

void indicator_write_changes(struct txn *txn)
{
    struct tally *rows = rows_of(txn);
    for (size_t i = 0; i < rows->count; i++)
        if (is_change(rows->entries[i].sums))
            write_row(txn, rows->entries[i].name, rows->entries[i].sums);
    tally_clear(rows);
}

/* ---- what is asked for: with the changes so far ---- */

static void write_what_is_changed(struct txn *txn)
{
    if (txn_tally(txn, TALLY_OF_INDICATORS))
        indicator_write_changes(txn);
}

int64_t indicator_count(struct txn *txn, const struct indicator_counter *counter)
{
    struct name name;
    struct bytes row;
    write_what_is_changed(txn);
    row_name(&name, counter->dimension, counter->day, counter->name);
    return txn_get(txn, TABLE_MEASURES, text_view(name.text), &row) ? number_at(row, (size_t)counter->measure) : 0;
}

int indicator_visit(struct txn *txn, enum dimension dimension, const char *from_day, const char *to_day,
                    int (*visit)(void *context, const char *day, const char *name,
                                 const struct indicator_counts *counts),
                    void *context)
{
    struct txn_walk walk;
    struct name from;
    size_t day_at = strlen(enum_name(&dimension_desc, (int)dimension)) + 1, name_at = day_at + DAY_LENGTH + 1;
    int result = 0;
    write_what_is_changed(txn);
    walk_open(txn, &walk, TABLE_MEASURES, text_view(row_name(&from, dimension, from_day, "")), day_at);
    while (!result && walk_next(&walk) && memcmp(walk.key.data + day_at, to_day, DAY_LENGTH) <= 0) {
        char day[CASE_DAY_TEXT] = "", name[STORE_KEY_MAX + 1] = "";
        struct indicator_counts counts;
        memcpy(day, walk.key.data + day_at, DAY_LENGTH);
        memcpy(name, walk.key.data + name_at, walk.key.size - name_at);
        for (size_t measure = 0; measure < MEASURE_COUNT; measure++)
            counts.of[measure] = number_at(walk.value, measure);
        result = visit(context, day, name, &counts);
    }
    walk_close(&walk);
    return result ? result : txn_error(txn, NULL);
}

/* ---- against the cases ---- */

struct adding {
    struct tally *rows;
    struct day day;
};

static void add_case_entry(void *context, const struct indicator_entry *entry)
{
    struct adding *adding = context;
    add_change(adding->rows, &adding->day, entry, 0, entry->measures);
}

void indicator_add_case(struct tally *rows, const struct case_file *record)
{
    rows->width = MEASURE_COUNT;
    indicator_entries(record, add_case_entry, &(struct adding){ rows, { .text = "" } });
}

struct comparing {
    void (*differs)(void *context, const char *counter, int64_t stored, int64_t counted);
    void *context;
    uint64_t numbers;
};

static void compare_row(struct comparing *comparing, const char *row, struct bytes stored, const int64_t *counted)
{
    struct indicator_counter counter = { .measure = 0 };
    parse_row(row, &counter);
    for (size_t measure = 0; measure < MEASURE_COUNT; measure++) {
        char text[CASE_INDEX_NAME];
        int64_t number = number_at(stored, measure), expected = counted ? counted[measure] : 0;
        counter.measure = (enum measure)measure;
        comparing->numbers += expected != 0;
        if (number != expected)
            comparing->differs(comparing->context, indicator_counter_text(text, &counter), number, expected);
    }
}

uint64_t indicator_compare(struct txn *txn, struct tally *rows,
                           void (*differs)(void *context, const char *counter, int64_t stored, int64_t counted),
                           void *context)
{
    struct comparing comparing = { differs, context, 0 };
    struct txn_walk walk;
    write_what_is_changed(txn);
    walk_open(txn, &walk, TABLE_MEASURES, (struct bytes){ NULL, 0 }, 0);
    while (walk_next(&walk)) {
        char row[STORE_KEY_MAX + 1] = "";
        memcpy(row, walk.key.data, walk.key.size);
        compare_row(&comparing, row, walk.value, tally_find(rows, row));
    }
    walk_close(&walk);
    for (size_t i = 0; i < rows->count; i++) {
        struct bytes stored;
        if (!txn_get(txn, TABLE_MEASURES, text_view(rows->entries[i].name), &stored))
            compare_row(&comparing, rows->entries[i].name, (struct bytes){ NULL, 0 }, rows->entries[i].sums);
    }
    return comparing.numbers;
}

/* ---- names among the counters ---- */

const char *indicator_counter_text(char out[CASE_INDEX_NAME], const struct indicator_counter *counter)
{
    int used = snprintf(out, CASE_INDEX_NAME, "%s/%s", enum_name(&measure_desc, (int)counter->measure), counter->day);
    if (counter->dimension != DIMENSION_ALL)
        snprintf(out + used, (size_t)(CASE_INDEX_NAME - used), "/%s/%s",
                 enum_name(&dimension_desc, (int)counter->dimension), counter->name);
    return out;
}

bool indicator_counter_parse(const char *text, struct indicator_counter *counter)
{
    char part[32];
    const char *at = text;
    int measure = take_part(&at, part, sizeof part) ? enum_value(&measure_desc, part) : -1;
    if (measure < 0 || !take_part(&at, counter->day, sizeof counter->day) || strlen(counter->day) != DAY_LENGTH)
        return false;
    int dimension = DIMENSION_ALL;
    if (*at)
        dimension = take_part(&at, part, sizeof part) ? enum_value(&dimension_desc, part) : -1;
    if (dimension < 0)
        return false;
    counter->measure = (enum measure)measure;
    counter->dimension = (enum dimension)dimension;
    counter->name = at;
    return true;
}
