/* What happens in a scenario: reports, commands, time, restarts. */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/book/zone.h"
#include "test/scenario/play.h"

bool play_fail(struct play *play, const char *format, ...)
{
    char text[1000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buffer_text(&play->problem, text);
    return false;
}

int64_t play_seq(struct play *play, const char *name)
{
    for (int i = 0; i < play->name_count; i++)
        if (strcmp(play->names[i].name, name) == 0)
            return play->names[i].seq;
    play_fail(play, "no report is called '%s'", name);
    return 0;
}

bool play_case(struct play *play, const char *name, struct case_file *record)
{
    int64_t seq = play_seq(play, name);
    return seq && (town_case(&play->town, seq, record) || play_fail(play, "'%s' has no case", name));
}

bool play_moment(struct play *play, struct words *words, int64_t *at_ms)
{
    char text[64];
    int64_t local_ms;
    const char *day = words_take(words);
    snprintf(text, sizeof text, "%s %s", day, words_take(words));
    if (timestamp_parse(text, 0, &local_ms) < 0)
        return play_fail(play, "'%s' is no moment; expected one such as 2026-01-05 09:00:00", text);
    *at_ms = zone_from_local_ms(play->town.book->zone, local_ms);
    return true;
}

bool play_number(struct play *play, const char *word, int64_t *number)
{
    char *end;
    *number = strtoll(word, &end, 10);
    return (*word && !*end) || play_fail(play, "'%s' is no number", word);
}

static bool of_town(struct play *play, bool done)
{
    return done || play_fail(play, "%s", play->town.fault.text);
}

/* ---- the book ---- */

static bool act_book(struct play *play, struct words *words)
{
    const char *name = words_take(words);
    const char *folder = strcmp(name, "lane") == 0 ? "test/scenario/books" : "examples";
    snprintf(play->book_folder, sizeof play->book_folder, "%s/%s/%s", play->root, folder, name);
    return true;
}

static bool read_text(const char *path, struct buffer *text)
{
    char bytes[4096];
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    for (size_t got; (got = fread(bytes, 1, sizeof bytes, file)) > 0;)
        buffer_append(text, bytes, got);
    return fclose(file) == 0;
}

static bool write_text(const char *path, struct bytes text)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return false;
    bool written = fwrite(text.data, 1, text.size, file) == text.size;
    return fclose(file) == 0 && written;
}

static bool copy_book(struct play *play)
{
    char from[800], to[400];
    DIR *dir = opendir(play->book_folder);
    if (!dir || !town_make_folder(play->book_copy, "book")) {
        if (dir)
            closedir(dir);
        return false;
    }
    bool copied = true;
    for (struct dirent *entry; copied && (entry = readdir(dir));) {
        struct buffer text = { 0 };
        if (entry->d_name[0] == '.')
            continue;
        snprintf(from, sizeof from, "%s/%s", play->book_folder, entry->d_name);
        snprintf(to, sizeof to, "%s/%s", play->book_copy, entry->d_name);
        copied = read_text(from, &text) && write_text(to, buffer_view(&text));
        buffer_finish(&text);
    }
    closedir(dir);
    snprintf(play->book_folder, sizeof play->book_folder, "%s", play->book_copy);
    return copied;
}

/* change FILE "TEXT" "OTHER": the book, before the scenario begins or for the next restart. */
static bool act_change(struct play *play, struct words *words)
{
    char path[800];
    struct buffer text = { 0 }, changed = { 0 };
    const char *name = words_take(words), *before = words_take(words);
    char *after = (char *)words_take(words);
    for (char *mark; (mark = strstr(after, "\\n"));)
        memcpy(mark, " \n", 2); /* a further line, as it is written in the scenario */
    if (!*play->book_copy && !copy_book(play))
        return play_fail(play, "no copy of the book in %s", play->book_folder);
    play->book_changed = play->open;
    snprintf(path, sizeof path, "%s/%s", play->book_folder, name);
    const char *at = read_text(path, &text) ? strstr(buffer_string(&text), before) : NULL;
    if (at) {
        buffer_append(&changed, text.bytes, (size_t)(at - (const char *)text.bytes));
        buffer_text(&changed, after);
        buffer_text(&changed, at + strlen(before));
    }
    bool done = at && write_text(path, buffer_view(&changed));
    buffer_finish(&text);
    buffer_finish(&changed);
    return done || play_fail(play, "%s has no \"%s\"", name, before);
}

