#include "test/unit/dispatcher/speech.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/book/permit.h"

#define OPENING "words "
enum { DIGITS = 6, SHORT_BYTES = 100, RECENT = 20, PEOPLE = ROLE_BIT(ROLE_SYSTEM) - 1 };

/* Once, or so often that titles, notes and notices are cut. */
static const char *words(struct speech *speech)
{
    char once[32];
    struct buffer text = { 0 };
    snprintf(once, sizeof once, OPENING "%0*d.", DIGITS, speech->inputs);
    for (uint64_t times = dice_roll(&speech->dice, 4) ? 1 : 60; times > 0; times--)
        buffer_text(&text, once);
    const char *kept = arena_format(&speech->town->arena, "%s", buffer_string(&text));
    buffer_finish(&text);
    return kept;
}

/* Where a text was cut there are less digits. */
static int digits_at(const uint8_t *at, size_t size)
{
    int number = 0;
    for (size_t i = 0; i < DIGITS; i++) {
        if (i == size || at[i] < '0' || at[i] > '9')
            return -1;
        number = 10 * number + (at[i] - '0');
    }
    return number;
}

int speech_next_words(struct bytes *bytes)
{
    const uint8_t *end = bytes->data + bytes->size;
    for (const uint8_t *at; (at = memmem(bytes->data, bytes->size, OPENING, strlen(OPENING)));) {
        at += strlen(OPENING);
        *bytes = (struct bytes){ at, (size_t)(end - at) };
        int number = digits_at(at, bytes->size);
        if (number >= 0)
            return number;
    }
    return -1;
}

static const char *brief(const char *text)
{
    return strlen(text) < SHORT_BYTES ? text : "";
}

static bool one_in(struct speech *speech, uint64_t sides)
{
    return dice_roll(&speech->dice, sides) == 0;
}

static bool wrong(struct speech *speech, const char *who, const char *why)
{
    buffer_clear(&speech->problem);
    buffer_format(&speech->problem, "input %d, %s: %s", speech->inputs, who, why);
    return false;
}

static bool taken(struct speech *speech, bool taken, const char *who)
{
    return taken || wrong(speech, who, speech->town->fault.text);
}

static const char *next_words(struct speech *speech)
{
    if (dice_roll(&speech->dice, 3)) /* else at the same moment */
        speech->town->now_ms += 1 + (int64_t)dice_roll(&speech->dice, MS_PER_MINUTE);
    speech->inputs++;
    assert(speech->inputs < SPEECH_INPUTS_MAX);
    return words(speech);
}

static void note_said(struct speech *speech, enum verb verb, const char *said)
{
    assert((int)verb < SPEECH_VERBS);
    speech->said[verb] += *said != 0;
}

bool speech_case(struct speech *speech, int64_t id, struct case_file *record)
{
    struct txn *txn = txn_begin_read(speech->town->store);
    bool found = case_get(txn, id, &speech->town->arena, record, &speech->town->fault) == 0;
    txn_abort(txn);
    return found;
}

static int64_t last_case(struct speech *speech)
{
    struct txn *txn = txn_begin_read(speech->town->store);
    int64_t last = meta_get(txn, META_CASE_ID);
    txn_abort(txn);
    return last;
}

static bool some_case(struct speech *speech, struct case_file *record)
{
    int64_t last = last_case(speech), among = last > RECENT ? RECENT : last;
    return last && speech_case(speech, last - (int64_t)dice_roll(&speech->dice, (uint64_t)among), record);
}

/* ---- the streets ---- */

/* By a resident, or by a worker of what is done already. */
static bool report(struct speech *speech, const char *service, bool patrol, bool placed)
{
    struct dice *dice = &speech->dice;
    const char *text = next_words(speech);
    struct attribute attribute = { .code = "colour", .value = text };
    struct event event = { .kind = patrol ? EVENT_PATROL : EVENT_REPORT,
                           .source = patrol ? SOURCE_WORKER : SOURCE_RESIDENT,
                           .service = service,
                           .title = dice_roll(dice, 2) ? brief(text) : "",
                           .text = dice_roll(dice, 4) ? text : "",
                           .place = { .area = "g1",
                                      .address = brief(text),
                                      .lat = placed ? 39.935 : 0,
                                      .lon = placed ? 116.381 + 0.001 * (double)dice_roll(dice, 4) : 0 },
                           .reporter = patrol ? "w-005" : "r-1",
                           .disposed = patrol,
                           .attributes = { &attribute, dice_roll(dice, 2) } };
    return taken(speech, town_event(speech->town, event), service);
}

