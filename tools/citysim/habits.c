#include <string.h>

#include "proto/base/clock.h"
#include "tools/citysim/person.h"

/* What a person of a role does first, of all that the door offers. */
static const struct {
    enum role role;
    enum verb verbs[6];
} habits[] = {
    { ROLE_WORKER, { VERB_TAKE, VERB_ARRIVE, VERB_DISPOSE } },
    { ROLE_LIAISON, { VERB_RECEIVE, VERB_ASSIGN, VERB_DISPOSE } },
    { ROLE_OPERATOR, { VERB_ACCEPT, VERB_DISPATCH, VERB_CHECK, VERB_CLOSE } },
    { ROLE_LEADER, { VERB_CONFIRM_RETURN } },
};

const struct book_person *habits_pick_worker(struct person *person)
{
    struct city *city = person->staff->city;
    const struct book_person *picked = NULL;
    uint64_t seen = 0;
    for (size_t i = 0; i < city->book->person_count; i++) {
        const struct book_person *other = &city->book->people[i];
        if (other->role == ROLE_WORKER && other->department == person->book->department &&
            book_on_duty(city->book, other, clock_now_ms()) && dice_below(&city->dice, ++seen) == 0)
            picked = other;
    }
    return picked;
}

/* The task that is under way: the last one. */
static json_t *current_task(json_t *record)
{
    json_t *tasks = json_object_get(record, "tasks");
    return json_array_get(tasks, json_array_size(tasks) - 1);
}

/* Would this person do that now? */
static bool wants(struct person *person, enum verb verb, json_t *record)
{
    json_t *task = current_task(record);
    bool worker_named = json_string_length(json_object_get(task, "worker")) > 0;
    if (person->book->role != ROLE_LIAISON)
        return true;
    if (verb == VERB_ASSIGN)
        return !worker_named && habits_pick_worker(person) != NULL;
    if (verb == VERB_DISPOSE) /* somebody was sent out: wait for him, then report for the department */
        return !worker_named || json_integer_value(json_object_get(task, "done_at_ms")) > 0;
    return true;
}

enum verb habits_choose(struct person *person, json_t *record, json_t *offered)
{
    const enum verb *wishes = NULL;
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
        if (habits[i].role == person->book->role)
            wishes = habits[i].verbs;
    for (size_t i = 0; wishes && i < 6 && wishes[i]; i++) {
        size_t j;
        json_t *verb;
        json_array_foreach(offered, j, verb)
        {
            const char *name = json_string_value(json_object_get(verb, "verb"));
            if (name && strcmp(name, enum_name(&verb_desc, (int)wishes[i])) == 0 && wants(person, wishes[i], record))
                return wishes[i];
        }
    }
    return VERB_NONE;
}

bool habits_has(enum role role)
{
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
        if (habits[i].role == role)
            return true;
    return false;
}
