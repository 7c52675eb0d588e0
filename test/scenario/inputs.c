/* What people and devices send in a scenario: reports and commands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/scenario/play.h"

static bool take_position(struct play *play, struct words *words, double *lat, double *lon)
{
    double *const numbers[] = { lat, lon };
    for (size_t i = 0; i < 2; i++) {
        char *end;
        const char *word = words_take(words);
        *numbers[i] = strtod(word, &end);
        if (!*word || *end)
            return play_fail(play, "'%s' is no degree; expected a position such as 39.935 116.385", word);
    }
    return true;
}

static struct media_list take_photo(struct play *play, struct words *words)
{
    struct media *photo = arena_alloc(&play->town.arena, sizeof *photo);
    *photo = (struct media){ .hash = words_take(words), .type = "image/jpeg" };
    return (struct media_list){ photo, 1 };
}

/* ---- events ---- */

static const struct {
    const char *word;
    enum event_kind kind;
    enum event_source source;
} event_words[] = {
    { "report", EVENT_REPORT, SOURCE_RESIDENT }, { "order", EVENT_REPORT, SOURCE_ORDER },
    { "hotline", EVENT_REPORT, SOURCE_HOTLINE }, { "patrol", EVENT_PATROL, SOURCE_WORKER },
    { "alarm", EVENT_ALARM, SOURCE_SENSOR },     { "follow", EVENT_FOLLOW_UP, SOURCE_RESIDENT },
    { "rating", EVENT_RATING, SOURCE_RESIDENT }, { "reopen", EVENT_REOPEN, SOURCE_RESIDENT },
    { "partner", EVENT_PARTNER, SOURCE_SYSTEM }, { "evidence", EVENT_EVIDENCE, SOURCE_CAMERA },
};

/* As ingest would find the area. */
static bool take_place(struct play *play, struct words *words, struct place *place)
{
    if (!take_position(play, words, &place->lat, &place->lon))
        return false;
    const struct book_area *area = book_locate(play->town.book, place->lat, place->lon);
    place->area = area ? area->code : "";
    place->marks |= area ? 0 : 1 << MARK_OUTSIDE;
    return true;
}

static bool take_mark(struct play *play, const char *word, struct place *place)
{
    int mark = enum_value(&place_mark_desc, word);
    if (mark < 0)
        return play_fail(play, "no place is marked '%s'", word);
    place->marks |= 1 << mark;
    return true;
}

static bool take_verb(struct play *play, const char *word, enum verb *verb)
{
    int value = enum_value(&verb_desc, word);
    *verb = value < 0 ? VERB_NONE : (enum verb)value;
    return *verb || play_fail(play, "no verb is called '%s'", word);
}

/* The event's text that a word names; NULL: none. */
static const char **text_of_event(struct event *event, const char *word)
{
    const struct {
        const char *word, **text;
    } texts[] = {
        { "service", &event->service }, { "condition", &event->condition }, { "text", &event->text },
        { "title", &event->title },     { "from", &event->reporter },       { "number", &event->external_id },
        { "in", &event->place.area },   { "by", &event->external_source },
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(word, texts[i].word) == 0)
            return texts[i].text;
    return NULL;
}

static bool take_event_word(struct play *play, struct words *words, const char *word, struct event *event)
{
    const char **text = text_of_event(event, word);
    if (text) {
        *text = words_take(words);
        return true;
    }
    if (strcmp(word, "at") == 0)
        return take_place(play, words, &event->place);
    if (strcmp(word, "marked") == 0)
        return take_mark(play, words_take(words), &event->place);
    if (strcmp(word, "urgent") == 0)
        return event->urgent = true;
    if (strcmp(word, "priority") == 0)
        return play_number(play, words_take(words), &event->priority);
    if (strcmp(word, "score") == 0)
        return play_number(play, words_take(words), &event->score);
    if (strcmp(word, "suggests") == 0) {
        event->suggested_service = words_take(words);
        event->suggestion_confidence = strtod(words_take(words), NULL);
        return true;
    }
    if (strcmp(word, "received") == 0)
        return play_moment(play, words, &event->received_at_ms);
    if (strcmp(word, "does") == 0)
        return take_verb(play, words_take(words), &event->verb);
    if (strcmp(word, "happened") == 0)
        return play_moment(play, words, &event->happened_at_ms);
    if (strcmp(word, "answer-by") == 0)
        return play_moment(play, words, &event->answer_by_ms);
    if (strcmp(word, "about") == 0)
        return (event->about_seq = play_seq(play, words_take(words))) != 0;
    if (strcmp(word, "about-number") == 0)
        return play_number(play, words_take(words), &event->about_seq);
    if (strcmp(word, "solved") == 0)
        return event->solved = true;
    if (strcmp(word, "disposed") == 0)
        return event->disposed = true;
    if (strcmp(word, "photo") != 0)
        return play_fail(play, "an event has no '%s'", word);
    event->media = take_photo(play, words);
    return true;
}

