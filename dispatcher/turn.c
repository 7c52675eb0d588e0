#include "dispatcher/turn.h"

#include <assert.h>
#include <string.h>

#include "proto/book/zone.h"
#include "proto/store/erase.h"

static int zone_offset(void *context, int64_t at_ms)
{
    return zone_offset_minutes(context, at_ms);
}

static void use_book(struct turn *turn, const struct book *book)
{
    turn->engine.book = book;
    case_index_set_zone(zone_offset, (void *)book->zone);
}

void turn_init(struct turn *turn, struct store *store, const struct book *book)
{
    *turn = (struct turn){ .store = store, .journal = journal_in_store(), .head_due_ms = ORDER_NONE };
    use_book(turn, book);
}

void turn_finish(struct turn *turn)
{
    turn_abort(turn);
    arena_finish(&turn->arena);
    arena_finish(&turn->scratch);
    buffer_finish(&turn->bytes);
}

void turn_begin(struct turn *turn, int64_t now_ms)
{
    assert(!turn->txn);
    arena_reset(&turn->arena);
    turn->txn = txn_begin_write(turn->store);
    turn->now_ms = now_ms;
    turn->cursor = meta_get(turn->txn, META_CURSOR);
    turn->cursor_moved = false;
    turn->entry_count = 0;
    turn->journal_last = turn->journal.ops->last(turn->journal.log, turn->txn);
    int64_t due_ms = engine_next_due_ms(turn->txn);
    if (due_ms <= now_ms)
        turn->counts.lateness_ms = now_ms - due_ms;
}

static int write_entries(struct turn *turn, struct fault *fault)
{
    int result = turn->journal.ops->append(turn->journal.log, turn->txn, turn->journal_last, turn->entries,
                                           turn->entry_count, fault);
    turn->journal_last += turn->entry_count;
    turn->entry_count = 0;
    return result;
}

/* Books and erasures move no time: their entries say when they came. */
static bool moves_time(enum input_kind kind)
{
    return kind != INPUT_BOOK && kind != INPUT_ERASURE;
}

/* One step of the engine, and its entry in the journal at the engine's time: replayed with that as `now` it is the same step. Of the
 * entry that it had before, a replay takes what is not decided anew: the salt, or the hash of what was erased. */
static int step(struct turn *turn, const struct engine_input *input, struct bytes payload, struct answer *answer,
                struct fault *fault)
{
    int fired = engine_step(&turn->engine, turn->txn, input, &turn->scratch, answer, fault);
    if (fired < 0)
        return fired;
    turn->counts.fired += fired;
    struct journal_entry *entry = &turn->entries[turn->entry_count++];
    *entry = turn->origin ? *turn->origin : (struct journal_entry){ 0 };
    entry->at_ms = moves_time(input->kind) ? engine_time_ms(turn->txn) : turn->now_ms;
    entry->kind = input->kind;
    entry->payload = payload;
    return turn->entry_count == TURN_ENTRIES ? write_entries(turn, fault) : 0;
}

static struct bytes keep(struct turn *turn, const void *bytes, size_t size)
{
    return (struct bytes){ (const uint8_t *)arena_text(&turn->arena, bytes, size), size };
}

int turn_book(struct turn *turn, const struct book *book, struct fault *fault)
{
    char hex[HASH_HEX];
    arena_reset(&turn->scratch);
    const char *zone = meta_get_text(turn->txn, META_TIME_ZONE, &turn->scratch);
    if (zone && strcmp(zone, book->time_zone) != 0)
        return fault_set(fault, -EINVAL,
                         "the book's time zone is %s, the cases here were counted by the days of %s: use a new data "
                         "folder",
                         book->time_zone, zone);
    const char *before = meta_get_text(turn->txn, META_BOOK, &turn->scratch);
    use_book(turn, book);
    if (before && strcmp(before, hash_hex(hex, &book->hash)) == 0)
        return 0;
    meta_set_text(turn->txn, META_TIME_ZONE, book->time_zone);
    meta_set_text(turn->txn, META_BOOK, hash_hex(hex, &book->hash));
    struct answer unused;
    return step(turn, &(struct engine_input){ .kind = INPUT_BOOK, .now_ms = turn->now_ms },
                (struct bytes){ book->hash.bytes, sizeof book->hash.bytes }, &unused, fault);
}

