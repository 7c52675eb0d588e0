#include "ingest/sources/cities/cities.h"

#include <stdlib.h>
#include <string.h>

#include "ingest/enrich/clip.h"
#include "ingest/sources/cities/handover.h"
#include "ingest/sources/cities/letter.h"
#include "ingest/sources/external.h"
#include "ingest/sources/source_metric.h"
#include "proto/base/clock.h"
#include "proto/base/crypto.h"
#include "proto/base/key_file.h"
#include "proto/base/log.h"
#include "proto/base/timestamp.h"
#include "proto/book/permit.h"
#include "proto/client/http.h"

enum {
    LOOK_MS = 1000, /* from one look at our cases to the next */
    FULL_MS = 500,  /* until an intake that was full is asked again */
    ASK_MS = 20000, /* for one answer */
    ANSWER_BYTES = 1 << 20,
    RETRY_MS = 2000, /* after the first failure; then twice as long each time */
    RETRY_MOST_MS = 15 * MS_PER_MINUTE,
    NUMBERS_MAX = 50,  /* asked for at once */
    WORDS_BYTES = 900, /* of a step's note */
};

#define CITY_CALLS(X) \
    X(CALL, HANDED_ON, "handed_on") \
    X(CALL, REFUSED, "refused") \
    X(CALL, ASKED, "asked") \
    X(CALL, FAILED, "failed")
ENUM_DECLARE(city_call, CITY_CALLS)
ENUM_DEFINE(city_call, CITY_CALLS)

struct city {
    const struct cities *cities;
    const struct book_city *book;
    const char *source; /* "city/NAME" */
    struct handovers handovers;
    struct loop_timer timer;
    struct arena arena; /* of one look and what comes of it */
    int64_t poll_at_ms; /* monotonic */
    unsigned round;     /* of polls: who was asked in this one has its number */
    int failures;       /* in a row */

    struct handover next; /* as it will be once the event under way is durable */
    struct event *event;  /* that the intake had no room for */
    struct letter_row *rows;
    size_t row_count, row_next; /* of an answer under way */
    struct metric **calls;
};

struct cities {
    struct cities_options options;
    struct http *http;
    struct arena arena;
    struct city *items;
    size_t count;
};

static void arm(struct city *city, int64_t delay_ms)
{
    loop_timer_arm(city->cities->options.loop, &city->timer, delay_ms);
}

static const char *say(const struct city *city, const char *zh, const char *en)
{
    return book_speaks_chinese(city->cities->options.book) ? zh : en;
}

/* ---- calls that fail ---- */

static int64_t asked_to_wait_ms(const struct city *city)
{
    const char *header = http_answer_header(city->cities->http, "Retry-After");
    int64_t seconds = header ? strtoll(header, NULL, 10) : 0;
    return seconds > 0 && seconds <= RETRY_MOST_MS / MS_PER_SECOND ? seconds * MS_PER_SECOND : 0;
}

static void fail(struct city *city, const char *reason, int64_t least_ms)
{
    int doublings = city->failures < 16 ? city->failures : 16;
    int64_t delay_ms = (int64_t)RETRY_MS << doublings;
    if (!city->failures++)
        log_warn("cases cannot be handed on, or asked for, now; it is tried again", "city=%s reason=\"%s\"",
                 city->book->name, reason);
    metric_add(city->calls[CALL_FAILED], 1);
    delay_ms = delay_ms > RETRY_MOST_MS ? RETRY_MOST_MS : delay_ms;
    arm(city, delay_ms > least_ms ? delay_ms : least_ms);
}

static void fail_call(struct city *city, int status, struct bytes body)
{
    const char *words =
        status ? letter_errors(body, &city->arena) : arena_text(&city->arena, (const char *)body.data, body.size);
    fail(city, arena_format(&city->arena, "HTTP status %d %s", status, words), asked_to_wait_ms(city));
}

