#include "tools/citysim/staff.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/crypto.h"
#include "proto/base/log.h"
#include "proto/record/command.h"
#include "proto/record/notice.h"
#include "tools/client/events.h"

enum {
    RETRY_MS = 300,
    TUNNEL_ONE_IN = 40, /* after so many steps, on average, a handset is in a tunnel … */
    TUNNEL_MS = 1500,   /* … for so long */
    RETURN_ONE_IN = 50, /* dispatches that the worker finds to be somebody else's */
    COMMAND_TRIES_MAX = 200,
};

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

/* A case that a person has heard of and has not yet done with. */
struct job {
    char number[64];
    int64_t heard_mono_ms; /* 0: from the list at sign-in */
    bool delivered;        /* heard as a dispatch or assignment, on a handset */
    bool again;            /* heard of once more while it was being worked on */
    struct job *next;
};

/* A command on its way: the same id at every try. */
struct order {
    char id[33];
    char number[64];
    enum verb verb;
    struct buffer body;
    int tries;
    json_t *record;
};

struct person {
    struct staff *staff;
    const struct book_person *book;
    const char *door;
    char *token;
    struct event_reader reader;
    char topic[80];
    bool listening; /* the list was opened once: `list` is its place in the ledger */
    size_t list;
    struct http_stream *stream;
    struct loop_timer again; /* sign in, listen, try again */
    struct loop_timer think; /* the next look at the first job */
    struct job *jobs;        /* in the order of hearing; the first one is being worked on when `busy` */
    bool busy;
    struct order order;
    char photo_hash[HASH_HEX];
    size_t share, of; /* operators share the cases by their numbers */
};

struct staff {
    struct city *city;
    struct bytes photo;
    struct person *people;
    size_t count;
};

static void take_next(struct person *person);
static int listen_now(void *context);

/* ---- calls with the person's session ---- */

static void call(struct person *person, const char *method, const char *type, struct bytes body, http_done *done,
                 const char *path_format, ...) __attribute__((format(printf, 6, 7)));
static void call(struct person *person, const char *method, const char *type, struct bytes body, http_done *done,
                 const char *path_format, ...)
{
    char path[256], url[512];
    va_list args;
    va_start(args, path_format);
    vsnprintf(path, sizeof path, path_format, args);
    va_end(args);
    snprintf(url, sizeof url, "%s%s", person->door, path);
    http_send(person->staff->city->http,
              &(struct http_call){ .method = method,
                                   .url = url,
                                   .content_type = type,
                                   .body = body,
                                   .token = person->token,
                                   .timeout_ms = 5000 },
              done, person);
}

static bool worth_a_retry(int status)
{
    return status == 0 || status == 429 || status >= 500;
}

/* ---- acting on a case ---- */

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
    take_next(person);
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
    if (worth_a_retry(status)) {
        if (++order->tries < COMMAND_TRIES_MAX) {
            person->think.fire = order_send;
            loop_timer_arm(city->loop, &person->think, RETRY_MS);
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
    call(person, "POST", "application/json", buffer_view(&order->body), order_answered, "/api/cases/%s/%s",
         order->number, enum_name(&verb_desc, (int)order->verb));
    return 0;
}

/* A worker of the own department on duty now; NULL where there is none. */
static const struct book_person *pick_worker(struct person *person)
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

static const char *lead_worker(json_t *record)
{
    json_t *tasks = json_object_get(record, "tasks");
    const char *worker = json_string_value(json_object_get(json_array_get(tasks, json_array_size(tasks) - 1), "worke"
                                                                                                              "r"));
    return worker ? worker : "";
}

static bool lead_is_done(json_t *record)
{
    json_t *tasks = json_object_get(record, "tasks");
    return json_integer_value(json_object_get(json_array_get(tasks, json_array_size(tasks) - 1), "done_at_ms")) > 0;
}

/* Would this person do that now? */
static bool wants(struct person *person, enum verb verb, json_t *record)
{
    bool worker_named = *lead_worker(record) != 0;
    if (person->book->role != ROLE_LIAISON)
        return true;
    if (verb == VERB_ASSIGN)
        return !worker_named && pick_worker(person) != NULL;
    if (verb == VERB_DISPOSE) /* somebody was sent out: wait for him, then report for the department */
        return !worker_named || lead_is_done(record);
    return true;
}

static enum verb choose(struct person *person, json_t *record, json_t *offered)
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
    snprintf(order->id, sizeof order->id, "%016" PRIx64 "%016" PRIx64, dice_throw(&city->dice),
             dice_throw(&city->dice));
    json_t *body = json_pack("{s:s, s:o}", "id", order->id, "media", json_array());
    if (verb == VERB_RETURN)
        json_object_set_new(body, "reason", json_string("不属于本部门职责范围"));
    if (verb == VERB_DISPATCH && !json_is_object(json_object_get(seen, "route")))
        json_object_set_new(body, "to_department", json_string(pick_department(city)));
    if (verb == VERB_ASSIGN)
        json_object_set_new(body, "to_worker", json_string(pick_worker(person)->id));
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
    else if (!worth_a_retry(status))
        log_error("a photo was refused", "status=%d answer=%.*s", status, (int)answer.size, (const char *)answer.data);
    json_decref(body);
    person->busy = false;
    take_next(person);
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
        if (worth_a_retry(status)) {
            person->busy = false;
            loop_timer_arm(city->loop, &person->think, RETRY_MS);
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
    enum verb verb = choose(person, record, json_object_get(body, "verbs"));
    if (verb == VERB_DISPOSE && !*person->photo_hash && person->staff->photo.size)
        call(person, "POST", "image/jpeg", person->staff->photo, photo_stored, "/api/media");
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
    call(person, "GET", NULL, (struct bytes){ 0 }, case_seen, "/api/cases/%s", person->jobs->number);
    return 0;
}

static void take_next(struct person *person)
{
    if (person->busy || !person->jobs || person->think.armed)
        return;
    struct city *city = person->staff->city;
    person->think.fire = look;
    loop_timer_arm(city->loop, &person->think, dice_gap_ms(&city->dice, (double)city->options->think_ms));
}

static struct job *hear_of(struct person *person, const char *number)
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
    take_next(person);
    return job;
}

