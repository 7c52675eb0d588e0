/* What a scenario expects beside cases (expect_case.c): of histories, notices, answers, lists and counters. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/book/zone.h"
#include "proto/store/case_index.h"
#include "test/scenario/play.h"

bool play_same_text(struct play *play, const char *what, const char *expected, const char *found)
{
    found = found ? found : "";
    return strcmp(expected, found) == 0 || play_fail(play, "%s is '%s', expected '%s'", what, found, expected);
}

bool play_same_number(struct play *play, const char *what, struct words *words, int64_t found)
{
    int64_t expected;
    return play_number(play, words_take(words), &expected) &&
           (expected == found || play_fail(play, "%s is %" PRId64 ", expected %" PRId64, what, found, expected));
}

static void local_text(struct play *play, int64_t at_ms, char out[TIMESTAMP_TEXT])
{
    timestamp_format(out, at_ms, at_ms ? zone_offset_minutes(play->town.book->zone, at_ms) : 0);
}

bool play_same_moment(struct play *play, const char *what, struct words *words, int64_t found)
{
    int64_t expected = 0;
    char text[2][TIMESTAMP_TEXT];
    if (!words_take_if(words, "none") && !play_moment(play, words, &expected))
        return false;
    local_text(play, expected, text[0]);
    local_text(play, found, text[1]);
    return expected == found || play_fail(play, "%s is %s, expected %s", what, text[1], text[0]);
}

/* history REPORT VERB … : all of them, in order */
static bool expect_history(struct play *play, struct words *words)
{
    struct case_file record;
    struct step_list steps;
    if (!play_case(play, words_take(words), &record))
        return false;
    if (!town_history(&play->town, &record, &steps))
        return play_fail(play, "%s", play->town.fault.text);
    struct buffer found = { 0 }, expected = { 0 };
    for (size_t i = 0; i < steps.count; i++)
        buffer_format(&found, " %s", enum_name(&verb_desc, (int)steps.items[i].verb));
    while (words->next < words->count)
        buffer_format(&expected, " %s", words_take(words));
    bool same = play_same_text(play, "the history", buffer_string(&expected), buffer_string(&found));
    buffer_finish(&found);
    buffer_finish(&expected);
    return same;
}

static bool expect_same_case(struct play *play, struct words *words)
{
    struct case_file one, other;
    return play_case(play, words_take(words), &one) && play_case(play, words_take(words), &other) &&
           play_same_text(play, "the second report's case", one.number, other.number);
}

/* ---- notices ---- */

struct listening {
    const char *verb, *clock, *text, *number, *worker, *title;
    int64_t count;
    struct buffer all; /* what was heard on that topic */
};

static int hear(void *context, const struct notice *notice)
{
    struct listening *listening = context;
    const char *verb = enum_name(&verb_desc, (int)notice->verb);
    buffer_format(&listening->all, " %s(%s)", verb, notice->case_number);
    bool meant = (!*listening->verb || strcmp(listening->verb, verb) == 0) &&
                 (!listening->number || strcmp(listening->number, notice->case_number) == 0) &&
                 (!listening->worker || strcmp(listening->worker, notice->worker) == 0) &&
                 (!listening->title || strcmp(listening->title, notice->title) == 0) &&
                 (!*listening->text || strstr(notice->text, listening->text)) &&
                 (!*listening->clock || strcmp(listening->clock, enum_name(&clock_kind_desc, (int)notice->clock)) == 0);
    listening->count += meant;
    return 0;
}

/* TOPIC [VERB [REPORT]] [clock KIND] [text "…"] [worker ID] [title "…"], from the notice `after` on */
static bool listen(struct play *play, struct words *words, uint64_t after, struct listening *listening)
{
    struct case_file record;
    const char *topic = words_take(words);
    if (strncmp(topic, "receipt/", 8) == 0) {
        int64_t seq = play_seq(play, topic + 8);
        if (!seq)
            return false;
        topic = arena_format(&play->town.arena, "receipt/%" PRId64, seq);
    }
    *listening = (struct listening){ .verb = words_take(words), .clock = "", .text = "" };
    while (words->next < words->count) {
        if (words_take_if(words, "clock")) {
            listening->clock = words_take(words);
        } else if (words_take_if(words, "text")) {
            listening->text = words_take(words);
        } else if (words_take_if(words, "worker")) {
            listening->worker = words_take(words);
        } else if (words_take_if(words, "title")) {
            listening->title = words_take(words);
        } else {
            if (!play_case(play, words_take(words), &record))
                return false;
            listening->number = record.number;
        }
    }
    struct txn *txn = txn_begin_read(play->town.store);
    int result = outbox_read(txn, topic, after, SIZE_MAX, &play->town.arena, hear, listening, &play->town.fault);
    txn_abort(txn);
    return result == 0 || play_fail(play, "%s", play->town.fault.text);
}