static bool give_event(struct play *play, struct words *words, struct event event)
{
    const char *name = words_take(words);
    if (play->name_count == PLAY_NAMES || strlen(name) >= sizeof play->names->name)
        return play_fail(play, "too many names, or one too long: '%s'", name);
    while (words->next < words->count)
        if (!take_event_word(play, words, words_take(words), &event))
            return false;
    if (event.external_id)
        event.external_source = "neighbour";
    int64_t seq = town_event(&play->town, event);
    snprintf(play->names[play->name_count].name, sizeof play->names->name, "%s", name);
    play->names[play->name_count++].seq = seq;
    return play_of_town(play, seq != 0);
}

/* The log hands the last event out once more, as after a crash between its commit and ours. */
static bool give_same_event(struct play *play, struct words *words)
{
    int64_t seq = play_seq(play, words_take(words));
    return seq && play_of_town(play, town_event(&play->town, (struct event){ .seq = seq, .kind = EVENT_REPORT }) != 0);
}

/* ---- commands ---- */

/* The command's text that a word names; NULL: none. */
static const char **text_of_command(struct command *command, const char *word)
{
    const struct {
        const char *word, **text;
    } texts[] = {
        { "to", command->verb == VERB_ASSIGN ? &command->to_worker : &command->to_department },
        { "worker", &command->to_worker },
        { "person", &command->to_person },
        { "to-service", &command->to_service },
        { "to-condition", &command->to_condition },
        { "because", &command->reason },
        { "saying", &command->reason },
        { "id", &command->id },
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(word, texts[i].word) == 0)
            return texts[i].text;
    return NULL;
}

static bool take_case(struct play *play, struct words *words, const char **number)
{
    struct case_file record;
    if (!play_case(play, words_take(words), &record))
        return false;
    *number = record.number;
    return true;
}

static bool take_command_word(struct play *play, struct words *words, const char *word, struct command *command)
{
    const char **text = text_of_command(command, word);
    if (text) {
        *text = words_take(words);
        return true;
    }
    if (strcmp(word, "into") == 0)
        return take_case(play, words, &command->to_case);
    if (strcmp(word, "voice") == 0)
        return (command->voice_seq = play_seq(play, words_take(words))) != 0;
    if (strcmp(word, "until") == 0)
        return play_moment(play, words, &command->until_ms);
    if (strcmp(word, "to-priority") == 0)
        return play_number(play, words_take(words), &command->to_priority);
    if (strcmp(word, "seen") == 0)
        return play_number(play, words_take(words), &command->revision);
    if (strcmp(word, "at") == 0)
        return take_position(play, words, &command->lat, &command->lon);
    if (strcmp(word, "photo") != 0)
        return play_fail(play, "a command has no '%s'", word);
    command->media = take_photo(play, words);
    return true;
}

static bool give_command(struct play *play, struct words *words, enum role role)
{
    struct command command = { .role = role, .actor = words_take(words) };
    const struct book_person *person = book_person(play->town.book, command.actor);
    command.department = person && person->department ? person->department->code : "";
    if (!take_verb(play, words_take(words), &command.verb))
        return false;
    bool of_case = !verb_is_of_no_case(command.verb);
    if (of_case && words_take_if(words, "nothing"))
        command.case_number = "nothing";
    else if (of_case && !take_case(play, words, &command.case_number))
        return false;
    while (words->next < words->count)
        if (!take_command_word(play, words, words_take(words), &command))
            return false;
    if (!command.id)
        command.id = arena_format(&play->town.arena, "line-%d", (int)++play->town.last_command);
    play->command = command;
    return play_of_town(play, town_command(&play->town, command));
}

bool play_input(struct play *play, const char *word, struct words *words)
{
    for (size_t i = 0; i < sizeof event_words / sizeof *event_words; i++)
        if (strcmp(word, event_words[i].word) == 0)
            return give_event(play, words,
                              (struct event){ .kind = event_words[i].kind, .source = event_words[i].source });
    if (strcmp(word, "same") == 0)
        return give_same_event(play, words);
    if (strcmp(word, "again") == 0)
        return play_of_town(play, town_command(&play->town, play->command));
    int role = enum_value(&role_desc, word);
    return role > ROLE_NONE ? give_command(play, words, (enum role)role)
                            : play_fail(play, "nobody knows how to '%s'", word);
}