/* ---- time ---- */

static bool open_town(struct play *play, struct words *words)
{
    struct words again = *words;
    int64_t at_ms;
    play->open = true; /* also after a failure: so that it is closed */
    if (!*play->book_folder)
        return play_fail(play, "'book' comes first");
    if (!town_open(&play->town, play->book_folder, 0))
        return play_fail(play, "%s", play->town.fault.text);
    if (!play_moment(play, &again, &at_ms))
        return false;
    play->town.now_ms = at_ms;
    return true;
}

static bool act_at(struct play *play, struct words *words)
{
    int64_t at_ms;
    if (!play->open && !open_town(play, words))
        return false;
    return play_moment(play, words, &at_ms) && of_town(play, town_wait_until(&play->town, at_ms));
}

static bool act_restart(struct play *play, struct words *words)
{
    (void)words;
    bool with_book = play->book_changed;
    play->book_changed = false;
    return of_town(play, with_book ? town_restart_with(&play->town, play->book_folder) : town_restart(&play->town));
}

/* crash before commit | before answer: what the next input meets */
static bool act_crash(struct play *play, struct words *words)
{
    words_take_if(words, "before");
    const char *what = words_take(words);
    if (strcmp(what, "commit") != 0 && strcmp(what, "answer") != 0)
        return play_fail(play, "expected: crash before commit, or: crash before answer");
    play->town.crash = *what == 'c' ? TOWN_BEFORE_COMMIT : TOWN_BEFORE_ANSWER;
    return true;
}

/* ---- events ---- */

/* `area g1`, or `at LAT LON` as ingest would find the area. */
static bool take_place(struct play *play, struct words *words, const char *word, struct place *place)
{
    if (strcmp(word, "in") == 0) {
        place->area = words_take(words);
        return true;
    }
    place->lat = strtod(words_take(words), NULL);
    place->lon = strtod(words_take(words), NULL);
    const struct book_area *area = book_locate(play->town.book, place->lat, place->lon);
    place->area = area ? area->code : "";
    place->marks = area ? 0 : 1 << MARK_OUTSIDE;
    return true;
}

static bool take_event_word(struct play *play, struct words *words, const char *word, struct event *event)
{
    static const struct {
        const char *word;
        size_t offset;
    } texts[] = {
        { "service", offsetof(struct event, service) }, { "condition", offsetof(struct event, condition) },
        { "text", offsetof(struct event, text) },       { "title", offsetof(struct event, title) },
        { "from", offsetof(struct event, reporter) },   { "number", offsetof(struct event, external_id) },
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(word, texts[i].word) == 0) {
            *(const char **)((char *)event + texts[i].offset) = words_take(words);
            return true;
        }
    if (strcmp(word, "in") == 0 || strcmp(word, "at") == 0)
        return take_place(play, words, word, &event->place);
    if (strcmp(word, "priority") == 0)
        return play_number(play, words_take(words), &event->priority);
    if (strcmp(word, "score") == 0)
        return play_number(play, words_take(words), &event->score);
    if (strcmp(word, "received") == 0)
        return play_moment(play, words, &event->received_at_ms);
    if (strcmp(word, "about") == 0)
        return (event->about_seq = play_seq(play, words_take(words))) != 0;
    if (strcmp(word, "about-number") == 0)
        return play_number(play, words_take(words), &event->about_seq);
    if (strcmp(word, "solved") == 0)
        return event->solved = true;
    return play_fail(play, "an event has no '%s'", word);
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
    return of_town(play, seq != 0);
}

static bool act_report(struct play *play, struct words *words)
{
    return give_event(play, words, (struct event){ .kind = EVENT_REPORT, .source = SOURCE_RESIDENT });
}

static bool act_patrol(struct play *play, struct words *words)
{
    return give_event(play, words, (struct event){ .kind = EVENT_PATROL, .source = SOURCE_WORKER });
}