static bool expect_notice(struct play *play, struct words *words)
{
    struct listening listening = { 0 };
    bool heard =
        listen(play, words, play->town.heard, &listening) &&
        (listening.count || play_fail(play, "no such notice; on that topic:%s", buffer_string(&listening.all)));
    buffer_finish(&listening.all);
    return heard;
}

static bool expect_no_notice(struct play *play, struct words *words)
{
    struct listening listening = { 0 };
    words_take_if(words, "notice");
    bool silent = listen(play, words, play->town.heard, &listening) &&
                  (!listening.count || play_fail(play, "heard on that topic:%s", buffer_string(&listening.all)));
    buffer_finish(&listening.all);
    return silent;
}

/* notices N TOPIC …: in all of the scenario so far */
static bool expect_notices(struct play *play, struct words *words)
{
    int64_t expected;
    struct listening listening = { 0 };
    bool same = play_number(play, words_take(words), &expected) && listen(play, words, 0, &listening) &&
                (listening.count == expected ||
                 play_fail(play, "%" PRId64 " of them, expected %" PRId64, listening.count, expected));
    buffer_finish(&listening.all);
    return same;
}

/* ---- answers ---- */

static bool expect_ok(struct play *play, struct words *words)
{
    (void)words;
    const struct answer *answer = &play->town.answer;
    return answer->status == ANSWER_OK ||
           play_fail(play, "refused: %s, %s", enum_name(&answer_status_desc, (int)answer->status), answer->message);
}

static bool expect_repeated(struct play *play, struct words *words)
{
    (void)words;
    return play->town.answer.repeated || play_fail(play, "the answer is a new one");
}

static bool expect_refused(struct play *play, struct words *words)
{
    const struct answer *answer = &play->town.answer;
    const char *part;
    if (!play_same_text(play, "the answer", words_take(words), enum_name(&answer_status_desc, (int)answer->status)))
        return false;
    part = words_take(words);
    return strstr(answer->message, part) || play_fail(play, "it says '%s'", answer->message);
}

/* ---- lists and counters ---- */

struct listed {
    struct play *play;
    struct buffer numbers;
};

static int list_one(void *context, int64_t order, int64_t id)
{
    (void)order;
    buffer_format(&((struct listed *)context)->numbers, " %" PRId64, id);
    return 0;
}

/* list NAME REPORT …: its cases, in order */
static bool expect_list(struct play *play, struct words *words)
{
    struct case_file record;
    struct listed listed = { .play = play };
    struct buffer expected = { 0 };
    bool known = true;
    struct txn *txn = txn_begin_read(play->town.store);
    index_visit(txn, words_take(words), 0, 0, false, list_one, &listed);
    txn_abort(txn);
    while (known && words->next < words->count) {
        known = play_case(play, words_take(words), &record);
        buffer_format(&expected, " %" PRId64, known ? record.id : 0);
    }
    bool same =
        known && play_same_text(play, "the list of cases", buffer_string(&expected), buffer_string(&listed.numbers));
    buffer_finish(&expected);
    buffer_finish(&listed.numbers);
    return same;
}

static bool expect_count(struct play *play, struct words *words)
{
    const char *name = words_take(words);
    struct txn *txn = txn_begin_read(play->town.store);
    int64_t found = counter_get(txn, name);
    txn_abort(txn);
    return play_same_number(play, name, words, found);
}

/* nothing due | due DATE TIME: the next moment at which a clock has to fire or warn */
static bool expect_due(struct play *play, struct words *words)
{
    struct txn *txn = txn_begin_read(play->town.store);
    int64_t due_ms = engine_next_due_ms(txn);
    txn_abort(txn);
    return play_same_moment(play, "the next due moment", words, due_ms == ORDER_NONE ? 0 : due_ms - 1);
}

static const struct {
    const char *word;
    bool (*expect)(struct play *play, struct words *words);
} expectations[] = {
    { "case", play_expect_case },  { "task", play_expect_task },
    { "history", expect_history }, { "same-case", expect_same_case },
    { "notice", expect_notice },   { "no", expect_no_notice },
    { "notices", expect_notices }, { "ok", expect_ok },
    { "refused", expect_refused }, { "repeated", expect_repeated },
    { "list", expect_list },       { "count", expect_count },
    { "due", expect_due },
};

bool play_expect(struct play *play, struct words *words)
{
    const char *word = words_take(words);
    for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++)
        if (strcmp(word, expectations[i].word) == 0)
            return expectations[i].expect(play, words);
    return play_fail(play, "nobody knows how to expect '%s'", word);
}
