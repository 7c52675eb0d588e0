#include "test/sim/station.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/record/event.h"
#include "test/sim/checks.h"
#include "test/sim/power_cut.h"
#include "test/sim/sim.h"
#include "tools/benches/grow.h"

static bool failed(struct sim *sim, const char *doing)
{
    verdict_fail(&sim->verdict, CHECK_TURN, 0, "%s: %s", doing, sim->station.town.fault.text);
    return false;
}

/* ---- begin and end ---- */

bool station_open(struct sim *sim)
{
    struct station *station = &sim->station;
    for (int i = 0; i < STATION_BOOKS; i++)
        if (!town_make_folder(station->folders[i], "book") ||
            !district_write(&sim->districts[i], station->folders[i])) {
            verdict_fail(&sim->verdict, CHECK_TURN, 0, "the book cannot be written to %s", station->folders[i]);
            return false;
        }
    return town_open(&station->town, station->folders[0], sim->start_ms) || failed(sim, "opening the town");
}

void station_finish(struct station *station)
{
    town_close(&station->town);
    for (int i = 0; i < STATION_BOOKS; i++)
        town_remove_folder(station->folders[i]);
    free(station->log);
    free(station->deeds);
    free(station->answers);
    buffer_finish(&station->bytes);
    arena_finish(&station->arena);
    *station = (struct station){ 0 };
}

static bool restart(struct sim *sim, int64_t book)
{
    struct station *station = &sim->station;
    bool other = book != station->book;
    station->restarts++;
    station->book = book;
    if (other)
        station->changed_ms = station->engine_ms;
    return (other ? town_restart_with(&station->town, station->folders[book]) : town_restart(&station->town)) ||
           failed(sim, "restarting");
}

/* ---- inputs ---- */

static void log_events(struct station *station)
{
    for (size_t i = 1; i < station->entry_count; i++) {
        const struct tape_entry *entry = &station->turn[i];
        if (entry->kind != TAPE_EVENT)
            continue;
        station->log = grow(station->log, station->log_count, &station->log_room, sizeof *station->log);
        station->log[station->log_count++] = (struct logged){ entry->seq, entry->bytes };
    }
}

/* Behind the cursor, and before it as far as the log hands out again what was taken. */
static size_t first_event(const struct town *town, const struct station *station)
{
    size_t first = station->log_count;
    while (first && station->log[first - 1].seq > town->turn.cursor)
        first--;
    for (size_t i = 1; i < station->entry_count; i++)
        if (station->turn[i].kind == TAPE_AGAIN)
            first = first > (size_t)station->turn[i].count ? first - (size_t)station->turn[i].count : 0;
    return first;
}

static int take_events(struct town *town, struct station *station)
{
    int result = 0;
    for (size_t i = first_event(town, station); result == 0 && i < station->log_count; i++) {
        struct event event;
        arena_reset(&station->arena);
        result = record_decode(&event_desc, station->log[i].bytes, &station->arena, &event, &town->fault);
        if (result == 0)
            result = turn_event(&town->turn, &event, station->log[i].bytes, &town->fault);
        station->inputs++;
    }
    return result;
}

static int take_commands(struct town *town, struct station *station)
{
    int result = 0;
    for (size_t i = 1; result == 0 && i < station->entry_count; i++) {
        struct command command;
        if (station->turn[i].kind != TAPE_COMMAND)
            continue;
        arena_reset(&station->arena);
        result = record_decode(&command_desc, station->turn[i].bytes, &station->arena, &command, &town->fault);
        if (result == 0)
            result = turn_command(&town->turn, &command, station->turn[i].bytes, &station->answers[i], &town->fault);
        station->inputs++;
    }
    return result;
}

static int take(struct town *town, void *context)
{
    int result = take_events(town, context);
    return result ? result : take_commands(town, context);
}

/* ---- answers ---- */

int64_t station_serial(const char *command_id)
{
    const char *mark = strrchr(command_id, 'c');
    return mark && mark[1] ? strtoll(mark + 1, NULL, 10) : -1;
}

static struct deed *deed_of(struct station *station, int64_t serial)
{
    while ((size_t)serial >= station->deed_room) {
        size_t room = station->deed_room;
        station->deeds = grow(station->deeds, station->deed_room, &station->deed_room, sizeof *station->deeds);
        memset(station->deeds + room, 0, (station->deed_room - room) * sizeof *station->deeds);
    }
    return &station->deeds[serial];
}

static void note_given(struct sim *sim, const struct tape_entry *entry, const struct command *command)
{
    struct deed *deed = deed_of(&sim->station, station_serial(command->id));
    struct seen_case *seen = view_born(&sim->view, entry->about);
    if (seen && *command->to_worker)
        seen->worker_is_named = true;
    if (deed->given)
        return;
    *deed = (struct deed){ .given = true,
                           .case_id = seen ? seen->record.id : 0,
                           .verb = command->verb,
                           .role = command->role,
                           .actor = arena_text(&sim->tape.arena, command->actor, strlen(command->actor)) };
}