/* ---- the live list ---- */

static bool is_mine(const struct person *person, const char *number)
{
    uint64_t sum = 0;
    for (; *number; number++)
        sum = sum * 31 + (unsigned char)*number;
    return person->of <= 1 || sum % person->of == person->share;
}

static void notice_heard(void *context, uint64_t id, const char *name, const char *data)
{
    struct person *person = context;
    struct ledger *ledger = &person->staff->city->ledger;
    if (!person->listening) {
        person->listening = true;
        person->list = ledger_list_begun(ledger, person->topic, id);
    }
    if (strcmp(name, "notice") != 0)
        return; /* "hello" says where the list begins */
    if (!ledger_notice(ledger, person->list, id)) {
        log_error("a notice came twice", "who=%s seq=%" PRIu64, person->book->id, id);
        return;
    }
    json_t *notice = json_loads(data, 0, NULL);
    const char *number = json_string_value(json_object_get(notice, "case_number"));
    const char *verb = json_string_value(json_object_get(notice, "verb"));
    if (number && *number && verb && is_mine(person, number)) {
        struct job *job = hear_of(person, number);
        bool dispatch = strcmp(verb, "dispatch") == 0 || strcmp(verb, "assign") == 0;
        if (person->book->role == ROLE_WORKER && dispatch && !job->delivered) {
            job->delivered = true;
            job->heard_mono_ms = clock_mono_ms();
        }
    }
    json_decref(notice);
}

static void stream_piece(void *context, struct bytes piece)
{
    struct person *person = context;
    event_reader_feed(&person->reader, piece, notice_heard, person);
    if (person->book->role == ROLE_WORKER && !person->staff->city->resting &&
        dice_below(&person->staff->city->dice, TUNNEL_ONE_IN) == 0)
        loop_timer_arm(person->staff->city->loop, &person->again, 0); /* into a tunnel, outside of libcurl's callback */
}

static void stream_closed(void *context, int status)
{
    struct person *person = context;
    person->stream = NULL;
    log_debug("a live list ended", "who=%s status=%d", person->book->id, status);
    if (!person->again.armed)
        loop_timer_arm(person->staff->city->loop, &person->again, RETRY_MS);
}

static int listen_now(void *context)
{
    struct person *person = context;
    struct city *city = person->staff->city;
    if (person->stream) { /* the tunnel: the connection is gone, the way back takes a while */
        http_stream_close(person->stream);
        person->stream = NULL;
        loop_timer_arm(city->loop, &person->again, TUNNEL_MS);
        return 0;
    }
    event_reader_reset(&person->reader);
    char url[512], last[64];
    snprintf(url, sizeof url, "%s/api/stream", person->door);
    snprintf(last, sizeof last, "Last-Event-ID: %" PRIu64, person->reader.id);
    person->stream = http_stream_open(
        city->http,
        &(struct http_call){
            .method = "GET", .url = url, .token = person->token, .header = person->reader.has_id ? last : NULL },
        stream_piece, stream_closed, person);
    return 0;
}

