#include "tools/citysim/staff.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "tools/citysim/person.h"

enum {
    TUNNEL_ONE_IN = 40, /* after so many steps, on average, a handset is in a tunnel … */
    TUNNEL_MS = 1500,   /* … for so long */
};

static int listen_now(void *context);

/* ---- calls with the person's session ---- */

void person_call(struct person *person, const char *method, const char *type, struct bytes body, http_done *done,
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

bool person_should_retry(int status)
{
    return status == 0 || status == 429 || status >= 500;
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
        struct job *job = errand_hear(person, number);
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
        loop_timer_arm(person->staff->city->loop, &person->again, PERSON_RETRY_MS);
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
            errand_hear(person, number);
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
        person_call(person, "GET", NULL, (struct bytes){ 0 }, list_seen, "/api/cases?list=%s&limit=100",
                    strcmp(person->topic, "desk") == 0 ? "open"
                                                       : person->topic); /* lists and topics share their names */
    } else {
        if (!person_should_retry(status))
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
    person_call(person, "POST", "application/json", (struct bytes){ (const uint8_t *)text, strlen(text) }, signed_in,
                "/api/session");
    free(text);
    json_decref(body);
    return 0;
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
        if (!habits_has(book->role) || !book_on_duty(city->book, book, clock_now_ms()))
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
        person->think = (struct loop_timer){ .context = person };
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
        errand_finish(person);
        event_reader_finish(&person->reader);
        free(person->token);
    }
    free(staff->people);
    free(staff);
}
