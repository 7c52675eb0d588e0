#include "dispatcher/engine/notices.h"

#include <inttypes.h>

enum { NOTICE_TEXT_BYTES = 500, TOPICS_BESIDE_REPORTERS = 5 };

enum audience { TO_DESK = 1, TO_WALL = 2, TO_DEPARTMENT = 4, TO_WORKER = 8, TO_REPORTERS = 16 };

/* X(verb, audience). The wall hears whatever moves a number; a reporter hears the stages, not what happens inside the city. */
#define AUDIENCES(X) \
    X(REPORT, TO_DESK | TO_WALL | TO_REPORTERS) \
    X(ATTACH, TO_DESK | TO_DEPARTMENT | TO_WORKER | TO_REPORTERS) \
    X(ACCEPT, TO_DESK | TO_WALL | TO_REPORTERS) \
    X(REFUSE, TO_DESK | TO_WALL | TO_REPORTERS) \
    X(DISPATCH, TO_DESK | TO_WALL | TO_DEPARTMENT | TO_WORKER | TO_REPORTERS) \
    X(RECEIVE, TO_DESK | TO_WALL | TO_DEPARTMENT | TO_WORKER) \
    X(ASSIGN, TO_DESK | TO_DEPARTMENT | TO_WORKER) \
    X(TAKE, TO_DESK | TO_WALL | TO_DEPARTMENT | TO_WORKER) \
    X(ARRIVE, TO_DESK | TO_WALL | TO_DEPARTMENT | TO_WORKER) \
    X(DISPOSE, TO_DESK | TO_WALL | TO_DEPARTMENT | TO_WORKER | TO_REPORTERS) \
    X(RETURN, TO_DESK | TO_WALL | TO_DEPARTMENT | TO_WORKER) \
    X(CONFIRM_RETURN, TO_DESK | TO_WALL | TO_DEPARTMENT | TO_WORKER) \
    X(DENY_RETURN, TO_DESK | TO_WALL | TO_DEPARTMENT | TO_WORKER) \
    X(CHECK, TO_DESK | TO_WALL | TO_DEPARTMENT) \
    X(REWORK, TO_DESK | TO_WALL | TO_DEPARTMENT | TO_WORKER | TO_REPORTERS) \
    X(CLOSE, TO_DESK | TO_WALL | TO_DEPARTMENT | TO_REPORTERS) \
    X(RATE, TO_DESK | TO_WALL | TO_DEPARTMENT | TO_REPORTERS) \
    X(URGE, TO_DESK | TO_DEPARTMENT | TO_WORKER) \
    X(NOTE, TO_DESK | TO_DEPARTMENT | TO_WORKER)

static const unsigned audiences[] = {
#define AUDIENCE_ROW(verb, audience) [VERB_##verb] = audience,
    AUDIENCES(AUDIENCE_ROW)
#undef AUDIENCE_ROW
};

/* X(clock, who hears its warning, who hears that it ran out) */
#define CLOCK_AUDIENCES(X) \
    X(ACCEPT, TO_DESK, TO_DESK | TO_WALL) \
    X(DISPATCH, TO_DESK, TO_DESK | TO_WALL) \
    X(RECEIVE, TO_DEPARTMENT | TO_WORKER, TO_DESK | TO_WALL | TO_DEPARTMENT | TO_WORKER) \
    X(DISPOSE, TO_DEPARTMENT | TO_WORKER, TO_DESK | TO_WALL | TO_DEPARTMENT | TO_WORKER | TO_REPORTERS) \
    X(CHECK, TO_DESK, TO_DESK | TO_WALL)

static const struct {
    unsigned warn, overdue;
} clock_audiences[] = {
#define CLOCK_AUDIENCE_ROW(kind, warn_, overdue_) [CLOCK_##kind] = { warn_, overdue_ },
    CLOCK_AUDIENCES(CLOCK_AUDIENCE_ROW)
#undef CLOCK_AUDIENCE_ROW
};

static void add(struct topic_list *topics, const char *name)
{
    topics->items[topics->count++] = (struct topic){ .name = name };
}

static void add_named(struct topic_list *topics, const struct draft *draft, const char *prefix, const char *name)
{
    if (name && *name)
        add(topics, arena_format(draft->in->arena, "%s/%s", prefix, name));
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

static void send_to(struct draft *draft, struct notice *notice, unsigned audience, const struct telling *telling)
{
    const struct task *lead = case_lead_task(&draft->record);
    const char *department = draft->record.department;
    const char *worker = lead ? lead->worker : "";
    if (telling->former_department && !*department)
        department = telling->former_department;
    if (telling->former_worker && !lead)
        worker = telling->former_worker;
    notice->department = department;
    notice->worker = worker;
    size_t room = TOPICS_BESIDE_REPORTERS + draft->record.voices.count;
    struct topic_list topics = { arena_array(draft->in->arena, room, sizeof *topics.items), 0 };
    if (audience & TO_DESK)
        add(&topics, "desk");
    if (audience & TO_WALL)
        add(&topics, "wall");
    if (audience & TO_DEPARTMENT)
        add_named(&topics, draft, "dept", department);
    if (audience & TO_WORKER)
        add_named(&topics, draft, "worker", worker);
    if (audience & TO_WORKER && telling->former_worker && lead)
        add_named(&topics, draft, "worker", telling->former_worker);
    if (audience & TO_REPORTERS)
        add_reporters(&topics, draft, telling->voice_seq);
    outbox_append(draft->in->txn, notice, &topics);
}

void notices_tell(struct draft *draft, enum verb verb, const struct telling *telling)
{
    struct notice notice = notice_of(draft, verb, telling->text);
    send_to(draft, &notice, (size_t)verb < sizeof audiences / sizeof *audiences ? audiences[verb] : 0, telling);
}

void notices_clock(struct draft *draft, enum verb verb, const struct clock *clock)
{
    struct notice notice = notice_of(draft, verb, NULL);
    notice.clock = clock->kind;
    notice.deadline_ms = clock->deadline_ms;
    unsigned audience = verb == VERB_WARN ? clock_audiences[clock->kind].warn : clock_audiences[clock->kind].overdue;
    send_to(draft, &notice, audience, &(struct telling){ 0 });
}