static void note_answer(struct sim *sim, const struct command *command, struct bytes bytes)
{
    struct deed *deed = deed_of(&sim->station, station_serial(command->id));
    struct answer answer;
    if (record_decode(&answer_desc, bytes, &sim->station.arena, &answer, &sim->station.town.fault) < 0)
        failed(sim, "an answer");
    bool same = answer.status == deed->answer.status && answer.revision == deed->answer.revision &&
                answer.state == deed->answer.state;
    if (deed->answered && !(answer.repeated && same))
        verdict_fail(&sim->verdict, CHECK_ANSWER, deed->case_id, "command %s (%s by %s) was answered %s, then %s",
                     command->id, enum_name(&verb_desc, (int)command->verb), command->actor,
                     enum_name(&answer_status_desc, (int)deed->answer.status),
                     enum_name(&answer_status_desc, (int)answer.status));
    deed->answered = true;
    deed->answer = answer;
    deed->answer.message = deed->answer.case_number = "";
}

static void note_deeds(struct sim *sim, bool answered)
{
    struct station *station = &sim->station;
    for (size_t i = 1; i < station->entry_count; i++) {
        struct command command;
        const struct tape_entry *entry = &station->turn[i];
        if (entry->kind != TAPE_COMMAND)
            continue;
        arena_reset(&station->arena);
        if (record_decode(&command_desc, entry->bytes, &station->arena, &command, &station->town.fault) < 0)
            failed(sim, "a command");
        note_given(sim, entry, &command);
        if (answered)
            note_answer(sim, &command, station->answers[i]);
    }
}

/* ---- the turn ---- */

/* In a tape from which reports were left out a case may have another number: the command follows it. */
static struct bytes readdress(struct sim *sim, const struct tape_entry *entry)
{
    struct station *station = &sim->station;
    struct command command;
    const struct seen_case *about = view_born(&sim->view, entry->about), *to = view_born(&sim->view, entry->to);
    arena_reset(&station->arena);
    if ((!about && !to) ||
        record_decode(&command_desc, entry->bytes, &station->arena, &command, &station->town.fault) < 0)
        return entry->bytes;
    if ((!about || strcmp(about->record.number, command.case_number) == 0) &&
        (!to || strcmp(to->record.number, command.to_case) == 0))
        return entry->bytes;
    command.case_number = about ? about->record.number : command.case_number;
    command.to_case = to ? to->record.number : command.to_case;
    buffer_clear(&station->bytes);
    record_encode(&command_desc, &command, &station->bytes);
    return (struct bytes){ (const uint8_t *)arena_text(&sim->tape.arena, (const char *)station->bytes.bytes,
                                                       station->bytes.size),
                           station->bytes.size };
}

static size_t find_turn(struct sim *sim, size_t first)
{
    const struct tape *tape = &sim->tape;
    size_t end = first + 1;
    for (; end < tape->count && tape->entries[end].kind != TAPE_TURN; end++)
        if (tape->entries[end].kind == TAPE_COMMAND && !sim->peopled)
            tape->entries[end].bytes = readdress(sim, &tape->entries[end]);
    return end - first;
}

static bool run(struct sim *sim, const struct tape_entry *turn)
{
    struct town *town = &sim->station.town;
    if (turn->end == TAPE_POWER_CUT)
        return power_cut_in_turn(sim, take) || failed(sim, "a turn with a power cut");
    if (!town_turn(town, take, &sim->station, turn->end != TAPE_ABORTED))
        return failed(sim, "a turn");
    return turn->end == TAPE_COMMITTED || restart(sim, sim->station.book);
}

static void look_at_store(struct station *station)
{
    struct txn *txn = txn_begin_read(station->town.store);
    station->engine_ms = engine_time_ms(txn);
    station->next_due_ms = engine_next_due_ms(txn);
    station->cursor = meta_get(txn, META_CURSOR);
    txn_abort(txn);
}

size_t station_play(struct sim *sim, size_t first)
{
    struct station *station = &sim->station;
    station->entry_count = find_turn(sim, first);
    station->turn = &sim->tape.entries[first];
    const struct tape_entry turn = *station->turn;
    if (sim->spool && !tape_write_entries(&sim->tape, first, station->entry_count, sim->spool))
        verdict_fail(&sim->verdict, CHECK_TURN, 0, "the tape cannot be written");
    while (station->answer_room < station->entry_count)
        station->answers =
            grow(station->answers, station->answer_room, &station->answer_room, sizeof *station->answers);
    station->town.now_ms = turn.now_ms;
    log_events(station);
    bool kept = turn.end == TAPE_COMMITTED || turn.end == TAPE_SILENT;
    if ((turn.restart || turn.book != station->book) && !restart(sim, turn.book)) /* a book is an input, and stays */
        return station->entry_count;
    struct crash_check before = kept ? (struct crash_check){ .cursor = 0 } : check_crash_begin(sim);
    if (!run(sim, &turn))
        return station->entry_count;
    station->turns++;
    look_at_store(station);
    note_deeds(sim, turn.end == TAPE_COMMITTED);
    if (kept)
        view_renew(sim);
    else
        check_crash_end(sim, &before);
    check_moment(sim);
    return station->entry_count;
}