static void succeed(struct city *city, enum city_call call)
{
    if (city->failures)
        log_info("cases can be handed on again", "city=%s", city->book->name);
    city->failures = 0;
    metric_add(city->calls[call], 1);
}

/* ---- events of what was heard ---- */

static void committed(struct request *request, const struct event_append *done, void *context)
{
    (void)request, (void)done;
    struct city *city = context;
    struct handover *known = handovers_find(&city->handovers, city->next.name);
    if (known)
        *known = city->next;
    else
        handovers_add(&city->handovers, &city->next);
    arm(city, 0); /* not now: the intake is answering */
}

/* The event and what is remembered with it, in one commit; now or when the intake has room. */
static void submit(struct city *city)
{
    struct event_memo *memo = arena_alloc(&city->arena, sizeof *memo);
    *memo = handover_memo(&city->next, city->book->name, false, &city->arena);
    struct event_append append = { .event = city->event, .memos = memo, .memo_count = 1 };
    if (intake_add(city->cities->options.intake, &append, committed, city) == INTAKE_FULL)
        arm(city, FULL_MS);
    else
        city->event = NULL;
}

static void tell(struct city *city, enum verb verb, const char *words)
{
    struct arena *arena = &city->arena;
    city->event = arena_alloc(arena, sizeof *city->event);
    *city->event = (struct event){
        .id = external_event_id("city", city->source, handover_next_event(&city->next, arena), arena),
        .kind = EVENT_PARTNER,
        .source = SOURCE_SYSTEM,
        .text = arena_text(arena, words, clip_utf8(words, WORDS_BYTES)),
        .received_at_ms = clock_now_ms(),
        .external_source = city->source,
        .about_seq = city->next.report,
        .verb = verb,
    };
    submit(city);
}

/* ---- handing a case on ---- */