static bool act_alarm(struct play *play, struct words *words)
{
    return give_event(play, words, (struct event){ .kind = EVENT_ALARM, .source = SOURCE_SENSOR });
}

static bool act_follow(struct play *play, struct words *words)
{
    return give_event(play, words, (struct event){ .kind = EVENT_FOLLOW_UP, .source = SOURCE_RESIDENT });
}

static bool act_rating(struct play *play, struct words *words)
{
    return give_event(play, words, (struct event){ .kind = EVENT_RATING, .source = SOURCE_RESIDENT });
}

/* The log hands the last event out once more, as after a crash between its commit and ours. */
static bool act_same_event(struct play *play, struct words *words)
{
    int64_t seq = play_seq(play, words_take(words));
    return seq && of_town(play, town_event(&play->town, (struct event){ .seq = seq, .kind = EVENT_REPORT }) != 0);
}

/* ---- commands ---- */

static bool take_command_word(struct play *play, struct words *words, const char *word, struct command *command)
{
    if (strcmp(word, "to") == 0) {
        const char *target = words_take(words);
        *(command->verb == VERB_ASSIGN ? &command->to_worker : &command->to_department) = target;
    } else if (strcmp(word, "worker") == 0) {
        command->to_worker = words_take(words);
    } else if (strcmp(word, "because") == 0) {
        command->reason = words_take(words);
    } else if (strcmp(word, "seen") == 0) {
        return play_number(play, words_take(words), &command->revision);
    } else if (strcmp(word, "id") == 0) {
        command->id = words_take(words);
    } else if (strcmp(word, "photo") == 0) {
        struct media *photo = arena_alloc(&play->town.arena, sizeof *photo);
        photo->hash = words_take(words);
        photo->type = "image/jpeg";
        command->media = (struct media_list){ photo, 1 };
    } else {
        return play_fail(play, "a command has no '%s'", word);
    }
    return true;
}

/* ROLE ACCOUNT VERB REPORT [to …] [worker …] [because "…"] [seen REVISION] [id ID] [photo HASH] */
static bool act_command(struct play *play, struct words *words, enum role role)
{
    struct case_file record = { 0 };
    struct command command = { .role = role, .actor = words_take(words) };
    const struct book_person *person = book_person(play->town.book, command.actor);
    command.department = person && person->department ? person->department->code : "";
    const char *verb = words_take(words), *name = words_take(words);
    int value = enum_value(&verb_desc, verb);
    if (value <= VERB_NONE)
        return play_fail(play, "no verb is called '%s'", verb);
    command.verb = (enum verb)value;
    command.case_number = name;
    if (strcmp(name, "nothing") != 0) {
        if (!play_case(play, name, &record))
            return false;
        command.case_number = record.number;
    }
    while (words->next < words->count)
        if (!take_command_word(play, words, words_take(words), &command))
            return false;
    if (!command.id)
        command.id = arena_format(&play->town.arena, "line-%d", (int)++play->town.last_command);
    play->command = command;
    return of_town(play, town_command(&play->town, command));
}

static bool act_again(struct play *play, struct words *words)
{
    (void)words;
    return of_town(play, town_command(&play->town, play->command));
}

/* ---- all of them ---- */

static const struct {
    const char *word;
    bool (*act)(struct play *play, struct words *words);
    bool any_time; /* also before the first "at" */
} acts[] = {
    { "book", act_book, true },        { "change", act_change, true }, { "at", act_at, true },
    { "restart", act_restart, false }, { "crash", act_crash, false },  { "report", act_report, false },
    { "patrol", act_patrol, false },   { "alarm", act_alarm, false },  { "follow", act_follow, false },
    { "rating", act_rating, false },   { "again", act_again, false },  { "same", act_same_event, false },
};

bool play_act(struct play *play, struct words *words)
{
    const char *word = words_take(words);
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (strcmp(word, acts[i].word) == 0)
            return (play->open || acts[i].any_time) ? acts[i].act(play, words)
                                                    : play_fail(play, "'at' comes before '%s'", word);
    int role = enum_value(&role_desc, word);
    if (role > ROLE_NONE && play->open)
        return act_command(play, words, (enum role)role);
    return play_fail(play, "nobody knows how to '%s'", word);
}
