#include "dispatcher/engine/notices.h"

#include <inttypes.h>
#include <string.h>

enum { NOTICE_TEXT_BYTES = 500, ALWAYS_TOPICS = 4 /* desk, leader, wall, a person */ };

enum audience {
    TO_DESK = 1,
    TO_WALL = 2,
    TO_DEPARTMENT = 4,
    TO_WORKER = 8,
    TO_REPORTERS = 16,
    TO_LEADER = 32,
    TO_SUPERVISOR = 64
};
#define TO_FIELD (TO_DEPARTMENT | TO_WORKER)

/* X(verb, audience). The wall hears whatever moves a number; a reporter hears the stages, not what happens inside the city; the shift leader
 * hears what is asked; who supervises hears what that has come to. Departments and workers are all those that have a task, and those whom it
 * has just left. */
#define AUDIENCES(X) \
    X(REPORT, TO_DESK | TO_WALL | TO_REPORTERS) \
    X(ATTACH, TO_DESK | TO_FIELD | TO_REPORTERS) \
    X(VERIFY, TO_DESK | TO_WALL | TO_WORKER) \
    X(CONFIRM, TO_DESK | TO_WALL) \
    X(UNFOUNDED, TO_DESK | TO_WALL) \
    X(ACCEPT, TO_DESK | TO_WALL | TO_WORKER | TO_REPORTERS) \
    X(REFUSE, TO_DESK | TO_WALL | TO_WORKER | TO_SUPERVISOR | TO_REPORTERS) \
    X(SELF_DISPOSE, TO_DESK | TO_WALL | TO_FIELD | TO_REPORTERS) \
    X(RECLASSIFY, TO_DESK | TO_WALL | TO_WORKER) \
    X(DISPATCH, TO_DESK | TO_WALL | TO_FIELD | TO_REPORTERS) \
    X(RECEIVE, TO_DESK | TO_WALL | TO_FIELD) \
    X(ASSIGN, TO_DESK | TO_FIELD) \
    X(OFFER, TO_DESK | TO_FIELD) \
    X(TAKE, TO_DESK | TO_WALL | TO_FIELD) \
    X(ARRIVE, TO_DESK | TO_WALL | TO_FIELD) \
    X(ADVANCE, TO_DESK | TO_WALL | TO_FIELD | TO_REPORTERS) \
    X(DISPOSE, TO_DESK | TO_WALL | TO_FIELD | TO_SUPERVISOR | TO_REPORTERS) \
    X(RETURN, TO_DESK | TO_WALL | TO_FIELD | TO_LEADER) \
    X(CONFIRM_RETURN, TO_DESK | TO_WALL | TO_FIELD) \
    X(DENY_RETURN, TO_DESK | TO_WALL | TO_FIELD) \
    X(TRANSFER, TO_DESK | TO_WALL | TO_FIELD | TO_REPORTERS) \
    X(HAND_UP, TO_DESK | TO_WALL | TO_FIELD | TO_REPORTERS) \
    X(JOIN, TO_DESK | TO_FIELD) \
    X(RELEASE, TO_DESK | TO_FIELD) \
    X(EXTEND, TO_DESK | TO_DEPARTMENT | TO_LEADER) \
    X(GRANT_EXTENSION, TO_DESK | TO_WALL | TO_FIELD | TO_REPORTERS) \
    X(DENY_EXTENSION, TO_DESK | TO_DEPARTMENT) \
    X(SUSPEND, TO_DESK | TO_DEPARTMENT | TO_LEADER) \
    X(GRANT_SUSPENSION, TO_DESK | TO_WALL | TO_FIELD | TO_REPORTERS) \
    X(DENY_SUSPENSION, TO_DESK | TO_DEPARTMENT) \
    X(RESUME, TO_DESK | TO_WALL | TO_FIELD | TO_REPORTERS) \
    X(CHECK, TO_DESK | TO_WALL | TO_FIELD) \
    X(REWORK, TO_DESK | TO_WALL | TO_FIELD | TO_REPORTERS) \
    X(CLOSE, TO_DESK | TO_WALL | TO_DEPARTMENT | TO_REPORTERS) \
    X(RATE, TO_DESK | TO_WALL | TO_DEPARTMENT | TO_REPORTERS) \
    X(REOPEN, TO_DESK | TO_WALL | TO_FIELD | TO_LEADER | TO_REPORTERS) \
    X(URGE, TO_DESK | TO_FIELD) \
    X(SUPERVISE, TO_DESK | TO_WALL | TO_FIELD | TO_LEADER | TO_SUPERVISOR | TO_REPORTERS) \
    X(END_SUPERVISION, TO_DESK | TO_WALL | TO_FIELD | TO_SUPERVISOR) \
    X(REPLY, TO_DESK | TO_DEPARTMENT | TO_REPORTERS) \
    X(NOTE, TO_DESK | TO_FIELD) \
    X(EVIDENCE, TO_DESK) \
    X(ACKNOWLEDGE, TO_DESK | TO_DEPARTMENT) \
    X(MERGE, TO_DESK | TO_WALL | TO_FIELD | TO_SUPERVISOR | TO_REPORTERS) \
    X(UNMERGE, TO_DESK | TO_WALL | TO_FIELD | TO_REPORTERS) \
    X(SPLIT, TO_DESK | TO_WALL | TO_FIELD | TO_REPORTERS) \
    X(CANCEL, TO_DESK | TO_WALL | TO_FIELD | TO_SUPERVISOR | TO_REPORTERS) \
    X(APPEAL, TO_DESK | TO_DEPARTMENT | TO_LEADER) \
    X(GRANT_APPEAL, TO_DESK | TO_WALL | TO_DEPARTMENT) \
    X(DENY_APPEAL, TO_DESK | TO_DEPARTMENT)

