/* What a scenario expects of a case, its clocks and its tasks. Each word is followed by what it expects, in any order. */
#include <inttypes.h>
#include <string.h>

#include "test/scenario/play.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

struct text {
    const char *word, *found;
};
struct number {
    const char *word;
    int64_t found;
};
struct mark {
    const char *word;
    bool found;
    const char *otherwise;
};

/* Each finds its word among its own: 0 there is none, 1 as expected, -1 not, and the problem says so. */
static int expect_text(struct play *play, struct words *words, const char *word, const struct text *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, texts[i].word) == 0)
            return play_same_text(play, word, words_take(words), texts[i].found) ? 1 : -1;
    return 0;
}

static int expect_number(struct play *play, struct words *words, const char *word, const struct number *numbers,
                         size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, numbers[i].word) == 0)
            return play_same_number(play, word, words, numbers[i].found) ? 1 : -1;
    return 0;
}

static int expect_moment(struct play *play, struct words *words, const char *word, const struct number *moments,
                         size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, moments[i].word) == 0)
            return play_same_moment(play, word, words, moments[i].found) ? 1 : -1;
    return 0;
}

static int expect_mark(struct play *play, const char *word, const struct mark *marks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, marks[i].word) == 0)
            return marks[i].found || play_fail(play, "%s", marks[i].otherwise) ? 1 : -1;
    return 0;
}

static int expect_state(struct play *play, const char *word, const struct enum_desc *states, int found)
{
    if (enum_value(states, word) < 0)
        return 0;
    return enum_value(states, word) == found || play_fail(play, "it is %s, expected %s", enum_name(states, found), word)
               ? 1
               : -1;
}

/* ---- clocks ---- */

/* The last one of that kind: of a department that assists, if it is named; else of the case or its lead. */
static const struct clock *find_clock(const struct case_file *record, const char *kind, const char *department)
{
    const struct clock *found = NULL;
    for (size_t i = 0; i < record->clocks.count; i++) {
        const struct clock *clock = &record->clocks.items[i];
        const struct task *task = case_task(record, clock->task);
        bool meant =
            *department ? task && strcmp(task->department, department) == 0 : !task || task->role != TASK_ROLE_ASSIST;
        if (meant && strcmp(enum_name(&clock_kind_desc, (int)clock->kind), kind) == 0)
            found = clock;
    }
    return found;
}

static int expect_clock_word(struct play *play, struct words *words, const char *word, const struct clock *clock)
{
    const struct text texts[] = { { "acknowledged-by", clock->acknowledged_by },
                                  { "rule", clock->rule },
                                  { "by-calendar", clock->calendar } };
    const struct number numbers[] = {
        { "of-task", clock->task },          { "pauses", (int64_t)clock->pauses.count },
        { "extensions", clock->extensions }, { "link", clock->link },
        { "warned", clock->warned },         { "level", clock->level },
    };
    const struct number moments[] = {
        { "from", clock->armed_at_ms },         { "deadline", clock->deadline_ms },
        { "warning", clock->warn_at_ms },       { "fired-at", clock->fired_at_ms },
        { "stopped-at", clock->stopped_at_ms }, { "escalation", clock->escalate_at_ms },
    };
    int result = expect_state(play, word, &clock_state_desc, (int)clock->state);
    result = result ? result : expect_text(play, words, word, texts, COUNT(texts));
    result = result ? result : expect_number(play, words, word, numbers, COUNT(numbers));
    return result ? result : expect_moment(play, words, word, moments, COUNT(moments));
}