/* The reporters' own verbs. */
static bool reporter_says(struct speech *speech, const struct case_file *record, enum verb verb)
{
    static const enum event_kind kinds[] = {
        [VERB_ATTACH] = EVENT_FOLLOW_UP, [VERB_RATE] = EVENT_RATING, [VERB_REOPEN] = EVENT_REOPEN
    };
    const struct voice_list *voices = &record->voices;
    const char *said = next_words(speech), *text = speech->said[verb] && one_in(speech, 3) ? "" : said;
    struct event event = { .kind = kinds[verb],
                           .title = one_in(speech, 3) ? brief(said) : "",
                           .text = text,
                           .reporter = "r-1",
                           .about_seq = voices->items[dice_roll(&speech->dice, voices->count)].seq,
                           .score = 1 + (int64_t)dice_roll(&speech->dice, 5) };
    note_said(speech, verb, text);
    return taken(speech, town_event(speech->town, event), "a reporter");
}

/* ---- those who work on it ---- */

static const struct book_person *who_may(struct speech *speech, const struct case_file *record,
                                         const struct transition *row)
{
    const struct book *book = speech->town->book;
    size_t first = dice_roll(&speech->dice, book->person_count);
    for (size_t i = 0; i < book->person_count; i++) {
        const struct book_person *person = &book->people[(first + i) % book->person_count];
        const struct permit_person asked = { person->role, person->id,
                                             person->department ? person->department->code : "" };
        if (row->roles & ROLE_BIT(person->role) && permit_ask(book, &asked, record, row->verb) == PERMIT_GIVEN)
            return person;
    }
    return NULL;
}

static const char *some_department(struct speech *speech, const struct case_file *record, enum verb verb)
{
    const struct book *book = speech->town->book;
    size_t first = dice_roll(&speech->dice, book->department_count);
    for (size_t i = 0; i < book->department_count; i++) {
        const char *code = book->departments[(first + i) % book->department_count].code;
        bool assists = case_assist_task(record, code);
        if (verb == VERB_RELEASE ? assists : !assists && strcmp(code, record->department) != 0)
            return code;
    }
    return "";
}

/* Of the department, if one is given. */
static const char *some_worker(struct speech *speech, const struct book_department *department)
{
    const struct book *book = speech->town->book;
    size_t first = dice_roll(&speech->dice, book->person_count);
    for (size_t i = 0; i < book->person_count; i++) {
        const struct book_person *person = &book->people[(first + i) % book->person_count];
        if (person->role == ROLE_WORKER && (!department || person->department == department))
            return person->id;
    }
    return "";
}

static const char *other_open_case(struct speech *speech, const struct case_file *record)
{
    struct case_file other;
    for (int64_t id = last_case(speech); id > 0; id--)
        if (id != record->id && speech_case(speech, id, &other) && case_state_is_open(other.state))
            return other.number;
    return "";
}

/* The last one that joined the case: the first one cannot be split off. */
static int64_t last_voice(const struct case_file *record)
{
    return record->voices.items[record->voices.count - 1].seq;
}

static bool somebody_says(struct speech *speech, const struct case_file *record, const struct transition *row)
{
    struct town *town = speech->town;
    const struct book_person *person = who_may(speech, record, row);
    const char *name = enum_name(&verb_desc, (int)row->verb);
    if (!person)
        return wrong(speech, name, "nobody may");
    const char *said = next_words(speech);
    bool by_hand = row->verb == VERB_VERIFY || row->needs & NEEDS_WORKER;
    struct command command = {
        .actor = person->id,
        .role = person->role,
        .department = person->department ? person->department->code : "",
        .case_number = record->number,
        .verb = row->verb,
        .reason = said,
        .to_department = row->needs & NEEDS_DEPARTMENT ? some_department(speech, record, row->verb) : "",
        .to_worker = by_hand ? some_worker(speech, row->verb == VERB_ASSIGN ? person->department : NULL) : "",
        .to_service = row->needs & NEEDS_SERVICE ? "0201" : "",
        .until_ms = row->needs & NEEDS_UNTIL ? town->now_ms + MS_PER_DAY : 0,
        .to_case = row->needs & NEEDS_CASE ? other_open_case(speech, record) : "",
        .voice_seq = row->needs & NEEDS_VOICE ? last_voice(record) : 0,
    };
    if (!taken(speech, town_command(town, command), name))
        return false;
    if (town->answer.status != ANSWER_OK)
        return wrong(speech, name, town->answer.message);
    note_said(speech, row->verb, said);
    return true;
}

