#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "tools/citysim/person.h"

enum {
    RETURN_ONE_IN = 50, /* dispatches that the worker finds to be somebody else's */
    COMMAND_TRIES_MAX = 200,
};

/* ---- commands ---- */

static void job_done(struct person *person)
{
    struct job *job = person->jobs;
    person->busy = false;
    if (job->again) {
        job->again = false;
    } else {
        person->jobs = job->next;
        free(job);
    }
    errand_next(person);
}

static void for_each_voice(struct person *person, json_t *record, void (*seen)(struct ledger *, int64_t))
{
    size_t i;
    json_t *voice;
    json_array_foreach(json_object_get(record, "voices"), i, voice)
        seen(&person->staff->city->ledger, json_integer_value(json_object_get(voice, "seq")));
}

static void order_finish(struct order *order)
{
    buffer_finish(&order->body);
    json_decref(order->record);
    *order = (struct order){ 0 };
}

static int order_send(void *context);

static void order_answered(void *context, int status, struct bytes answer)
{
    struct person *person = context;
    struct city *city = person->staff->city;
    struct order *order = &person->order;
    if (person_should_retry(status)) {
        if (++order->tries < COMMAND_TRIES_MAX) {
            person->think.fire = order_send;
            loop_timer_arm(city->loop, &person->think, PERSON_RETRY_MS);
            return;
        }
        city->ledger.commands_lost++;
        log_error("a command got no answer", "verb=%s case=%s", enum_name(&verb_desc, (int)order->verb), order->number);
    } else if (status == 200) {
        if (order->verb == VERB_CLOSE) {
            size_t i;
            json_t *voice;
            json_array_foreach(json_object_get(order->record, "voices"), i, voice)
                ledger_closed(&city->ledger, json_integer_value(json_object_get(voice, "seq")), clock_mono_ms());
        }
        person->jobs->again = true; /* perhaps there is a next step for the same hands */
    } else if (status != 409) {     /* a colleague was faster: that is life */
        log_warn("a command was refused", "who=%s verb=%s case=%s status=%d answer=%.*s", person->book->id,
                 enum_name(&verb_desc, (int)order->verb), order->number, status, (int)answer.size,
                 (const char *)answer.data);
    }
    order_finish(order);
    job_done(person);
}

static int order_send(void *context)
{
    struct person *person = context;
    struct order *order = &person->order;
    person_call(person, "POST", "application/json", buffer_view(&order->body), order_answered, "/api/cases/%s/%s",
                order->number, enum_name(&verb_desc, (int)order->verb));
    return 0;
}

/* Where no rule of the book says it, the operator does: here, by lot. */
static const char *pick_department(struct city *city)
{
    return city->book->departments[dice_below(&city->dice, city->book->department_count)].code;
}

/* `seen`: the case as the door showed it, with its route. */
static void order_new(struct person *person, json_t *seen, enum verb verb)
{
    struct order *order = &person->order;
    struct city *city = person->staff->city;
    json_t *record = json_object_get(seen, "case");
    if (verb == VERB_TAKE && dice_below(&city->dice, RETURN_ONE_IN) == 0)
        verb = VERB_RETURN;
    order->verb = verb;
    order->record = json_incref(record);
    snprintf(order->number, sizeof order->number, "%s", person->jobs->number);
    snprintf(order->id, sizeof order->id, "%012" PRIx64 "%020" PRIx64, (uint64_t)clock_now_ms(),
             dice_throw(&city->dice));
    json_t *body = json_pack("{s:s, s:o}", "id", order->id, "media", json_array());
    if (verb == VERB_RETURN)
        json_object_set_new(body, "reason", json_string("不属于本部门职责范围"));
    if (verb == VERB_DISPATCH && !json_is_object(json_object_get(seen, "route")))
        json_object_set_new(body, "to_department", json_string(pick_department(city)));
    if (verb == VERB_ASSIGN)
        json_object_set_new(body, "to_worker", json_string(habits_pick_worker(person)->id));
    if (verb == VERB_DISPOSE && *person->photo_hash)
        json_array_append_new(json_object_get(body, "media"), json_string(person->photo_hash));
    char *text = json_dumps(body, JSON_COMPACT);
    buffer_text(&order->body, text);
    free(text);
    json_decref(body);
    city->ledger.commands++;
    order_send(person);
}