static const unsigned audiences[] = {
#define AUDIENCE_ROW(verb, audience) [VERB_##verb] = audience,
    AUDIENCES(AUDIENCE_ROW)
#undef AUDIENCE_ROW
};

/* X(clock, who hears its warning, who hears that it ran out); the resume clock only ends a pause. */
#define CLOCK_AUDIENCES(X) \
    X(ACCEPT, TO_DESK, TO_DESK | TO_WALL) \
    X(DISPATCH, TO_DESK, TO_DESK | TO_WALL) \
    X(RECEIVE, TO_FIELD, TO_DESK | TO_WALL | TO_FIELD) \
    X(DISPOSE, TO_FIELD, TO_DESK | TO_WALL | TO_FIELD | TO_REPORTERS) \
    X(CHECK, TO_DESK | TO_WORKER, TO_DESK | TO_WALL | TO_WORKER) \
    X(VERIFY, TO_DESK | TO_WORKER, TO_DESK | TO_WALL | TO_WORKER) \
    X(TAKE, TO_WORKER, TO_FIELD) \
    X(RESPOND, TO_FIELD, TO_DESK | TO_FIELD) \
    X(ANSWER, TO_DESK | TO_DEPARTMENT, TO_DESK | TO_WALL | TO_DEPARTMENT) \
    X(SUPERVISE, TO_SUPERVISOR | TO_FIELD, TO_DESK | TO_WALL | TO_LEADER | TO_SUPERVISOR | TO_FIELD) \
    X(TIER, TO_FIELD, TO_DESK | TO_FIELD) \
    X(CLOSE, TO_DESK, TO_DESK | TO_WALL)

static const struct {
    unsigned warn, overdue;
} clock_audiences[] = {
#define CLOCK_AUDIENCE_ROW(kind, warn_, overdue_) [CLOCK_##kind] = { warn_, overdue_ },
    CLOCK_AUDIENCES(CLOCK_AUDIENCE_ROW)
#undef CLOCK_AUDIENCE_ROW
};

void names_add(struct arena *arena, struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return;
    if (!*name)
        return;
    if (names->count == names->room) {
        names->room = names->room ? 2 * names->room : 8;
        const char **items = arena_array(arena, names->room, sizeof *items);
        if (names->count)
            memcpy(items, names->items, names->count * sizeof *items);
        names->items = items;
    }
    names->items[names->count++] = name;
}

/* Room was made before. */
static void add(struct topic_list *topics, const char *name)
{
    topics->items[topics->count++] = (struct topic){ .name = name };
}

/* PREFIX/NAME, without a format to parse: some two for each notice. */
static const char *joined(struct arena *arena, const char *prefix, const char *name)
{
    size_t before = strlen(prefix), length = strlen(name);
    char *text = arena_alloc(arena, before + 1 + length + 1);
    memcpy(text, prefix, before);
    text[before] = '/';
    memcpy(text + before + 1, name, length);
    return text;
}

static void add_named(struct topic_list *topics, const struct draft *draft, const char *prefix, const char *name)
{
    if (*name)
        add(topics, joined(draft->in->arena, prefix, name));
}

static void add_names(struct topic_list *topics, const struct draft *draft, const char *prefix,
                      const struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        add_named(topics, draft, prefix, names->items[i]);
}

/* Each voice's thread, or (not 0) that of one alone. */
static void add_reporters(struct topic_list *topics, const struct draft *draft, int64_t only_seq)
{
    const struct voice_list *voices = &draft->record.voices;
    for (size_t i = 0; i < voices->count; i++)
        if (!only_seq || voices->items[i].seq == only_seq)
            add(topics, arena_format(draft->in->arena, "receipt/%" PRId64, voices->items[i].seq));
}

static struct notice notice_of(const struct draft *draft, enum verb verb, const char *text)
{
    const struct case_file *record = &draft->record;
    return (struct notice){
        .case_id = record->id,
        .case_number = record->number,
        .verb = verb,
        .state = record->state,
        .revision = record->revision,
        .at_ms = draft->in->now_ms,
        .title = record->title,
        .text = text ? draft_cut(draft->in, text, NOTICE_TEXT_BYTES) : "",
        .deadline_ms = record->deadline_ms,
        .priority = record->priority,
        .department = record->department,
        .area = record->place.area,
    };
}

static void add_all(struct arena *arena, struct names *names, const struct names *more)
{
    for (size_t i = 0; i < more->count; i++)
        names_add(arena, names, more->items[i]);
}