/* ---- ways through the lifecycle ---- */

/* "overdue": the limit of the disposal passes. */
static const struct tour {
    const char *service, *verbs;
} tours[] = {
    /* looked at before it is filed, worked on twice, and come back */
    { "0401", "take arrive unfounded attach verify take confirm dispatch urge attach take arrive dispose rework reply "
              "take dispose check close rate reopen refuse reopen" },
    /* all that a department asks for */
    { "0101", "reclassify accept dispatch receive join advance supervise extend grant_extension extend deny_extension "
              "suspend deny_suspension suspend grant_suspension resume release end_supervision return deny_return "
              "assign return confirm_return dispatch transfer suspend" },
    /* by two departments; too late; by two tiers */
    { "0101", "accept dispatch receive join dispose dispose check close rate" },
    { "0401", "accept dispatch receive overdue acknowledge dispose check close appeal deny_appeal" },
    { "0401", "accept dispatch receive overdue dispose check close appeal grant_appeal reopen" },
    { "0301", "hand_up urge" },
    /* together and apart again */
    { "0901", "attach reply" },
    { "0101", "attach merge unmerge split merge" },
    { "0101", "merge unmerge attach attach split split cancel reopen" },
};

/* Where both a reporter and somebody of the city may, the reporter does. */
static bool say(struct speech *speech, int64_t case_id, enum verb verb)
{
    struct case_file record;
    if (!speech_case(speech, case_id, &record))
        return false;
    const struct transition *row = transition_find(record.state, verb);
    if (verb == VERB_OVERDUE)
        return taken(speech, town_wait_until(speech->town, record.deadline_ms + 1), "time");
    if (verb == VERB_ATTACH || (row && row->roles & BY_RESIDENT))
        return reporter_says(speech, &record, verb);
    return row ? somebody_says(speech, &record, row)
               : wrong(speech, enum_name(&verb_desc, (int)verb), enum_name(&case_state_desc, (int)record.state));
}

static bool go(struct speech *speech, const struct tour *tour)
{
    char verbs[400], *rest;
    snprintf(verbs, sizeof verbs, "%s", tour->verbs);
    bool going = report(speech, tour->service, false, false);
    int64_t id = last_case(speech);
    for (char *name = strtok_r(verbs, " ", &rest); going && name; name = strtok_r(NULL, " ", &rest))
        going = say(speech, id, (enum verb)enum_value(&verb_desc, name));
    return going;
}

bool speech_tour(struct speech *speech)
{
    for (size_t i = 0; i < sizeof tours / sizeof *tours; i++)
        if (!go(speech, &tours[i]))
            return false;
    return report(speech, "0201", true, false);
}

enum verb speech_missing(const struct speech *speech)
{
    for (enum case_state state = CASE_NONE + 1; state < CASE_STATE_COUNT; state++) {
        size_t count;
        const struct transition *rows = transitions_of(state, &count);
        for (size_t i = 0; i < count; i++)
            if (rows[i].roles & PEOPLE && rows[i].verb != VERB_SELF_DISPOSE && !speech->said[rows[i].verb])
                return rows[i].verb;
    }
    return VERB_NONE;
}

/* ---- at random ---- */

/* Words of no case. */
static bool come_or_go(struct speech *speech)
{
    struct command command = { .actor = one_in(speech, 2) ? "w-001" : "w-003",
                               .role = ROLE_WORKER,
                               .verb = one_in(speech, 4)   ? VERB_AWAY
                                       : one_in(speech, 2) ? VERB_MOVED
                                                           : VERB_HERE,
                               .reason = next_words(speech) };
    return taken(speech, town_command(speech->town, command), "a worker");
}

/* What the engine refuses, it refuses. */
bool speech_chat(struct speech *speech)
{
    static const char *const services[] = { "0101", "0201", "0301", "0401", "0501", "0901", "" };
    struct case_file record;
    size_t rows;
    if (one_in(speech, 20))
        return come_or_go(speech);
    if (one_in(speech, 8) || !some_case(speech, &record))
        return report(speech, services[dice_roll(&speech->dice, 7)], one_in(speech, 4), true);
    if (one_in(speech, 8))
        return reporter_says(speech, &record, VERB_ATTACH);
    const struct transition *row = transitions_of(record.state, &rows);
    row += dice_roll(&speech->dice, rows);
    if (row->roles & BY_RESIDENT)
        return reporter_says(speech, &record, row->verb);
    if (who_may(speech, &record, row) && !somebody_says(speech, &record, row))
        return speech->town->answer.status != ANSWER_NONE;
    return true;
}