/* clock KIND [of DEPARTMENT] none | words of it, up to the first that is none */
static bool expect_clock(struct play *play, struct words *words, const struct case_file *record)
{
    const char *kind = words_take(words), *department = words_take_if(words, "of") ? words_take(words) : "";
    if (enum_value(&clock_kind_desc, kind) < 0)
        return play_fail(play, "no clock is called '%s'", kind);
    const struct clock *clock = find_clock(record, kind, department);
    if (words_take_if(words, "none"))
        return !clock || play_fail(play, "there is a clock '%s'", kind);
    if (!clock)
        return play_fail(play, "there is no clock '%s'", kind);
    int result = 1;
    while (result > 0 && words->next < words->count) {
        int before = words->next;
        result = expect_clock_word(play, words, words_take(words), clock);
        words->next = result ? words->next : before;
    }
    if (result < 0)
        buffer_format(&play->problem, " (of the clock %s)", kind);
    return result >= 0;
}

/* ---- tasks ---- */

/* Those who were asked, each if all are meant, else those whose offer is open: "w-001 w-002". */
static const char *asked(struct play *play, const struct task *task, bool all)
{
    const char *list = "";
    for (size_t i = 0; i < task->offers.count; i++)
        if (all || !task->offers.items[i].ended_at_ms)
            list = arena_format(&play->town.arena, "%s%s%s", list, *list ? " " : "", task->offers.items[i].worker);
    return list;
}

static bool expect_task_word(struct play *play, struct words *words, const char *word, const struct task *task)
{
    const struct text texts[] = {
        { "worker", task->worker }, { "done-by", task->done_by },         { "note", task->note },
        { "rule", task->rule },     { "asked", asked(play, task, true) }, { "offered-to", asked(play, task, false) }
    };
    const struct number moments[] = { { "offered-at", task->offered_at_ms },
                                      { "received-at", task->received_at_ms },
                                      { "taken-at", task->taken_at_ms },
                                      { "arrived-at", task->arrived_at_ms },
                                      { "done-at", task->done_at_ms } };
    const struct number numbers[] = { { "photos", (int64_t)task->media.count } };
    int result = expect_state(play, word, &task_state_desc, (int)task->state);
    result = result ? result : expect_text(play, words, word, texts, COUNT(texts));
    result = result ? result : expect_moment(play, words, word, moments, COUNT(moments));
    result = result ? result : expect_number(play, words, word, numbers, COUNT(numbers));
    return result ? result > 0 : play_fail(play, "a task has no '%s'", word);
}

/* task NAME ROLE DEPARTMENT none | words of it: the last one */
bool play_expect_task(struct play *play, struct words *words)
{
    struct case_file record;
    const struct task *found = NULL;
    if (!play_case(play, words_take(words), &record))
        return false;
    const char *role = words_take(words), *department = words_take(words);
    if (enum_value(&task_role_desc, role) < 0)
        return play_fail(play, "no task is a '%s'", role);
    for (size_t i = 0; i < record.tasks.count; i++) {
        const struct task *task = &record.tasks.items[i];
        if (enum_value(&task_role_desc, role) == (int)task->role && strcmp(task->department, department) == 0)
            found = task;
    }
    if (words_take_if(words, "none"))
        return !found || play_fail(play, "department %s has a %s task", department, role);
    if (!found)
        return play_fail(play, "department %s has no %s task", department, role);
    while (words->next < words->count)
        if (!expect_task_word(play, words, words_take(words), found))
            return false;
    return true;
}

/* ---- cases ---- */

/* merged-into, split-from: another case, or `none` */
static bool expect_other(struct play *play, struct words *words, const char *word, const char *found)
{
    struct case_file other;
    if (words_take_if(words, "none"))
        return play_same_text(play, word, "", found);
    return play_case(play, words_take(words), &other) && play_same_text(play, word, other.number, found);
}

