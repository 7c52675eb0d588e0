#include "test/unit/dispatcher/town.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/store/recount.h"

enum { TOWN_MAP_BYTES = 1 << 30 };

bool town_make_folder(char out[64], const char *name)
{
    /* in memory where that is possible: thousands of commits, and none has to survive the machine */
    snprintf(out, 64, "%s/drumtower-%s-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", name);
    return mkdtemp(out) != NULL;
}

static int remove_entry(const char *path, const struct stat *stat, int kind, struct FTW *at)
{
    (void)stat;
    (void)kind;
    (void)at;
    return remove(path);
}

void town_remove_folder(const char *folder)
{
    if (*folder)
        nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static bool open_store(const char *folder, struct store **store, struct fault *fault)
{
    struct store_options options = { .map_bytes = TOWN_MAP_BYTES };
    return case_store_open_with(folder, STORE_READ_WRITE, &options, store, fault) == 0;
}

bool town_start(struct town *town)
{
    if (!open_store(town->folder, &town->store, &town->fault))
        return false;
    turn_init(&town->turn, town->store, town->book);
    turn_begin(&town->turn, town->now_ms);
    return turn_book(&town->turn, town->book, &town->fault) == 0 && turn_commit(&town->turn, &town->fault) == 0;
}

static bool take_book(struct town *town, const char *folder)
{
    if (town->book_count == TOWN_BOOKS ||
        book_load(folder, &town->books[town->book_count], NULL, NULL, &town->fault) != 0)
        return false;
    town->book = town->books[town->book_count++];
    return true;
}

bool town_open(struct town *town, const char *book_folder, int64_t now_ms)
{
    *town = (struct town){ .now_ms = now_ms };
    if (crypto_init(&town->fault) < 0 || !town_make_folder(town->folder, "town"))
        return false;
    return take_book(town, book_folder) && town_start(town);
}

void town_stop(struct town *town)
{
    turn_finish(&town->turn);
    town->turn = (struct turn){ 0 };
    store_close(town->store);
    town->store = NULL;
}

void town_close(struct town *town)
{
    town_stop(town);
    for (size_t i = 0; i < town->book_count; i++)
        book_destroy(town->books[i]);
    arena_finish(&town->arena);
    buffer_finish(&town->bytes);
    town_remove_folder(town->folder);
    *town = (struct town){ 0 };
}

bool town_restart(struct town *town)
{
    town_stop(town);
    return town_start(town);
}

bool town_restart_with(struct town *town, const char *book_folder)
{
    return take_book(town, book_folder) && town_restart(town);
}

/* ---- fixtures ---- */

static const char *test_book;

void town_of_all_tests(const char *book_folder)
{
    test_book = book_folder;
}

int town_set_up(void **state)
{
    static struct town town;
    *state = &town;
    return town_open(&town, test_book, TOWN_MONDAY_NINE) ? 0 : -1;
}

int town_tear_down(void **state)
{
    town_close(*state);
    return 0;
}

/* ---- inputs ---- */

static uint64_t last_notice(struct town *town)
{
    struct txn *txn = txn_begin_read(town->store);
    uint64_t last = outbox_last(txn);
    txn_abort(txn);
    return last;
}

static struct bytes encode(struct town *town, const struct record_desc *desc, const void *record)
{
    buffer_clear(&town->bytes);
    record_encode(desc, record, &town->bytes);
    return (struct bytes){ (const uint8_t *)arena_text(&town->arena, (const char *)town->bytes.bytes, town->bytes.size),
                           town->bytes.size };
}

static int take_event(struct town *town, void *context)
{
    struct event event;
    const struct bytes *bytes = context;
    int result = record_decode(&event_desc, *bytes, &town->arena, &event, &town->fault);
    return result ? result : turn_event(&town->turn, &event, *bytes, &town->fault);
}

static int take_command(struct town *town, void *context)
{
    struct command command;
    const struct bytes *bytes = context;
    struct bytes answer;
    int result = record_decode(&command_desc, *bytes, &town->arena, &command, &town->fault);
    if (result == 0)
        result = turn_command(&town->turn, &command, *bytes, &answer, &town->fault);
    return result ? result : record_decode(&answer_desc, answer, &town->arena, &town->answer, &town->fault);
}

static int take_nothing(struct town *town, void *context)
{
    (void)town;
    (void)context;
    return 0;
}

typedef int (*taker)(struct town *town, void *context);

bool town_turn(struct town *town, taker take, void *context, bool commit)
{
    turn_begin(&town->turn, town->now_ms);
    int result = take(town, context);
    if (result == 0)
        result = turn_pulse(&town->turn, &town->fault);
    if (result == 0 && commit)
        return turn_commit(&town->turn, &town->fault) == 0;
    turn_abort(&town->turn);
    return result == 0;
}

static bool give(struct town *town, taker take, struct bytes bytes)
{
    enum town_crash crash = town->crash;
    town->crash = TOWN_NO_CRASH;
    town->heard = last_notice(town);
    if (crash == TOWN_NO_CRASH)
        return town_turn(town, take, &bytes, true);
    if (!town_turn(town, take, &bytes, crash == TOWN_BEFORE_ANSWER) || !town_restart(town))
        return false;
    return town_turn(town, take, &bytes, true);
}

bool town_wait_until(struct town *town, int64_t now_ms)
{
    town->now_ms = now_ms;
    return give(town, take_nothing, (struct bytes){ NULL, 0 });
}

int64_t town_event(struct town *town, struct event event)
{
    event.seq = event.seq ? event.seq : ++town->last_seq;
    event.received_at_ms = event.received_at_ms ? event.received_at_ms : town->now_ms;
    if (!event.id)
        event.id = arena_format(&town->arena, "event-%" PRId64, event.seq);
    return give(town, take_event, encode(town, &event_desc, &event)) ? event.seq : 0;
}

bool town_command(struct town *town, struct command command)
{
    if (!command.id)
        command.id = arena_format(&town->arena, "command-%" PRId64, ++town->last_command);
    return give(town, take_command, encode(town, &command_desc, &command));
}

/* ---- looking ---- */

static bool get_found(struct town *town, struct txn *txn, int result, int64_t id, struct case_file *record)
{
    if (result == 0)
        result = case_get(txn, id, &town->arena, record, &town->fault);
    txn_abort(txn);
    return result == 0;
}

bool town_case(struct town *town, int64_t seq, struct case_file *record)
{
    struct txn *txn = txn_begin_read(town->store);
    int64_t id = 0;
    int result = case_find_receipt(txn, (uint64_t)seq, &id);
    return get_found(town, txn, result, id, record);
}

bool town_numbered(struct town *town, const char *number, struct case_file *record)
{
    struct txn *txn = txn_begin_read(town->store);
    int64_t id = 0;
    int result = *number ? case_find_number(txn, number, &id) : 1;
    return get_found(town, txn, result, id, record);
}

bool town_history(struct town *town, const struct case_file *record, struct step_list *steps)
{
    struct txn *txn = txn_begin_read(town->store);
    int result = step_list_of(txn, record, &town->arena, steps, &town->fault);
    txn_abort(txn);
    return result == 0;
}

/* ---- checks ---- */

static const struct book *find_book(void *context, const struct hash *hash)
{
    const struct town *town = context;
    for (size_t i = 0; i < town->book_count; i++)
        if (hash_equal(&town->books[i]->hash, hash))
            return town->books[i];
    return NULL;
}

bool town_replay(struct town *town, size_t inputs, struct buffer *out)
{
    char folder[64];
    struct store *store = NULL;
    struct turn turn = { 0 };
    uint64_t entries = 0;
    size_t before = out->size;
    struct replay_books books = { find_book, town };
    if (!town_make_folder(folder, "replay") || !open_store(folder, &store, &town->fault))
        return false;
    turn_init(&turn, store, town->book);
    int result = replay_journal(town->store, &turn, &books, inputs, &entries, &town->fault);
    turn_finish(&turn);
    if (result == 0)
        result = replay_compare(town->store, store, out, &town->fault);
    if (result < 0)
        buffer_text(out, town->fault.text);
    store_close(store);
    town_remove_folder(folder);
    return out->size == before;
}

static void note_difference(void *context, const char *what, int64_t stored, int64_t counted)
{
    buffer_format(context, "%s: %" PRId64 " stored, %" PRId64 " by the cases; ", what, stored, counted);
}

bool town_recount(struct town *town, struct buffer *out)
{
    struct txn *txn = txn_begin_read(town->store);
    struct recount recount = { 0 };
    struct fault fault = { "" };
    int result = case_recount(txn, &recount, note_difference, out, &fault);
    txn_abort(txn);
    if (result < 0)
        buffer_text(out, fault.text);
    return result == 0;
}

int town_check(struct town *town, struct buffer *out)
{
    bool counted = town_recount(town, out);
    bool whole = town_replay(town, SIZE_MAX, out) && town_replay(town, 1, out);
    return counted && whole ? 0 : 1;
}