/* What cannot be part of a question, or of an address, is no number. */
static void set_number(struct handover *handover, enum handover_state state, const char *number)
{
    static const char in_address[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    bool fits = strlen(number) <= HANDOVER_NUMBER && !strpbrk(number, "\n,") &&
                (state != HANDOVER_TOKEN || strspn(number, in_address) == strlen(number));
    handover->state = fits ? state : HANDOVER_SILENT;
    memcpy(handover->number, fits ? number : "", fits ? strlen(number) + 1 : 1);
}

static void refuse(struct city *city, const char *reason)
{
    const char *format = say(city, "%s 不接收：%s", "%s does not take it: %s");
    metric_add(city->calls[CALL_REFUSED], 1);
    city->next.state = HANDOVER_REFUSED;
    tell(city, VERB_RETURN, arena_format(&city->arena, format, city->book->name, reason));
}

/* It has what they answered: a number, a token, or that they tell neither. */
static void receive(struct city *city, struct bytes body)
{
    struct letter_row *rows;
    size_t count;
    struct fault fault = { "" };
    const struct letter_row nothing = { .number = "", .token = "" };
    if (letter_read(body, &city->arena, &rows, &count, &fault) < 0)
        log_warn("another city's answer cannot be read", "city=%s reason=\"%s\"", city->book->name, fault.text);
    const struct letter_row *row = count ? &rows[0] : &nothing;
    if (*row->number)
        set_number(&city->next, HANDOVER_NUMBERED, row->number);
    else
        set_number(&city->next, *row->token ? HANDOVER_TOKEN : HANDOVER_SILENT, row->token);
    succeed(city, CALL_HANDED_ON);
    const char *format = city->next.state == HANDOVER_NUMBERED
                             ? say(city, "已移交 %s，对方编号 %s", "Handed on to %s, where it is %s")
                             : say(city, "已移交 %s%s", "Handed on to %s%s");
    tell(city, VERB_RECEIVE,
         arena_format(&city->arena, format, city->book->name,
                      city->next.state == HANDOVER_NUMBERED ? city->next.number : ""));
}

/* What is wrong with this report, and will be the next time. All else is tried again: a key that is not there yet, a server that is down. */
static bool is_final(int status)
{
    return status == 400 || status == 404 || status == 413 || status == 422;
}

static void report_answered(void *context, int status, struct bytes body)
{
    struct city *city = context;
    if (status >= 200 && status < 300)
        receive(city, body);
    else if (is_final(status))
        refuse(city, arena_format(&city->arena, "%d %s", status, letter_errors(body, &city->arena)));
    else
        fail_call(city, status, body);
}

/* False: the key cannot be read, and the call is tried again later. */
static bool read_key(struct city *city, const char **key)
{
    struct buffer text = { 0 };
    struct fault fault = { "" };
    int result = key_file_read(city->cities->options.keys, city->book->name, &text, &fault);
    *key = result == 0 ? arena_text(&city->arena, (const char *)text.bytes, text.size) : NULL;
    buffer_finish(&text);
    if (result < 0 && result != -ENOENT)
        fail(city, fault.text, 0);
    return result == 0 || result == -ENOENT;
}

static void hand_on(struct city *city, const struct case_file *record)
{
    struct arena *arena = &city->arena;
    struct buffer form = { 0 };
    const char *key;
    city->next = (struct handover){ .report = record->voices.items[0].seq, .is_open = true };
    handover_name(record, city->next.name);
    if (!read_key(city, &key))
        return;
    if (letter_report(city->cities->options.book, city->book, record, key, &form)) {
        const char *token = external_event_id("city", city->source, city->next.name, arena);
        struct http_call call = { .method = "POST",
                                  .url = arena_format(arena, "%s/requests.xml", city->book->url),
                                  .content_type = "application/x-www-form-urlencoded; charset=utf-8",
                                  .body = buffer_view(&form),
                                  .header = arena_format(arena, "Idempotency-Key: %s", token),
                                  .answer_bytes = ANSWER_BYTES,
                                  .timeout_ms = ASK_MS };
        http_send(city->cities->http, &call, report_answered, city);
    } else {
        refuse(city, arena_format(arena, say(city, "没有对应 %s 的服务", "no service for %s"), record->service));
    }
    buffer_finish(&form);
}

/* ---- what they say later ---- */

static struct handover *find_number(const struct city *city, enum handover_state state, const char *number)
{
    for (size_t i = 0; i < city->handovers.count; i++) {
        struct handover *handover = &city->handovers.items[i];
        if (handover->state == state && handover->is_open && strcmp(handover->number, number) == 0)
            return handover;
    }
    return NULL;
}

/* A closing that is held is another one than that which is heard: it is told now as words, and once more when the case goes on. */
static void hash_of_row(const struct letter_row *row, bool is_held, char out[HANDOVER_SAID])
{
    char hex[HASH_HEX];
    const char *state = !row->is_closed ? "open" : is_held ? "held" : "closed";
    struct hash hash = hash_of_two(state, 4, row->notes, strlen(row->notes));
    hash_hex(hex, &hash);
    memcpy(out, hex, HANDOVER_SAID - 1);
    out[HANDOVER_SAID - 1] = '\0';
}

/* True: an event is on its way. */
static bool take_row(struct city *city, const struct letter_row *row)
{
    const struct handover *handover = find_number(city, HANDOVER_NUMBERED, row->number);
    char said[HANDOVER_SAID];
    if (!handover)
        return false;
    hash_of_row(row, handover->is_held, said);
    if (strcmp(handover->said, said) == 0)
        return false;
    city->next = *handover;
    memcpy(city->next.said, said, sizeof said);
    const char *state = row->is_closed ? say(city, "已办结", "closed") : say(city, "办理中", "open");
    const char *words = arena_format(&city->arena, "%s %s: %s%s%s", city->book->name, row->number, state,
                                     *row->notes ? ", " : "", row->notes);
    tell(city, row->is_closed && !handover->is_held ? VERB_DISPOSE : VERB_NONE, words);
    return true;
}

/* Goes on with an answer's rows, up to the first that has to be waited for. */
static void next_row(struct city *city)
{
    while (city->row_next < city->row_count)
        if (take_row(city, &city->rows[city->row_next++]))
            return;
    arm(city, 0);
}

static void rows_answered(void *context, int status, struct bytes body)
{
    struct city *city = context;
    struct fault fault = { "" };
    city->row_next = city->row_count = 0;
    if (status != 200) {
        fail_call(city, status, body);
    } else if (letter_read(body, &city->arena, &city->rows, &city->row_count, &fault) < 0) {
        fail(city, fault.text, 0);
    } else {
        succeed(city, CALL_ASKED);
        next_row(city);
    }
}

static void token_answered(void *context, int status, struct bytes body)
{
    struct city *city = context;
    struct letter_row *rows;
    size_t count = 0;
    struct fault fault = { "" };
    if (status != 200 || letter_read(body, &city->arena, &rows, &count, &fault) < 0) {
        fail_call(city, status, body);
        return;
    }
    succeed(city, CALL_ASKED);
    if (!count || !*rows[0].number) {
        arm(city, 0);
        return;
    }
    set_number(&city->next, HANDOVER_NUMBERED, rows[0].number);
    const char *format = say(city, "%s 对方编号 %s", "At %s it is %s");
    tell(city, VERB_NONE, arena_format(&city->arena, format, city->book->name, city->next.number));
}

static void ask(struct city *city, const char *path, const char *const *numbers, size_t count, http_done *done)
{
    struct buffer query = { 0 };
    letter_question(city->book, numbers, count, &query);
    const char *arguments = buffer_string(&query);
    struct http_call call = { .method = "GET",
                              .url = arena_format(&city->arena, "%s/%s%s%s", city->book->url, path,
                                                  *arguments ? "?" : "", arguments),
                              .answer_bytes = ANSWER_BYTES,
                              .timeout_ms = ASK_MS };
    http_send(city->cities->http, &call, done, city);
    buffer_finish(&query);
}

/* Asks for those that were not asked for in this round, as many as go into a call; false: all were. */
static bool ask_next(struct city *city)
{
    const char *numbers[NUMBERS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < city->handovers.count && count < NUMBERS_MAX; i++) {
        struct handover *handover = &city->handovers.items[i];
        bool is_token = handover->state == HANDOVER_TOKEN;
        if (handover->round == city->round || (handover->state != HANDOVER_NUMBERED && !(is_token && !count)))
            continue;
        handover->round = city->round;
        if (is_token) {
            city->next = *handover;
            ask(city, arena_format(&city->arena, "tokens/%s.xml", handover->number), NULL, 0, token_answered);
            return true;
        }
        numbers[count++] = handover->number;
    }
    if (count)
        ask(city, "requests.xml", numbers, count, rows_answered);
    return count;
}

/* ---- the look at our cases ---- */

struct look {
    struct city *city;
    int64_t candidate; /* a case that is to be handed on; 0: none */
};

/* That it is closed there would not be heard here: the engine lets a city do what a liaison may (dispatcher/engine/intake.c). */
static bool is_held(const struct city *city, const struct case_file *record)
{
    const struct permit_person liaison = { ROLE_LIAISON, city->source, record->department };
    return record->state == CASE_SUSPENDED ||
           permit_ask(city->cities->options.book, &liaison, record, VERB_DISPOSE) == PERMIT_ASSISTANTS_AT_WORK;
}

static int look_at(void *context, const struct case_file *record)
{
    struct look *look = context;
    char name[HANDOVER_NAME];
    if (strcmp(record->department, look->city->book->department->code) != 0 || !record->voices.count ||
        !handover_name(record, name))
        return 0;
    struct handover *handover = handovers_find(&look->city->handovers, name);
    if (handover) {
        handover->is_open = true;
        handover->is_held = is_held(look->city, record);
    } else if (!look->candidate && record->state == CASE_DISPATCHED) {
        look->candidate = record->id;
    }
    return 0;
}

/* What is over with us is asked for no more. */
static void forget_what_is_over(struct city *city)
{
    for (size_t i = city->handovers.count; i-- > 0;) {
        struct handover *handover = &city->handovers.items[i];
        if (handover->is_open)
            continue;
        struct event_memo *memo = arena_alloc(&city->arena, sizeof *memo);
        *memo = handover_memo(handover, city->book->name, true, &city->arena);
        struct event_append append = { .memos = memo, .memo_count = 1 };
        if (intake_add(city->cities->options.intake, &append, NULL, NULL) == INTAKE_TAKEN)
            handovers_remove(&city->handovers, handover);
    }
}

/* Polls when it is time; true: a call is under way. */
static bool poll(struct city *city)
{
    int64_t now_ms = clock_mono_ms();
    if (ask_next(city))
        return true;
    if (now_ms < city->poll_at_ms)
        return false;
    city->poll_at_ms = now_ms + city->book->poll_ms;
    city->round++;
    return ask_next(city);
}

static void look_around(struct city *city)
{
    struct reports *reports = city->cities->options.reports;
    struct look look = { .city = city };
    struct case_file record;
    struct fault fault = { "" };
    arena_reset(&city->arena);
    for (size_t i = 0; i < city->handovers.count; i++)
        city->handovers.items[i].is_open = false;
    int result = reports_visit_department(reports, city->book->department->code, look_at, &look, &fault);
    if (result == 0)
        forget_what_is_over(city);
    if (result == 0 && look.candidate)
        result = reports_case(reports, look.candidate, &city->arena, &record, &fault);
    if (result < 0)
        fail(city, fault.text, 0);
    else if (result == 0 && look.candidate)
        hand_on(city, &record);
    else if (result > 0 || !poll(city))
        arm(city, LOOK_MS);
}

static int go_on(void *context)
{
    struct city *city = context;
    if (city->event)
        submit(city);
    else if (city->row_next < city->row_count)
        next_row(city);
    else
        look_around(city);
    return 0;
}

/* ---- opening ---- */

static int open_city(struct cities *cities, const struct book_city *book, struct city *city, struct fault *fault)
{
    *city = (struct city){
        .cities = cities,
        .book = book,
        .source = arena_format(&cities->arena, BOOK_CITY_SOURCE "%s", book->name),
        .timer = { .fire = go_on, .context = city },
        .calls = source_counters("drumtower_city_calls_total", "Calls to other cities, by what became of them.", "city",
                                 book->name, "outcome", &city_call_desc),
    };
    int result = handovers_recall(&city->handovers, cities->options.log, book->name, fault);
    if (!result)
        arm(city, 0);
    return result;
}

int cities_open(const struct cities_options *options, struct cities **out, struct fault *fault)
{
    const struct book_sources *sources = book_sources(options->book);
    *out = NULL;
    if (!sources->city_count)
        return 0;
    struct cities *cities = calloc(1, sizeof *cities);
    if (!cities || !(cities->items = calloc(sources->city_count, sizeof *cities->items)))
        abort();
    *out = cities;
    cities->options = *options;
    int result = http_create(options->loop, &cities->http, fault);
    for (; !result && cities->count < sources->city_count; cities->count++)
        result = open_city(cities, &sources->cities[cities->count], &cities->items[cities->count], fault);
    return result;
}

void cities_close(struct cities *cities)
{
    if (!cities)
        return;
    http_destroy(cities->http);
    for (size_t i = 0; i < cities->count; i++) {
        struct city *city = &cities->items[i];
        loop_timer_disarm(cities->options.loop, &city->timer);
        handovers_finish(&city->handovers);
        arena_finish(&city->arena);
        free(city->calls);
    }
    arena_finish(&cities->arena);
    free(cities->items);
    free(cities);
}