static void photo_stored(void *context, int status, struct bytes answer)
{
    struct person *person = context;
    json_t *body = json_loadb((const char *)answer.data, answer.size, 0, NULL);
    const char *hash = json_string_value(json_object_get(body, "hash"));
    if ((status == 200 || status == 201) && hash)
        snprintf(person->photo_hash, sizeof person->photo_hash, "%s", hash);
    else if (!person_should_retry(status)) {
        log_error("a photo was refused", "status=%d answer=%.*s", status, (int)answer.size, (const char *)answer.data);
        person->staff->photo = (struct bytes){ 0 }; /* the next ones would be too: from here on without */
    }
    json_decref(body);
    person->busy = false;
    errand_next(person);
}

static void case_seen(void *context, int status, struct bytes answer)
{
    struct person *person = context;
    struct city *city = person->staff->city;
    struct job *job = person->jobs;
    json_t *body = status == 200 ? json_loadb((const char *)answer.data, answer.size, 0, NULL) : NULL;
    json_t *record = json_object_get(body, "case");
    if (!record) {
        json_decref(body);
        if (person_should_retry(status)) {
            person->busy = false;
            loop_timer_arm(city->loop, &person->think, PERSON_RETRY_MS);
        } else {
            job_done(person); /* not this person's any more */
        }
        return;
    }
    if (json_integer_value(json_object_get(record, "dispatched_at_ms")) > 0)
        for_each_voice(person, record, ledger_dispatched);
    if (job->delivered) {
        job->delivered = false;
        json_t *first = json_array_get(json_object_get(record, "voices"), 0);
        ledger_delivered(&city->ledger, json_integer_value(json_object_get(first, "seq")), job->heard_mono_ms);
    }
    enum verb verb = habits_choose(person, record, json_object_get(body, "verbs"));
    if (verb == VERB_DISPOSE && !*person->photo_hash && person->staff->photo.size)
        person_call(person, "POST", "image/jpeg", person->staff->photo, photo_stored, "/api/media");
    else if (verb)
        order_new(person, body, verb);
    else
        job_done(person);
    json_decref(body);
}

static int look(void *context)
{
    struct person *person = context;
    if (person->busy || !person->jobs)
        return 0;
    person->busy = true;
    person_call(person, "GET", NULL, (struct bytes){ 0 }, case_seen, "/api/cases/%s", person->jobs->number);
    return 0;
}

void errand_next(struct person *person)
{
    if (person->busy || !person->jobs || person->think.armed)
        return;
    struct city *city = person->staff->city;
    person->think.fire = look;
    loop_timer_arm(city->loop, &person->think, dice_gap_ms(&city->dice, (double)city->options->think_ms));
}

struct job *errand_hear(struct person *person, const char *number)
{
    struct job **at = &person->jobs;
    while (*at && strcmp((*at)->number, number) != 0)
        at = &(*at)->next;
    if (!*at) {
        *at = calloc(1, sizeof **at);
        if (!*at)
            abort();
        snprintf((*at)->number, sizeof(*at)->number, "%s", number);
    } else if (at == &person->jobs && person->busy) {
        (*at)->again = true;
    }
    struct job *job = *at;
    errand_next(person);
    return job;
}

void errand_finish(struct person *person)
{
    loop_timer_disarm(person->staff->city->loop, &person->think);
    while (person->jobs) {
        struct job *next = person->jobs->next;
        free(person->jobs);
        person->jobs = next;
    }
    order_finish(&person->order);
}