static int expect_case_text(struct play *play, struct words *words, const char *word, const struct case_file *record)
{
    const struct task *lead = case_lead_task(record);
    const struct text texts[] = {
        { "state", enum_name(&case_state_desc, (int)record->state) },
        { "department", record->department },
        { "worker", lead ? lead->worker : "" },
        { "task", lead ? enum_name(&task_state_desc, (int)lead->state) : "none" },
        { "number", record->number },
        { "service", record->service },
        { "condition", record->condition },
        { "title", record->title },
        { "rule", record->route_rule },
        { "filed-by", record->filed_by },
        { "verified-by", record->verified_by },
        { "checked-by", record->checked_by },
        { "closed-by", record->closed_by },
        { "supervised-by", record->supervised_by },
        { "request", enum_name(&verb_desc, (int)record->request.verb) },
        { "appeal", enum_name(&appeal_desc, (int)record->appeal) },
    };
    return expect_text(play, words, word, texts, COUNT(texts));
}

static int expect_case_number(struct play *play, struct words *words, const char *word, const struct case_file *record)
{
    const struct number numbers[] = {
        { "priority", record->priority },
        { "voices", (int64_t)record->voices.count },
        { "photos", (int64_t)record->media.count },
        { "urged", record->urged },
        { "returned", record->returned },
        { "reworked", record->reworked },
        { "extended", record->extended },
        { "suspended", record->suspended },
        { "reopened", record->reopened },
        { "transferred", record->transferred },
        { "handed-up", record->handed_up },
        { "reclassified", record->reclassified },
        { "score", record->score },
        { "revision", record->revision },
        { "tasks", (int64_t)record->tasks.count },
        { "clocks", (int64_t)record->clocks.count },
    };
    return expect_number(play, words, word, numbers, COUNT(numbers));
}

static int expect_case_moment(struct play *play, struct words *words, const char *word, const struct case_file *record)
{
    const struct number moments[] = {
        { "reported-at", record->reported_at_ms },     { "accepted-at", record->accepted_at_ms },
        { "dispatched-at", record->dispatched_at_ms }, { "received-at", record->received_at_ms },
        { "disposed-at", record->disposed_at_ms },     { "checked-at", record->checked_at_ms },
        { "closed-at", record->closed_at_ms },         { "verified-at", record->verified_at_ms },
        { "answered-at", record->answered_at_ms },     { "suspended-until", record->suspended_until_ms },
        { "deadline", record->deadline_ms },
    };
    return expect_moment(play, words, word, moments, COUNT(moments));
}

static int expect_case_mark(struct play *play, const char *word, const struct case_file *record)
{
    const struct mark marks[] = {
        { "overdue", record->overdue, "it is not overdue" },
        { "in-time", !record->overdue, "it is overdue" },
        { "unfounded", record->unfounded, "it is not marked as unfounded" },
        { "founded", record->verified_at_ms && !record->unfounded, "nobody found that it is so" },
        { "self-disposed", record->self_disposed, "it was not disposed by who reported it" },
        { "for-triage", record->no_rule, "a rule matched it" },
        { "urgent", record->urgent, "nobody wrote an urgent word" },
        { "calm", !record->urgent, "somebody wrote an urgent word" },
    };
    return expect_mark(play, word, marks, COUNT(marks));
}

static bool expect_case_word(struct play *play, struct words *words, const char *word, const struct case_file *record)
{
    if (strcmp(word, "clock") == 0)
        return expect_clock(play, words, record);
    if (strcmp(word, "merged-into") == 0)
        return expect_other(play, words, word, record->merged_into);
    if (strcmp(word, "split-from") == 0)
        return expect_other(play, words, word, record->split_from);
    int result = expect_case_text(play, words, word, record);
    result = result ? result : expect_case_number(play, words, word, record);
    result = result ? result : expect_case_moment(play, words, word, record);
    result = result ? result : expect_case_mark(play, word, record);
    return result ? result > 0 : play_fail(play, "a case has no '%s'", word);
}

bool play_expect_case(struct play *play, struct words *words)
{
    struct case_file record;
    if (!play_case(play, words_take(words), &record))
        return false;
    while (words->next < words->count)
        if (!expect_case_word(play, words, words_take(words), &record))
            return false;
    return true;
}