/* ---- signing in ---- */

static void list_seen(void *context, int status, struct bytes answer)
{
    struct person *person = context;
    json_t *body = status == 200 ? json_loadb((const char *)answer.data, answer.size, 0, NULL) : NULL;
    size_t i;
    json_t *record;
    json_array_foreach(json_object_get(body, "cases"), i, record)
    {
        const char *number = json_string_value(json_object_get(record, "number"));
        if (number && is_mine(person, number))
            hear_of(person, number);
    }
    json_decref(body);
}

static int sign_in(void *context);

static void signed_in(void *context, int status, struct bytes answer)
{
    struct person *person = context;
    struct loop *loop = person->staff->city->loop;
    json_t *body = json_loadb((const char *)answer.data, answer.size, 0, NULL);
    const char *token = json_string_value(json_object_get(body, "token"));
    if (token) {
        person->token = strdup(token);
        person->again.fire = listen_now;
        listen_now(person);
        call(person, "GET", NULL, (struct bytes){ 0 }, list_seen, "/api/cases?list=%s&limit=100",
             strcmp(person->topic, "desk") == 0 ? "open" : person->topic); /* lists and topics share their names */
    } else {
        if (!worth_a_retry(status))
            log_error("sign-in was refused", "who=%s status=%d answer=%.*s", person->book->id, status, (int)answer.size,
                      (const char *)answer.data);
        loop_timer_arm(loop, &person->again, 2000);
    }
    json_decref(body);
}

static int sign_in(void *context)
{
    struct person *person = context;
    json_t *body =
        json_pack("{s:s, s:s, s:b}", "login", person->book->id, "password", person->staff->city->password, "app", 1);
    char *text = json_dumps(body, JSON_COMPACT);
    call(person, "POST", "application/json", (struct bytes){ (const uint8_t *)text, strlen(text) }, signed_in,
         "/api/session");
    free(text);
    json_decref(body);
    return 0;
}

static bool has_habits(enum role role)
{
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
        if (habits[i].role == role)
            return true;
    return false;
}

int staff_start(struct city *city, struct bytes photo, struct staff **out, struct fault *fault)
{
    struct staff *staff = calloc(1, sizeof *staff);
    if (!staff || !(staff->people = calloc(city->book->person_count + 1, sizeof *staff->people))) {
        free(staff);
        return fault_set(fault, -ENOMEM, "staff: out of memory");
    }
    staff->city = city;
    staff->photo = photo;
    size_t operators = 0;
    for (size_t i = 0; i < city->book->person_count; i++)
        operators += city->book->people[i].role == ROLE_OPERATOR;
    size_t operator_now = 0;
    for (size_t i = 0; i < city->book->person_count; i++) {
        const struct book_person *book = &city->book->people[i];
        if (!has_habits(book->role) || !book_on_duty(city->book, book, clock_now_ms()))
            continue;
        struct person *person = &staff->people[staff->count++];
        bool centre = book->role == ROLE_OPERATOR || book->role == ROLE_LEADER;
        *person = (struct person){ .staff = staff, .book = book };
        snprintf(person->topic, sizeof person->topic, "%s%s",
                 centre                       ? "desk"
                 : book->role == ROLE_LIAISON ? "dept/"
                                              : "worker/",
                 centre                       ? ""
                 : book->role == ROLE_LIAISON ? book->department->code
                                              : book->id);
        person->door = centre ? city->options->wall : city->options->field;
        person->again = (struct loop_timer){ .fire = sign_in, .context = person };
        person->think = (struct loop_timer){ .fire = look, .context = person };
        if (book->role == ROLE_OPERATOR) {
            person->share = operator_now++;
            person->of = operators;
        }
        loop_timer_arm(city->loop, &person->again,
                       (int64_t)staff->count * 20); /* a password hash costs the door 30 ms */
    }
    *out = staff;
    return 0;
}

bool staff_idle(const struct staff *staff)
{
    for (size_t i = 0; i < staff->count; i++)
        if (staff->people[i].jobs)
            return false;
    return true;
}

void staff_stop(struct staff *staff)
{
    if (!staff)
        return;
    for (size_t i = 0; i < staff->count; i++) {
        struct person *person = &staff->people[i];
        loop_timer_disarm(staff->city->loop, &person->again);
        loop_timer_disarm(staff->city->loop, &person->think);
        while (person->jobs) {
            struct job *next = person->jobs->next;
            free(person->jobs);
            person->jobs = next;
        }
        order_finish(&person->order);
        event_reader_finish(&person->reader);
        free(person->token);
    }
    free(staff->people);
    free(staff);
}