static struct names departments_of(const struct draft *draft, const struct telling *telling)
{
    struct arena *arena = draft->in->arena;
    struct names names = { 0 };
    names_add(arena, &names, draft->record.department);
    for (size_t i = 0; i < draft->record.tasks.count; i++) {
        const struct task *task = &draft->record.tasks.items[i];
        if (task_is_disposal(task) && case_has_task_now(&draft->record, task))
            names_add(arena, &names, task->department);
    }
    add_all(arena, &names, &telling->departments);
    return names;
}

static struct names workers_of(const struct draft *draft, const struct telling *telling)
{
    struct arena *arena = draft->in->arena;
    struct names names = { 0 };
    for (size_t i = 0; i < draft->record.tasks.count; i++) {
        const struct task *task = &draft->record.tasks.items[i];
        if (!case_has_task_now(&draft->record, task))
            continue;
        names_add(arena, &names, task->worker);
        for (size_t k = 0; k < task->offers.count; k++)
            if (!task->offers.items[k].ended_at_ms)
                names_add(arena, &names, task->offers.items[k].worker);
    }
    add_all(arena, &names, &telling->workers);
    return names;
}

static void send_to(struct draft *draft, struct notice *notice, unsigned audience, const struct telling *telling)
{
    struct names departments = departments_of(draft, telling), workers = workers_of(draft, telling);
    const struct task *of = telling->assisting ? telling->assisting : case_lead_task(&draft->record);
    const char *supervisor = telling->supervisor ? telling->supervisor : draft->record.supervised_by;
    notice->department = of ? of->department : departments.count ? departments.items[0] : "";
    notice->worker = of ? of->worker : workers.count ? workers.items[0] : "";
    if (telling->assisting)
        audience &= ~(unsigned)(TO_WALL | TO_REPORTERS);
    if (audience & TO_REPORTERS)
        draft->record.told_at_ms = draft->in->now_ms;
    size_t room = ALWAYS_TOPICS + departments.count + workers.count + draft->record.voices.count;
    struct topic_list topics = { arena_array(draft->in->arena, room, sizeof *topics.items), 0 };
    if (audience & TO_DESK)
        add(&topics, "desk");
    if (audience & TO_LEADER)
        add(&topics, "leader");
    if (audience & TO_WALL)
        add(&topics, "wall");
    if (audience & TO_SUPERVISOR)
        add_named(&topics, draft, "person", supervisor);
    if (audience & TO_DEPARTMENT)
        add_names(&topics, draft, "dept", &departments);
    if (audience & TO_WORKER)
        add_names(&topics, draft, "worker", &workers);
    if (audience & TO_REPORTERS)
        add_reporters(&topics, draft, telling->voice_seq);
    outbox_append(draft->in->txn, notice, &topics);
}

void notices_tell(struct draft *draft, enum verb verb, const struct telling *telling)
{
    struct notice notice = notice_of(draft, verb, telling->text);
    unsigned audience = (size_t)verb < sizeof audiences / sizeof *audiences ? audiences[verb] : 0;
    send_to(draft, &notice, telling->quiet ? audience & TO_REPORTERS : audience, telling);
}

/* The department is that whose clock it is: of an assistant's task not the one that leads. */
static void send_up(struct draft *draft, struct notice *notice, const struct book_escalation *to)
{
    const struct book *book = draft->in->book;
    struct topic topic;
    struct topic_list topics = { &topic, 0 };
    const char *rule;
    switch (to->to) {
    case ESCALATE_TO_DESK:
        add(&topics, "desk");
        break;
    case ESCALATE_TO_LEADER:
        add(&topics, "leader");
        break;
    case ESCALATE_TO_DEPARTMENT:
        add_named(&topics, draft, "dept", notice->department);
        break;
    case ESCALATE_TO_NEXT_TIER: {
        const struct book_department *now = book_department(book, notice->department);
        const struct book_department *next =
            now ? book_hand_up(book, &draft->record, draft->in->now_ms, now, &rule) : NULL;
        add_named(&topics, draft, "dept", next ? next->code : notice->department);
        break;
    }
    case ESCALATE_TO_PERSON:
        add_named(&topics, draft, "person", to->person->id);
        break;
    }
    outbox_append(draft->in->txn, notice, &topics);
}

void notices_clock(struct draft *draft, enum verb verb, const struct clock *clock, const struct book_escalation *to)
{
    struct notice notice = notice_of(draft, verb, to ? to->rule : NULL);
    const struct task *task = case_task(&draft->record, clock->task);
    notice.clock = clock->kind;
    notice.deadline_ms = clock->deadline_ms;
    if (to) {
        notice.worker = task ? task->worker : "";
        notice.department = task && task_is_disposal(task) ? task->department : draft->record.department;
        send_up(draft, &notice, to);
        return;
    }
    unsigned audience = verb == VERB_WARN ? clock_audiences[clock->kind].warn : clock_audiences[clock->kind].overdue;
    send_to(draft, &notice, audience,
            &(struct telling){ .assisting = task && task->role == TASK_ROLE_ASSIST ? task : NULL });
}