int turn_event(struct turn *turn, const struct event *event, struct bytes bytes, struct fault *fault)
{
    if (event->seq <= turn->cursor)
        return 0;
    arena_reset(&turn->scratch);
    struct answer outcome = { 0 };
    int result = step(turn, &(struct engine_input){ .kind = INPUT_EVENT, .now_ms = turn->now_ms, .event = event },
                      bytes, &outcome, fault);
    turn->cursor = event->seq;
    turn->cursor_moved = true;
    turn->counts.events++;
    turn->counts.refused += outcome.status != ANSWER_OK;
    return result;
}

struct bytes turn_answer_bytes(struct turn *turn, const struct answer *answer)
{
    buffer_clear(&turn->bytes);
    record_encode(&answer_desc, answer, &turn->bytes);
    return keep(turn, turn->bytes.bytes, turn->bytes.size);
}

/* Not an input: without an id it could be done twice, without an actor nobody would have done it; so it is not done at all. */
static struct bytes refuse_nameless(struct turn *turn)
{
    turn->counts.refused++;
    return turn_answer_bytes(
        turn, &(struct answer){ .status = ANSWER_INVALID, .message = "a command needs an id and an actor" });
}

int turn_command(struct turn *turn, const struct command *command, struct bytes bytes, struct bytes *answer,
                 struct fault *fault)
{
    arena_reset(&turn->scratch);
    struct answer reply = { 0 };
    turn->counts.commands++;
    if (!*command->id || !*command->actor) {
        *answer = refuse_nameless(turn);
        return 0;
    }
    int result = answer_get(turn->txn, command, &turn->scratch, &reply, fault);
    if (result == 0) {
        turn->counts.repeated++;
        reply.repeated = true;
    } else if (result > 0) {
        result = step(turn, &(struct engine_input){ .kind = INPUT_COMMAND, .now_ms = turn->now_ms, .command = command },
                      bytes, &reply, fault);
        answer_put(turn->txn, command, &reply);
        turn->counts.refused += reply.status != ANSWER_OK;
    }
    *answer = turn_answer_bytes(turn, &reply);
    return result;
}

int turn_erasure(struct turn *turn, struct bytes bytes, struct fault *fault)
{
    struct erasure erasure;
    struct answer unused;
    arena_reset(&turn->scratch);
    int result = record_decode(&erasure_desc, bytes, &turn->scratch, &erasure, fault);
    if (!result)
        result =
            step(turn, &(struct engine_input){ .kind = INPUT_ERASURE, .now_ms = turn->now_ms }, bytes, &unused, fault);
    if (!result && turn->entry_count) /* what it erases may be of this turn */
        result = write_entries(turn, fault);
    return result ? result
                  : erase_apply(&turn->journal, turn->txn, turn->journal_last, &erasure, &turn->scratch, fault);
}

int turn_pulse(struct turn *turn, struct fault *fault)
{
    int64_t engine_ms = engine_time_ms(turn->txn); /* later than now where the machine's clock was set back */
    if (engine_next_due_ms(turn->txn) > (turn->now_ms > engine_ms ? turn->now_ms : engine_ms))
        return 0;
    arena_reset(&turn->scratch);
    turn->counts.pulses++;
    struct answer unused;
    return step(turn, &(struct engine_input){ .kind = INPUT_PULSE, .now_ms = turn->now_ms }, (struct bytes){ NULL, 0 },
                &unused, fault);
}

int turn_commit(struct turn *turn, struct fault *fault)
{
    int result = turn->entry_count ? write_entries(turn, fault) : 0;
    if (!result && turn->signer)
        result = journal_head_make(turn->signer, turn->txn, turn->now_ms, &turn->head_due_ms, fault);
    if (result) {
        turn_abort(turn);
        return result;
    }
    if (turn->cursor_moved)
        meta_set(turn->txn, META_CURSOR, turn->cursor);
    struct txn *txn = turn->txn;
    turn->txn = NULL;
    turn->counts.turns++;
    return txn_commit(txn, fault);
}

void turn_abort(struct turn *turn)
{
    txn_abort(turn->txn);
    turn->txn = NULL;
}
